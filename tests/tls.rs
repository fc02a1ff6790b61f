//! The workbench over TLS, with the real binary: pages, cookies and links, what is spoken in the clear, and a certificate that is renewed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;
mod workbench;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned};
use workbench::{Bench, PASSWORD, Reply, coded};

const FIXTURES: &str = "tests/fixtures/tls";

/// A site of which the certificate is a copy in its own folder.
fn secured() -> Bench {
    // Looked for again and again until it is there.
    let bench = Bench::new("certificate = \"cert.pem\"\nkey = \"key.pem\"\nnames = [\"localhost\"]");
    for file in ["cert.pem", "key.pem"] {
        std::fs::copy(Path::new(FIXTURES).join(file), bench.site.path(file)).unwrap();
    }
    bench
}

fn connected(bench: &Bench) -> std::io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(format!("{FIXTURES}/ca.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let stream = TcpStream::connect(&bench.address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut stream = StreamOwned::new(client, stream);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

fn host(bench: &Bench) -> String {
    format!("localhost:{}", bench.address.rsplit(':').next().unwrap())
}

fn ask(bench: &Bench, path: &str, cookie: &str, form: Option<&[(&str, &str)]>, origin: &str) -> Reply {
    let mut stream = connected(bench).unwrap();
    let head = format!("HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {cookie}\r\n", host(bench));
    let text = match form {
        None => format!("GET {path} {head}\r\n"),
        Some(form) => {
            let body: Vec<String> = form.iter().map(|(k, v)| format!("{}={}", coded(k), coded(v))).collect();
            let body = body.join("&");
            let kind = "Content-Type: application/x-www-form-urlencoded";
            let length = body.len();
            format!("POST {path} {head}Origin: {origin}\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{body}")
        }
    };
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The end without a farewell of TLS is an end all the same: the length says that it is whole.
    let _end = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head: head.to_owned(), body: body.to_owned(), bytes: body.as_bytes().to_vec() }
}

#[test]
fn pages_and_cookies_are_secure() {
    let bench = secured();
    bench.site.until("it speaks TLS", || connected(&bench).is_ok());
    assert_eq!(connected(&bench).unwrap().conn.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    let page = ask(&bench, "/sign-in", "", None, "");
    assert_eq!(page.status, 200, "{}", page.head);
    assert!(page.header("strict-transport-security").unwrap().starts_with("max-age="));

    let args = ["users", "add", "mia", "--role", "biller", "--config", "claimloop.toml"];
    let done = bench.site.command(&args).output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    let origin = format!("https://{}", host(&bench));
    let link = said.split(&origin).nth(1).unwrap_or_else(|| panic!("no link in {said}")).trim();
    let form = [("password", PASSWORD), ("again", PASSWORD)];
    let in_the_clear = format!("http://{}", host(&bench));
    assert_eq!(ask(&bench, link, "", Some(&form), &in_the_clear).status, 403, "from a page in the clear");
    assert_eq!(ask(&bench, link, "", Some(&form), &origin).status, 200);
    let reply = ask(&bench, "/sign-in", "", Some(&[("name", "mia"), ("password", PASSWORD)]), &origin);
    let cookie = reply.header("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("__Host-claimloop=") && cookie.contains("; Path=/;"), "{cookie}");
    assert!(cookie.contains("; Secure") && !cookie.contains("Domain"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    assert!(ask(&bench, "/", cookie, None, "").body.contains("CLAIM-TWO"));
    let bare = cookie.trim_start_matches("__Host-");
    assert_eq!(ask(&bench, "/", bare, None, "").header("location"), Some("/sign-in"), "another's cookie");

    // In the clear nothing is said; and who doesn't speak at all keeps nobody waiting.
    let silent: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(&bench.address).unwrap()).collect();
    let mut clear = TcpStream::connect(&bench.address).unwrap();
    clear.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    clear.write_all(format!("GET /sign-in HTTP/1.1\r\nHost: {}\r\n\r\n", host(&bench)).as_bytes()).unwrap();
    let mut said = Vec::new();
    let _end = clear.read_to_end(&mut said);
    assert!(!String::from_utf8_lossy(&said).contains("HTTP/"), "{said:?}");
    assert_eq!(ask(&bench, "/sign-in", "", None, "").status, 200);
    drop(silent);
    assert_eq!(bench.daemon.stop(), Some(0));
}

#[test]
fn a_certificate_that_is_renewed_is_taken_and_a_broken_one_is_not() {
    let bench = secured();
    bench.site.until("it speaks TLS", || connected(&bench).is_ok());
    std::fs::write(bench.site.path("cert.pem"), "no certificate").unwrap();
    bench.site.until("it says so", || bench.site.log().contains("the one before stays"));
    assert_eq!(ask(&bench, "/sign-in", "", None, "").status, 200);
    // Another's: whoever connects finds that it isn't the one they trust.
    let other = std::fs::read_to_string(format!("{FIXTURES}/ca.pem")).unwrap();
    let own = std::fs::read_to_string(format!("{FIXTURES}/cert.pem")).unwrap();
    std::fs::write(bench.site.path("cert.pem"), format!("{own}{other}")).unwrap();
    let chain = || connected(&bench).unwrap().conn.peer_certificates().map_or(0, <[_]>::len);
    assert_eq!(chain(), 1);
    bench.site.until("the new one is shown", || chain() == 2);
}
