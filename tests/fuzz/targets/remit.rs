//! Remittances of any bytes are read, balanced and sorted into denials without a panic.
#![no_main]

use claimloop::history::{Dictionary, classify, each_remittance};
use claimloop::remit::{self, Remittance};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fn look(of: &Remittance) {
    assert_eq!(of.is_balanced(), of.faults.is_empty());
    for claim in &of.claims {
        let _ = claim.service_dates();
        let _ = classify(claim, Dictionary::shipped());
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
    each_remittance(&bytes.to_vec(), &mut |_| usable += 1).unwrap();
    assert!(usable <= all, "{usable} usable of {all}");
});
