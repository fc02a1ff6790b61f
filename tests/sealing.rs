//! A site with keys, with the real binary: what leaves is what leaves without them, nothing in the archive reads without them, a key
//! that is missing is no damage, keys change, and files from before are read and sealed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use claimloop::archive::{Archive, Kept};
use claimloop::daemon::{Indexed, State};
use claimloop::seal::Keyring;
use claimloop::world::World;
use serde_json::Value;
use site::{Site, sample};

fn line(name: &str) -> String {
    let key: String = name.bytes().cycle().zip(0..32).map(|(b, n)| format!("{:02x}", b ^ n)).collect();
    format!("{name} {key}\n")
}

/// Gives a site these keys, the first in use; none takes its keyring away.
fn keys(site: &Site, names: &[&str]) {
    let config = fs::read_to_string(site.path("claimloop.toml")).unwrap().replace("keys = \"keyring\"\n", "");
    if names.is_empty() {
        return fs::write(site.path("claimloop.toml"), config).unwrap();
    }
    let text: String = names.iter().chain(&["index"]).map(|name| line(name)).collect();
    fs::write(site.path("keyring"), text).unwrap();
    let config = config.replace("[state]\n", "[state]\nkeys = \"keyring\"\n");
    fs::write(site.path("claimloop.toml"), config).unwrap();
}

/// The same for who looks at a state from here.
fn world(names: &[&str]) -> World {
    let text: String = names.iter().chain(&["index"]).map(|name| line(name)).collect();
    World { keys: Some(Arc::new(Keyring::from_text(&text).unwrap())), ..World::real() }
}

fn run(site: &Site, args: &[&str]) -> Output {
    site.command(&[args, &["--config", "claimloop.toml"]].concat()).output().unwrap()
}

fn json(site: &Site, args: &[&str]) -> (Option<i32>, Value) {
    let done = run(site, &[args, &["--format", "json"]].concat());
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    (
        done.status.code(),
        serde_json::from_slice(&done.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {said}")),
    )
}

/// Everything adds up, every record and every archived file reads.
fn at_peace(site: &Site) {
    assert_eq!(json(site, &["reconcile"]).0, Some(0), "{}", json(site, &["reconcile"]).1);
    assert!(site.command(&["journal", "verify"]).output().unwrap().status.success());
    let (code, said) = json(site, &["keys", "check", "--whole"]);
    assert_eq!(code, Some(0), "{said}");
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A day: clean, held, rejected and packed files, a claim corrected and let go, another voided, a payer's answer.
fn day(site: &Site) {
    for name in
        ["837p-three-claims-one-off.edi", "837p-clean.edi", "837p-isa-short.edi", "837p-two-findings.edi"]
    {
        site.drop_file("outbound", name, &sample(name));
    }
    site.drop_file("outbound", "dental.edi.gz", &packed(&sample("837d-clean.edi")));
    assert!(site.once().status.success());
    let (_, held) = json(site, &["held", "list"]);
    let held = held.as_array().unwrap();
    let id =
        |claim: &str| held.iter().find(|h| h["claim"] == claim).unwrap()["id"].as_str().unwrap().to_owned();
    let two = id("CLAIM-TWO");
    let other = held.iter().find(|h| h["claim"] != "CLAIM-TWO").unwrap()["id"].as_str().unwrap();
    for args in [
        &["held", "fix", &two, "2010BA/NM109=7ZCANARY7", "2300/CLM02=125"][..],
        &["held", "release", &two, "--reason", "note about TESTER"],
        &["held", "void", other, "--reason", "another note about TESTER"],
    ] {
        let done = run(site, args);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let shown = json(site, &["held", "show", &two]).1;
    assert!(shown["x12_now"].as_str().unwrap().starts_with("CLM*CLAIM-TWO*125*"), "{shown}");
    site.drop_file("inbound", "answer.835", &sample("835-denies-claim-one.edi"));
    assert!(site.once().status.success());
    let (_, denials) = json(site, &["history", "denials"]);
    assert!(!denials["rows"].as_array().unwrap().is_empty(), "{denials}");
    let (_, payments) = json(site, &["history", "payments"]);
    assert!(payments[0]["linked"].is_object(), "{payments}");
}

/// What left, but for ids, numbers and times, which no two days have alike.
fn left(site: &Site) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for folder in ["clean", "rejected", "acks", "delivered"] {
        for (name, bytes) in site.published(folder) {
            let like = |text: &str| -> String {
                let changes = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
                let words = text.split_inclusive(|c| !changes(c));
                words.map(|w| if w.bytes().any(|b| b.is_ascii_digit()) { "#" } else { w }).collect()
            };
            all.push((format!("{folder}/{}", like(&name)), like(&String::from_utf8_lossy(&bytes))));
        }
    }
    all.sort();
    all
}

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

fn archived(site: &Site) -> Vec<PathBuf> {
    let mut all = Vec::new();
    files(&site.path("state/archive"), &mut all);
    all.sort();
    all
}

const CANARIES: [&str; 8] =
    ["TESTER", "CLAIM-ONE", "CLAIM-TWO", "7ZCANARY7", "note about", "SAMPLE", "CLM*", "E3-001"];

/// Canaries that stand in the raw bytes of the archive.
fn readable(site: &Site) -> Vec<&'static str> {
    let bytes: Vec<u8> = archived(site).iter().flat_map(|path| fs::read(path).unwrap()).collect();
    let stands = |canary: &&str| bytes.windows(canary.len()).any(|w| w == canary.as_bytes());
    CANARIES.into_iter().filter(stands).collect()
}

#[test]
fn a_sealed_site_lets_leave_what_a_plain_one_does_and_keeps_nothing_that_reads() {
    let (plain, sealed) = (Site::quick(), Site::quick());
    keys(&sealed, &["one"]);
    day(&plain);
    day(&sealed);
    assert_eq!(left(&plain), left(&sealed));
    assert!(left(&plain).len() >= 8);
    assert_eq!(readable(&plain), CANARIES, "what is looked for is there");
    assert_eq!(readable(&sealed), [""; 0]);
    assert!(archived(&sealed).len() > 8);
    let (code, said) = json(&sealed, &["keys", "check"]);
    assert_eq!(
        (code, &said["plain"], said["sealed"].as_object().unwrap().len()),
        (Some(0), &0.into(), 1),
        "{said}"
    );
    at_peace(&plain);
    at_peace(&sealed);

    // A daemon answers without keys; it alone needs them.
    let daemon = sealed.start_and_wait();
    assert_eq!(sealed.command(&["held", "list"]).output().unwrap().status.code(), Some(0));
    let busy = run(&sealed, &["keys", "rewrap"]);
    assert!(String::from_utf8_lossy(&busy.stderr).contains("another process owns"), "{busy:?}");
    assert_eq!(daemon.stop(), Some(0));
    let doctor = String::from_utf8(run(&sealed, &["doctor"]).stdout).unwrap();
    assert!(doctor.contains("good  keys: what is received is sealed under one ("), "{doctor}");
    let doctor = String::from_utf8(run(&plain, &["doctor"]).stdout).unwrap();
    assert!(doctor.contains("note  keys: the state is not sealed"), "{doctor}");

    // The credential is found by itself.
    let credentials = sealed.path("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::rename(sealed.path("keyring"), credentials.join("master.key")).unwrap();
    keys(&sealed, &[]);
    let with =
        |args: &[&str]| sealed.command(args).env("CREDENTIALS_DIRECTORY", &credentials).output().unwrap();
    assert!(with(&["reconcile"]).status.success());
    assert!(with(&["serve", "--config", "claimloop.toml", "--once"]).status.success());
}

#[test]
fn claims_stand_in_keys_of_the_index_as_keyed_hashes() {
    let names = |sealed: bool| {
        let site = Site::quick();
        let world = if sealed { world(&["one"]) } else { World::real() };
        if sealed {
            keys(&site, &["one"]);
        }
        day(&site);
        let folder = site.path("state");
        let state =
            State::open_in(world, &folder, Default::default(), Indexed::by_sled(&folder, 1 << 20, false))
                .unwrap();
        let mut names = Vec::new();
        let mut keep = |key: &[u8], _: &[u8]| names.push(String::from_utf8_lossy(key).into_owned());
        state.store().unwrap().raw(&mut keep).unwrap();
        drop(state);
        let kept = |file: std::fs::DirEntry| std::fs::read(file.path()).unwrap_or_default();
        let on_disk = folder
            .join("index")
            .read_dir()
            .unwrap()
            .flat_map(|file| kept(file.unwrap()))
            .collect::<Vec<u8>>();
        let shows = on_disk.windows(9).any(|bytes| bytes == b"CLAIM-TWO");
        assert_eq!(shows, !sealed, "the claim's number in the bytes of the index");
        names
    };
    let (plain, keyed) = (names(false), names(true));
    let of_claims = |names: &[String]| names.iter().filter(|n| n.contains("claim/")).count();
    assert_eq!(of_claims(&plain), of_claims(&keyed));
    assert!(plain.iter().any(|n| n.contains("CLAIM-ONE")) && plain.iter().any(|n| n.contains("CLAIM-TWO")));
    assert!(!keyed.iter().any(|n| n.contains("CLAIM-")), "{keyed:?}");
}

#[test]
fn a_key_that_is_missing_is_told_and_nothing_is_taken_for_damaged() {
    let site = Site::quick();
    keys(&site, &["right"]);
    day(&site);
    let before = (left(&site), archived(&site));
    site.drop_file("outbound", "later.edi", &sample("837p-one-line.edi"));
    for wrong in [&[][..], &["wrong"], &["wrong", "worse"]] {
        keys(&site, wrong);
        let done = site.once();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(3), "{said}");
        assert!(said.contains("files in it are sealed under key"), "{said}");
        let found = run(&site, &["reconcile"]);
        assert_eq!(found.status.code(), Some(3), "{}", String::from_utf8_lossy(&found.stdout));
        assert!(!run(&site, &["held", "list"]).status.success());
        assert_eq!(run(&site, &["doctor"]).status.code(), Some(1));
        assert!(site.spool("outbound").join("later.edi").exists(), "it is not taken");
        let there: Vec<PathBuf> = archived(&site);
        assert_eq!((left(&site), there), before);
    }
    // Read without the key it is neither there nor damaged: nobody knows.
    let some = archived(&site).into_iter().find(|p| p.extension().is_some()).unwrap();
    let sha256 = some.file_stem().unwrap().to_string_lossy().into_owned();
    let of = |names: &[&str]| Archive::open(&world(names), site.path("state/archive")).unwrap();
    assert_eq!(of(&["wrong"]).is_sound(&sha256).unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert!(of(&["right"]).is_sound(&sha256).unwrap());
    let mut bytes = fs::read(&some).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&some, &bytes).unwrap();
    assert!(!of(&["right"]).is_sound(&sha256).unwrap(), "damage is seen as such");
    bytes[last] ^= 1;
    fs::write(&some, &bytes).unwrap();

    keys(&site, &["right"]);
    fs::remove_file(site.path("keyring")).unwrap();
    assert!(String::from_utf8_lossy(&site.once().stderr).contains("reading the keyring keyring"));
    fs::write(site.path("keyring"), "right 00\n").unwrap();
    let said = site.once().stderr;
    assert!(String::from_utf8_lossy(&said).contains("keyring line 1"));

    keys(&site, &["right"]);
    assert!(site.once().status.success());
    assert!(!site.spool("outbound").join("later.edi").exists());
    at_peace(&site);
    let log =
        String::from_utf8_lossy(&site.command(&["journal", "export"]).output().unwrap().stdout).into_owned();
    assert!(!log.contains("\"quarantined\""), "{log}");
}

#[test]
fn keys_change_and_the_old_one_can_go() {
    let site = Site::quick();
    keys(&site, &["2025"]);
    day(&site);
    keys(&site, &["2026", "2025"]);
    site.drop_file("outbound", "later.edi", &sample("837p-one-line.edi"));
    assert!(site.once().status.success());
    let (_, said) = json(&site, &["keys", "check"]);
    assert_eq!(said["sealed"].as_object().unwrap().len(), 2, "{said}");
    let files = archived(&site).len();
    keys(&site, &["2026"]);
    assert!(!site.once().status.success(), "older files still need the old one");
    assert_eq!(json(&site, &["keys", "check"]).1["missing"], true);
    keys(&site, &["2026", "2025"]);
    let (code, said) = json(&site, &["keys", "rewrap"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said["done"].as_u64().unwrap() > 8 && said["before"].as_u64().unwrap() > 0, "{said}");
    assert_eq!(said["needed"].as_array().unwrap().len(), 1, "{said}");
    assert_eq!(json(&site, &["keys", "rewrap"]).1["done"], 0);
    keys(&site, &["2026"]);
    assert!(site.once().status.success());
    at_peace(&site);
    assert_eq!(archived(&site).len(), files);
    keys(&site, &["2025"]);
    assert!(!site.once().status.success(), "the old one opens nothing any more");
}

#[test]
fn files_from_before_are_read_beside_sealed_ones_and_can_be_sealed() {
    let site = Site::quick();
    day(&site);
    let ours = b"\x89CLSEAL\n\x01\x01\x10 and no X12".to_vec();
    site.drop_file("outbound", "begins-like-ours.edi", &ours);
    assert!(site.once().status.success());
    assert!(run(&site, &["keys", "seal"]).status.code() == Some(2), "without keys nothing is sealed");
    keys(&site, &["one"]);
    site.drop_file("outbound", "later.edi", &sample("837p-one-line.edi"));
    site.drop_file("outbound", "again.edi", &sample("837p-clean.edi"));
    site.drop_file("outbound", "ours-again.edi", &[ours.clone(), b"\n".to_vec()].concat());
    assert!(site.once().status.success());
    let back = site.published("rejected");
    assert_eq!(back.iter().filter(|(_, bytes)| bytes.starts_with(b"\x89CLSEAL\n")).count(), 2);
    let begins = back.iter().find(|(name, _)| name.starts_with("begins")).unwrap();
    assert_eq!(String::from_utf8_lossy(&begins.1), String::from_utf8_lossy(&ours), "as it came");
    assert!(back.iter().any(|(name, _)| name.starts_with("again-")), "a duplicate of a plain one");
    at_peace(&site);
    let (_, said) = json(&site, &["keys", "check"]);
    let plain = said["plain"].as_u64().unwrap();
    assert!(plain > 8 && !said["sealed"].as_object().unwrap().is_empty(), "{said}");

    // One that isn't what its name says stays as it is.
    let archive = Archive::open(&world(&["one"]), site.path("state/archive")).unwrap();
    let mut first = None;
    archive
        .each(&mut |Kept { sha256, sealed }| {
            first = first.take().or((!sealed).then_some(sha256));
            Ok(())
        })
        .unwrap();
    let path = archive.path(&first.unwrap());
    let sound = fs::read(&path).unwrap();
    fs::write(&path, b"damaged").unwrap();
    let (code, said) = json(&site, &["keys", "seal"]);
    assert_eq!((code, said["left"].as_object().unwrap().len()), (Some(1), 1), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"damaged");
    fs::write(&path, sound).unwrap();
    let (code, said) = json(&site, &["keys", "seal"]);
    assert_eq!((code, &said["done"]), (Some(0), &1.into()), "{said}");
    assert_eq!(readable(&site), [""; 0]);
    assert!(site.once().status.success());
    at_peace(&site);
    assert_eq!(json(&site, &["keys", "check"]).1["plain"], 0);
}
