//! Pages. Everything a claim or a person says is escaped by the macro that writes it; nothing of a patient stands in a title or an address.

mod before;
mod bulk;
pub mod checklist;
pub mod alerts;
pub mod audit;
pub mod claim;
pub mod dashboard;
pub mod denials;
pub mod entry;
pub mod files;
mod forms;
pub mod huddle;
pub mod rates;
pub mod reference;
pub mod report;
pub mod settings;
mod sheet;
pub mod work;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, LOCATION};
use axum::response::Response;
use maud::{DOCTYPE, Markup, html};

use super::access::{Action, may};
use super::request::Signed;
use super::sessions::Notice;

pub use checklist::checklist;
pub use claim::claim;
pub use work::work_list;

fn respond(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The pages of the workbench: title, address, what shows them.
const NAV: [(&str, &str, Action); 9] = [
    ("Work list", "/", Action::WorkList),
    ("Dashboard", "/dashboard", Action::Dashboard),
    ("Denials", "/denials", Action::Denials),
    ("Alerts", "/alerts", Action::Alerts),
    ("Reference", "/reference", Action::Reference),
    ("Huddle", "/huddle", Action::Huddle),
    ("Files", "/files", Action::Files),
    ("Audit", "/audit", Action::Audit),
    ("Settings", "/settings", Action::Settings),
];

/// The way to every page that somebody may see; `here` is the title of the one they are on, or of the one it lies behind.
fn nav(who: &Signed, here: &str) -> Markup {
    html! {
        nav .nav aria-label="Workbench" {
            @for (title, path, action) in NAV {
                @if may(who.role, action) { a href=(path) aria-current=[(title == here).then_some("page")] { (title) } }
            }
        }
    }
}

fn page(status: StatusCode, title: &str, who: Option<&Signed>, content: &Markup) -> Response {
    page_of(status, (title, title), who, content)
}

/// A page that lies behind another: its own title, and that one's.
fn page_of(
    status: StatusCode,
    (title, here): (&str, &str),
    who: Option<&Signed>,
    content: &Markup,
) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) " \u{b7} claimloop" }
                link rel="stylesheet" href="/assets/workbench.css";
                link rel="stylesheet" href="/assets/reports.css";
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                script src="/assets/workbench.js" defer {}
            }
            body {
                a .skip href="#content" { "Skip to the content" }
                header .top {
                    a .home href="/" { "claimloop" }
                    @if let Some(who) = who {
                        (nav(who, here))
                        form method="post" action="/blind" {
                            (csrf(who))
                            input type="hidden" name="blinded" value=(if who.blinded { "no" } else { "yes" });
                            button .quiet aria-pressed=(who.blinded) title="Hides whom claims are for, in a room where others look on" {
                                @if who.blinded { "Blinded: show names" } @else { "Blind for a meeting" }
                            }
                        }
                        span .who { (who.name) " \u{b7} " (who.role.name()) }
                        form method="post" action="/sign-out" { (csrf(who)) button .quiet { "Sign out" } }
                    }
                }
                main #content { (content) }
            }
        }
    };
    respond(status, "text/html; charset=utf-8", page.into_string())
}

/// What every form carries.
fn csrf(who: &Signed) -> Markup {
    html! { input type="hidden" name="csrf" value=(who.csrf); }
}

/// What was done, and how to take it back.
fn done(who: &Signed, notice: &Notice, to: &str) -> Markup {
    html! {
        div .notice.good role="status" {
            span { "\u{2713} " (notice.said) }
            @if notice.undo {
                form method="post" action="/undo" {
                    (csrf(who))
                    input type="hidden" name="to" value=(to);
                    button data-key="z" { "Undo " kbd { "z" } }
                }
            }
        }
    }
}

/// A file of ours.
pub fn file(kind: &'static str, text: &str) -> Response {
    respond(StatusCode::OK, kind, text.to_owned())
}

/// A file to be kept: its name is ours, and says nothing of a patient.
pub fn download(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// There is no such page.
pub fn nothing() -> Response {
    plain(StatusCode::NOT_FOUND, "There is no such page.")
}

/// Leads elsewhere.
pub fn see(path: &str) -> Response {
    let mut response = respond(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", String::new());
    if let Ok(value) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

/// A sentence, and the way back.
pub fn plain(status: StatusCode, said: &str) -> Response {
    let content = html! {
        div .narrow { h1 { (said) } p { a href="/" { "Go to the work list" } } }
    };
    page(status, "claimloop", None, &content)
}

/// What is not shown in a room where others look on.
pub fn hidden(who: &Signed) -> Response {
    let content = html! {
        div .narrow {
            h1 { "Hidden for the meeting" }
            p { "This page names claims or files. \u{201c}Blinded: show names\u{201d} above brings it back." }
        }
    };
    page(StatusCode::OK, "Hidden", Some(who), &content)
}

/// A form came when its session had ended. What was typed into it is shown: a page that is stored nowhere does not have it any more.
pub fn ended(typed: &[&str]) -> Response {
    let content = html! {
        div .narrow {
            h1 { "Your session has ended" }
            p { "Nothing was changed." }
            @if !typed.is_empty() {
                p { "What you typed stands here as long as this page is open:" }
                @for text in typed { p .typed { (text) } }
            }
            p {
                a href="/sign-in" target="_blank" { "Sign in in another tab" }
                @if !typed.is_empty() { " and enter it there once more" } "."
            }
        }
    };
    page(StatusCode::UNAUTHORIZED, "Session ended", None, &content)
}

/// Signing in.
pub fn sign_in(status: StatusCode, said: Option<&str>) -> Response {
    let content = html! {
        form .narrow method="post" action="/sign-in" {
            h1 { "Sign in" }
            @if let Some(said) = said { p .notice role="alert" { (said) } }
            label { "Name" input name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus; }
            label { "Password" input type="password" name="password" autocomplete="current-password" required; }
            button .main { "Sign in" }
        }
    };
    page(status, "Sign in", None, &content)
}

/// Choosing a password.
pub fn choose(status: StatusCode, link: &str, name: &str, said: Option<&str>) -> Response {
    let content = html! {
        form .narrow method="post" action={ "/password/" (link) } {
            h1 { "Choose a password" }
            p { "For " strong { (name) } ". At least " (super::SHORTEST) " characters; several words together are easy to keep in mind." }
            @if let Some(said) = said { p .notice.bad role="alert" { (said) } }
            input type="hidden" name="name" value=(name) autocomplete="username";
            label { "Password" input type="password" name="password" autocomplete="new-password" required autofocus; }
            label { "Once more" input type="password" name="again" autocomplete="new-password" required; }
            button .main { "Set the password" }
        }
    };
    page(status, "Choose a password", None, &content)
}
