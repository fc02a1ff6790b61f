//! One payer's pack, as its file says it. docs/payer-packs.md describes every key.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use thiserror::Error;

/// A payer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Its name in edits, reports and settings: lower-kebab.
    pub id: String,
    /// For people.
    pub name: String,
    /// What a reader should know.
    #[serde(default)]
    pub note: String,
    /// Dates of service it holds for.
    pub from: Option<Date>,
    /// The last of them.
    pub to: Option<Date>,
    /// Who it is on claims.
    pub claims: OnClaims,
    /// Who it is on remittances.
    #[serde(default)]
    pub remittances: OnRemittances,
    /// How long it gives.
    pub timely_filing: Option<Deadline>,
    /// What it wants authorised.
    #[serde(default)]
    pub authorisation: Authorised,
    /// What it wants referred.
    #[serde(default)]
    pub referral: Authorised,
    /// What it wants records for.
    #[serde(default)]
    pub records: Authorised,
    /// Care at a distance.
    #[serde(default)]
    pub telehealth: Telehealth,
    /// Modifiers it wants with a code.
    #[serde(default)]
    pub modifiers: Vec<Wanted>,
    /// How often it pays a service.
    #[serde(default)]
    pub frequency: Vec<Limit>,
    /// How edits treat its claims, by id.
    #[serde(default)]
    pub edits: BTreeMap<String, Switch>,
}

/// Who a payer is on claims.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnClaims {
    /// 2010BB NM109, any of these.
    pub ids: Vec<String>,
}

/// Who a payer is on remittances.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnRemittances {
    /// N1*PR N102.
    pub names: Vec<String>,
    /// N1*PR N104 and REF02 behind it.
    pub ids: Vec<String>,
    /// TRN03.
    pub traces: Vec<String>,
}

/// How long after the service a claim must be there.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// Counted from.
    #[serde(default)]
    pub counted: Counted,
    /// Days for a claim sent the first time; or
    pub days: Option<i32>,
    /// calendar months.
    pub months: Option<i32>,
    /// Days for one that replaces or voids another, where they are counted from the service, too.
    pub corrected_days: Option<i32>,
}

/// Where a deadline is counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// The first day of service.
    FirstService,
    /// The last.
    #[default]
    LastService,
}

/// What lines of care at a distance look like.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telehealth {
    /// Places of service that mean it.
    pub places: Vec<String>,
    /// One of these must be on the line.
    pub modifiers: Vec<String>,
}

/// Modifiers that some codes need.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Procedure codes, or their beginnings with a `*` behind.
    pub codes: Vec<String>,
    /// One of these must be on the line.
    pub any_of: Vec<String>,
}

/// How often services are paid, together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Procedure codes, or their beginnings with a `*` behind.
    pub codes: Vec<String>,
    /// Units, at most.
    pub most: i64,
    /// Within so many days.
    pub days: i64,
}

/// Codes that need something.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Authorised {
    /// Procedure codes, or their beginnings with a `*` behind.
    pub codes: Vec<String>,
    /// Revenue codes.
    pub revenue_codes: Vec<String>,
}

/// What an edit does to a payer's claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// Nothing.
    Off,
    /// It is told, and stops nobody.
    Shadow,
    /// The claim goes.
    Warn,
    /// Held, may be released.
    Hold,
    /// Held, only a fix ends it.
    Reject,
}

/// A file that is no pack.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("payer pack {file}: {reason}")]
pub struct BadPack {
    /// The file, or the pack's id.
    pub file: String,
    /// Line and reason.
    pub reason: String,
}

impl BadPack {
    pub(super) fn of(file: &str, reason: impl Into<String>) -> BadPack {
        BadPack { file: file.to_owned(), reason: reason.into() }
    }
}

impl Pack {
    /// Reads a file.
    pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Pack, BadPack> {
        let text = std::str::from_utf8(bytes).map_err(|_| BadPack::of(file, "not UTF-8"))?;
        let pack: Pack = toml::from_str(text).map_err(|e| BadPack::of(file, e.to_string().trim_end()))?;
        let kebab = pack.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if pack.id.is_empty() || !kebab {
            return Err(BadPack::of(
                file,
                format!("id {:?} must be lower-case letters, digits and hyphens", pack.id),
            ));
        }
        if pack.claims.ids.iter().all(|id| id.trim().is_empty()) {
            return Err(BadPack::of(file, "claims.ids names no payer id (2010BB NM109)"));
        }
        if let Some(Deadline { days, months, .. }) = pack.timely_filing
            && days.is_some() == months.is_some()
        {
            return Err(BadPack::of(file, "timely_filing wants days or months"));
        }
        let distance = &pack.telehealth;
        if distance.places.is_empty() != distance.modifiers.is_empty() {
            return Err(BadPack::of(file, "telehealth wants places and modifiers"));
        }
        if pack.modifiers.iter().any(|w| w.codes.is_empty() || w.any_of.is_empty()) {
            return Err(BadPack::of(file, "modifiers wants codes and any_of"));
        }
        if pack.frequency.iter().any(|l| l.codes.is_empty() || l.most < 0 || l.days < 1) {
            return Err(BadPack::of(file, "frequency wants codes, most (0 or more) and days (1 or more)"));
        }
        Ok(pack)
    }

    /// True on a claim's days of service.
    #[must_use]
    pub fn holds(&self, days: Option<(Date, Date)>) -> bool {
        days.is_none_or(|(first, last)| {
            self.from.is_none_or(|from| last >= from) && self.to.is_none_or(|to| first <= to)
        })
    }
}

impl Deadline {
    /// The last day a claim may arrive.
    #[must_use]
    pub fn last_day(&self, (first, last): (Date, Date), corrected: bool) -> Option<Date> {
        let start = if self.counted == Counted::FirstService { first } else { last };
        let span = match (corrected, self.corrected_days, self.days, self.months) {
            (true, days, _, _) => days?.days(),
            (false, _, Some(days), _) => days.days(),
            (false, _, None, months) => months?.months(),
        };
        start.checked_add(span).ok()
    }
}

/// True where one of these is the code, or its beginning with a `*` behind.
fn names(codes: &[String], code: &[u8]) -> bool {
    codes.iter().any(|own| match own.strip_suffix('*') {
        Some(start) => code.starts_with(start.as_bytes()),
        None => own.as_bytes() == code,
    })
}

impl Wanted {
    /// True for a code it names.
    #[must_use]
    pub fn names(&self, code: &[u8]) -> bool {
        names(&self.codes, code)
    }
}

impl Limit {
    /// True for a code it names.
    #[must_use]
    pub fn names(&self, code: &[u8]) -> bool {
        names(&self.codes, code)
    }
}

impl Authorised {
    /// True for a code it names.
    #[must_use]
    pub fn names(&self, code: &[u8]) -> bool {
        names(&self.codes, code)
    }

    /// True for a revenue code it names.
    #[must_use]
    pub fn names_revenue(&self, code: &[u8]) -> bool {
        self.revenue_codes.iter().any(|own| own.as_bytes() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read(text: &str) -> Result<Pack, BadPack> {
        Pack::read("x.toml", text.as_bytes())
    }

    #[test]
    fn deadlines_are_counted() {
        let days = (date(2026, 1, 30), date(2026, 2, 2));
        let deadline = |text: &str| -> Deadline { toml::from_str(text).unwrap() };
        assert_eq!(deadline("days = 90").last_day(days, false), Some(date(2026, 5, 3)));
        assert_eq!(
            deadline("days = 90\ncounted = \"first-service\"").last_day(days, false),
            Some(date(2026, 4, 30))
        );
        assert_eq!(deadline("months = 12").last_day(days, false), Some(date(2027, 2, 2)));
        assert_eq!(deadline("months = 12").last_day(days, true), None);
        assert_eq!(
            deadline("months = 12\ncorrected_days = 180").last_day(days, true),
            Some(date(2026, 8, 1))
        );
    }

    #[test]
    fn codes_and_their_beginnings() {
        let codes = Authorised {
            codes: vec!["70551".to_owned(), "J9*".to_owned()],
            revenue_codes: vec!["0360".to_owned()],
        };
        assert!(
            codes.names(b"70551") && codes.names(b"J9000") && !codes.names(b"J1100") && !codes.names(b"")
        );
        assert!(codes.names_revenue(b"0360") && !codes.names_revenue(b"360"));
    }

    #[test]
    fn a_broken_pack_is_refused_with_its_line() {
        let good = "id = \"a\"\nname = \"x\"\n[claims]\nids = [\"P1\"]\n";
        assert!(read(good).is_ok());
        for (text, said) in [
            ("id = \"A b\"\nname = \"x\"\n[claims]\nids = [\"P1\"]\n".to_owned(), "lower-case"),
            ("id = \"a\"\nname = \"x\"\n[claims]\nids = []\n".to_owned(), "no payer id"),
            (format!("{good}[timely_filing]\ncounted = \"last-service\"\n"), "days or months"),
            (format!("{good}[edits]\n\"E3-001\" = \"loud\"\n"), "line 6"),
            (format!("{good}unknown = 1\n"), "unknown"),
        ] {
            let bad = read(&text).unwrap_err();
            assert!(bad.to_string().contains(said) && bad.file == "x.toml", "{bad}");
        }
    }
}
