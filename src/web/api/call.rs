//! A request of a program, and what it must be before anything is done for it: to us, with a token that is good for it.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::request::is_here;
use super::super::tokens::Scope;
use super::super::{Web, access};
use super::problem::{self, Problem, Trouble};
use super::{ENTRIES, Entry};
use crate::holds::{self, HeldClaim};

/// What is kept of failures: whoever it was showed no name.
const STRANGER: &str = "token";

/// Rows of a page where nobody says.
const USUAL: usize = 50;
/// And most of them.
const MOST: usize = 200;

/// What of a request counts.
#[derive(Debug)]
pub struct Call {
    pub method: Method,
    pub uri: Uri,
    /// Parts of the path that the route names.
    pub params: Vec<(String, String)>,
    pub host: Option<String>,
    pub authorization: Option<String>,
    pub content_type: Option<String>,
    /// None where it is longer than it may be.
    pub body: Option<Vec<u8>>,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The token's name.
    pub name: String,
    pub scopes: Vec<Scope>,
    pub channels: Vec<String>,
}

impl Bearer {
    /// As decisions and views are journalled.
    pub fn actor(&self) -> String {
        format!("token {}", self.name)
    }

    /// True where it may see the claims of a channel.
    pub fn sees(&self, channel: &str) -> bool {
        self.channels.is_empty() || self.channels.iter().any(|own| own == channel)
    }

    /// Where a token is for some channels alone, what counts over all of them is not for it.
    pub fn whole(&self) -> Result<(), Problem> {
        match self.channels.is_empty() {
            true => Ok(()),
            false => Err(Problem::of(
                problem::SCOPE,
                "This is of every channel, and the token is for some of them alone.",
            )),
        }
    }

    /// The hold of a path, where there is one it may see.
    pub fn held(&self, web: &Web, call: &Call) -> Result<HeldClaim, Trouble> {
        let held = holds::show(&*web.desk.state.store_soon()?, call.param("hold"))?;
        let seen = held.filter(|held| self.sees(&held.channel));
        Ok(seen.ok_or_else(|| Problem::of(problem::NOWHERE, "No claim is held under this id."))?)
    }
}

impl Call {
    /// A part of the path.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// What is asked for behind the question mark.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let query = axum::extract::Query::<T>::try_from_uri(&self.uri);
        query.map(|axum::extract::Query(asked)| asked).map_err(|_| {
            let said = "A parameter is not known here, or its value is not of its kind: /api/v1/openapi.json lists them.";
            Problem::of(problem::SHAPE, said)
        })
    }

    /// The body; what it says beside what is known is an error, for whoever misspells something means something.
    pub fn json<T: DeserializeOwned + Serialize>(&self) -> Result<T, Problem> {
        let kind = self.content_type.as_deref().and_then(|kind| kind.split(';').next()).map(str::trim);
        if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
            return Err(Problem::of(problem::MEDIA, "Send it with Content-Type: application/json."));
        }
        let Some(body) = &self.body else {
            return Err(Problem::of(problem::LONG, "A body has 256 KiB at most."));
        };
        // Says where, and nothing of what stands there.
        let not = |bad: &dyn std::fmt::Display| {
            Problem::of(problem::SHAPE, format!("The body is not what /api/v1/openapi.json says: {bad}."))
        };
        let given: Value = crate::phi::decode(body).map_err(|bad| not(&bad))?;
        let understood: T = crate::phi::decode(body).map_err(|bad| not(&bad))?;
        let again = serde_json::to_value(&understood).map_err(|_| not(&"it can't be read"))?;
        if is_more(&given, &again) {
            return Err(not(&"it has a field that is not known there"));
        }
        Ok(understood)
    }
}

/// Rows of a page: 50 where nobody says, 200 at most.
pub fn limit_of(asked: Option<usize>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(USUAL);
    let sound = (1..=MOST).contains(&limit).then_some(limit);
    sound.ok_or_else(|| Problem::of(problem::SHAPE, "A limit is from 1 to 200."))
}

/// True where something says more than what was understood of it.
fn is_more(given: &Value, understood: &Value) -> bool {
    match (given, understood) {
        (Value::Object(given), Value::Object(understood)) => given
            .iter()
            .filter(|(_, value)| !value.is_null())
            .any(|(name, value)| understood.get(name).is_none_or(|understood| is_more(value, understood))),
        (Value::Array(given), Value::Array(understood)) => {
            given.iter().zip(understood).any(|(given, understood)| is_more(given, understood))
        }
        _ => false,
    }
}

/// An answer.
pub fn answer(status: StatusCode, value: &impl Serialize) -> Result<Response, Trouble> {
    let mut response = Response::new(Body::from(serde_json::to_vec(value)?));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Answers one request.
pub fn handle(web: &Web, path: Option<&'static str>, call: &Call) -> Result<Response, Trouble> {
    if !is_here(web, call.host.as_deref()) {
        return Err(Problem::of(problem::ELSEWHERE, "This address is not one of the workbench.").into());
    }
    let method = match call.method {
        Method::GET | Method::HEAD => Some(access::Method::Get),
        Method::POST => Some(access::Method::Post),
        _ => None,
    };
    let here: Vec<&Entry> = ENTRIES.iter().filter(|entry| Some(entry.path) == path).collect();
    let entry = here.iter().find(|entry| Some(entry.method) == method);
    if let Some(Entry { scope: None, answer, .. }) = entry {
        return answer(web, &Bearer { name: String::new(), scopes: Vec::new(), channels: Vec::new() }, call);
    }
    let bearer = bearer(web, call)?;
    let Some(entry) = entry else {
        return Err(match here.first() {
            None => Problem::of(problem::NOWHERE, "There is no such route: /api/v1/openapi.json lists them."),
            Some(_) => Problem::of(problem::METHOD, "This route is asked by another method."),
        }
        .into());
    };
    if let Some(scope) = entry.scope.filter(|scope| !bearer.scopes.contains(scope)) {
        let said = format!("This takes a token with the scope {}.", scope.name());
        return Err(Problem::of(problem::SCOPE, said).into());
    }
    (entry.answer)(web, &bearer, call)
}

/// Whose token is shown. A right one is let in whatever others guess: nobody guesses one, and nobody is to lock programs out.
fn bearer(web: &Web, call: &Call) -> Result<Bearer, Trouble> {
    let needed = |said: &str| Problem::of(problem::TOKEN, said).with(WWW_AUTHENTICATE, "Bearer");
    let shown = call.authorization.as_deref().and_then(|given| {
        let (scheme, token) = given.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let Some(token) = shown else {
        return Err(needed("Send Authorization: Bearer and a token; claimloop tokens add makes one.").into());
    };
    match web.tokens.find(token)? {
        Some((name, token)) => Ok(Bearer { name, scopes: token.scopes, channels: token.channels }),
        None => {
            if let Some(wait) = web.guesses.wait(STRANGER, web.steady()) {
                let seconds = wait.as_secs().max(1).to_string();
                let problem = Problem::of(problem::THROTTLED, "Too many tokens were wrong. Try again later.");
                return Err(problem.with(RETRY_AFTER, seconds).into());
            }
            web.guesses.failed(STRANGER, web.steady());
            Err(needed("This token is not one, or has ended.").into())
        }
    }
}
