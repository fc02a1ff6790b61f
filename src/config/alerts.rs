//! `[alerts]` and `[[sink]]`: when and to whom alerts are told.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, ToSpan, Unit};
use serde::Deserialize;

use crate::alerts::{Preset, Rule, Severity, Times};
use crate::edits::Owner;
use crate::trends;

/// Longest time-out: the service manager waits a minute for the end.
const LONGEST: Duration = Duration::from_secs(45);

/// Weeks in which a change may have to be seen still.
const LONGEST_WINDOW: usize = 13;

/// How a sink's server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// From the first byte.
    Implicit,
    /// Begun by STARTTLS; without it nothing is sent.
    Starttls,
    /// In the clear: on this machine alone.
    None,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Email {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub tls: Tls,
    /// User, and the file that holds the password.
    pub login: Option<(String, PathBuf)>,
    /// Sender.
    pub from: String,
    /// Recipients.
    pub to: Vec<String>,
}

/// A web server that takes messages.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its address, or the file that holds it.
    pub url: Result<String, PathBuf>,
    /// The file of the secret that messages are signed with.
    pub secret: Option<PathBuf>,
    /// Who reads it.
    pub preset: Preset,
}

/// How a sink is reached.
#[derive(Clone, Debug)]
pub enum Way {
    /// A file of JSON lines in this folder.
    File(PathBuf),
    /// Mail.
    Email(Email),
    /// A web server.
    Webhook(Webhook),
}

/// Where alerts go.
#[derive(Clone, Debug)]
pub struct Sink {
    /// What it is told.
    pub rule: Rule,
    /// How it is reached.
    pub way: Way,
    /// How long its server may take.
    pub timeout: Duration,
    /// Certificates of an authority of the site, as PEM.
    pub ca: Option<PathBuf>,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Alerting {
    /// The site's hours.
    pub times: Times,
    /// Where alerts go beside the owners' files.
    pub sinks: Vec<Sink>,
    /// What makes a change of denials worth an alert.
    pub trends: trends::Settings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawAlerts {
    digest: String,
    quiet_from: String,
    quiet_to: String,
    escalate_at_once: SignedDuration,
    escalate_digest: SignedDuration,
    budget: f64,
    alert_window: Span,
    least_claims: u32,
    least_dollars: u32,
    least_ratio: f64,
}

impl Default for RawAlerts {
    fn default() -> RawAlerts {
        RawAlerts {
            digest: "07:30".to_owned(),
            quiet_from: String::new(),
            quiet_to: String::new(),
            escalate_at_once: SignedDuration::from_hours(4),
            escalate_digest: SignedDuration::from_hours(72),
            budget: 1.0,
            alert_window: 3.weeks(),
            least_claims: 5,
            least_dollars: 250,
            least_ratio: 1.15,
        }
    }
}

impl RawAlerts {
    fn trends(&self) -> Result<trends::Settings, String> {
        let usual = trends::Settings::default();
        if !(self.budget > 0.0 && self.budget <= 1000.0) {
            return Err("alerts.budget must be more than 0 and at most 1000 a week".to_owned());
        }
        let weeks = self.alert_window.total((Unit::Week, SpanRelativeTo::days_are_24_hours()));
        let longest = LONGEST_WINDOW;
        // Only whole weeks are counted.
        let alert_weeks = (1..=longest).rev().find(|n| weeks.as_ref().is_ok_and(|w| *w >= *n as f64));
        let alert_weeks = alert_weeks.filter(|_| weeks.is_ok_and(|w| w <= longest as f64));
        let alert_weeks = alert_weeks
            .ok_or_else(|| format!("alerts.alert_window must be from \"1w\" to \"{longest}w\""))?;
        if self.least_claims == 0 || !(self.least_ratio >= 1.0 && self.least_ratio <= 100.0) {
            return Err("alerts.least_claims must be at least 1, and least_ratio from 1 to 100".to_owned());
        }
        Ok(trends::Settings {
            budget: self.budget,
            alert_weeks,
            least_claims: f64::from(self.least_claims),
            least_cents: i64::from(self.least_dollars) * 100,
            least_ratio: self.least_ratio,
            ..usual
        })
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    File,
    Email,
    Webhook,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSink {
    name: String,
    kind: Kind,
    #[serde(default = "every_owner")]
    owners: Vec<Owner>,
    #[serde(default)]
    severity: Severity,
    #[serde(default)]
    escalations: bool,
    quiet: Option<bool>,
    pub(super) retry: Option<SignedDuration>,
    pub(super) attempts: Option<u32>,
    pub(super) timeout: Option<SignedDuration>,
    pub(super) ca: Option<PathBuf>,
    dir: Option<PathBuf>,
    host: Option<String>,
    port: Option<u16>,
    tls: Option<Tls>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    from: Option<String>,
    #[serde(default)]
    to: Vec<String>,
    pub(super) url: Option<String>,
    pub(super) url_file: Option<PathBuf>,
    pub(super) secret_file: Option<PathBuf>,
    #[serde(default)]
    preset: Preset,
}

impl RawSink {
    /// A webhook that is told nothing of alerts.
    pub(super) fn webhook(name: String) -> RawSink {
        RawSink {
            name,
            kind: Kind::Webhook,
            owners: Vec::new(),
            severity: Severity::default(),
            escalations: false,
            quiet: Some(false),
            retry: None,
            attempts: None,
            timeout: None,
            ca: None,
            dir: None,
            host: None,
            port: None,
            tls: None,
            user: None,
            password_file: None,
            from: None,
            to: Vec::new(),
            url: None,
            url_file: None,
            secret_file: None,
            preset: Preset::Plain,
        }
    }
}

fn every_owner() -> Vec<Owner> {
    Owner::ALL.to_vec()
}

/// Checks both tables.
pub(super) fn alerting(raw: &RawAlerts, sinks: Vec<RawSink>, zone: TimeZone) -> Result<Alerting, String> {
    let hour = |name: &str, text: &str| {
        text.parse::<Time>().map_err(|_| format!("alerts.{name} {text:?} is no time: write \"07:30\""))
    };
    let quiet: Option<(Time, Time)> = match (raw.quiet_from.as_str(), raw.quiet_to.as_str()) {
        ("", "") => None,
        (from, to) => Some((hour("quiet_from", from)?, hour("quiet_to", to)?)),
    };
    let limit = |after: SignedDuration| (!after.is_zero()).then_some(after);
    let escalate = (limit(raw.escalate_at_once), limit(raw.escalate_digest));
    if raw.escalate_at_once.is_negative() || raw.escalate_digest.is_negative() {
        return Err("alerts.escalate_at_once and escalate_digest can't be negative; \"0s\" never escalates"
            .to_owned());
    }
    let times = Times { zone, digest: hour("digest", &raw.digest)?, quiet, escalate };
    let mut names = HashSet::new();
    let sinks = sinks.into_iter().map(|raw| {
        let name = raw.name.clone();
        if !names.insert(name.clone()) {
            return Err(format!("two sinks are named {name:?}"));
        }
        sink(raw).map_err(|why| format!("sink {name:?}: {why}"))
    });
    Ok(Alerting { times, sinks: sinks.collect::<Result<_, _>>()?, trends: raw.trends()? })
}

pub(super) fn sink(raw: RawSink) -> Result<Sink, String> {
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if raw.name.is_empty() || !raw.name.chars().all(sound) {
        return Err("its name must be letters, digits and hyphens".to_owned());
    }
    let given = [
        (raw.dir.is_some(), "dir", "file"),
        (raw.host.is_some(), "host", "email"),
        (raw.port.is_some(), "port", "email"),
        (raw.tls.is_some(), "tls", "email"),
        (raw.user.is_some(), "user", "email"),
        (raw.password_file.is_some(), "password_file", "email"),
        (raw.from.is_some(), "from", "email"),
        (!raw.to.is_empty(), "to", "email"),
        (raw.url.is_some(), "url", "webhook"),
        (raw.url_file.is_some(), "url_file", "webhook"),
        (raw.secret_file.is_some(), "secret_file", "webhook"),
        (raw.preset != Preset::Plain, "preset", "webhook"),
    ];
    let own = match raw.kind {
        Kind::File => "file",
        Kind::Email => "email",
        Kind::Webhook => "webhook",
    };
    if let Some((_, key, of)) = given.iter().find(|(given, _, of)| *given && *of != own) {
        return Err(format!("{key} is of kind {of:?} alone"));
    }
    let positive = |what: &str, given: Option<SignedDuration>, usual: i64| {
        let given = given.unwrap_or(SignedDuration::from_secs(usual));
        if given.is_positive() { Ok(given) } else { Err(format!("{what} must be longer than nothing")) }
    };
    let wait = positive("retry", raw.retry, 60)?;
    let timeout = Duration::try_from(positive("timeout", raw.timeout, 20)?).unwrap_or_default();
    if timeout > LONGEST {
        return Err("timeout must be at most 45s: a stop waits for it".to_owned());
    }
    let attempts = raw.attempts.unwrap_or(20);
    if attempts == 0 {
        return Err("attempts must be at least 1".to_owned());
    }
    let quiet = raw.quiet.unwrap_or(own != "file");
    let rule = Rule {
        name: raw.name,
        owners: raw.owners,
        severity: raw.severity,
        escalations: raw.escalations,
        quiet,
        packs: false,
        wait,
        attempts,
    };
    let way = match raw.kind {
        Kind::File => Way::File(raw.dir.ok_or("dir is missing: the folder of its file")?),
        Kind::Email => {
            let tls = raw.tls.unwrap_or(Tls::Implicit);
            let host = raw.host.ok_or("host is missing")?;
            if tls == Tls::None && !is_here(&host) {
                return Err("tls = \"none\" is for a server on this machine alone".to_owned());
            }
            let usual = match tls {
                Tls::Implicit => 465,
                Tls::Starttls => 587,
                Tls::None => 25,
            };
            let login = match (raw.user, raw.password_file) {
                (Some(user), Some(file)) => Some((user, file)),
                (None, None) => None,
                _ => return Err("user and password_file go together".to_owned()),
            };
            if raw.to.is_empty() {
                return Err("to is missing: who reads it".to_owned());
            }
            let from = raw.from.ok_or("from is missing")?;
            Way::Email(Email { host, port: raw.port.unwrap_or(usual), tls, login, from, to: raw.to })
        }
        Kind::Webhook => {
            let url = match (raw.url, raw.url_file) {
                (Some(url), None) => {
                    is_safe(&url)?;
                    Ok(url)
                }
                (None, Some(file)) => Err(file),
                _ => return Err("one of url and url_file is needed".to_owned()),
            };
            Way::Webhook(Webhook { url, secret: raw.secret_file, preset: raw.preset })
        }
    };
    Ok(Sink { rule, way, timeout, ca: raw.ca })
}

/// True of names of this machine alone.
fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether something may be sent to an address: over TLS, or to this machine.
///
/// # Errors
/// Why not.
pub fn is_safe(url: &str) -> Result<(), String> {
    if url.starts_with("https://") {
        return Ok(());
    }
    let host = url.strip_prefix("http://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let host = host.ok_or("its address must begin with https://")?;
    if host.contains('@') {
        return Err("its address must not hold a user".to_owned());
    }
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => host,
    };
    if is_here(host) {
        Ok(())
    } else {
        Err("http:// is for a server on this machine alone: use https://".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn parse(sinks: &str) -> Result<Config, String> {
        Config::parse(&format!("[state]\ndir = \"s\"\n[[channel]]\nname = \"main\"\n{sinks}"))
    }

    #[test]
    fn sinks_hold_together() {
        let sound = "[[sink]]\nname = \"a\"\nkind = \"file\"\ndir = \"x\"\n\
            [[sink]]\nname = \"b\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:80/x\"\npreset = \"slack\"\n\
            [[sink]]\nname = \"c\"\nkind = \"email\"\nhost = \"localhost\"\ntls = \"none\"\nfrom = \"a@b.c\"\nto = [\"d@e.f\"]\n";
        let config = parse(sound).unwrap();
        assert_eq!(config.alerting.sinks.len(), 3);
        assert!(!config.alerting.sinks[0].rule.quiet && config.alerting.sinks[1].rule.quiet);
        assert_eq!(config.alerting.sinks[2].rule.owners.len(), 6);
    }

    #[test]
    fn what_the_detector_goes_by_can_be_set() {
        let usual = parse("").unwrap().alerting.trends;
        assert_eq!((usual.budget, usual.alert_weeks, usual.least_cents), (1.0, 3, 25_000));
        let text = "[alerts]\nbudget = 0.5\nalert_window = \"28d\"\nleast_claims = 10\nleast_dollars = 1000\nleast_ratio = 2\n";
        let set = parse(text).unwrap().alerting.trends;
        assert_eq!((set.budget, set.alert_weeks), (0.5, 4));
        assert_eq!((set.least_claims, set.least_cents, set.least_ratio), (10.0, 100_000, 2.0));
        for (window, weeks) in [("1w", 1), ("504h", 3), ("27d", 3), ("13w", 13)] {
            let set = parse(&format!("[alerts]\nalert_window = \"{window}\"\n")).unwrap();
            assert_eq!(set.alerting.trends.alert_weeks, weeks, "{window}");
        }
    }

    #[test]
    fn what_does_not_hold_together_is_refused() {
        let mail = "[[sink]]\nname = \"c\"\nkind = \"email\"\nhost = \"mail.example.com\"\nfrom = \"a@b.c\"\nto = [\"d@e.f\"]\n";
        assert!(parse(mail).is_ok());
        for (wrong, why) in [
            (format!("{mail}tls = \"none\"\n"), "this machine"),
            (format!("{mail}url = \"https://x\"\n"), "webhook"),
            (format!("{mail}user = \"u\"\n"), "go together"),
            (format!("{mail}attempts = 0\n"), "at least 1"),
            (format!("{mail}retry = \"0s\"\n"), "longer"),
            (format!("{mail}{mail}"), "two sinks"),
            (format!("{mail}timeout = \"1m\"\n"), "at most 45s"),
            ("[[sink]]\nname = \"c\"\nkind = \"webhook\"\nurl = \"http://example.com\"\n".into(), "https"),
            (
                "[[sink]]\nname = \"c\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1@example.com/\"\n"
                    .into(),
                "user",
            ),
            ("[[sink]]\nname = \"c\"\nkind = \"webhook\"\n".into(), "url_file"),
            ("[[sink]]\nname = \"c d\"\nkind = \"file\"\ndir = \"x\"\n".into(), "letters"),
            ("[alerts]\ndigest = \"noon\"\n".into(), "no time"),
            ("[alerts]\nquiet_from = \"19:00\"\n".into(), "quiet_to"),
            ("[alerts]\nbudget = 0\n".into(), "budget"),
            ("[alerts]\nbudget = -1.0\n".into(), "budget"),
            ("[alerts]\nbudget = nan\n".into(), "budget"),
            ("[alerts]\nalert_window = \"6d\"\n".into(), "1w"),
            ("[alerts]\nalert_window = \"14w\"\n".into(), "13w"),
            ("[alerts]\nalert_window = \"1mo\"\n".into(), "13w"),
            ("[alerts]\nleast_claims = 0\n".into(), "least_claims"),
            ("[alerts]\nleast_ratio = 0.5\n".into(), "least_ratio"),
        ] {
            let said = parse(&wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }
}
