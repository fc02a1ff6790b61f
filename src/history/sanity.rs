//! Payments that were made and still look wrong: charges put on the patient that a contract forbids, and lines allowed below what this payer
//! usually allows for them.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde::Serialize;

use super::denials::Weeks;
use super::derive::{Leg, Payment, payments, sent};
use super::dictionary::Dictionary;
use super::stories;
use super::story::{PaidLine, Story};
use super::tables::Tables;
use crate::remit::week;
use crate::scrub::report::cents;
use crate::store::{self, Store};
use crate::x12::Cents;

/// Payments from which a usual amount is told.
const FEWEST: u64 = 10;
/// Percent of the usual below which an amount is told.
const SHARE: Cents = 90;
/// Cents by which it must be less.
const LEAST: Cents = 500;
/// Different amounts kept of one key; with more they are kept to three figures.
const CROWDED: usize = 500;
/// What is listed of each; the others are counted.
const MOST: usize = 5000;
/// One unit in millionths.
const ONE: i64 = 1_000_000;

/// A charge put on the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnPatient {
    /// ISO week of payment.
    pub week: String,
    /// Payer.
    pub payer: String,
    /// CLP01.
    pub claim: String,
    /// 1-based service payment, or the claim.
    pub line: Option<usize>,
    /// Its procedure.
    pub procedure: String,
    /// CARC.
    pub carc: String,
    /// Cents.
    #[serde(with = "cents")]
    pub amount: Cents,
    /// The edit that speaks of the like within one remittance.
    pub edit: &'static str,
}

/// A line allowed below the usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BelowUsual {
    /// ISO week of payment.
    pub week: String,
    /// Payer.
    pub payer: String,
    /// CLP01.
    pub claim: String,
    /// 1-based service payment.
    pub line: usize,
    /// Procedure.
    pub procedure: String,
    /// Modifiers, `25+59`.
    pub modifiers: String,
    /// Place of service of the claim of ours.
    pub place: String,
    /// Units paid.
    pub units: String,
    /// Cents allowed.
    #[serde(with = "cents")]
    pub allowed: Cents,
    /// Cents allowed in the middle of earlier weeks, or charged where that is less.
    #[serde(with = "cents")]
    pub usual: Cents,
    /// Cents it is less.
    #[serde(with = "cents")]
    pub difference: Cents,
    /// Of so many earlier payments.
    pub of: u64,
    /// Reasons the payer gives, `CO-45 CO-59`.
    pub reasons: String,
}

/// Both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sanity {
    /// Most dollars first.
    pub on_patient: Vec<OnPatient>,
    /// Most dollars first.
    pub below_usual: Vec<BelowUsual>,
    /// How many more there are of both.
    pub left_out: u64,
}

/// What amounts of one kind are compared: payer, turn, procedure, modifiers, place, units.
type Key = (String, Leg, String, String, String, i64);

/// How often each amount came, week by week: few of a contract, so little memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Amounts {
    seen: BTreeMap<Cents, BTreeMap<Date, u64>>,
    rounded: bool,
}

/// To three figures: with many amounts there is no contract price to be exact about.
fn rounded(amount: Cents) -> Cents {
    let mut unit = 1;
    while amount / unit >= 1000 {
        unit *= 10;
    }
    amount / unit * unit
}

impl Amounts {
    fn add(&mut self, amount: Cents, monday: Date, times: u64) {
        let amount = if self.rounded { rounded(amount) } else { amount };
        *self.seen.entry(amount).or_default().entry(monday).or_default() += times;
        if !self.rounded && self.seen.len() > CROWDED {
            self.rounded = true;
            for (amount, weeks) in std::mem::take(&mut self.seen) {
                weeks.into_iter().for_each(|(monday, times)| self.add(amount, monday, times));
            }
        }
    }

    /// How many came in weeks before one, and the amount in their middle.
    fn before(&self, monday: Date) -> Option<(u64, Cents)> {
        let count = |weeks: &BTreeMap<Date, u64>| weeks.range(..monday).map(|(_, n)| n).sum::<u64>();
        let counts: Vec<(Cents, u64)> =
            self.seen.iter().map(|(amount, weeks)| (*amount, count(weeks))).collect();
        let n: u64 = counts.iter().map(|(_, n)| n).sum();
        let mut seen = 0;
        let middle = counts.iter().find(|(_, times)| {
            seen += times;
            2 * seen >= n
        });
        middle.filter(|_| n >= FEWEST).map(|(amount, _)| (n, *amount))
    }
}

fn monday(date: Date) -> Date {
    let days = i32::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(jiff::Span::new().days(days)).unwrap_or(date)
}

/// Lines of a story whose allowed amounts count, each with its key: of payments that stand, where all that is left to the patient is a share.
fn each_line(
    story: &Story,
    all: &[Payment<'_>],
    dictionary: &Dictionary,
    each: &mut dyn FnMut(Key, &Payment<'_>, usize),
) {
    let is_share = |payer: &str, line: &PaidLine| {
        let mut of_patient = line.adjustments.iter().filter(|a| a.group == "PR");
        of_patient.all(|a| {
            let meaning = dictionary.meaning(&a.carc, &line.rarcs, payer);
            meaning.is_some_and(|m| m.category == "patient-responsibility")
        })
    };
    let stands = |p: &&Payment<'_>| {
        let decided = !matches!(p.paid.status.as_str(), "22" | "23" | "25");
        decided && p.reversed_by.is_none() && p.paid.balanced
    };
    for payment in all.iter().filter(stands) {
        let ours = sent(story, &payment.pairing);
        for (n, line) in payment.paid.lines.iter().enumerate() {
            if line.allowed <= 0 || !is_share(&payment.paid.payer, line) {
                continue;
            }
            let matched = payment.lines.get(n).copied().flatten();
            let own = ours.zip(matched).and_then(|(s, (m, _))| s.sent.lines.get(m)).map(|l| l.place.as_str());
            let place =
                own.filter(|p| !p.is_empty()).or(ours.map(|s| s.sent.place.as_str())).unwrap_or_default();
            let key = (
                payment.paid.payer.clone(),
                payment.leg,
                line.procedure.clone(),
                line.modifiers.join("+"),
                place.to_owned(),
                line.units.unwrap_or(ONE),
            );
            each(key, payment, n);
        }
    }
}

/// Adjustments of a payment that a contract leaves to the provider and that were put on the patient.
fn on_patient(story: &Story, payment: &Payment<'_>, dictionary: &Dictionary) -> Vec<OnPatient> {
    let paid = payment.paid;
    let forbidden = |carc: &str, rarcs: &[String]| {
        let meaning = dictionary.meaning(carc, rarcs, &paid.payer);
        meaning.is_some_and(|m| {
            m.category == "contractual" && (carc == "45" || !m.groups.iter().any(|g| g == "PR"))
        })
    };
    let claim = paid.adjustments.iter().map(|a| (None, "", &paid.rarcs, a));
    let lines = paid.lines.iter().enumerate();
    let lines = lines.flat_map(|(n, line)| {
        line.adjustments.iter().map(move |a| (Some(n + 1), line.procedure.as_str(), &line.rarcs, a))
    });
    claim
        .chain(lines)
        .filter(|(_, _, rarcs, a)| a.group == "PR" && a.amount > 0 && forbidden(&a.carc, rarcs))
        .map(|(line, procedure, _, a)| OnPatient {
            week: paid.date.map(week).unwrap_or_default(),
            payer: paid.payer.clone(),
            claim: story.claim.clone(),
            line,
            procedure: procedure.to_owned(),
            carc: a.carc.clone(),
            amount: a.amount,
            edit: "R8-021",
        })
        .collect()
}

fn below(
    story: &Story,
    (payer, _, procedure, modifiers, place, units): Key,
    (payment, n): (&Payment<'_>, usize),
    (of, middle): (u64, Cents),
) -> Option<BelowUsual> {
    let line = payment.paid.lines.get(n)?;
    // Nothing is allowed beyond what was charged.
    let usual = if line.charge > 0 { middle.min(line.charge) } else { middle };
    let difference = usual.saturating_sub(line.allowed);
    let is_below = line.allowed.saturating_mul(100) < usual.saturating_mul(SHARE) && difference >= LEAST;
    let reasons: Vec<String> = line.adjustments.iter().map(|a| format!("{}-{}", a.group, a.carc)).collect();
    let (whole, part) = (units / ONE, units % ONE);
    is_below.then(|| BelowUsual {
        week: payment.paid.date.map(week).unwrap_or_default(),
        payer,
        claim: story.claim.clone(),
        line: n + 1,
        procedure,
        modifiers,
        place,
        units: if part == 0 { whole.to_string() } else { format!("{whole}.{part:06}") },
        allowed: line.allowed,
        usual,
        difference,
        of,
        reasons: reasons.join(" "),
    })
}

/// Payments that look wrong, made in these weeks; what is usual is told by all weeks before.
///
/// # Errors
/// When the store can't be read.
pub fn sanity(store: &Store, tables: &Tables, weeks: &Weeks) -> Result<Sanity, store::Error> {
    let mut known: HashMap<Key, Amounts> = HashMap::new();
    stories(store, &mut |story| {
        each_line(&story, &payments(&story, tables), &tables.dictionary, &mut |key, payment, n| {
            if let Some((day, line)) = payment.paid.date.zip(payment.paid.lines.get(n)) {
                known.entry(key).or_default().add(line.allowed, monday(day), 1);
            }
        });
        true
    })?;
    let (mut found, mut left_out) = (Sanity::default(), 0);
    stories(store, &mut |story| {
        let all = payments(&story, tables);
        let asked = |p: &Payment<'_>| weeks.has(&p.paid.date.map(week).unwrap_or_default());
        for payment in all.iter().filter(|p| asked(p) && !p.paid.is_reversal() && p.reversed_by.is_none()) {
            found.on_patient.extend(on_patient(&story, payment, &tables.dictionary));
        }
        each_line(&story, &all, &tables.dictionary, &mut |key, payment, n| {
            if !asked(payment) {
                return;
            }
            let usual = payment.paid.date.and_then(|day| known.get(&key)?.before(monday(day)));
            found.below_usual.extend(usual.and_then(|usual| below(&story, key, (payment, n), usual)));
        });
        if found.on_patient.len().max(found.below_usual.len()) >= 2 * MOST {
            left_out += found.cut();
        }
        true
    })?;
    left_out += found.cut();
    found.left_out = left_out;
    Ok(found)
}

impl Sanity {
    /// Keeps those of most dollars; says how many are left out.
    fn cut(&mut self) -> u64 {
        let n = self.on_patient.len() + self.below_usual.len();
        self.on_patient.sort_by(|a, b| {
            (b.amount, &a.claim, &a.week, a.line, &a.carc)
                .cmp(&(a.amount, &b.claim, &b.week, b.line, &b.carc))
        });
        self.below_usual.sort_by(|a, b| {
            (b.difference, &a.claim, &a.week, a.line).cmp(&(a.difference, &b.claim, &b.week, b.line))
        });
        self.on_patient.truncate(MOST);
        self.below_usual.truncate(MOST);
        (n - self.on_patient.len() - self.below_usual.len()) as u64
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_usual_is_the_middle_of_ten_earlier() {
        let (first, second, third) = (date(2026, 9, 7), date(2026, 9, 14), date(2026, 9, 21));
        let mut amounts = Amounts::default();
        amounts.add(7_000, first, 4);
        amounts.add(8_000, second, 5);
        assert_eq!(amounts.before(third), None, "nine");
        amounts.add(8_000, first, 1);
        assert_eq!(amounts.before(third), Some((10, 8_000)));
        amounts.add(100, third, 50);
        assert_eq!(amounts.before(third), Some((10, 8_000)), "the same week doesn't count");
        assert_eq!(amounts.before(second), None);
    }

    #[test]
    fn many_amounts_are_kept_to_three_figures_in_any_order() {
        let all: Vec<Cents> = (0..2000).map(|n| 10_000 + 7 * n).collect();
        let day = date(2026, 9, 7);
        let (mut forth, mut back) = (Amounts::default(), Amounts::default());
        all.iter().for_each(|a| forth.add(*a, day, 1));
        all.iter().rev().for_each(|a| back.add(*a, day, 1));
        assert!(forth == back && forth.seen.len() < CROWDED, "{}", forth.seen.len());
        assert_eq!((rounded(999), rounded(12_345), rounded(1_000)), (999, 12_300, 1_000));
    }

    #[test]
    fn weeks_begin_on_mondays() {
        assert_eq!(
            (monday(date(2026, 10, 4)), monday(date(2026, 10, 5))),
            (date(2026, 9, 28), date(2026, 10, 5))
        );
    }
}
