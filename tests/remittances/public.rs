//! Remittances of public projects, where they lie. They are no part of this project: what is written here of each was counted by hand
//! from its segments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use claimloop::history::Dictionary;
use claimloop::history::{AdjustmentClass, Paid, classify};
use claimloop::remit::{self, Remittance};
use claimloop::x12::FaultKind;

/// What a file says, by hand: claim payments, BPR02 in cents, cents adjusted by group code, denials by CARC, and at which levels it
/// doesn't balance.
struct ByHand {
    file: &'static str,
    claims: usize,
    paid: i64,
    groups: &'static [(&'static str, i64)],
    denials: &'static [(&'static str, usize)],
    unbalanced: &'static [FaultKind],
}

const BY_HAND: [ByHand; 12] = [
    ByHand {
        file: "cosyte+x12/test__fixtures__remit__835-multi-claim.edi",
        claims: 2,
        paid: 24_000,
        groups: &[("CO", 3000), ("PR", 3000)],
        denials: &[],
        unbalanced: &[],
    },
    ByHand {
        file: "cosyte+x12/test__fixtures__remit__835-carc-rarc-mix.edi",
        claims: 1,
        paid: 20_000,
        groups: &[("CO", 9000), ("OA", 1000)],
        denials: &[],
        unbalanced: &[],
    },
    // 100.00 less 10.00 is not 80.00: the line and its claim; the payment is the claim's.
    ByHand {
        file: "cosyte+x12/test__fixtures__remit__835-imbalance.edi",
        claims: 1,
        paid: 8000,
        groups: &[("CO", 1000)],
        denials: &[],
        unbalanced: &[FaultKind::LineOutOfBalance, FaultKind::ClaimOutOfBalance],
    },
    ByHand {
        file: "cosyte+x12/test__fixtures__golden__835.edi",
        claims: 1,
        paid: 45_000,
        groups: &[("PR", 5000)],
        denials: &[],
        unbalanced: &[],
    },
    // One claim of 100.00 less an overpayment of 50.00.
    ByHand {
        file: "cosyte+x12/test__fixtures__remit__835-with-plb.edi",
        claims: 1,
        paid: 5000,
        groups: &[],
        denials: &[],
        unbalanced: &[],
    },
    // 516.00 less 9.00, the second adjustment being below nothing.
    ByHand {
        file: "LinuxForHealth+x12/src__tests__resources__835_005010X221A1__cob-contractural-adjustment.835",
        claims: 1,
        paid: 3400,
        groups: &[("OA", 50_700)],
        denials: &[],
        unbalanced: &[],
    },
    ByHand {
        file: "LinuxForHealth+x12/src__tests__resources__835_005010X221A1__managed-care.835",
        claims: 2,
        paid: 94_500,
        groups: &[("CO", 15_500), ("PR", 90_000)],
        denials: &[],
        unbalanced: &[],
    },
    ByHand {
        file: "LinuxForHealth+x12/src__tests__resources__835_005010X221A1__secondary-payment.835",
        claims: 2,
        paid: 122_200,
        groups: &[("CO", 8500), ("OA", 954_814), ("PR", 22_000)],
        denials: &[],
        unbalanced: &[],
    },
    // Its procedure is split in two, so that each amount of the line stands one element too late: charge 24599.00, paid 1766.50.
    ByHand {
        file: "LinuxForHealth+x12/src__tests__resources__835_005010X221A1__tertiary-payment.835",
        claims: 1,
        paid: 18_750,
        groups: &[("OA", 157_900)],
        denials: &[],
        unbalanced: &[FaultKind::LineOutOfBalance],
    },
    // 138018.40 and 11980.33, and 1.27 added outside any claim.
    ByHand {
        file: "LinuxForHealth+x12/demo-file__demo.835",
        claims: 2,
        paid: 15_000_000,
        groups: &[("CO", 7_636_824)],
        denials: &[],
        unbalanced: &[],
    },
    ByHand {
        file: "azoner+pyx12/pyx12__tests__835_mult_loops.txt",
        claims: 1,
        paid: 0,
        groups: &[("CO", 50_004), ("OA", 41_535)],
        denials: &[("16", 1)],
        unbalanced: &[],
    },
    // A 4010. Its claims come to -510.25, the provider adjustments to -977.94: 467.69 is not 5950.21.
    ByHand {
        file: "azoner+pyx12/EMBED__pyx12__test__x12testdata.py__835id.txt",
        claims: 3,
        paid: 595_021,
        groups: &[("CR", 0)],
        denials: &[],
        unbalanced: &[FaultKind::TransactionOutOfBalance],
    },
];

fn folder() -> Option<PathBuf> {
    let folder = std::env::var("CLAIMLOOP_SAMPLES").unwrap_or_else(|_| "../shared/samples".to_owned());
    let folder = PathBuf::from(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("not run: {} is absent; name it with CLAIMLOOP_SAMPLES", folder.display());
    assert!(std::env::var_os("REQUIRE_ALL").is_none(), "every test must run here");
    None
}

fn remittances(path: &Path) -> Vec<Remittance> {
    let bytes = std::fs::read(path).unwrap();
    let mut all = Vec::new();
    remit::read(bytes.as_slice(), &mut |_, r: Remittance| all.push(r)).unwrap();
    all
}

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

#[test]
fn every_public_remittance_has_a_balance_verdict() {
    let Some(folder) = folder() else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    all.sort();
    let (mut sets, mut balanced) = (0, 0);
    for path in &all {
        for remittance in remittances(path) {
            sets += 1;
            balanced += usize::from(remittance.is_balanced());
            let kinds: Vec<&str> = remittance.faults.iter().map(|(_, f)| f.kind.name()).collect();
            let verdict = if kinds.is_empty() { "balanced".to_owned() } else { kinds.join(", ") };
            let name = path.strip_prefix(&folder).unwrap().display();
            println!("{name}: {} claim payments, {verdict}", remittance.claims.len());
        }
    }
    println!("{sets} remittances, {balanced} balanced");
    assert!(sets >= 40 && balanced > 20, "{sets}, {balanced}");
}

#[test]
fn public_remittances_say_what_was_counted_by_hand() {
    let Some(folder) = folder() else { return };
    for hand in &BY_HAND {
        let all = remittances(&folder.join(hand.file));
        let [remittance] = all.as_slice() else { panic!("{}: {} remittances", hand.file, all.len()) };
        let mut groups: BTreeMap<&str, i64> = BTreeMap::new();
        let mut denials: BTreeMap<String, usize> = BTreeMap::new();
        for claim in &remittance.claims {
            for (_, a) in claim.all_adjustments() {
                *groups.entry(&a.group).or_default() += a.amount;
            }
            let said = Paid::from(claim);
            let (_, _, classified) = classify(&said, Dictionary::shipped());
            for c in classified.iter().filter(|c| c.class == AdjustmentClass::Denial) {
                *denials.entry(c.adjustment.carc.clone()).or_default() += 1;
            }
        }
        let file = hand.file;
        assert_eq!(remittance.claims.len(), hand.claims, "{file}");
        assert_eq!(remittance.amount, Some(hand.paid), "{file}");
        assert_eq!(groups.into_iter().collect::<Vec<_>>(), hand.groups, "{file}");
        let denials: Vec<(&str, usize)> = denials.iter().map(|(carc, n)| (carc.as_str(), *n)).collect();
        assert_eq!(denials, hand.denials, "{file}");
        let faults: Vec<FaultKind> = remittance.faults.iter().map(|(_, f)| f.kind).collect();
        assert_eq!(faults, hand.unbalanced, "{file}");
    }
    println!("{} files read as counted by hand", BY_HAND.len());
}
