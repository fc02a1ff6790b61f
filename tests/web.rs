//! The workbench over HTTP, with the real binary: who gets in, who may do what, what every response carries, and a claim's way from held to
//! the next clean file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;
mod workbench;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use claimloop::web::access::{Action, Method, ROUTES, Role, Route, Who};
use serde_json::Value;
use site::{claims, sample};
use workbench::{Bench, Demo, PASSWORD, Reply};

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
    let path = |path: &str| {
        let path = path.replace("{hold}", &id).replace("{since}", "0");
        path.replace("{filter}", "none").replace("{link}", "none")
    };
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
    let demo = Demo::start();
    let mut stream = TcpStream::connect(&demo.address).unwrap();
    let request =
        format!("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", demo.link, demo.address);
    stream.write_all(request.as_bytes()).unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("demo"), "{page}");
    println!("there after {:?}", begun.elapsed());
}

#[test]
fn what_was_decided_last_may_be_taken_back_for_a_while() {
    let bench = Bench::new("undo = \"5s\"");
    let (mia, ana) = (bench.person("mia", "biller"), bench.person("ana", "lead"));
    let id = bench.hold("CLAIM-TWO");
    let claim = format!("/claim/{id}");
    let version = |page: &Reply| page.hidden("version");
    let page = mia.get(&claim);
    let fix = [
        ("version", version(&page)),
        ("path", "2300/CLM02".into()),
        ("was", "126".into()),
        ("value", "125".into()),
    ];
    let fix = fix.each_ref().map(|(k, v): &(&str, String)| (*k, v.as_str()));
    let fixed = mia.posted(&format!("{claim}/fix"), &fix);
    let released =
        mia.posted(&format!("{claim}/release"), &[("version", &version(&fixed)), ("reason", "corrected")]);
    assert!(released.body.contains("action=\"/undo\""), "{}", released.body);
    assert_eq!(bench.show(&id)["status"], "leaving");
    let back = mia.posted("/undo", &[("to", claim.as_str())]);
    assert!(back.body.contains("Taken back: one claim is as before."), "{}", back.body);
    let shown = bench.show(&id);
    assert_eq!(
        (&shown["status"], &shown["trail"][2]["decision"]["what"]),
        (&"open".into(), &"undone".into())
    );
    assert!(shown["corrections"].is_string(), "the correction before stands");
    std::thread::sleep(Duration::from_secs(6));
    assert!(
        !bench.site.published("clean").iter().any(|(name, _)| name.starts_with("released-")),
        "it did not leave"
    );
    assert!(mia.posted("/undo", &[]).body.contains("There is nothing to take back."));

    // A correction, a void and a team are taken back, too.
    let other = bench.hold("CLAIM-A");
    let at = format!("/claim/{other}");
    let before = bench.show(&other);
    let fix = [("version", "1"), ("path", "2300/CLM02"), ("was", "151"), ("value", "150")];
    mia.posted(&format!("{at}/fix"), &fix);
    assert_ne!(bench.show(&other)["findings"], before["findings"]);
    mia.posted("/undo", &[]);
    let after = bench.show(&other);
    let said = |held: &Value| {
        let all = held["findings"].as_array().unwrap().iter();
        all.map(|f| (f["edit"].clone(), f["value"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(said(&after), said(&before));
    assert_eq!((&after["corrections"], &after["charge"]), (&Value::Null, &before["charge"]));
    let given = mia.posted(
        &format!("{at}/assign"),
        &[("version", "3"), ("team", "clinical"), ("assign-reason", "theirs")],
    );
    assert!(given.body.contains("theirs") && given.body.contains("Given to Clinical."), "{}", given.body);
    mia.posted("/undo", &[]);
    assert_eq!(bench.show(&other)["owner"], before["owner"]);
    mia.posted(&format!("{at}/void"), &[("version", "5"), ("void-reason", "a mistake")]);
    assert_eq!(bench.show(&other)["status"], "voided");
    // Nobody takes back what somebody else did.
    assert!(ana.posted("/undo", &[]).body.contains("There is nothing to take back."));
    let back = mia.posted("/undo", &[]);
    assert!(back.body.contains("Taken back: one claim is as before."), "{}", back.body);
    assert_eq!(bench.show(&other)["status"], "open");

    // What nobody takes back leaves once the time is over.
    let version = bench.show(&id)["version"].to_string();
    mia.posted(&format!("{claim}/release"), &[("version", &version), ("reason", "corrected")]);
    let left = || bench.site.published("clean").iter().any(|(name, _)| name.starts_with("released-"));
    bench.site.until("it leaves", left);
    std::thread::sleep(Duration::from_secs(1));
    let late = mia.posted("/undo", &[]);
    assert!(late.body.contains("One could not be: "), "{}", late.body);
}

#[test]
fn documentation_is_asked_for_and_answered() {
    let bench = Bench::new("");
    let (mia, ana) = (bench.person("mia", "biller"), bench.person("ana", "coder"));
    let id = bench.hold("CLAIM-TWO");
    let at = format!("/claim/{id}");
    let owner = bench.show(&id)["owner"].clone();
    let none = mia
        .post(&format!("{at}/query"), &[("version", "1"), ("element", "anything"), ("question", "which?")]);
    assert_eq!((none.status, none.body.contains("which?")), (422, true), "what was typed is kept");
    let asked = mia.posted(
        &format!("{at}/query"),
        &[("version", "1"), ("element", "laterality"), ("question", "Left or right knee?")],
    );
    for said in ["Documentation asked for: ", "Which side", "Left or right knee?", "waits for"] {
        assert!(asked.body.contains(said), "{said}: {}", asked.body);
    }
    assert_eq!(bench.show(&id)["owner"], "clinical");
    assert!(mia.posted("/work", &[("which", "asked")]).body.contains("CLAIM-TWO"));
    let answered =
        ana.posted(&format!("{at}/answer"), &[("version", "2"), ("answer", "Left, says the note")]);
    assert!(answered.body.contains("Left, says the note"), "{}", answered.body);
    assert_eq!(bench.show(&id)["owner"], owner);
    assert!(!mia.posted("/work", &[("which", "asked")]).body.contains("CLAIM-TWO"));

    let escalated =
        mia.posted(&format!("{at}/escalate"), &[("version", "3"), ("escalate-reason", "twice back already")]);
    assert!(escalated.body.contains("Escalated") && escalated.body.contains("twice back already"));
    let list = mia.get("/").body;
    assert!(list.find("CLAIM-TWO").unwrap() < list.find("CLAIM-A").unwrap(), "before all others");
    mia.posted(&format!("{at}/snooze"), &[("version", "4"), ("days", "3")]);
    assert!(
        !mia.get("/").body.contains("CLAIM-TWO")
            && mia.posted("/work", &[("which", "snoozed")]).body.contains("CLAIM-TWO")
    );
    for secret in ["Left or right", "says the note", "twice back"] {
        let export = bench.site.command(&["journal", "export"]).output().unwrap().stdout;
        assert!(
            !String::from_utf8(export).unwrap().contains(secret) && !bench.site.log().contains(secret),
            "{secret}"
        );
    }
}

#[test]
fn a_dear_override_takes_two() {
    let bench = Bench::with("", "[held]\nsecond_person_from = \"150.00\"\n");
    let text = String::from_utf8(sample("837p-one-line.edi")).unwrap();
    let text = text.replace("SV1*HC:93000*50*UN*1***1~", "SV1*HC:99213*100*UN*1***1:2~");
    let text = text.replace("CLM*CLAIM-A*150*", "CLM*TWICE*200*");
    bench.site.drop_file("outbound", "twice.edi", text.as_bytes());
    bench.site.until("it is held", || bench.site.held().as_array().unwrap().len() == 3);
    let (ana, mia) = (bench.person("ana", "coder"), bench.person("mia", "biller"));
    let id = bench.hold("TWICE");
    let at = format!("/claim/{id}");
    let form = [("version", "1"), ("code", "separate-service"), ("note", "two visits")];
    let asked = ana.posted(&format!("{at}/override"), &form);
    assert!(asked.body.contains("overridden by two"), "{}", asked.body);
    assert_eq!(bench.show(&id)["status"], "open");
    let own = ana.post(&format!("{at}/agree"), &[("version", "2")]);
    assert_eq!((own.status, own.body.contains("takes a second person")), (422, true));
    let page = mia.get(&at);
    assert!(
        page.body.contains("You are the second person") && page.body.contains("two visits"),
        "{}",
        page.body
    );
    let declined = mia.posted(&format!("{at}/decline"), &[("version", "2"), ("decline-reason", "ask first")]);
    assert!(declined.body.contains("The override is declined") && declined.body.contains("ask first"));
    ana.posted(&format!("{at}/override"), &[("version", "3"), form[1], form[2]]);
    mia.posted(&format!("{at}/agree"), &[("version", "4")]);
    let left = || bench.site.published("clean").into_iter().any(|(_, bytes)| claims(&bytes) == ["TWICE"]);
    bench.site.until("it leaves", left);
    let decision = bench.show(&id)["trail"][3]["decision"].clone();
    assert_eq!((&decision["what"], &decision["asked_by"]), (&"overridden".into(), &"user ana".into()));
    assert_eq!(bench.daemon.stop(), Some(0));
}

#[test]
fn several_claims_are_decided_of_at_once_and_taken_back() {
    let bench = Bench::new("undo = \"60s\"");
    let mia = bench.person("mia", "biller");
    let ids = [bench.hold("CLAIM-TWO"), bench.hold("CLAIM-A")];
    let marked = ids.each_ref().map(|id| format!("{id}:1"));
    let bulk = |what: &[(&str, &str)], holds: &[String]| {
        let holds: Vec<(&str, &str)> = holds.iter().map(|hold| ("hold", hold.as_str())).collect();
        mia.posted("/work/bulk", &[what, holds.as_slice(), &[("list", "/")]].concat())
    };
    assert!(bulk(&[("do", "assign"), ("team", "coding")], &[]).body.contains("No claim is marked"));
    assert!(bulk(&[], &marked).body.contains("Choose what to do"));
    let given = bulk(&[("do", "assign"), ("team", "clinical"), ("reason", "theirs")], &marked);
    assert!(given.body.contains("2 claims assigned."), "{}", given.body);
    assert!(ids.iter().all(|id| bench.show(id)["owner"] == "clinical"));
    mia.posted("/undo", &[]);
    assert!(ids.iter().all(|id| bench.show(id)["owner"] != "clinical" && bench.show(id)["version"] == 3));
    // Of what somebody else changed meanwhile nothing is decided.
    let stale = [format!("{}:1", ids[0]), format!("{}:3", ids[1])];
    let some = bulk(&[("do", "snooze"), ("days", "7")], &stale);
    assert!(some.body.contains("One claim put off. One claim not: "), "{}", some.body);
    let now = ids.each_ref().map(|id| format!("{id}:{}", bench.show(id)["version"]));
    let refused = bulk(&[("do", "release"), ("reason", "all fine")], &now);
    assert!(
        refused.body.contains("2 claims not: ") && refused.body.contains("still stops it"),
        "{}",
        refused.body
    );
    let voided = bulk(&[("do", "void"), ("reason", "never to be sent")], &now);
    assert!(voided.body.contains("2 claims voided."), "{}", voided.body);
    // A coder voids nothing, not this way either.
    let ana = bench.person("ana", "coder");
    let said = ana.posted("/work/bulk", &[("do", "void"), ("reason", "x"), ("hold", now[0].as_str())]);
    assert!(said.body.contains("Choose what to do"));
}

#[test]
fn somebody_of_one_channel_sees_no_other() {
    let bench = Bench::new("");
    let link = bench.link(&["add", "eva", "--role", "lead", "--channel", "elsewhere"]);
    assert_eq!(bench.post("", &link, &[("password", PASSWORD), ("again", PASSWORD)]).status, 200);
    let eva = bench.sign_in("eva");
    let id = bench.hold("CLAIM-TWO");
    assert!(!eva.get("/").body.contains("CLAIM-"), "none in the list");
    for path in [format!("/claim/{id}"), format!("/claim/{id}/checklist")] {
        assert_eq!(eva.get(&path).status, 404, "{path}");
    }
    for (decision, form) in [("assign", ("team", "coding")), ("void", ("void-reason", "mine"))] {
        assert_eq!(eva.post(&format!("/claim/{id}/{decision}"), &[("version", "1"), form]).status, 404);
    }
    eva.post("/work/bulk", &[("do", "assign"), ("team", "coding"), ("hold", &format!("{id}:1"))]);
    assert_eq!(bench.show(&id)["version"], 1);
}

#[test]
fn a_meeting_sees_nobodys_name_and_a_filter_is_kept() {
    let bench = Bench::new("");
    let mia = bench.person("mia", "lead");
    let id = bench.hold("CLAIM-TWO");
    let at = format!("/claim/{id}");
    assert!(mia.get("/").body.contains("BRUNO") && mia.get(&at).body.contains("CLM*CLAIM-TWO"));
    mia.post("/blind", &[("blinded", "yes")]);
    for path in ["/", &at, &format!("{at}/checklist")] {
        let page = mia.get(path).body;
        assert!(!page.contains("BRUNO") && !page.contains("CLAIM-TWO"), "{path}: {page}");
    }
    let files = mia.get("/files").body;
    assert!(files.contains("Hidden for the meeting") && !files.contains("three.edi"), "{files}");
    mia.post("/blind", &[("blinded", "no")]);
    assert!(mia.get("/").body.contains("CLAIM-TWO") && mia.get("/files").body.contains("three.edi"));
    let found = mia.posted("/work/keep", &[("name", "Dear ones"), ("dollars", "100"), ("text", "bruno")]);
    assert!(found.body.contains("Kept as") && found.body.contains("CLAIM-TWO"), "{}", found.body);
    let kept = std::fs::read_to_string(bench.site.path("state/workbench/filters.json")).unwrap();
    assert!(kept.contains("10000") && !kept.contains("bruno"), "{kept}");
    assert!(mia.posted("/work", &[("saved", "Dear ones")]).body.contains("Remove"));
    assert!(!mia.posted("/work/forget", &[("saved", "Dear ones")]).body.contains("Dear ones"));
    let list = mia.get(&format!("{at}/checklist")).body;
    assert!(
        list.contains("Clean-claim checklist") && list.contains("fails") && list.contains("passes"),
        "{list}"
    );
}

#[test]
fn news_is_told_to_an_open_page() {
    let bench = Bench::new("");
    let mia = bench.person("mia", "biller");
    let list = mia.get("/").body;
    let live = list.split("data-live=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(mia.get(&live).body.contains("data: 0"), "nothing new yet");
    bench.site.drop_file("outbound", "frequency.edi", &sample("837p-frequency-and-control-number.edi"));
    bench.site.until("they are held", || bench.site.held().as_array().unwrap().len() == 5);
    let told = mia.get(&live);
    assert!(
        told.head.contains("text/event-stream")
            && told.body.contains("event: news")
            && told.body.contains("data: 3"),
        "{told:?}"
    );
}

#[test]
fn what_is_wrong_for_several_claims_is_corrected_once() {
    let bench = Bench::new("undo = \"60s\"");
    let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    let npi = text.split("NM1*85*").nth(1).unwrap().split('~').next().unwrap().rsplit('*').next().unwrap();
    let wrong = format!("{}{}", &npi[..9], if npi.ends_with('0') { '1' } else { '0' });
    let all =
        text.replace(&format!("*XX*{npi}~"), &format!("*XX*{wrong}~")).replace("CLM*CLAIM-", "CLM*WRONG-");
    bench.site.drop_file("outbound", "wrong.edi", all.as_bytes());
    bench.site.until("they are held", || bench.site.held().as_array().unwrap().len() == 5);
    let mia = bench.person("mia", "biller");
    let at = format!("/claim/{}", bench.hold("WRONG-ONE"));
    let page = mia.get(&at);
    assert!(page.body.contains("Correct it in the 2 other held claims of this file"), "{}", page.body);
    let form = [("version", "1"), ("path", "2010AA/NM109"), ("was", wrong.as_str()), ("value", npi)];
    let alone = mia.posted(&format!("{at}/fix"), &form);
    assert!(alone.body.contains("nothing stops this claim any more"), "{}", alone.body);
    let version = |claim: &str| bench.show(&bench.hold(claim))["version"].clone();
    assert_eq!(
        (version("WRONG-ONE"), version("WRONG-TWO"), version("WRONG-THREE")),
        (2.into(), 1.into(), 1.into())
    );
    mia.posted("/undo", &[]);
    let form = [&[("version", "3")], &form[1..], &[("everywhere", "yes")]].concat();
    let fixed = mia.posted(&format!("{at}/fix"), &form);
    assert!(fixed.body.contains("Corrected in 2 of 2 other claims that share it."), "{}", fixed.body);
    let three = bench.show(&bench.hold("WRONG-THREE"));
    assert_eq!((&three["version"], &three["trail"][0]["actor"]), (&2.into(), &"user mia".into()));
    assert!(three["findings"].as_array().unwrap().is_empty(), "{three:#}");
    // Another file's claim of the same provider is none of them, and all are taken back together.
    assert_eq!(version("CLAIM-TWO"), 1);
    mia.posted("/undo", &[]);
    assert_eq!((version("WRONG-ONE"), version("WRONG-THREE")), (5.into(), 3.into()));
    assert!(!bench.show(&bench.hold("WRONG-THREE"))["findings"].as_array().unwrap().is_empty());
}

#[test]
fn a_void_is_not_taken_back_once_the_claim_came_anew() {
    let bench = Bench::new("undo = \"60s\"");
    let mia = bench.person("mia", "biller");
    let id = bench.hold("CLAIM-TWO");
    let claim = format!("/claim/{id}");
    mia.posted(&format!("{claim}/void"), &[("version", "1"), ("void-reason", "sent anew")]);
    let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    let anew = text.replace("000000107", "000000108").replace("CLM*CLAIM-TWO*126*", "CLM*CLAIM-TWO*125*");
    bench.site.drop_file("outbound", "anew.edi", anew.as_bytes());
    let left = || {
        bench.site.published("clean").iter().any(|(_, bytes)| claims(bytes).contains(&"CLAIM-TWO".to_owned()))
    };
    bench.site.until("the new one left", left);
    let said = mia.posted("/undo", &[("to", claim.as_str())]);
    assert!(said.body.contains("The practice system sent the claim anew meanwhile"), "{}", said.body);
    assert_eq!(bench.show(&id)["status"], "voided");
}
