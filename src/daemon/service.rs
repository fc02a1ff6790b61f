//! What the service manager is told: ready, alive, how it stands, ending. Says nothing where none listens.
//!
//! The watchdog is fed by who works, never by a clock of its own: [`beat`] is for the loop between rounds and for whoever is at
//! one file for long, so that a worker that hangs is missed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use sd_notify::NotifyState;

use crate::events;

/// Pings in each span the watchdog allows: one that comes late, or a slow read between two, is not yet an end.
const BEATS: u32 = 4;
/// Counting reads every held claim: not more often than this, and than takes a fiftieth of the time.
pub(super) const FRESH: Duration = Duration::from_secs(2);
const SHARE: u32 = 50;

struct Service {
    begun: Instant,
    /// How often it is to be pinged; none without a watchdog.
    every: Option<Duration>,
    /// Milliseconds from `begun` to the last ping.
    last: AtomicU64,
    status: Mutex<Status>,
    stopping: AtomicBool,
    untold: AtomicBool,
}

#[derive(Default)]
struct Status {
    files: usize,
    held: usize,
    /// Records the index lacks.
    behind: u64,
    trouble: Option<String>,
    /// How far the index was when the numbers were taken, and until when they are fresh.
    applied: Option<((u64, u64), Instant)>,
}

static SERVICE: OnceLock<Service> = OnceLock::new();

/// Reads what the service manager asks for; where none listens nothing is counted or told.
pub(super) fn begin() {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    crate::world::on_progress(beat);
    SERVICE.get_or_init(|| Service {
        begun: Instant::now(),
        every: sd_notify::watchdog_enabled().map(|within| within / BEATS),
        last: AtomicU64::new(0),
        status: Mutex::new(Status::default()),
        stopping: AtomicBool::new(false),
        untold: AtomicBool::new(false),
    });
}

/// How long a wait may be before the next [`beat`]; none without a watchdog.
pub(super) fn every() -> Option<Duration> {
    SERVICE.get().and_then(|s| s.every)
}

/// Says that work goes on. As cheap as reading the clock: call it for each piece of a long file; few of the calls become a ping.
pub fn beat() {
    let Some(service) = SERVICE.get() else { return };
    let Some(every) = service.every else { return };
    let now = millis(service.begun.elapsed());
    let last = service.last.load(Ordering::Relaxed);
    let due = last == 0 || now.saturating_sub(last) >= millis(every);
    if due && service.last.compare_exchange(last, now.max(1), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
        service.tell(&[NotifyState::Watchdog]);
    }
}

/// The state is open, and what the last run left is noted.
pub(super) fn ready() {
    if let Some(service) = SERVICE.get() {
        service.tell(&[NotifyState::Ready]);
    }
}

/// It ends; the file in hand is still finished. Told once.
pub(super) fn stopping() {
    if let Some(service) = SERVICE.get()
        && !service.stopping.swap(true, Ordering::SeqCst)
    {
        service.tell(&[NotifyState::Stopping]);
    }
}

/// Takes the numbers anew where the index went on since and they are no longer fresh, and tells them where they changed: how many records
/// it has and lacks, files in work, claims held. False where there is more to tell soon.
pub(super) fn stands((applied, behind): (u64, u64), numbers: impl FnOnce() -> (usize, usize)) -> bool {
    let Some(service) = SERVICE.get() else { return true };
    let mut status = service.status.lock().unwrap_or_else(PoisonError::into_inner);
    let begun = Instant::now();
    match status.applied {
        Some((then, _)) if then == (applied, behind) => return behind == 0,
        Some((_, until)) if begun < until => return false,
        _ => {}
    }
    let (files, held) = numbers();
    let known = (status.files, status.held, status.behind);
    let changed = status.applied.is_none() || (files, held, behind) != known;
    (status.files, status.held, status.behind) = (files, held, behind);
    status.applied = Some(((applied, behind), begun + FRESH.max(begun.elapsed() * SHARE)));
    if changed {
        service.tell(&[NotifyState::Status(&status.text())]);
    }
    behind == 0
}

/// What keeps it from working, in a few words that name no file ("disk full"); none when it is over. Told when it changes.
pub fn trouble(what: Option<&str>) {
    let Some(service) = SERVICE.get() else { return };
    let mut status = service.status.lock().unwrap_or_else(PoisonError::into_inner);
    if status.trouble.as_deref() != what {
        status.trouble = what.map(str::to_owned);
        service.tell(&[NotifyState::Status(&status.text())]);
    }
}

impl Status {
    fn text(&self) -> String {
        let mut numbers = format!("{} files in work, {} claims held", self.files, self.held);
        if self.behind > 0 {
            numbers.push_str(&format!(", index behind the journal by {}", self.behind));
        }
        self.trouble.as_ref().map_or(numbers.clone(), |trouble| format!("{trouble}; {numbers}"))
    }
}

impl Service {
    /// What can't be told is logged the first time: it stands in nobody's way.
    fn tell(&self, what: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(what)
            && !self.untold.swap(true, Ordering::Relaxed)
        {
            events::failed("telling the service manager", &error);
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn trouble_comes_before_the_numbers() {
        let mut status = Status { files: 2, held: 7, ..Status::default() };
        assert_eq!(status.text(), "2 files in work, 7 claims held");
        status.trouble = Some("disk full".to_owned());
        assert_eq!(status.text(), "disk full; 2 files in work, 7 claims held");
    }
}
