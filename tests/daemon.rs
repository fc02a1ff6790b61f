//! The whole way with the real binary and real folders: claims in, clean out, held kept, a remittance read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;
use std::time::Duration;

use serde_json::json;
use site::{Site, claims, sample};

#[test]
fn a_file_of_three_claims_and_the_remittance_that_denies_one() {
    let site = Site::quick();
    let daemon = site.start_and_wait();
    let dropped = sample("837p-three-claims-one-off.edi");
    site.drop_file("outbound", "monday.edi", &dropped);
    site.until("the claims are done", || site.settled() && !site.published("clean").is_empty());

    let clean = site.published("clean");
    assert_eq!(clean.len(), 1);
    let (name, bytes) = &clean[0];
    assert!(
        name.starts_with("monday-") && name.ends_with(".edi") && name.len() == "monday-.edi".len() + 10,
        "{name}"
    );
    assert_eq!(claims(bytes), ["CLAIM-ONE", "CLAIM-THREE"]);
    let path = site.spool("clean").join(name);
    let again = site.json(&["scrub", path.to_str().unwrap(), "--format", "json"]);
    assert_eq!(again["claims"], json!({ "in": 2, "clean": 2, "held": 0, "rejected": 0 }));
    assert_eq!(again["findings"], json!([]));

    let held_while_running = site.held();
    let held = held_while_running.as_array().unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((&held[0]["claim"], &held[0]["findings"][0]["edit"]), (&json!("CLAIM-TWO"), &json!("E3-001")));
    assert_eq!(
        (&held[0]["file"], &held[0]["channel"], &held[0]["owner"]),
        (&json!("monday.edi"), &json!("main"), &json!("billing"))
    );
    let id = held[0]["id"].as_str().unwrap();
    let shown = site.json(&["held", "show", id, "--format", "json"]);
    assert!(shown["x12"].as_str().unwrap().starts_with("CLM*CLAIM-TWO*"), "{shown}");

    let remittance = sample("835-denies-claim-one.edi");
    site.drop_file("inbound", "answer.835", &remittance);
    site.until("the remittance is done", || site.settled() && !site.published("delivered").is_empty());
    assert_eq!(site.published("delivered")[0].1, remittance, "delivered byte for byte");
    let denials = site.denials("claim,carc,group");
    assert_eq!(denials["rows"][0]["claim"], "CLAIM-ONE");
    assert_eq!((&denials["rows"][0]["carc"], &denials["total"]["amount"]), (&json!("197"), &json!("150.00")));

    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(site.held(), held_while_running, "after the daemon as while it runs");
    assert_eq!(site.denials("claim,carc,group"), denials);
    assert!(site.published("rejected").is_empty() && site.published("alerts").is_empty());
}

#[test]
fn the_index_is_rebuilt_from_journal_and_archive() {
    let site = Site::quick();
    for name in ["837p-three-claims-one-off.edi", "837p-icd10-not-a-code.edi", "837d-total-differs.edi"] {
        site.drop_file("outbound", name, &sample(name));
    }
    for name in ["835-denies-claim-one.edi", "835-line-out-of-balance.edi", "835-reversal-and-correction.edi"]
    {
        site.drop_file("inbound", name, &sample(name));
    }
    assert!(site.once().status.success());
    let (held, denials) = (site.held(), site.denials("payer,carc,rarc,procedure,week,claim"));
    assert_eq!(held.as_array().unwrap().len(), 5);
    assert!(denials["total"]["denials"].as_i64().unwrap() >= 3, "{denials}");

    fs::remove_dir_all(site.path("state/index")).unwrap();
    let daemon = site.start_and_wait();
    let same = || (site.held(), site.denials("payer,carc,rarc,procedure,week,claim"));
    assert_eq!(same(), (held.clone(), denials.clone()));
    // Asked for: of the daemon, and without one.
    let records = site.json(&["rebuild", "--format", "json"])["records"].as_u64().unwrap();
    assert!(records > 20);
    assert_eq!(same(), (held.clone(), denials.clone()));
    assert_eq!(daemon.stop(), Some(0));
    // Alerts may have been written since.
    assert!(site.json(&["rebuild", "--format", "json"])["records"].as_u64() >= Some(records));
    assert_eq!(same(), (held.clone(), denials.clone()));

    // Folded by the same tables, it is not folded once more at the next start; nor is it an error that it isn't open at once.
    let log_before = site.log().len();
    let daemon = site.start_and_wait();
    assert_eq!(same(), (held.clone(), denials.clone()));
    assert_eq!(daemon.stop(), Some(0));
    let log = site.log();
    assert!(!log[log_before..].contains("index_folded") && !log.contains("writing alerts"), "{log}");

    // Gone while the daemon works: it goes on, and the next start folds it anew.
    let daemon = site.start_and_wait();
    fs::remove_dir_all(site.path("state/index")).unwrap();
    site.drop_file("outbound", "later.edi", &sample("837p-clean.edi"));
    let out = || site.published("clean").iter().any(|(name, _)| name.starts_with("later-"));
    site.until("claims go out all the same", out);
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(same(), (held.clone(), denials.clone()));

    // Damage, and the half-written snapshot that keeps this sled version from opening.
    fs::write(site.path("state/index/db"), b"not a database").unwrap();
    assert_eq!(
        (site.held(), site.denials("payer,carc,rarc,procedure,week,claim")),
        (held.clone(), denials.clone())
    );
    fs::write(site.path("state/index/snap.00000000FFFFFFFF.generating"), b"half").unwrap();
    assert_eq!((site.held(), site.denials("payer,carc,rarc,procedure,week,claim")), (held, denials));
}

#[test]
fn the_same_bytes_twice_are_sent_once_and_posted_once() {
    let site = Site::quick();
    let (out, answer) = (sample("837p-clean.edi"), sample("835-denies-claim-one.edi"));
    site.drop_file("outbound", "a.edi", &out);
    site.drop_file("inbound", "a.835", &answer);
    assert!(site.once().status.success());
    let denials = site.denials("payer,carc");
    site.drop_file("outbound", "b.edi", &out);
    site.drop_file("inbound", "b.835", &answer);
    assert!(site.once().status.success());
    assert_eq!(site.published("clean").len(), 1, "sent once");
    let rejected = site.published("rejected");
    assert_eq!(rejected.len(), 2, "the second drop and its reason");
    assert_eq!(rejected[0].1, out);
    let reason: serde_json::Value = serde_json::from_slice(&rejected[1].1).unwrap();
    assert_eq!(reason["outcome"], "duplicate");
    assert_eq!(site.published("delivered").len(), 2, "every inbound file is delivered");
    assert_eq!(site.denials("payer,carc"), denials, "posting twice changes nothing");
}

#[test]
fn same_named_drops_never_collide() {
    let site = Site::quick();
    for n in 0..5 {
        let text =
            String::from_utf8(sample("837p-clean.edi")).unwrap().replace("CLAIM-A", &format!("CLAIM-{n}"));
        site.drop_file("outbound", "claims.edi", text.as_bytes());
        assert!(site.once().status.success());
    }
    let all: Vec<String> = site.published("clean").iter().flat_map(|(_, b)| claims(b)).collect();
    assert_eq!(all.len(), 5, "{all:?}");
}

#[test]
fn bad_input_is_answered_and_the_next_file_goes_on() {
    let site = Site::quick();
    let whole = sample("837p-three-claims-one-off.edi");
    let mut long = sample("837p-clean.edi");
    let at = long.windows(4).position(|w| w == b"CLM*").unwrap();
    let filler = [b"NTE*ADD*".to_vec(), vec![b'X'; 50 << 20], b"~\n".to_vec()].concat();
    long.splice(at..at, filler);
    let bad: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty.edi", Vec::new(), "E1-001"),
        ("no-isa.edi", b"Dear payer, please find our claims attached.\n".to_vec(), "E1-001"),
        ("cut-in-segment.edi", whole[..900].to_vec(), "E1-003"),
        ("cut-before-iea.edi", sample("837p-truncated-before-iea.edi"), "E1-003"),
        ("wrong-iea-count.edi", sample("837p-wrong-iea01.edi"), "E1-003"),
        ("noise.edi", sample("binary-noise.bin"), "E1-001"),
        ("old-version.edi", sample("837p-4010.edi"), "E2-001"),
        ("long-segment.edi", long, "E1-005"),
    ];
    let daemon = site.start_and_wait();
    for (name, bytes, _) in &bad {
        site.drop_file("outbound", name, bytes);
    }
    site.drop_file("outbound", "two-delimiters.edi", &sample("837p-two-interchanges.edi"));
    site.drop_file("outbound", "no-parent.edi", &sample("837p-hl-parent-missing.edi"));
    site.drop_file("outbound", "z-good.edi", &sample("837p-clean.edi"));
    site.until("all is done", || site.settled());
    assert_eq!(daemon.stop(), Some(0));
    let rejected = site.published("rejected");
    for (name, bytes, edit) in &bad {
        let stem = name.trim_end_matches(".edi");
        let mine: Vec<_> = rejected.iter().filter(|(n, _)| n.starts_with(&format!("{stem}-"))).collect();
        let reason = mine
            .iter()
            .find(|(n, _)| n.ends_with(".reason.json"))
            .unwrap_or_else(|| panic!("{name} has no reason"));
        let reason: serde_json::Value = serde_json::from_slice(&reason.1).unwrap();
        let first = &reason["rejections"][0];
        assert_eq!(first["edit"], *edit, "{name}: {reason}");
        assert!(first["message"].as_str().unwrap().len() > 20 && first["offset"].is_u64(), "{name}: {first}");
        let kept: Vec<_> = mine.iter().filter(|(n, _)| !n.ends_with(".reason.json")).collect();
        if bytes.is_empty() {
            assert!(kept.is_empty());
        } else {
            assert!(kept.len() == 1 && kept[0].1 == *bytes, "{name}: its bytes lie in rejected/");
        }
    }
    let clean: Vec<String> = site.published("clean").iter().map(|(n, _)| n.clone()).collect();
    for stem in ["two-delimiters-", "no-parent-", "z-good-"] {
        assert!(clean.iter().any(|n| n.starts_with(stem)), "{stem}: {clean:?}");
    }
    let orphan = rejected.iter().find(|(n, _)| n.starts_with("no-parent-") && !n.ends_with(".json")).unwrap();
    assert_eq!(claims(&orphan.1).len(), 1, "the claim without a parent lies in rejected/");
}

#[test]
fn what_is_no_claim_passes_and_a_test_interchange_leaves_no_trace_in_the_history() {
    let site = Site::quick();
    let (enquiry, mixed) = (sample("270-enquiry.edi"), sample("837p-beside-270.edi"));
    site.drop_file("outbound", "enquiry.edi", &enquiry);
    site.drop_file("outbound", "mixed.edi", &mixed);
    site.drop_file("outbound", "trial.edi", &sample("837p-test-interchange.edi"));
    let trial =
        String::from_utf8(sample("835-denies-claim-one.edi")).unwrap().replacen("*0*P*:~", "*0*T*:~", 1);
    site.drop_file("inbound", "trial.835", trial.as_bytes());
    assert!(site.once().status.success());
    let clean = site.published("clean");
    let by_stem =
        |stem: &str| clean.iter().find(|(n, _)| n.starts_with(stem)).map(|(_, b)| b.clone()).unwrap();
    assert_eq!((by_stem("enquiry-"), by_stem("mixed-")), (enquiry, mixed));
    assert_eq!(by_stem("trial-"), sample("837p-test-interchange.edi"), "scrubbed and published");
    assert_eq!(site.published("delivered")[0].1, trial.as_bytes());
    assert_eq!(site.denials("payer")["rows"], json!([]), "left out of the history");
}

#[test]
fn inbound_files_are_delivered_even_when_they_can_not_be_read() {
    let site = Site::quick();
    let all: Vec<String> =
        fs::read_dir("samples").unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let answers: Vec<&String> =
        all.iter().filter(|n| ["999", "ta1", "277"].iter().any(|p| n.starts_with(p))).collect();
    assert_eq!(answers.len(), 3, "{answers:?}");
    for name in &answers {
        site.drop_file("inbound", name, &sample(name));
    }
    site.drop_file("inbound", "broken.835", b"ISA*half");
    site.drop_file("inbound", "letter.txt", b"not X12 at all");
    let daemon = site.start_and_wait();
    site.until("all is done", || site.settled());
    assert_eq!(daemon.stop(), Some(0));
    let delivered = site.published("delivered");
    assert_eq!(delivered.len(), answers.len() + 2);
    for name in answers {
        assert!(delivered.iter().any(|(_, b)| *b == sample(name)), "{name}");
    }
    let reasons = site.published("rejected").into_iter().filter(|(n, _)| n.ends_with(".reason.json")).count();
    assert_eq!(reasons, 2);
}

#[test]
fn a_slow_writer_is_waited_for() {
    let site = Site::new("settle = \"100ms\"\nscan = \"50ms\"\nincomplete_after = \"20s\"");
    let daemon = site.start_and_wait();
    let whole = sample("837p-clean.edi");
    let path = site.spool("outbound").join("slow.edi");
    fs::write(&path, &whole[..700]).unwrap();
    std::thread::sleep(Duration::from_millis(600));
    assert!(path.exists(), "not taken without its IEA");
    fs::write(&path, &whole).unwrap();
    site.until("it is done", || site.settled());
    assert_eq!(site.published("clean")[0].1, whole);
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn names_of_files_being_written_links_and_folders_are_left() {
    let site = Site::quick();
    let target = site.path("elsewhere.edi");
    fs::write(&target, sample("837p-clean.edi")).unwrap();
    std::os::unix::fs::symlink(&target, site.spool("outbound").join("link.edi")).unwrap();
    fs::create_dir(site.spool("outbound").join("folder.edi")).unwrap();
    fs::write(site.spool("outbound").join("x.edi.filepart"), sample("837p-clean.edi")).unwrap();
    assert!(site.once().status.success());
    assert_eq!(site.spool("outbound").read_dir().unwrap().count(), 3);
    assert!(site.published("clean").is_empty() && target.exists());
}

#[test]
fn only_one_daemon_owns_a_state() {
    let site = Site::quick();
    let daemon = site.start_and_wait();
    let second = site.once();
    assert_eq!(second.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&second.stderr).contains("owns the state"));
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn published_files_have_the_configured_mode_and_the_state_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::quick();
    site.drop_file("outbound", "a.edi", &sample("837p-clean.edi"));
    assert!(site.once().status.success());
    let mode = |path: std::path::PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let name = &site.published("clean")[0].0;
    assert_eq!(mode(site.spool("clean").join(name)), 0o640);
    assert_eq!(mode(site.path("state")), 0o700);
}

#[test]
fn empty_lines_of_a_newline_terminated_file_are_no_segments() {
    let site = Site::quick();
    // The common sample with a line end as terminator, and empty lines after every segment.
    let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    let text: String = text.split("~\n").filter(|s| !s.is_empty()).map(|s| format!("{s}\n\n\n")).collect();
    // Right behind the ISA the first line end is its terminator.
    site.drop_file("outbound", "lines.edi", text.as_bytes());
    assert!(site.once().status.success(), "{}", site.log());
    let clean = site.published("clean");
    assert_eq!(claims(&clean[0].1), ["CLAIM-ONE", "CLAIM-THREE"]);
    let path = site.spool("clean").join(&clean[0].0);
    let again = site.json(&["scrub", path.to_str().unwrap(), "--format", "json"]);
    assert_eq!((&again["claims"]["clean"], &again["rejections"]), (&json!(2), &json!([])));
    assert_eq!(site.held()[0]["claim"], "CLAIM-TWO");
}

#[test]
fn sets_a_channel_does_not_take_are_rejected_with_a_reason() {
    let site = Site::quick();
    let config = fs::read_to_string(site.path("claimloop.toml")).unwrap() + "other = \"reject\"\n";
    fs::write(site.path("claimloop.toml"), config).unwrap();
    let enquiry = sample("270-enquiry.edi");
    site.drop_file("outbound", "enquiry.edi", &enquiry);
    site.drop_file("outbound", "mixed.edi", &sample("837p-beside-270.edi"));
    assert!(site.once().status.success());
    let rejected = site.published("rejected");
    assert_eq!(
        rejected.len(),
        4,
        "each with its reason: {:?}",
        rejected.iter().map(|r| &r.0).collect::<Vec<_>>()
    );
    assert!(rejected.iter().any(|(n, b)| n.starts_with("enquiry-") && *b == enquiry));
    let part = rejected.iter().find(|(n, _)| n.starts_with("mixed-") && n.ends_with(".edi")).unwrap();
    assert!(String::from_utf8_lossy(&part.1).contains("ST*270*"));
    let clean = site.published("clean");
    assert_eq!(clean.len(), 1);
    assert!(!claims(&clean[0].1).is_empty() && !String::from_utf8_lossy(&clean[0].1).contains("ST*270*"));
}

#[test]
fn a_drop_folder_that_goes_away_leaves_the_others_their_way() {
    let site = Site::quick();
    let second = "[[channel]]\nname = \"second\"\noutbound = \"b/out\"\nclean = \"b/clean\"\nacks = \"b/acks\"\ninbound = \"b/in\"\ndelivered = \"b/delivered\"\nrejected = \"b/rejected\"\n";
    let config = fs::read_to_string(site.path("claimloop.toml")).unwrap() + second;
    fs::write(site.path("claimloop.toml"), config).unwrap();
    let daemon = site.start_and_wait();
    fs::remove_dir(site.spool("outbound")).unwrap();
    let file = sample("837p-clean.edi");
    fs::write(site.path("waiting"), &file).unwrap();
    fs::rename(site.path("waiting"), site.path("b/out/a.edi")).unwrap();
    let clean = site.path("b/clean");
    let published = || clean.read_dir().unwrap().filter(|e| e.as_ref().unwrap().path().is_file()).count();
    site.until("the other channel's file is done", || published() == 1);
    fs::create_dir(site.spool("outbound")).unwrap();
    site.drop_file("outbound", "back.edi", &sample("837d-clean.edi"));
    site.until("the folder that came back is read again", || site.published("clean").len() == 1);
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn payments_name_the_claim_they_are_for_or_the_candidates() {
    let site = Site::quick();
    site.drop_file("outbound", "a.edi", &sample("837p-three-claims-one-off.edi"));
    site.drop_file("inbound", "a.835", &sample("835-denies-claim-one.edi"));
    site.drop_file("inbound", "b.835", &sample("835-balanced.edi"));
    assert!(site.once().status.success());
    let payments = site.json(&["history", "payments", "--format", "json"]);
    let of = |claim: &str| payments.as_array().unwrap().iter().find(|p| p["claim"] == claim).unwrap().clone();
    assert_eq!(of("CLAIM-ONE")["linked"]["position"], 1);
    let stranger = payments.as_array().unwrap().iter().find(|p| p["claim"] != "CLAIM-ONE").unwrap();
    assert_eq!((&stranger["linked"], &stranger["candidates"]), (&json!(null), &json!([])));
}

#[test]
fn claim_files_are_answered_as_the_site_asks() {
    for (settings, acks, lines) in [
        ("", 0, 0),
        ("acks = \"all\"\n", 1, 0),
        ("acks = \"all\"\nheld_means = \"send-back\"\n", 1, 3),
        ("acks = \"none\"\n", 0, 0),
    ] {
        let site = Site::quick();
        let config = fs::read_to_string(site.path("claimloop.toml")).unwrap();
        fs::write(site.path("claimloop.toml"), format!("{settings}{config}")).unwrap();
        site.drop_file("outbound", "three.edi", &sample("837p-three-claims-one-off.edi"));
        site.drop_file("outbound", "broken.edi", &sample("837p-wrong-iea01.edi"));
        assert!(site.once().status.success(), "{settings}");
        let mut answers = (0, 0, 0);
        for (_, bytes) in site.published("acks") {
            claimloop::acks::read::read(bytes.as_slice(), &mut |answer| match answer {
                claimloop::acks::read::Answer::Interchange(_) => answers.0 += 1,
                claimloop::acks::read::Answer::Group(_) => answers.1 += 1,
                claimloop::acks::read::Answer::Claim(_) => answers.2 += 1,
            })
            .unwrap();
        }
        let refused = usize::from(!settings.contains("none"));
        assert_eq!(answers, (refused, acks, lines), "{settings}");
    }
}

#[test]
fn a_daemon_with_nothing_to_do_does_nothing() {
    // Its own looking into the folders must not wake it again.
    let site = Site::new("settle = \"0s\"\nscan = \"30s\"");
    let daemon = site.start_and_wait();
    let ticks = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", daemon.0.id())).unwrap();
        // Behind the name: user and system time are the 12th and 13th field, in ticks of 10 ms.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split(' ').collect();
        fields[12].parse::<u64>().unwrap() + fields[13].parse::<u64>().unwrap()
    };
    std::thread::sleep(std::time::Duration::from_millis(500));
    let before = ticks();
    std::thread::sleep(std::time::Duration::from_secs(3));
    let spent = ticks() - before;
    assert!(spent < 30, "{spent} ticks in three seconds");
    assert_eq!(daemon.stop(), Some(0));
}
