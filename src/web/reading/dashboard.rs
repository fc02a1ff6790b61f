//! The figures both teams steer by, over a span of weeks, held against the weeks before.

use std::time::Duration;

use axum::response::Response;
use jiff::civil::Date;

use crate::history::{self, Metrics, Periods, Weeks, stories};
use crate::huddle::{BASELINE, SHOWN, back, shifted};
use crate::remit::week;
use crate::web::Web;
use crate::web::handle::Failed;
use crate::web::pages::{dashboard as shown, report};
use crate::web::request::{Call, Signed};

/// Spans that can be asked for, in weeks.
pub const SPANS: [usize; 3] = [4, 13, 26];

/// Figures of a span and of the weeks before it, and of each of the last weeks.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Weeks of the span.
    pub weeks: usize,
    /// First and last ISO week of it.
    pub span: (String, String),
    /// First and last of those it is held against.
    pub baseline: (String, String),
    /// Of the span.
    pub now: Metrics,
    /// Of the baseline.
    pub before: Metrics,
    /// Of each week of the sparklines.
    pub weekly: Vec<(String, Metrics)>,
}

/// What was counted, and when that holds.
#[derive(Debug)]
pub struct Known {
    records: u64,
    today: Date,
    /// When they were counted, and how long that took.
    counted: (Duration, Duration),
    figures: Figures,
}

/// Counts them in one pass. What was counted holds until the journal grows, and ten times as long as counting takes: over millions of claims no
/// more than a tenth of the time goes into it.
fn figures(web: &Web, call: &Call) -> Result<Figures, Failed> {
    let weeks = call.field("weeks").parse().ok().filter(|n| SPANS.contains(n)).unwrap_or(BASELINE);
    let today = web.desk.today();
    let store = web.desk.state.store_soon()?;
    let records = store.applied();
    let mut known = super::locked(&web.reading.figures);
    if let Some(known) = known.as_ref()
        && (known.today, known.figures.weeks) == (today, weeks)
        && (known.records == records || web.steady() < known.counted.0 + known.counted.1 * 10)
    {
        return Ok(known.figures.clone());
    }
    let begun = web.steady();
    let last = week(today);
    let names = back(&last, SHOWN);
    let first = shifted(&last, 1 - weeks as i64);
    let baseline = (shifted(&first, -(BASELINE as i64)), shifted(&first, -1));
    let of = |from: &str, to: &str| Weeks {
        from: Some(from.to_owned()),
        to: Some(to.to_owned()),
        only: Vec::new(),
    };
    let mut spans = vec![of(&first, &last), of(&baseline.0, &baseline.1)];
    spans.extend(names.iter().map(|week| of(week, week)));
    let tables = history::tables(&store)?;
    let mut periods = Periods::new(&tables, today, spans);
    stories(&store, &mut |story| {
        periods.story(&story);
        true
    })?;
    let mut counted = periods.come_to().into_iter();
    let (now, before) = (counted.next().unwrap_or_default(), counted.next().unwrap_or_default());
    let weekly = names.into_iter().zip(counted).collect();
    let figures = Figures { weeks, span: (first, last), baseline, now, before, weekly };
    let counted = (web.steady(), web.steady().saturating_sub(begun));
    *known = Some(Known { records, today, counted, figures: figures.clone() });
    Ok(figures)
}

/// The page.
pub fn page(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let figures = figures(web, call)?;
    let now = web.desk.state.world.clock.now();
    let open = web
        .desk
        .state
        .book(|book| book.alerts().filter(|a| crate::daemon::alerting::is_open(a, now)).count());
    Ok(shown::dashboard(who, &figures, web.desk.today(), open))
}

/// Its tables as a file.
pub fn export(web: &Web, call: &Call) -> Result<Response, Failed> {
    let figures = figures(web, call)?;
    report::exported(&shown::tables(&figures), "figures", call.param("export"), web.desk.today())
}
