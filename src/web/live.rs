//! What happens while somebody looks at the list: told as server-sent events. Rows never move by themselves; the page says that there is news.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::Web;
use super::handle::Failed;
use super::queue::Filter;
use super::request::{Call, Signed};
use super::working::moment;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(2);

/// What a page is told from.
struct Looking {
    web: Arc<Web>,
    who: Signed,
    filter: Filter,
    since: u64,
    told: Option<usize>,
    ended: bool,
}

/// Tells how many claims came since the page was made, until its session ends.
pub fn live(web: &Arc<Web>, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let filter = web.sessions.filter(&who.key, Some(call.param("filter"))).unwrap_or_default();
    let since = call.param("since").parse().unwrap_or(u64::MAX);
    let looking = Looking { web: Arc::clone(web), who: who.clone(), filter, since, told: None, ended: false };
    let events = stream::unfold(looking, |mut looking| async move {
        loop {
            if looking.ended {
                return None;
            }
            if looking.told.is_some() {
                tokio::time::sleep(EVERY).await;
            }
            let task = tokio::task::spawn_blocking(move || {
                let news = looking.news();
                (looking, news)
            });
            let (back, news) = task.await.ok()?;
            looking = back;
            match news {
                None => {
                    looking.ended = true;
                    return Some((Ok::<_, Infallible>(Event::default().event("ended").data("")), looking));
                }
                Some(news) if looking.told != Some(news) => {
                    looking.told = Some(news);
                    return Some((Ok(Event::default().event("news").data(news.to_string())), looking));
                }
                Some(_) => {}
            }
        }
    });
    Ok(Sse::new(events).into_response())
}

impl Looking {
    /// How many claims came; none once the session ended. An index that can't be read just now has no news.
    fn news(&self) -> Option<usize> {
        if !self.web.sessions.lasts(&self.who.key, self.web.steady()) {
            return None;
        }
        let rows = self.web.board.rows(&self.web.desk);
        Some(rows.map_or(0, |rows| self.filter.news(&rows, moment(&self.web, &self.who), self.since)))
    }
}
