//! `claimloop journal`: verify, tail, export and repair, on what a daemon wrote into small segments.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

use serde_json::Value;
use site::{Site, sample};

/// A site whose journal is cut into segments of some records.
fn site() -> Site {
    let site = Site::quick();
    let config = fs::read_to_string(site.path("claimloop.toml")).unwrap();
    let config = config.replace("dir = \"state\"\n", "dir = \"state\"\njournal_segment = 900\n");
    fs::write(site.path("claimloop.toml"), config).unwrap();
    site
}

fn run(site: &Site, args: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = site.command(args).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn work(site: &Site) {
    for name in ["837p-three-claims-one-off.edi", "837p-clean.edi", "837d-total-differs.edi"] {
        site.drop_file("outbound", name, &sample(name));
    }
    assert!(site.once().status.success(), "{}", site.log());
}

#[test]
fn a_journal_is_verified_shown_and_written_out() {
    let site = site();
    assert_eq!(run(&site, &["journal", "verify"]).0, Some(2), "no state is made");
    assert!(!site.path("state").exists());
    work(&site);
    let (code, text, _) = run(&site, &["journal", "verify"]);
    assert_eq!(code, Some(0), "{text}");
    let seen = site.json(&["journal", "verify", "--format", "json"]);
    let head = seen["head"].as_str().unwrap();
    assert!(head.len() == 64 && text.contains(head), "{text}");
    let segments = seen["segments"].as_array().unwrap();
    assert!(segments.len() > 2 && segments[0]["packed"] == true, "{seen}");
    assert!(site.path("state/journal/0001.log.gz").exists() && !site.path("state/journal/0001.log").exists());

    let (code, lines, _) = run(&site, &["journal", "export"]);
    assert_eq!(code, Some(0));
    let all: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(Some(all.len() as u64), seen["records"].as_u64());
    assert!(all.iter().zip(1..).all(|(r, n)| r["seq"] == n) && all[0]["record"] == "edits_in_force");
    assert_eq!(all[1]["record"], "received");
    let (_, from, _) = run(&site, &["journal", "export", "--from", "5"]);
    assert_eq!(from.lines().count(), all.len() - 4);
    let (_, tail, _) = run(&site, &["journal", "tail", "-n", "3"]);
    assert_eq!(tail.lines().count(), 3);
    assert!(tail.lines().last().unwrap().starts_with(&format!("{} ", all.len())), "{tail}");
    for canary in ["CLAIM-TWO", "1234567893", "DOE"] {
        assert!(!lines.contains(canary) && !tail.contains(canary), "{canary}");
    }
}

#[test]
fn it_is_read_while_the_daemon_writes_and_followed() {
    let site = site();
    work(&site);
    let daemon = site.start_and_wait();
    let mut follow = site.command(&["journal", "tail", "-n", "1", "--follow", "--format", "json"]);
    let mut follow = follow.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    let before: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let text = String::from_utf8(sample("837p-clean.edi")).unwrap().replace("CLAIM-A", "CLAIM-Z");
    site.drop_file("outbound", "another.edi", text.as_bytes());
    let mut last = before["seq"].as_u64().unwrap();
    loop {
        let line: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(line["seq"], last + 1, "none is left out, none comes twice");
        last += 1;
        // Looked at while it grows.
        assert_eq!(run(&site, &["journal", "verify"]).0, Some(0));
        if line["record"] == "done" {
            break;
        }
    }
    follow.kill().unwrap();
    follow.wait().unwrap();
    // A record that is being written is no error.
    assert_eq!(daemon.stop(), Some(0));
    let last = fs::read_dir(site.path("state/journal")).unwrap().map(|e| e.unwrap().path());
    let last = last.filter(|p| p.extension().is_some_and(|e| e == "log")).max().unwrap();
    let mut bytes = fs::read(&last).unwrap();
    bytes.extend_from_slice(&[40, 0, 0, 0, 1, 2]);
    fs::write(&last, bytes).unwrap();
    assert_eq!(site.json(&["journal", "verify", "--format", "json"])["torn"], 6);
    assert!(site.once().status.success(), "{}", site.log());
    assert_eq!(site.json(&["journal", "verify", "--format", "json"])["torn"], 0);
}

#[test]
fn damage_stops_the_start_and_a_repair_keeps_what_is_lost() {
    let site = site();
    work(&site);
    let seen = site.json(&["journal", "verify", "--format", "json"]);
    let packed = site.path("state/journal/0002.log.gz");
    let whole = fs::read(&packed).unwrap();
    fs::write(&packed, &whole[..whole.len() / 2]).unwrap();
    let (code, text, _) = run(&site, &["journal", "verify"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("0002.log.gz") && text.contains("claimloop journal repair"), "{text}");
    let start = site.once();
    let said = String::from_utf8_lossy(&start.stderr).into_owned();
    assert_eq!(start.status.code(), Some(3));
    assert!(said.contains("claimloop journal repair") && said.contains("at byte"), "{said}");
    assert_eq!(run(&site, &["reconcile"]).0, Some(3), "what can't be read proves nothing");

    let (code, text, _) = run(&site, &["journal", "repair"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("What is lost") && text.contains("--i-know-what-is-lost"), "{text}");
    assert_eq!(fs::read(&packed).unwrap(), whole[..whole.len() / 2], "nothing is done without the word");
    let (code, text, err) = run(&site, &["journal", "repair", "--i-know-what-is-lost"]);
    assert_eq!(code, Some(0), "{text}{err}");
    assert_eq!(run(&site, &["journal", "verify"]).0, Some(0));
    let (_, last, _) = run(&site, &["journal", "tail", "-n", "1", "--format", "json"]);
    let last: Value = serde_json::from_str(&last).unwrap();
    assert_eq!((&last["record"], &last["segment"]), (&"repaired".into(), &2.into()));
    let aside = site.path("state/journal").join(last["aside"].as_str().unwrap());
    assert_eq!(fs::read(aside.join("0002.log.gz")).unwrap(), whole[..whole.len() / 2]);
    let kept = fs::read_dir(&aside).unwrap().count();
    assert_eq!(kept, seen["segments"].as_array().unwrap().len() - 1, "this one and all later ones");
    assert_eq!(run(&site, &["journal", "repair"]).0, Some(0), "nothing is left to repair");
    assert_eq!(run(&site, &["reconcile"]).0.map(|c| c < 2), Some(true), "what is lost shows, or nothing was");
    // The index is folded anew, and the daemon goes on.
    site.drop_file("outbound", "later.edi", &sample("837p-icd10-not-a-code.edi"));
    let _may_have_files_left = site.once();
    assert!(run(&site, &["held", "list"]).0 == Some(0));
}
