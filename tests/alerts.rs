//! Alerts with the real binary: told by mail and webhook once, across kills and outages; what people decide of them; nothing that leaves
//! names a person or a claim.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod receivers;
mod site;

use std::fs;
use std::time::{Duration, Instant};

use claimloop::seal::sign;
use jiff::{Timestamp, ToSpan};
use receivers::{Mood, Receiver, Speaks, Taken};
use serde_json::Value;
use site::{Site, sample};

const SECRET: &str = "a secret of the test";
const ID: &str = "129900002/197";

/// A site with these settings in front.
fn site(settings: &str) -> Site {
    let site = Site::quick();
    configure(&site, settings);
    fs::write(site.path("secret"), format!("{SECRET}\n")).unwrap();
    site
}

fn configure(site: &Site, settings: &str) {
    let path = site.path("claimloop.toml");
    let text = fs::read_to_string(&path).unwrap();
    let from = text.find("[state]").unwrap();
    let text = &text[from..];
    let end = text.find("[alerts]").unwrap_or(text.len());
    fs::write(path, format!("timezone = \"UTC\"\n{}\n[alerts]\n{settings}", &text[..end])).unwrap();
}

fn hook(receiver: &Receiver, more: &str) -> String {
    let port = receiver.port;
    format!(
        "[[sink]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/in\"\nsecret_file = \"secret\"\nretry = \"100ms\"\n{more}\n"
    )
}

fn mail(receiver: &Receiver, more: &str) -> String {
    let port = receiver.port;
    format!(
        "[[sink]]\nname = \"mail\"\nkind = \"email\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
         from = \"claimloop <claimloop@example.com>\"\nto = [\"lead@example.com\"]\nretry = \"100ms\"\n{more}\n"
    )
}

/// A remittance of last week that refuses so many lines of as many claims for want of an authorisation.
fn denials(trace: &str, claims: usize) -> Vec<u8> {
    denials_of(trace, claims, 7)
}

fn denials_of(trace: &str, claims: usize, days_ago: i32) -> Vec<u8> {
    let day = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().checked_sub(days_ago.days()).unwrap();
    let day = day.strftime("%Y%m%d").to_string();
    let sample = String::from_utf8(sample("835-denies-claim-one.edi")).unwrap();
    let head =
        sample.split("CLP*").next().unwrap().replace("20261116", &day).replace("SAMPLETRACE0007", trace);
    let mut text = head.replace("*000000159*", &format!("*{:09}*", trace.len() + 1000));
    let control = trace.len() + 1000;
    for n in 0..claims {
        let claim = if n == 0 { "CLAIM-ONE".to_owned() } else { format!("OTHER-{trace}-{n}") };
        text.push_str(&format!(
            "CLP*{claim}*1*100*0**12*PAYCTL{trace}{n}*11*1~\nNM1*QC*1*TESTER*ANNA****MI*SAMPLE1001~\n\
             SVC*HC:99213*100*0**1~\nDTM*472*20261005~\nCAS*CO*197*100~\n"
        ));
    }
    let from = text.find("ST*").unwrap();
    let segments = text[from..].matches('~').count() + 1;
    text.push_str(&format!("SE*{segments}*0001~\nGE*1*1~\nIEA*1*{control:09}~\n"));
    text.into_bytes()
}

/// A remittance of some weeks ago that pays as many claims in full.
fn paid(weeks_ago: i32) -> Vec<u8> {
    let text = String::from_utf8(denials_of(&format!("P{weeks_ago}"), 20, 7 * weeks_ago)).unwrap();
    let text = text
        .replace("*1*100*0**12*", "*1*100*100**12*")
        .replace("SVC*HC:99213*100*0**1", "SVC*HC:99213*100*100**1");
    let denied = text.matches("CAS*CO*197*100~\n").count();
    let segments: usize = text[text.find("ST*").unwrap()..].matches('~').count() - 2;
    let from = format!("SE*{segments}*");
    text.replace("CAS*CO*197*100~\n", "").replace(&from, &format!("SE*{}*", segments - denied)).into_bytes()
}

/// The weeks before, in which nothing was refused.
fn usual(site: &Site) {
    (2..14).for_each(|weeks| site.drop_file("inbound", &format!("usual-{weeks}.edi"), &paid(weeks)));
    site.until("the usual weeks are taken", || site.settled());
}

fn raise(site: &Site) {
    site.drop_file("outbound", "DOE-JANE.edi", &sample("837p-three-claims-one-off.edi"));
    site.until("the claims are taken", || site.settled());
    usual(site);
    site.drop_file("inbound", "DOE-JANE-835.edi", &denials("T1", 6));
}

fn alerts(site: &Site) -> Vec<Value> {
    site.json(&["alerts", "list", "--all", "--format", "json"]).as_array().unwrap().clone()
}

fn show(site: &Site, id: &str) -> Value {
    site.json(&["alerts", "show", id, "--format", "json"])
}

fn decide(site: &Site, args: &[&str]) -> (i32, String) {
    let done = site.command(&[&["alerts"], args].concat()).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn is_told(site: &Site, sinks: usize) -> bool {
    let alerts = alerts(site);
    let Some(_) = alerts.iter().find(|a| a["id"] == ID) else { return false };
    let messages = show(site, ID)["messages"].as_array().unwrap().clone();
    messages.iter().filter(|m| m["state"] == "told").count() == sinks
}

/// No value that names a person, an address or a claim is in what was sent; nor is a name of a dropped file.
fn names_nobody(taken: &[Taken]) {
    for taken in taken {
        for canary in
            ["TESTER", "CLAIM-ONE", "OTHER-", "SAMPLE1001", "DOE-JANE", "PAYCTL", "19750203", "SAMPLETRACE"]
        {
            assert!(!taken.all().contains(canary), "{canary} left the house: {}", taken.all());
        }
    }
}

#[test]
fn an_alert_is_told_once_signed_and_names_nobody() {
    let (web, post) = (Receiver::web(Mood::Take), Receiver::mail(Mood::Take));
    let site = site(&format!("{}{}", hook(&web, ""), mail(&post, "")));
    let daemon = site.start_and_wait();
    raise(&site);
    site.until("both sinks were told", || is_told(&site, 2));
    assert_eq!(daemon.stop(), Some(0));
    let daemon = site.start_and_wait();
    site.drop_file("inbound", "more.edi", &denials("T22", 2));
    site.until("it is counted", || site.settled() && alerts(&site)[0]["numbers"]["count"] == 7);
    assert_eq!(daemon.stop(), Some(0));

    let (web, post) = (web.seen(), post.seen());
    assert_eq!((web.len(), post.len()), (1, 1), "new numbers are no news");
    names_nobody(&web);
    names_nobody(&post);
    let sentence = "Payer 129900002 began denying for missing authorisation (CO-197): 6 of ";
    let body: Value = serde_json::from_str(&web[0].body).unwrap();
    assert_eq!(body["alerts"][0]["id"], ID);
    assert!(body["alerts"][0]["message"].as_str().unwrap().starts_with(sentence), "{body}");
    assert_eq!(body["message"], format!("{ID}/hook/1"));
    let signature = web[0].header("X-Claimloop-Signature").unwrap();
    let (at, given) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let expected = sign(SECRET.as_bytes(), format!("{at}.{}", web[0].body).as_bytes()).unwrap();
    assert_eq!(given, expected);
    assert_eq!(web[0].header("Idempotency-Key").unwrap().len(), 32);
    assert!(post[0].header("Message-ID").unwrap().ends_with("@example.com>"));
    assert_eq!(
        post[0].header("Subject"),
        Some("claimloop: denials for authorisation, payer 129900002, CARC 197")
    );
    let unfolded = post[0].body.replace("=\r\n", "");
    assert_eq!(
        unfolded.matches("Payer 129900002 began denying").count(),
        2,
        "as text and as HTML: {unfolded}"
    );

    let alert = &alerts(&site)[0];
    assert_eq!((&alert["owner"], &alert["status"]), (&"authorisation".into(), &"open".into()));
    assert!(alert["seconds_to_tell"].as_i64().unwrap() < 60, "{alert}");
    assert!(alert["arrived"].is_string() && alert["told"].is_string(), "{alert}");
    let before = viewed(&site);
    let example = &show(&site, ID)["examples"][0];
    assert_eq!((&example["claim"], &example["position"]), (&"CLAIM-ONE".into(), &1.into()));
    assert_eq!(viewed(&site), before + 1, "who saw claim numbers is journalled");
}

/// How often an alert's claims were shown, as the journal has it.
fn viewed(site: &Site) -> usize {
    let mut files: Vec<_> =
        site.path("state/journal").read_dir().unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let all: Vec<u8> = files.iter().flat_map(|f| fs::read(f).unwrap()).collect();
    String::from_utf8_lossy(&all).matches(r#""history":"alert""#).count()
}

#[test]
fn killed_and_restarted_nothing_is_lost_or_sent_twice() {
    let (mut web, mut post) = (Receiver::web(Mood::Take), Receiver::mail(Mood::Take));
    web.stop();
    post.stop();
    let site = site(&format!("{}{}", hook(&web, ""), mail(&post, "")));
    let mut daemon = site.start_and_wait();
    raise(&site);
    let failed = |site: &Site| {
        let id = |a: &Value| a["id"] == ID;
        alerts(site).iter().any(id)
            && show(site, ID)["messages"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|m| m["state"] == "failed")
                .count()
                == 2
    };
    site.until("both servers are found away", || failed(&site));
    // Killed while nobody takes it.
    daemon.0.kill().unwrap();
    daemon.0.wait().unwrap();
    // Killed while the servers have it and have not answered: they did not take it.
    web.set(Mood::Hang);
    post.set(Mood::Hang);
    web.restart();
    post.restart();
    let mut daemon = site.start_and_wait();
    site.until("both servers hang over it", || web.seen().len() == 1 && post.seen().len() == 1);
    daemon.0.kill().unwrap();
    daemon.0.wait().unwrap();
    assert!(web.taken().is_empty() && post.taken().is_empty());
    web.set(Mood::Take);
    post.set(Mood::Take);
    let mut daemon = site.start_and_wait();
    site.until("both sinks were told", || is_told(&site, 2));
    // Killed behind that, twice.
    for _ in 0..2 {
        daemon.0.kill().unwrap();
        daemon.0.wait().unwrap();
        daemon = site.start_and_wait();
        assert!(is_told(&site, 2));
    }
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!((web.taken().len(), post.taken().len()), (1, 1));
    let keys = |taken: Vec<Taken>, name: &str| -> Vec<String> {
        taken.iter().map(|t| t.header(name).unwrap().to_owned()).collect()
    };
    for (seen, name) in [(web.seen(), "Idempotency-Key"), (post.seen(), "Message-ID")] {
        let keys = keys(seen, name);
        assert!(keys.len() == 2 && keys[0] == keys[1], "sent again under the same {name}: {keys:?}");
    }
    names_nobody(&web.seen());
    names_nobody(&post.seen());
    assert!(!site.log().contains("TESTER") && !site.log().contains("CLAIM-ONE"));
}

#[test]
fn a_server_that_hangs_holds_up_no_claim_and_no_other_sink() {
    let (web, post) = (Receiver::web(Mood::Hang), Receiver::mail(Mood::Take));
    let site = site(&format!("{}{}", hook(&web, "timeout = \"20s\""), mail(&post, "")));
    let daemon = site.start_and_wait();
    raise(&site);
    site.until("the server hangs over it", || web.seen().len() == 1);
    let begun = Instant::now();
    site.drop_file("outbound", "next.edi", &sample("837p-two-findings.edi"));
    site.until("the next file is worked", || {
        site.settled()
            && fs::read_to_string(site.path("daemon.log")).unwrap().matches("\"scrubbed\"").count() == 2
    });
    site.until("the other sink was told", || !post.taken().is_empty());
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    web.set(Mood::Take);
    site.until("both were told", || is_told(&site, 2));
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!((web.taken().len(), post.taken().len()), (1, 1));
}

#[test]
fn what_is_refused_too_often_is_dead_and_can_be_sent_again() {
    let web = Receiver::web(Mood::Refuse);
    let site = site(&hook(&web, "attempts = 3"));
    let daemon = site.start_and_wait();
    raise(&site);
    let dead = || site.json(&["alerts", "list", "--dead", "--format", "json"]);
    site.until("it is given up", || dead().as_array().unwrap().len() == 1);
    let given_up = &dead()[0];
    assert_eq!((&given_up["why"], &given_up["attempts"]), (&"the server answered 503".into(), &3.into()));
    assert_eq!(web.seen().len(), 3);
    assert_eq!(decide(&site, &["resend", "nothing"]).0, 2);
    let (code, said) = decide(&site, &["list", "--dead"]);
    assert!(code == 0 && said.contains("the server answered 503"), "{said}");
    web.set(Mood::Take);
    assert_eq!(decide(&site, &["resend", given_up["message"].as_str().unwrap()]).0, 0);
    site.until("it was told", || is_told(&site, 1));
    assert_eq!((dead(), web.taken().len()), (serde_json::json!([]), 1));
    assert_eq!(decide(&site, &["resend", "--all"]).0, 2, "nothing is dead any more");
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn quiet_hours_hold_it_back_and_a_digest_is_one_message() {
    let post = Receiver::mail(Mood::Take);
    let hour = |hours: i64| (Timestamp::now() + hours.hours()).strftime("%H:%M").to_string();
    let quiet = format!("quiet_from = \"{}\"\nquiet_to = \"{}\"\n{}", hour(-1), hour(2), mail(&post, ""));
    let site = site(&quiet);
    let daemon = site.start_and_wait();
    raise(&site);
    site.until("it is raised", || alerts(&site).len() == 1);
    assert_eq!(daemon.stop(), Some(0));
    let own = fs::read_to_string(site.spool("alerts").join("authorisation.jsonl")).unwrap();
    assert!(own.contains(ID) && post.seen().is_empty(), "its owner's file has it, the mail waits");
    configure(&site, &mail(&post, ""));
    // A run that takes what is there tells what is due, too.
    assert!(site.once().status.success());
    assert_eq!(post.taken().len(), 1);

    // Some more than usual is no alarm: it goes with the day's digest, however many there are.
    let far = (Timestamp::now() + 12.hours()).strftime("%H:%M").to_string();
    let site = self::site(&format!("digest = \"{far}\"\n{}", mail(&post, "")));
    // Of one payer and one reason each: a rise at both were one cause.
    for (n, (payer, carc)) in [("1129900002", "*197*"), ("1129900003", "*29*")].iter().enumerate() {
        for week in 1..14 {
            let refused = denials_of(&format!("D{n}W{week}"), if week == 1 { 60 } else { 10 }, 7 * week);
            for (name, file) in [("refused", refused), ("paid", paid(week))] {
                let file =
                    String::from_utf8(file).unwrap().replace("1129900002", payer).replace("*197*", carc);
                site.drop_file("inbound", &format!("{n}-{week}-{name}.edi"), file.as_bytes());
            }
        }
    }
    let daemon = site.start_and_wait();
    site.until("both are raised", || alerts(&site).len() == 2 && site.settled());
    assert_eq!(daemon.stop(), Some(0));
    let digest = (Timestamp::now() + 2.seconds()).strftime("%H:%M:%S").to_string();
    configure(&site, &format!("digest = \"{digest}\"\n{}", mail(&post, "")));
    let daemon = site.start_and_wait();
    site.until("the digest is told", || post.taken().len() == 2);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(daemon.stop(), Some(0));
    let taken = post.taken();
    assert_eq!(taken.len(), 2, "one digest");
    assert_eq!(taken[1].header("Subject"), Some("claimloop: 2 alerts"));
    names_nobody(&taken);
}

#[test]
fn people_decide_of_alerts_and_what_nobody_takes_up_is_escalated() {
    let (web, leads) = (Receiver::web(Mood::Take), Receiver::web(Mood::Take));
    let hook = hook(&web, "owners = [\"authorisation\"]\npreset = \"slack\"");
    let other = self::hook(&leads, "owners = []\nescalations = true\npreset = \"teams\"")
        .replace("\"hook\"", "\"leads\"");
    let site = site(&format!("escalate_at_once = \"1s\"\n{hook}{other}"));
    let daemon = site.start_and_wait();
    raise(&site);
    site.until("it is escalated", || leads.taken().len() == 1);
    assert!(leads.taken()[0].body.contains("Nobody acknowledged this in time. Payer"));
    let slack: Value = serde_json::from_str(&web.taken()[0].body).unwrap();
    assert!(slack["blocks"][0]["text"]["text"].as_str().unwrap().contains("Payer"), "{slack}");

    let (code, said) = decide(&site, &["ack", ID, "--version", "7"]);
    assert!(code == 2 && said.contains("at version 1 now"), "{said}");
    assert_eq!(decide(&site, &["ack", ID]).0, 0);
    assert_eq!(decide(&site, &["ack", ID]).0, 2);
    let (code, said) = decide(&site, &["snooze", ID, "--for", "2s"]);
    assert!(code == 0 && said.contains("put off"), "{said}");
    site.until("the snooze is over", || web.taken().len() == 2);
    assert!(web.taken()[1].body.contains("put off until now"));
    assert_eq!(decide(&site, &["assign", ID, "nobody"]).0, 2);
    assert_eq!(decide(&site, &["assign", ID, "front-desk"]).0, 0);
    let (code, said) = decide(&site, &["resolve", ID, "--note", "TESTER mended the list"]);
    assert!(code == 0 && said.contains("for front-desk"), "{said}");
    assert_eq!(decide(&site, &["list"]).1, "No alert is open.\n");
    let shown = show(&site, ID);
    assert_eq!(
        (&shown["notes"][0]["note"], &shown["status"]),
        (&"TESTER mended the list".into(), &"resolved".into())
    );
    // The same cause, worse: it comes back, to the team the dictionary names.
    site.drop_file("inbound", "worse.edi", &denials("T333", 9));
    site.until("it came back", || web.taken().len() == 3);
    assert!(web.taken()[2].body.contains("This came back, or got worse. "));
    assert_eq!(daemon.stop(), Some(0));
    // Without a daemon the state itself is asked.
    assert_eq!(show(&site, ID)["n"], 2);
    let (code, said) = decide(&site, &["show", ID]);
    for word in
        ["claim CLAIM-ONE: number 1", "acknowledged", "given to front-desk", "raised again", "TESTER mended"]
    {
        assert!(code == 0 && said.contains(word), "{word}: {said}");
    }
    names_nobody(&[web.taken(), leads.taken()].concat());
}

#[test]
fn a_sink_can_be_tried() {
    let (web, post) = (Receiver::web(Mood::Take), Receiver::mail(Mood::Take));
    let lines = "[[sink]]\nname = \"lines\"\nkind = \"file\"\ndir = \"told\"\n";
    let site = site(&format!("{}{}{lines}", hook(&web, ""), mail(&post, "")));
    assert_eq!(decide(&site, &["test", "hook"]), (0, "hook: taken\n".to_owned()));
    assert_eq!(decide(&site, &["test", "mail"]), (0, "mail: taken\n".to_owned()));
    assert!(
        web.taken()[0].body.contains("nothing happened") && post.taken()[0].body.contains("nothing happened")
    );
    web.set(Mood::Refuse);
    assert_eq!(
        decide(&site, &["test", "hook"]),
        (1, "hook: not taken: the server answered 503\n".to_owned())
    );
    assert_eq!(decide(&site, &["test", "mule"]).0, 2);
    // Without TLS nothing is said to a server that is to have it, and no password.
    let text = fs::read_to_string(site.path("claimloop.toml")).unwrap();
    for tls in ["starttls", "implicit"] {
        fs::write(
            site.path("claimloop.toml"),
            text.replace("\"none\"", &format!("\"{tls}\"\ntimeout = \"1s\"")),
        )
        .unwrap();
        let (code, said) = decide(&site, &["test", "mail"]);
        assert!(code == 1 && said.contains("not taken"), "{tls}: {said}");
    }
    assert_eq!(post.seen().len(), 1);
    // What stands in a channel's way is told too, at once; and a sink may be a file.
    fs::write(site.path("claimloop.toml"), text.replace("[intake]", "[intake]\nmost_bytes = 10")).unwrap();
    site.drop_file("outbound", "DOE-JANE.edi", b"this is too long, TESTER");
    web.set(Mood::Take);
    let daemon = site.start_and_wait();
    let told = || fs::read_to_string(site.path("told/lines.jsonl")).unwrap_or_default();
    site.until("all three were told", || {
        (web.taken().len(), post.taken().len(), told().lines().count()) == (2, 2, 1)
    });
    assert_eq!(daemon.stop(), Some(0));
    assert!(told().contains("too long and is left where it is"), "{}", told());
    assert_eq!(post.taken()[1].header("Subject"), Some("claimloop: channel alert for billing"));
    names_nobody(&post.taken());
}

#[test]
fn servers_are_trusted_under_a_certificate_alone() {
    let (web, starting, wrapped) =
        (Receiver::safe_web(), Receiver::safe_mail(Speaks::StartTls), Receiver::safe_mail(Speaks::Tls));
    let ca = format!("ca = \"{}/tests/fixtures/tls/ca.pem\"", env!("CARGO_MANIFEST_DIR"));
    let login = "user = \"claimloop\"\npassword_file = \"secret\"";
    let sinks = |ca: &str| {
        let mail = |receiver: &Receiver, tls: &str| {
            let tls = format!("\"{tls}\"");
            self::mail(receiver, &format!("{login}\n{ca}"))
                .replace("\"none\"", &tls)
                .replace("\"mail\"", &tls)
        };
        let hook = hook(&web, ca).replace("http://127.0.0.1", "https://localhost");
        format!("{hook}{}{}", mail(&starting, "starttls"), mail(&wrapped, "implicit"))
    };
    // An authority nobody vouches for: nothing is sent, no password either.
    let site = site(&sinks(""));
    for sink in ["hook", "starttls", "implicit"] {
        let (code, said) = decide(&site, &["test", sink]);
        assert!(code == 1 && said.contains("TLS failed"), "{sink}: {said}");
    }
    assert!(starting.logins().is_empty() && wrapped.logins().is_empty());
    configure(&site, &sinks(&ca));
    for sink in ["hook", "starttls", "implicit"] {
        assert_eq!(decide(&site, &["test", sink]), (0, format!("{sink}: taken\n")));
    }
    // Base 64 of the user and the password, as PLAIN has them.
    let login = "AUTH PLAIN AGNsYWltbG9vcABhIHNlY3JldCBvZiB0aGUgdGVzdA==";
    assert_eq!((starting.logins(), wrapped.logins()), (vec![login.to_owned()], vec![login.to_owned()]));
    assert_eq!((web.taken().len(), starting.taken().len(), wrapped.taken().len()), (1, 1, 1));
}

#[test]
fn the_weeks_pack_is_sent_once_whatever_dies() {
    let (post, web) = (Receiver::mail(Mood::Take), Receiver::web(Mood::Take));
    // Due at any hour of any day: the week before is over.
    let huddle = "[huddle]\nday = \"sunday\"\nhour = \"00:00\"\nrecipients = [\"mail\"]\nformats = [\"html\", \"xlsx\", \"csv\"]\n";
    let site = site(&format!("{}{}{huddle}", hook(&web, ""), mail(&post, "")));
    let daemon = site.start_and_wait();
    site.until("the pack is sent", || post.taken().len() == 1);
    let sent = post.taken().remove(0).all();
    assert!(sent.contains("Subject: claimloop: the huddle pack of 20"), "{sent}");
    for file in ["html", "xlsx", "csv"] {
        assert!(sent.contains(&format!(".{file}\"")), "{file}");
    }
    let mut files: Vec<String> = fs::read_dir(site.path("huddle"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(files.iter().all(|name| name.starts_with("huddle-20")), "{files:?}");
    drop(daemon);
    let daemon = site.start_and_wait();
    assert_eq!(
        site.json(&["alerts", "list", "--format", "json"]),
        serde_json::json!([]),
        "nobody has to act"
    );
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!((post.taken().len(), web.taken().len()), (1, 0), "once, and to those who want it");
    daemon.stop();
}
