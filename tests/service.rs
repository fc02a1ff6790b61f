//! Under a service manager: what the daemon tells it, whether its unit holds, what stops a start.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod site;

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use site::{BINARY, Daemon, Site, sample};

/// Where the daemon under test says what it has to say, with a watchdog of so many milliseconds.
struct Manager {
    socket: UnixDatagram,
    watchdog: u64,
}

impl Manager {
    fn new(site: &Site, watchdog: u64) -> Manager {
        Manager { socket: UnixDatagram::bind(site.path("notify.sock")).unwrap(), watchdog }
    }

    fn start(&self, site: &Site) -> Daemon {
        let mut command = site.command(&["serve", "--config", "claimloop.toml"]);
        let micros = (self.watchdog * 1000).to_string();
        command.env("NOTIFY_SOCKET", site.path("notify.sock")).env("WATCHDOG_USEC", micros);
        Daemon(command.stderr(std::process::Stdio::null()).spawn().unwrap())
    }

    /// All lines told within so many milliseconds, each with when it came.
    fn within(&self, millis: u64) -> Vec<(Instant, String)> {
        let end = Instant::now() + Duration::from_millis(millis);
        let mut told = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return told;
            }
            self.socket.set_read_timeout(Some(left)).unwrap();
            let Ok(n) = self.socket.recv(&mut buffer) else { continue };
            let text = String::from_utf8(buffer[..n].to_vec()).unwrap();
            told.extend(text.lines().map(|line| (Instant::now(), line.to_owned())));
        }
    }

    /// Reads until a line is told; all lines with it.
    fn until(&self, wanted: &str) -> Vec<String> {
        let begun = Instant::now();
        let mut told = Vec::new();
        while !told.iter().any(|line| line == wanted) {
            assert!(begun.elapsed() < Duration::from_secs(30), "no {wanted} in {told:?}");
            told.extend(self.within(50).into_iter().map(|(_, line)| line));
        }
        told
    }
}

fn count(told: &[(Instant, String)], wanted: &str) -> usize {
    told.iter().filter(|(_, line)| line == wanted).count()
}

fn signal(daemon: &Daemon, signal: rustix::process::Signal) {
    rustix::process::kill_process(rustix::process::Pid::from_child(&daemon.0), signal).unwrap();
}

#[test]
fn ready_then_alive_while_it_works_and_waits_then_stopping() {
    // A scan that comes far more seldom than the watchdog asks: waiting is alive, too.
    let site = Site::new("settle = \"0s\"\nscan = \"1h\"\nincomplete_after = \"1s\"");
    let manager = Manager::new(&site, 800);
    let mut daemon = manager.start(&site);
    let first = manager.until("READY=1");
    assert_eq!(first[0], "READY=1", "nothing before it is ready: {first:?}");
    let mut told = manager.within(1600);
    let mut last = told.first().unwrap().0;
    for (at, _) in told.iter().filter(|(_, line)| line == "WATCHDOG=1") {
        let gap = at.duration_since(last).as_millis();
        assert!(gap < 800, "{gap} ms without a word: {told:?}");
        last = *at;
    }
    assert!(count(&told, "WATCHDOG=1") >= 4, "{told:?}");
    assert!(count(&told, "WATCHDOG=1") <= 12, "no more than is asked for: {told:?}");

    site.drop_file("outbound", "a.edi", &sample("837p-three-claims-one-off.edi"));
    site.until("it is worked", || site.settled());
    // Another change, after which the numbers are taken anew.
    site.drop_file("outbound", "b.edi", &sample("837p-clean.edi"));
    told.extend(manager.within(2500));
    site.drop_file("outbound", "c.edi", &sample("837p-npi-check-digit.edi"));
    // What the index lacks yet is told, and told once more when it has it.
    told.extend(
        manager.until("STATUS=0 files in work, 2 claims held").into_iter().map(|line| (Instant::now(), line)),
    );

    signal(&daemon, rustix::process::Signal::TERM);
    assert_eq!(daemon.0.wait().unwrap().code(), Some(0));
    told.extend(manager.within(100));
    assert_eq!((count(&told, "READY=1"), count(&told, "STOPPING=1")), (0, 1), "{told:?}");
}

#[test]
fn a_daemon_that_stands_still_is_missed() {
    let site = Site::quick();
    let manager = Manager::new(&site, 400);
    let daemon = manager.start(&site);
    manager.until("WATCHDOG=1");
    signal(&daemon, rustix::process::Signal::STOP);
    let _sent_before = manager.within(100);
    let told = manager.within(1000);
    assert!(told.is_empty(), "{told:?}");
    signal(&daemon, rustix::process::Signal::CONT);
    manager.until("WATCHDOG=1");
}

#[test]
fn what_is_bad_stops_the_start_and_what_is_only_missing_does_not() {
    let site = Site::quick();
    let doctor = || {
        let done = site.command(&["doctor", "--config", "claimloop.toml"]).output().unwrap();
        (done.status.code(), String::from_utf8(done.stdout).unwrap())
    };
    let before = site.spool("clean").exists();
    let (code, said) = doctor();
    assert_eq!((code, before), (Some(0), false), "{said}");
    assert!(said.contains("note  channel main, clean:"), "{said}");
    assert!(!site.spool("clean").exists() && !site.path("state").exists(), "it only looks");
    fs::write(site.spool("clean"), "a file stands where the folder goes").unwrap();
    let (code, said) = doctor();
    assert_eq!(code, Some(1), "{said}");
    fs::remove_file(site.spool("clean")).unwrap();
    fs::write(site.path("claimloop.toml"), "[sate]\n").unwrap();
    let (code, said) = doctor();
    assert_eq!(code, Some(1), "{said}");
    // The daemon itself says of a configuration it can't read that trying again is of no use.
    let unit = fs::read_to_string("systemd/claimloop.service").unwrap();
    assert!(unit.contains("\nRestartPreventExitStatus=2\n"));
    assert_eq!(site.once().status.code(), Some(2));
}

fn systemd_analyze() -> bool {
    let there = Command::new("systemd-analyze").arg("--version").output().is_ok();
    if !there {
        println!("not run: systemd-analyze is not installed");
        assert!(std::env::var_os("REQUIRE_ALL").is_none(), "every test must run here");
    }
    there
}

/// The exposure of a unit in tenths, and whether it stays within 1.1.
fn exposure(unit: &Path) -> (f64, bool) {
    let done = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=11", "--no-pager"])
        .arg(unit)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let level = said.split("Overall exposure level for claimloop.service: ").nth(1).unwrap_or_else(|| {
        panic!("{said}{}", String::from_utf8_lossy(&done.stderr));
    });
    (level.split(' ').next().unwrap().parse().unwrap(), done.status.success())
}

#[test]
fn the_unit_is_accepted_and_exposes_little() {
    if !systemd_analyze() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let unit = fs::read_to_string("systemd/claimloop.service").unwrap();
    let path = folder.path().join("claimloop.service");
    assert_eq!(unit.matches("=/usr/bin/claimloop ").count(), 2, "the start, and the look before it");
    fs::write(&path, unit.replace("/usr/bin/claimloop", BINARY)).unwrap();
    let done = Command::new("systemd-analyze").arg("verify").arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.is_empty(), "{said}");
    let (alone, within) = exposure(&path);
    assert!(within && alone <= 1.1, "{alone}");

    // The drop-in as a site would have it: its lines of settings uncommented.
    let shipped = fs::read_to_string("systemd/alert-relay.conf").unwrap();
    assert!(shipped.lines().all(|line| line.starts_with('#')), "nothing is opened unasked");
    let lines: Vec<&str> = shipped
        .lines()
        .map(|line| line.strip_prefix('#').unwrap())
        .filter(|line| line.starts_with('[') || line.starts_with("IPAddress"))
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let beside = folder.path().join("claimloop.service.d");
    fs::create_dir(&beside).unwrap();
    fs::write(beside.join("alert-relay.conf"), lines.join("\n")).unwrap();
    let (opened, within) = exposure(&path);
    assert!(opened > alone, "the drop-in is read");
    assert!(within && opened <= 1.1, "{opened}");

    // A unit that lost what protects it is told from ours.
    fs::write(&path, unit.replace("ProtectSystem=strict\n", "").replace("NoNewPrivileges=yes\n", ""))
        .unwrap();
    assert!(!exposure(&path).1);
}
