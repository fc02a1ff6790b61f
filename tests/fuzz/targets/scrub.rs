//! No claim is lost or doubled, what leaves is clean by our own reading, and every claim in it is untouched.
#![no_main]

use claimloop::scrub::partition::reads_back;
use claimloop::scrub::report::State;
use claimloop::scrub::{Report, Verdict};
use fuzz::{leaving, scrubbed};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// A claim as it stands in the file, and whose it is.
fn claim<'a>(bytes: &'a [u8], of: &'a Verdict) -> (&'a [u8], &'a str, &'a str) {
    let (from, len) = (of.facts.offset as usize, of.facts.bytes as usize);
    (&bytes[from..from + len], &of.payer, &of.facts.billing_npi)
}

fn conserved(report: &Report) {
    let claims = report.claims;
    assert_eq!(claims.r#in, claims.clean + claims.held + claims.rejected, "{claims:?}");
    assert_eq!(claims.r#in, report.verdicts.len() as u64, "{claims:?}");
    let charges = report.charges;
    assert_eq!(charges.r#in, charges.clean + charges.held + charges.rejected, "{charges:?}");
}

fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| { fuzz::damage(data, size, max, seed) });

fuzz_target!(|bytes: &[u8]| {
    let bytes = bytes.to_vec();
    let (report, survey) = scrubbed(&bytes);
    conserved(&report);
    let (written, out) = leaving(&bytes, &report, &survey);
    assert_eq!(written.claims, report.claims.clean);
    assert_eq!(written.bytes as usize, out.len());
    if report.is_clean() {
        assert!(out == bytes, "clean, but doesn't leave as it came");
    }
    if out.is_empty() {
        assert_eq!(report.claims.clean, 0);
        return;
    }
    assert!(reads_back(&out, written.claims, fuzz::EDITS.tolerances()).unwrap(), "doesn't read back");
    let (again, _) = scrubbed(&out);
    conserved(&again);
    assert!(again.rejections.is_empty(), "{:?}", again.rejections);
    assert_eq!(again.claims.clean, report.claims.clean, "{:?}", again.findings);
    let kept = |v: &&Verdict| v.verdict == State::Clean;
    let before = report.verdicts.iter().filter(kept).map(|v| claim(&bytes, v));
    let after = again.verdicts.iter().filter(kept).map(|v| claim(&out, v));
    assert!(before.eq(after), "a claim that left was changed");
});
