//! What is odd about remittances and payments, by name: none of it stops a file, all of it is somebody's to look at.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::chains::{Chain, ChainState};
use super::classify::AdjustmentClass;
use super::derive::{Payment, payments, rows_of, sent, turn};
use super::pairing::Pairing;
use super::remitted::{NoUse, Remitted, Unread};
use super::story::Story;
use super::tables::Tables;
use crate::edits::Owner;
use crate::remit::week;
use crate::scrub::report::cents;
use crate::x12::Cents;

macro_rules! odd {
    ($($variant:ident = $name:literal, $owner:ident, $todo:literal;)*) => {
        /// What is odd.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs)]
        pub enum Odd { $($variant,)* }

        impl Odd {
            /// Every name.
            pub const ALL: &'static [Odd] = &[$(Odd::$variant,)*];

            /// As reports spell it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Odd::$variant => $name,)* }
            }

            /// The team it concerns.
            #[must_use]
            pub fn owner(self) -> Owner {
                match self { $(Odd::$variant => Owner::$owner,)* }
            }

            /// What to do about it.
            #[must_use]
            pub fn todo(self) -> &'static str {
                match self { $(Odd::$variant => $todo,)* }
            }
        }
    };
}

odd! {
    Unbalanced = "unbalanced", Billing,
        "Its dollars are kept out of every sum. Ask the payer for a corrected remittance before it is posted.";
    SameTrace = "same-trace-other-amounts", Billing,
        "Two remittances under one number say different things: look up the deposit, post the one it agrees with, ask the payer about the other.";
    NeverSent = "payment-for-a-claim-never-sent", Billing,
        "Look the claim up in the practice system. If it isn't ours, ask the payer whose it is: the money may have to go back.";
    NotLinked = "payment-fits-no-version", Billing,
        "The number is ours; charge and dates fit no version that left, or several. Look at the versions by hand.";
    NoOriginal = "reversal-without-an-original", Billing,
        "Look for the payment it takes back in remittances of before; import them, or post it by hand.";
    UnknownReason = "reason-not-in-the-dictionary", Billing,
        "Find out what the reason means and add it to the site's dictionary; until then it counts as no denial.";
    Negative = "negative-payment", Billing,
        "Only a reversal takes money back. Ask the payer what is meant, and post nothing until it is clear.";
    LineNotMatched = "line-not-matched", Billing,
        "The payer paid a line that stands on no claim of ours: compare the codes, and post it by hand.";
    PaidTwice = "claim-paid-twice", Billing,
        "Two payments of one turn stand. Ask the payer which one it takes back before the patient or the next payer is billed.";
    TurnNotKnown = "turn-not-known", Billing,
        "Neither the status nor our claims say whose turn it was: it is counted by the order in which payers came. Look at it before the next payer is billed.";
    Duplicate = "duplicate-remittance", Billing,
        "It was counted once. Make sure the practice system posted it once, too.";
    BalanceOpen = "balance-not-closed", Billing,
        "A balance was carried on and not taken up, or taken up without having been carried on: follow it in `history provider-adjustments`.";
    UnknownTakeBack = "take-back-of-a-claim-not-known", Billing,
        "Ask the payer which claim the money is taken back for; the reference names none we know.";
    Unread = "not-readable-as-remittance", Billing,
        "Ask the sender for the file again: it is cut off or of another version, and nothing of these remittances counts.";
    NoUse = "imported-file-of-no-use", Billing,
        "Nothing of it counts. Where it should hold claims, remittances or answers, get it again from where it came.";
}

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One odd thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Oddity {
    /// What.
    pub outcome: Odd,
    /// The row of the catalogue that asks for it, where there is one.
    pub edit: Option<&'static str>,
    /// ISO week of payment.
    pub week: String,
    /// Payer.
    pub payer: String,
    /// TRN02.
    pub trace: String,
    /// CLP01; empty where it is about a whole remittance.
    pub claim: String,
    /// Cents it is about.
    #[serde(with = "cents")]
    pub amount: Cents,
    /// What there is to see.
    pub detail: String,
    /// The team it concerns.
    #[serde(serialize_with = "owner")]
    pub owner: Owner,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn owner<S: Serializer>(owner: &Owner, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(owner.name())
}

fn oddity(outcome: Odd, edit: Option<&'static str>, amount: Cents, detail: String) -> Oddity {
    let (week, payer, trace, claim) = <(String, String, String, String)>::default();
    Oddity { outcome, edit, week, payer, trace, claim, amount: amount.abs(), detail, owner: outcome.owner() }
}

/// What is odd about the payments under one claim number.
#[must_use]
pub fn of_story(story: &Story, tables: &Tables) -> Vec<Oddity> {
    let all = payments(story, tables);
    let mut found = Vec::new();
    for (n, payment) in all.iter().enumerate() {
        let mut told = Vec::new();
        payment_alone(story, payment, &mut told);
        twice(&all, n, &mut told);
        found.extend(told.into_iter().map(|one| of_payment(one, story, payment)));
    }
    let mut unknown: BTreeSet<(usize, String)> = BTreeSet::new();
    for (place, row) in rows_of(story, &all, tables) {
        let Some(payment) = all.get(place).filter(|_| row.class == AdjustmentClass::Unknown) else {
            continue;
        };
        let reason = format!("{}-{}", row.group, row.carc);
        if unknown.insert((place, reason.clone())) {
            let sum =
                payment.paid.adjustments.iter().chain(payment.paid.lines.iter().flat_map(|l| &l.adjustments));
            let sum = sum.filter(|a| a.group == row.group && a.carc == row.carc);
            let sum = sum.fold(0, |sum: Cents, a| sum.saturating_add(a.amount));
            found.push(of_payment(oddity(Odd::UnknownReason, None, sum, reason), story, payment));
        }
    }
    found
}

fn of_payment(one: Oddity, story: &Story, payment: &Payment<'_>) -> Oddity {
    Oddity {
        week: payment.paid.date.map(week).unwrap_or_default(),
        payer: payment.paid.payer.clone(),
        trace: payment.paid.trace.clone(),
        claim: story.claim.clone(),
        ..one
    }
}

fn payment_alone(story: &Story, payment: &Payment<'_>, told: &mut Vec<Oddity>) {
    let paid = payment.paid;
    let ours = story.sent.iter().filter(|s| s.has_left()).count();
    if ours == 0 {
        let held = !story.sent.is_empty();
        let detail = if held { "its number is known, it never left" } else { "its number is not known" };
        told.push(oddity(Odd::NeverSent, Some("R8-017"), paid.paid, detail.to_owned()));
    } else if let Pairing::Unlinked(candidates) = &payment.pairing {
        let detail = match candidates.len() {
            0 => format!("none of {ours} sent under the number fits"),
            fitting => format!("{fitting} fit"),
        };
        told.push(oddity(Odd::NotLinked, Some("R8-017"), paid.paid, detail));
    }
    if paid.is_reversal() {
        if payment.reverses.is_none() {
            let detail = format!("takes {} back", crate::x12::element::decimal(paid.paid.abs()));
            told.push(oddity(Odd::NoOriginal, Some("R8-015"), paid.paid, detail));
        }
        return;
    }
    if paid.paid < 0 {
        let detail = format!("claim paid below nothing with status {}", paid.status);
        told.push(oddity(Odd::Negative, None, paid.paid, detail));
    }
    if ours > 0 && turn(paid, &story.sent).is_none() {
        let detail = format!("status {}, counted as {}", paid.status, payment.leg.name());
        told.push(oddity(Odd::TurnNotKnown, None, paid.paid, detail));
    }
    let lines_known = sent(story, &payment.pairing).is_some_and(|s| !s.sent.lines.is_empty());
    if lines_known && payment.reversed_by.is_none() {
        let open = paid.lines.iter().zip(&payment.lines).filter(|(_, found)| found.is_none());
        let (mut codes, mut sum): (Vec<&str>, Cents) = (Vec::new(), 0);
        for (line, _) in open {
            codes.push(&line.procedure);
            sum = sum.saturating_add(line.charge);
        }
        if !codes.is_empty() {
            told.push(oddity(Odd::LineNotMatched, Some("R8-018"), sum, codes.join(" ")));
        }
    }
}

/// Another payment of the turn before this one, of the same charge and days, while both stand.
fn twice(all: &[Payment<'_>], n: usize, told: &mut Vec<Oddity>) {
    let stands = |p: &Payment<'_>| {
        p.paid.paid > 0 && !p.paid.is_reversal() && p.reversed_by.is_none() && p.paid.status != "25"
    };
    let Some(this) = all.get(n).filter(|p| stands(p)) else { return };
    let overlap = |p: &Payment<'_>| match (p.paid.dates, this.paid.dates) {
        (Some((a, b)), Some((c, d))) => a <= d && c <= b,
        _ => true,
    };
    let before = all
        .iter()
        .take(n)
        .find(|p| stands(p) && p.leg == this.leg && p.paid.charge == this.paid.charge && overlap(p));
    if let Some(before) = before {
        let day = before.paid.date.map(|d| d.to_string()).unwrap_or_default();
        let detail = format!("{} paid it on {day} under {}", before.paid.payer, before.paid.trace);
        told.push(oddity(Odd::PaidTwice, None, this.paid.paid, detail));
    }
}

/// What is odd about the remittances of one payer and number.
#[must_use]
pub fn of_remittances(same: &[Remitted]) -> Vec<Oddity> {
    let mut found = Vec::new();
    for remitted in same {
        let mut told = Vec::new();
        let levels = [("R8-004", "lines"), ("R8-005", "claims"), ("R8-007", "the whole")];
        for ((edit, level), n) in levels.into_iter().zip(remitted.unbalanced).filter(|(_, n)| *n > 0) {
            let detail = if edit == "R8-007" { level.to_owned() } else { format!("{n} {level}") };
            told.push(oddity(Odd::Unbalanced, Some(edit), remitted.amount, detail));
        }
        if remitted.amount < 0 {
            let detail = "the remittance pays below nothing".to_owned();
            told.push(oddity(Odd::Negative, Some("R8-047"), remitted.amount, detail));
        }
        if remitted.again() > 0 {
            let detail = format!("came {} times", remitted.again() + 1);
            told.push(oddity(Odd::Duplicate, Some("R8-016"), remitted.amount, detail));
        }
        found.extend(told.into_iter().map(|one| of_remitted(one, remitted)));
    }
    // Numbers of remittances that pay nothing are used again and again.
    if let [first, _, ..] = same
        && !first.trace.is_empty()
        && same.iter().any(|r| r.amount != 0)
    {
        let mut amounts: Vec<Cents> = same.iter().map(|r| r.amount).collect();
        amounts.sort_unstable();
        let shown: Vec<String> = amounts.iter().map(|a| crate::x12::element::decimal(*a)).collect();
        let last = amounts.last().copied().unwrap_or(0);
        let one = oddity(Odd::SameTrace, Some("R8-016"), last, shown.join(" "));
        let latest = same.iter().max_by_key(|r| (r.date, r.id)).unwrap_or(first);
        found.push(of_remitted(one, latest));
    }
    found
}

fn of_remitted(one: Oddity, remitted: &Remitted) -> Oddity {
    let week = remitted.date.map(week).unwrap_or_default();
    Oddity { week, payer: remitted.payer.clone(), trace: remitted.trace.clone(), ..one }
}

/// What is odd about a balance or a take-back.
#[must_use]
pub fn of_chain(chain: &Chain) -> Option<Oddity> {
    let (outcome, says) = match (chain.state, chain.reason.as_str()) {
        (ChainState::Open, _) => (Odd::BalanceOpen, "carried on, not taken up"),
        (ChainState::BeyondForwarded, _) => (Odd::BalanceOpen, "taken up beyond what was carried on"),
        (ChainState::TakenBack, _) if chain.claim.is_none() => (Odd::UnknownTakeBack, "taken back"),
        _ => return None,
    };
    let detail = format!("{} {}: {says}", chain.reason, chain.reference);
    let one = oddity(outcome, Some("R8-019"), chain.dollars(), detail);
    Some(Oddity {
        week: chain.last.map(week).unwrap_or_default(),
        payer: chain.payer.clone(),
        trace: chain.entries.last().map(|e| e.trace.clone()).unwrap_or_default(),
        claim: chain.claim.clone().unwrap_or_default(),
        ..one
    })
}

/// A file that an import found of no use.
#[must_use]
pub fn of_no_use(file: &NoUse) -> Oddity {
    if file.unread.sets > 0 {
        return of_unread(&file.unread, &file.name);
    }
    let says = if file.interchanges == 0 { "no X12" } else { "nothing in it that the history reads" };
    let detail = format!("{}: {says}", file.name);
    Oddity { week: file.unread.week.clone(), ..oddity(Odd::NoUse, None, 0, detail) }
}

/// A file with remittances that could not be read; by its hash where no name is known.
#[must_use]
pub fn of_unread(unread: &Unread, name: &str) -> Oddity {
    let hash: String = unread.sha256.chars().take(12).collect();
    let file = if name.is_empty() { &hash } else { name };
    let version = if unread.version.is_empty() { "no version" } else { &unread.version };
    let detail = format!("{} in file {file}, {version}", unread.sets);
    Oddity { week: unread.week.clone(), ..oddity(Odd::Unread, None, 0, detail) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::history::Paid;

    fn story(paid: Vec<Paid>) -> Story {
        Story { paid, ..Story::of("C1") }
    }

    fn paid(n: u8, status: &str, amount: Cents) -> Paid {
        Paid {
            id: [n; 16],
            payer: "P".into(),
            date: Some(date(2026, 10, i8::try_from(n).unwrap())),
            status: status.into(),
            charge: 10_000 * amount.signum(),
            paid: amount,
            ..Paid::default()
        }
    }

    fn names(story: &Story) -> Vec<&'static str> {
        let tables = Tables::default();
        of_story(story, &tables)
            .iter()
            .map(|o| o.outcome.name())
            .filter(|n| *n != Odd::NeverSent.name())
            .collect()
    }

    #[test]
    fn payments_of_one_turn_that_stand_are_one_too_many() {
        assert_eq!(names(&story(vec![paid(1, "1", 500), paid(2, "1", 500)])), ["claim-paid-twice"]);
        assert!(names(&story(vec![paid(1, "1", 500), paid(2, "2", 500)])).is_empty(), "two turns");
        let taken_back = vec![paid(1, "1", 500), paid(2, "22", -500), paid(3, "1", 500)];
        assert!(names(&story(taken_back)).is_empty());
        let other_charge = Paid { charge: 700, ..paid(2, "1", 500) };
        assert!(names(&story(vec![paid(1, "1", 500), other_charge])).is_empty(), "a claim that was split");
    }

    #[test]
    fn money_below_nothing_is_a_reversal_or_odd() {
        assert_eq!(names(&story(vec![paid(1, "22", -500)])), ["reversal-without-an-original"]);
        assert_eq!(names(&story(vec![paid(1, "1", -500)])), ["negative-payment"]);
    }

    #[test]
    fn names_are_told_apart() {
        let names: BTreeSet<&str> = Odd::ALL.iter().map(|o| o.name()).collect();
        assert_eq!(names.len(), Odd::ALL.len());
        assert!(Odd::ALL.iter().all(|o| o.todo().ends_with('.')));
    }

    #[test]
    fn a_number_used_twice_for_money_is_odd() {
        let of = |amount| Remitted {
            trace: "T".into(),
            amount,
            files: vec![("a".into(), 1)],
            ..Remitted::default()
        };
        let told = |all: &[Remitted]| of_remittances(all).iter().map(|o| o.outcome).collect::<Vec<_>>();
        assert_eq!(told(&[of(100), of(200)]), [Odd::SameTrace]);
        assert_eq!(told(&[of(0), of(0)]), []);
        let twice =
            Remitted { files: vec![("a".into(), 1), ("b".into(), 1)], unbalanced: [1, 0, 1], ..of(-5) };
        assert_eq!(told(&[twice]), [Odd::Unbalanced, Odd::Unbalanced, Odd::Negative, Odd::Duplicate]);
    }
}
