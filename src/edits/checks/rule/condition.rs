//! A condition: a place in the claim and what is asked of the values there.

use std::collections::HashSet;

use jiff::civil::Date;
use serde::Deserialize;

use super::predicate::{Bound, On, Predicate};
use super::shape::Shapes;
use crate::claim::{Claim, Find, Hit, Placed, Says, Sign, Signs};
use crate::codes::Kind;
use crate::edits::checks::{Tables, Target};
use crate::schema::{Codes, EntryIx, Guide, PathError};
use crate::x12::element::date_range;

/// A place, and what is asked of the values there.
#[derive(Debug)]
pub struct Condition {
    target: Scoped,
    present: Option<bool>,
    distinct: bool,
    repeated: bool,
    predicates: Vec<Predicate>,
}

/// As written. Empty values count as absent. Without `present`, `when` wants one value that everything asked holds for,
/// and `then` that it holds for every value; `present` wants one such value, or none, in both.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    at: String,
    present: Option<bool>,
    /// One of these.
    is: Option<Vec<String>>,
    /// None of these.
    is_not: Option<Vec<String>>,
    /// Of one of these shapes: 9 a digit, 1 a digit but 0, A a letter, X either, L a letter that looks like no digit
    /// (not S, L, O, I, B, Z), M a digit or such a letter; anything else, or what stands behind a backslash, is
    /// itself.
    shape: Option<Vec<String>>,
    /// One of these stands in it; case, blanks and punctuation aside.
    contains: Option<Vec<String>>,
    /// None of these stands in it.
    lacks: Option<Vec<String>>,
    /// Greater than a number, or than what stands at another place; the next three likewise.
    above: Option<Bound>,
    at_least: Option<Bound>,
    below: Option<Bound>,
    at_most: Option<Bound>,
    /// A date, or a span of days, that doesn't begin before `today`, `birth` or what stands at another place.
    not_before: Option<String>,
    /// One that doesn't end after it.
    not_after: Option<String>,
    /// A date on which the patient is no older than so many years.
    age_at_most: Option<i32>,
    /// What stands at another place stands here.
    same_as: Option<String>,
    /// What stands at another place doesn't.
    differs_from: Option<String>,
    /// No longer than this.
    length_at_most: Option<usize>,
    /// A segment without an empty element before a filled one.
    #[serde(default)]
    no_gaps: bool,
    /// In this code set.
    listed: Option<Kind>,
    #[serde(default)]
    on: On,
    /// Each value stands once.
    #[serde(default)]
    distinct: bool,
    /// Every element of the segment from that of `at` on is asked.
    #[serde(default)]
    repeated: bool,
}

/// What a condition is asked of.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'c, 'a> {
    /// The claim.
    pub claim: &'c Claim<'a>,
    /// The occurrence of the rule's loop.
    pub unit: Option<&'a [Placed<'a>]>,
    /// What else may be looked at.
    pub tables: &'c Tables<'c>,
}

/// Where a condition doesn't hold.
#[derive(Debug)]
pub struct Failed<'a> {
    /// The value at fault; none where one is missing, or should be.
    pub hit: Option<Hit<'a>>,
    /// Its element, where it is another than that of the place; 0 where it isn't.
    pub element: usize,
    /// What it was held against.
    pub other: String,
    /// The day at fault.
    pub day: Option<Date>,
}

/// A place, and whether it lies in the loop the rule is asked in.
#[derive(Clone, Debug)]
pub struct Scoped {
    target: Target,
    inside: bool,
}

impl Scoped {
    /// Looks a place up for a rule that is asked in each of a loop.
    ///
    /// # Errors
    /// As [`Target::new`].
    pub fn new(path: &str, each: Option<&str>, applies: &[Guide]) -> Result<Scoped, PathError> {
        let target = Target::new(path, applies)?;
        let inside = each.is_some_and(|each| target.lies_in(each));
        Ok(Scoped { target, inside })
    }

    /// What stands there.
    #[inline]
    pub fn find<'a>(&self, scope: &Scope<'_, 'a>) -> Find<'a, '_> {
        match scope.unit.filter(|_| self.inside) {
            Some(unit) => self.target.find_in(unit, scope.claim),
            None => self.target.find(scope.claim),
        }
    }

    /// True when something holds for one of the filled values there.
    #[inline]
    pub fn any<'a>(&self, scope: &Scope<'_, 'a>, mut holds: impl FnMut(Hit<'a>) -> bool) -> bool {
        let place = self.target.place(scope.claim.guide());
        let unit = scope.unit.filter(|_| self.inside);
        let segments = unit.unwrap_or_else(|| scope.claim.stretch(&place.entries));
        place.any(segments, |hit| !hit.value.is_empty() && holds(hit))
    }

    /// True where a person may be told from what stands there.
    pub fn is_personal(&self) -> bool {
        self.target.is_personal()
    }

    /// As findings print it.
    pub fn at(&self) -> String {
        self.target.at()
    }

    /// What stands there and is filled.
    #[inline]
    pub fn filled<'a>(&self, scope: &Scope<'_, 'a>) -> impl Iterator<Item = Hit<'a>> {
        self.find(scope).filter(|h| !h.value.is_empty())
    }
}

impl Raw {
    pub(super) fn compile(self, each: Option<&str>, applies: &[Guide]) -> Result<Condition, PathError> {
        let place = |path: &str| Scoped::new(path, each, applies);
        let places = |path: &Option<String>| path.as_deref().map(place).transpose();
        let bound = |bound: &Option<Bound>| bound.as_ref().map(|b| b.compile(place)).transpose();
        let date = |text: &Option<String>| text.as_deref().map(|t| Bound::date(t, place)).transpose();
        let mut all: Vec<Option<Predicate>> = vec![
            self.is.map(|l| Predicate::Is(Codes::new(l))),
            self.is_not.map(|l| Predicate::IsNot(Codes::new(l))),
            self.shape.map(|l| Predicate::Shape(Shapes::new(l))),
            self.contains.map(Predicate::Contains),
            self.lacks.map(Predicate::Lacks),
            self.length_at_most.map(Predicate::LengthAtMost),
            self.age_at_most.map(Predicate::AgeAtMost),
            self.listed.map(|kind| Predicate::Listed(kind, self.on)),
            self.no_gaps.then_some(Predicate::NoGaps),
        ];
        all.extend([
            bound(&self.above)?.map(Predicate::Above),
            bound(&self.at_least)?.map(Predicate::AtLeast),
            bound(&self.below)?.map(Predicate::Below),
            bound(&self.at_most)?.map(Predicate::AtMost),
            date(&self.not_before)?.map(Predicate::NotBefore),
            date(&self.not_after)?.map(Predicate::NotAfter),
            places(&self.same_as)?.map(Predicate::SameAs),
            places(&self.differs_from)?.map(Predicate::DiffersFrom),
        ]);
        let predicates = all.into_iter().flatten().collect();
        let Raw { present, distinct, repeated, .. } = self;
        Ok(Condition { target: place(&self.at)?, present, distinct, repeated, predicates })
    }
}

impl Scope<'_, '_> {
    /// The first or last day of service: of the line it is asked in, else of the claim, else today.
    pub fn day(&self, on: On) -> Date {
        let line = self
            .unit
            .into_iter()
            .flatten()
            .find(|p| p.segment.id() == b"DTP" && p.segment.value(1) == b"472");
        let line = line.and_then(|p| date_range(p.segment.value(3)));
        let (first, last) =
            line.or_else(|| self.claim.service_dates()).unwrap_or((self.tables.today, self.tables.today));
        match on {
            On::First => first,
            On::Last => last,
        }
    }
}

impl Condition {
    /// The code sets it asks.
    pub(super) fn needs(&self) -> impl Iterator<Item = Kind> {
        self.predicates.iter().filter_map(Predicate::needs)
    }

    /// Where one segment at least must stand for it to hold, as one of `when`; `None` where it holds without.
    pub(super) fn needed(&self, guide: Guide) -> Option<&[EntryIx]> {
        (self.present != Some(false)).then(|| self.target.target.entries(guide))
    }

    /// Where one segment at least must stand for it to fail, as one of `then`; `None` where it fails without.
    pub(super) fn at_fault(&self, guide: Guide) -> Option<&[EntryIx]> {
        (self.present != Some(true)).then(|| self.target.target.entries(guide))
    }

    /// Where something must stand for it to fail, as the only one of `then`, besides its own place.
    pub(super) fn held_against(&self, guide: Guide) -> Option<&[EntryIx]> {
        match self.predicates.as_slice() {
            [only] if self.present.is_none() && !self.distinct => {
                only.held_against().map(|place| place.target.entries(guide))
            }
            _ => None,
        }
    }

    /// The sign that a value stands of which all holds that is asked, and whether it tells just that: not more, nor of other places
    /// than it is asked in.
    fn sign_of_fit(&self, guide: Guide, signs: &mut Signs) -> Option<(Sign, bool)> {
        let of_value = self.predicates.iter().find_map(|p| match p {
            Predicate::Is(codes) => Some((Says::Is, codes.listed())),
            Predicate::IsNot(codes) => Some((Says::IsNot, codes.listed())),
            _ => None,
        });
        let (says, codes) = of_value.unwrap_or((Says::Filled, &[]));
        let place = self.target.target.place(guide);
        let just = self.predicates.len() == usize::from(of_value.is_some());
        Some((signs.ask(place, says, codes)?, just && place.is_any() && !self.target.inside))
    }

    /// What signs must say for it to hold, as one of `when`: that one stands, or doesn't.
    pub(super) fn sign_of_holding(&self, guide: Guide, signs: &mut Signs) -> Option<(Sign, bool)> {
        if self.repeated {
            return None;
        }
        let (sign, just) = self.sign_of_fit(guide, signs)?;
        let stands = self.present != Some(false);
        (stands || just).then_some((sign, stands))
    }

    /// The same for it to fail, as one of `then`.
    pub(super) fn sign_of_failing(&self, guide: Guide, signs: &mut Signs) -> Option<(Sign, bool)> {
        if self.repeated {
            return None;
        }
        let place = self.target.target.place(guide);
        let (says, codes) = match (self.present, self.predicates.as_slice()) {
            (Some(present), _) => {
                let (sign, just) = self.sign_of_fit(guide, signs)?;
                return (!present || just).then_some((sign, !present));
            }
            (None, [Predicate::Is(codes)]) if !self.distinct => (Says::IsNot, codes.listed()),
            (None, [Predicate::IsNot(codes)]) if !self.distinct => (Says::Is, codes.listed()),
            (None, _) => (Says::Filled, [].as_slice()),
        };
        Some((signs.ask(place, says, codes)?, true))
    }

    #[inline]
    fn fits(&self, hit: &Hit<'_>, scope: &Scope<'_, '_>) -> bool {
        self.predicates.iter().all(|p| p.holds(hit, scope))
    }

    /// The filled values of every element from its place on, each with its element where that is not the place's own.
    fn elements<'a>(&self, scope: &Scope<'_, 'a>) -> impl Iterator<Item = (Hit<'a>, usize)> {
        let target = &self.target.target;
        self.target.find(scope).flat_map(move |hit| {
            let others = target.elements_behind(&hit.placed.segment);
            let others = others.map(move |(element, value)| (Hit { value, ..hit }, element));
            std::iter::once((hit, 0)).chain(others).filter(|(h, _)| !h.value.is_empty())
        })
    }

    /// As a condition of `when`.
    pub(super) fn holds(&self, scope: &Scope<'_, '_>) -> bool {
        let any = if self.repeated {
            self.elements(scope).any(|(hit, _)| self.fits(&hit, scope))
        } else {
            self.target.any(scope, |hit| self.fits(&hit, scope))
        };
        any == self.present.unwrap_or(true)
    }

    /// As a condition of `then`: every way in which it doesn't hold.
    pub(super) fn fails<'a>(&self, scope: &Scope<'_, 'a>, report: &mut dyn FnMut(Failed<'a>)) {
        if self.present.is_some() {
            if !self.holds(scope) {
                let other = self.predicates.first().map(|p| p.other(scope)).unwrap_or_default();
                report(Failed { hit: None, element: 0, other, day: None });
            }
            return;
        }
        let mut judge = |hit: Hit<'a>, element| {
            if let Some(broken) = self.predicates.iter().find(|p| !p.holds(&hit, scope)) {
                let (other, day) = (broken.other(scope), broken.day_at_fault(hit.value, scope));
                report(Failed { hit: Some(hit), element, other, day });
            }
        };
        if self.repeated {
            self.elements(scope).for_each(|(hit, element)| judge(hit, element));
        } else {
            self.target.any(scope, |hit| {
                judge(hit, 0);
                false
            });
        }
        if self.distinct {
            self.twice(scope, report);
        }
    }

    /// The first value that stands a second time speaks for all of them.
    fn twice<'a>(&self, scope: &Scope<'_, 'a>, report: &mut dyn FnMut(Failed<'a>)) {
        if self.target.filled(scope).nth(1).is_none() {
            return;
        }
        let mut seen = HashSet::new();
        if let Some(hit) = self.target.filled(scope).find(|h| !seen.insert(h.value)) {
            let other = String::from_utf8_lossy(hit.value).into_owned();
            report(Failed { hit: Some(hit), element: 0, other, day: None });
        }
    }

    /// True where what it asks may tell of a person.
    pub(super) fn is_personal(&self) -> bool {
        self.target.target.is_personal()
    }

    /// True where what it holds values against may.
    pub(super) fn against_personal(&self) -> bool {
        (self.distinct && self.is_personal()) || self.predicates.iter().any(Predicate::against_personal)
    }

    /// True where something must stand at its place, or nothing.
    pub(super) fn wants_presence(&self) -> bool {
        self.present.is_some()
    }

    /// True where nothing may stand at its place.
    pub(super) fn wants_absence(&self) -> bool {
        self.present == Some(false)
    }

    /// What stands at its place, filled or not.
    pub(super) fn subject<'a>(&self, scope: &Scope<'_, 'a>) -> Option<Hit<'a>> {
        self.target.filled(scope).find(|h| self.fits(h, scope)).or_else(|| self.target.find(scope).next())
    }

    /// The first segment of its loop, else CLM.
    pub(super) fn nearest<'a>(&self, claim: &Claim<'a>) -> Option<&'a Placed<'a>> {
        let inside = |p: &&Placed<'_>| self.target.target.is_in_loop(claim.schema, p.loop_ix);
        claim.segments().find(inside).or_else(|| claim.clm())
    }

    /// Its place, as findings print it.
    pub(super) fn at(&self) -> String {
        self.target.at()
    }

    /// The same for another element.
    pub(super) fn at_element(&self, element: usize) -> String {
        if element == 0 { self.at() } else { self.target.target.at_element(element) }
    }
}
