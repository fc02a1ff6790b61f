//! Planted defects: what is changed in a claim so that one edit has something to find.

use super::calendar::plus;
use super::claim::Claim;
use super::dice::{Dice, WHOLE};
use super::identity::wrong_npi;
use super::plant::{FaultRule, parts};
use super::roster::{Form, Roster};
use jiff::civil::Date;

/// A defect that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Defect {
    LineNumbers,
    ShortZip,
    ZeroUnits,
    NoLineControl,
    Total(Form),
    ReplacementWithoutNumber,
    AccidentWithoutDate,
    FutureService,
    ServiceBeforeBirth,
    StrayPointer,
    WrongNpi,
    UnknownDiagnosis,
    RepeatedModifier,
}

impl Defect {
    /// The defect that this edit finds.
    pub(super) fn of(edit: &str) -> Option<Self> {
        Some(match edit {
            "E1-012" => Self::LineNumbers,
            "E2-005" => Self::ShortZip,
            "E2-016" => Self::ZeroUnits,
            "E2-022" => Self::NoLineControl,
            "E3-001" => Self::Total(Form::Professional),
            "E3-002" => Self::Total(Form::Institutional),
            "E3-003" => Self::Total(Form::Dental),
            "E4-001" => Self::ReplacementWithoutNumber,
            "E4-003" => Self::AccidentWithoutDate,
            "E4-005" => Self::FutureService,
            "E4-006" => Self::ServiceBeforeBirth,
            "E4-008" => Self::StrayPointer,
            "E5-001" => Self::WrongNpi,
            "E5-005" => Self::UnknownDiagnosis,
            "E5-008" => Self::RepeatedModifier,
            _ => return None,
        })
    }

    /// Whether a claim can have it, and then has it.
    fn put(self, claim: &mut Claim, end: Date) -> bool {
        match self {
            Self::LineNumbers => claim.first_line = 2,
            Self::ZeroUnits => return on_line(claim, Form::Professional, |line| line.units = 0),
            Self::NoLineControl => {
                for line in &mut claim.lines {
                    line.is_unnumbered = true;
                }
            }
            Self::Total(form) if form == claim.form => claim.total += 100,
            Self::ReplacementWithoutNumber => claim.frequency = "7",
            Self::AccidentWithoutDate if claim.form != Form::Institutional => claim.accident = "AA",
            Self::Total(_) | Self::AccidentWithoutDate | Self::ShortZip => return false,
            Self::FutureService => postpone(claim, end),
            Self::ServiceBeforeBirth => return bear_later(claim, end),
            Self::StrayPointer => {
                let missing = claim.diagnoses.len() + 1;
                return on_line(claim, Form::Professional, |line| line.pointers = vec![missing]);
            }
            Self::WrongNpi => match claim.rendering.as_mut() {
                Some(person) => person.npi = wrong_npi(person.npi),
                None => return false,
            },
            Self::UnknownDiagnosis => match claim.diagnoses.first_mut() {
                Some(code) => *code = "R9999",
                None => return false,
            },
            Self::RepeatedModifier => {
                return on_line(claim, Form::Professional, |line| line.modifiers = vec!["59", "59"]);
            }
        }
        true
    }
}

/// Plants faults and says which.
pub(super) struct Saboteur {
    dice: Dice,
    end: Date,
    rules: Vec<(String, Defect, u64)>,
}

impl Saboteur {
    /// `end` is the last day that is not the future.
    pub(super) fn new(seed: u64, rules: &[FaultRule], end: Date) -> Self {
        let rule = |rule: &FaultRule| Some((rule.edit.clone(), Defect::of(&rule.edit)?, parts(rule.share)));
        Self { dice: Dice::new(seed, 1), end, rules: rules.iter().filter_map(rule).collect() }
    }

    /// Plants what belongs to billing providers: a share of them, at least one, from the first of the roster on.
    pub(super) fn spoil_roster(&self, roster: &mut Roster) {
        let asked = self.rules.iter().filter(|(_, defect, _)| *defect == Defect::ShortZip);
        let share: u64 = asked.map(|(_, _, share)| *share).sum();
        let providers = roster.providers_mut();
        let count = u64::try_from(providers.len()).unwrap_or_default();
        let spoilt = usize::try_from((share.min(WHOLE) * count).div_ceil(WHOLE)).unwrap_or_default();
        for provider in providers.iter_mut().take(spoilt) {
            provider.short_zip = true;
        }
    }

    /// Plants at most one fault in the claim and names the edit that should find it.
    pub(super) fn spoil(&mut self, claim: &mut Claim) -> Option<String> {
        if claim.billing.short_zip {
            return Some("E2-005".to_owned());
        }
        let (dice, end) = (&mut self.dice, self.end);
        let mut rules = self.rules.iter();
        rules
            .find(|(_, defect, share)| dice.share(*share) && defect.put(claim, end))
            .map(|(edit, _, _)| edit.clone())
    }
}

fn on_line(claim: &mut Claim, form: Form, change: impl FnOnce(&mut super::claim::Line)) -> bool {
    match claim.lines.first_mut() {
        Some(line) if claim.form == form => {
            change(line);
            true
        }
        _ => false,
    }
}

/// Moves all the claim's dates by the same days, the last one to 400 days after `end`.
fn postpone(claim: &mut Claim, end: Date) {
    let days = super::calendar::days_between(claim.to, end) + 400;
    claim.from = plus(claim.from, days);
    claim.to = plus(claim.to, days);
    for date in claim.lines.iter_mut().filter_map(|line| line.date.as_mut()) {
        *date = plus(*date, days);
    }
}

/// Births the patient the day after the service, if that day has come and no other claim tells of them.
fn bear_later(claim: &mut Claim, end: Date) -> bool {
    let birth = plus(claim.to, 1);
    if !claim.is_only || birth > end {
        return false;
    }
    claim.patient.birth = birth;
    if claim.is_own() {
        claim.subscriber.birth = birth;
    }
    true
}
