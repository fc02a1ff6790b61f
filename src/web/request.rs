//! A request, and what it must be before anything is done for it: to us, from us, by somebody who may.

use axum::http::StatusCode;
use axum::response::Response;

use super::access::{Action, Method, Role, Route, Who};
use super::pages;
use super::sessions::Found;
use super::{Web, handle::Failed};

/// Name of the cookie: over TLS one that no other site, and nobody in the clear, can set.
pub fn cookie(web: &Web) -> &'static str {
    if web.config.web.tls.is_some() { "__Host-claimloop" } else { "claimloop" }
}

/// What of a request counts.
#[derive(Debug, Default)]
pub struct Call {
    /// Parts of the path that the route names.
    pub params: Vec<(String, String)>,
    /// Fields of the form, or of the query.
    pub fields: Vec<(String, String)>,
    /// `Host`.
    pub host: Option<String>,
    /// `Origin`.
    pub origin: Option<String>,
    /// `Sec-Fetch-Site`.
    pub site: Option<String>,
    /// `Cookie`.
    pub cookie: Option<String>,
}

impl Call {
    /// A part of the path.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// A field of the form; empty where it has none.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// Every field of a name.
    pub fn every<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// What somebody typed or chose, without what a page carries itself and what was left as it stood.
    fn typed(&self) -> Vec<&str> {
        let mut typed = Vec::new();
        let mut was = "";
        for (name, value) in &self.fields {
            match name.as_str() {
                "was" => was = value,
                "csrf" | "version" | "path" => {}
                "value" if value == was => {}
                _ if value.trim().is_empty() => {}
                _ => typed.push(value.as_str()),
            }
        }
        typed
    }

    fn token(&self, cookie: &str) -> Option<&str> {
        let pairs = self.cookie.as_deref()?.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(name, _)| *name == cookie).map(|(_, token)| token)
    }

    /// True where a form was sent by a page of ours. A browser that is told to send no referrer names no origin with a form ("null"), and says by
    /// `Sec-Fetch-Site` instead what no page can forge.
    fn is_ours(&self, scheme: &str) -> bool {
        let fetched = self.site.as_deref().is_none_or(|site| site == "same-origin");
        match (self.origin.as_deref(), &self.host) {
            (None | Some("null"), _) => self.site.as_deref() == Some("same-origin"),
            (Some(origin), Some(host)) => fetched && origin == format!("{scheme}://{host}"),
            (Some(_), None) => false,
        }
    }
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Signed {
    /// By what the session is kept.
    pub key: String,
    /// Who.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What every form of theirs must carry.
    pub csrf: String,
    /// True where it is not shown whom claims are for.
    pub blinded: bool,
    /// Channels whose claims they see; none: those of every one.
    pub channels: Vec<String>,
}

impl Signed {
    /// As decisions are journalled.
    pub fn actor(&self) -> String {
        format!("user {}", self.name)
    }

    /// True where they may see the claims of a channel.
    pub fn sees(&self, channel: &str) -> bool {
        self.channels.is_empty() || self.channels.iter().any(|own| own == channel)
    }
}

/// Holds a request against the table: who asks, or what is answered instead.
pub fn checked(web: &Web, route: &Route, call: &Call) -> Result<Result<Option<Signed>, Response>, Failed> {
    let refuse = |status, said| Ok(Err(pages::plain(status, said)));
    if !is_here(web, call.host.as_deref()) {
        return refuse(StatusCode::MISDIRECTED_REQUEST, "This address is not one of the workbench.");
    }
    let changes = route.method == Method::Post;
    if changes && !call.is_ours(web.config.web.scheme()) {
        return refuse(
            StatusCode::FORBIDDEN,
            "This form was not sent by a page of the workbench. Nothing was changed.",
        );
    }
    if route.who == Who::Anyone {
        return Ok(Ok(None));
    }
    let Some(signed) = signed(web, call)? else {
        return match route.method {
            Method::Get => Ok(Err(pages::see("/sign-in"))),
            Method::Post => Ok(Err(pages::ended(&call.typed()))),
        };
    };
    if changes && call.field("csrf") != signed.csrf {
        return refuse(
            StatusCode::FORBIDDEN,
            "This form belongs to another session. Nothing was changed; open the page again.",
        );
    }
    if !route.who.lets(signed.role) {
        let said = format!("Your role ({}) does not allow this. Nothing was changed.", signed.role.name());
        return Ok(Err(pages::plain(StatusCode::FORBIDDEN, &said)));
    }
    debug_assert!(route.action != Action::SignIn);
    Ok(Ok(Some(signed)))
}

/// True where the browser asked for an address of ours: a name of somebody else's that leads here is none.
pub fn is_here(web: &Web, host: Option<&str>) -> bool {
    let host = host.unwrap_or_default();
    web.config.web.hosts().iter().any(|own| own.eq_ignore_ascii_case(host))
}

fn signed(web: &Web, call: &Call) -> Result<Option<Signed>, Failed> {
    let Some(found) = call.token(cookie(web)).and_then(|token| web.sessions.find(token, web.steady())) else {
        return Ok(None);
    };
    // Asked each time: who was removed, or is something else now, is so at once.
    match web.people.all()?.remove(&found.name).filter(|person| person.stamp == found.stamp) {
        Some(person) => {
            let Found { key, name, csrf, blinded, .. } = found;
            Ok(Some(Signed { key, name, role: person.role, csrf, blinded, channels: person.channels }))
        }
        None => {
            web.sessions.finish(&found.key);
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_must_come_from_a_page_of_ours() {
        let call = |origin: Option<&str>, site: Option<&str>| Call {
            host: Some("127.0.0.1:8370".to_owned()),
            origin: origin.map(str::to_owned),
            site: site.map(str::to_owned),
            ..Call::default()
        };
        let here = Some("http://127.0.0.1:8370");
        assert!(call(here, None).is_ours("http") && call(here, Some("same-origin")).is_ours("http"));
        assert!(call(Some("https://127.0.0.1:8370"), None).is_ours("https"));
        assert!(call(Some("null"), Some("same-origin")).is_ours("http"));
        for (origin, site) in [
            (None, None),
            (Some("null"), None),
            (Some("null"), Some("cross-site")),
            (Some("http://127.0.0.1:9999"), None),
            (Some("https://127.0.0.1:8370"), None),
            (here, Some("cross-site")),
        ] {
            assert!(!call(origin, site).is_ours("http"), "{origin:?} {site:?}");
        }
    }

    #[test]
    fn what_was_typed_is_told_from_what_the_page_carried() {
        let pairs =
            [("csrf", "t"), ("version", "2"), ("path", "2300/CLM02"), ("was", "126"), ("value", "125")];
        let rest =
            [("path", "2010BA/NM109"), ("was", "A1"), ("value", "A1"), ("reason", " "), ("note", "a note")];
        let fields = pairs.into_iter().chain(rest).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        assert_eq!(Call { fields, ..Call::default() }.typed(), ["125", "a note"]);
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let call = Call { cookie: Some("a=b; claimloop=token; c=d".to_owned()), ..Call::default() };
        assert_eq!(call.token("claimloop"), Some("token"));
        assert_eq!(call.token("__Host-claimloop"), None);
    }
}
