//! Messages handed to the servers of others: the only part of the program that opens a connection. Each call ends within the sink's
//! time-out for each step, and says how it ended once the server gave its final answer.

mod smtp;
mod webhook;

use std::path::Path;

use thiserror::Error;

use crate::alerts::Letter;
use crate::config::{Sink, Way};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Why a message was not taken, in our words: what a server says may be anything.
#[derive(Debug, Error, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Error {
    #[error("{what} can't be read: {why}")]
    Setting { what: &'static str, why: String },
    #[error("{0} is no mail address")]
    Address(&'static str),
    #[error("the message can't be written: {0}")]
    Message(&'static str),
    #[error("there is no connection: {0}")]
    Connection(&'static str),
    #[error("TLS failed")]
    Tls,
    #[error("the server refuses the login")]
    Login,
    #[error("no answer in time")]
    Timeout,
    #[error("the server answered {0}")]
    Answered(u16),
    #[error("the server's answer is not understood, or broke off")]
    Answer,
}

/// Whoever sends knows at once how it ended; what has to be said in parting comes behind.
pub(crate) type Ended<'a> = &'a mut dyn FnMut(Result<(), Error>);

/// Sends a message; `ended` is called once, as soon as it is known whether the server took it. Files are not sent: nothing is done for them.
/// Files go with a mail alone, each by name and bytes.
pub fn send(
    sink: &Sink,
    (letter, files): (&Letter, Vec<(String, Vec<u8>)>),
    (now, zone): (Timestamp, &TimeZone),
    ended: Ended<'_>,
) {
    match &sink.way {
        Way::File(_) => ended(Ok(())),
        Way::Email(email) => smtp::send(sink, email, (letter, files), now, ended),
        Way::Webhook(webhook) => ended(webhook::send(sink, webhook, letter, (now, zone))),
    }
}

/// Sends JSON of ours to a webhook, known by a key; it was taken where the server answers 2xx.
///
/// # Errors
/// Why it was not.
pub fn post(sink: &Sink, (key, body): (&str, &str), now: Timestamp) -> Result<(), Error> {
    match &sink.way {
        Way::Webhook(webhook) => webhook::post(sink, webhook, (key, body), now),
        Way::File(_) | Way::Email(_) => Ok(()),
    }
}

/// A secret's file, without blanks around.
fn secret(what: &'static str, path: &Path) -> Result<String, Error> {
    // The path is the site's own; what stands in the file is not told.
    let text =
        std::fs::read_to_string(path).map_err(|e| Error::Setting { what, why: e.kind().to_string() })?;
    Ok(text.trim().to_owned())
}

/// True where rustls has something against the server: that comes as an input or output error of this kind.
fn is_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut chain = std::iter::successors(Some(error), |error| error.source());
    chain.any(|e| {
        e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::InvalidData)
    })
}

/// What a message is known by, wherever it goes: the same each time it is sent, another at each site.
#[must_use]
pub fn key(letter: &Letter) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("{}\n{}", letter.message, letter.first.as_nanosecond()));
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}
