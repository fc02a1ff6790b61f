//! The workbench over HTTP, with the real binary: who gets in, who may do what, what every response carries, and a claim's way from held to
//! the next clean file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;
mod workbench;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use claimloop::web::access::{Action, Method, ROUTES, Role, Route, Who};
use site::{claims, sample};
use workbench::{Bench, PASSWORD};

#[test]
fn a_link_lets_in_once_and_who_guesses_waits() {
    let bench = Bench::new("");
    assert_eq!(bench.ask("GET", "/", &[], &[]).header("location"), Some("/sign-in"));
    let link = bench.link(&["add", "mia", "--role", "biller"]);
    assert_eq!(bench.ask("GET", &link, &[], &[]).status, 200);
    for (password, again, said) in [
        ("short", "short", "at least 12"),
        (PASSWORD, "something else", "differ"),
        ("mia mia mia mia", "mia mia mia mia", "your name"),
    ] {
        let reply = bench.post("", &link, &[("password", password), ("again", again)]);
        assert_eq!((reply.status, reply.body.contains(said)), (422, true), "{}", reply.body);
    }
    assert_eq!(bench.post("", &link, &[("password", PASSWORD), ("again", PASSWORD)]).status, 200);
    assert_eq!(bench.ask("GET", &link, &[], &[]).status, 410, "once");
    assert_eq!(bench.post("", &link, &[("password", "another one",), ("again", "another one")]).status, 410);
    let mia = bench.sign_in("mia");
    assert!(mia.get("/").body.contains("CLAIM-TWO"));

    let wrong = |name: &str| bench.post("", "/sign-in", &[("name", name), ("password", "wrong")]);
    (0..5).for_each(|_| assert_eq!(wrong("mia").status, 401));
    let held_up = bench.post("", "/sign-in", &[("name", "mia"), ("password", PASSWORD)]);
    assert_eq!((held_up.status, held_up.body.contains("Try again in")), (429, true), "even the right one");
    assert_eq!(wrong("nobody").status, 401);
    assert_eq!(mia.get("/").status, 200, "who is in stays in");

    // A reset ends what was.
    bench.link(&["reset", "mia"]);
    assert_eq!(mia.get("/").header("location"), Some("/sign-in"));
    let done = bench.site.command(&["users", "remove", "mia"]).output().unwrap();
    assert!(done.status.success());
    let users = std::fs::read_to_string(bench.site.path("state/workbench/users.json")).unwrap();
    assert_eq!(users.trim(), "{}");
    assert_eq!(bench.daemon.stop(), Some(0));
}

#[test]
fn a_session_ends_and_signing_out_ends_it_at_once() {
    let bench = Bench::new("session_idle = \"2s\"");
    let mia = bench.person("mia", "biller");
    let id = bench.hold("CLAIM-TWO");
    assert_eq!(mia.get("/").status, 200);
    std::thread::sleep(Duration::from_millis(2300));
    assert_eq!(mia.get("/").header("location"), Some("/sign-in"));
    let late = mia.post(&format!("/claim/{id}/void"), &[("version", "1"), ("void-reason", "late")]);
    assert_eq!((late.status, late.body.contains("session has ended")), (401, true));
    assert_eq!(bench.show(&id)["version"], 1);
    let mia = bench.sign_in("mia");
    let out = mia.post("/sign-out", &[]);
    assert_eq!((out.status, out.header("set-cookie").unwrap().contains("Max-Age=0")), (303, true));
    assert_eq!(mia.get("/").header("location"), Some("/sign-in"));
}

#[test]
fn every_route_for_every_role() {
    let bench = Bench::new("");
    let id = bench.hold("CLAIM-TWO");
    let path = |path: &str| path.replace("{hold}", &id).replace("{filter}", "none").replace("{link}", "none");
    let signs_out = |action: Action| action == Action::SignOut;
    for role in Role::ALL {
        let person = bench.person(role.name(), role.name());
        let (last, first): (Vec<&Route>, Vec<&Route>) = ROUTES.iter().partition(|r| signs_out(r.action));
        for route in first.into_iter().chain(last) {
            // Nothing is decided: the version is none.
            let form = [("version", "none"), ("path", "2300/CLM02"), ("was", "126"), ("value", "125")];
            let reply = match route.method {
                Method::Get => person.get(&path(route.path)),
                Method::Post => person.post(&path(route.path), &form),
            };
            let may = route.who.lets(role);
            assert_eq!(reply.status != 403, may, "{role:?} {route:?}: {}", reply.head);
            assert!(reply.status < 500, "{role:?} {route:?}: {}", reply.head);
            if route.who != Who::Anyone && !signs_out(route.action) {
                assert!(reply.header("location") != Some("/sign-in"), "{role:?} {route:?}");
                // Without a session; with another's token; from elsewhere.
                let origin = format!("http://{}", bench.address);
                let csrf = person.csrf.as_str();
                let (theirs, wrong) = ([("csrf", csrf)], [("csrf", "0000")]);
                let (cookie, other) = (person.cookie.as_str(), "http://127.0.0.1:1");
                let at = path(route.path);
                if route.method == Method::Get {
                    assert_eq!(bench.ask("GET", &at, &[], &[]).header("location"), Some("/sign-in"));
                    continue;
                }
                assert_eq!(bench.post("", &at, &theirs).status, 401, "{route:?}");
                assert_eq!(bench.post(cookie, &at, &wrong).status, 403, "{route:?}");
                assert_eq!(bench.post(cookie, &at, &[]).status, 403, "{route:?}");
                for headers in [
                    vec![("Cookie", cookie)],
                    vec![("Cookie", cookie), ("Origin", other)],
                    vec![("Cookie", cookie), ("Origin", "null")],
                    vec![("Cookie", cookie), ("Origin", &origin), ("Sec-Fetch-Site", "cross-site")],
                ] {
                    assert_eq!(
                        bench.ask("POST", &at, &headers, &theirs).status,
                        403,
                        "{route:?} {headers:?}"
                    );
                }
            }
        }
    }
    assert_eq!(bench.show(&id)["version"], 1, "nothing was decided by any of it");
    assert_eq!(bench.ask("GET", "/nowhere", &[], &[]).status, 404);
    assert_eq!(bench.ask("POST", "/", &[], &[]).status, 405);
    let elsewhere = bench.ask("GET", "/sign-in", &[("Host", "claims.example:80")], &[]);
    assert_eq!(elsewhere.status, 421, "a name of somebody else's that leads here");
}

#[test]
fn a_claim_is_found_corrected_released_and_leaves() {
    let bench = Bench::new("");
    let mia = bench.person("mia", "biller");
    let found = mia.post("/work", &[("text", "CLAIM-TWO")]);
    let at = found.header("location").unwrap();
    assert!(!at.contains("CLAIM"), "what was looked for is in no address: {at}");
    let list = mia.get(at);
    assert!(list.body.contains("CLAIM-TWO") && !list.body.contains(">CLAIM-A<"), "{}", list.body);
    let id = bench.hold("CLAIM-TWO");
    let claim = format!("/claim/{id}");
    assert!(list.body.contains(&claim));

    let page = mia.get(&claim);
    for shown in
        ["&lt;script&gt;alert(1)&lt;/script&gt;, BRUNO", "Claim total differs from lines", "$126.00", "93000"]
    {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains(&format!("action=\"{claim}/release\"")), "not while it is stopped");
    let version = page.hidden("version");
    let refused = mia.post(&format!("{claim}/release"), &[("version", &version), ("reason", "please")]);
    assert_eq!((refused.status, refused.body.contains("E3-001 still stops it")), (422, true));
    let fix = |value: &str| {
        let form = [("version", version.as_str()), ("path", "2300/CLM02"), ("was", "126"), ("value", value)];
        mia.post(&format!("{claim}/fix"), &form)
    };
    assert!(fix("126").body.contains("Nothing was changed"));
    let refused = fix("12*5");
    assert_eq!(
        (refused.status, refused.body.contains("value=\"12*5\"")),
        (422, true),
        "what was typed is kept"
    );
    let fixed = fix("125");
    assert_eq!(fixed.status, 303, "{}", fixed.body);
    let page = mia.get(fixed.header("location").unwrap());
    assert!(
        page.body.contains("nothing stops this claim any more") && page.body.contains("Every edit passes")
    );
    let form = [("version", page.hidden("version")), ("reason", "total corrected".to_owned())];
    let form = [(form[0].0, form[0].1.as_str()), (form[1].0, form[1].1.as_str())];
    assert!(mia.posted(&format!("{claim}/release"), &form).body.contains("Released"));
    let left = || {
        let files = bench.site.published("clean");
        files.into_iter().find(|(name, _)| name.starts_with("released-")).map(|(_, bytes)| claims(&bytes))
    };
    bench.site.until("the claim leaves", || left().is_some());
    assert_eq!(left().unwrap(), ["CLAIM-TWO"]);
    bench.site.until("it is known", || bench.show(&id)["status"] == "sent");
    assert!(!mia.get("/").body.contains("CLAIM-TWO"));
    let page = mia.get(&claim);
    assert!(page.body.contains("Left") && page.body.contains("total corrected"), "{}", page.body);

    let shown = bench.show(&id);
    assert_eq!(shown["trail"][1]["actor"], "user mia");
    let export = bench.site.command(&["journal", "export"]).output().unwrap().stdout;
    let export = String::from_utf8(export).unwrap();
    let views = export.lines().filter(|l| l.contains("viewed") && l.contains("user mia")).count();
    assert!(views >= 4, "each look is journalled: {views}");
    for secret in ["CLAIM-TWO", "BRUNO", PASSWORD, "total corrected"] {
        assert!(!bench.site.log().contains(secret), "{secret} is in the log");
    }
}

#[test]
fn who_comes_second_is_told_and_loses_nothing() {
    let bench = Bench::new("");
    let (mia, ana) = (bench.person("mia", "biller"), bench.person("ana", "coder"));
    let id = bench.hold("CLAIM-A");
    let claim = format!("/claim/{id}");
    let (first, second) = (mia.get(&claim).hidden("version"), ana.get(&claim).hidden("version"));
    let given = mia.posted(&format!("{claim}/assign"), &[("version", &first), ("team", "coding")]);
    assert!(given.body.contains("Given to Coding."), "{}", given.body);
    let form = [
        ("version", second.as_str()),
        ("path", "2300/CLM02"),
        ("was", "151"),
        ("value", "150"),
        ("path", ""),
        ("was", ""),
        ("value", ""),
    ];
    let late = ana.post(&format!("{claim}/fix"), &form);
    assert_eq!(late.status, 409);
    for said in [
        "Someone else changed this claim at",
        "mia gave it to Coding",
        "Nothing of yours was lost",
        "value=\"150\"",
    ] {
        assert!(late.body.contains(said), "{said}: {}", late.body);
    }
    assert_eq!(bench.show(&id)["version"], 2);
    let version = late.hidden("version");
    let again = [&[("version", version.as_str())], &form[1..]].concat();
    let fixed = ana.posted(&format!("{claim}/fix"), &again);
    assert!(fixed.body.contains("one finding still stops this claim"), "{}", fixed.body);
    // What somebody typed as a reason comes back, too.
    let void = [("version", "1"), ("void-reason", "typed at length")];
    let late = mia.post(&format!("{claim}/void"), &void);
    assert_eq!((late.status, late.body.contains("typed at length")), (409, true));
}

#[test]
fn a_number_that_is_missing_is_asked_for_by_its_name_and_one_too_many_taken_out() {
    let bench = Bench::new("");
    bench.site.drop_file("outbound", "frequency.edi", &sample("837p-frequency-and-control-number.edi"));
    bench.site.until("they are held", || bench.site.held().as_array().unwrap().len() == 5);
    let mia = bench.person("mia", "biller");
    for (claim, value) in [("REPLACE-BARE", "PAYER77"), ("FIRST-WITH-F8", "")] {
        let at = format!("/claim/{}", bench.hold(claim));
        let page = mia.get(&at);
        assert!(page.body.contains("Payer claim control number"), "{}", page.body);
        let field = page.body.split("name=\"path\" value=\"2300/REF[F8]02\"").nth(1).expect("its field");
        let was = field.split("name=\"was\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(was.is_empty(), claim == "REPLACE-BARE", "{was}");
        let version = page.hidden("version");
        let form =
            [("version", version.as_str()), ("path", "2300/REF[F8]02"), ("was", &was), ("value", value)];
        let fixed = mia.posted(&format!("{at}/fix"), &form);
        assert!(fixed.body.contains("nothing stops this claim any more"), "{claim}: {}", fixed.body);
    }
}

#[test]
fn an_override_needs_a_reason_and_a_void_ends_it() {
    let bench = Bench::new("");
    // Two visits of one patient on one day may be so.
    let text = String::from_utf8(sample("837p-one-line.edi")).unwrap();
    let text = text.replace("SV1*HC:93000*50*UN*1***1~", "SV1*HC:99213*100*UN*1***1:2~");
    let text = text.replace("CLM*CLAIM-A*150*", "CLM*TWICE*200*");
    bench.site.drop_file("outbound", "twice.edi", text.as_bytes());
    bench.site.until("it is held", || bench.site.held().as_array().unwrap().len() == 3);
    let ana = bench.person("ana", "coder");
    let at = format!("/claim/{}", bench.hold("TWICE"));
    let page = ana.get(&at);
    assert!(
        page.body.contains("Let it go as it is") && !page.body.contains("Void this claim"),
        "{}",
        page.body
    );
    let version = page.hidden("version");
    let decide = |code: &str, note: &str| {
        let form = [("version", version.as_str()), ("code", code), ("note", note)];
        ana.post(&format!("{at}/override"), &form)
    };
    let refused = decide("separate-service", " ");
    assert_eq!((refused.status, refused.body.contains("Say why")), (422, true), "{}", refused.body);
    assert_eq!(decide("", "two visits").status, 422);
    let done = decide("separate-service", "two visits that day");
    assert_eq!(done.status, 303, "{}", done.body);
    let page = ana.get(&at);
    assert!(
        page.body.contains("two visits that day") && page.body.contains("separate-service"),
        "{}",
        page.body
    );
    let left = || bench.site.published("clean").into_iter().any(|(_, bytes)| claims(&bytes) == ["TWICE"]);
    bench.site.until("it leaves", left);

    let mia = bench.person("mia", "biller");
    let id = bench.hold("CLAIM-A");
    let form = [("version", "1"), ("void-reason", "never to be sent")];
    let voided = mia.posted(&format!("/claim/{id}/void"), &form);
    assert!(voided.body.contains("It leaves no more") && voided.body.contains("never to be sent"));
    assert_eq!(bench.show(&id)["status"], "voided");
    assert!(!mia.get("/").body.contains("CLAIM-A"));
}

#[test]
fn the_demo_can_be_looked_at_in_a_browser() {
    let begun = std::time::Instant::now();
    let done = std::process::Command::new(site::BINARY).args(["demo", "--keep-running"]).output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    let after = |text: &str| said.split(text).nth(1).unwrap_or_else(|| panic!("no {text:?} in {said}"));
    let word = |text: &str, end: char| after(text).split([end, '\n']).next().unwrap().to_owned();
    let (process, folder) = (word("process ", ';'), word("folders are in ", '\n'));
    let address = word("The workbench: http://", '\n');
    let path = word(&format!("once: http://{address}"), '\n');
    let mut stream = TcpStream::connect(&address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    let pid = rustix::process::Pid::from_raw(process.parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    std::fs::remove_dir_all(folder.trim_end_matches('.')).unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("demo"), "{page}");
    println!("there after {:?}", begun.elapsed());
}
