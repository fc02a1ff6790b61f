//! A mail server and a webhook's receiver of the test's own: they keep what they took, and can refuse, hang or be away.

#![allow(dead_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What it does with what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Take,
    /// 503, 451.
    Refuse,
    /// Reads all of it and never answers.
    Hang,
}

/// How it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    Clear,
    Tls,
    /// In the clear until STARTTLS; no mail before that.
    StartTls,
}

#[derive(Clone, Debug)]
pub struct Taken {
    /// Header lines; of mail those of the message.
    pub headers: Vec<String>,
    pub body: String,
}

impl Taken {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Everything that was sent, as it was sent.
    pub fn all(&self) -> String {
        format!("{}\n{}", self.headers.join("\n"), self.body)
    }
}

struct Shared {
    speaks: Speaks,
    mood: Mutex<Mood>,
    changed: Condvar,
    /// Answered with yes.
    taken: Mutex<Vec<Taken>>,
    /// Read whole, whatever was answered.
    seen: Mutex<Vec<Taken>>,
    /// Logins, as they were sent.
    logins: Mutex<Vec<String>>,
    away: Mutex<bool>,
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}
type Talk = fn(Box<dyn Stream>, &Shared) -> std::io::Result<()>;

pub struct Receiver {
    pub port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    talk: Talk,
}

impl Receiver {
    pub fn web(mood: Mood) -> Receiver {
        Receiver::start(mood, Speaks::Clear, web)
    }

    pub fn mail(mood: Mood) -> Receiver {
        Receiver::start(mood, Speaks::Clear, mail)
    }

    pub fn safe_web() -> Receiver {
        Receiver::start(Mood::Take, Speaks::Tls, web)
    }

    pub fn safe_mail(speaks: Speaks) -> Receiver {
        Receiver::start(Mood::Take, speaks, mail)
    }

    fn start(mood: Mood, speaks: Speaks, talk: Talk) -> Receiver {
        let shared = Shared {
            speaks,
            mood: Mutex::new(mood),
            changed: Condvar::new(),
            taken: Mutex::default(),
            seen: Mutex::default(),
            logins: Mutex::default(),
            away: Mutex::new(true),
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut receiver = Receiver { port, shared: Arc::new(shared), thread: None, talk };
        receiver.listen(listener);
        receiver
    }

    fn listen(&mut self, listener: TcpListener) {
        *self.shared.away.lock().unwrap() = false;
        let (shared, talk) = (Arc::clone(&self.shared), self.talk);
        self.thread = Some(spawn(move || {
            for stream in listener.incoming() {
                if *shared.away.lock().unwrap() {
                    return;
                }
                let (stream, shared) = (stream.unwrap(), Arc::clone(&shared));
                stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                let stream: Box<dyn Stream> =
                    if shared.speaks == Speaks::Tls { covered(Box::new(stream)) } else { Box::new(stream) };
                // Whoever was killed breaks off: that is no trouble of the server's.
                spawn(move || talk(stream, &shared));
            }
        }));
    }

    /// Nobody listens on the port any more.
    pub fn stop(&mut self) {
        *self.shared.away.lock().unwrap() = true;
        let _knock = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// On the same port again.
    pub fn restart(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        self.listen(listener);
    }

    pub fn set(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap() = mood;
        self.shared.changed.notify_all();
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().unwrap().clone()
    }

    pub fn seen(&self) -> Vec<Taken> {
        self.shared.seen.lock().unwrap().clone()
    }

    pub fn logins(&self) -> Vec<String> {
        self.shared.logins.lock().unwrap().clone()
    }
}

/// Under the certificate of the fixtures.
fn covered(stream: Box<dyn Stream>) -> Box<dyn Stream> {
    let read = |name: &str| std::fs::read(format!("tests/fixtures/tls/{name}")).unwrap();
    let chain = vec![CertificateDer::from_pem_slice(&read("cert.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&read("key.pem")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    Box::new(StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream))
}

impl Shared {
    /// What is answered: taken or refused; nothing at all where it hangs, for as long as it does.
    fn judge(&self, taken: Taken) -> Option<bool> {
        self.seen.lock().unwrap().push(taken.clone());
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Take => {
                self.taken.lock().unwrap().push(taken);
                Some(true)
            }
            Mood::Refuse => Some(false),
            Mood::Hang => {
                let mood = self.mood.lock().unwrap();
                let wait = Duration::from_secs(60);
                let _changed = self.changed.wait_timeout_while(mood, wait, |m| *m == Mood::Hang).unwrap();
                None
            }
        }
    }
}

fn web(stream: Box<dyn Stream>, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        headers.push(line.trim().to_owned());
    }
    if headers.is_empty() {
        return Ok(());
    }
    let mut taken = Taken { headers, body: String::new() };
    let length = taken.header("content-length").unwrap().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    taken.body = String::from_utf8(body).unwrap();
    let status = match shared.judge(taken) {
        None => return Ok(()),
        Some(true) => "200 OK",
        Some(false) => "503 Service Unavailable",
    };
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    reader.get_mut().write_all(answer.as_bytes())?;
    reader.get_mut().flush()
}

fn say(reader: &mut BufReader<Box<dyn Stream>>, text: &str) -> std::io::Result<()> {
    reader.get_mut().write_all(format!("{text}\r\n").as_bytes())?;
    reader.get_mut().flush()
}

fn mail(stream: Box<dyn Stream>, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut safe = shared.speaks != Speaks::StartTls;
    say(&mut reader, "220 test")?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" if !safe => say(&mut reader, "250-test\r\n250 STARTTLS")?,
            "EHLO" if shared.speaks != Speaks::Clear => say(&mut reader, "250-test\r\n250 AUTH PLAIN")?,
            "STAR" => {
                say(&mut reader, "220 go on")?;
                reader = BufReader::new(covered(reader.into_inner()));
                safe = true;
            }
            "AUTH" => {
                shared.logins.lock().unwrap().push(line.trim().to_owned());
                say(&mut reader, "235 welcome")?;
            }
            _ if !safe => say(&mut reader, "530 STARTTLS first")?,
            "DATA" => {
                say(&mut reader, "354 go on")?;
                let mut text = String::new();
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line)? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    text.push_str(&line);
                }
                let (headers, body) = text.split_once("\r\n\r\n").unwrap();
                let headers = headers.replace("\r\n ", " ").lines().map(str::to_owned).collect();
                match shared.judge(Taken { headers, body: body.to_owned() }) {
                    None => return Ok(()),
                    Some(true) => say(&mut reader, "250 taken")?,
                    Some(false) => say(&mut reader, "451 not now")?,
                }
            }
            "QUIT" => return say(&mut reader, "221 bye"),
            _ => say(&mut reader, "250 ok")?,
        }
    }
}
