//! Pages that report: figures, denials, alerts, files, the audit trail, the reference, packs, settings. They decide of nothing but alerts, by the
//! same functions as the commands.

pub mod alerts;
pub mod audit;
pub mod dashboard;
pub mod denials;
pub mod files;
mod huddle;
mod kept;
pub mod reference;
pub mod settings;

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::response::Response;

use super::access::Action;
use super::handle::Failed;
use super::request::{Call, Signed};
use super::{Web, pages};
use crate::config::Config;
use crate::daemon::files::Files;
use crate::daemon::{Error, State};
use kept::Kept;

/// What these pages keep between requests.
pub struct Reading {
    config: Config,
    kept: Kept,
    files: Mutex<Files>,
    figures: Mutex<Option<dashboard::Known>>,
    used: Mutex<Option<reference::Known>>,
}

impl Reading {
    /// Looks something up in the files, told up to now.
    pub fn files<T>(&self, state: &State, look: impl FnOnce(&Files) -> T) -> Result<T, Error> {
        let mut files = locked(&self.files);
        files.catch_up(state)?;
        Ok(look(&files))
    }

    /// Nothing read yet.
    pub fn new(config: &Config) -> Reading {
        Reading {
            config: config.clone(),
            kept: Kept::default(),
            files: Mutex::default(),
            figures: Mutex::default(),
            used: Mutex::default(),
        }
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers what reads, and what decides of alerts.
pub fn answer(web: &Web, who: &Signed, call: &Call, action: Action) -> Result<Response, Failed> {
    // Claim numbers, and names of files, which may be somebody's.
    let names =
        [Action::DenialClaims, Action::DenialClaimsExport, Action::Files, Action::FilesExport, Action::File];
    if who.blinded && names.contains(&action) {
        return Ok(pages::hidden(who));
    }
    match action {
        Action::Dashboard => dashboard::page(web, who, call),
        Action::DashboardExport => dashboard::export(web, call),
        Action::Denials => denials::page(web, who, call),
        Action::DenialsFilter => denials::filter(web, who, call),
        Action::DenialsExport => denials::export(web, who, call),
        Action::DenialClaims => denials::claims(web, who, call),
        Action::DenialClaimsExport => denials::export_claims(web, who, call),
        Action::Alerts => alerts::list(web, who),
        Action::Alert => alerts::one(web, who, call, None),
        Action::AlertAcknowledge | Action::AlertSnooze | Action::AlertAssign | Action::AlertResolve => {
            alerts::decide(web, who, call, action)
        }
        Action::Files => files::list(web, who, call),
        Action::FilesFilter => files::filter(web, who, call),
        Action::FilesExport => files::export(web, who, call),
        Action::File => files::one(web, who, call),
        Action::Audit => audit::list(web, who, call),
        Action::AuditFilter => audit::filter(web, who, call),
        Action::AuditExport => audit::export(web, who, call),
        Action::Reference => reference::list(web, who, call),
        Action::ReferenceSearch => reference::search(web, who, call),
        Action::ReferenceExport => reference::export(web, who, call),
        Action::ReferenceEdit => reference::edit(web, who, call),
        Action::ReferenceCode => reference::code(web, who, call),
        Action::ReferenceModifier => reference::modifier(web, who, call),
        Action::Huddle => huddle::list(web, who),
        Action::HuddleFile => huddle::file(web, call),
        Action::Settings => settings::page(web, who),
        _ => Ok(pages::nothing()),
    }
}
