//! What a program is told where it gets no answer: `application/problem+json`, RFC 9457. Nothing that was sent is repeated.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderName, StatusCode};
use axum::response::Response;
use serde::Serialize;

use super::super::handle::Failed;

/// Why there is no answer.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// What kind it is: stable, for programs.
    pub r#type: &'static str,
    /// The same for people.
    pub title: &'static str,
    /// Status of the response.
    pub status: u16,
    /// What is wrong this time, and what to do about it.
    pub detail: String,
    #[serde(skip)]
    headers: Vec<(HeaderName, String)>,
}

/// Kinds: status, type and title.
type Kind = (StatusCode, &'static str, &'static str);

pub const TOKEN: Kind = (StatusCode::UNAUTHORIZED, "urn:claimloop:no-token", "A token is needed");
pub const SCOPE: Kind = (StatusCode::FORBIDDEN, "urn:claimloop:scope", "The token is not good for this");
pub const THROTTLED: Kind = (StatusCode::TOO_MANY_REQUESTS, "urn:claimloop:throttled", "Too many attempts");
pub const ELSEWHERE: Kind = (StatusCode::MISDIRECTED_REQUEST, "urn:claimloop:host", "Not an address of ours");
pub const NOWHERE: Kind = (StatusCode::NOT_FOUND, "urn:claimloop:not-found", "There is no such thing");
pub const METHOD: Kind = (StatusCode::METHOD_NOT_ALLOWED, "urn:claimloop:method", "Not by this method");
pub const MEDIA: Kind =
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "urn:claimloop:media-type", "The body must be JSON");
pub const LONG: Kind = (StatusCode::PAYLOAD_TOO_LARGE, "urn:claimloop:too-long", "The body is too long");
pub const SHAPE: Kind =
    (StatusCode::BAD_REQUEST, "urn:claimloop:not-understood", "The request is not understood");
pub const CHANGED: Kind = (StatusCode::CONFLICT, "urn:claimloop:changed", "It was changed meanwhile");
pub const REFUSED: Kind = (StatusCode::UNPROCESSABLE_ENTITY, "urn:claimloop:refused", "It can't be done");
pub const GONE: Kind = (StatusCode::GONE, "urn:claimloop:gone", "It is not here any more");
pub const FAILED: Kind = (StatusCode::INTERNAL_SERVER_ERROR, "urn:claimloop:failed", "Something went wrong");

impl Problem {
    /// One of a kind.
    pub fn of((status, r#type, title): Kind, detail: impl Into<String>) -> Problem {
        Problem { r#type, title, status: status.as_u16(), detail: detail.into(), headers: Vec::new() }
    }

    /// The same with a header.
    pub fn with(mut self, name: HeaderName, value: impl Into<String>) -> Problem {
        self.headers.push((name, value.into()));
        self
    }

    /// As it is sent.
    pub fn response(&self) -> Response {
        let mut response = Response::new(Body::from(serde_json::to_string(self).unwrap_or_default()));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// Why a request has no answer.
pub enum Trouble {
    /// Told to who asked.
    Asked(Box<Problem>),
    /// We failed; the log says more.
    Failed(Failed),
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Trouble {
        Trouble::Asked(Box::new(problem))
    }
}

macro_rules! fails {
    ($($error:ty),*) => {$(
        impl From<$error> for Trouble {
            fn from(error: $error) -> Trouble {
                Trouble::Failed(error.into())
            }
        }
    )*};
}

fails!(Failed, crate::daemon::Error, crate::store::Error, serde_json::Error, std::io::Error);
