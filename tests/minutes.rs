//! What huddles decide and when edits change, with the real binary: written down once, there after a restart, by the daemon or without.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;

use serde_json::{Value, json};
use site::Site;

/// What a command said, and how it ended.
fn actions(site: &Site, args: &[&str]) -> (i32, String) {
    let done = site.command(&[&["actions"], args].concat()).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn open(site: &Site) -> Vec<Value> {
    site.json(&["actions", "list", "--format", "json"]).as_array().unwrap().clone()
}

#[test]
fn an_action_is_carried_over_until_it_is_closed() {
    let site = Site::quick();
    let daemon = site.start_and_wait();
    let (code, said) = actions(
        &site,
        &["add", "Teach modifier 25", "--owner", "coding", "--training", "2026-11-30", "--carc", "4"],
    );
    assert_eq!((code, said.contains("for coding, due 2026-11-30")), (0, true), "{said}");
    assert_eq!(actions(&site, &["add", "  ", "--owner", "coding"]).0, 2);
    let (code, said) = actions(&site, &["add", "Call", "--owner", "sales"]);
    assert_eq!((code, said.contains("front-desk")), (2, true), "{said}");
    daemon.stop();

    let action = open(&site).remove(0);
    assert_eq!((&action["what"], &action["from"]), (&json!("Teach modifier 25"), &json!("2026-11-30")));
    assert_eq!(action["about"], json!({ "carc": "4" }));
    let id = action["id"].as_str().unwrap();
    for segment in fs::read_dir(site.path("state/journal")).unwrap() {
        let text = String::from_utf8_lossy(&fs::read(segment.unwrap().path()).unwrap()).into_owned();
        assert!(!text.contains("Teach modifier"), "what people write lies in the archive");
    }
    let (code, said) = actions(&site, &["close", id, "--note", "12 came"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = actions(&site, &["close", id, "--note", "again"]);
    assert_eq!((code, said.contains("was closed on")), (2, true), "{said}");
    assert_eq!(open(&site), [] as [Value; 0]);
    let (_, said) = actions(&site, &["list", "--all"]);
    assert!(said.contains("Teach modifier 25"), "{said}");
    let all = site.json(&["actions", "list", "--all", "--format", "json"]);
    assert_eq!(all[0]["closed"]["note"], "12 came");
}

#[test]
fn what_a_pack_proposes_is_taken_over_once() {
    let site = Site::quick();
    assert!(site.once().status.success());
    let pack = json!({ "version": 1, "next": { "said": "", "list": [
        { "what": "CO-197 at A: ask before.", "owner": "authorisation", "due": "2026-11-30", "proposed": true,
          "proposal": "A/197@2026-W46", "about": { "payer": "A", "carc": "197" } },
        { "what": "Call payer A", "owner": "billing" },
        { "what": "Known before", "owner": "coding", "due": "2026-11-30", "proposed": false, "id": "01ABC" },
    ] } });
    fs::write(site.path("pack.json"), pack.to_string()).unwrap();
    let (code, said) = actions(&site, &["import", "pack.json"]);
    assert_eq!((code, said.lines().count()), (0, 2), "{said}");
    let (code, said) = actions(&site, &["import", "pack.json"]);
    assert_eq!((code, said.as_str()), (0, "Nothing new is in it.\n"));
    assert_eq!(open(&site).len(), 2);
    assert_eq!(open(&site)[0]["about"], json!({ "payer": "A", "carc": "197" }));
    fs::write(site.path("pack.json"), "{}").unwrap();
    assert_eq!(actions(&site, &["import", "pack.json"]).0, 2);
}

#[test]
fn the_journal_knows_when_edits_changed() {
    let site = Site::quick();
    let listed = |site: &Site| {
        let records = site.command(&["journal", "export"]).output().unwrap();
        let text = String::from_utf8(records.stdout).unwrap();
        text.lines().filter(|line| line.contains("edits_in_force")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(site.once().status.success());
    assert_eq!(listed(&site).len(), 1);
    assert!(listed(&site)[0].contains(r#"["E3-001","stop "#), "{}", listed(&site)[0]);
    assert!(site.once().status.success());
    assert_eq!(listed(&site).len(), 1, "the same edits are told once");
    let payers = site.path("payers");
    fs::create_dir(&payers).unwrap();
    fs::copy("config/payers/sample-medicare.toml", payers.join("sample-medicare.toml")).unwrap();
    assert!(site.once().status.success());
    assert_eq!(listed(&site).len(), 2, "a payer's pack changes edits");
    assert!(listed(&site)[1].contains(r#"["E5-013@"#), "{}", listed(&site)[1]);
}
