//! Questions about the state over `STATE/control.sock`, one JSON line each way, while the daemon owns it; and the same
//! questions answered from the state itself when no daemon runs.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

pub use super::asked::Asked;
use super::asked::{self, asked};
use super::desk::{Decide, Desk};
use super::error::Error;
use super::huddling;
pub use super::huddling::{Blinded, OfPeriod, Wanted};
use super::purge::purge;
use super::reload::InForce;
use super::state::{CACHE, Indexed, State};
use super::viewing::{Purged, Viewed};
use super::{actions, alerting, trending};
use crate::config::Config;
use crate::edits::EditSet;
use crate::events;
use crate::history::{Dimension, Weeks};
use crate::holds;
use crate::phi::decode;
use crate::seal;
use crate::world::World;

/// How long folding the index anew is waited for.
const LONGEST: Duration = Duration::from_secs(3600);

/// A question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Question {
    /// Every held claim.
    HeldList {
        /// Those too that left, were voided or sent anew.
        #[serde(default)]
        all: bool,
    },
    /// One held claim with its segments.
    HeldShow {
        /// ULID.
        id: String,
    },
    /// A decision on a held claim.
    HeldDecide {
        /// ULID.
        id: String,
        /// The version that was seen.
        version: Option<u64>,
        /// What is asked for.
        #[serde(flatten)]
        decide: Decide,
    },
    /// The index thrown away and folded anew.
    Rebuild,
    /// Archived claim files that nobody needs any more, removed.
    Purge {
        /// Those that came before this day.
        before: Date,
        /// They are only counted.
        dry_run: bool,
    },
    /// Anything else about the history.
    History {
        /// What.
        #[serde(flatten)]
        asked: Asked,
    },
    /// About alerts, or a decision on one.
    Alerts {
        /// What.
        #[serde(flatten)]
        asked: alerting::Asked,
    },
    /// About what huddles decided to do, or a decision.
    Actions {
        /// What.
        #[serde(flatten)]
        asked: actions::Asked,
    },
    /// What changed of denials, as the detector finds it.
    Trends {
        /// The first ISO week at whose end it looks; now where it isn't said.
        from: Option<String>,
        /// The last; `from` alone where it isn't said.
        to: Option<String>,
    },
    /// The pack of a weekly huddle.
    Huddle {
        /// Which.
        #[serde(flatten)]
        wanted: huddling::Wanted,
    },
    /// The summary of a month or quarter.
    Leadership {
        /// Which.
        #[serde(flatten)]
        wanted: huddling::OfPeriod,
    },
    /// Denials counted.
    Denials {
        /// Dimensions, by name.
        by: Vec<String>,
        /// Weeks of payment, and what else is asked for.
        #[serde(flatten)]
        weeks: Weeks,
    },
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// What was asked for.
    Ok(Value),
    /// Why there is none.
    Refused(String),
}

/// Answers from the state, to a user of the machine.
///
/// # Errors
/// When the state can't be read.
pub fn answer(desk: &Desk, question: &Question, uid: u32) -> Result<Answer, Error> {
    answer_to(desk, question, &format!("uid {uid}"))
}

/// Answers from the state, to whoever it is, as the journal knows them.
///
/// # Errors
/// When the state can't be read.
pub fn answer_to(desk: &Desk, question: &Question, actor: &str) -> Result<Answer, Error> {
    let state = &*desk.state;
    let encode = |value: Result<Value, serde_json::Error>| {
        value.map_err(|source| Error::Encode { what: "an answer", source })
    };
    Ok(match question {
        Question::HeldList { all } => {
            Answer::Ok(encode(serde_json::to_value(holds::list(&*state.store_soon()?, *all)?))?)
        }
        Question::HeldShow { id } => match desk.view(id, actor)? {
            None => Answer::Refused(format!("no claim is held under the id {id}")),
            Some(shown) => {
                let (x12, x12_now) = desk.texts(&shown)?;
                let Viewed { held, corrected, purged } = shown;
                let mut value = encode(serde_json::to_value(&held))?;
                if let Some(map) = value.as_object_mut() {
                    map.insert("x12".into(), json!(x12));
                    map.insert("corrected".into(), encode(serde_json::to_value(corrected))?);
                    map.insert("x12_now".into(), json!(x12_now));
                    if let Some(Purged { at, actor }) = purged {
                        map.insert("purged".into(), json!({ "at": at, "actor": actor }));
                    }
                }
                Answer::Ok(value)
            }
        },
        Question::HeldDecide { id, version, decide } => desk.decide(id, *version, decide, actor.into())?,
        Question::Rebuild => {
            // One that is being folded may have begun from what is to be thrown away.
            let _ready_or_absent = state.index.store_within(LONGEST);
            state.index.rebuild();
            let store = state.index.store_within(LONGEST)?;
            Answer::Ok(json!({ "records": store.applied() }))
        }
        Question::Purge { before, dry_run } => Answer::Ok(purge(state, *before, *dry_run, actor)?),
        Question::History { asked: question } => match asked(desk, question, actor)? {
            Some(value) => Answer::Ok(value),
            None => Answer::Refused("nothing is known under that number".to_owned()),
        },
        Question::Alerts { asked } => alerting::asked(desk, asked, actor)?,
        Question::Actions { asked } => actions::asked(desk, asked, actor)?,
        Question::Trends { from, to } => trending::found(desk, from.as_deref(), to.as_deref())?,
        Question::Huddle { wanted } => huddling::asked(desk, wanted)?,
        Question::Leadership { wanted } => huddling::summary(desk, wanted)?,
        Question::Denials { by, weeks } => {
            match by.iter().map(|name| Dimension::parse(name)).collect::<Result<Vec<_>, _>>() {
                Err(unknown) => Answer::Refused(unknown.to_string()),
                Ok(by) => {
                    let found = asked::denials(desk, &by, weeks, actor)?;
                    Answer::Ok(encode(serde_json::to_value(found))?)
                }
            }
        }
    })
}

/// Asks the daemon that owns `folder`, or the state itself when none does: then decisions are judged by the configuration's edits, or
/// the shipped ones.
///
/// # Errors
/// When neither answers.
pub fn ask(folder: &Path, question: &Question, config: Option<&Config>) -> Result<Answer, Error> {
    Asker::new(folder, config).ask(question)
}

/// Who asks several questions: where no daemon runs, the state is opened once.
pub struct Asker<'a> {
    folder: &'a Path,
    config: Option<&'a Config>,
    desk: Option<Desk>,
}

impl<'a> Asker<'a> {
    /// Nothing asked yet.
    #[must_use]
    pub fn new(folder: &'a Path, config: Option<&'a Config>) -> Asker<'a> {
        Asker { folder, config, desk: None }
    }

    /// One more.
    ///
    /// # Errors
    /// When neither answers.
    pub fn ask(&mut self, question: &Question) -> Result<Answer, Error> {
        let uid = rustix::process::getuid().as_raw();
        if let Some(desk) = &self.desk {
            return answer(desk, question, uid);
        }
        let (folder, config) = (self.folder, self.config);
        let path = State::socket(folder);
        let asked = UnixStream::connect(&path).and_then(|stream| converse(&stream, question));
        match asked {
            Ok(answer) => Ok(answer),
            // No daemon: nobody listens, there never was one, or it is just going. The lock decides.
            Err(_) => match opened(folder, config) {
                // A daemon that came meanwhile answers by now.
                Err(Error::Locked { .. }) => {
                    let stream = UnixStream::connect(&path).map_err(Error::io("asking", &path))?;
                    converse(&stream, question).map_err(Error::io("asking", &path))
                }
                opened => {
                    let desk = self.desk.insert(desk(opened?, config)?);
                    answer(desk, question, uid)
                }
            },
        }
    }
}

/// Opens the state that no daemon owns.
///
/// # Errors
/// [`Error::Locked`] while a daemon runs; else what failed.
pub fn open(folder: &Path, config: Option<&Config>) -> Result<Desk, Error> {
    desk(opened(folder, config)?, config)
}

fn opened(folder: &Path, config: Option<&Config>) -> Result<State, Error> {
    let settings = config.map(|c| c.journal).unwrap_or_default();
    let keys = seal::load(config.and_then(|c| c.keys.as_deref()))?;
    let texts = config
        .map(|c| InForce::read(c).map_err(Error::Site)?.tables(c).map_err(Error::Tables))
        .transpose()?;
    State::open_in(
        World { keys, ..World::real() },
        folder,
        settings,
        Indexed::by_sled(folder, config.map_or(CACHE, |c| c.index_cache), false).by(texts),
    )
}

fn desk(state: State, config: Option<&Config>) -> Result<Desk, Error> {
    let state = Arc::new(state);
    Ok(match config {
        Some(config) => {
            let edits = InForce::read(config).map_err(Error::Site)?.edits;
            Desk::new(state, edits, config.timezone.clone())
                .with_trends(config.alerting.trends.clone())
                .with_second_person_from(config.held.second_person_from)
        }
        None => Desk::new(state, Arc::new(EditSet::shipped().map_err(Error::Edits)?), TimeZone::system()),
    })
}

fn converse(mut stream: &UnixStream, question: &Question) -> io::Result<Answer> {
    let mut line = serde_json::to_vec(question)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut reply = String::new();
    BufReader::new(stream).read_line(&mut reply)?;
    Ok(decode(reply.as_bytes())?)
}

/// Listens until the runtime ends. A socket left by a daemon that died is replaced: the lock is ours.
///
/// # Errors
/// When the socket can't be made.
pub fn listen(desk: Arc<Desk>, folder: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let path = State::socket(folder);
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Error::io("removing", &path)(e)),
        _ => {}
    }
    let listener = UnixListener::bind(&path).map_err(Error::io("making", &path))?;
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&path, private).map_err(Error::io("setting the mode of", &path))?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let desk = Arc::clone(&desk);
            tokio::spawn(async move {
                if let Err(error) = serve_one(stream, desk).await {
                    events::failed("answering a question", &error);
                }
            });
        }
    });
    Ok(())
}

async fn serve_one(stream: tokio::net::UnixStream, desk: Arc<Desk>) -> io::Result<()> {
    let uid = stream.peer_cred().map_or(u32::MAX, |c| c.uid());
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    tokio::io::BufReader::new(read).read_line(&mut line).await?;
    let reply = match serde_json::from_str::<Question>(&line) {
        Err(_) => Answer::Refused("the question is not understood".to_owned()),
        Ok(question) => {
            events::asked(uid);
            let answered = tokio::task::spawn_blocking(move || answer(&desk, &question, uid)).await;
            match answered.map_err(|e| io::Error::other(Error::worker(&e)))? {
                Ok(answer) => answer,
                Err(error) => Answer::Refused(events::chain(&error)),
            }
        }
    };
    let mut bytes = serde_json::to_vec(&reply)?;
    bytes.push(b'\n');
    write.write_all(&bytes).await
}
