//! A site whose daemon serves the workbench, asked over plain HTTP.

#![allow(dead_code)]

mod demo;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::Value;

#[allow(unused_imports)]
pub use demo::Demo;

use crate::site::{Daemon, Site, sample};

pub const PASSWORD: &str = "correct horse battery";
pub const NAME: &str = "<script>alert(1)</script>";

/// A site whose daemon serves the workbench.
pub struct Bench {
    pub site: Site,
    pub daemon: Daemon,
    pub address: String,
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.to_lowercase().starts_with(&format!("{name}:"));
        self.head.lines().find(named).map(|line| line.split_once(':').unwrap().1.trim())
    }

    /// The value of the first hidden field of a name.
    pub fn hidden(&self, name: &str) -> String {
        let text = self.body.split(&format!("name=\"{name}\" value=\"")).nth(1);
        text.unwrap_or_else(|| panic!("no {name} in {}", self.body)).split('"').next().unwrap().to_owned()
    }
}

impl Bench {
    pub fn new(web: &str) -> Bench {
        Bench::with(web, "")
    }

    /// With something of its own in `[web]`, and sections besides.
    pub fn with(web: &str, more: &str) -> Bench {
        let site = Site::quick();
        let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
        let text = text.replace("NM1*IL*1*TESTER*BRUNO", &format!("NM1*IL*1*{NAME}*BRUNO"));
        site.drop_file("outbound", "three.edi", text.as_bytes());
        site.drop_file("outbound", "two.edi", &sample("837p-two-findings.edi"));
        let bench = Bench::of_more(site, web, more);
        let held = || bench.site.held().as_array().unwrap().len() == 2;
        bench.site.until("the samples are held", || held() && bench.site.settled());
        bench
    }

    /// Of a site that is prepared, with what is added to its configuration.
    pub fn of(site: Site, web: &str) -> Bench {
        Bench::of_more(site, web, "")
    }

    fn of_more(site: Site, web: &str, more: &str) -> Bench {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let config = std::fs::read_to_string(site.path("claimloop.toml")).unwrap();
        let web = if web.contains("undo") { web.to_owned() } else { format!("undo = \"0s\"\n{web}") };
        let config = format!("{config}[web]\nlisten = \"{address}\"\n{web}\n{more}");
        std::fs::write(site.path("claimloop.toml"), config).unwrap();
        let daemon = site.start_and_wait();
        Bench { site, daemon, address }
    }

    pub fn hold(&self, claim: &str) -> String {
        let held = self.site.held();
        let found = held.as_array().unwrap().iter().find(|h| h["claim"] == claim).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    /// The hold of a claim, whatever became of it.
    pub fn held_once(&self, claim: &str) -> String {
        let all = self.site.json(&["held", "list", "--all", "--format", "json"]);
        let found = all.as_array().unwrap().iter().find(|h| h["claim"] == claim).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    pub fn show(&self, id: &str) -> Value {
        self.site.json(&["held", "show", id, "--format", "json"])
    }

    /// One request. Whatever is answered must be as safe as everything else.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Reply {
        let body: Vec<String> = form.iter().map(|(k, v)| format!("{}={}", coded(k), coded(v))).collect();
        let body = body.join("&");
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            text.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if method == "POST" {
            text.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(format!("{text}\r\n{body}").as_bytes()).unwrap();
        let mut answer = Vec::new();
        if path.starts_with("/live/") {
            // Goes on as long as the page is open: its head and the first that is told.
            let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
            while !answer.ends_with(b"\r\n\r\n") {
                answer.extend(format!("{}\r\n", lines.next().unwrap()).into_bytes());
            }
            if String::from_utf8_lossy(&answer).contains("text/event-stream") {
                lines.by_ref().take(4).for_each(|line| answer.extend(line.into_bytes()));
            }
        } else {
            stream.read_to_end(&mut answer).unwrap();
        }
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let bytes = answer.split_off(end + 4);
        let head = String::from_utf8(answer).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let reply = Reply { status, head, body: String::from_utf8_lossy(&bytes).into_owned(), bytes };
        let policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        for (name, value) in [
            ("content-security-policy", policy),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{method} {path}: {}", reply.head);
        }
        let is_page = reply.header("content-type").is_none_or(|kind| kind.contains("html"));
        assert!(!is_page || !reply.body.contains(NAME), "{method} {path} shows a name as it came");
        let title = reply.body.split("<title>").nth(1).and_then(|t| t.split("</title>").next());
        assert!(!title.unwrap_or_default().contains("CLAIM"), "{title:?}");
        reply
    }

    pub fn link(&self, args: &[&str]) -> String {
        let args = [&["users"], args, &["--config", "claimloop.toml"]].concat();
        let done = self.site.command(&args).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let said = String::from_utf8(done.stdout).unwrap();
        let link = said.split(&format!("http://{}", self.address)).nth(1).unwrap();
        link.trim().to_owned()
    }

    /// Adds somebody, who chooses a password and signs in.
    pub fn person(&self, name: &str, role: &str) -> Browser<'_> {
        let link = self.link(&["add", name, "--role", role]);
        let form = [("password", PASSWORD), ("again", PASSWORD)];
        assert_eq!(self.post("", &link, &form).status, 200);
        self.sign_in(name)
    }

    pub fn sign_in(&self, name: &str) -> Browser<'_> {
        let reply = self.post("", "/sign-in", &[("name", name), ("password", PASSWORD)]);
        assert_eq!((reply.status, reply.header("location")), (303, Some("/")), "{}", reply.body);
        let cookie = reply.header("set-cookie").unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let csrf = self.ask("GET", "/", &[("Cookie", &cookie)], &[]).hidden("csrf");
        Browser { bench: self, cookie, csrf }
    }

    /// A form, as a browser sends one.
    pub fn post(&self, cookie: &str, path: &str, form: &[(&str, &str)]) -> Reply {
        let origin = format!("http://{}", self.address);
        self.ask("POST", path, &[("Origin", &origin), ("Cookie", cookie)], form)
    }
}

/// Somebody who is signed in.
pub struct Browser<'b> {
    pub bench: &'b Bench,
    pub cookie: String,
    pub csrf: String,
}

impl Browser<'_> {
    pub fn get(&self, path: &str) -> Reply {
        self.bench.ask("GET", path, &[("Cookie", &self.cookie)], &[])
    }

    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.bench.post(&self.cookie, path, &[&[("csrf", self.csrf.as_str())], form].concat())
    }

    /// Follows where a form leads.
    pub fn posted(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let reply = self.post(path, form);
        assert_eq!(reply.status, 303, "{path}: {}", reply.body);
        self.get(reply.header("location").unwrap())
    }
}

pub fn coded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
