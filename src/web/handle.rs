//! What each route does.

use std::sync::Arc;

use axum::response::Response;

use super::access::{Action, Route};
use super::request::{Call, checked};
use super::{Web, bulk, checklist, deciding, live, pages, reading, signing, working};

/// We failed.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

const STYLE: &str = include_str!("workbench.css");
const REPORTS: &str = include_str!("reports.css");
const SCRIPT: &str = include_str!("workbench.js");
const ICON: &str = include_str!("icon.svg");

/// Answers one request.
pub fn handle(web: &Arc<Web>, route: &Route, call: &Call) -> Result<Response, Failed> {
    let who = match checked(web, route, call)? {
        Ok(who) => who,
        Err(refused) => return Ok(refused),
    };
    match (route.action, who) {
        (Action::Style, _) => Ok(pages::file("text/css; charset=utf-8", STYLE)),
        (Action::ReportStyle, _) => Ok(pages::file("text/css; charset=utf-8", REPORTS)),
        (Action::Script, _) => Ok(pages::file("text/javascript; charset=utf-8", SCRIPT)),
        (Action::Icon, _) => Ok(pages::file("image/svg+xml", ICON)),
        (Action::SignInPage, _) => Ok(signing::page()),
        (Action::SignIn, _) => signing::sign_in(web, call),
        (Action::PasswordPage, _) => signing::password_page(web, call),
        (Action::SetPassword, _) => signing::set_password(web, call),
        (_, None) => Ok(pages::see("/sign-in")),
        (Action::SignOut, Some(who)) => Ok(signing::sign_out(web, &who)),
        (Action::WorkList, Some(who)) => working::list(web, &who, call),
        (Action::Filter, Some(who)) => working::filter(web, &who, call),
        (Action::WorkExport, Some(who)) => working::export(web, &who, call),
        (Action::KeepFilter, Some(who)) => working::keep(web, &who, call),
        (Action::ForgetFilter, Some(who)) => working::forget(web, &who, call),
        (Action::Live, Some(who)) => live::live(web, &who, call),
        (Action::Bulk, Some(who)) => bulk::bulk(web, &who, call),
        (Action::Undo, Some(who)) => bulk::undo(web, &who, call),
        (Action::Blind, Some(who)) => Ok(working::blind(web, &who, call)),
        (Action::Checklist, Some(who)) => checklist::checklist(web, &who, call),
        (Action::Claim, Some(who)) => deciding::claim(web, &who, call),
        (
            decides @ (Action::Fix
            | Action::Release
            | Action::Override
            | Action::Void
            | Action::Assign
            | Action::Snooze
            | Action::Escalate
            | Action::Query
            | Action::AnswerQuery
            | Action::Agree
            | Action::Decline),
            Some(who),
        ) => deciding::decide(web, &who, call, decides),
        (reads, Some(who)) => reading::answer(web, &who, call, reads),
    }
}
