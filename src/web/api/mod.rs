//! What the pages do, for programs: JSON under `/api/v1`, by tokens. `ENTRIES` is the table of all there is to ask for and what a token must
//! be good for; the server is built from it, and every request is held against it. `openapi` says the same for programs.

mod call;
mod claims;
mod decisions;
mod openapi;
mod problem;
mod reports;
mod sites;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::Response;
use axum::routing::any;

use super::Web;
use super::access::Method;
use super::tokens::Scope;
use crate::daemon::Error;
use crate::events;
use call::{Bearer, Call};
use problem::{Problem, Trouble};

type Answer = fn(&Web, &Bearer, &Call) -> Result<Response, Trouble>;

/// One thing to ask for.
#[derive(Clone, Copy)]
pub struct Entry {
    /// How.
    pub method: Method,
    /// Where; `{name}` stands for one part. No part ever holds a claim number or a name.
    pub path: &'static str,
    /// What a token must be good for; none: no token is needed.
    pub scope: Option<Scope>,
    answer: Answer,
}

const fn entry(method: Method, path: &'static str, scope: Scope, answer: Answer) -> Entry {
    Entry { method, path, scope: Some(scope), answer }
}

use Method::{Get, Post};
use Scope::{Admin, Decide, Read, Reports};

/// Everything there is to ask for. There is nothing else.
pub const ENTRIES: &[Entry] = &[
    Entry { method: Get, path: "/api/v1/openapi.json", scope: None, answer: openapi::document },
    entry(Get, "/api/v1/claims", Read, claims::list),
    entry(Post, "/api/v1/claims/search", Read, claims::search),
    entry(Get, "/api/v1/claims/{hold}", Read, claims::show),
    entry(Get, "/api/v1/claims/{hold}/checklist", Read, claims::checklist),
    entry(Post, "/api/v1/claims/{hold}/decisions", Decide, decisions::one),
    entry(Post, "/api/v1/decisions", Decide, decisions::several),
    entry(Post, "/api/v1/history/claims/search", Read, claims::history),
    entry(Get, "/api/v1/payments", Read, claims::payments),
    entry(Post, "/api/v1/export", Read, claims::export),
    entry(Get, "/api/v1/denials/claims", Read, claims::denials),
    entry(Get, "/api/v1/metrics", Reports, reports::metrics),
    entry(Get, "/api/v1/denials", Reports, reports::denials),
    entry(Get, "/api/v1/gaps", Reports, reports::gaps),
    entry(Get, "/api/v1/payers", Reports, reports::payers),
    entry(Get, "/api/v1/unmapped", Reports, reports::unmapped),
    entry(Get, "/api/v1/trends", Reports, reports::trends),
    entry(Get, "/api/v1/huddle", Reports, reports::huddle),
    entry(Get, "/api/v1/leadership", Reports, reports::leadership),
    entry(Get, "/api/v1/edits", Reports, sites::edits),
    entry(Get, "/api/v1/files", Reports, sites::files),
    entry(Get, "/api/v1/alerts", Reports, reports::alerts),
    entry(Get, "/api/v1/alerts/{alert}", Read, claims::alert),
    entry(Post, "/api/v1/alerts/{alert}/decisions", Decide, decisions::alert),
    entry(Get, "/api/v1/actions", Reports, reports::actions),
    entry(Post, "/api/v1/actions", Decide, decisions::take),
    entry(Post, "/api/v1/actions/{action}/close", Decide, decisions::close),
    entry(Get, "/api/v1/people", Admin, sites::people),
    entry(Get, "/api/v1/tokens", Admin, sites::tokens),
];

/// Adds all of it to the site's routes. What is asked for under `/api` and isn't there takes a token, too: nothing is learnt without one.
pub(super) fn routes(mut router: Router, web: &Arc<Web>) -> Router {
    let mut paths: Vec<&'static str> = ENTRIES.iter().map(|entry| entry.path).collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths {
        let web = Arc::clone(web);
        router = router.route(path, any(move |request: Request| respond(web, Some(path), request)));
    }
    for path in ["/api", "/api/{*rest}"] {
        let web = Arc::clone(web);
        router = router.route(path, any(move |request: Request| respond(web, None, request)));
    }
    router
}

async fn respond(web: Arc<Web>, path: Option<&'static str>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut params = Vec::new();
    if let Ok(raw) = RawPathParams::from_request_parts(&mut parts, &()).await {
        params = raw.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    }
    let (method, uri, headers) = (parts.method.clone(), parts.uri.clone(), parts.headers.clone());
    let body = Bytes::from_request(Request::from_parts(parts, body), &()).await.ok();
    let call = Call {
        method,
        uri,
        params,
        host: text(&headers, header::HOST),
        authorization: text(&headers, header::AUTHORIZATION),
        content_type: text(&headers, header::CONTENT_TYPE),
        body: body.map(|bytes| bytes.to_vec()),
    };
    let answered = tokio::task::spawn_blocking(move || call::handle(&web, path, &call)).await;
    let failed = |error: &dyn std::error::Error| {
        events::failed("answering the workbench's API", error);
        let said = "Nothing was changed by it; the log says more. Try again in a moment.";
        Problem::of(problem::FAILED, said).response()
    };
    match answered {
        Ok(Ok(response)) => response,
        Ok(Err(Trouble::Asked(problem))) => problem.response(),
        Ok(Err(Trouble::Failed(error))) => failed(&*error),
        // Not with what it says itself: a panic's message may quote what stands in a claim.
        Err(error) => failed(&Error::worker(&error)),
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
