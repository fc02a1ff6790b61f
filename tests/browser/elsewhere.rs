//! Somebody else's web server, on another port of this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Serves pages, and remembers what it was asked for.
pub struct Elsewhere {
    pub address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Elsewhere {
    /// With pages by their path; all else is a script that leaves a mark.
    pub fn serving(pages: Vec<(&'static str, String)>) -> Elsewhere {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        // It ends with the program.
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream, &pages, &seen)));
        Elsewhere { address, asked }
    }

    /// Paths that were asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, pages: &[(&str, String)], asked: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let _rest = lines.find(String::is_empty);
    let page = pages.iter().find(|(at, _)| *at == path);
    let (kind, body) =
        page.map_or(("text/javascript", "window.marked = true"), |(_, body)| ("text/html", body));
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n"
    );
    asked.lock().unwrap().push(path);
    let _gone = write!(stream, "{head}Access-Control-Allow-Origin: *\r\n\r\n{body}");
}
