//! Input and senders that misbehave: each case was found by reading or running, and must not lose, double or alter a
//! claim, nor stop the files behind it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;
use std::io::Write;
use std::time::Duration;

use claimloop::edits::EditSet;
use claimloop::scrub::partition::{partition, reads_back};
use claimloop::scrub::states;
use claimloop::scrub::{self, Other, Report, Settings};
use serde_json::json;
use site::{Site, claims, sample};

fn text(name: &str) -> String {
    String::from_utf8(sample(name)).unwrap()
}

/// Report and clean bytes; what leaves must read back.
fn scrubbed(bytes: &str) -> (Report, String) {
    let edits = EditSet::shipped().unwrap();
    let settings = Settings { today: jiff::civil::date(2026, 11, 21), threads: 1, other: Other::Pass };
    let source = bytes.as_bytes().to_vec();
    let (report, survey) = scrub::scrub(&source, &edits, settings).unwrap();
    let mut out = Vec::new();
    let written = partition(&source, &survey, &states(&report.verdicts), &mut out).unwrap();
    assert_eq!(written.claims, report.claims.clean);
    if !out.is_empty() {
        assert!(
            reads_back(&out, report.claims.clean, claimloop::edits::Tolerances::default()).unwrap(),
            "{}",
            String::from_utf8_lossy(&out)
        );
    }
    (report, String::from_utf8(out).unwrap())
}

/// The segments of one interchange, its ISA to its IEA.
fn segments(text: &str) -> Vec<String> {
    text.split("~\n").filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

fn joined(segments: &[String]) -> String {
    segments.iter().map(|s| format!("{s}~\n")).collect()
}

/// Renumbers SE01.
fn recounted(mut all: Vec<String>) -> String {
    let mut n = 0;
    for segment in &mut all {
        n += 1;
        if segment.starts_with("ST*") {
            n = 1;
        } else if segment.starts_with("SE*") {
            let control = segment.rsplit('*').next().unwrap().to_owned();
            *segment = format!("SE*{n}*{control}");
        }
    }
    joined(&all)
}

#[test]
fn a_trailer_without_elements_ends_its_interchange_all_the_same() {
    let good = text("837p-clean.edi");
    let bare = good.replace("IEA*1*", "IEA~\nGS*").split("GS*0").next().unwrap().to_owned();
    assert!(bare.ends_with("IEA~\n"));
    // What stands between the bare IEA and the next ISA belongs to nothing.
    let inner: String = joined(&segments(&good)[1..segments(&good).len() - 1]).replace("CLAIM-A", "GHOST");
    let (report, out) = scrubbed(&format!("{bare}{inner}{}", good.replace("CLAIM-A", "REAL")));
    assert_eq!((report.claims.clean, claims(out.as_bytes())), (1, vec!["REAL".to_owned()]));
    assert!(out.starts_with("ISA*") && !out.contains("GHOST"));
}

#[test]
fn a_group_trailer_of_a_refused_interchange_does_not_leak() {
    let first = text("837p-three-claims-one-off.edi");
    let second: Vec<String> =
        segments(&text("837p-clean.edi")).into_iter().filter(|s| !s.starts_with("GS*")).collect();
    let (report, out) = scrubbed(&format!("{first}{}", joined(&second)));
    assert_eq!((report.claims.clean, report.claims.held, report.claims.rejected), (2, 1, 1));
    assert!(out.trim_end().ends_with('~') && out.matches("GE*").count() == 1, "{out}");
}

#[test]
fn blanks_before_a_file_of_which_nothing_leaves_leave_nothing() {
    for lead in ["\n", "\u{feff}", " \r\n"] {
        let (report, out) = scrubbed(&format!("{lead}{}", text("837p-short-zip.edi")));
        assert_eq!((report.claims.held, out.as_str()), (1, ""));
        let (_, out) = scrubbed(&format!("{lead}{}", text("837p-clean.edi")));
        assert_eq!(out, format!("{lead}{}", text("837p-clean.edi")), "and leave with one that is clean");
    }
}

#[test]
fn a_claim_set_in_a_remittance_group_is_refused_not_passed() {
    let claims = segments(&text("837p-clean.edi"));
    let at = |id: &str| claims.iter().position(|s| s.starts_with(id)).unwrap();
    let set: Vec<String> = claims[at("ST*")..=at("SE*")]
        .iter()
        .map(|s| s.replace("005010X222A1", "005010X221A1").replace("*0001", "*0002"))
        .collect();
    let mut answer = segments(&text("835-balanced.edi"));
    let se = answer.iter().position(|s| s.starts_with("SE*")).unwrap();
    answer.splice(se + 1..se + 1, set);
    let answer: String = joined(&answer).replace("GE*1*", "GE*2*");
    let (report, out) = scrubbed(&answer);
    assert_eq!((report.claims.r#in, report.claims.rejected), (1, 1));
    assert!(out.contains("ST*835*") && !out.contains("CLM*"), "{out}");
}

#[test]
fn a_patient_without_claims_never_moves_to_another_family() {
    // Subscriber 2 (clean), subscriber 3 (one dollar off) with a patient below who has no claim.
    let all = segments(&text("837p-three-claims-one-off.edi"));
    let third = all.iter().position(|s| s.starts_with("HL*4*")).unwrap();
    let mut with = all.clone();
    with.splice(
        third..third,
        ["HL*4*3*23*0".to_owned(), "PAT*19".to_owned(), "NM1*QC*1*TESTER*LOST".to_owned()],
    );
    let with: Vec<String> = with
        .into_iter()
        .map(|s| s.replace("HL*3*1*22*0", "HL*3*1*22*1").replace("HL*4*1*22*0", "HL*5*1*22*0"))
        .collect();
    let (report, out) = scrubbed(&recounted(with));
    assert_eq!((report.claims.clean, report.claims.held), (2, 1), "{:?}", report.rejections);
    assert!(!out.contains("LOST"), "the patient went with the subscriber: {out}");
    assert_eq!(out.matches("HL*").count(), 3);
}

#[test]
fn a_broken_hierarchy_without_claims_is_told() {
    let mut all = segments(&text("837p-clean.edi"));
    let se = all.iter().position(|s| s.starts_with("SE*")).unwrap();
    all.insert(se, "HL*9*77*22*1".to_owned());
    let (report, out) = scrubbed(&recounted(all));
    assert_eq!((report.claims.rejected, out.as_str()), (1, ""));
    assert!(
        report.rejections.iter().any(|r| r.edit == "E1-009" && r.level == "transaction set"),
        "{:?}",
        report.rejections
    );
}

#[test]
fn a_stray_claim_behind_a_set_leaves_the_set_its_bytes() {
    let clean = text("837p-clean.edi").replace("SE*", "SE*00");
    let stray = text("837p-one-line.edi")
        .replace("SE*", "CLM*STRAY*1~\nSE*")
        .replace("ST*837*0001*005010X222A1~\n", "");
    let (report, out) = scrubbed(&format!("{clean}{stray}"));
    assert!(report.claims.rejected > 0);
    assert_eq!(out, clean, "byte for byte");
}

#[test]
fn a_flood_of_misplaced_segments_is_told_once() {
    let good = text("837p-clean.edi");
    let isa = good.split('~').next().unwrap();
    let (report, _) = scrubbed(&format!("{isa}~{}IEA*0*000000001~", "A~".repeat(100_000)));
    assert!(report.rejections.len() <= 3, "{}", report.rejections.len());
    assert!(report.rejections.iter().any(|r| r.message.contains("100000")), "{:?}", report.rejections);
    let hl = good.replacen("HL*1*", &format!("{}HL*1*", "HL~\n".repeat(100_000)), 1);
    let (report, _) = scrubbed(&hl);
    assert_eq!(report.claims.rejected, 1);
}

#[test]
fn a_claim_of_a_hundred_thousand_segments_is_no_trouble() {
    let all = segments(&text("837p-clean.edi"));
    let hi = all.iter().position(|s| s.starts_with("HI*")).unwrap();
    let lx = all.iter().position(|s| s.starts_with("DTP*472")).unwrap();
    let mut long = all.clone();
    long.splice(lx..lx, std::iter::repeat_n(all[lx].clone(), 80_000));
    long.splice(hi..hi, std::iter::repeat_n("HI*ABF:E119".to_owned(), 40_000));
    let begun = std::time::Instant::now();
    let (report, _) = scrubbed(&recounted(long));
    assert_eq!(report.claims.r#in, 1);
    // Quadratic, this took minutes; the limit is far above any noise.
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn what_a_sender_writes_after_the_file_was_taken_is_not_lost() {
    let site = Site::quick();
    let daemon = site.start_and_wait();
    let path = site.path("growing");
    let mut writer = fs::File::create(&path).unwrap();
    writer.write_all(&sample("837p-clean.edi")).unwrap();
    // Large enough that it is still being worked when the writer goes on.
    let made = [
        "simulate",
        "--claims",
        "30000",
        "--seed",
        "2",
        "--kind",
        "837p",
        "--end",
        "2026-11-15",
        "--out",
        "made",
    ];
    assert!(site.command(&made).status().unwrap().success());
    writer.write_all(&fs::read(site.path("made/claims.837")).unwrap()).unwrap();
    fs::rename(&path, site.spool("outbound").join("growing.edi")).unwrap();
    site.until("it is taken", || !site.spool("outbound").join("growing.edi").exists());
    let late = text("837p-one-line.edi").replace("CLAIM-A", "CLAIM-LATE");
    writer.write_all(late.as_bytes()).unwrap();
    drop(writer);
    site.until("all is done", || site.settled());
    assert_eq!(daemon.stop(), Some(0));
    let told = claims(late.as_bytes());
    let left: Vec<String> = site.published("clean").iter().flat_map(|(_, b)| claims(b)).collect();
    let back: Vec<String> = site.published("rejected").iter().flat_map(|(_, b)| claims(b)).collect();
    assert!(
        left.contains(&told[0]) != back.contains(&told[0]),
        "what came late left, or came back with a reason"
    );
    assert!(
        back.is_empty()
            || site.published("alerts").iter().any(|(_, b)| String::from_utf8_lossy(b).contains("rejected/"))
    );
    let unique: std::collections::BTreeSet<&String> = left.iter().collect();
    assert_eq!(unique.len(), left.len(), "nothing twice");
}

#[test]
fn a_file_that_can_not_be_worked_is_set_aside_and_the_next_goes_on() {
    let site = Site::quick();
    let bad = sample("837p-clean.edi");
    // Other bytes under its hash in the archive: its own can't be kept safe.
    fs::write(site.path("x.edi"), &bad).unwrap();
    let report = site.json(&["scrub", "x.edi", "--format", "json"]);
    let sha = report["sha256"].as_str().unwrap();
    fs::create_dir_all(site.path("state/archive").join(&sha[..2])).unwrap();
    fs::write(site.path("state/archive").join(&sha[..2]).join(sha), b"other bytes").unwrap();
    site.drop_file("outbound", "a-bad.edi", &bad);
    site.drop_file("outbound", "b-good.edi", &sample("837d-clean.edi"));
    let daemon = site.start_and_wait();
    site.until("all is done and told", || site.settled() && site.published("alerts").len() == 1);
    assert_eq!(daemon.stop(), Some(0));
    let rejected = site.published("rejected");
    assert!(
        rejected.iter().any(|(n, b)| n.starts_with("a-bad-") && *b == bad),
        "whole, for a person to look at"
    );
    let reason = rejected.iter().find(|(n, _)| n.ends_with(".reason.json")).unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&reason.1).unwrap()["outcome"], "quarantined");
    assert_eq!(site.published("clean").len(), 1, "the next file went on");
}

#[test]
fn a_file_on_another_file_system_is_copied_checked_and_removed() {
    let Ok(shm) = tempfile::tempdir_in("/dev/shm") else {
        println!("not run: /dev/shm can't be written");
        assert!(std::env::var_os("REQUIRE_ALL").is_none(), "every test must run here");
        return;
    };
    let site = Site::quick();
    let config = fs::read_to_string(site.path("claimloop.toml")).unwrap()
        + &format!("outbound = \"{}\"\n", shm.path().display());
    fs::write(site.path("claimloop.toml"), config).unwrap();
    fs::write(shm.path().join("a.edi"), sample("837p-three-claims-one-off.edi")).unwrap();
    assert!(site.once().status.success());
    assert_eq!(shm.path().read_dir().unwrap().count(), 0, "the original is removed");
    assert!(site.published("rejected").is_empty(), "and was not taken for a duplicate");
    assert_eq!(claims(&site.published("clean")[0].1), ["CLAIM-ONE", "CLAIM-THREE"]);
    assert_eq!(site.held().as_array().unwrap().len(), 1);
}

#[test]
fn a_hard_link_to_a_dropped_file_can_not_change_it_in_our_hands() {
    let site = Site::quick();
    let kept = site.path("kept.edi");
    fs::write(&kept, sample("837p-clean.edi")).unwrap();
    fs::hard_link(&kept, site.spool("outbound").join("a.edi")).unwrap();
    assert!(site.once().status.success());
    fs::write(&kept, b"changed later").unwrap();
    assert_eq!(site.published("clean")[0].1, sample("837p-clean.edi"));
}

#[test]
fn the_same_remittance_in_another_file_is_posted_once() {
    let site = Site::quick();
    let answer = sample("835-denies-claim-one.edi");
    site.drop_file("inbound", "a.835", &answer);
    assert!(site.once().status.success());
    let once = site.denials("payer,carc");
    site.drop_file("inbound", "b.835", &[answer.as_slice(), b"\n"].concat());
    let twice = String::from_utf8(answer).unwrap().replace("~\n", "~");
    site.drop_file("inbound", "c.835", twice.as_bytes());
    assert!(site.once().status.success());
    assert_eq!(site.published("delivered").len(), 3);
    assert_eq!((&site.denials("payer,carc"), &once["total"]["denials"]), (&once, &json!(2)));
}

#[test]
fn a_published_folder_that_was_replaced_is_not_taken_for_delivered() {
    let site = Site::quick();
    let daemon = site.start_and_wait();
    site.drop_file("outbound", "a.edi", &sample("837p-clean.edi"));
    site.until("it is done", || site.settled());
    assert_eq!(daemon.stop(), Some(0));
    // As after a crash between staging and naming, with the folder's share not mounted.
    let journal = site.path("state/journal/0001.log");
    let whole = fs::read(&journal).unwrap();
    let mut end = 0;
    let mut seen = Vec::new();
    while end < whole.len() {
        let len = u32::from_le_bytes(whole[end..end + 4].try_into().unwrap()) as usize;
        let body = String::from_utf8_lossy(&whole[end + 9..end + 8 + len]).into_owned();
        end += 8 + len;
        let staged = body.contains("\"staged\"");
        seen.push(body);
        if staged {
            break;
        }
    }
    fs::write(&journal, &whole[..end]).unwrap();
    fs::remove_dir_all(site.spool("clean")).unwrap();
    let received = seen.iter().find(|body| body.contains("\"received\"")).unwrap();
    let id = received.split("\"file\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    fs::create_dir_all(site.path("state/spool").join(&id)).unwrap();
    fs::write(site.path("state/spool").join(&id).join("raw"), sample("837p-clean.edi")).unwrap();
    let done = site.once();
    assert_eq!(done.status.code(), Some(3), "told, not passed over");
    assert!(site.path("state/spool").join(&id).exists(), "and still in our custody");
}
