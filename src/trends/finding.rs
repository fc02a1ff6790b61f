//! What the detector says.

use super::site::{Key, Slice};

/// How a rate changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// From one week to the next.
    Rise,
    /// Slowly, over weeks.
    Drift,
    /// From nothing, or nearly nothing.
    New,
    /// Fewer denials.
    Improvement,
}

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// One of those that may be chance.
    Weak,
    /// A tenth as likely chance as a weak one may be.
    Likely,
    /// A thousandth.
    Strong,
}

/// An estimate and its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Estimate.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Denials of a volume.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Claims denied.
    pub denied: f64,
    /// Claims they could have come from, by lag, and by season where one is known.
    pub exposure: f64,
}

impl Tally {
    /// Denials for each claim of the volume.
    #[must_use]
    pub fn rate(self) -> f64 {
        if self.exposure > 0.0 { self.denied / self.exposure } else { 0.0 }
    }

    pub(super) fn plus(self, other: Tally) -> Tally {
        Tally { denied: self.denied + other.denied, exposure: self.exposure + other.exposure }
    }

    pub(super) fn less(self, other: Tally) -> Tally {
        Tally {
            denied: (self.denied - other.denied).max(0.0),
            exposure: (self.exposure - other.exposure).max(0.0),
        }
    }
}

/// Who or what changed, as far as the figures tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Changed {
    /// The payer: claims of the same kind fare as before at the others.
    Payer,
    /// What we send: more claims of a kind that was always denied this often.
    OurMix(Slice),
    /// An edit of ours, switched on or off at that time.
    OurEdit(String),
    /// Something of ours, or a rule that binds all payers: it changed at all of them.
    AllPayers,
    /// The figures don't tell.
    Unclear,
}

/// What a change is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// The same denials at the other payers.
    OtherPayers,
    /// Denials that the edit doesn't prevent, at the same payer or at all.
    OtherCarcs,
    /// The rates of before on the volumes of now.
    UsualRates,
}

/// A change before and after, here and in a control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Held against what.
    pub control: Control,
    /// Rate ratio here over rate ratio of the control.
    pub difference: Interval,
    /// Rate ratio of the control.
    pub control_ratio: Interval,
}

/// Who changed, and how sure that is.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// Who.
    pub changed: Changed,
    /// How sure; apart from how sure the finding is.
    pub strength: Strength,
    /// By what; none where there is nothing to hold it against.
    pub comparison: Option<Comparison>,
}

/// One cause, told once: by the most specific series that explains it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which denials.
    pub key: Key,
    /// How they changed.
    pub kind: Kind,
    /// First week of the change, as a place in the site's weeks. A finding that was told stands while its key is found again.
    pub start: usize,
    /// Week after the last one counted.
    pub until: usize,
    /// Denials and volume since the change.
    pub since: Tally,
    /// Those of the weeks before that are held for usual.
    pub usual: Tally,
    /// First of these weeks.
    pub usual_from: usize,
    /// Denials a week that were to be expected since the change.
    pub usual_a_week: f64,
    /// Rate since over usual rate.
    pub ratio: Interval,
    /// Cents refused beyond the usual since the change; of an improvement: cents not refused, by the usual price of a denial.
    pub excess_cents: i64,
    /// Chance of such a change somewhere in the scanned weeks of one series, if nothing changed.
    pub p: f64,
    /// The chance below which it is told.
    pub threshold: f64,
    /// How sure it is.
    pub strength: Strength,
    /// Who changed.
    pub changed: Attribution,
}
