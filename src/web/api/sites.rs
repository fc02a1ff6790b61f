//! The site itself: its edits, files in work, people and tokens.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use super::super::Web;
use super::super::access::Role;
use super::super::tokens::Scope;
use super::call::{Bearer, Call, answer};
use super::problem::Trouble;
use crate::edits::{Owner, Severity};

/// An edit in force.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Edit {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// What it does to a claim.
    severity: Severity,
    /// Team that works what it finds.
    owner: Owner,
    /// WEDI SNIP type, 1 to 7.
    snip: u8,
    /// Where it looks.
    at: String,
    /// Denials it prevents.
    prevents: Vec<String>,
    /// True where it is switched off for want of something.
    off: bool,
}

/// The definition of clean.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Edits {
    /// Hash of all of it.
    hash: String,
    /// Edits in force.
    edits: Vec<Edit>,
}

/// The edits in force.
#[utoipa::path(get, path = "/api/v1/edits", tag = "site", responses((status = 200, body = Edits)))]
pub fn edits(web: &Web, _: &Bearer, _: &Call) -> Result<Response, Trouble> {
    let all = web.desk.edits();
    let off: Vec<&str> = all.off().map(|(edit, _)| edit.id.as_str()).collect();
    let edit = |e: &crate::edits::Edit| Edit {
        id: e.id.clone(),
        name: e.name.clone(),
        severity: e.severity,
        owner: e.owner,
        snip: e.snip,
        at: e.at.to_string(),
        prevents: e.prevents.clone(),
        off: off.contains(&e.id.as_str()),
    };
    answer(StatusCode::OK, &Edits { hash: all.hash().to_owned(), edits: all.active().map(edit).collect() })
}

/// A file in work. Its name is not told: its sender may have built it from a person's.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct File {
    /// Its id.
    id: String,
    /// Channel it came by.
    channel: String,
    /// Which way it goes.
    direction: String,
    /// The day it was received on.
    received: jiff::civil::Date,
    /// How often work on it was begun again.
    tries: u32,
    /// True once it can't be worked and is on its way to the rejected folder.
    quarantined: bool,
}

/// Files in work, the oldest first.
#[utoipa::path(get, path = "/api/v1/files", tag = "site", responses((status = 200, body = Vec<File>)))]
pub fn files(web: &Web, who: &Bearer, _: &Call) -> Result<Response, Trouble> {
    let open = web.desk.state.open_files().into_iter().filter(|file| who.sees(&file.channel));
    let file = |file: crate::daemon::FileState| {
        let direction = serde_json::to_value(file.direction)?;
        Ok(File {
            id: file.id,
            channel: file.channel,
            direction: direction.as_str().unwrap_or_default().to_owned(),
            received: file.today,
            tries: file.tries,
            quarantined: file.quarantined.is_some(),
        })
    };
    answer(StatusCode::OK, &open.map(file).collect::<Result<Vec<File>, serde_json::Error>>()?)
}

/// Somebody who may sign in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Person {
    /// Their name here.
    name: String,
    /// What they may do.
    #[schema(value_type = String)]
    role: Role,
    /// Channels whose claims they see; none: those of every one.
    channels: Vec<String>,
    /// True once they chose a password.
    password: bool,
}

/// Who may sign in.
#[utoipa::path(get, path = "/api/v1/people", tag = "site", responses((status = 200, body = Vec<Person>)))]
pub fn people(web: &Web, _: &Bearer, _: &Call) -> Result<Response, Trouble> {
    let all = web.people.all()?.into_iter();
    let people = all.map(|(name, person)| Person {
        name,
        role: person.role,
        channels: person.channels,
        password: person.password.is_some(),
    });
    answer(StatusCode::OK, &people.collect::<Vec<_>>())
}

/// A token, without what it is shown by.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Kept {
    /// Its name.
    name: String,
    /// What it is good for.
    scopes: Vec<Scope>,
    /// Channels whose claims it shows; none: those of every one.
    channels: Vec<String>,
    /// When it was added.
    added: Timestamp,
    /// When it ends; never where it isn't said.
    until: Option<Timestamp>,
}

/// Which tokens there are.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "site", responses((status = 200, body = Vec<Kept>)))]
pub fn tokens(web: &Web, _: &Bearer, _: &Call) -> Result<Response, Trouble> {
    let all = web.tokens.all()?.into_iter();
    let tokens = all.map(|(name, token)| Kept {
        name,
        scopes: token.scopes,
        channels: token.channels,
        added: token.added,
        until: token.until,
    });
    answer(StatusCode::OK, &tokens.collect::<Vec<_>>())
}
