//! Check kinds: the closed set of mechanisms an edit's file can name, one file each.

mod add_on;
mod check_digit;
mod cob;
mod conventions;
mod covered_days;
mod diagnosis;
mod diagnosis_codes;
mod excludes;
mod fault;
mod fee_indicator;
mod goes_with;
mod modifier_conflict;
mod pairs;
mod payer;
mod pointer;
mod provider;
mod rule;
mod same_line;
mod services;
mod sides;
mod sum;
mod unit_limit;
mod units;
mod visit;

use jiff::civil::Date;
use serde::Deserialize;

use crate::claim::{Claim, Find, Gate, Place, Placed, Signs};
use crate::codes::{CodeSets, Kind};
use crate::edits::past::{Billed, Past};
use crate::payers::Payers;
use crate::schema::{EntryIx, Guide, LoopIx, Path, PathError, Schema, schema};
use crate::x12::{FaultKind, Segment};

/// What a check may look at besides the claim.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'t> {
    /// The day the claim is scrubbed on, at the site.
    pub today: Date,
    /// The code sets at hand.
    pub codes: &'t CodeSets,
    /// The payer packs at hand.
    pub payers: &'t Payers,
    /// What was billed before.
    pub past: &'t dyn Past,
}

/// One place where a check found its defect.
#[derive(Debug)]
pub struct Found<'a> {
    /// The segment at fault, or the nearest one when something is missing.
    pub placed: Option<Placed<'a>>,
    /// Place as findings print it.
    pub at: String,
    /// The value at fault.
    pub value: Option<&'a [u8]>,
    /// Placeholders of the message.
    pub words: Vec<(&'static str, String)>,
}

/// Receives what a check found.
pub type Report<'r, 'a> = &'r mut dyn FnMut(Found<'a>);

/// A compiled check.
#[derive(Debug)]
pub enum Check {
    /// Speaks for faults of the layers below.
    Fault(fault::Faults),
    /// A total and its parts.
    Sum(Box<sum::Sum>),
    /// Coordination of benefits.
    Cob(Box<cob::Cob>),
    /// Where some things hold, others must.
    Rule(Vec<rule::Rule>),
    /// Diagnosis pointers.
    Pointer,
    /// Check digits of ids.
    CheckDigit(check_digit::CheckDigit),
    /// Days of a stay.
    CoveredDays(covered_days::CoveredDays),
    /// Diagnoses valid on their date.
    DiagnosisCodes,
    /// What is said of diagnoses, against the rest of the claim.
    Diagnosis(diagnosis::Asked),
    /// Diagnoses that exclude each other.
    Excludes,
    /// Services of which one is paid.
    Pairs(pairs::Pairs),
    /// Units of a line or day.
    UnitLimit,
    /// Add-on codes beside their primary code.
    AddOn,
    /// Lines that say the same.
    SameLine,
    /// Visits beside a procedure.
    Visit(visit::Visit),
    /// Indicators of the fee schedule.
    FeeIndicator(fee_indicator::FeeIndicator),
    /// What a list says may stand beside a code.
    GoesWith(goes_with::GoesWith),
    /// Lists of providers.
    Provider(provider::Provider),
    /// Modifiers that exclude each other.
    ModifierConflict,
    /// What the payer's pack asks.
    Payer(payer::Payer),
}

/// A `[check.*]` table as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RawCheck {
    /// See [`Check::Fault`].
    Fault(fault::Raw),
    /// See [`Check::Sum`].
    Sum(sum::Raw),
    /// See [`Check::Cob`].
    Cob(cob::Raw),
    /// See [`Check::Rule`].
    Rule(Vec<rule::Raw>),
    /// See [`Check::Pointer`].
    Pointer {},
    /// See [`Check::CheckDigit`].
    CheckDigit(check_digit::Raw),
    /// See [`Check::CoveredDays`].
    CoveredDays(covered_days::CoveredDays),
    /// See [`Check::DiagnosisCodes`].
    DiagnosisCodes {},
    /// See [`Check::Diagnosis`].
    Diagnosis(diagnosis::Asked),
    /// See [`Check::Excludes`].
    Excludes {},
    /// See [`Check::Pairs`].
    Pairs(pairs::Pairs),
    /// See [`Check::UnitLimit`].
    UnitLimit {},
    /// See [`Check::AddOn`].
    AddOn {},
    /// See [`Check::SameLine`].
    SameLine {},
    /// See [`Check::Visit`].
    Visit(visit::Visit),
    /// See [`Check::FeeIndicator`].
    FeeIndicator(fee_indicator::FeeIndicator),
    /// See [`Check::GoesWith`].
    GoesWith(goes_with::GoesWith),
    /// See [`Check::Provider`].
    Provider(provider::Provider),
    /// See [`Check::ModifierConflict`].
    ModifierConflict {},
    /// See [`Check::Payer`].
    Payer(payer::Raw),
}

impl RawCheck {
    /// Resolves its paths in the guides the edit applies to.
    ///
    /// # Errors
    /// A path that isn't one, or that no guide has.
    pub fn compile(self, applies: &[Guide]) -> Result<Check, PathError> {
        Ok(match self {
            RawCheck::Fault(raw) => Check::Fault(raw.compile(applies)?),
            RawCheck::Sum(raw) => Check::Sum(Box::new(raw.compile(applies)?)),
            RawCheck::Cob(raw) => Check::Cob(Box::new(raw.compile())),
            RawCheck::Rule(rules) => {
                Check::Rule(rules.into_iter().map(|r| r.compile(applies)).collect::<Result<_, _>>()?)
            }
            RawCheck::Pointer {} => Check::Pointer,
            RawCheck::CheckDigit(raw) => Check::CheckDigit(raw.compile(applies)),
            RawCheck::CoveredDays(check) => Check::CoveredDays(check),
            RawCheck::DiagnosisCodes {} => Check::DiagnosisCodes,
            RawCheck::Diagnosis(asked) => Check::Diagnosis(asked),
            RawCheck::Excludes {} => Check::Excludes,
            RawCheck::Pairs(pairs) => Check::Pairs(pairs),
            RawCheck::UnitLimit {} => Check::UnitLimit,
            RawCheck::AddOn {} => Check::AddOn,
            RawCheck::SameLine {} => Check::SameLine,
            RawCheck::Visit(visit) => Check::Visit(visit),
            RawCheck::FeeIndicator(check) => Check::FeeIndicator(check),
            RawCheck::GoesWith(check) => Check::GoesWith(check),
            RawCheck::Provider(check) => Check::Provider(check),
            RawCheck::ModifierConflict {} => Check::ModifierConflict,
            RawCheck::Payer(raw) => Check::Payer(raw.compile(applies)?),
        })
    }
}

impl Check {
    /// The code sets it asks in claims of a guide.
    #[must_use]
    pub fn needs(&self, guide: Guide) -> Vec<Kind> {
        match self {
            Check::Rule(rules) => {
                rules.iter().filter(|r| r.has_room(guide)).flat_map(rule::Rule::needs).collect()
            }
            Check::DiagnosisCodes => vec![Kind::Icd10cm],
            Check::Diagnosis(asked) => asked.needs().into_iter().collect(),
            Check::Excludes => vec![Kind::Excludes1],
            Check::Pairs(_) => services::pair_set(guide).into_iter().collect(),
            Check::UnitLimit => services::limit_set(guide).into_iter().collect(),
            Check::AddOn => vec![Kind::AddOn],
            Check::Visit(_) | Check::FeeIndicator(_) => vec![Kind::FeeSchedule],
            Check::GoesWith(check) => vec![check.kind()],
            Check::Provider(check) => vec![check.kind()],
            _ => Vec::new(),
        }
    }

    /// What it lacks besides code sets to find anything.
    #[must_use]
    pub fn lacks(&self, payers: &Payers) -> Option<&'static str> {
        match self {
            Check::Payer(check) => check.lacks(payers),
            _ => None,
        }
    }

    /// True where it looks at earlier claims.
    #[must_use]
    pub fn looks_back(&self) -> bool {
        match self {
            Check::Pairs(_) | Check::UnitLimit | Check::AddOn | Check::SameLine | Check::Visit(_) => true,
            Check::Payer(check) => check.looks_back(),
            _ => false,
        }
    }

    /// True where an earlier service of the day may change what it finds in a claim with this one.
    #[must_use]
    pub fn meets(&self, guide: Guide, codes: &CodeSets, own: &Billed, earlier: &Billed) -> bool {
        let (one, other, day) = (own.code(), earlier.code(), own.days.0);
        match self {
            Check::Pairs(_) => {
                services::pair_set(guide).and_then(|kind| codes.pairs(kind)).is_some_and(|pairs| {
                    pairs.on(one, other, day).is_some() || pairs.on(other, one, day).is_some()
                })
            }
            Check::UnitLimit => one == other,
            Check::AddOn => codes.pairs(Kind::AddOn).is_some_and(|pairs| pairs.begins(one, day)),
            Check::SameLine => own.said == earlier.said,
            // Which codes a payer counts together its pack says.
            Check::Payer(check) => check.looks_back(),
            Check::Visit(_) => visit::is_visit(one) && !visit::is_visit(other),
            _ => false,
        }
    }

    /// Name of the kind, as files spell it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Check::Fault(_) => "fault",
            Check::Sum(_) => "sum",
            Check::Cob(_) => "cob",
            Check::Rule(_) => "rule",
            Check::Pointer => "pointer",
            Check::CheckDigit(_) => "check_digit",
            Check::CoveredDays(_) => "covered_days",
            Check::DiagnosisCodes => "diagnosis_codes",
            Check::Diagnosis(_) => "diagnosis",
            Check::Excludes => "excludes",
            Check::Pairs(_) => "pairs",
            Check::UnitLimit => "unit_limit",
            Check::AddOn => "add_on",
            Check::SameLine => "same_line",
            Check::Visit(_) => "visit",
            Check::FeeIndicator(_) => "fee_indicator",
            Check::GoesWith(_) => "goes_with",
            Check::Provider(_) => "provider",
            Check::ModifierConflict => "modifier_conflict",
            Check::Payer(_) => "payer",
        }
    }

    /// Placeholders its messages may use.
    #[must_use]
    pub fn placeholders(&self) -> &'static [&'static str] {
        match self {
            Check::Fault(_) => &["fault"],
            Check::Sum(_) => &["total", "sum"],
            Check::Cob(_) => &["total", "sum"],
            Check::Rule(_) => &["value", "length", "place", "other", "date"],
            Check::Pointer => &["pointer", "diagnoses"],
            Check::CheckDigit(_) => &[],
            Check::CoveredDays(_) => &["days", "most"],
            Check::DiagnosisCodes => &["code", "date"],
            Check::Diagnosis(asked) => asked.placeholders(),
            Check::Excludes => &["code", "other"],
            Check::Pairs(_) => &["code", "other"],
            Check::UnitLimit => &["code", "units", "most", "per"],
            Check::AddOn | Check::SameLine => &["code"],
            Check::Visit(_) | Check::GoesWith(_) => &["code", "other"],
            Check::FeeIndicator(_) => &["code", "reason"],
            Check::Provider(_) => &["reason"],
            Check::ModifierConflict => &["code", "modifier", "other"],
            Check::Payer(_) => &["code", "date", "days", "other", "payer"],
        }
    }

    /// True where a placeholder of its messages would tell of a person.
    #[must_use]
    pub fn tells_person(&self, placeholder: &str) -> bool {
        match self {
            Check::Rule(rules) => rules.iter().any(|rule| rule.tells_person(placeholder)),
            _ => false,
        }
    }

    /// What it says of each fault it speaks for.
    #[must_use]
    pub fn says(&self) -> Vec<&str> {
        match self {
            Check::Fault(faults) => faults.texts().collect(),
            _ => Vec::new(),
        }
    }

    /// True when it speaks for faults at named places only.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self, Check::Fault(faults) if faults.is_local())
    }

    /// Faults it speaks for.
    #[must_use]
    pub fn faults(&self) -> &[FaultKind] {
        match self {
            Check::Fault(faults) => &faults.kinds,
            _ => &[],
        }
    }

    /// Its parts that may find something in claims of a guide, each with what must stand in a claim for that.
    #[must_use]
    pub fn gates(&self, guide: Guide, signs: &mut Signs) -> Vec<(usize, Gate)> {
        let needs = |entries: &[EntryIx]| {
            let mut gate = Gate::default();
            gate.need(entries);
            vec![(0, gate)]
        };
        match self {
            Check::Fault(_) => Vec::new(),
            Check::Sum(check) => needs(check.total(guide)),
            Check::Cob(check) => needs(check.payer(guide)),
            Check::Rule(rules) => {
                rules.iter().enumerate().filter_map(|(n, rule)| Some((n, rule.gate(guide, signs)?))).collect()
            }
            _ => vec![(0, Gate::default())],
        }
    }

    /// Runs one of its parts over a claim.
    pub fn run<'a>(&self, part: usize, claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
        match self {
            // Faults are found by the passes that read the structure, and arrive with them.
            Check::Fault(_) => {}
            Check::Sum(check) => check.run(claim, report),
            Check::Cob(check) => check.run(claim, report),
            Check::Rule(rules) => {
                if let Some(rule) = rules.get(part) {
                    rule.run(claim, tables, report);
                }
            }
            Check::Pointer => pointer::run(claim, report),
            Check::CheckDigit(check) => check.run(claim, report),
            Check::CoveredDays(check) => check.run(claim, report),
            Check::DiagnosisCodes => diagnosis_codes::run(claim, tables, report),
            Check::Diagnosis(asked) => asked.run(claim, tables, report),
            Check::Excludes => excludes::run(claim, tables, report),
            Check::Pairs(check) => check.run(claim, tables, report),
            Check::UnitLimit => unit_limit::run(claim, tables, report),
            Check::AddOn => add_on::run(claim, tables, report),
            Check::SameLine => same_line::run(claim, tables, report),
            Check::Visit(check) => check.run(claim, tables, report),
            Check::FeeIndicator(check) => check.run(claim, tables, report),
            Check::GoesWith(check) => check.run(claim, tables, report),
            Check::Provider(check) => check.run(claim, tables, report),
            Check::ModifierConflict => modifier_conflict::run(claim, report),
            Check::Payer(check) => check.run(claim, tables, report),
        }
    }
}

/// A path looked up in every guide that has it.
#[derive(Clone, Debug)]
pub struct Target {
    // Apart from the rule, which is read for every claim.
    path: Box<Path>,
    places: Box<[Place; Guide::COUNT]>,
}

impl Target {
    /// Resolves `text` in every guide of `applies`; it must exist in one at least.
    ///
    /// # Errors
    /// What the path lacks in the last guide tried.
    pub fn new(text: &str, applies: &[Guide]) -> Result<Target, PathError> {
        let path = Path::parse(text)?;
        let mut places: Box<[Place; Guide::COUNT]> = Box::default();
        let mut trouble = None;
        for guide in applies {
            match path.resolve(schema(*guide)) {
                Ok(_) => {
                    if let Some(place) = places.get_mut(*guide as usize) {
                        *place = Place::new(schema(*guide), &path);
                    }
                }
                Err(error) => trouble = Some(error),
            }
        }
        match trouble {
            Some(error) if places.iter().all(|p| p.entries.entries.is_empty()) => Err(error),
            _ => Ok(Target { path: Box::new(path), places }),
        }
    }

    /// True where a person may be told from what stands there.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.path.is_personal()
    }

    /// What it leads to in a claim.
    #[inline]
    pub fn find<'a>(&self, claim: &Claim<'a>) -> Find<'a, '_> {
        claim.find(self.place(claim.guide()))
    }

    /// What it leads to in some segments of a claim.
    #[inline]
    pub fn find_in<'a>(&self, segments: &'a [Placed<'a>], claim: &Claim<'a>) -> Find<'a, '_> {
        Find::new(segments, self.place(claim.guide()))
    }

    #[inline]
    pub(super) fn place(&self, guide: Guide) -> &Place {
        // Guides it doesn't exist in have a place without entries, where nothing is found.
        let [first, ..] = &*self.places;
        self.places.get(guide as usize).unwrap_or(first)
    }

    /// Where it leads in a guide; nowhere where that doesn't have it.
    #[must_use]
    pub fn entries(&self, guide: Guide) -> &[EntryIx] {
        self.places.get(guide as usize).map_or(&[], |p| &p.entries.entries)
    }

    /// The elements behind its own, or the same component of them, with their numbers.
    pub fn elements_behind<'a>(
        &self,
        segment: &Segment<'a>,
    ) -> impl Iterator<Item = (usize, &'a [u8])> + use<'a> {
        let first = self.path.element.map_or(usize::MAX, |n| n + 1);
        let (segment, component) = (*segment, self.path.component);
        (first..=segment.len()).map(move |n| match component {
            Some(c) => (n, segment.component(n, c)),
            None => (n, segment.value(n)),
        })
    }

    /// As findings print it, of another element.
    #[must_use]
    pub fn at_element(&self, element: usize) -> String {
        Path { element: Some(element), ..(*self.path).clone() }.to_string()
    }

    /// True for a loop of its id.
    #[must_use]
    pub fn is_in_loop(&self, schema: &Schema, ix: LoopIx) -> bool {
        schema.loop_id(ix) == self.path.loop_id
    }

    /// True when its loop is this one or stands in it, in a guide that has both.
    #[must_use]
    pub fn lies_in(&self, loop_id: &str) -> bool {
        Guide::ALL.into_iter().any(|g| schema(g).stands_within(&self.path.loop_id, loop_id))
    }

    /// As findings print it.
    #[must_use]
    pub fn at(&self) -> String {
        self.path.to_string()
    }
}
