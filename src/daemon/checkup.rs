//! What stands in the way of a good day: the configuration held against the machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::archive::Archive;
use crate::codes::{CodeSets, Kind};
use crate::config::{Config, Way};
use crate::imports::{Age, Imports, age};
use crate::seal;
use crate::world::World;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// It stands in the way.
    Bad,
}

/// What was looked at, and what was seen.
#[derive(Debug, serde::Serialize)]
pub struct Seen {
    /// How bad.
    pub health: Health,
    /// What was looked at.
    pub what: String,
    /// What was seen.
    pub said: String,
}

#[derive(Debug, Default)]
struct Visit(Vec<Seen>);

impl Visit {
    fn say(&mut self, health: Health, what: impl Into<String>, said: impl Into<String>) {
        self.0.push(Seen { health, what: what.into(), said: said.into() });
    }

    /// A folder that is made at the start where it is missing; files must be able to come and go there.
    fn folder(&mut self, what: &str, path: &Path) {
        let probe = path.join(format!(".claimloop-doctor-{}", std::process::id()));
        let said = path.display().to_string();
        match fs::metadata(path) {
            Ok(meta) if !meta.is_dir() => self.say(Health::Bad, what, format!("{said} is no folder")),
            Ok(_) => match fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)) {
                Ok(()) => self.say(Health::Good, what, said),
                Err(e) => self.say(Health::Bad, what, format!("{said} can't be written: {e}")),
            },
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                self.say(Health::Note, what, format!("{said} isn't there yet; `claimloop serve` makes it"));
            }
            Err(e) => self.say(Health::Bad, what, format!("{said} can't be read: {e}")),
        }
    }
}

/// Looks at everything the configuration names.
#[must_use]
pub fn checkup(config: &Config, today: Date) -> Vec<Seen> {
    let mut visit = Visit::default();
    look(config, today, &mut visit);
    visit.0
}

/// Whether what is kept is sealed, and whether the keys that takes are there.
fn sealed(config: &Config, visit: &mut Visit) {
    let keys = match seal::load(config.keys.as_deref()) {
        Err(error) => return visit.say(Health::Bad, "keys", crate::events::chain(&error)),
        Ok(keys) => keys,
    };
    let world = World { keys: keys.clone(), ..World::real() };
    let folder = config.state.join("archive");
    if folder.is_dir()
        && let Err(error) = Archive::open(&world, folder).and_then(|archive| archive.opens())
    {
        return visit.say(Health::Bad, "keys", crate::events::chain(&error));
    }
    match keys.as_deref().and_then(|keys| keys.keys().next()) {
        Some((name, id)) => {
            visit.say(Health::Good, "keys", format!("what is received is sealed under {name} ({id})"))
        }
        None => visit.say(
            Health::Note,
            "keys",
            "the state is not sealed: put it on an encrypted disk, or see docs/sealing.md",
        ),
    }
    let open_to_all =
        |path: &Path| fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o007 != 0);
    if let Some(path) = seal::place(config.keys.as_deref()).filter(|path| open_to_all(path)) {
        visit.say(Health::Bad, "keys", format!("every user of the machine may read {}", path.display()));
    }
}

/// Whether the secrets of sinks can be read, and by whom; whether a server takes anything only `alerts test` can say.
fn sinks(config: &Config, visit: &mut Visit) {
    for sink in &config.alerting.sinks {
        let what = format!("sink {}", sink.rule.name);
        let (secrets, said): (Vec<&PathBuf>, String) = match &sink.way {
            Way::File(folder) => (Vec::new(), folder.display().to_string()),
            Way::Email(email) => {
                (email.login.iter().map(|(_, file)| file).collect(), format!("{}:{}", email.host, email.port))
            }
            Way::Webhook(hook) => {
                (hook.url.as_ref().err().into_iter().chain(&hook.secret).collect(), "webhook".to_owned())
            }
        };
        let mut health = Health::Good;
        for path in secrets.iter().copied().chain(&sink.ca) {
            match fs::metadata(path) {
                Err(e) => {
                    health = Health::Bad;
                    visit.say(health, &what, format!("{} can't be read: {e}", path.display()));
                }
                Ok(meta) if secrets.contains(&path) && meta.permissions().mode() & 0o007 != 0 => {
                    health = Health::Bad;
                    visit.say(
                        health,
                        &what,
                        format!("every user of the machine may read {}", path.display()),
                    );
                }
                Ok(_) => {}
            }
        }
        if health == Health::Good {
            visit.say(health, what, format!("{said}; claimloop alerts test {} tries it", sink.rule.name));
        }
    }
}

fn look(config: &Config, today: Date, visit: &mut Visit) {
    visit.folder("state", &config.state);
    sealed(config, visit);
    sinks(config, visit);
    for channel in &config.channels {
        for (name, folder) in channel.folders() {
            visit.folder(&format!("channel {}, {name}", channel.name), folder);
        }
        if channel.shadow {
            visit.say(
                Health::Note,
                format!("channel {}", channel.name),
                "edits are on trial here: no claim is held",
            );
        }
    }
    match config.site.edits() {
        Err(error) => visit.say(Health::Bad, "edits", crate::events::chain(&error)),
        Ok(edits) => {
            let off: Vec<String> =
                edits.off().map(|(edit, needs)| format!("{} ({needs})", edit.id)).collect();
            visit.say(Health::Good, "edits", format!("{} run", edits.active().count() - off.len()));
            if !off.is_empty() {
                visit.say(Health::Note, "edits that are off", off.join(", "));
            }
            let packs: Vec<&str> = edits.payers().iter().map(|p| p.id.as_str()).collect();
            let said = if packs.is_empty() { "none".to_owned() } else { packs.join(", ") };
            visit.say(if packs.is_empty() { Health::Note } else { Health::Good }, "payer packs", said);
        }
    }
    let imports = Imports::new(config.site.codes.clone().unwrap_or_default());
    for kind in Kind::ALL.iter().copied() {
        match imports.check(kind) {
            Err(error) => visit.say(Health::Bad, kind.name(), crate::events::chain(&error)),
            Ok(Some(manifest)) => match age(&manifest, today) {
                Age::Good(days) => visit.say(Health::Good, kind.name(), format!("imported, {days} days old")),
                Age::Old(days) => {
                    visit.say(
                        Health::Note,
                        kind.name(),
                        format!("imported, {days} days old: a newer one should be published"),
                    );
                }
            },
            Ok(None) => {
                if let Some(shipped) = CodeSets::compiled_in(kind) {
                    visit.say(Health::Good, kind.name(), format!("shipped, {}", shipped.vintage));
                }
            }
        }
    }
}
