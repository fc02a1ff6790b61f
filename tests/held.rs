//! Held claims with the real binary: corrected, released, overridden, voided, given on, sent anew; nothing leaves twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::collections::HashMap;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use claimloop::acks::read::{Answer, read};
use serde_json::{Value, json};
use site::{Site, claims, sample};

/// A site where every claim of these samples is scrubbed; holds by CLM01.
fn held(names: &[&str]) -> (Site, HashMap<String, String>) {
    let site = Site::quick();
    for name in names {
        site.drop_file("outbound", name, &sample(name));
    }
    assert!(site.once().status.success());
    let holds = by_claim(&site);
    (site, holds)
}

fn by_claim(site: &Site) -> HashMap<String, String> {
    let text = |h: &Value, key: &str| h[key].as_str().unwrap().to_owned();
    site.held().as_array().unwrap().iter().map(|h| (text(h, "claim"), text(h, "id"))).collect()
}

/// A decision: its exit code and what it said.
fn decide(site: &Site, args: &[&str]) -> (i32, String) {
    let done = site.command(&[&["held"], args].concat()).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn show(site: &Site, id: &str) -> Value {
    site.json(&["held", "show", id, "--format", "json"])
}

fn released(site: &Site) -> Vec<Vec<u8>> {
    let clean = site.published("clean").into_iter();
    clean.filter(|(name, _)| name.starts_with("released-")).map(|(_, bytes)| bytes).collect()
}

#[test]
fn a_corrected_claim_leaves_once_in_an_interchange_of_ours() {
    let (site, holds) = held(&["837p-three-claims-one-off.edi"]);
    let id = holds["CLAIM-TWO"].as_str();
    let (code, said) = decide(&site, &["release", id, "--reason", "as it is"]);
    assert_eq!((code, said.contains("E3-001 still stops it")), (2, true), "{said}");
    let (code, said) = decide(&site, &["fix", id, "2300/CLM02=126.50"]);
    assert_eq!((code, said.contains("still reject[E3-001]")), (0, true), "{said}");
    let (code, said) = decide(&site, &["fix", id, "2300/CLM02=125", "--version", "1"]);
    assert_eq!((code, said.contains("at version 2 now")), (2, true), "{said}");
    assert_eq!(decide(&site, &["fix", id, "2300/CLM02=125", "--version", "2"]).0, 0);
    let shown = show(&site, id);
    assert!(shown["x12"].as_str().unwrap().starts_with("CLM*CLAIM-TWO*126*"), "{shown}");
    assert!(shown["x12_now"].as_str().unwrap().starts_with("CLM*CLAIM-TWO*125*"), "{shown}");
    assert_eq!((&shown["version"], &shown["findings"]), (&json!(3), &json!([])));
    assert_eq!(decide(&site, &["release", id, "--reason", "total corrected"]).0, 0);
    let (code, said) = decide(&site, &["release", id, "--reason", "once more"]);
    assert_eq!((code, said.contains("about to leave")), (2, true), "{said}");
    assert!(released(&site).is_empty(), "nothing leaves before the daemon's round");

    assert!(site.once().status.success());
    let out = released(&site);
    assert_eq!(out.len(), 1);
    assert_eq!(claims(&out[0]), ["CLAIM-TWO"]);
    let text = String::from_utf8(out[0].clone()).unwrap();
    assert!(text.contains("*900000001*0*P*:~") && text.contains("IEA*1*900000001~"), "{text}");
    assert!(text.contains("CLM*CLAIM-TWO*125***") && text.contains("BHT*0019*00*CL01"), "{text}");
    // But for the corrected element every segment of the claim is the sender's.
    let sent = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    let own = |text: &str| -> Vec<String> {
        let from = text.find("CLM*CLAIM-TWO").unwrap();
        let own = text[from..]
            .split('~')
            .map(str::trim)
            .take_while(|s| !s.starts_with("HL") && !s.starts_with("SE"));
        own.map(str::to_owned).collect()
    };
    let mut expected = own(&sent);
    expected[0] = expected[0].replace("*126*", "*125*");
    assert_eq!(own(&text), expected);
    let corrections: Vec<_> =
        site.published("acks").into_iter().filter(|(name, _)| name.contains(".corrections.")).collect();
    assert_eq!(corrections.len(), 2, "as CSV and as JSON");
    let csv = String::from_utf8(corrections[0].1.clone()).unwrap();
    assert!(csv.contains("CLAIM-TWO,2300/CLM02,126,126.50,uid ") && csv.contains("126.50,125,uid "), "{csv}");

    assert!(site.once().status.success());
    assert_eq!(released(&site).len(), 1, "once");
    assert_eq!(site.held(), json!([]));
    assert_eq!(show(&site, id)["status"], "sent");
    let (code, said) = decide(&site, &["void", id, "--reason", "too late"]);
    assert_eq!((code, said.contains("has left")), (2, true), "{said}");
}

#[test]
fn what_is_missing_is_put_where_the_guide_wants_it() {
    let (site, holds) = held(&["837p-no-tax-id.edi"]);
    let id = holds["CLAIM-A"].as_str();
    for (wrong, why) in [
        ("2010AA/REF[EI]02=1*2", "separator"),
        ("2400/SV102=1", "names 2 places"),
        ("2310A/NM109=1000000012", "no such loop"),
        ("2010AA/NM1=X", "whole segment"),
        ("2300/ZZZ01=1", "holds no ZZZ"),
        ("nothing=1", "is not loop/SEGMENT"),
        ("ST/SE01=1", "counted by claimloop"),
    ] {
        let (code, said) = decide(&site, &["fix", id, wrong]);
        assert!(code == 2 && said.contains(why), "{wrong}: {said}");
    }
    assert_eq!(show(&site, id)["version"], 1, "what is refused leaves no trace");
    // As lines of standard input, where no list of processes shows them.
    let mut fix = site.command(&["held", "fix", id, "--stdin"]);
    let mut fix = fix.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    fix.stdin.take().unwrap().write_all(b"2010AA/REF[EI]02=129900001\n\n2400[2]/SV102=50\n").unwrap();
    assert!(fix.wait().unwrap().success());
    assert_eq!(decide(&site, &["release", id, "--reason", "tax id added"]).0, 0);
    assert!(site.once().status.success());
    let text = String::from_utf8(released(&site).remove(0)).unwrap();
    let order = text.find("N4*SPRINGFIELD").unwrap() < text.find("REF*EI*129900001~").unwrap();
    assert!(order && text.contains("REF*EI*129900001~\nHL*2*1*22*0~"), "{text}");
}

#[test]
fn claims_of_several_files_leave_together_each_in_a_set_of_its_own() {
    let (site, holds) =
        held(&["837p-three-claims-one-off.edi", "837p-no-tax-id.edi", "837i-total-differs.edi"]);
    decide(&site, &["fix", &holds["CLAIM-TWO"], "2300/CLM02=125"]);
    decide(&site, &["fix", &holds["CLAIM-A"], "2010AA/REF[EI]02=129900001"]);
    let total = show(&site, &holds["CLAIM-I"])["findings"][0]["message"].as_str().unwrap().to_owned();
    let sum = total.rsplit('$').next().unwrap().trim_end_matches('.').to_owned();
    decide(&site, &["fix", &holds["CLAIM-I"], &format!("2300/CLM02={sum}")]);
    for id in holds.values() {
        let (code, said) = decide(&site, &["release", id, "--reason", "corrected"]);
        assert_eq!(code, 0, "{said}");
    }
    assert!(site.once().status.success());
    let out = released(&site);
    assert_eq!(out.len(), 2, "one for each guide");
    // Claims follow one another as their files were taken, and files dropped in one tick in either order.
    let mut all: Vec<Vec<String>> = out.iter().map(|bytes| claims(bytes)).collect();
    all.iter_mut().for_each(|claims| claims.sort());
    all.sort();
    assert_eq!(all, [vec!["CLAIM-A".to_owned(), "CLAIM-TWO".into()], vec!["CLAIM-I".to_owned()]]);
    let numbers: Vec<bool> = ["900000001", "900000002"]
        .iter()
        .map(|n| {
            out.iter().filter(|o| String::from_utf8_lossy(o).contains(&format!("*{n}*0*P"))).count() == 1
        })
        .collect();
    assert_eq!(numbers, [true, true]);
    for (name, _) in site.published("clean").iter().filter(|(name, _)| name.starts_with("released-")) {
        let path = site.spool("clean").join(name);
        let report = site.json(&["scrub", path.to_str().unwrap(), "--format", "json"]);
        assert_eq!((&report["claims"]["held"], &report["findings"]), (&json!(0), &json!([])), "{report}");
    }
}

#[test]
fn only_what_may_be_overridden_is() {
    let (site, holds) = held(&["837p-short-zip.edi", "837p-icd10-not-a-code.edi"]);
    let id = holds["CLAIM-A"].as_str();
    let (code, said) = decide(&site, &["override", id, "--code", "known", "--note", "they take it"]);
    assert_eq!((code, said.contains("only a correction ends the hold (E2-005)")), (2, true), "{said}");
    let (code, said) = decide(&site, &["void", id, "--reason", " "]);
    assert_eq!((code, said.contains("say why")), (2, true), "{said}");
    assert_eq!(decide(&site, &["void", id, "--reason", "never to be sent"]).0, 0);
    let id = holds["HEADER-CODE"].as_str();
    assert_eq!(decide(&site, &["assign", id, "nobody"]).0, 2);
    assert_eq!(decide(&site, &["assign", id, "clinical"]).0, 0);
    assert_eq!(show(&site, id)["owner"], "clinical");
    assert!(site.once().status.success());
    assert!(released(&site).is_empty());
    assert!(!by_claim(&site).contains_key("CLAIM-A"), "voided");
}

/// Two visits of one patient on one day: the second line says what the first says, which may be overridden.
fn doubled() -> Vec<u8> {
    let text = String::from_utf8(sample("837p-one-line.edi")).unwrap();
    let twice = text.replace("SV1*HC:93000*50*UN*1***1~", "SV1*HC:99213*100*UN*1***1:2~");
    twice.replace("CLM*CLAIM-A*150*", "CLM*CLAIM-A*200*").into_bytes()
}

#[test]
fn an_overridden_claim_leaves_with_its_finding_on_record() {
    let site = Site::quick();
    site.drop_file("outbound", "twice.edi", &doubled());
    assert!(site.once().status.success());
    let (claim, id) = by_claim(&site).into_iter().next().unwrap();
    assert_eq!(show(&site, &id)["overridable"], true);
    let (code, said) =
        decide(&site, &["override", &id, "--code", "two-visits", "--note", "two visits that day"]);
    assert_eq!(code, 0, "{said}");
    assert!(site.once().status.success());
    assert_eq!(claims(&released(&site)[0]), [claim.as_str()]);
    let shown = show(&site, &id);
    assert_eq!((&shown["status"], &shown["overridden"]), (&json!("sent"), &json!(["E6-035"])));
    let step = &shown["trail"][0]["decision"];
    assert_eq!((&step["what"], &step["code"]), (&json!("overridden"), &json!("two-visits")));
    let journal = std::fs::read(site.path("state/journal/0001.log")).unwrap();
    let text = String::from_utf8_lossy(&journal);
    assert!(text.contains("two-visits") && !text.contains("two visits that day"), "notes may tell of people");
}

#[test]
fn a_claim_sent_anew_ends_the_hold_of_the_old_one() {
    let (site, holds) = held(&["837p-three-claims-one-off.edi"]);
    let id = holds["CLAIM-TWO"].as_str();
    let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    let anew = |from: &str, to: &str, control: &str| {
        text.replace("000000107", control)
            .replace("CLM*CLAIM-TWO*126*", "CLM*CLAIM-TWO*125*")
            .replace(from, to)
    };
    // Another person under the same number, or another day, is another claim.
    site.drop_file("outbound", "other.edi", anew("19820714", "19820715", "000000108").as_bytes());
    site.drop_file("outbound", "day.edi", anew("D8*20261008", "D8*20261009", "000000109").as_bytes());
    assert!(site.once().status.success());
    assert_eq!(show(&site, id)["status"], "open");
    // Whatever was decided so far: it must not leave as well.
    decide(&site, &["fix", id, "2300/CLM02=125"]);
    assert_eq!(decide(&site, &["release", id, "--reason", "corrected here as well"]).0, 0);
    site.drop_file("outbound", "anew.edi", anew("SAMPLE1002", "SAMPLE1002", "000000110").as_bytes());
    assert!(site.once().status.success());
    assert_eq!((&show(&site, id)["status"], released(&site).len()), (&json!("replaced"), 0));

    let (site, holds) = held(&["837p-three-claims-one-off.edi"]);
    let id = holds["CLAIM-TWO"].as_str();
    site.drop_file("outbound", "anew.edi", anew("SAMPLE1002", "SAMPLE1002", "000000110").as_bytes());
    assert!(site.once().status.success());
    let shown = show(&site, id);
    assert_eq!(shown["status"], "replaced", "{shown}");
    assert_eq!(shown["trail"][0]["actor"], "claimloop");
    assert_eq!(decide(&site, &["release", id, "--reason", "late"]).0, 2);
    assert_eq!(site.held(), json!([]));
}

/// A site with one held claim of three, and its id.
fn answering(settings: &str) -> (Site, String) {
    let site = Site::quick();
    let config = std::fs::read_to_string(site.path("claimloop.toml")).unwrap();
    std::fs::write(site.path("claimloop.toml"), format!("acks = \"all\"\n{settings}{config}")).unwrap();
    site.drop_file("outbound", "three.edi", &sample("837p-three-claims-one-off.edi"));
    assert!(site.once().status.success());
    let id = by_claim(&site).remove("CLAIM-TWO").unwrap_or_default();
    (site, id)
}

/// What 277CAs said so far: claim, action, category.
fn told(site: &Site) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for (_, bytes) in site.published("acks").into_iter().filter(|(name, _)| name.ends_with(".edi")) {
        let each = &mut |answer| {
            if let Answer::Claim(c) = answer {
                all.push((c.claim, c.action, c.statuses[0].0.clone()));
            }
        };
        read(bytes.as_slice(), each).unwrap();
    }
    all
}

fn accounted_for(site: &Site) {
    let done = site.command(&["reconcile", "--state", "state"]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[test]
fn the_277ca_of_a_set_waits_for_the_last_decision_and_is_given_once() {
    let said = |second: [&str; 2]| {
        let line = |claim: &str, [action, category]: [&str; 2]| {
            (claim.to_owned(), action.to_owned(), category.to_owned())
        };
        [line("CLAIM-ONE", ["WQ", "A0"]), line("CLAIM-TWO", second), line("CLAIM-THREE", ["WQ", "A0"])]
    };
    let (site, id) = answering("");
    assert!(told(&site).is_empty(), "it waits");
    assert_eq!(decide(&site, &["fix", &id, "2300/CLM02=125"]).0, 0);
    assert_eq!(decide(&site, &["release", &id, "--reason", "total corrected"]).0, 0);
    assert!(site.once().status.success());
    assert_eq!((told(&site), released(&site).len()), (said(["WQ", "A0"]).to_vec(), 1));
    assert!(site.once().status.success());
    assert_eq!(told(&site).len(), 3, "once");
    accounted_for(&site);
    let answers = site.published("acks").into_iter().filter(|(name, _)| name.starts_with("three-")).count();
    assert_eq!(answers, 2, "the 999 at once, the 277CA later");

    let (site, id) = answering("");
    assert_eq!(decide(&site, &["void", &id, "--reason", "not ours"]).0, 0);
    assert!(site.once().status.success());
    assert_eq!(told(&site), said(["U", "A7"]));
    accounted_for(&site);

    // It can wait no longer: what leaves later is not told again.
    let (site, id) = answering("answer_within = \"0s\"\n");
    assert_eq!(told(&site), said(["U", "A7"]));
    assert_eq!(decide(&site, &["fix", &id, "2300/CLM02=125"]).0, 0);
    assert_eq!(decide(&site, &["release", &id, "--reason", "total corrected"]).0, 0);
    assert!(site.once().status.success());
    assert_eq!((told(&site).len(), released(&site).len()), (3, 1));
    accounted_for(&site);
}

#[test]
fn a_claim_that_was_sent_back_is_nobodys_here() {
    let (site, _) = answering("held_means = \"send-back\"\n");
    assert_eq!(told(&site).len(), 3, "at once");
    assert_eq!(site.held(), json!([]));
    let all = site.json(&["held", "list", "--all", "--format", "json"]);
    assert_eq!(all[0]["status"], "sent-back", "{all}");
    let (code, said) = decide(&site, &["void", all[0]["id"].as_str().unwrap(), "--reason", "why"]);
    assert_eq!((code, said.contains("went back")), (2, true), "{said}");
    accounted_for(&site);
}

/// Where what had to be corrected is what a claim is known by, a person says which one it is.
#[test]
fn a_person_links_a_claim_that_was_sent_anew_under_another_number() {
    let (site, holds) = held(&["837p-three-claims-one-off.edi"]);
    let id = holds["CLAIM-TWO"].as_str();
    let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    let anew = text.replace("000000107", "000000111").replace("CLAIM-", "ANEW-");
    let anew = anew.replace("CLM*ANEW-TWO*126*", "CLM*ANEW-TWO*125*");
    site.drop_file("outbound", "anew.edi", anew.as_bytes());
    assert!(site.once().status.success());
    assert_eq!(show(&site, id)["status"], "open", "nobody can tell");
    let export = site.command(&["journal", "export"]).output().unwrap().stdout;
    let received = |line: &&str| line.contains("\"received\"") && line.contains("anew.edi");
    let export = String::from_utf8(export).unwrap();
    let record: Value = serde_json::from_str(export.lines().find(received).unwrap()).unwrap();
    let file = record["file"].as_str().unwrap();
    for (wrong, position) in [("01JD0000000000000000000000", "2"), (file, "9")] {
        assert_eq!(decide(&site, &["link", id, "--file", wrong, "--position", position]).0, 2);
    }
    assert_eq!(decide(&site, &["link", id, "--file", file, "--position", "2"]).0, 0);
    let shown = show(&site, id);
    assert_eq!(shown["status"], "replaced", "{shown}");
    assert!(shown["trail"][0]["actor"].as_str().unwrap().starts_with("uid "), "{shown}");
    assert_eq!(decide(&site, &["release", id, "--reason", "late"]).0, 2);
    assert!(site.command(&["reconcile"]).output().unwrap().status.success());
}

#[test]
fn decisions_through_the_daemon_are_those_of_the_command() {
    let (site, holds) = held(&["837p-three-claims-one-off.edi"]);
    let daemon = site.start_and_wait();
    let id = holds["CLAIM-TWO"].as_str();
    let fixed = site.json(&["held", "fix", id, "2300/CLM02=125", "--format", "json"]);
    assert_eq!(
        (&fixed["version"], &fixed["status"], &fixed["findings"]),
        (&json!(2), &json!("open"), &json!([]))
    );
    assert_eq!(decide(&site, &["release", id, "--reason", "ok"]).0, 0);
    site.until("the released claim leaves", || !released(&site).is_empty());
    site.until("the file is done", || show(&site, id)["status"] == "sent" && site.settled());
    assert_eq!(daemon.stop(), Some(0));
    let index = show(&site, id);
    std::fs::remove_dir_all(site.path("state/index")).unwrap();
    assert_eq!(show(&site, id), index, "rebuilt as it was");
}

#[test]
fn a_kill_at_any_moment_neither_loses_nor_doubles_a_released_claim() {
    let (site, holds) = held(&["837p-three-claims-one-off.edi", "837p-no-tax-id.edi"]);
    decide(&site, &["fix", &holds["CLAIM-TWO"], "2300/CLM02=125"]);
    decide(&site, &["fix", &holds["CLAIM-A"], "2010AA/REF[EI]02=129900001"]);
    for id in holds.values() {
        assert_eq!(decide(&site, &["release", id, "--reason", "corrected"]).0, 0);
    }
    for n in 0..25 {
        let mut daemon = site.start();
        std::thread::sleep(Duration::from_millis(10 + 4 * n));
        daemon.0.kill().unwrap();
        daemon.0.wait().unwrap();
    }
    assert!(site.once().status.success(), "{}", site.log());
    let mut left: Vec<String> = released(&site).iter().flat_map(|bytes| claims(bytes)).collect();
    left.sort();
    assert_eq!(left, ["CLAIM-A", "CLAIM-TWO"]);
}
