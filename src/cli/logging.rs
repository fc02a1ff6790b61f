//! Where log lines go and how they look.

use clap::ValueEnum;
use tracing::Level;

/// Shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging to standard error; the daemon says what it does, other commands only what goes wrong.
pub fn start(log: Log, daemon: bool) {
    let level = if daemon { Level::INFO } else { Level::ERROR };
    let common =
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level).with_target(false);
    // A second start, as in tests, keeps the first.
    let _kept = match log {
        Log::Text => common.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        Log::Json => common.json().try_init(),
    };
}
