//! How each payer treated the like before: decided and denied claims by payer and procedure, counted beside the pages and looked up by them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::ToSpan;

use crate::daemon::desk::Desk;
use crate::events;
use crate::history::{self, Dimension};
use crate::huddle::Ratio;
use crate::remit::week;

/// Weeks that are looked back on.
pub const WEEKS: i32 = 26;
/// How long counts stand.
const STANDS: Duration = Duration::from_secs(600);

type Counts = HashMap<(String, String), Ratio>;

/// One procedure of a claim at its payer.
#[derive(Clone, Debug)]
pub struct Alike {
    /// Its code.
    pub procedure: String,
    /// Claims denied, of those decided.
    pub denied: Ratio,
}

/// The counts, as they were last made.
#[derive(Debug, Default)]
pub struct Known {
    counts: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    counts: Option<Arc<Counts>>,
    at: Duration,
    counting: bool,
}

impl Known {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of these procedures at a payer; none while it is first counted. What is old is counted anew meanwhile.
    pub fn of(self: &Arc<Self>, desk: &Arc<Desk>, payer: &str, procedures: &[String]) -> Option<Vec<Alike>> {
        self.count(desk);
        let counts = self.held().counts.clone()?;
        let payer =
            desk.edits().payers().of_claim(payer.as_bytes()).map_or(payer.to_owned(), |p| p.id.clone());
        let one = |procedure: &String| Alike {
            procedure: procedure.clone(),
            denied: counts.get(&(payer.clone(), procedure.clone())).copied().unwrap_or_default(),
        };
        Some(procedures.iter().map(one).collect())
    }

    /// Counts on a thread of its own, where that wasn't done lately.
    pub fn count(self: &Arc<Self>, desk: &Arc<Desk>) {
        let now = desk.state.world.clock.steady();
        {
            let mut held = self.held();
            if held.counting || (held.counts.is_some() && now < held.at + STANDS) {
                return;
            }
            held.counting = true;
        }
        let (known, desk) = (Arc::clone(self), Arc::clone(desk));
        let begun = std::thread::Builder::new().name("alike".to_owned()).spawn(move || {
            let counted = counted(&desk);
            let mut held = known.held();
            (held.counting, held.at) = (false, now);
            match counted {
                Ok(counts) => held.counts = Some(Arc::new(counts)),
                Err(error) => events::failed("counting what payers did before", &error),
            }
        });
        if begun.is_err() {
            self.held().counting = false;
        }
    }
}

fn counted(desk: &Desk) -> Result<Counts, crate::daemon::Error> {
    let from = desk.today().checked_sub(WEEKS.weeks()).map(week).unwrap_or_default();
    let mut counts = Counts::new();
    let store = desk.state.store_soon()?;
    history::volumes(&store, Some(Dimension::Procedure), &from, &mut |_, payer, procedure, volume| {
        let sums = (volume.denied.iter().sum::<i64>(), volume.decided.iter().sum::<i64>());
        let ratio = counts.entry((payer.to_owned(), procedure.to_owned())).or_default();
        // A reversal in a later week takes away what an earlier one had.
        (ratio.n, ratio.of) = (ratio.n + sums.0, ratio.of + sums.1);
    })?;
    Ok(counts)
}
