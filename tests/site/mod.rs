//! A site in a temporary folder: configuration, spool, the real binary as its daemon.

#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_claimloop");
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Site {
    pub folder: TempDir,
}

pub struct Daemon(pub Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

impl Daemon {
    /// Asks it to end and waits.
    pub fn stop(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.0.wait().unwrap().code()
    }
}

impl Site {
    pub fn new(intake: &str) -> Site {
        let site = Site { folder: TempDir::new().unwrap() };
        // The samples share their interchange numbers.
        let channel = "[[channel]]\nname = \"main\"\nrepeats = \"pass\"\n";
        let config = format!("[state]\ndir = \"state\"\n[intake]\n{intake}\n{channel}");
        fs::write(site.path("claimloop.toml"), config).unwrap();
        for folder in ["outbound", "inbound"] {
            fs::create_dir_all(site.spool(folder)).unwrap();
        }
        site
    }

    pub fn quick() -> Site {
        Site::new("settle = \"0s\"\nscan = \"50ms\"\nincomplete_after = \"1s\"")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn spool(&self, name: &str) -> PathBuf {
        self.path("spool").join(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(args).current_dir(self.folder.path());
        command
    }

    pub fn start(&self) -> Daemon {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("daemon.log")).unwrap();
        let mut command = self.command(&["serve", "--config", "claimloop.toml", "--log", "json"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Daemon(child)
    }

    /// Waits until it answers questions.
    pub fn start_and_wait(&self) -> Daemon {
        let mut daemon = self.start();
        self.until("the daemon answers", || {
            assert!(daemon.0.try_wait().unwrap().is_none(), "the daemon ended:\n{}", self.log());
            std::os::unix::net::UnixStream::connect(self.path("state/control.sock")).is_ok()
        });
        daemon
    }

    pub fn once(&self) -> Output {
        self.command(&["serve", "--config", "claimloop.toml", "--once", "--log", "json"]).output().unwrap()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("daemon.log")).unwrap_or_default()
    }

    /// Writes beside the folder and renames, as a careful sender does.
    pub fn drop_file(&self, folder: &str, name: &str, bytes: &[u8]) {
        let waiting = self.path(&format!("{name}.being-written"));
        fs::write(&waiting, bytes).unwrap();
        fs::rename(waiting, self.spool(folder).join(name)).unwrap();
    }

    pub fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    /// Nothing in the drop folders, nothing in work.
    pub fn settled(&self) -> bool {
        let empty = |folder: PathBuf| folder.read_dir().map_or(true, |mut d| d.next().is_none());
        empty(self.spool("outbound")) && empty(self.spool("inbound")) && empty(self.path("state/spool"))
    }

    /// Published files of a folder, by name; what is under a temporary name is not published.
    pub fn published(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        let Ok(entries) = self.spool(folder).read_dir() else { return Vec::new() };
        let files = entries.map(|e| e.unwrap().path()).filter(|p| p.is_file());
        let mut all: Vec<_> = files.map(|p| (name_of(&p), fs::read(&p).unwrap())).collect();
        all.sort();
        all
    }

    /// A command's JSON.
    pub fn json(&self, args: &[&str]) -> Value {
        let done = self.command(args).output().unwrap();
        let err = String::from_utf8_lossy(&done.stderr).into_owned();
        serde_json::from_slice(&done.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {err}"))
    }

    pub fn held(&self) -> Value {
        self.json(&["held", "list", "--format", "json"])
    }

    pub fn denials(&self, by: &str) -> Value {
        self.json(&["history", "denials", "--by", by, "--format", "json"])
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

pub fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new("samples").join(name)).unwrap()
}

/// CLM01 of every claim in a file, in order.
pub fn claims(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let segments = text.split(['~', '\n']).map(str::trim);
    segments.filter_map(|s| s.strip_prefix("CLM*")).map(|s| s.split('*').next().unwrap().to_owned()).collect()
}
