//! Every setting with its default. `config/claimloop.toml` documents them.

mod alerts;
mod held;
mod hooks;
mod huddle;
mod web;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::Deserialize;
use thiserror::Error;

pub use alerts::{Alerting, Email, Sink, Tls, Way, Webhook, is_safe};
pub use held::Held;
pub use hooks::{Hook, HookEvent};
pub use huddle::{Huddling, Leadership};
pub use web::{Certified, Web};

use crate::acks::{Answers, HeldMeans};
use crate::edits::Tolerances;
use crate::history;
use crate::imports::Folders;
use crate::journal;
use crate::scrub::Other;

/// Checked settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The site's time zone: it says what today is.
    pub timezone: TimeZone,
    /// Folder of journal, archive and index.
    pub state: PathBuf,
    /// The keyring what is kept in it is sealed under.
    pub keys: Option<PathBuf>,
    /// Bytes that must be free for a file to be taken; a twentieth of the file system where that is less.
    pub low_water: u64,
    /// Bytes of the index that are kept in memory.
    pub index_cache: u64,
    /// How the journal is kept.
    pub journal: journal::Settings,
    /// How files are taken.
    pub intake: Intake,
    /// Which answers are written to `acks`.
    pub acks: Answers,
    /// What they say of held claims.
    pub held_means: HeldMeans,
    /// How long the answer to a set with held claims waits for what becomes of them.
    pub answer_within: SignedDuration,
    /// Departures from the standard that are let pass in claim files, with a warning.
    pub tolerate: Tolerances,
    /// What the site adds to the edits.
    pub site: Folders,
    /// How the history is read and counted.
    pub history: history::Settings,
    /// When and to whom alerts are told.
    pub alerting: Alerting,
    /// Who is told of claims that are held, released and sent.
    pub hooks: Vec<Hook>,
    /// When the weekly pack is made, and for whom.
    pub huddling: Huddling,
    /// How held claims are decided of.
    pub held: Held,
    /// Where the workbench listens, and how long who signed in may stay.
    pub web: Web,
    /// Drop folders and outlets.
    pub channels: Vec<Channel>,
}

/// How files are taken.
#[derive(Clone, Copy, Debug)]
pub struct Intake {
    /// How long a file must stay unchanged.
    pub settle: Duration,
    /// How often folders are read through.
    pub scan: Duration,
    /// How long a file without IEA may stay.
    pub incomplete_after: Duration,
    /// Senders whose files are worked at the same time.
    pub parallel: usize,
    /// A longer file is left where it lies.
    pub most_bytes: u64,
    /// A packed file that grows beyond this is refused.
    pub most_unpacked: u64,
}

/// What says that a dropped file is whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// That it stays as it is, and ends with an IEA; or a file beside it.
    #[default]
    Quiet,
    /// A file beside it: `.done`, `.ok` or `.sha256`.
    Done,
    /// Its hash in a file beside it.
    Sha256,
}

/// What is done with claims sent before, and with other claims under an interchange number that was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeats {
    /// They are held.
    #[default]
    Hold,
    /// Nobody looks.
    Pass,
}

/// How a channel's drop folders are watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Watch {
    /// By events where the file system tells of them.
    #[default]
    Auto,
    /// By reading them through alone.
    Poll,
}

/// One sender and its partner.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Unique.
    pub name: String,
    /// 837s dropped by the practice system.
    pub outbound: PathBuf,
    /// Clean 837s.
    pub clean: PathBuf,
    /// Acknowledgements for the practice system.
    pub acks: PathBuf,
    /// Answers from the clearinghouse.
    pub inbound: PathBuf,
    /// Every inbound file for the practice system.
    pub delivered: PathBuf,
    /// What can't be used.
    pub rejected: PathBuf,
    /// One JSON-lines file per team.
    pub alerts: PathBuf,
    /// Mode of published files.
    pub file_mode: u32,
    /// Group of published files.
    pub file_group: Option<String>,
    /// What happens to sets that are neither claims nor answers.
    pub other: Other,
    /// First control number of interchanges of our own.
    pub control_range: u64,
    /// What is done with claims that came before.
    pub repeats: Repeats,
    /// How drop folders are watched.
    pub watch: Watch,
    /// How long a file must stay unchanged here; as for all channels where it isn't said.
    pub settle: Option<Duration>,
    /// What says that a file is whole.
    pub signal: Signal,
    /// Names of files to take, with `*` and `?`; all where there are none.
    pub take: Vec<String>,
    /// With so many files unfetched in `clean` no more claims are taken.
    pub most_unfetched: usize,
    /// True while the edits are tried out: everything is told, no claim is held.
    pub shadow: bool,
}

/// Why a configuration can't be used.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum ConfigError {
    #[error("reading configuration {path}")]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("configuration {path}: {reason}")]
    Shape { path: PathBuf, reason: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default = "timezone")]
    timezone: String,
    #[serde(default = "faults")]
    acks: Answers,
    #[serde(default)]
    held_means: HeldMeans,
    answer_within: Option<SignedDuration>,
    #[serde(default)]
    tolerate: Tolerances,
    state: RawState,
    #[serde(default)]
    intake: RawIntake,
    #[serde(default)]
    codes: RawFolder,
    #[serde(default)]
    payers: RawPayers,
    #[serde(default)]
    edits: RawFolder,
    #[serde(default)]
    history: history::Settings,
    #[serde(default)]
    alerts: alerts::RawAlerts,
    #[serde(default)]
    huddle: huddle::RawHuddle,
    #[serde(default)]
    held: held::RawHeld,
    #[serde(default)]
    web: web::RawWeb,
    #[serde(default, rename = "webhook")]
    hooks: Vec<hooks::RawHook>,
    #[serde(default, rename = "sink")]
    sinks: Vec<alerts::RawSink>,
    #[serde(rename = "channel")]
    channels: Vec<RawChannel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawState {
    dir: PathBuf,
    keys: Option<PathBuf>,
    journal_segment: Option<u64>,
    low_water: Option<u64>,
    index_cache: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawFolder {
    dir: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawPayers {
    dir: Option<PathBuf>,
    complete: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawIntake {
    settle: SignedDuration,
    scan: SignedDuration,
    incomplete_after: SignedDuration,
    parallel: usize,
    most_bytes: u64,
    most_unpacked: u64,
}

impl Default for RawIntake {
    fn default() -> RawIntake {
        RawIntake {
            settle: SignedDuration::from_secs(2),
            scan: SignedDuration::from_secs(5),
            incomplete_after: SignedDuration::from_mins(15),
            parallel: 2,
            most_bytes: 4 << 30,
            most_unpacked: 2 << 30,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChannel {
    name: String,
    outbound: Option<PathBuf>,
    clean: Option<PathBuf>,
    acks: Option<PathBuf>,
    inbound: Option<PathBuf>,
    delivered: Option<PathBuf>,
    rejected: Option<PathBuf>,
    alerts: Option<PathBuf>,
    file_mode: Option<String>,
    file_group: Option<String>,
    #[serde(default)]
    other: Other,
    control_range: Option<u64>,
    #[serde(default)]
    repeats: Repeats,
    #[serde(default)]
    watch: Watch,
    settle: Option<SignedDuration>,
    #[serde(default)]
    signal: Signal,
    #[serde(default)]
    take: Vec<String>,
    most_unfetched: Option<usize>,
    #[serde(default)]
    shadow: bool,
}

fn faults() -> Answers {
    Answers::Faults
}

fn timezone() -> String {
    "America/New_York".to_owned()
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// When it can't be read or doesn't hold together.
    pub fn read(path: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Config::parse(&text).map_err(|reason| ConfigError::Shape { path: path.to_owned(), reason })
    }

    /// Checks a configuration's text.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Config, String> {
        let raw: Raw = toml::from_str(text).map_err(|e| e.to_string())?;
        let timezone = TimeZone::get(&raw.timezone)
            .map_err(|_| format!("timezone {:?} is not in the IANA database", raw.timezone))?;
        let positive = |name: &str, d: SignedDuration| {
            Duration::try_from(d).map_err(|_| format!("intake.{name} is negative"))
        };
        let intake = Intake {
            settle: positive("settle", raw.intake.settle)?,
            scan: positive("scan", raw.intake.scan)?.max(Duration::from_millis(10)),
            incomplete_after: positive("incomplete_after", raw.intake.incomplete_after)?,
            parallel: raw.intake.parallel,
            most_bytes: raw.intake.most_bytes,
            most_unpacked: raw.intake.most_unpacked,
        };
        if !(1..=64).contains(&intake.parallel) {
            return Err("intake.parallel must be from 1 to 64".to_owned());
        }
        if raw.channels.is_empty() {
            return Err("at least one [[channel]] is needed".to_owned());
        }
        let channels = raw.channels.into_iter().map(channel).collect::<Result<Vec<_>, _>>()?;
        let mut names = HashSet::new();
        let mut folders = HashSet::new();
        for channel in &channels {
            if !names.insert(channel.name.clone()) {
                return Err(format!("two channels are named {:?}", channel.name));
            }
            for (what, folder) in channel.folders() {
                // Alerts are one file per team: channels may share them.
                if what != "alerts" && !folders.insert(folder.to_owned()) {
                    return Err(format!(
                        "channel {:?}: folder {} of {what} is used twice",
                        channel.name,
                        folder.display()
                    ));
                }
            }
        }
        let (acks, held_means) = (raw.acks, raw.held_means);
        let answer_within = raw.answer_within.unwrap_or(SignedDuration::from_hours(72));
        if answer_within.is_negative() {
            return Err("answer_within is negative".to_owned());
        }
        let folder = |given: Option<PathBuf>, name: &str| Some(given.unwrap_or_else(|| PathBuf::from(name)));
        let site = Folders {
            codes: folder(raw.codes.dir, "codes"),
            payers: folder(raw.payers.dir, "payers"),
            every_payer: raw.payers.complete,
            edits: folder(raw.edits.dir, "edits.d"),
        };
        let tolerate = raw.tolerate;
        let segment_bytes = raw.state.journal_segment.unwrap_or(journal::Settings::default().segment_bytes);
        if segment_bytes == 0 {
            return Err("state.journal_segment must be at least one byte".to_owned());
        }
        let journal = journal::Settings { segment_bytes };
        let mut alerting = alerts::alerting(&raw.alerts, raw.sinks, timezone.clone())?;
        let huddling = raw.huddle.checked(&alerting.sinks)?;
        for sink in &mut alerting.sinks {
            sink.rule.packs = huddling.recipients.contains(&sink.rule.name);
        }
        Ok(Config {
            timezone,
            state: raw.state.dir,
            keys: raw.state.keys,
            low_water: raw.state.low_water.unwrap_or(1 << 30),
            index_cache: raw.state.index_cache.unwrap_or(64 << 20),
            journal,
            intake,
            acks,
            held_means,
            answer_within,
            tolerate,
            site,
            history: raw.history,
            alerting,
            hooks: hooks::hooks(raw.hooks)?,
            huddling,
            held: raw.held.checked()?,
            web: raw.web.checked()?,
            channels,
        })
    }
}

fn channel(raw: RawChannel) -> Result<Channel, String> {
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if raw.name.is_empty() || !raw.name.chars().all(sound) {
        return Err(format!("channel name {:?} must be letters, digits and hyphens", raw.name));
    }
    let file_mode = raw.file_mode.as_deref().unwrap_or("0640");
    let file_mode = u32::from_str_radix(file_mode, 8)
        .ok()
        .filter(|m| *m <= 0o777)
        .ok_or_else(|| format!("channel {:?}: file_mode {file_mode:?} is no octal mode", raw.name))?;
    let control_range = raw.control_range.unwrap_or(900_000_001);
    if !(1..=999_999_999).contains(&control_range) {
        return Err(format!("channel {:?}: control_range {control_range} has no nine digits", raw.name));
    }
    let settle = raw.settle.map(Duration::try_from).transpose();
    let settle = settle.map_err(|_| format!("channel {:?}: settle is negative", raw.name))?;
    let folder = |given: Option<PathBuf>, name: &str| given.unwrap_or_else(|| Path::new("spool").join(name));
    Ok(Channel {
        outbound: folder(raw.outbound, "outbound"),
        clean: folder(raw.clean, "clean"),
        acks: folder(raw.acks, "acks"),
        inbound: folder(raw.inbound, "inbound"),
        delivered: folder(raw.delivered, "delivered"),
        rejected: folder(raw.rejected, "rejected"),
        alerts: folder(raw.alerts, "alerts"),
        name: raw.name,
        file_mode,
        file_group: raw.file_group,
        other: raw.other,
        control_range,
        repeats: raw.repeats,
        watch: raw.watch,
        settle,
        signal: raw.signal,
        take: raw.take,
        most_unfetched: raw.most_unfetched.unwrap_or(10_000),
        shadow: raw.shadow,
    })
}

impl Channel {
    /// Its folders with their settings' names.
    #[must_use]
    pub fn folders(&self) -> [(&'static str, &Path); 7] {
        [
            ("outbound", &self.outbound),
            ("clean", &self.clean),
            ("acks", &self.acks),
            ("inbound", &self.inbound),
            ("delivered", &self.delivered),
            ("rejected", &self.rejected),
            ("alerts", &self.alerts),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tables_are_enough() {
        let config = Config::parse("[state]\ndir = \"s\"\n[[channel]]\nname = \"main\"\n").unwrap();
        assert_eq!(config.intake.settle, Duration::from_secs(2));
        assert_eq!(config.channels[0].clean, Path::new("spool/clean"));
        assert_eq!(config.channels[0].file_mode, 0o640);
    }

    #[test]
    fn the_documented_file_says_the_defaults() {
        let documented = Config::parse(include_str!("../config/claimloop.toml")).unwrap();
        let plain = Config::parse("[state]\ndir = \"state\"\n[[channel]]\nname = \"main\"\n").unwrap();
        assert_eq!(format!("{documented:?}"), format!("{plain:?}"));
    }

    #[test]
    fn what_does_not_hold_together_is_refused() {
        for text in [
            "[state]\ndir = \"s\"\n",
            "[state]\ndir = \"s\"\n[[channel]]\nname = \"a b\"\n",
            "[state]\ndir = \"s\"\n[[channel]]\nname = \"a\"\n[[channel]]\nname = \"b\"\n",
            "[state]\ndir = \"s\"\nsecret = 1\n[[channel]]\nname = \"a\"\n",
            "timezone = \"Mars\"\n[state]\ndir = \"s\"\n[[channel]]\nname = \"a\"\n",
            "[state]\ndir = \"s\"\n[[channel]]\nname = \"a\"\nfile_mode = \"rw\"\n",
            "[state]\ndir = \"s\"\n[intake]\nsettle = \"soon\"\n[[channel]]\nname = \"a\"\n",
        ] {
            assert!(Config::parse(text).is_err(), "{text}");
        }
    }
}
