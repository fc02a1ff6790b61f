//! Who changed: the payer, what we send, an edit of ours. Held against what didn't change, and said no more surely than that allows.

use super::finding::{Attribution, Changed, Comparison, Control, Interval, Strength, Tally};
use super::site::{Key, Series, Site, Slice};
use super::sums::Sums;

/// An edit switched further from the change than this has nothing to do with it, in weeks.
const AT_THAT_TIME: usize = 2;
/// Parts of the excess that the mix explains to be named at all, likely, and surely.
const MIX: [f64; 3] = [0.4, 0.6, 0.8];

/// Volume and denials before a change and since.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Change {
    pub(super) before: Tally,
    pub(super) since: Tally,
}

impl Change {
    fn plus(self, other: Change) -> Change {
        Change { before: self.before.plus(other.before), since: self.since.plus(other.since) }
    }

    fn less(self, other: Change) -> Change {
        Change { before: self.before.less(other.before), since: self.since.less(other.since) }
    }

    /// Logarithm of the rate ratio, and its variance. One denial shared out by volume keeps zeros finite and says nothing by itself.
    fn log_ratio(self, dispersion: f64) -> (f64, f64) {
        let whole = self.before.exposure + self.since.exposure;
        let (b, s) = (self.before.exposure / whole, self.since.exposure / whole);
        let (before, since) = (self.before.denied + b, self.since.denied + s);
        ((since / s / (before / b)).ln(), dispersion * (1.0 / before + 1.0 / since))
    }

    /// Rate since over rate before.
    pub(super) fn ratio(self, dispersion: f64) -> Interval {
        let (log, variance) = self.log_ratio(dispersion);
        interval(log, variance)
    }
}

fn interval(log: f64, variance: f64) -> Interval {
    let half = 1.96 * variance.sqrt();
    Interval { estimate: log.exp(), low: (log - half).exp(), high: (log + half).exp() }
}

/// A change to be explained, and the weeks it is seen in.
pub(super) struct Question<'a> {
    pub(super) site: &'a Site,
    /// Series of the CARC.
    pub(super) carc: &'a [&'a Series],
    /// Series of all payers and CARCs without slice.
    pub(super) roots: &'a [&'a Series],
    pub(super) key: &'a Key,
    pub(super) rises: bool,
    pub(super) from: usize,
    pub(super) start: usize,
    pub(super) until: usize,
    pub(super) dispersion: f64,
}

impl Question<'_> {
    fn change(&self, series: &Series) -> Change {
        let sums = Sums::of(series, None);
        Change { before: sums.between(self.from, self.start), since: sums.between(self.start, self.until) }
    }

    fn sum<'b>(&self, series: impl Iterator<Item = &'b Series>) -> Change {
        series.fold(Change::default(), |sum, s| sum.plus(self.change(s)))
    }

    fn find(&self, payer: Option<&String>, slice: Option<&Slice>) -> Option<Change> {
        let is = |s: &&&Series| s.key.payer.as_ref() == payer && s.key.slice.as_ref() == slice;
        self.carc.iter().find(is).map(|s| self.change(s))
    }

    /// True where a ratio points the way of the change, surely.
    fn changed(&self, ratio: Interval) -> bool {
        if self.rises { ratio.low > 1.0 } else { ratio.high < 1.0 }
    }

    fn compare(&self, here: Change, control: Change, name: Control) -> Option<Comparison> {
        if control.before.exposure <= 0.0 || control.since.exposure <= 0.0 {
            return None;
        }
        let ((a, va), (b, vb)) = (here.log_ratio(self.dispersion), control.log_ratio(self.dispersion));
        let (difference, control_ratio) = (interval(a - b, va + vb), interval(b, vb));
        Some(Comparison { control: name, difference, control_ratio })
    }

    pub(super) fn answer(&self) -> Attribution {
        let Some(here) = self.find(self.key.payer.as_ref(), self.key.slice.as_ref()) else {
            return Attribution { changed: Changed::Unclear, strength: Strength::Weak, comparison: None };
        };
        let others = self.key.payer.as_ref().and_then(|payer| {
            let others = self.carc.iter().filter(|s| {
                s.key.slice == self.key.slice && s.key.payer.as_ref().is_some_and(|p| p != payer)
            });
            self.compare(here, self.sum(others.copied()), Control::OtherPayers)
        });
        self.by_edit(here, others)
            .or_else(|| self.by_mix(here))
            .unwrap_or_else(|| self.by_payers(here, others))
    }

    /// The payer alone, or all of them.
    fn by_payers(&self, here: Change, others: Option<Comparison>) -> Attribution {
        let told = |changed, strength| Attribution { changed, strength, comparison: others };
        if self.key.payer.is_none() {
            // Without any one of them it still shows.
            let mut payers =
                self.carc.iter().filter(|s| s.key.slice == self.key.slice && s.key.payer.is_some());
            let shows = payers.all(|s| self.changed(here.less(self.change(s)).ratio(self.dispersion)));
            return told(Changed::AllPayers, if shows { Strength::Likely } else { Strength::Weak });
        }
        let Some(others) = others else { return told(Changed::Unclear, Strength::Weak) };
        let as_usual = others.control_ratio.low <= 1.0 && others.control_ratio.high >= 1.0;
        match (self.changed(others.difference), self.changed(others.control_ratio)) {
            (true, false) if as_usual => told(Changed::Payer, Strength::Strong),
            (true, _) => told(Changed::Payer, Strength::Likely),
            (false, true) => told(Changed::AllPayers, Strength::Likely),
            (false, false) => told(Changed::Unclear, Strength::Weak),
        }
    }

    /// More of what was always denied: with the rates of before on the volumes of now the change is there already.
    fn by_mix(&self, here: Change) -> Option<Attribution> {
        if !self.rises || self.key.slice.is_some() {
            return None;
        }
        let [some, most, nearly_all] = MIX;
        let expected = here.before.rate() * here.since.exposure;
        let excess = here.since.denied - expected;
        let values = self.carc.iter().filter(|s| s.key.payer == self.key.payer && s.key.slice.is_some());
        let explained = values.filter_map(|s| {
            let value = self.change(s);
            let rest = here.less(value);
            let mixed = value.before.rate() * value.since.exposure + rest.before.rate() * rest.since.exposure;
            Some((s.key.slice.clone()?, (mixed - expected) / excess, mixed))
        });
        let (slice, part, mixed) =
            explained.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, p, _)| *p >= some)?;
        // The usual rates on today's volumes, as a control with the doubt that the usual rates have.
        let control = Change { since: Tally { denied: mixed, ..here.since }, ..here };
        let comparison = self.compare(here, control, Control::UsualRates)?;
        let rest = comparison.difference;
        if self.changed(rest) {
            return None;
        }
        let strength = if part >= nearly_all && rest.estimate < 1.25 {
            Strength::Strong
        } else if part >= most {
            Strength::Likely
        } else {
            Strength::Weak
        };
        Some(Attribution { changed: Changed::OurMix(slice), strength, comparison: Some(comparison) })
    }

    /// An edit that prevents the CARC was switched off before a rise, or on before a fall, and who it doesn't look at fares as before.
    fn by_edit(&self, here: Change, others: Option<Comparison>) -> Option<Attribution> {
        let near = |week: usize| week.abs_diff(self.start) <= AT_THAT_TIME && week < self.until;
        let is =
            |s: &&super::site::Switch| s.on != self.rises && near(s.week) && s.carcs.contains(&self.key.carc);
        let switch = self.site.switches.iter().filter(is).min_by_key(|s| s.week.abs_diff(self.start))?;
        let told = |strength, comparison| {
            Some(Attribution { changed: Changed::OurEdit(switch.edit.clone()), strength, comparison })
        };
        match (&switch.payer, others) {
            (Some(payer), _) if self.key.payer.as_ref() != Some(payer) => None,
            // The payer may have changed in the same week.
            (Some(_), Some(others)) if self.changed(others.difference) => {
                told(Strength::Likely, Some(others))
            }
            (Some(_), others) => told(Strength::Weak, others),
            // An edit over all payers' claims that one payer alone answers to: the payer.
            (None, Some(others))
                if self.changed(others.difference) && !self.changed(others.control_ratio) =>
            {
                None
            }
            (None, _) => {
                let apart = |s: &&&Series| !switch.carcs.contains(&s.key.carc);
                let mut control = self.sum(self.roots.iter().filter(apart).copied());
                if control.before.exposure <= 0.0 {
                    return told(Strength::Weak, None);
                }
                // Each root has the whole volume: the control is the mean of them.
                let roots = self.roots.iter().filter(apart).count().max(1) as f64;
                control.before.exposure /= roots;
                control.since.exposure /= roots;
                let comparison = self.compare(here, control, Control::OtherCarcs);
                let strength = match comparison {
                    Some(c) if self.changed(c.difference) => Strength::Strong,
                    _ => Strength::Weak,
                };
                told(strength, comparison)
            }
        }
    }
}
