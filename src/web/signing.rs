//! Signing in and out, and choosing a password by a one-time link.

use std::sync::PoisonError;
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, SET_COOKIE};
use axum::response::Response;

use super::handle::Failed;
use super::people::Refused;
use super::request::{self, Call, Signed};
use super::secret::{LONGEST, Password, SHORTEST};
use super::{Web, pages};
use crate::journal::Record;

/// The page.
pub fn page() -> Response {
    pages::sign_in(StatusCode::OK, None)
}

/// Begins a session.
pub fn sign_in(web: &Web, call: &Call) -> Result<Response, Failed> {
    // No longer than a name can be: what is remembered of failures takes little room.
    let name: String = call.field("name").trim().to_lowercase().chars().take(40).collect();
    let given = call.field("password");
    let refuse = |status, said: &str| Ok(pages::sign_in(status, Some(said)));
    // One after the other, so that nobody tries several at once before the first has failed.
    let _one = web.deriving.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(wait) = web.throttle.wait(&name, web.steady()) {
        let said = format!("Too many attempts failed. Try again in {}.", roughly(wait));
        return refuse(StatusCode::TOO_MANY_REQUESTS, &said);
    }
    let person = web.people.all()?.remove(&name);
    let is_it = match person.as_ref().and_then(|p| p.password.as_ref()) {
        Some(password) if given.len() <= LONGEST => password.is(given)?,
        // As long as if there were one: how long it takes tells nobody which names there are.
        _ => Password::of("nobody's").map(|_| false)?,
    };
    let is_known = person.is_some();
    let Some(person) = person.filter(|_| is_it) else {
        web.throttle.failed(&name, web.steady());
        // Of a name that nobody has nothing is kept: somebody may have typed the password there.
        if is_known {
            web.desk.state.append(vec![Record::SignedIn { actor: format!("user {name}"), ok: false }])?;
        }
        return refuse(StatusCode::UNAUTHORIZED, "Name and password do not go together.");
    };
    web.throttle.succeeded(&name);
    web.desk.state.append(vec![Record::SignedIn { actor: format!("user {name}"), ok: true }])?;
    let token = web.sessions.begin(&name, &person.stamp, web.steady())?;
    let mut response = pages::see("/");
    cookie(web, &mut response, &token, "");
    Ok(response)
}

/// Ends a session.
pub fn sign_out(web: &Web, who: &Signed) -> Response {
    web.sessions.finish(&who.key);
    let mut response = pages::see("/sign-in");
    cookie(web, &mut response, "", "; Max-Age=0");
    response
}

/// Where a link leads.
pub fn password_page(web: &Web, call: &Call) -> Result<Response, Failed> {
    let link = call.param("link");
    Ok(match web.people.linked(link)? {
        Some(name) => pages::choose(StatusCode::OK, link, &name, None),
        None => ended(),
    })
}

/// Sets the password that was chosen.
pub fn set_password(web: &Web, call: &Call) -> Result<Response, Failed> {
    let (link, chosen) = (call.param("link"), call.field("password"));
    let Some(name) = web.people.linked(link)? else { return Ok(ended()) };
    let length = chosen.chars().count();
    let wrong = if length < SHORTEST {
        Some(format!(
            "A password has at least {SHORTEST} characters. Several words together are easy to keep in mind."
        ))
    } else if chosen.len() > LONGEST {
        Some(format!("A password has at most {LONGEST} characters."))
    } else if chosen.to_lowercase().contains(&name) {
        Some("A password does not hold your name.".to_owned())
    } else if chosen != call.field("again") {
        Some("The two passwords differ.".to_owned())
    } else {
        None
    };
    if let Some(said) = wrong {
        return Ok(pages::choose(StatusCode::UNPROCESSABLE_ENTITY, link, &name, Some(&said)));
    }
    let _one = web.deriving.lock().unwrap_or_else(PoisonError::into_inner);
    match web.people.choose(link, chosen) {
        Ok(_) => Ok(pages::sign_in(StatusCode::OK, Some("Your password is set. Sign in with it."))),
        Err(Refused::Asked(_)) => Ok(ended()),
        Err(Refused::File(error)) => Err(error.into()),
    }
}

fn ended() -> Response {
    let said =
        "This link was used already, or has ended. Ask for another: claimloop users reset NAME prints one.";
    pages::plain(StatusCode::GONE, said)
}

fn cookie(web: &Web, response: &mut Response, token: &str, more: &str) {
    let name = request::cookie(web);
    let secure = if web.config.web.tls.is_some() { "; Secure" } else { "" };
    let value = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{more}");
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(SET_COOKIE, value);
    }
}

fn roughly(wait: Duration) -> String {
    match wait.as_secs() {
        0..=90 => format!("{} seconds", wait.as_secs().max(1)),
        more => format!("{} minutes", more.div_ceil(60)),
    }
}
