//! The pack of a week, from what was read: pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::action::Action;
use super::calendar::last_day;
use super::names::{Blinding, Names};
use super::pack::{Baseline, Pack, VERSION};
use super::read::{BASELINE, Read};
use super::suppress::suppress;
use super::{acted, changed, detail, found, head, payer_pages, stuck, teaching};
use crate::alerts::{Alert, of_finding};
use crate::edits::{EditChange, EditSet};
use crate::history::{Tables, first_day};
use crate::holds::HeldClaim;
use crate::remit::week;
use crate::trends::Finding;

/// All that a pack is built from.
pub struct Inputs<'a> {
    /// What was read from the index.
    pub read: &'a Read,
    /// What facts are read by.
    pub tables: &'a Tables,
    /// The edits in force.
    pub edits: &'a EditSet,
    /// Every action, open or closed.
    pub actions: &'a [Action],
    /// Edits that changed, of any week.
    pub changes: &'a [EditChange],
    /// What the site is called.
    pub site: &'a str,
    /// Set for a shared copy.
    pub blinding: Option<&'a Blinding>,
}

/// A finding of the detector, as it is told.
pub struct Told<'a> {
    /// What it found.
    pub finding: &'a Finding,
    /// As an alert, by the names of this pack.
    pub alert: Alert,
}

impl Told<'_> {
    /// True of fewer denials.
    #[must_use]
    pub fn is_better(&self) -> bool {
        self.alert.kind == crate::alerts::Kind::Improvement
    }

    /// Claims it is about.
    #[must_use]
    pub fn claims(&self) -> i64 {
        i64::try_from(self.alert.count()).unwrap_or(i64::MAX)
    }
}

/// What is at hand while a pack is built.
pub struct Work<'a> {
    /// What it is built from.
    pub of: &'a Inputs<'a>,
    /// How things are called.
    pub names: Names<'a>,
    /// What the detector found, most dollars first.
    pub told: Vec<Told<'a>>,
}

impl Work<'_> {
    /// The pack's week.
    #[must_use]
    pub fn week(&self) -> &str {
        &self.of.read.span.week
    }

    /// True of a week of the baseline.
    #[must_use]
    pub fn is_before(&self, week: &str) -> bool {
        let (from, to) = &self.of.read.span.baseline;
        from.as_str() <= week && week <= to.as_str()
    }

    /// Holds that count: those of a file that was refused whole went back to its sender.
    pub fn holds(&self) -> impl Iterator<Item = (&HeldClaim, Date)> {
        let day = |held: &HeldClaim| held.held_at.to_zoned(TimeZone::UTC).date();
        self.of.read.holds.iter().map(move |held| (held, day(held)))
    }

    /// The same, each with its week.
    pub fn holds_by_week(&self) -> impl Iterator<Item = (&HeldClaim, String)> {
        self.holds().map(|(held, day)| (held, week(day)))
    }
}

/// The pack.
#[must_use]
pub fn build(inputs: &Inputs<'_>) -> Pack {
    let names = Names { payers: &inputs.tables.payers, blinding: inputs.blinding };
    let told = |finding| Told {
        finding,
        alert: names.alert(of_finding(
            finding,
            &inputs.read.weeks,
            &inputs.tables.dictionary,
            &inputs.tables.payers,
        )),
    };
    let mut told: Vec<Told<'_>> = inputs.read.findings.iter().map(told).collect();
    told.sort_by(|a, b| {
        let key = |t: &Told<'_>| std::cmp::Reverse(t.finding.excess_cents);
        (key(a), &a.alert.message).cmp(&(key(b), &b.alert.message))
    });
    let work = Work { of: inputs, names, told };
    let span = &inputs.read.span;
    let monday = first_day(&span.week).unwrap_or(span.today);
    let mut detail = detail::sections(&work);
    // Behind the scoreboard, before the figures.
    let pages = payer_pages::sections(&work);
    let at = detail.iter().position(|section| section.id == "metrics").unwrap_or(detail.len());
    detail.splice(at..at, pages);
    let mut pack = Pack {
        version: VERSION,
        week: span.week.clone(),
        from: monday,
        to: last_day(&span.week).unwrap_or(monday),
        as_of: span.today,
        site: if work.names.are_blinded() { "a site".to_owned() } else { inputs.site.to_owned() },
        shared: None,
        baseline: Baseline {
            from: span.baseline.0.clone(),
            to: span.baseline.1.clone(),
            said: format!("the {BASELINE} weeks before ({} to {})", span.baseline.0, span.baseline.1),
        },
        head: head::figures(&work),
        wins: found::wins(&work),
        worsening: found::worsening(&work),
        stuck: stuck::block(&work),
        changes: changed::block(&work),
        teaching: teaching::points(&work),
        actions: acted::actions(&work),
        next: acted::next(&work),
        detail,
    };
    if let Some(blinding) = inputs.blinding {
        suppress(&mut pack, blinding.least);
    }
    pack
}
