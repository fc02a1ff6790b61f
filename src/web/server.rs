//! HTTP: the routes of the table, headers on every response, work that blocks on threads for it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Form, FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, serve};

use super::Web;
use super::access::{Method, ROUTES, Route};
use super::api;
use super::handle::handle;
use super::pages;
use super::request::Call;
use super::tls;
use crate::daemon::Error;
use crate::events;

/// Longest form.
const LONGEST: usize = 256 << 10;

/// What every response carries, whatever it is.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// How soon an address that can't be had is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// Listens until the runtime ends. Claims go on their way where another program has the port: it is tried until it can be had.
pub(super) fn listen(web: &Arc<Web>) {
    let address = web.address;
    let failed = move |source| Error::Runtime(format!("the workbench can't listen on {address}: {source}"));
    let (router, certified) = (router(web), web.config.web.tls.clone());
    tokio::spawn(async move {
        let mut told = false;
        let listener = loop {
            match tokio::net::TcpListener::bind(address).await {
                Ok(listener) => break listener,
                Err(error) if !told => {
                    events::failed("listening for the workbench; it is tried again", &failed(error))
                }
                Err(_) => {}
            }
            told = true;
            tokio::time::sleep(AGAIN).await;
        };
        let served = match certified {
            None => serve(listener, router).await,
            Some(certified) => serve(tls::secured(listener, certified).await, router).await,
        };
        if let Err(error) = served {
            events::failed("serving the workbench", &error);
        }
    });
}

fn router(web: &Arc<Web>) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let web = Arc::clone(web);
        let answer = move |request: Request| answer(web, route, request);
        let method = match route.method {
            Method::Get => get(answer),
            Method::Post => post(answer),
        };
        router = router.route(route.path, method);
    }
    let secure = web.config.web.tls.is_some();
    let nothing = || async { pages::plain(StatusCode::NOT_FOUND, "There is no such page.") };
    api::routes(router, web)
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(map_response(move |response: Response| async move { guarded(response, secure) }))
}

fn guarded(mut response: Response, secure: bool) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if secure {
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

async fn answer(web: Arc<Web>, route: &'static Route, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut params = Vec::new();
    if let Ok(raw) = RawPathParams::from_request_parts(&mut parts, &()).await {
        params = raw.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    }
    let headers = parts.headers.clone();
    // What is no form is an empty one: it lacks the token, and is refused by that.
    let form = Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts, body), &()).await;
    let fields = form.map(|Form(fields)| fields).unwrap_or_default();
    let text = |name: HeaderName| text(&headers, name);
    let call = Call {
        params,
        fields,
        host: text(header::HOST),
        origin: text(header::ORIGIN),
        site: text(HeaderName::from_static("sec-fetch-site")),
        cookie: text(header::COOKIE),
    };
    match tokio::task::spawn_blocking(move || handle(&web, route, &call)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            events::failed("answering the workbench", &*error);
            failed()
        }
        // Not with what it says itself: a panic's message may quote what stands in a claim.
        Err(error) => {
            events::failed("answering the workbench", &Error::worker(&error));
            failed()
        }
    }
}

fn failed() -> Response<Body> {
    let said =
        "Something went wrong here. Nothing was changed by it; the log says more. Try again in a moment.";
    pages::plain(StatusCode::INTERNAL_SERVER_ERROR, said)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
