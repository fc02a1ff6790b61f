//! `[huddle]`: when the weekly pack is made, where it lies, whom it is sent to.

use std::path::PathBuf;

use jiff::civil::{Time, Weekday};
use serde::Deserialize;

use super::Sink;
use crate::huddle::render::Format;

/// How often leadership is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Leadership {
    /// Only when somebody asks.
    #[default]
    None,
    /// With the first pack of a month.
    Monthly,
    /// With the first pack of a quarter.
    Quarterly,
}

/// When, where, whom.
#[derive(Clone, Debug)]
pub struct Huddling {
    /// Day and hour of each week; none: only when somebody asks.
    pub when: Option<(Weekday, Time)>,
    /// The folder of its files.
    pub dir: PathBuf,
    /// In which formats.
    pub formats: Vec<Format>,
    /// Sinks that are told, by name.
    pub recipients: Vec<String>,
    /// What the site is called.
    pub site: String,
    /// Payers by pseudonym, small counts left out: for sites that share it.
    pub blinded: bool,
    /// How often a summary for leadership is made beside it.
    pub leadership: Leadership,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawHuddle {
    day: String,
    hour: String,
    dir: PathBuf,
    formats: Vec<Format>,
    recipients: Vec<String>,
    site: String,
    blinded: bool,
    leadership: Leadership,
}

impl Default for RawHuddle {
    fn default() -> RawHuddle {
        RawHuddle {
            day: String::new(),
            hour: "06:30".to_owned(),
            dir: "huddle".into(),
            formats: vec![Format::Html, Format::Xlsx],
            recipients: Vec::new(),
            site: "Coding and billing".to_owned(),
            blinded: false,
            leadership: Leadership::None,
        }
    }
}

impl RawHuddle {
    /// Checks it against the sinks.
    pub(super) fn checked(self, sinks: &[Sink]) -> Result<Huddling, String> {
        let hour: Time = self
            .hour
            .parse()
            .map_err(|_| format!("huddle.hour {:?} is no time: write \"06:30\"", self.hour))?;
        let day = match self.day.as_str() {
            "" => None,
            day => {
                Some(weekday(day).ok_or_else(|| format!("huddle.day {day:?} is no day: write \"monday\""))?)
            }
        };
        if let Some(name) = self.recipients.iter().find(|name| !sinks.iter().any(|s| s.rule.name == **name)) {
            return Err(format!("huddle.recipients: there is no sink {name:?}"));
        }
        if self.formats.is_empty() {
            return Err("huddle.formats is empty: name one of html, xlsx, csv, json, md".to_owned());
        }
        Ok(Huddling {
            when: day.map(|day| (day, hour)),
            dir: self.dir,
            formats: self.formats,
            recipients: self.recipients,
            site: self.site,
            blinded: self.blinded,
            leadership: self.leadership,
        })
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    let days = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    days.into_iter().find(|(known, _)| *known == name).map(|(_, day)| day)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(&format!("[state]\ndir = \"s\"\n[[channel]]\nname = \"main\"\n{text}"))
    }

    #[test]
    fn a_day_an_hour_and_whom() {
        assert!(parse("").unwrap().huddling.when.is_none());
        let sink = "[[sink]]\nname = \"lead\"\nkind = \"file\"\ndir = \"x\"\n";
        let set =
            parse(&format!("[huddle]\nday = \"tuesday\"\nhour = \"07:15\"\nrecipients = [\"lead\"]\n{sink}"));
        let set = set.unwrap();
        assert_eq!(
            set.huddling.when.map(|(day, hour)| (day.to_monday_one_offset(), hour.hour())),
            Some((2, 7))
        );
        assert!(set.alerting.sinks[0].rule.packs);
        for (wrong, why) in [
            ("[huddle]\nday = \"someday\"\n", "no day"),
            ("[huddle]\nhour = \"late\"\n", "no time"),
            ("[huddle]\nrecipients = [\"nobody\"]\n", "no sink"),
            ("[huddle]\nformats = []\n", "empty"),
        ] {
            let said = parse(wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }
}
