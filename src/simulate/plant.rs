//! What is planted on purpose: faults in claims, denials in remittances. The file format is described in the module.

use serde::Deserialize;

use super::Error;
use super::calendar::{Window, days_between, plus, week};
use super::claim::{Claim, Line};
use super::course::Course;
use super::dice::WHOLE;
use super::fault::Defect;
use super::pace::{LagRule, VolumeRule};

/// Adjustments that never refuse money; a planted denial may not use one.
const NOT_DENIALS: [&str; 52] = [
    "1", "2", "3", "23", "44", "45", "66", "69", "70", "74", "75", "76", "100", "101", "102", "104", "118",
    "122", "131", "133", "134", "137", "142", "144", "161", "169", "172", "187", "192", "201", "209", "223",
    "225", "232", "235", "237", "238", "246", "247", "248", "253", "257", "259", "275", "278", "303", "308",
    "B4", "B10", "B11", "P8", "P12",
];
/// Reasons that say nothing without a remark.
const NEED_REMARK: [&str; 5] = ["16", "96", "226", "252", "A1"];

/// Everything planted; by default nothing but the background of denials.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plant {
    /// Share of service lines denied for everyday reasons. Not given: 0.04 when there is no denial rule, else 0.
    #[serde(default)]
    pub background: Option<f64>,
    /// Share of claim payments that are later reversed and corrected; linked only.
    #[serde(default)]
    pub reversals: f64,
    /// Defects in 837 claims.
    #[serde(default, rename = "fault")]
    pub faults: Vec<FaultRule>,
    /// Denials in 835 claim payments.
    #[serde(default, rename = "denial")]
    pub denials: Vec<DenialRule>,
    /// More or fewer claims in some weeks; linked only.
    #[serde(default, rename = "volume")]
    pub volumes: Vec<VolumeRule>,
    /// Payers that take longer; linked without a course only.
    #[serde(default, rename = "lag")]
    pub lags: Vec<LagRule>,
    /// What else befalls claims and remittances; linked only.
    #[serde(default)]
    pub course: Option<Course>,
}

/// A defect that a share of the claims gets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// The edit that should find it, such as `E3-001`.
    pub edit: String,
    /// Share of the claims that can have it, 0 to 1; of the billing providers for E2-005.
    pub share: f64,
}

/// A denial that a share of the matching service lines gets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenialRule {
    /// Only this payer's claims.
    pub payer: Option<String>,
    /// Only lines with this procedure.
    pub procedure: Option<String>,
    /// Only lines with this modifier.
    pub modifier: Option<String>,
    /// Only claims with this place of service, or facility type.
    pub place: Option<String>,
    /// Only claims with a diagnosis that begins so.
    pub diagnosis: Option<String>,
    /// CARC; one that is a denial.
    pub carc: String,
    /// CO, PR, OA or PI.
    pub group: String,
    /// RARC; needed for CARCs that say nothing without one.
    pub rarc: Option<String>,
    /// Share of the matching lines, or claims, 0 to 1.
    pub share: f64,
    /// First ISO week of payment, such as `2026-W46`.
    pub from_week: Option<String>,
    /// Last ISO week of payment.
    pub to_week: Option<String>,
    /// First week of payment as a percentage of all the weeks; instead of `from_week`.
    pub from_percent: Option<u8>,
    /// Last week of payment as a percentage of all the weeks; instead of `to_week`.
    pub to_percent: Option<u8>,
    /// What is refused: a line, or the whole claim.
    #[serde(default)]
    pub level: Level,
    /// In the reader's words; repeated in the truth.
    pub cause: String,
}

/// What a denial rule refuses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Single service lines.
    #[default]
    Line,
    /// Whole claims: at claim level when institutional, on every line otherwise.
    Claim,
}

impl Plant {
    /// Reads and checks a plant file.
    ///
    /// # Errors
    /// When the text is not a plant file, or asks for what cannot be planted.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let plant: Self = toml::from_str(text).map_err(Error::Plant)?;
        plant.check()?;
        Ok(plant)
    }

    /// The preset for a whole year: every cause, event and oddity at a sensible share.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn full() -> Result<Self, Error> {
        Self::from_toml(include_str!("full.toml"))
    }

    /// Says what cannot be planted.
    pub(super) fn check(&self) -> Result<(), Error> {
        for share in [self.background.unwrap_or_default(), self.reversals] {
            check_share("background or reversals", share)?;
        }
        for rule in &self.faults {
            check_share(&rule.edit, rule.share)?;
            if Defect::of(&rule.edit).is_none() {
                return Err(refuse(&rule.edit, "no such defect can be planted"));
            }
        }
        if let Some(course) = &self.course {
            course.shares().into_iter().try_for_each(|(name, share)| check_share(name, share))?;
        }
        self.check_pace()?;
        self.denials.iter().try_for_each(DenialRule::check)
    }

    fn check_pace(&self) -> Result<(), Error> {
        let volumes = self.volumes.iter().map(|rule| ("volume", [&rule.from_week, &rule.to_week], None));
        let lags =
            self.lags.iter().map(|rule| ("lag", [&rule.from_week, &rule.to_week], rule.payer.as_deref()));
        for (what, weeks, payer) in volumes.chain(lags) {
            check_weeks(what, weeks)?;
            check_payer(what, payer)?;
        }
        if self.volumes.iter().any(|rule| !(1..=10_000).contains(&rule.percent)) {
            return Err(refuse("volume", "its percent lies between 1 and 10000"));
        }
        if self.course.is_some() && !self.lags.is_empty() {
            return Err(refuse("lag", "a course has lags of its own"));
        }
        Ok(())
    }

    /// Parts of [`WHOLE`] of the lines that get an everyday denial.
    pub(super) fn background_parts(&self) -> u64 {
        let usual = if self.denials.is_empty() { 0.04 } else { 0.0 };
        parts(self.background.unwrap_or(usual))
    }
}

impl DenialRule {
    fn check(&self) -> Result<(), Error> {
        check_share(&self.cause, self.share)?;
        if NOT_DENIALS.contains(&self.carc.as_str()) {
            return Err(refuse(&self.cause, "the CARC is not a denial"));
        }
        if !is_code(&self.carc) || !self.rarc.as_deref().is_none_or(is_code) {
            return Err(refuse(&self.cause, "CARC and RARC are up to five capital letters and digits"));
        }
        if !["CO", "PR", "OA", "PI"].contains(&self.group.as_str()) {
            return Err(refuse(&self.cause, "the group is CO, PR, OA or PI"));
        }
        if self.rarc.is_none() && NEED_REMARK.contains(&self.carc.as_str()) {
            return Err(refuse(&self.cause, "this CARC needs a RARC"));
        }
        check_payer(&self.cause, self.payer.as_deref())?;
        check_weeks(&self.cause, [&self.from_week, &self.to_week])?;
        if [self.from_percent, self.to_percent].into_iter().flatten().any(|percent| percent > 100) {
            return Err(refuse(&self.cause, "a percentage of the weeks lies between 0 and 100"));
        }
        Ok(())
    }

    /// Whether the rule speaks of this payer and week of payment.
    pub(super) fn concerns(&self, payer: &str, week: &str) -> bool {
        self.payer.as_deref().is_none_or(|id| id == payer)
            && self.from_week.as_deref().is_none_or(|first| week >= first)
            && self.to_week.as_deref().is_none_or(|last| week <= last)
    }

    /// Whether the rule speaks of this line of this claim.
    pub(super) fn covers(&self, claim: &Claim, line: &Line) -> bool {
        self.procedure.as_deref().is_none_or(|code| code == line.code)
            && self.modifier.as_deref().is_none_or(|code| line.modifiers.contains(&code))
            && self.place.as_deref().is_none_or(|code| code == claim.place())
            && self
                .diagnosis
                .as_deref()
                .is_none_or(|start| claim.diagnoses.iter().any(|code| code.starts_with(start)))
    }

    /// The same rule with its percentages turned into weeks of this window.
    pub(super) fn dated(&self, window: Window) -> Self {
        let days = days_between(window.first, window.last);
        let at = |percent: u8| week(plus(window.first, days * i64::from(percent) / 100));
        let mut rule = self.clone();
        rule.from_week = rule.from_week.or(self.from_percent.map(at));
        rule.to_week = rule.to_week.or(self.to_percent.map(at));
        rule
    }
}

/// A share in parts of [`WHOLE`].
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "0 to 1, checked"
)]
pub(super) fn parts(share: f64) -> u64 {
    (share * WHOLE as f64).round() as u64
}

fn check_share(what: &str, share: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&share) {
        return Ok(());
    }
    Err(refuse(what, "a share lies between 0 and 1"))
}

fn check_payer(what: &str, payer: Option<&str>) -> Result<(), Error> {
    if payer.is_some_and(|id| !super::roster::PAYERS.iter().any(|payer| payer.id == id)) {
        return Err(refuse(what, "no such payer: they are ZZP01 to ZZP06"));
    }
    Ok(())
}

fn check_weeks(what: &str, weeks: [&Option<String>; 2]) -> Result<(), Error> {
    if weeks.into_iter().flatten().any(|week| !is_week(week)) {
        return Err(refuse(what, "weeks are written like 2026-W46"));
    }
    Ok(())
}

fn refuse(what: &str, why: &'static str) -> Error {
    Error::Rule { what: what.to_owned(), why }
}

fn is_code(code: &str) -> bool {
    (1..=5).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_week(week: &str) -> bool {
    let digits = |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    week.split_once("-W").is_some_and(|(year, number)| digits(year, 4) && digits(number, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_it_cannot_plant() {
        let wrong = [
            "shares = 1",
            "reversals = 2.0",
            "[[fault]]\nedit = 'E9-001'\nshare = 0.1",
            "[[denial]]\ncarc = '45'\ngroup = 'CO'\nshare = 0.1\ncause = 'x'",
            "[[denial]]\ncarc = '16'\ngroup = 'CO'\nshare = 0.1\ncause = 'x'",
            "[[denial]]\ncarc = '50'\ngroup = 'CR'\nshare = 0.1\ncause = 'x'",
            "[[denial]]\ncarc = '50'\ngroup = 'CO'\nshare = 0.1\ncause = 'x'\nfrom_week = 'W46'",
            "[[denial]]\ncarc = '50'\ngroup = 'CO'\nshare = 0.1\ncause = 'x'\nto_percent = 101",
            "[[volume]]\npercent = 0",
            "[[volume]]\npercent = 150\nfrom_week = 'W46'",
            "[[lag]]\ndays = 7\npayer = 'ZZP09'",
            "[course]\nvoids = 0.1\n[[lag]]\ndays = 7",
            "[course]\nvoids = 1.5",
            "[course]\nmiracles = 0.5",
        ];
        for text in wrong {
            assert!(Plant::from_toml(text).is_err(), "{text}");
        }
        let right = "background = 0.02\n[[denial]]\npayer = 'ZZP01'\ncarc = '197'\ngroup = 'CO'\nshare = 0.5\nfrom_week = '2026-W46'\ncause = 'x'";
        let plant = Plant::from_toml(right).unwrap();
        assert_eq!(plant.background_parts(), 20_000_000);
        assert!(plant.denials[0].concerns("ZZP01", "2026-W47"));
        assert!(!plant.denials[0].concerns("ZZP01", "2026-W45"));
    }
}
