//! What the trend detector found, as alerts.

use sha2::{Digest, Sha256};

use super::alert::{Alert, Kind, Numbers, Severity};
use crate::history::Dictionary;
use crate::payers::Payers;
use crate::trends::{self, Changed, Finding, Key, Strength};
use crate::x12::Cents;

/// How many times the usual are told at once.
const STEEP: f64 = 4.0;
/// Cents beyond the usual that are told at once.
const DEAR: Cents = 500_000;

/// An alert of a finding, over the weeks of its site.
#[must_use]
pub fn alert(finding: &Finding, weeks: &[String], dictionary: &Dictionary, payers: &Payers) -> Alert {
    let week = |at: usize| weeks.get(at).cloned().unwrap_or_default();
    let kind = match finding.kind {
        trends::Kind::Rise => Kind::Rise,
        trends::Kind::Drift => Kind::Drift,
        trends::Kind::New => Kind::New,
        trends::Kind::Improvement => Kind::Improvement,
    };
    // However sure: of all that is told, one a week may be chance.
    let steep = kind == Kind::New || finding.ratio.estimate >= STEEP || finding.excess_cents >= DEAR;
    let urgent = steep && kind != Kind::Improvement;
    let payer = finding.key.payer.clone().unwrap_or_default();
    let since = finding.since;
    let alert = Alert {
        id: id(&finding.key, kind),
        kind,
        severity: if urgent { Severity::AtOnce } else { Severity::Digest },
        week: week(finding.until.saturating_sub(1)),
        since: week(finding.start),
        payer_name: payers.iter().find(|p| p.id == payer).map(|p| p.name.clone()).unwrap_or_default(),
        payer,
        carc: finding.key.carc.clone(),
        only: finding.key.slice.iter().map(|s| (s.dimension.clone(), s.value.clone())).collect(),
        changed: changed(finding).to_owned(),
        evidence: match finding.strength {
            Strength::Weak => "weak",
            Strength::Likely => "likely",
            Strength::Strong => "strong",
        }
        .to_owned(),
        numbers: Some(Numbers {
            count: since.denied.max(0.0) as u64,
            of: Some(since.exposure.max(since.denied).round() as u64),
            usual: finding.usual.rate() * since.exposure,
            usual_of: None,
            ratio: Some((finding.ratio.low, finding.ratio.high)),
            cents: finding.excess_cents,
        }),
        ..Alert::default()
    };
    let of_rarc = finding.key.slice.iter().filter(|s| s.dimension == "rarc");
    let rarcs: Vec<String> = of_rarc.flat_map(|s| s.value.split('+').map(str::to_owned)).collect();
    let meaning = dictionary.meaning(&alert.carc, &rarcs, &alert.payer);
    alert.told_by(meaning)
}

/// Said where the figures say it more than weakly.
fn changed(finding: &Finding) -> &'static str {
    if finding.changed.strength == Strength::Weak {
        return "";
    }
    match finding.changed.changed {
        Changed::Payer => "payer",
        Changed::OurMix(_) => "our-mix",
        Changed::OurEdit(_) => "our-edit",
        Changed::AllPayers => "all-payers",
        Changed::Unclear => "",
    }
}

/// The cause. Who bills is told by a hash alone.
fn id(key: &Key, kind: Kind) -> String {
    let payer = key.payer.as_deref().unwrap_or("all-payers");
    let mut id = format!("{payer}/{}", key.carc);
    if let Some(slice) = &key.slice {
        let value = if slice.dimension == "billing" {
            Sha256::digest(&slice.value).iter().take(4).map(|b| format!("{b:02x}")).collect()
        } else {
            slice.value.clone()
        };
        id.push_str(&format!("/{}={value}", slice.dimension));
    }
    if kind == Kind::Improvement {
        id.push_str("/improvement");
    }
    id
}

/// True where two alerts are of one cause: the detector may tell it by a wider or a narrower series from week to week.
#[must_use]
pub fn is_of_one_cause(a: &Alert, b: &Alert) -> bool {
    let of_denials = a.kind.is_of_denials() && b.kind.is_of_denials();
    let same_way = (a.kind == Kind::Improvement) == (b.kind == Kind::Improvement);
    let meet = |a: &str, b: &str| a == b || a.is_empty() || b.is_empty();
    let apart = match (a.only.first(), b.only.first()) {
        // Two values of one dimension are two causes; of two dimensions, they may be two looks at one.
        (Some((a, x)), Some((b, y))) => a == b && x != y,
        _ => false,
    };
    of_denials && same_way && a.carc == b.carc && meet(&a.payer, &b.payer) && !apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::Owner;
    use crate::trends::{Attribution, Interval, Slice, Tally};

    fn finding() -> Finding {
        let interval = Interval { estimate: 14.0, low: 6.0, high: 30.0 };
        Finding {
            key: Key {
                carc: "197".into(),
                payer: Some("A".into()),
                slice: Some(Slice { dimension: "procedure".into(), value: "97110".into() }),
            },
            kind: trends::Kind::New,
            start: 0,
            until: 2,
            since: Tally { denied: 31.0, exposure: 40.4 },
            usual: Tally { denied: 10.0, exposure: 200.0 },
            usual_from: 0,
            usual_a_week: 1.0,
            ratio: interval,
            excess_cents: 624_000,
            p: 1e-9,
            threshold: 1e-4,
            strength: Strength::Strong,
            changed: Attribution { changed: Changed::Payer, strength: Strength::Likely, comparison: None },
        }
    }

    fn told(finding: &Finding) -> Alert {
        let weeks = ["2026-W45".to_owned(), "2026-W46".to_owned()];
        alert(finding, &weeks, Dictionary::shipped(), &Payers::default())
    }

    #[test]
    fn a_finding_becomes_a_sentence_for_its_team() {
        let told = told(&finding());
        assert_eq!(
            told.message,
            "Payer A began denying 97110 for missing authorisation (CO-197): 31 of 40 claims since the week of \
             November 2, usually 2; $6,240. The other payers decide as before."
        );
        assert_eq!((told.owner, told.severity), (Owner::Authorisation, Severity::AtOnce));
        assert_eq!(told.id, "A/197/procedure=97110");
    }

    #[test]
    fn wider_and_narrower_are_one_cause_and_two_procedures_two() {
        let narrow = told(&finding());
        let mut other = finding();
        other.key.slice = None;
        assert!(is_of_one_cause(&narrow, &told(&other)));
        other.key.payer = None;
        let everywhere = told(&other);
        assert!(is_of_one_cause(&narrow, &everywhere) && everywhere.message.starts_with("Several payers"));
        other = finding();
        other.key.slice = Some(Slice { dimension: "procedure".into(), value: "97140".into() });
        assert!(!is_of_one_cause(&narrow, &told(&other)));
        other.kind = trends::Kind::Improvement;
        other.key.slice = None;
        assert!(!is_of_one_cause(&narrow, &told(&other)), "a fall is another");
    }

    #[test]
    fn who_bills_is_not_in_the_id() {
        let mut of_group = finding();
        of_group.key.slice = Some(Slice { dimension: "billing".into(), value: "1999999984".into() });
        let told = told(&of_group);
        assert!(!told.id.contains("1999999984") && !told.message.contains("1999999984"), "{}", told.id);
    }
}
