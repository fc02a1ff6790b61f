//! Mail: text and HTML in one message, whose Message-ID is the same each time it is sent. The only home of `lettre`.

use jiff::Timestamp;
use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{self, Mailbox, MultiPart};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::{Ended, Error, is_of_tls, key, secret};
use crate::alerts::Letter;
use crate::config::{Email, Sink, Tls};

/// Sends; says how it ended before it takes leave of the server.
pub fn send(
    sink: &Sink,
    email: &Email,
    (letter, files): (&Letter, Vec<(String, Vec<u8>)>),
    now: Timestamp,
    ended: Ended<'_>,
) {
    let message = match written(email, letter, files, now) {
        Ok(message) => message,
        Err(error) => return ended(Err(error)),
    };
    match connected(sink, email) {
        Err(error) => ended(Err(error)),
        Ok(mut connection) => {
            let sent = connection.send(message.envelope(), &message.formatted());
            ended(sent.map(|_| ()).map_err(|e| why(&e)));
            connection.abort();
        }
    }
}

fn written(
    email: &Email,
    letter: &Letter,
    files: Vec<(String, Vec<u8>)>,
    now: Timestamp,
) -> Result<Message, Error> {
    let from: Mailbox = email.from.parse().map_err(|_| Error::Address("from"))?;
    let domain = from.email.domain().to_owned();
    let mut message = Message::builder()
        .message_id(Some(format!("<{}@{domain}>", key(letter))))
        .subject(letter.subject())
        .date(now.into())
        .from(from);
    for to in &email.to {
        message = message.to(to.parse().map_err(|_| Error::Address("one of to"))?);
    }
    let words = MultiPart::alternative_plain_html(letter.text(), letter.html());
    let body = if files.is_empty() {
        words
    } else {
        files.into_iter().fold(MultiPart::mixed().multipart(words), |body, (name, bytes)| {
            let kind = ContentType::parse(kind(&name)).unwrap_or(ContentType::TEXT_PLAIN);
            body.singlepart(message::Attachment::new(name).body(bytes, kind))
        })
    };
    message.multipart(body).map_err(|_| Error::Message("its parts don't fit"))
}

/// What a file is, by how its name ends.
fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "text/plain; charset=utf-8",
    }
}

fn connected(sink: &Sink, email: &Email) -> Result<SmtpConnection, Error> {
    let hello = ClientId::Domain("claimloop".to_owned());
    let parameters = match email.tls {
        Tls::None => None,
        Tls::Implicit | Tls::Starttls => Some(parameters(sink, email)?),
    };
    let login = match &email.login {
        Some((user, file)) => Some(Credentials::new(user.clone(), secret("password_file", file)?)),
        None => None,
    };
    let server = (email.host.as_str(), email.port);
    let wrapped = parameters.as_ref().filter(|_| email.tls == Tls::Implicit);
    let mut connection =
        SmtpConnection::connect(server, Some(sink.timeout), &hello, wrapped, None).map_err(|e| why(&e))?;
    // From here on a connection that isn't used is taken leave of.
    let ready = (|| {
        if let (Tls::Starttls, Some(parameters)) = (email.tls, &parameters) {
            connection.starttls(parameters, &hello)?;
        }
        if let Some(login) = &login {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], login)?;
        }
        Ok::<(), smtp::Error>(())
    })();
    match ready {
        Ok(()) => Ok(connection),
        Err(error) => {
            connection.abort();
            Err(if error.status().is_some() && login.is_some() { Error::Login } else { why(&error) })
        }
    }
}

fn parameters(sink: &Sink, email: &Email) -> Result<TlsParameters, Error> {
    let mut builder = TlsParameters::builder(email.host.clone());
    if let Some(ca) = &sink.ca {
        let what = "ca";
        let pem = std::fs::read(ca).map_err(|e| Error::Setting { what, why: e.kind().to_string() })?;
        let certificate = Certificate::from_pem(&pem)
            .map_err(|_| Error::Setting { what, why: "it is no PEM".to_owned() })?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().map_err(|_| Error::Tls)
}

/// What went wrong, without the server's words.
fn why(error: &smtp::Error) -> Error {
    if let Some(code) = error.status() {
        return Error::Answered(code.to_string().parse().unwrap_or_default());
    }
    if error.is_timeout() {
        Error::Timeout
    } else if error.is_tls() || is_of_tls(error) {
        Error::Tls
    } else if error.is_response() {
        Error::Answer
    } else if error.is_client() {
        Error::Message("the server can't take it as it is, or has no STARTTLS")
    } else {
        Error::Connection("refused, not found, or broken off")
    }
}
