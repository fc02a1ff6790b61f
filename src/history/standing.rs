//! Where a claim of ours stands: from what was answered and paid.

use jiff::civil::Date;
use serde::Serialize;

use super::classify::ClaimClass;
use super::derive::{Leg, Payment};
use super::pairing::Pairing;
use super::sent::SentClaim;
use super::story::{Story, Told};

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Standing {
    Held,
    RejectedHere,
    Voided,
    Replaced,
    SentBack,
    Sent,
    AcceptedByClearinghouse,
    AcceptedByPayer,
    Rejected,
    Forwarded,
    Paid,
    PatientShare,
    PartlyDenied,
    Denied,
    Reversed,
}

/// A claim of ours with all that came back for it.
#[derive(Clone, Debug)]
pub struct Followed<'a> {
    /// The claim.
    pub sent: &'a SentClaim,
    /// Its payments, by date.
    pub payments: Vec<&'a Payment<'a>>,
    /// Answers to it, by date.
    pub told: Vec<&'a Told>,
    /// Where it stands.
    pub standing: Standing,
}

impl Followed<'_> {
    /// The first decision of the payer it was sent to, were it taken back since or not.
    #[must_use]
    pub fn first_decision(&self) -> Option<&Payment<'_>> {
        let leg = turn(self.sent);
        self.payments.iter().copied().find(|p| p.leg == leg && !p.paid.is_reversal())
    }

    /// The last of them that stands.
    #[must_use]
    pub fn last_decision(&self) -> Option<&Payment<'_>> {
        let first = self.first_decision()?;
        let of_leg = self.payments.iter().copied().filter(|p| p.leg == first.leg && !p.paid.is_reversal());
        of_leg.rev().find(|p| p.reversed_by.is_none())
    }

    /// The first answer that takes or refuses it.
    #[must_use]
    pub fn first_answer(&self) -> Option<&Told> {
        // One that only says that it came takes nothing.
        self.told.first().copied()
    }

    /// True where a receiver or payer refused it before it was judged.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.told.iter().any(|t| !t.accepted)
    }

    /// The day it left.
    #[must_use]
    pub fn left(&self) -> Option<Date> {
        self.sent.left.filter(|_| self.sent.has_left())
    }
}

/// Whose turn a claim of ours is.
fn turn(sent: &SentClaim) -> Leg {
    match sent.sent.sequence.as_str() {
        "S" => Leg::Secondary,
        "P" | "" => Leg::Primary,
        _ => Leg::Tertiary,
    }
}

/// Every claim of ours in a story, in order.
#[must_use]
pub fn follow<'a>(story: &'a Story, payments: &'a [Payment<'a>]) -> Vec<Followed<'a>> {
    let told: Vec<Option<(&str, u64)>> = story.told.iter().map(|t| told_of(story, t)).collect();
    story
        .sent
        .iter()
        .map(|sent| {
            let place = (sent.file.as_str(), sent.position);
            let is_its =
                |p: &&Payment<'_>| matches!(&p.pairing, Pairing::Linked(f, n) if (f.as_str(), *n) == place);
            let payments: Vec<&Payment<'_>> = payments.iter().filter(is_its).collect();
            let mut told: Vec<&Told> =
                story.told.iter().zip(&told).filter(|(_, of)| **of == Some(place)).map(|(t, _)| t).collect();
            // Of one day, the envelope's answer is before the set's, and that before the claim's.
            let level = |kind: &str| ["TA1", "999"].iter().position(|k| *k == kind).unwrap_or(2);
            told.sort_by_key(|t| (t.date, level(&t.kind), !t.accepted));
            let standing = standing(sent, &payments, &told);
            Followed { sent, payments, told, standing }
        })
        .collect()
}

/// The claim an answer is to: the one its numbers lead to; else the last of that charge that left before.
fn told_of<'a>(story: &'a Story, told: &'a Told) -> Option<(&'a str, u64)> {
    if let Some((file, position)) = &told.of {
        return Some((file, *position));
    }
    let fits = |s: &&SentClaim| {
        s.has_left()
            && told.charge.is_none_or(|c| c == s.charge)
            && (told.date.is_none() || s.left <= told.date)
    };
    let last = story.sent.iter().filter(fits).max_by_key(|s| (s.left, &s.sha256, s.position))?;
    Some((&last.file, last.position))
}

fn standing(sent: &SentClaim, payments: &[&Payment<'_>], told: &[&Told]) -> Standing {
    match sent.state.as_str() {
        "held" => return Standing::Held,
        "rejected" => return Standing::RejectedHere,
        "voided" => return Standing::Voided,
        "replaced" => return Standing::Replaced,
        "sent-back" => return Standing::SentBack,
        _ => {}
    }
    // What a later payer made of it is told of that payer's turn: it was forwarded, or its claim went there by itself.
    let own: Vec<&&Payment<'_>> = payments.iter().filter(|p| p.leg == turn(sent)).collect();
    let own = if own.is_empty() { payments.iter().collect() } else { own };
    let decided = own.iter().rev().find(|p| !p.paid.is_reversal() && p.reversed_by.is_none());
    if let Some(payment) = decided {
        return match payment.class {
            ClaimClass::Denied => Standing::Denied,
            ClaimClass::PartlyDenied => Standing::PartlyDenied,
            ClaimClass::PatientShare => Standing::PatientShare,
            ClaimClass::Forwarded => Standing::Forwarded,
            _ => Standing::Paid,
        };
    }
    // One that takes back nothing we know says nothing of this one.
    if own.iter().any(|p| p.reversed_by.is_some()) {
        return Standing::Reversed;
    }
    match told.last() {
        Some(last) if !last.accepted => Standing::Rejected,
        Some(last) if last.by_payer => Standing::AcceptedByPayer,
        Some(_) => Standing::AcceptedByClearinghouse,
        None => Standing::Sent,
    }
}
