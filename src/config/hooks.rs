//! `[[webhook]]`: who is told of claims that are held, released and sent.

use std::collections::HashSet;
use std::path::PathBuf;

use jiff::SignedDuration;
use serde::Deserialize;

use super::alerts::{RawSink, Sink, sink};

/// What a webhook is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HookEvent {
    /// A claim is held, or held again: what let it leave was taken back, or an edit of the day stops it.
    Held,
    /// It may leave: released, or overridden.
    Released,
    /// It left, in a file that has its name.
    Sent,
}

impl HookEvent {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            HookEvent::Held => "held",
            HookEvent::Released => "released",
            HookEvent::Sent => "sent",
        }
    }
}

/// A webhook of the site.
#[derive(Clone, Debug)]
pub struct Hook {
    /// How it is reached, and how often it is tried.
    pub sink: Sink,
    /// What it is told of.
    pub events: Vec<HookEvent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHook {
    name: String,
    url: Option<String>,
    url_file: Option<PathBuf>,
    secret_file: Option<PathBuf>,
    #[serde(default = "every_event")]
    events: Vec<HookEvent>,
    retry: Option<SignedDuration>,
    attempts: Option<u32>,
    timeout: Option<SignedDuration>,
    ca: Option<PathBuf>,
}

fn every_event() -> Vec<HookEvent> {
    vec![HookEvent::Held, HookEvent::Released, HookEvent::Sent]
}

/// Checks them.
pub(super) fn hooks(all: Vec<RawHook>) -> Result<Vec<Hook>, String> {
    let mut names = HashSet::new();
    let hook = |raw: RawHook| {
        let name = raw.name.clone();
        if !names.insert(name.clone()) {
            return Err(format!("two webhooks are named {name:?}"));
        }
        if raw.events.is_empty() {
            return Err(format!("webhook {name:?}: events is empty: it would be told nothing"));
        }
        let mut to = RawSink::webhook(raw.name);
        (to.url, to.url_file, to.secret_file) = (raw.url, raw.url_file, raw.secret_file);
        (to.retry, to.attempts, to.timeout, to.ca) = (raw.retry, raw.attempts, raw.timeout, raw.ca);
        let sink = sink(to).map_err(|why| format!("webhook {name:?}: {why}"))?;
        Ok(Hook { sink, events: raw.events })
    };
    all.into_iter().map(hook).collect()
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn parse(hooks: &str) -> Result<Config, String> {
        Config::parse(&format!("[state]\ndir = \"s\"\n[[channel]]\nname = \"main\"\n{hooks}"))
    }

    #[test]
    fn webhooks_hold_together() {
        let one = "[[webhook]]\nname = \"a\"\nurl = \"https://hooks.example.org/x\"\n";
        let config = parse(one).unwrap();
        assert_eq!((config.hooks.len(), config.hooks[0].events.len()), (1, 3));
        for (wrong, why) in [
            (format!("{one}{one}"), "two webhooks"),
            (format!("{one}events = []\n"), "told nothing"),
            (format!("{one}events = [\"voided\"]\n"), "voided"),
            (format!("{one}preset = \"slack\"\n"), "preset"),
            (one.replace("https", "http"), "https://"),
            (one.replace("\"a\"", "\"../a\""), "letters, digits and hyphens"),
        ] {
            let said = parse(&wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }
}
