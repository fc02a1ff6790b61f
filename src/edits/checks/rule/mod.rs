//! `[[check.rule]]`: where all of `when` holds, so must all of `then`; once for the claim, or for `each` occurrence of
//! a loop.

mod condition;
mod predicate;
mod shape;

use serde::Deserialize;

use self::condition::{Condition, Failed, Scope, Scoped};
use super::{Found, Report, Tables};
use crate::claim::{Claim, Entries, Hit, Placed};
use crate::codes::Kind;
use crate::schema::{EntryIx, Guide, PathError, Schema, schema};

/// What must hold where something else does.
#[derive(Debug)]
pub struct Rule {
    /// The loop it is asked in, by guide.
    each: Option<[Each; Guide::COUNT]>,
    when: Vec<Condition>,
    then: Vec<Condition>,
    /// Where what is missing is told.
    tell: Option<Scoped>,
}

/// Occurrences of a loop, with all that stands in it.
#[derive(Clone, Debug, Default)]
struct Each {
    opener: Entries,
    /// By loop: true for it and those inside it.
    within: Vec<bool>,
}

/// As written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    each: Option<String>,
    #[serde(default)]
    when: Vec<condition::Raw>,
    then: Vec<condition::Raw>,
    /// Where what is missing, or should be, is told.
    tell: Option<String>,
}

impl Raw {
    pub(super) fn compile(self, applies: &[Guide]) -> Result<Rule, PathError> {
        let each = self.each.as_deref();
        let conditions = |raw: Vec<condition::Raw>| -> Result<Vec<Condition>, PathError> {
            raw.into_iter().map(|c| c.compile(each, applies)).collect()
        };
        let (when, then) = (conditions(self.when)?, conditions(self.then)?);
        let tell = self.tell.map(|path| Scoped::new(&path, each, applies)).transpose()?;
        let each = each.map(|id| Guide::ALL.map(|guide| Each::of(schema(guide), id)));
        Ok(Rule { each, when, then, tell })
    }
}

impl Each {
    fn of(schema: &Schema, loop_id: &str) -> Each {
        let Some(ix) = schema.loop_ix(loop_id) else { return Each::default() };
        let opener = (0u16..).map(EntryIx).zip(&schema.entries).find(|(_, e)| e.loop_ix == ix);
        let entries: Vec<EntryIx> = opener.map(|(entry, _)| entry).into_iter().collect();
        let level = entries.first().map_or(4, |e| usize::from(schema.level(*e)));
        Each { opener: Entries { level, entries }, within: schema.within(loop_id) }
    }

    /// The occurrences in a claim, each from its first segment to its last.
    fn units<'a>(&self, claim: &Claim<'a>) -> impl Iterator<Item = &'a [Placed<'a>]> {
        let opens = |p: &Placed<'_>| p.entry.is_some_and(|e| self.opener.entries.contains(&e));
        let inside = |p: &Placed<'_>| self.within.get(usize::from(p.loop_ix.0)) == Some(&true);
        let mut rest = claim.from_first(&self.opener);
        std::iter::from_fn(move || {
            let start = rest.iter().position(opens)?;
            let unit = rest.get(start..)?;
            let len = unit.iter().skip(1).position(|p| opens(p) || !inside(p)).map_or(unit.len(), |n| n + 1);
            rest = unit.get(len..)?;
            unit.get(..len)
        })
    }
}

impl Rule {
    /// The code sets it asks.
    pub(super) fn needs(&self) -> impl Iterator<Item = Kind> {
        self.when.iter().chain(&self.then).flat_map(Condition::needs)
    }

    pub(super) fn run<'a>(&self, claim: &Claim<'a>, tables: &Tables, report: Report<'_, 'a>) {
        // A condition on what the claim doesn't have ends the matter at once.
        if self.when.iter().any(|c| c.cannot_hold(claim)) {
            return;
        }
        let mut scope = Scope { claim, unit: None, tables };
        match self.each.as_ref().and_then(|each| each.get(claim.guide() as usize)) {
            None => self.judge(&scope, report),
            Some(each) => {
                for unit in each.units(claim) {
                    scope.unit = Some(unit);
                    self.judge(&scope, report);
                }
            }
        }
    }

    fn judge<'a>(&self, scope: &Scope<'_, 'a>, report: Report<'_, 'a>) {
        if !self.when.iter().all(|c| c.holds(scope)) {
            return;
        }
        for condition in &self.then {
            condition.fails(scope, &mut |failed| self.say(condition, failed, scope, report));
        }
    }

    #[cold]
    fn say<'a>(
        &self,
        condition: &Condition,
        failed: Failed<'a>,
        scope: &Scope<'_, 'a>,
        report: Report<'_, 'a>,
    ) {
        // What is missing is told at its segment, where that stands; else, as what should be missing, at the last thing that asks.
        let own = |hit: Hit<'a>| (hit, condition.at_element(failed.element));
        let asking = || self.when.iter().rev().find_map(|c| Some((c.subject(scope)?, c.at())));
        let told = match failed.hit {
            Some(hit) => Some(own(hit)),
            None if condition.wants_absence() => asking().or_else(|| condition.subject(scope).map(own)),
            None => condition.subject(scope).map(own).or_else(asking),
        };
        let value = failed.hit.or_else(|| asking().map(|a| a.0)).map(|h| h.value).unwrap_or_default();
        let nearest = || scope.unit.and_then(<[_]>::first).or_else(|| condition.nearest(scope.claim));
        let words = vec![
            ("value", String::from_utf8_lossy(value).into_owned()),
            ("length", value.len().to_string()),
            ("place", condition.at()),
            ("other", failed.other),
            ("date", failed.day.map(|d| d.strftime("%m/%d/%Y").to_string()).unwrap_or_default()),
        ];
        let (placed, at) = match (failed.hit, &self.tell, told) {
            (None, Some(tell), _) => {
                (tell.find(scope).next().map(|h| h.placed).or_else(nearest).copied(), tell.at())
            }
            (_, _, Some((hit, at))) => (Some(*hit.placed), at),
            (_, _, None) => (nearest().copied(), condition.at()),
        };
        report(Found { placed, at, value: Some(value).filter(|v| !v.is_empty()), words });
    }
}
