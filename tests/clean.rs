//! Simulated claims of all three guides, twenty thousand of them: nothing that the shipped edits say stops one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use claimloop::edits::{EditSet, Finding};
use claimloop::scrub::{self, Other, Settings};
use claimloop::simulate::{self, Kind, Options, Plant};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 21);
const CLAIMS: u64 = 6_667;

fn simulated(kind: Kind, seed: u64) -> Vec<u8> {
    let plant = Plant::default();
    let options = Options { claims: CLAIMS, seed, kind, weeks: 8, end: TODAY, per_set: 5000, plant };
    let mut file = Vec::new();
    let summary = simulate::run(&options, &mut |name, part| {
        if name.ends_with(".837") {
            file.extend_from_slice(part);
        }
        Ok(())
    });
    assert_eq!(summary.unwrap().claims, CLAIMS, "{kind}");
    file
}

#[test]
fn nothing_stops_a_clean_claim() {
    let edits = EditSet::shipped().unwrap();
    let mut claims = 0;
    for (kind, seed) in [(Kind::Professional, 11), (Kind::Institutional, 12), (Kind::Dental, 13)] {
        let file = simulated(kind, seed);
        let settings = Settings { today: TODAY, threads: 2, other: Other::Pass };
        let (report, _) = scrub::scrub(&file, &edits, settings).unwrap();
        let of_claims = report.verdicts.iter().flat_map(|v| v.findings.iter().map(move |f| (&*v.claim, f)));
        let of_file = report.findings.iter().map(|f| ("", f));
        let stops: Vec<(&str, &Finding)> =
            of_claims.chain(of_file).filter(|(_, f)| f.stops()).take(10).collect();
        assert!(stops.is_empty(), "{kind}: {stops:#?}");
        assert!(report.rejections.is_empty(), "{kind}: {:#?}", report.rejections);
        let counts = report.claims;
        let all = (counts.r#in, counts.clean, counts.held, counts.rejected, report.verdicts.len() as u64);
        assert_eq!(all, (CLAIMS, CLAIMS, 0, 0, CLAIMS), "{kind}");
        claims += counts.clean;
    }
    assert_eq!(claims, 20_001);
}
