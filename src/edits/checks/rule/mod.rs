//! `[[check.rule]]`: where all of `when` holds, so must all of `then`; once for the claim, or for `each` occurrence of
//! a loop.

mod condition;
mod predicate;
mod shape;

use serde::Deserialize;

use self::condition::{Condition, Failed, Scope, Scoped};
use super::units::Units;
use super::{Found, Report, Tables};
use crate::claim::{Claim, Gate, Hit, Sign, Signs};
use crate::codes::Kind;
use crate::schema::{EntryIx, Guide, PathError};

/// What must hold where something else does.
#[derive(Debug)]
pub struct Rule {
    /// The loop it is asked in.
    each: Option<Units>,
    when: Vec<Condition>,
    then: Vec<Condition>,
    /// By guide: the conditions of `then` that can fail in it, by number.
    live: [Vec<usize>; Guide::COUNT],
    /// Where what is missing is told.
    tell: Option<Scoped>,
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
        let each = each.map(Units::new);
        let live = Guide::ALL.map(|guide| {
            let fails = |c: &Condition| c.at_fault(guide).is_none_or(|entries| !entries.is_empty());
            then.iter().enumerate().filter(|(_, c)| fails(c)).map(|(n, _)| n).collect()
        });
        Ok(Rule { each, when, then, live, tell })
    }
}

impl Rule {
    /// The code sets it asks.
    pub(super) fn needs(&self) -> impl Iterator<Item = Kind> {
        self.when.iter().chain(&self.then).flat_map(Condition::needs)
    }

    /// True where a placeholder would tell of a person.
    pub(super) fn tells_person(&self, placeholder: &str) -> bool {
        let then = || self.then.iter();
        let at_fault = || then().filter(|c| !c.wants_presence()).any(Condition::is_personal);
        // Where something is missing, or should be, the value that asks is told.
        let asking = || then().any(Condition::wants_presence) && self.when.iter().any(Condition::is_personal);
        match placeholder {
            "value" => at_fault() || asking(),
            "date" => at_fault(),
            "other" => then().any(Condition::against_personal),
            _ => false,
        }
    }

    /// True where a guide leaves room for it to find fault.
    pub(super) fn has_room(&self, guide: Guide) -> bool {
        self.gate(guide, &mut Signs::default()).is_some()
    }

    /// What must stand in a claim for the rule to find fault with it; `None` where a guide leaves no room for that.
    pub(super) fn gate(&self, guide: Guide, signs: &mut Signs) -> Option<Gate> {
        let mut gate = Gate::default();
        for condition in &self.when {
            let entries = condition.needed(guide);
            if entries.is_some_and(<[EntryIx]>::is_empty) {
                return None;
            }
            // Where a sign stands, so does an entry.
            match (condition.sign_of_holding(guide, signs), entries) {
                (Some((sign, true)), _) => gate.sign(&[sign]),
                (Some((sign, false)), _) => gate.without(sign),
                (None, Some(entries)) => gate.need(entries),
                (None, None) => {}
            }
        }
        let live = || self.live(guide).iter().filter_map(|n| self.then.get(*n));
        live().next()?;
        // One of them must fail: signs that may not stand say so only for a single one.
        let failing: Option<Vec<(Sign, bool)>> = live().map(|c| c.sign_of_failing(guide, signs)).collect();
        match failing.as_deref() {
            Some([(sign, false)]) => gate.without(*sign),
            Some(all) if all.iter().all(|(_, stands)| *stands) => {
                gate.sign(&all.iter().map(|(sign, _)| *sign).collect::<Vec<_>>());
            }
            _ => {
                let at_fault: Option<Vec<&[EntryIx]>> = live().map(|c| c.at_fault(guide)).collect();
                if let Some(entries) = at_fault {
                    gate.need(&entries.concat());
                }
            }
        }
        if let ([only], None) = (live().collect::<Vec<_>>().as_slice(), &self.each)
            && let Some(entries) = only.held_against(guide)
        {
            gate.need(entries);
        }
        Some(gate)
    }

    fn live(&self, guide: Guide) -> &[usize] {
        self.live.get(guide as usize).map_or(&[][..], Vec::as_slice)
    }

    pub(super) fn run<'a>(&self, claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
        let live = self.live(claim.guide());
        let mut scope = Scope { claim, unit: None, tables };
        match &self.each {
            None => self.judge(live, &scope, report),
            Some(each) => {
                for unit in each.of(claim) {
                    scope.unit = Some(unit);
                    self.judge(live, &scope, report);
                }
            }
        }
    }

    fn judge<'a>(&self, live: &[usize], scope: &Scope<'_, 'a>, report: Report<'_, 'a>) {
        if !self.when.iter().all(|c| c.holds(scope)) {
            return;
        }
        for condition in live.iter().filter_map(|n| self.then.get(*n)) {
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
