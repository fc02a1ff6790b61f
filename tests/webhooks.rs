//! What happens to held claims is told to a webhook: by the real binary, to a server of the test's own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod receivers;
mod site;
mod workbench;

use std::collections::BTreeSet;

use claimloop::seal;
use receivers::{Mood, Receiver, Taken};
use serde_json::Value;
use workbench::Bench;

const SECRET: &str = "a secret of the site";

/// A site that tells a webhook; the claims of its samples were held before anything was listened to.
fn told_to(port: u16) -> Bench {
    let more = format!(
        "[[webhook]]\nname = \"practice\"\nurl = \"http://127.0.0.1:{port}/x\"\nsecret_file = \"secret\"\nretry = \"100ms\"\n"
    );
    let bench = Bench::with("", &more);
    std::fs::write(bench.site.path("secret"), format!("{SECRET}\n")).unwrap();
    bench
}

fn messages(receiver: &Receiver) -> Vec<(Taken, Value)> {
    let taken = receiver.taken().into_iter();
    taken.map(|taken| (taken.clone(), serde_json::from_str(&taken.body).unwrap())).collect()
}

fn events(receiver: &Receiver, hold: &str) -> Vec<String> {
    let all = messages(receiver).into_iter().filter(|(_, message)| message["hold"] == hold);
    all.map(|(_, message)| format!("{} {}", message["event"].as_str().unwrap(), message["version"])).collect()
}

#[test]
fn a_claim_is_told_of_when_it_is_held_released_and_sent() {
    let receiver = Receiver::web(Mood::Take);
    let bench = told_to(receiver.port);
    let id = bench.hold("CLAIM-TWO");
    bench.site.until("both are told of", || receiver.taken().len() == 2);
    let mia = bench.person("mia", "biller");
    let at = |what: &str| format!("/claim/{id}/{what}");
    let fix = [("version", "1"), ("path", "2300/CLM02"), ("was", "126"), ("value", "125")];
    assert_eq!(mia.post(&at("fix"), &fix).status, 303);
    assert_eq!(mia.post(&at("release"), &[("version", "2"), ("reason", "put right")]).status, 303);
    bench.site.until("it is told that it left", || events(&receiver, &id).len() == 3);
    assert_eq!(events(&receiver, &id), ["held 1", "released 3", "sent 3"]);

    for (taken, message) in messages(&receiver) {
        assert_eq!(taken.header("Idempotency-Key"), message["id"].as_str());
        let signature = taken.header("X-Claimloop-Signature").unwrap();
        let (t, v1) = signature.split_once(",v1=").unwrap();
        let signed = format!("{}.{}", t.trim_start_matches("t="), taken.body);
        assert_eq!(seal::sign(SECRET.as_bytes(), signed.as_bytes()).as_deref(), Some(v1));
        let hold = message["hold"].as_str().unwrap();
        assert_eq!(message["link"], format!("http://{}/claim/{hold}", bench.address));
        assert_eq!(message["channel"], "main");
        for private in ["CLAIM-", "BRUNO", "TESTER", "three.edi", "two.edi", "126", "script"] {
            assert!(!taken.body.contains(private), "{private}: {}", taken.body);
        }
    }
    let held = &messages(&receiver).iter().find(|(_, m)| m["hold"] == id.as_str()).unwrap().1.clone();
    assert!(!held["edits"].as_array().unwrap().is_empty() && held["owner"].is_string(), "{held}");
    let log = bench.site.log();
    assert!(!log.contains(SECRET) && log.contains("webhook_told"));
}

#[test]
fn what_a_server_did_not_take_is_told_after_a_restart_in_order_and_once() {
    let receiver = Receiver::web(Mood::Refuse);
    let mut bench = told_to(receiver.port);
    let id = bench.hold("CLAIM-TWO");
    bench.site.until("it was tried", || bench.site.log().matches("webhook_not_told").count() > 1);
    let mia = bench.person("mia", "biller");
    let fix = [("version", "1"), ("path", "2300/CLM02"), ("was", "126"), ("value", "125")];
    assert_eq!(mia.post(&format!("/claim/{id}/fix"), &fix).status, 303);
    let release = [("version", "2"), ("reason", "put right")];
    assert_eq!(mia.post(&format!("/claim/{id}/release"), &release).status, 303);
    bench.site.until("it left", || bench.show(&id)["status"] == "sent");
    assert!(receiver.taken().is_empty());
    drop(mia);
    // Killed, not asked to end.
    bench.daemon.0.kill().unwrap();
    bench.daemon.0.wait().unwrap();
    receiver.set(Mood::Take);
    bench.daemon = bench.site.start_and_wait();
    bench.site.until("all is told", || events(&receiver, &id).len() == 3);
    assert_eq!(events(&receiver, &id), ["held 1", "released 3", "sent 3"]);
    // Behind the answer it is written down that it came: a kill between the two would send it again.
    let place = || std::fs::read_to_string(bench.site.path("state/webhooks/practice.json")).unwrap();
    bench.site.until("it is written down", || {
        let before = place();
        std::thread::sleep(std::time::Duration::from_millis(500));
        before == place()
    });
    let all = receiver.taken().len();
    bench.daemon.0.kill().unwrap();
    bench.daemon.0.wait().unwrap();
    bench.daemon = bench.site.start_and_wait();
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!(receiver.taken().len(), all, "nothing is told again");
    // Set on the same place by hand, all since then is told again under the same ids: whoever knows them can tell.
    bench.daemon.0.kill().unwrap();
    bench.daemon.0.wait().unwrap();
    let ids = |receiver: &Receiver| {
        messages(receiver).iter().map(|(_, message)| message["id"].to_string()).collect::<BTreeSet<String>>()
    };
    let before = ids(&receiver);
    let again = format!("{{\"behind\":\"{:016x}\",\"told\":0}}", 0);
    std::fs::write(bench.site.path("state/webhooks/practice.json"), again).unwrap();
    bench.daemon = bench.site.start_and_wait();
    bench.site.until("all is told again", || receiver.taken().len() == 2 * all);
    assert_eq!(ids(&receiver), before);
}

#[test]
fn what_let_a_claim_leave_is_taken_back_and_it_is_told_as_held() {
    let receiver = Receiver::web(Mood::Take);
    let more = format!("[[webhook]]\nname = \"practice\"\nurl = \"http://127.0.0.1:{}/x\"\n", receiver.port);
    let bench = Bench::with("undo = \"60s\"", &more);
    let id = bench.hold("CLAIM-TWO");
    let mia = bench.person("mia", "biller");
    let at = |what: &str| format!("/claim/{id}/{what}");
    let fix = [("version", "1"), ("path", "2300/CLM02"), ("was", "126"), ("value", "125")];
    assert_eq!(mia.post(&at("fix"), &fix).status, 303);
    assert_eq!(mia.post(&at("release"), &[("version", "2"), ("reason", "put right")]).status, 303);
    assert_eq!(mia.post("/undo", &[("to", "/")]).status, 303);
    bench.site.until("it is told", || events(&receiver, &id).len() == 3);
    assert_eq!(events(&receiver, &id), ["held 1", "released 3", "held 4"]);
}
