//! Remittances of any bytes are read, balanced and sorted into denials without a panic.
#![no_main]

use claimloop::edits::EditSet;
use claimloop::history::{Dictionary, classify};
use claimloop::remit::{self, Remittance};
use claimloop::scrub::remittance;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use std::sync::OnceLock;

static EDITS: OnceLock<EditSet> = OnceLock::new();

fn look(of: &Remittance) {
    assert_eq!(of.is_balanced(), of.faults.is_empty());
    for claim in &of.claims {
        let _ = claim.service_dates();
        let _ = classify(&claimloop::history::Paid::from(claim), Dictionary::shipped());
    }
}

fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| { fuzz::damage(data, size, max, seed) });

fuzz_target!(|bytes: &[u8]| {
    let (mut all, mut usable) = (0, 0);
    remit::read(bytes, &mut |_, remittance| {
        look(&remittance);
        all += 1;
    })
    .unwrap();
    let edits = EDITS.get_or_init(|| EditSet::shipped().unwrap());
    let today = jiff::civil::date(2026, 11, 22);
    remittance::judged(&bytes.to_vec(), edits, today, &mut |_, _| usable += 1).unwrap();
    assert!(usable <= all, "{usable} usable of {all}");
});
