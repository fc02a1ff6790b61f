//! Every log event, named once. An event carries ids of ours, names of settings, counts and sizes: never an element's
//! value, and never a dropped file's name, which the sender may have built from a person's.

use tracing::{Span, error, info, info_span, warn};

/// The span a file's events stand in.
#[must_use]
pub fn file_span(id: &str, channel: &str, direction: &str) -> Span {
    info_span!("file", id, channel, direction)
}

/// The daemon is up.
pub fn started(channels: usize, edits: &str, recovered: usize) {
    info!(event = "started", channels, edits, recovered, "daemon started");
}

/// What the site adds to the edits changed, and is in force.
pub fn edits_changed(edits: &str) {
    info!(event = "edits_changed", edits, "edits in force changed");
}

/// It changed, and doesn't hold together; what was in force stays.
pub fn edits_refused(edits: &str, error: &dyn std::error::Error) {
    error!(event = "edits_refused", edits, reason = chain(error), "edits refused, those in force stay");
}

/// The daemon ends by itself or by a signal.
pub fn stopped(reason: &str) {
    info!(event = "stopped", reason, "daemon stopped");
}

/// A file is in our custody.
pub fn received(bytes: u64, duplicate: bool) {
    info!(event = "received", bytes, duplicate, "file received");
}

/// Every claim of a file has a verdict.
pub fn scrubbed(claims: u64, clean: u64, held: u64, rejected: u64) {
    info!(event = "scrubbed", claims, clean, held, rejected, "claims scrubbed");
}

/// An envelope can't be used.
pub fn refused(edit: &str, level: &str, segment: u32, offset: u64) {
    warn!(event = "refused", edit, level, segment, offset, "envelope refused");
}

/// Outputs have their names.
pub fn published(outputs: usize) {
    info!(event = "published", outputs, "outputs published");
}

/// Something begins or ends to stand in the way of a channel's files.
pub fn pressure(channel: &str, cause: &str, is: bool) {
    if is {
        warn!(event = "pressure", channel, cause, "files are left where they are");
    } else {
        info!(event = "pressure_over", channel, cause, "nothing of it stands in the way any more");
    }
}

/// The index is up to the last record.
pub fn index_folded(records: u64, took: std::time::Duration) {
    info!(event = "index_folded", records, milliseconds = took.as_millis(), "index folded");
}

/// Remittances count in the history.
pub fn posted(remittances: u64) {
    info!(event = "posted", remittances, "remittances posted");
}

/// Nothing is left to do for a file.
pub fn done() {
    info!(event = "done", "file done");
}

/// A file couldn't be finished; it stays in our custody and is tried again.
pub fn file_failed(error: &dyn std::error::Error) {
    error!(event = "file_failed", error = chain(error), "file not finished");
}

/// A step of the daemon failed.
pub fn failed(step: &str, error: &dyn std::error::Error) {
    error!(event = "failed", step, error = chain(error), "step failed");
}

/// The program failed, at a place in its source. False where nobody listens to events yet.
pub fn panicked(place: &str) -> bool {
    error!(event = "panicked", place, "the program failed");
    tracing::dispatcher::has_been_set()
}

/// A claim may have been sent anew, but the bytes of the one that is held are damaged or gone.
pub fn not_compared(hold: &str) {
    error!(
        event = "not_compared",
        hold, "hold not compared with a claim that may replace it: its bytes are damaged or gone"
    );
}

/// Something in a drop folder is no file that can be taken.
pub fn ignored(channel: &str, kind: &str) {
    warn!(event = "ignored", channel, kind, "entry ignored");
}

/// A file without its last segment stays where it is.
pub fn incomplete(channel: &str, bytes: u64) {
    warn!(event = "incomplete", channel, bytes, "file is incomplete and was left");
}

/// An alert was written to its owner's file.
pub fn alerted(owner: &str) {
    info!(event = "alerted", owner, "alert written");
}

/// A sink has a message.
pub fn told(sink: &str, alerts: usize, attempt: u32) {
    info!(event = "told", sink, alerts, attempt, "alerts told");
}

/// A sink has not taken a message; it is tried again, unless this was the last time.
pub fn not_told(sink: &str, attempt: u32, last: bool, why: &str) {
    warn!(event = "not_told", sink, attempt, last, why, "alerts not told");
}

/// A webhook has taken what happened to a claim.
pub fn hook_told(webhook: &str, what: &str, attempt: u32) {
    info!(event = "webhook_told", webhook, what, attempt, "webhook told");
}

/// A webhook has not taken it; it is tried again, unless this was the last time.
pub fn hook_not_told(webhook: &str, what: &str, attempt: u32, last: bool, why: &str) {
    warn!(event = "webhook_not_told", webhook, what, attempt, last, why, "webhook not told");
}

/// A question came over the control socket.
pub fn asked(uid: u32) {
    info!(event = "asked", uid, "question answered");
}

/// An error with what caused it, without repeating.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
