//! Real files of public projects, where they lie: read without panic, claims conserved. They are not part of this
//! project; where the folder is absent the test says so.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use claimloop::edits::EditSet;
use claimloop::history;
use claimloop::scrub::{self, Other, Settings};

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

#[test]
fn every_public_sample_is_read_and_its_claims_conserved() {
    let folder = std::env::var("CLAIMLOOP_SAMPLES").unwrap_or_else(|_| "../shared/samples".to_owned());
    let folder = Path::new(&folder);
    if !folder.is_dir() {
        println!("not run: {} is absent; name it with CLAIMLOOP_SAMPLES", folder.display());
        return;
    }
    let mut all = Vec::new();
    files(folder, &mut all);
    let edits = EditSet::shipped().unwrap();
    let (mut claims, mut payments, mut remittances) = (0, 0, 0);
    for path in &all {
        let bytes = std::fs::read(path).unwrap();
        let settings = Settings { today: jiff::civil::date(2026, 11, 21), threads: 1, other: Other::Pass };
        // A lost or doubled claim is an error of its own.
        let (report, _) =
            scrub::scrub(&bytes, &edits, settings).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let c = report.claims;
        assert_eq!(c.r#in, c.clean + c.held + c.rejected, "{}", path.display());
        claims += c.r#in;
        history::each_remittance(&bytes, &mut |r| {
            remittances += 1;
            payments += r.claims.len();
        })
        .unwrap();
    }
    println!(
        "{} files: {claims} claims conserved, {payments} claim payments in {remittances} remittances",
        all.len()
    );
    assert!(all.len() > 200 && claims > 0 && payments > 0);
}
