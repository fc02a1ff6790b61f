//! The history as tables for other programs: the same facts give the same bytes, in whatever order they came.

use super::derive::{payments, rows_of, sent};
use super::poster::STORIES;
use super::standing::follow;
use super::story::Story;
use super::tables::Tables;
use crate::store::{self, Store};
use crate::x12::element::decimal;

/// Stories in one part.
const PAGE: usize = 500;

/// Rows of one table.
pub type Rows = Vec<Vec<String>>;

/// What the cells of a column hold; an empty one holds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Text,
    /// `2026-11-16`.
    Day,
    /// `-12.50`.
    Money,
    /// A whole number.
    Count,
    /// `true` or `false`.
    Flag,
}

/// A column: its name, and what its cells hold.
pub type Column = (&'static str, Kind);

/// The tables: name, columns.
pub const EXPORTS: [(&str, &[Column]); 3] = [
    (
        "claims",
        &[
            ("claim", Kind::Text),
            ("file_sha256", Kind::Text),
            ("position", Kind::Count),
            ("channel", Kind::Text),
            ("payer", Kind::Text),
            ("turn", Kind::Text),
            ("kind", Kind::Text),
            ("plan", Kind::Text),
            ("billing_npi", Kind::Text),
            ("rendering_npi", Kind::Text),
            ("place", Kind::Text),
            ("frequency", Kind::Text),
            ("replaces", Kind::Text),
            ("received", Kind::Day),
            ("left", Kind::Day),
            ("first_service", Kind::Day),
            ("last_service", Kind::Day),
            ("charge", Kind::Money),
            ("authorised", Kind::Flag),
            ("diagnoses", Kind::Text),
            ("procedures", Kind::Text),
            ("was_held", Kind::Flag),
            ("edits", Kind::Text),
            ("overridden", Kind::Text),
            ("touches", Kind::Count),
            ("standing", Kind::Text),
        ],
    ),
    (
        "payments",
        &[
            ("claim", Kind::Text),
            ("date", Kind::Day),
            ("payer", Kind::Text),
            ("leg", Kind::Text),
            ("trace", Kind::Text),
            ("payer_claim", Kind::Text),
            ("status", Kind::Text),
            ("class", Kind::Text),
            ("charge", Kind::Money),
            ("paid", Kind::Money),
            ("patient_share", Kind::Money),
            ("denied", Kind::Money),
            ("balanced", Kind::Flag),
            ("linked_sha256", Kind::Text),
            ("linked_position", Kind::Count),
            ("taken_back", Kind::Flag),
        ],
    ),
    (
        "adjustments",
        &[
            ("week", Kind::Text),
            ("payer", Kind::Text),
            ("claim", Kind::Text),
            ("leg", Kind::Text),
            ("trace", Kind::Text),
            ("line", Kind::Count),
            ("procedure", Kind::Text),
            ("modifiers", Kind::Text),
            ("group", Kind::Text),
            ("carc", Kind::Text),
            ("rarcs", Kind::Text),
            ("amount", Kind::Money),
            ("sign", Kind::Count),
            ("class", Kind::Text),
            ("category", Kind::Text),
            ("owner", Kind::Text),
            ("consequence", Kind::Text),
            ("balanced", Kind::Flag),
            ("plan", Kind::Text),
            ("place", Kind::Text),
            ("diagnosis", Kind::Text),
            ("billing_npi", Kind::Text),
            ("channel", Kind::Text),
            ("kind", Kind::Text),
        ],
    ),
];

/// So many stories, from behind a place: rows of every table by its place in [`EXPORTS`], and the place of the last; none at the end. Rows of
/// one claim number come in an order of their own, claim numbers in that of the index.
///
/// # Errors
/// When the store can't be read.
pub fn export(
    store: &Store,
    tables: &Tables,
    after: &str,
) -> Result<([Rows; 3], Option<String>), store::Error> {
    let (mut rows, mut n, mut last) = (<[Rows; 3]>::default(), 0, None);
    store.scan_packed(STORIES, after, &mut |key, story: Story| {
        of_story(&story, tables, &mut |table, row| {
            if let Some(rows) = rows.get_mut(table) {
                rows.push(row);
            }
        });
        n += 1;
        if n == PAGE {
            last = Some(key.to_owned());
        }
        n < PAGE
    })?;
    Ok((rows, last))
}

fn of_story(story: &Story, tables: &Tables, each: &mut dyn FnMut(usize, Vec<String>)) {
    let all = payments(story, tables);
    let day = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let name = |value: &dyn erased::Name| value.name();
    let mut followed = follow(story, &all);
    followed.sort_by_key(|f| (f.sent.day, f.sent.sha256.clone(), f.sent.position));
    for f in followed {
        let (s, says) = (f.sent, &f.sent.sent);
        let procedures: Vec<&str> = says.lines.iter().map(|l| l.procedure.as_str()).collect();
        let edits: Vec<&str> = s.fired.iter().map(|e| e.edit.as_str()).collect();
        each(
            0,
            vec![
                story.claim.clone(),
                s.sha256.clone(),
                s.position.to_string(),
                s.channel.clone(),
                s.payer.clone(),
                says.sequence.clone(),
                s.kind.clone(),
                says.plan.clone(),
                s.billing_npi.clone(),
                says.rendering.clone(),
                says.place.clone(),
                says.frequency.clone(),
                says.original.clone(),
                day(s.day),
                day(f.left()),
                day(s.dates.map(|d| d.0)),
                day(s.dates.map(|d| d.1)),
                decimal(s.charge),
                says.authorised.to_string(),
                says.diagnoses.join("+"),
                procedures.join("+"),
                s.was_held.to_string(),
                edits.join("+"),
                s.overridden.join("+"),
                s.touches.to_string(),
                name(&f.standing),
            ],
        );
    }
    for p in &all {
        let ours = sent(story, &p.pairing);
        each(
            1,
            vec![
                story.claim.clone(),
                day(p.paid.date),
                p.paid.payer.clone(),
                p.leg.name().to_owned(),
                p.paid.trace.clone(),
                p.paid.payer_claim.clone(),
                p.paid.status.clone(),
                name(&p.class),
                decimal(p.paid.charge),
                decimal(p.paid.paid),
                decimal(p.paid.patient_share),
                decimal(p.denied),
                p.paid.balanced.to_string(),
                ours.map(|s| s.sha256.clone()).unwrap_or_default(),
                ours.map(|s| s.position.to_string()).unwrap_or_default(),
                p.reversed_by.is_some().to_string(),
            ],
        );
    }
    for (of, r) in rows_of(story, &all, tables) {
        let trace = all.get(of).map(|p| p.paid.trace.clone()).unwrap_or_default();
        each(
            2,
            vec![
                r.week,
                r.payer,
                r.claim,
                r.leg.name().to_owned(),
                trace,
                r.line.map(|l| l.to_string()).unwrap_or_default(),
                r.procedure,
                r.modifiers,
                r.group,
                r.carc,
                r.rarcs,
                decimal(r.amount),
                r.sign.to_string(),
                name(&r.class),
                r.category,
                r.owner,
                r.consequence,
                r.balanced.to_string(),
                r.plan,
                r.place,
                r.diagnosis,
                r.billing,
                r.channel,
                r.kind,
            ],
        );
    }
}

/// Names of plain enums, as JSON spells them.
mod erased {
    pub trait Name {
        fn name(&self) -> String;
    }

    impl<T: serde::Serialize> Name for T {
        fn name(&self) -> String {
            let value = serde_json::to_value(self).unwrap_or_default();
            value.as_str().map(str::to_owned).unwrap_or_default()
        }
    }
}
