//! What a site adds to the edits: payer packs, edits of its own, edits on trial; and what the doctor says of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;
use std::process::{Command, Output};

use claimloop::edits::EditSet;
use claimloop::scrub::examples;
use serde_json::Value;
use site::{BINARY, Site, claims, sample};
use tempfile::TempDir;

struct World(TempDir);

impl World {
    fn new() -> World {
        let world = World(TempDir::new().unwrap());
        world.write("claim.837", &fs::read_to_string("config/edits/bases/837p-office.edi").unwrap());
        world
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn scrub(&self, more: &[&str]) -> Output {
        let claim = self.path("claim.837");
        let args = [&["scrub", &claim, "--format", "json", "--today", "2026-11-21"], more].concat();
        Command::new(BINARY).args(args).output().unwrap()
    }

    fn report(&self, more: &[&str]) -> Value {
        let out = self.scrub(more);
        serde_json::from_slice(&out.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&out.stderr)))
    }
}

fn found(report: &Value) -> Vec<String> {
    let of = |v: &Value| v["findings"].as_array().unwrap().clone();
    let all = report["verdicts"].as_array().unwrap().iter().flat_map(of);
    all.map(|f| {
        format!(
            "{} {}{}",
            f["edit"].as_str().unwrap(),
            f["severity"].as_str().unwrap(),
            if f["shadow"] == true { " shadow" } else { "" }
        )
    })
    .collect()
}

const PACK: &str = "id = \"mine\"\nname = \"My payer\"\n[claims]\nids = [\"PAY0001\"]\n[authorisation]\ncodes = [\"99213\"]\n";

#[test]
fn a_pack_asks_and_switches() {
    let world = World::new();
    assert_eq!(found(&world.report(&[])), [""; 0]);
    world.write("payers/mine.toml", PACK);
    let payers = world.path("payers");
    let report = world.report(&["--payers", &payers]);
    assert_eq!(
        (found(&report), report["claims"]["held"].as_u64()),
        (vec!["E7-002 hold".to_owned()], Some(1))
    );
    for (switch, wanted, held) in [
        ("warn", vec!["E7-002 warn"], 0),
        ("shadow", vec!["E7-002 hold shadow"], 0),
        ("off", vec![], 0),
        ("reject", vec!["E7-002 reject"], 1),
    ] {
        world.write("payers/mine.toml", &format!("{PACK}[edits]\n\"E7-002\" = \"{switch}\"\n"));
        let report = world.report(&["--payers", &payers]);
        assert_eq!(
            (found(&report), report["claims"]["held"].as_u64()),
            (wanted.iter().map(|w| (*w).to_owned()).collect(), Some(held))
        );
        assert_eq!(report["would_hold"].as_u64().unwrap_or(0), u64::from(switch == "shadow"), "{switch}");
    }
    world.write("payers/mine.toml", &PACK.replace("PAY0001", "OTHER"));
    assert_eq!(found(&world.report(&["--payers", &payers])), [""; 0]);
    assert_eq!(found(&world.report(&["--payers", &payers, "--all-payers"])), ["E7-001 hold"]);
    let off = |report: &Value| report["coverage"]["off"].to_string().contains("E7-001");
    assert!(
        off(&world.report(&["--payers", &payers]))
            && !off(&world.report(&["--payers", &payers, "--all-payers"]))
    );
}

#[test]
fn the_claim_too_many_of_a_set_is_its_payers_to_switch() {
    let world = World::new();
    let edits = EditSet::shipped().unwrap();
    let example = &edits.get("E2-024").unwrap().examples[0];
    let text = String::from_utf8(examples::text(example).unwrap()).unwrap();
    world.write("claim.837", &text);
    let report = world.report(&[]);
    assert_eq!(
        (found(&report), report["claims"]["clean"].as_u64()),
        (vec!["E2-024 warn".to_owned()], Some(5001))
    );
    let told = |v: &&Value| v["findings"].as_array().is_some_and(|f| !f.is_empty());
    let verdict = report["verdicts"].as_array().unwrap().iter().find(told).unwrap();
    assert_eq!(verdict["claim"], "CLAIM-P1-5001");
    let pack = "id = \"mine\"\nname = \"My payer\"\n[claims]\nids = [\"PAY0001\"]\n[edits]\n";
    for (switch, wanted) in [("off", vec![]), ("hold", vec!["E2-024 hold"])] {
        world.write("payers/mine.toml", &format!("{pack}\"E2-024\" = \"{switch}\"\n"));
        assert_eq!(found(&world.report(&["--payers", &world.path("payers")])), wanted);
    }
    // Each set counts its own.
    let (head, rest) = text.split_at(text.find("ST*837").unwrap());
    let (set, tail) = rest.split_at(rest.find("GE*").unwrap());
    let claims: Vec<&str> = set.split("HL*").collect();
    let short = |number: &str| {
        let kept = claims[..3000].join("HL*");
        let body = kept.replace("ST*837*0001*", &format!("ST*837*{number}*"));
        format!("{body}SE*{}*{number}~\n", body.matches("~\n").count() + 1)
    };
    world.write(
        "claim.837",
        &format!("{head}{}{}{}", short("0001"), short("0002"), tail.replace("GE*1*", "GE*2*")),
    );
    let report = world.report(&[]);
    assert_eq!((found(&report).len(), report["claims"]["clean"].as_u64()), (0, Some(5996)));
}

#[test]
fn what_does_not_hold_together_is_refused_with_file_and_reason() {
    let world = World::new();
    world.write("payers/mine.toml", "id = \"mine\"\nname = 5\n");
    let out = world.scrub(&["--payers", &world.path("payers")]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.code() == Some(2) && said.contains("mine.toml") && said.contains("line 2"), "{said}");
    world.write("edits.d/S9-001-x.toml", "id = \"S9-001\"\nname = \"x\"\n");
    let out = world.scrub(&["--edits", &world.path("edits.d")]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.code() == Some(2) && said.contains("S9-001-x.toml"), "{said}");
    assert_eq!(world.scrub(&["--codes", &world.path("nowhere")]).status.code(), Some(2));
}

#[test]
fn a_site_changes_and_adds_edits() {
    let world = World::new();
    let file = "E3-001-claim-total-differs-from-lines.toml";
    let shipped = fs::read_to_string(format!("config/edits/3-balancing/{file}")).unwrap();
    let claim = fs::read_to_string("config/edits/bases/837p-office.edi").unwrap();
    world.write("claim.837", &claim.replace("CLM*CLAIM-P1*150*", "CLM*CLAIM-P1*151*"));
    assert_eq!(found(&world.report(&[])), ["E3-001 reject"]);
    let edits = world.path("edits.d");
    world.write(&format!("edits.d/{file}"), &shipped.replacen("\"reject\"", "\"warn\"", 1));
    let changed = world.report(&["--edits", &edits]);
    assert_eq!(found(&changed), ["E3-001 warn"]);
    assert_ne!(changed["edits"], world.report(&[])["edits"], "another definition of clean");
    world.write(&format!("edits.d/{file}"), &shipped.replacen("\"active\"", "\"retired\"", 1));
    assert_eq!(found(&world.report(&["--edits", &edits])), [""; 0]);
    let own = shipped.replace("E3-001", "S3-001").replace("claim-total-differs-from-lines", "our-total");
    world.write("edits.d/S3-001-our-total.toml", &own.replacen("\"reject\"", "\"hold\"", 1));
    assert_eq!(found(&world.report(&["--edits", &edits])), ["S3-001 hold"]);
}

#[test]
fn on_trial_everything_is_told_and_nothing_held() {
    let world = World::new();
    let claim = fs::read_to_string("config/edits/bases/837p-office.edi").unwrap();
    world.write("claim.837", &claim.replace("CLM*CLAIM-P1*150*", "CLM*CLAIM-P1*151*"));
    let report = world.report(&["--shadow"]);
    assert_eq!(found(&report), ["E3-001 reject shadow"]);
    assert_eq!((report["claims"]["clean"].as_u64(), report["would_hold"].as_u64()), (Some(1), Some(1)));
}

#[test]
fn a_channel_in_shadow_lets_every_claim_go() {
    let bytes = sample("837p-frequency-and-control-number.edi");
    let all = claims(&bytes).len();
    for shadow in [false, true] {
        let site = Site::quick();
        let config = site.path("claimloop.toml");
        let text = fs::read_to_string(&config).unwrap();
        fs::write(&config, text.replacen("[[channel]]\n", &format!("[[channel]]\nshadow = {shadow}\n"), 1))
            .unwrap();
        site.drop_file("outbound", "a.837", &bytes);
        let out = site.once();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let left: usize = site.published("clean").iter().map(|(_, bytes)| claims(bytes).len()).sum();
        let held = site.held().as_array().unwrap().len();
        assert_eq!((left + held, held == 0), (all, shadow));
    }
}

#[test]
fn the_doctor_says_what_is_wrong() {
    let world = World::new();
    let text = |codes: &str| {
        format!(
            "[state]\ndir = {:?}\n[codes]\ndir = {codes:?}\n[payers]\ndir = {:?}\n[[channel]]\nname = \"main\"\noutbound = {:?}\n",
            world.path("state"),
            world.path("payers"),
            world.path("spool/outbound")
        )
    };
    let config = world.write("claimloop.toml", &text(&world.path("codes")));
    let doctor = || {
        let out = Command::new(BINARY)
            .args(["doctor", "--format", "json", "--config", &config])
            .current_dir(world.0.path())
            .output()
            .unwrap();
        (out.status.code(), serde_json::from_slice::<Value>(&out.stdout).unwrap().to_string())
    };
    let (code, said) = doctor();
    assert!(code == Some(0) && said.contains("E6-001") && said.contains("FY2027"), "{said}");
    world.write("spool/outbound", "a file where a folder should be");
    let (code, said) = doctor();
    assert!(code == Some(1) && said.contains("is no folder"), "{said}");
    fs::remove_file(world.path("spool/outbound")).unwrap();
    world.write("payers/bad.toml", "id = 1\n");
    let (code, said) = doctor();
    assert!(code == Some(1) && said.contains("bad.toml"), "{said}");
    fs::write(&config, "nonsense").unwrap();
    assert_eq!(doctor().0, Some(1));
}

#[test]
fn a_running_daemon_takes_changes_and_keeps_what_holds_together() {
    let site = Site::quick();
    let claim = fs::read_to_string("config/edits/bases/837p-office.edi").unwrap();
    // Another interchange each time, or it would be known as a duplicate.
    let drop = |n: usize| {
        let text = claim.replace("000000001", &format!("{n:09}")).replace("CLAIM-P1", &format!("CLAIM-{n}"));
        site.drop_file("outbound", &format!("{n}.837"), text.as_bytes());
    };
    let held = || site.held().as_array().unwrap().len();
    let clean = || site.published("clean").len();
    let pack = |text: &str| {
        fs::create_dir_all(site.path("payers")).unwrap();
        let new = site.path("payers/.new");
        fs::write(&new, text).unwrap();
        fs::rename(new, site.path("payers/mine.toml")).unwrap();
    };
    let logged = |event: &str| site.log().matches(&format!("\"event\":\"{event}\"")).count();
    let daemon = site.start_and_wait();
    drop(1);
    site.until("the first is clean", || clean() == 1);
    pack(PACK);
    site.until("the pack is in force", || logged("edits_changed") == 1);
    drop(2);
    site.until("the second is held", || held() == 1);
    pack("id = \"mine\"\nname = 5\n");
    site.until("the broken pack is refused", || logged("edits_refused") > 0);
    drop(3);
    site.until("the third is held by what was in force", || held() == 2);
    fs::remove_file(site.path("payers/mine.toml")).unwrap();
    site.until("the pack is gone", || logged("edits_changed") == 2);
    drop(4);
    site.until("the fourth is clean", || clean() == 2);
    daemon.stop();
}
