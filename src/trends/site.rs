//! A site's denials by week: what the detector is given, and what it may say.

/// A value that claims or denials are told apart by: a RARC, procedure, modifier, diagnosis category, billing group, channel, owner, edit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slice {
    /// Name of the dimension, as `history denials --by` spells it.
    pub dimension: String,
    /// The value.
    pub value: String,
}

/// Which denials a series counts. Without payer: those of all payers. Without slice: of all values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// CARC.
    pub carc: String,
    /// As the 835 identifies the payer.
    pub payer: Option<String>,
    /// One dimension further, at most.
    pub slice: Option<Slice>,
}

impl Key {
    /// What counts all that this key counts, and more, nearest first.
    pub(super) fn wider(&self) -> impl Iterator<Item = Key> {
        let of = |payer: &Option<String>, slice: &Option<Slice>| Key {
            carc: self.carc.clone(),
            payer: payer.clone(),
            slice: slice.clone(),
        };
        let plain = self.slice.as_ref().map(|_| of(&self.payer, &None));
        let all = self.payer.as_ref().map(|_| of(&None, &self.slice));
        let root = (plain.is_some() && all.is_some()).then(|| of(&None, &None));
        [plain, all, root].into_iter().flatten()
    }
}

/// Weekly figures of one key, oldest week first.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it counts.
    pub key: Key,
    /// Claims denied.
    pub denied: Vec<u32>,
    /// Claims they could have come from: adjudicated of that payer and slice in that week, each week weighted by lag, so that one in which
    /// mostly fast answers came back doesn't fake a rise. Not by CARC.
    pub adjudicated: Vec<f64>,
    /// Cents refused.
    pub cents: Vec<i64>,
}

/// An edit of ours switched on or off.
#[derive(Clone, Debug)]
pub struct Switch {
    /// Its id.
    pub edit: String,
    /// First week with the change, as a place in the site's weeks.
    pub week: usize,
    /// True when it was switched on.
    pub on: bool,
    /// CARCs it prevents.
    pub carcs: Vec<String>,
    /// The payer whose claims it looks at; none: all.
    pub payer: Option<String>,
}

/// All series of a site over the same consecutive ISO weeks.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// How many weeks; a series of another length is left out.
    pub weeks: usize,
    /// True when the last week is still running.
    pub partial: bool,
    /// Each key once.
    pub series: Vec<Series>,
    /// Edits switched on or off.
    pub switches: Vec<Switch>,
}

/// What makes a change worth a word.
#[derive(Clone, Debug)]
pub struct Settings {
    /// False findings that may be expected in a week over the whole site, rises and improvements together.
    pub budget: f64,
    /// Part of the budget that improvements may spend.
    pub falls: f64,
    /// Complete weeks a change must still be seen in.
    pub alert_weeks: usize,
    /// Weeks back at most that a change may have begun; an older one is the new normal. Half a year: where two claims a week are affected, thirty
    /// of them take a quarter.
    pub scan_weeks: usize,
    /// Claims denied since the change, at least; of an improvement: claims fewer than usual.
    pub least_claims: f64,
    /// Cents refused beyond the usual since the change, at least.
    pub least_cents: i64,
    /// Rate since the change over the usual one, at least; of an improvement: the other way round.
    pub least_ratio: f64,
    /// Threads; 0: as many as the machine has. The findings are the same for any number.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            budget: 1.0,
            falls: 0.25,
            alert_weeks: 3,
            scan_weeks: 26,
            least_claims: 5.0,
            least_cents: 25_000,
            least_ratio: 1.15,
            threads: 0,
        }
    }
}
