//! No claim lost, none doubled: proved from journal and archive after a daemon's run, and disproved when somebody tampered.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::io;
use std::path::PathBuf;

use claimloop::archive::Archive;
use claimloop::history;
use claimloop::journal::{Decision, Journal, Outlet, Record, Settings, survey};
use claimloop::reconcile::{Evidence, Reconciliation, Story, reconcile};
use claimloop::scrub::{Source, Verdict};
use claimloop::world::World;
use serde_json::Value;
use site::{Site, claims, sample};

/// A site after a day: clean, held, rejected, duplicate and released claims, and an answer.
fn a_day() -> Site {
    let site = Site::quick();
    site.drop_file("outbound", "monday.edi", &sample("837p-three-claims-one-off.edi"));
    site.drop_file("outbound", "no-parent.edi", &sample("837p-hl-parent-missing.edi"));
    site.drop_file("outbound", "whole.edi", &sample("837p-clean.edi"));
    site.drop_file("outbound", "teeth.edi", &sample("837d-total-differs.edi"));
    site.drop_file("inbound", "answer.835", &sample("835-denies-claim-one.edi"));
    assert!(site.once().status.success(), "{}", site.log());
    site.drop_file("outbound", "tuesday.edi", &sample("837p-three-claims-one-off.edi"));
    assert!(site.once().status.success());
    let held = site.held();
    let ids: Vec<&str> = held.as_array().unwrap().iter().map(|h| h["id"].as_str().unwrap()).collect();
    let two = held.as_array().unwrap().iter().find(|h| h["claim"] == "CLAIM-TWO").unwrap();
    let (id, charge) = (two["id"].as_str().unwrap(), lines_of(&site, two["id"].as_str().unwrap()));
    let fix = format!("2300/CLM02={charge}");
    assert_eq!(site.command(&["held", "fix", id, &fix]).status().unwrap().code(), Some(0));
    let release = site.command(&["held", "release", id, "--reason", "corrected"]).output().unwrap();
    assert_eq!(release.status.code(), Some(0), "{}", String::from_utf8_lossy(&release.stderr));
    let other = ids.iter().find(|i| **i != id).unwrap();
    assert_eq!(
        site.command(&["held", "void", other, "--reason", "sent anew"]).status().unwrap().code(),
        Some(0)
    );
    assert!(site.once().status.success());
    let sent: Vec<String> = site.published("clean").iter().flat_map(|(_, b)| claims(b)).collect();
    assert!(sent.contains(&"CLAIM-TWO".to_owned()), "{sent:?}");
    site
}

/// What the lines of a held claim add up to, in dollars.
fn lines_of(site: &Site, id: &str) -> u64 {
    let shown = site.json(&["held", "show", id, "--format", "json"]);
    let text = shown["x12"].as_str().unwrap().to_owned();
    let lines = text.split('~').map(str::trim).filter(|s| s.starts_with("SV1*"));
    lines.map(|s| s.split('*').nth(2).unwrap().parse::<f64>().unwrap() as u64).sum()
}

fn records(site: &Site) -> Vec<Record> {
    let mut all = Vec::new();
    let seen = survey(&site.path("state/journal"), &mut |e| {
        all.push(e.record);
        Ok(())
    });
    assert!(seen.unwrap().damage.is_none());
    all
}

struct Folders(Archive, PathBuf);

impl Evidence for Folders {
    fn verdicts(&self, report: &str) -> io::Result<Box<dyn Iterator<Item = io::Result<Verdict>> + '_>> {
        Ok(Box::new(history::verdicts(&self.0, report)?))
    }
    fn verdict(&self, sha256: &str) -> io::Result<Verdict> {
        Ok(serde_json::from_slice(&self.0.read(sha256)?)?)
    }
    fn bytes(&self, sha256: &str) -> io::Result<Option<Box<dyn Source>>> {
        let source = self.0.source(sha256);
        Ok(source.path.try_exists()?.then(|| Box::new(source) as Box<dyn Source>))
    }
    fn is_sound(&self, sha256: &str) -> io::Result<bool> {
        self.0.is_sound(sha256)
    }
    fn is_in_spool(&self, file: &str) -> io::Result<bool> {
        self.1.join(file).try_exists()
    }
}

fn of(site: &Site, records: &[Record]) -> Reconciliation {
    let mut story = Story::default();
    records.iter().for_each(|r| story.add(r));
    let archive = Archive::open(&World::real(), site.path("state/archive")).unwrap();
    reconcile(story, &Folders(archive, site.path("state/spool"))).unwrap()
}

fn is(kind: &str, record: &Record) -> bool {
    serde_json::to_value(record).unwrap()["record"] == kind
}

#[test]
fn a_day_adds_up_and_no_tampering_does() {
    let site = a_day();
    let done = site.command(&["reconcile", "--format", "json"]).output().unwrap();
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((done.status.code(), &said["holds"]), (Some(0), &Value::Bool(true)), "{said:#}");
    let count = |name: &str| said[name]["claims"].as_u64().unwrap();
    let cents = |name: &str| said[name]["cents"].as_i64().unwrap();
    assert_eq!(count("in"), count("clean") + count("held") + count("rejected"));
    assert_eq!(cents("in"), cents("clean") + cents("held") + cents("rejected"));
    assert_eq!(count("held"), count("released") + count("voided") + count("still_held"));
    assert_eq!((count("released"), count("voided")), (1, 1));
    assert!(count("rejected") >= 1 && count("left") == count("clean"));
    assert!(cents("released") != cents("released_as"), "it was corrected");
    assert_eq!((&said["files"]["duplicates"], &said["files"]["released"]), (&1.into(), &1.into()));
    assert_eq!(said["outputs"]["recorded"], 0, "each was read, or made again: {}", said["outputs"]);
    let text = site.command(&["reconcile"]).output().unwrap();
    assert!(String::from_utf8_lossy(&text.stdout).contains("Every claim is accounted for, once."));

    // While a daemon runs it says the same.
    let daemon = site.start_and_wait();
    assert_eq!(site.json(&["reconcile", "--format", "json"])["in"], said["in"]);
    assert_eq!(daemon.stop(), Some(0));

    let all = records(&site);
    assert!(of(&site, &all).holds());
    // Any one of these records taken away loses something; said once more it doubles something.
    for kind in ["received", "verdicts", "held", "hold_changed", "release", "staged", "published"] {
        let places: Vec<usize> = (0..all.len()).filter(|i| is(kind, &all[*i])).collect();
        assert!(!places.is_empty(), "{kind}");
        for at in places {
            // An answer's way is another matter than claims.
            let file = all[at].file().unwrap_or_default().to_owned();
            if all.iter().any(|r| matches!(r, Record::Posted { file: f, .. } if *f == file)) {
                continue;
            }
            // What is not voided is held still: that adds up.
            let voided = matches!(&all[at], Record::HoldChanged { decision: Decision::Voided { .. }, .. });
            let mut without = all.clone();
            without.remove(at);
            let lost = of(&site, &without);
            assert_eq!(lost.holds(), voided, "without {:?}", all[at]);
            let mut twice = all.clone();
            twice.insert(at + 1, all[at].clone());
            assert!(!of(&site, &twice).holds(), "twice {:?}", all[at]);
        }
    }
    tampered(&site, &all);
    on_disk(&site, &all);
}

/// Records changed one by one.
fn tampered(site: &Site, all: &[Record]) {
    type Change = fn(&mut Record) -> bool;
    let changes: [(&str, Change); 6] = [
        ("a claim less in the count", |r| match r {
            Record::Verdicts { claims, .. } if claims.r#in > 0 => {
                claims.r#in -= 1;
                true
            }
            _ => false,
        }),
        ("a clean claim said to be held", |r| match r {
            Record::Verdicts { claims, .. } if claims.clean > 0 => {
                (claims.clean, claims.held) = (claims.clean - 1, claims.held + 1);
                true
            }
            _ => false,
        }),
        ("a hold at another claim", |r| match r {
            Record::Held { holds, .. } => {
                holds[0].position += 1;
                true
            }
            _ => false,
        }),
        ("what left as clean sent elsewhere", |r| match r {
            Record::Staged { outputs, .. } => match outputs.iter_mut().find(|o| o.outlet == Outlet::Clean) {
                Some(output) => {
                    output.outlet = Outlet::Rejected;
                    true
                }
                None => false,
            },
            _ => false,
        }),
        ("a version skipped", |r| match r {
            Record::HoldChanged { version, .. } => {
                *version += 1;
                true
            }
            _ => false,
        }),
        ("a file called a duplicate", |r| match r {
            Record::Received { duplicate_of, late_of: None, .. } if duplicate_of.is_none() => {
                *duplicate_of = Some("01JD0000000000000000000000".into());
                true
            }
            _ => false,
        }),
    ];
    for (what, change) in changes {
        let mut changed = all.to_vec();
        assert!(changed.iter_mut().any(change), "{what}: nothing to change");
        assert!(!of(site, &changed).holds(), "{what}");
    }
}

/// A journal written anew, whole and chained, without a hold; and bytes of the archive that were changed.
fn on_disk(site: &Site, all: &[Record]) {
    let journal = site.path("state/journal");
    std::fs::rename(&journal, site.path("before")).unwrap();
    let forged = Journal::open(&World::real(), &journal, Settings::default(), &mut |_| {}).unwrap();
    let lost = |r: &&Record| !is("held", r) && !is("hold_changed", r) && !is("release", r);
    for record in all.iter().filter(lost) {
        forged.append(vec![record.clone()]).unwrap();
    }
    drop(forged);
    assert_eq!(site.command(&["journal", "verify"]).status().unwrap().code(), Some(0), "the chain is whole");
    let done = site.command(&["reconcile"]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("without a hold") && said.contains("1 of $"), "{said}");
    assert!(!said.contains("CLAIM-"), "no claim is named: {said}");
    std::fs::remove_dir_all(&journal).unwrap();
    std::fs::rename(site.path("before"), &journal).unwrap();
    assert_eq!(site.command(&["reconcile"]).status().unwrap().code(), Some(0));

    let received = all.iter().find_map(|r| match r {
        Record::Received { name, sha256, .. } if name.expose() == "monday.edi" => Some(sha256.clone()),
        _ => None,
    });
    let received = received.unwrap();
    let path = site.path("state/archive").join(&received[..2]).join(&received);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 20]).unwrap();
    let done = site.command(&["reconcile"]).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stdout).contains("damaged"));
}

#[test]
fn it_adds_up_whenever_the_daemon_is_killed() {
    let site = Site::quick();
    let config = std::fs::read_to_string(site.path("claimloop.toml")).unwrap();
    let config = config.replace("dir = \"state\"\n", "dir = \"state\"\njournal_segment = 1500\n");
    std::fs::write(site.path("claimloop.toml"), config).unwrap();
    let sums = || site.json(&["reconcile", "--format", "json"]);
    let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    // Fewer kills than tries after which a file is set aside: where the machine is slow each may find the same one in work.
    for n in 0..8 {
        for m in 0..4 {
            let text = text.replace("CLAIM-", &format!("C{n}-{m}-"));
            site.drop_file("outbound", &format!("f{n}-{m}.edi"), text.as_bytes());
        }
        let mut daemon = site.start_and_wait();
        std::thread::sleep(std::time::Duration::from_millis(11 * n));
        daemon.0.kill().unwrap();
        daemon.0.wait().unwrap();
        let said = sums();
        assert_eq!(said["holds"], true, "after kill {n}: {said:#}");
        assert_eq!(site.command(&["journal", "verify"]).output().unwrap().status.code(), Some(0));
    }
    assert!(site.once().status.success(), "{}", site.log());
    let said = sums();
    assert_eq!((&said["holds"], &said["in"]["claims"]), (&true.into(), &(8 * 4 * 3).into()), "{said:#}");
    assert_eq!((&said["left"]["claims"], &said["still_held"]["claims"]), (&64.into(), &32.into()));
    assert_eq!((&said["files"]["in_work"], &said["outputs"]["recorded"]), (&0.into(), &0.into()));
    assert!(site.path("state/journal/0002.log.gz").exists());
}

#[test]
fn a_hold_that_two_claims_of_a_file_replace_is_ended_once() {
    let site = Site::quick();
    let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    site.drop_file("outbound", "monday.edi", text.as_bytes());
    assert!(site.once().status.success());
    assert_eq!(site.held().as_array().unwrap().len(), 1);
    let anew = |control: &str| {
        text.replace("000000107", control).replace("CLM*CLAIM-TWO*126*", "CLM*CLAIM-TWO*125*")
    };
    let twice = anew("000000108") + &anew("000000109");
    site.drop_file("outbound", "anew.edi", twice.as_bytes());
    let done = site.once();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(site.held().as_array().unwrap().iter().all(|h| h["file"] == "anew.edi"), "{}", site.held());
    let said = site.json(&["reconcile", "--format", "json"]);
    assert_eq!((&said["holds"], &said["replaced"]["claims"]), (&true.into(), &1.into()), "{said:#}");
    replaced_by_nothing(&site);
}

/// A hold may end for a claim that is there, and for no other.
fn replaced_by_nothing(site: &Site) {
    let all = records(site);
    let at = all.iter().position(|r| is("hold_changed", r)).unwrap();
    let Record::HoldChanged { hold, decision: Decision::Replaced { file, position }, .. } = &all[at] else {
        panic!("{:?}", all[at])
    };
    let holds = all.iter().find_map(|r| match r {
        Record::Held { file, holds, .. } if holds.iter().any(|h| h.id == *hold) => {
            Some((file, holds[0].position))
        }
        _ => None,
    });
    let (own, own_position) = holds.unwrap();
    let by = |file: &str, position: u64| {
        let mut changed = all.clone();
        let Record::HoldChanged { decision, .. } = &mut changed[at] else { unreachable!() };
        *decision = Decision::Replaced { file: file.to_owned(), position };
        changed
    };
    let differences = |records: &[Record]| -> Vec<String> {
        let wanted = "the claim that was sent anew in its place is not there";
        let of = of(site, records).differences.into_iter().filter(|d| d.what == wanted);
        of.map(|d| d.hold.unwrap()).collect()
    };
    assert!(differences(&by(file, *position)).is_empty());
    let mut aside = all.clone();
    aside.push(Record::Quarantined { file: file.clone(), reason: "why".to_owned() });
    let mut unjudged = all.clone();
    unjudged.retain(|r| !(is("verdicts", r) && r.file() == Some(file)));
    let nobody = by("01JD0000000000000000000000", 1);
    // A claim that was sent anew as itself is nowhere.
    for records in [by(file, 99), by(file, 0), nobody, by(own, own_position), aside, unjudged] {
        assert_eq!(differences(&records), std::slice::from_ref(hold));
    }
}

/// What is purged is what nobody needs: no held claim's file, none of an unanswered claim; and all still adds up, and can be folded anew.
#[test]
fn what_is_purged_is_what_nobody_needs() {
    let site = a_day();
    let hashes = || -> std::collections::BTreeSet<PathBuf> {
        let folders = std::fs::read_dir(site.path("state/archive")).unwrap().map(|e| e.unwrap().path());
        folders
            .filter(|f| f.is_dir())
            .flat_map(|f| f.read_dir().unwrap().map(|e| e.unwrap().path()))
            .collect()
    };
    let all = hashes();
    let purge = |before: &str, more: &[&str]| {
        site.json(&[&["purge", "--before", before, "--format", "json"], more].concat())
    };
    assert_eq!(purge("2020-01-01", &[])["purged"], 0);
    let would = purge("2100-01-01", &["--dry-run"]);
    assert_eq!(hashes(), all, "only said");
    // Claims without an answer, and those held still, keep their files.
    assert!(would["unanswered"].as_u64().unwrap() >= 1, "{would}");
    let held = site.held();
    let done = purge("2100-01-01", &[]);
    assert_eq!(done["purged"], would["purged"]);
    let gone = all.len() - hashes().len();
    assert_eq!(gone as u64, done["purged"].as_u64().unwrap());
    assert!(gone >= 1, "{done}");
    assert_eq!(site.held(), held);
    for hold in held.as_array().unwrap() {
        let sha256 = hold["sha256"].as_str().unwrap();
        assert!(site.path("state/archive").join(&sha256[..2]).join(sha256).is_file());
    }
    let sums = site.json(&["reconcile", "--format", "json"]);
    assert_eq!(sums["differences"].as_array().map(Vec::len), Some(0), "{sums}");
    assert!(sums["files"]["purged"].as_u64().unwrap() >= 1, "{sums}");
    shown_without_its_bytes(&site);
    let before = (site.held(), site.denials("payer,carc,claim"));
    site.json(&["rebuild", "--format", "json"]);
    assert_eq!((site.held(), site.denials("payer,carc,claim")), before);
    assert_eq!(purge("2100-01-01", &[])["purged"], 0);
    came_since(&site, &records(&site));
}

/// What was decided of a claim is known when its file is purged.
fn shown_without_its_bytes(site: &Site) {
    let all = site.json(&["held", "list", "--all", "--format", "json"]);
    let there = |hold: &Value| {
        let sha256 = hold["sha256"].as_str().unwrap();
        site.path("state/archive").join(&sha256[..2]).join(sha256).is_file()
    };
    let id = all.as_array().unwrap().iter().find(|h| !there(h)).unwrap()["id"].as_str().unwrap();
    // Names go with the file they stood in, now and when all is folded anew.
    let named = |all: &Value| {
        let named = |h: &&Value| !h["patient"].as_str().unwrap().is_empty();
        all.as_array().unwrap().iter().filter(named).map(&there).collect::<Vec<_>>()
    };
    assert!(!named(&all).is_empty() && named(&all).into_iter().all(|there| there), "{all:#}");
    site.json(&["rebuild", "--format", "json"]);
    assert_eq!(site.json(&["held", "list", "--all", "--format", "json"]), all);
    let shown = site.json(&["held", "show", id, "--format", "json"]);
    assert_eq!((&shown["x12"], &shown["x12_now"]), (&Value::Null, &Value::Null), "{shown:#}");
    assert!(shown["purged"]["actor"].as_str().unwrap().starts_with("uid "), "{shown:#}");
    assert!(!shown["trail"].as_array().unwrap().is_empty(), "{shown:#}");
    let text = site.command(&["held", "show", id]).output().unwrap();
    let said = String::from_utf8(text.stdout).unwrap();
    assert!(text.status.success() && said.contains("had its file purged on"), "{said}");
}

/// The same bytes that come again after a purge are not excused by it.
fn came_since(site: &Site, all: &[Record]) {
    let purged: Vec<&String> = all
        .iter()
        .flat_map(|r| if let Record::Purged { sha256, .. } = r { sha256.as_slice() } else { &[] })
        .collect();
    let of_purged = |r: &&Record| matches!(r, Record::Received { sha256, duplicate_of: None, .. } if purged.contains(&sha256));
    let file = all.iter().find(of_purged).and_then(Record::file).unwrap();
    let anew = all.iter().filter(|r| r.file() == Some(file)).map(|record| {
        let mut text = serde_json::to_string(record).unwrap().replace(file, "01ZZZZZZZZZZZZZZZZZZZZZZZZ");
        if let Record::Held { holds, .. } = record {
            holds.iter().for_each(|hold| text = text.replace(&hold.id, &format!("{}Z", hold.id)));
        }
        serde_json::from_str(&text.replace(r#""channel":"main""#, r#""channel":"other""#)).unwrap()
    });
    let again: Vec<Record> = all.iter().cloned().chain(anew).collect();
    let sums = of(site, &again);
    let what: Vec<&str> = sums.differences.iter().map(|d| d.what.as_str()).collect();
    assert_eq!(what, ["its bytes are in neither archive nor spool"]);
}
