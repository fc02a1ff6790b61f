//! The site itself: its edits, files in work, people and tokens.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::Web;
use super::super::access::Role;
use super::super::tokens::Scope;
use super::call::{Bearer, Call, answer, limit_of};
use super::problem::Trouble;
use crate::daemon::files::{Standing, Way};
use crate::edits::{Owner, Severity};
use crate::journal::{Counted, Direction};

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

/// A file. Its name is not told: its sender may have built it from a person's.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct File {
    /// Its id.
    id: String,
    /// Channel it came by, or went.
    channel: String,
    /// `outbound` for claims, `inbound` for answers.
    direction: Direction,
    /// When it came.
    came: Option<Timestamp>,
    /// Size.
    bytes: Option<u64>,
    /// Where it is.
    standing: &'static str,
    /// Its claims by what became of them; none until they are judged, and of files without.
    claims: Option<Counted>,
    /// The file before with the same bytes.
    duplicate_of: Option<String>,
}

/// A page of files, the newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Files {
    /// They.
    files: Vec<File>,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

/// Which page.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Place {
    /// Where the page before ended: its `next`.
    cursor: Option<String>,
    /// Files of a page, 200 at most; 50 where it isn't said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

fn file(way: &Way) -> File {
    File {
        id: way.id.clone(),
        channel: way.channel.clone(),
        direction: way.direction,
        came: way.came(),
        bytes: way.bytes,
        standing: match way.standing() {
            Standing::InWork => "in-work",
            Standing::Done => "done",
            Standing::Rejected => "rejected",
            Standing::SetAside => "set-aside",
            Standing::Duplicate => "duplicate",
            Standing::Imported => "imported",
        },
        claims: way.counted(),
        duplicate_of: way.duplicate_of.clone(),
    }
}

/// Files from drop to done, the newest first.
#[utoipa::path(get, path = "/api/v1/files", tag = "site", params(Place), responses((status = 200, body = Files)))]
pub fn files(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    let Place { cursor, limit } = call.query()?;
    let limit = limit_of(limit)?;
    let behind = |way: &&Way| cursor.as_ref().is_none_or(|last| way.id < *last);
    let (files, more) = web.reading.files(&web.desk.state, |files| {
        let mut found = files.newest().filter(|way| who.sees(&way.channel)).filter(behind);
        let page: Vec<File> = found.by_ref().take(limit).map(file).collect();
        (page, found.next().is_some())
    })?;
    let next = files.last().map(|last| last.id.clone()).filter(|_| more);
    answer(StatusCode::OK, &Files { files, next })
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
