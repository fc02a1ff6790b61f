//! The weekly pack by itself: at its hour it is written to its folder, journalled, and told to those who want it, once a week, whatever
//! dies. A thread of its own: over millions of claims it takes a minute, and no file waits for that.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, Weekday};

use super::desk::Desk;
use super::error::Error;
use super::huddling::{Blinded, OfPeriod, Wanted, huddled, summarised};
use super::notices::raise;
use crate::alerts::{Alert, Attachment, Kind, Severity};
use crate::config::{Config, Huddling, Leadership};
use crate::events;
use crate::huddle::last_whole;
use crate::huddle::leadership;
use crate::huddle::render::{self, Format, render};
use crate::world::{make_folders_of_others, write_whole};

/// How long the thread waits at most: the clock may be set.
const LONGEST: Duration = Duration::from_secs(30);
/// Counts below this are left out of a blinded pack.
const LEAST: i64 = 11;

/// The thread.
pub struct Scheduled {
    ending: Arc<AtomicBool>,
    /// Closed when it has ended.
    ended: mpsc::Receiver<()>,
    desk: Arc<Desk>,
}

impl Scheduled {
    /// Starts it where the site wants packs. A run that takes what is there makes what is due at its end.
    pub fn start(desk: &Arc<Desk>, config: &Arc<Config>, once: bool) -> Scheduled {
        let ending = Arc::new(AtomicBool::new(false));
        let (alive, ended) = mpsc::channel();
        if config.huddling.when.is_some() && !once {
            let (desk, config, ending) = (Arc::clone(desk), Arc::clone(config), Arc::clone(&ending));
            let work = move || {
                let _alive = alive;
                while !ending.load(Ordering::SeqCst) {
                    attempt(&desk, &config);
                    desk.state.wait_for_alerts(LONGEST, |_| !ending.load(Ordering::SeqCst));
                }
            };
            if let Err(error) = std::thread::Builder::new().name("huddle".to_owned()).spawn(work) {
                events::failed("starting the huddle's thread", &error);
            }
        }
        Scheduled { ending, ended, desk: Arc::clone(desk) }
    }

    /// Ends it behind the pack in hand, or leaves that: it is made anew with the next start.
    pub fn end(self, config: &Config, all: bool) {
        self.ending.store(true, Ordering::SeqCst);
        self.desk.state.ring();
        let _gone = self.ended.recv_timeout(Duration::from_secs(5));
        if all {
            attempt(&self.desk, config);
        }
    }
}

/// Makes what is due; what went wrong is told, and tried again later. A panic ends neither the thread nor the weeks to come: its hook told of it.
fn attempt(desk: &Desk, config: &Config) {
    if let Ok(Err(error)) = catch_unwind(AssertUnwindSafe(|| make(desk, config))) {
        events::failed("making the huddle's pack", &error);
    }
}

/// The week whose pack is due: the last that was over when the day and hour last came.
fn due(now: DateTime, (day, hour): (Weekday, Time)) -> Option<String> {
    let today = now.date();
    let back = today.weekday().since(day);
    let last = today.checked_sub(i64::from(back).days()).ok()?;
    let last = if back == 0 && now.time() < hour { last.checked_sub(7.days()).ok()? } else { last };
    Some(last_whole(last))
}

/// Makes the pack that is due, where it wasn't made.
fn make(desk: &Desk, config: &Config) -> Result<(), Error> {
    let huddling = &config.huddling;
    let Some(week) = huddling.when.and_then(|when| due(desk.now(), when)) else { return Ok(()) };
    let id = format!("huddle/{week}");
    if desk.state.book(|book| book.alert(&id).is_some()) {
        return Ok(());
    }
    let blinded = huddling.blinded.then_some(Blinded { key: None, least: LEAST });
    let today = desk.today();
    let wanted =
        Wanted { week: Some(week.clone()), today: Some(today), site: huddling.site.clone(), blinded };
    let pack = huddled(desk, (&week, today), &wanted)?;
    let mut attachments = Vec::new();
    for format in &huddling.formats {
        let bytes = render(&pack, *format).map_err(unwritten)?;
        attachments.push(written(desk, huddling, &format!("huddle-{week}.{}", format.extension()), &bytes)?);
    }
    if let Some(period) = summary_due(today, huddling.leadership).and_then(|name| leadership::period(&name)) {
        let wanted = OfPeriod { period: None, providers: false, site: huddling.site.clone() };
        let summary = summarised(desk, &period, &wanted)?;
        let bytes = render::summary(&summary, Format::Html).map_err(unwritten)?;
        attachments.push(written(desk, huddling, &format!("leadership-{}.html", period.name), &bytes)?);
    }
    let message = format!(
        "The huddle pack of {} to {} is ready: {}.",
        pack.from.strftime("%B %-d"),
        pack.to.strftime("%B %-d, %Y"),
        attachments.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ")
    );
    let severity = Severity::AtOnce;
    let alert = Alert { id, kind: Kind::Pack, severity, message, week, attachments, ..Alert::default() };
    desk.state.append(vec![raise(&alert, 1, None)?])?;
    Ok(())
}

fn unwritten(error: render::Error) -> Error {
    Error::Pack { source: Box::new(error) }
}

/// The month or quarter whose summary goes with the pack of this day: with the first of the next one.
fn summary_due(today: Date, leadership: Leadership) -> Option<String> {
    let first = today.day() <= 7;
    match leadership {
        Leadership::Monthly if first => Some(leadership::last_month(today)),
        Leadership::Quarterly if first && today.month() % 3 == 1 => {
            let before = today.checked_sub(1.month()).ok()?;
            Some(format!("{}-Q{}", before.year(), (before.month() + 2) / 3))
        }
        _ => None,
    }
}

/// A file of the pack in its folder, whole or not at all, and in the archive: it is sent from there.
fn written(desk: &Desk, huddling: &Huddling, name: &str, bytes: &[u8]) -> Result<Attachment, Error> {
    let fs = &*desk.state.world.fs;
    let folder = &huddling.dir;
    make_folders_of_others(fs, folder).map_err(Error::io("making", folder))?;
    let sha256 = desk.state.archive.put(&desk.state.next_id(), |out| out.write_all(bytes))?;
    let path = folder.join(name);
    write_whole(fs, &path, bytes, None).map_err(Error::io("writing", &path))?;
    Ok(Attachment { name: name.to_owned(), sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn a_pack_is_due_from_its_hour_until_the_next_weeks() {
        let monday = (Weekday::Monday, time(6, 30, 0, 0));
        let at = |day: i8, hour: i8| due(date(2026, 11, day).at(hour, 30, 0, 0), monday).unwrap();
        assert_eq!(at(16, 5), "2026-W45", "before the hour it is last week's still");
        assert_eq!(at(16, 6), "2026-W46");
        assert_eq!(at(22, 23), "2026-W46");
        let friday = (Weekday::Friday, time(12, 0, 0, 0));
        assert_eq!(
            due(date(2026, 11, 20).at(12, 0, 0, 0), friday).unwrap(),
            "2026-W46",
            "of the week before"
        );
    }

    #[test]
    fn leadership_hears_with_the_first_pack_of_a_month_or_quarter() {
        use Leadership::{Monthly, None as Never, Quarterly};
        let told = |month, day, how| summary_due(date(2026, month, day), how);
        assert_eq!(told(11, 2, Monthly).as_deref(), Some("2026-10"));
        assert_eq!((told(11, 9, Monthly), told(11, 2, Never), told(11, 2, Quarterly)), (None, None, None));
        assert_eq!(told(10, 5, Quarterly).as_deref(), Some("2026-Q3"));
        assert_eq!(told(1, 5, Quarterly).as_deref(), Some("2025-Q4"));
    }
}
