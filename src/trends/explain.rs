//! Who speaks of a change: the most specific series that explains it; a wider one where none does.

use std::collections::BTreeMap;

use super::scan::{Assessed, Evidence};
use super::site::Series;
use super::sums::gain;

/// Part of a wider series' excess that a narrower one must hold to speak for it.
const MOST_OF_IT: f64 = 0.6;
/// A value speaks where it alone is this much likelier than an equal change of all, in logarithms: it was chosen among many.
const CHOSEN: f64 = 1.5;
/// Payers that tell of it speak unless an equal change at all is this much likelier, and the others' change this much likelier than none.
const EVEN: f64 = 1.0;
const OTHERS: f64 = 2.0;
/// So many payers that tell of it, with none left that decides as before, are all payers.
const ALL: usize = 3;

/// A series whose change may be told.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) series: &'a Series,
    pub(super) assessed: &'a Assessed,
    pub(super) evidence: Evidence,
    /// Chance below which it tells.
    pub(super) threshold: f64,
    /// True where it passes threshold and least figures by itself.
    pub(super) tells: bool,
}

impl<'a> Candidate<'a> {
    /// Wider and narrower series prove the same change: this one with the chance of that one.
    fn proved_by(mut self, other: &Candidate<'_>) -> Candidate<'a> {
        if !self.tells || other.evidence.p / other.threshold < self.evidence.p / self.threshold {
            (self.evidence.p, self.threshold, self.tells) = (other.evidence.p, other.threshold, true);
        }
        self
    }

    /// Denials in the weeks of `of`'s change, and those that were to be expected.
    fn within(&self, of: &Candidate<'_>) -> (f64, f64) {
        let (start, until) = (of.evidence.start, of.evidence.until);
        let usual = self.assessed.sums.between(self.assessed.baseline, self.evidence.start.min(start)).rate();
        let since = self.assessed.sums.between(start, until);
        (since.denied, usual * since.exposure)
    }

    /// How much likelier the counts are if only this changed, over if nothing did.
    fn gain_within(&self, of: &Candidate<'_>) -> f64 {
        let (denied, expected) = self.within(of);
        gain(denied, expected.max(0.1)) / of.assessed.dispersion.ratio
    }
}

/// The one of `narrower` that explains most of what `wider` rose or fell by, and does so better than an equal change of all.
fn explaining<'a>(wider: &Candidate<'a>, narrower: &[Candidate<'a>]) -> Option<Candidate<'a>> {
    let (denied, expected) = wider.within(wider);
    let excess = denied - expected;
    let even = wider.gain_within(wider);
    let fits = |c: &&Candidate<'a>| {
        let (d, e) = c.within(wider);
        (d - e) / excess >= MOST_OF_IT && c.gain_within(wider) >= even + CHOSEN
    };
    narrower.iter().filter(fits).max_by(|a, b| a.gain_within(wider).total_cmp(&b.gain_within(wider))).copied()
}

/// Speakers of one payer's denials by one CARC, or of all payers': the series itself or its values.
fn of_values<'a>(whole: Option<Candidate<'a>>, values: &[Candidate<'a>]) -> Vec<Candidate<'a>> {
    let telling = values.iter().chain(&whole).filter(|c| c.tells);
    let surest = telling.min_by(|a, b| (a.evidence.p / a.threshold).total_cmp(&(b.evidence.p / b.threshold)));
    if let (Some(whole), Some(surest)) = (whole, surest) {
        let speaker = explaining(&whole, values).unwrap_or(whole);
        return vec![speaker.proved_by(surest)];
    }
    // Values of one dimension hold different claims; those of different dimensions are the same claims seen otherwise.
    let telling = || values.iter().filter(|v| v.tells);
    let dimension = |c: &Candidate<'_>| c.series.key.slice.as_ref().map(|s| s.dimension.clone());
    let best = telling().min_by(|a, b| a.evidence.p.total_cmp(&b.evidence.p)).map(dimension);
    telling().filter(|c| Some(dimension(c)) == best).copied().collect()
}

/// Speakers among all candidates of one CARC that changed the same way. `payers`: how many deny by it at all.
pub(super) fn speakers<'a>(candidates: &[Candidate<'a>], payers: usize) -> Vec<Candidate<'a>> {
    let mut by_payer: BTreeMap<Option<&str>, (Option<Candidate<'a>>, Vec<Candidate<'a>>)> = BTreeMap::new();
    for candidate in candidates {
        let (whole, values) = by_payer.entry(candidate.series.key.payer.as_deref()).or_default();
        match candidate.series.key.slice {
            None => *whole = Some(*candidate),
            Some(_) => values.push(*candidate),
        }
    }
    let (root, all_payers_values) = by_payer.remove(&None).unwrap_or_default();
    let wholes: Vec<Candidate<'a>> = by_payer.values().filter_map(|(whole, _)| *whole).collect();
    let each = |payers: &BTreeMap<Option<&str>, (Option<Candidate<'a>>, Vec<Candidate<'a>>)>| {
        payers.values().flat_map(|(whole, values)| of_values(*whole, values)).collect::<Vec<_>>()
    };
    let Some(root) = root.filter(|r| r.tells) else {
        let found = each(&by_payer);
        // Values of all payers speak where no payer does.
        return if found.is_empty() { of_values(None, &all_payers_values) } else { found };
    };
    if payers > 1 && is_everywhere(&root, &wholes, payers) {
        return of_values(Some(root), &all_payers_values);
    }
    let mut found = each(&by_payer);
    if found.is_empty() {
        let one = explaining(&root, &wholes).map(|one| {
            let one = one.proved_by(&root);
            let values = by_payer.get(&one.series.key.payer.as_deref()).map(|(_, v)| v.as_slice());
            of_values(Some(one), values.unwrap_or_default())
        });
        found = one.unwrap_or_else(|| of_values(Some(root), &all_payers_values));
    }
    found
}

/// True where all payers changed, or an equal change at all of them is likelier than one at those alone that tell of it.
fn is_everywhere(root: &Candidate<'_>, wholes: &[Candidate<'_>], payers: usize) -> bool {
    let telling: Vec<&Candidate<'_>> = match wholes.iter().filter(|w| w.tells).collect::<Vec<_>>() {
        none if none.is_empty() => wholes.iter().collect(),
        some => some,
    };
    let (denied, expected) = root.within(root);
    let of_telling = telling.iter().map(|w| w.within(root)).fold((0.0, 0.0), |(x, y), (d, e)| (x + d, y + e));
    let (denied_by_others, usual_of_others) =
        ((denied - of_telling.0).max(0.0), (expected - of_telling.1).max(0.1));
    let held = (of_telling.0 - of_telling.1) / (denied - expected);
    let others = gain(denied_by_others, usual_of_others) / root.assessed.dispersion.ratio;
    let others_too = others >= OTHERS && (denied_by_others > usual_of_others) == (denied > expected);
    // Where nearly all tell, those left are too few to say anything.
    let ratio = (of_telling.0.max(0.1) / of_telling.1.max(0.1)).max(0.1);
    let as_others = denied_by_others * ratio.ln() - usual_of_others * (ratio - 1.0);
    let silent = as_others / root.assessed.dispersion.ratio > -OTHERS;
    let none_stays = telling.len() > 1 && (telling.len() >= payers || silent);
    // Each payer more that is named was chosen among all.
    let chosen = telling.len().saturating_sub(1) as f64 * (payers as f64).ln();
    let apart: f64 = telling.iter().map(|w| w.gain_within(root)).sum::<f64>() - chosen;
    let most = |w: &&Candidate<'_>| {
        let (d, e) = w.within(root);
        (d - e) / (denied - expected) >= MOST_OF_IT
    };
    // Whether or not by as much at each.
    let all_changed = none_stays && telling.len() >= ALL && !telling.iter().any(most);
    let even = (others_too || none_stays) && apart + EVEN < root.gain_within(root);
    held < MOST_OF_IT || all_changed || even
}
