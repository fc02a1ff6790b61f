//! Signed JSON for a web server. The only home of `ureq`.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use super::{Error, is_of_tls, key, secret};
use crate::alerts::Letter;
use crate::config::{Sink, Webhook, is_safe};
use crate::seal;

/// Sends; the server took it where it answers 2xx.
pub fn send(
    sink: &Sink,
    webhook: &Webhook,
    letter: &Letter,
    (now, zone): (Timestamp, &TimeZone),
) -> Result<(), Error> {
    post(sink, webhook, (&key(letter), &letter.json(webhook.preset, zone).to_string()), now)
}

/// Sends a body that is known by a key; the server took it where it answers 2xx.
pub fn post(sink: &Sink, webhook: &Webhook, (key, body): (&str, &str), now: Timestamp) -> Result<(), Error> {
    let url = match &webhook.url {
        Ok(url) => url.clone(),
        Err(file) => {
            let url = secret("url_file", file)?;
            is_safe(&url).map_err(|why| Error::Setting { what: "url_file", why })?;
            url
        }
    };
    let agent = Agent::from(
        Agent::config_builder()
            .timeout_global(Some(sink.timeout))
            .http_status_as_error(false)
            // Where else it would go is not what the site chose; nor is a proxy of the environment.
            .max_redirects(0)
            .proxy(None)
            .user_agent("claimloop")
            .tls_config(TlsConfig::builder().root_certs(roots(sink)?).build())
            .build(),
    );
    let mut request =
        agent.post(url).header("Content-Type", "application/json").header("Idempotency-Key", key);
    if let Some(file) = &webhook.secret {
        let seconds = now.as_second();
        let what = "secret_file";
        let secret = secret(what, file)?;
        let signature = Some(secret)
            .filter(|secret| !secret.is_empty())
            .and_then(|secret| seal::sign(secret.as_bytes(), format!("{seconds}.{body}").as_bytes()))
            .ok_or_else(|| Error::Setting { what, why: "it is empty".to_owned() })?;
        request = request.header("X-Claimloop-Signature", format!("t={seconds},v1={signature}"));
    }
    let answer = request.send(body).map_err(|e| why(&e))?;
    match answer.status().as_u16() {
        200..=299 => Ok(()),
        code => Err(Error::Answered(code)),
    }
}

fn roots(sink: &Sink) -> Result<RootCerts, Error> {
    let Some(ca) = &sink.ca else { return Ok(RootCerts::WebPki) };
    let what = "ca";
    let pem = std::fs::read(ca).map_err(|e| Error::Setting { what, why: e.kind().to_string() })?;
    let items = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = items.collect();
    if certificates.is_empty() {
        return Err(Error::Setting { what, why: "it holds no certificate".to_owned() });
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}

/// What went wrong, without the server's words.
fn why(error: &ureq::Error) -> Error {
    match error {
        ureq::Error::Timeout(_) => Error::Timeout,
        ureq::Error::StatusCode(code) => Error::Answered(*code),
        ureq::Error::HostNotFound => Error::Connection("its name is not known"),
        ureq::Error::ConnectionFailed => Error::Connection("refused"),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            Error::Connection("refused")
        }
        ureq::Error::Io(error) if is_of_tls(error) => Error::Tls,
        ureq::Error::Io(_) => Error::Connection("broken off"),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => Error::Tls,
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            Error::Setting { what: "url", why: "it is no address".to_owned() }
        }
        _ => Error::Answer,
    }
}
