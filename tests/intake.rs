//! What is taken from a drop folder, when, and in what order: the real binary over real folders.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use sha2::{Digest, Sha256};
use site::{Site, claims, sample};

const QUICK: &str = "settle = \"0s\"\nscan = \"50ms\"\nincomplete_after = \"1s\"";

/// A site whose channel says this besides.
fn site(intake: &str, channel: &str) -> Site {
    let site = Site::new(&format!("{QUICK}\n{intake}"));
    let config = fs::read_to_string(site.path("claimloop.toml")).unwrap();
    fs::write(site.path("claimloop.toml"), format!("{config}{channel}\n")).unwrap();
    site
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn left(site: &Site) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(site.spool("outbound"))
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn reasons(site: &Site) -> Vec<Value> {
    let published = site.published("rejected");
    let reasons = published.iter().filter(|(name, _)| name.ends_with(".reason.json"));
    reasons.map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect()
}

/// Drops under a hidden name first, as a good sender does.
fn drop_with(site: &Site, name: &str, bytes: &[u8], beside: &[(&str, String)]) {
    site.drop_file("outbound", name, bytes);
    for (mark, text) in beside {
        fs::write(site.spool("outbound").join(mark), text).unwrap();
    }
}

#[test]
fn a_file_beside_it_says_that_a_file_is_whole() {
    let site = site("", "settle = \"10m\"");
    let clean = sample("837p-clean.edi");
    drop_with(&site, "waits.edi", &sample("837p-three-claims-one-off.edi"), &[]);
    drop_with(&site, "whole.edi", &clean, &[("whole.edi.done", String::new())]);
    let daemon = site.start_and_wait();
    site.until("the file with its mark is taken", || site.published("clean").len() == 1);
    assert_eq!(site.published("clean")[0].1, clean);
    site.until("the mark goes with its file", || left(&site) == ["waits.edi"]);
    // A mark older than the file says nothing of it.
    fs::write(site.spool("outbound").join("later.done"), "").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(50));
    drop_with(&site, "later.edi", &sample("837i-outpatient-clean.edi"), &[]);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(left(&site), ["later.done", "later.edi", "waits.edi"]);
    fs::write(site.spool("outbound").join("later.ok"), "").unwrap();
    site.until("a new mark is seen", || site.published("clean").len() == 2);
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn a_mark_of_two_files_goes_with_the_last() {
    let site = site("", "settle = \"10m\"\ntake = [\"*.edi\", \"*.837\"]");
    site.drop_file("outbound", "both.edi", &sample("837p-clean.edi"));
    site.drop_file("outbound", "both.837", &sample("837i-outpatient-clean.edi"));
    site.drop_file("outbound", "both.txt", b"of no channel");
    drop_with(&site, "both.txt.ok", b"", &[("both.done", String::new())]);
    let daemon = site.start_and_wait();
    site.until("both are taken", || site.published("clean").len() == 2);
    site.until("the mark goes too", || left(&site) == ["both.txt", "both.txt.ok"]);
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn a_checksum_beside_a_file_must_be_its_own() {
    let site = site("", "signal = \"sha256\"");
    let (clean, other) = (sample("837p-clean.edi"), sample("837p-three-claims-one-off.edi"));
    drop_with(&site, "good.edi", &clean, &[("good.edi.sha256", format!("{}  good.edi\n", hash(&clean)))]);
    drop_with(&site, "bad.edi", &other, &[("bad.sha256", hash(b"something else"))]);
    drop_with(&site, "none.edi", &sample("837i-outpatient-clean.edi"), &[("none.edi.done", String::new())]);
    let daemon = site.start_and_wait();
    site.until("both are taken", || site.published("clean").len() == 1 && reasons(&site).len() == 1);
    assert_eq!(site.published("clean")[0].1, clean);
    let reason = &reasons(&site)[0];
    assert_eq!(reason["outcome"], "quarantined");
    assert!(reason["message"].as_str().unwrap().contains("checksum"), "{reason}");
    let handed_back = site.published("rejected").into_iter().find(|(n, _)| n.ends_with(".edi")).unwrap();
    assert_eq!(handed_back.1, other);
    assert_eq!(left(&site), ["none.edi", "none.edi.done"]);
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn a_packed_file_is_known_by_what_is_in_it() {
    let site = Site::quick();
    let three = sample("837p-three-claims-one-off.edi");
    site.drop_file("outbound", "monday.edi.gz", &packed(&three));
    assert!(site.once().status.success(), "{}", site.log());
    let clean = site.published("clean");
    assert_eq!(claims(&clean[0].1), ["CLAIM-ONE", "CLAIM-THREE"]);
    assert!(clean[0].0.starts_with("monday-") || clean[0].0.starts_with("mondayedi"), "{}", clean[0].0);
    assert!(clean[0].0.ends_with(".edi"), "{}", clean[0].0);
    assert_eq!(site.held().as_array().unwrap().len(), 1);
    // The same claims packed otherwise, and unpacked: sent once.
    let mut other = GzEncoder::new(Vec::new(), Compression::best());
    other.write_all(&three).unwrap();
    site.drop_file("outbound", "again.gz", &other.finish().unwrap());
    site.drop_file("outbound", "again.edi", &three);
    // An answer comes out byte for byte as it came in.
    let answer = packed(&sample("835-denies-claim-one.edi"));
    site.drop_file("inbound", "answer.835.gz", &answer);
    assert!(site.once().status.success(), "{}", site.log());
    assert_eq!(site.published("clean").len(), 1);
    assert_eq!(reasons(&site).iter().filter(|r| r["outcome"] == "duplicate").count(), 2);
    assert_eq!(site.published("delivered")[0].1, answer);
    let payments = site.command(&["history", "payments", "--format", "json"]).output().unwrap();
    let payments = String::from_utf8_lossy(&payments.stdout).into_owned();
    assert!(payments.contains("CLAIM-ONE"), "{payments}");
    assert!(site.command(&["reconcile"]).status().unwrap().success());
}

#[test]
fn a_packed_file_that_can_not_be_used_is_handed_back_whole() {
    let site = site("most_unpacked = 5000", "");
    let three = packed(&sample("837p-three-claims-one-off.edi"));
    let bomb = packed(&vec![b'*'; 3 << 20]);
    let cut_off = &three[..three.len() - 20];
    site.drop_file("outbound", "bomb.gz", &bomb);
    site.drop_file("outbound", "cut-off.gz", cut_off);
    let daemon = site.start_and_wait();
    site.until("both are refused", || reasons(&site).len() == 2);
    let mut back: Vec<Vec<u8>> =
        site.published("rejected").into_iter().filter(|(n, _)| n.ends_with(".gz")).map(|f| f.1).collect();
    back.sort_by_key(Vec::len);
    assert_eq!(back, [cut_off.to_vec(), bomb.clone()].map(|b| b).into_iter().collect::<Vec<_>>());
    assert!(site.published("clean").is_empty());
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn only_names_a_channel_takes_are_taken_and_no_file_too_long() {
    let site = site("most_bytes = 3000", "take = [\"*.837\", \"claims-?.TXT\"]");
    let clean = sample("837p-clean.edi");
    assert!(clean.len() < 3000);
    site.drop_file("outbound", "a.837", &clean);
    site.drop_file("outbound", "Claims-1.txt", &sample("837i-outpatient-clean.edi"));
    site.drop_file("outbound", "claims-12.txt", &sample("837p-three-claims-one-off.edi"));
    site.drop_file("outbound", "long.837", &[clean.clone(), vec![b'\n'; 3000]].concat());
    assert!(site.once().status.success(), "{}", site.log());
    assert_eq!(site.published("clean").len(), 2);
    assert_eq!(left(&site), ["claims-12.txt", "long.837"]);
    let alerts = fs::read_to_string(site.spool("alerts").join("billing.jsonl")).unwrap();
    assert!(alerts.contains("too-long/main/"), "{alerts}");
}

#[test]
fn claims_that_nobody_fetches_and_disks_without_room_leave_files_where_they_are() {
    let site = site("", "most_unfetched = 2");
    for n in 0..5 {
        let text = String::from_utf8(sample("837p-clean.edi")).unwrap();
        let text = text.replace("CLM*", &format!("CLM*N{n}"));
        site.drop_file("outbound", &format!("{n}.edi"), text.as_bytes());
        assert!(site.once().status.success(), "{}", site.log());
    }
    assert_eq!(site.published("clean").len(), 2);
    assert_eq!(left(&site).len(), 3);
    for (name, _) in site.published("clean") {
        fs::remove_file(site.spool("clean").join(name)).unwrap();
    }
    let config = fs::read_to_string(site.path("claimloop.toml")).unwrap();
    let low = config.replace("dir = \"state\"", "dir = \"state\"\nlow_water = 18446744073709551615");
    // A twentieth of a disk is free on any machine these tests run on; so none is asked where more is.
    let room = rustix::fs::statvfs(site.folder.path()).unwrap();
    let is_low = room.f_bavail < room.f_blocks / 20;
    fs::write(site.path("claimloop.toml"), low).unwrap();
    assert!(site.once().status.success(), "{}", site.log());
    assert_eq!(left(&site).len(), if is_low { 3 } else { 1 });
    let alerts = fs::read_to_string(site.spool("alerts").join("billing.jsonl")).unwrap();
    assert!(alerts.contains("unfetched/main/"), "{alerts}");
}

/// Files of one sender in the order they came, whatever their names; several senders at once.
#[test]
fn files_of_a_sender_are_worked_in_the_order_they_came() {
    let site = site("parallel = 4", "");
    let text = String::from_utf8(sample("837p-clean.edi")).unwrap();
    let was: String = text.chars().skip(35).take(15).collect();
    let daemon = site.start_and_wait();
    for round in 0..6 {
        for sender in 0..4 {
            let now = format!("SENDER{sender}        ");
            let text = text.replacen(&was, &now[..15], 1).replace("CLM*", &format!("CLM*S{sender}R{round}"));
            // Names that sort the other way round.
            site.drop_file("outbound", &format!("{}-{sender}.edi", 9 - round), text.as_bytes());
        }
        std::thread::sleep(std::time::Duration::from_millis(120));
    }
    site.until("all are out", || site.published("clean").len() == 24);
    assert_eq!(daemon.stop(), Some(0));
    let journal = site.command(&["journal", "export"]).output().unwrap();
    let records: Vec<Value> = String::from_utf8(journal.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<&str> = records
        .iter()
        .filter(|r| r["record"] == "received" || r["record"]["record"] == "received")
        .map(|r| r["name"].as_str().or(r["record"]["name"].as_str()).unwrap())
        .collect();
    for sender in 0..4 {
        let of: Vec<&&str> = names.iter().filter(|n| n.ends_with(&format!("-{sender}.edi"))).collect();
        let mut down = of.clone();
        down.sort_by(|a, b| b.cmp(a));
        assert_eq!(of, down, "sender {sender}");
        assert_eq!(of.len(), 6);
    }
}

/// The same claims under new numbers, and other claims under old ones, are held; test interchanges may come as often as they like.
#[test]
fn what_was_sent_before_is_held() {
    let site = Site::quick();
    let config = fs::read_to_string(site.path("claimloop.toml")).unwrap();
    fs::write(site.path("claimloop.toml"), config.replace("repeats = \"pass\"\n", "")).unwrap();
    let text = String::from_utf8(sample("837p-clean.edi")).unwrap();
    let number = text[90..99].to_owned();
    let numbered = |text: &str, to: &str| text.replace(&number, to);
    let named = |text: &str, to: &str| {
        let was = claims(text.as_bytes()).remove(0);
        text.replace(&format!("CLM*{was}*"), &format!("CLM*{to}*"))
    };
    let drop = |name: &str, text: String| {
        site.drop_file("outbound", name, text.as_bytes());
        assert!(site.once().status.success(), "{}", site.log());
        (site.published("clean").len(), site.held().as_array().unwrap().len())
    };
    assert_eq!(drop("first.edi", text.clone()), (1, 0));
    assert_eq!(drop("exported-again.edi", numbered(&text, "000000901")), (1, 1));
    assert_eq!(drop("number-again.edi", named(&text, "OTHER-1")), (1, 2));
    assert_eq!(drop("new.edi", named(&numbered(&text, "000000902"), "OTHER-2")), (2, 2));
    let test = numbered(&text, "000000903").replacen("*P*", "*T*", 1);
    assert_eq!(drop("test.edi", test.clone()), (3, 2));
    assert_eq!(drop("test-again.edi", format!("{test}\n")), (4, 2));
    let held = site.held();
    let edits: Vec<&str> =
        held.as_array().unwrap().iter().map(|h| h["findings"][0]["edit"].as_str().unwrap()).collect();
    assert_eq!(edits, ["E1-014", "E1-020"]);
    // One may go after all, under numbers of our own.
    let id = held[1]["id"].as_str().unwrap();
    let release = site.command(&["held", "release", id, "--reason", "meant"]).output().unwrap();
    assert!(release.status.success(), "{}", String::from_utf8_lossy(&release.stderr));
    assert!(site.once().status.success());
    let out: Vec<String> = site.published("clean").iter().flat_map(|(_, bytes)| claims(bytes)).collect();
    assert!(out.contains(&"OTHER-1".to_owned()), "{out:?}");
    assert!(site.command(&["reconcile"]).output().unwrap().status.success());
}
