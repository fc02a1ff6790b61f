//! The review workbench: held claims in a browser, on the decisions of [`crate::daemon::desk`]. The only home of `axum`, `maud` and `argon2`.
//!
//! `api` is the same for programs, by tokens.
//!
//! `access` is the table of all there is to ask for and who may; `server` is built from it; `request` holds every request against it before
//! `handle` answers. Pages are made in `pages`, from what `queue`, `sheet` and `reading` know.

pub mod access;
mod alike;
pub mod api;
mod board;
mod bulk;
mod checklist;
mod deciding;
mod fixing;
mod handle;
mod layout;
mod legible;
mod lineage;
mod live;
mod pages;
pub mod people;
mod queue;
mod reading;
mod request;
mod row;
mod saved;
mod say;
mod secret;
mod server;
mod sessions;
mod shared;
mod sheet;
mod signing;
mod throttle;
mod tls;
pub mod tokens;
mod value;
mod working;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::config::Config;
use crate::daemon::Error;
use crate::daemon::desk::Desk;
use board::Board;
use people::People;
use reading::Reading;
use saved::Saved;
use sessions::Sessions;
use throttle::Throttle;
use tokens::Tokens;

/// Fewest characters of a password.
pub use secret::SHORTEST;

/// Where a page comes from.
struct Web {
    desk: Arc<Desk>,
    people: People,
    sessions: Sessions,
    throttle: Throttle,
    tokens: Tokens,
    /// Tokens that were none.
    guesses: Throttle,
    /// One password is derived at a time: each takes memory and a moment, which nobody may multiply.
    deriving: Mutex<()>,
    address: SocketAddr,
    /// Held claims in the order they are worked.
    board: Board,
    saved: Saved,
    alike: Arc<alike::Known>,
    config: Config,
    reading: Reading,
}

impl Web {
    /// Time that never goes back.
    fn steady(&self) -> Duration {
        self.desk.state.world.clock.steady()
    }
}

/// Begins to listen, on the runtime that calls; does nothing where the configuration names no address.
///
/// # Errors
/// When the address can't be had.
pub fn start(desk: &Arc<Desk>, config: &Config) -> Result<(), Error> {
    let Some(address) = config.web.listen else { return Ok(()) };
    let web = Web {
        desk: Arc::clone(desk),
        people: People::of(desk.state.world.clone(), &config.state),
        sessions: Sessions::new(config.web.idle, config.web.end),
        throttle: Throttle::default(),
        tokens: Tokens::of(desk.state.world.clone(), &config.state),
        guesses: Throttle::default(),
        deriving: Mutex::default(),
        address,
        board: Board::new(),
        saved: Saved::of(desk.state.world.clone(), &config.state),
        alike: Arc::default(),
        config: config.clone(),
        reading: Reading::new(config),
    };
    web.alike.count(desk);
    server::listen(&Arc::new(web));
    Ok(())
}
