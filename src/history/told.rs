//! One claim number's whole story, for people.

use serde_json::{Value, json};

use super::derive::{Leg, payments, rows_of};
use super::pairing::Pairing;
use super::standing::follow;
use super::story::Story;
use super::tables::Tables;
use crate::x12::element::decimal;

/// Everything known under a claim number, as JSON: each version with where it stands, every payment with what it takes back or was taken
/// back by, every answer.
#[must_use]
pub fn told(story: &Story, tables: &Tables) -> Value {
    let all = payments(story, tables);
    let rows = rows_of(story, &all, tables);
    let versions: Vec<Value> = follow(story, &all)
        .iter()
        .map(|f| {
            json!({
                "file": f.sent.file, "position": f.sent.position, "channel": f.sent.channel,
                "payer": f.sent.payer, "turn": f.sent.sent.sequence, "frequency": f.sent.sent.frequency,
                "replaces": f.sent.sent.original, "received": f.sent.day, "left": f.left(),
                "charge": decimal(f.sent.charge), "standing": f.standing, "was_held": f.sent.was_held,
                "edits": f.sent.fired.iter().map(|e| &e.edit).collect::<Vec<_>>(),
                "overridden": f.sent.overridden, "released_by": f.sent.released_by,
            })
        })
        .collect();
    let paid: Vec<Value> = all
        .iter()
        .enumerate()
        .map(|(n, p)| {
            let adjustments: Vec<Value> = rows
                .iter()
                .filter(|(of, _)| *of == n)
                .map(|(_, row)| {
                    json!({
                        "line": row.line, "procedure": row.procedure, "group": row.group, "carc": row.carc,
                        "rarcs": row.rarcs, "amount": decimal(row.amount), "class": row.class,
                        "owner": row.owner, "category": row.category,
                    })
                })
                .collect();
            let lines: Vec<Value> = p
                .lines
                .iter()
                .map(|found| found.map_or(Value::Null, |(n, how)| json!({ "line": n + 1, "by": how })))
                .collect();
            let linked = match &p.pairing {
                Pairing::Linked(file, position) => json!({ "file": file, "position": position }),
                Pairing::Unlinked(_) => Value::Null,
            };
            json!({
                "date": p.paid.date, "payer": p.paid.payer, "trace": p.paid.trace, "leg": p.leg,
                "payer_claim": p.paid.payer_claim, "status": p.paid.status, "class": p.class,
                "charge": decimal(p.paid.charge), "paid": decimal(p.paid.paid), "denied": decimal(p.denied),
                "balanced": p.paid.balanced, "takes_back": p.reverses.map(|m| m + 1),
                "taken_back_by": p.reversed_by.map(|m| m + 1), "linked": linked, "lines": lines,
                "adjustments": adjustments,
            })
        })
        .collect();
    let answers: Vec<Value> = story
        .told
        .iter()
        .map(|t| {
            let statuses: Vec<String> = t
                .statuses
                .iter()
                .map(|(a, b, c)| [a, b, c].into_iter().filter(|s| !s.is_empty()).cloned().collect::<Vec<_>>().join(":"))
                .collect();
            json!({
                "date": t.date, "kind": t.kind, "accepted": t.accepted, "by": if t.by_payer { "payer" } else { "receiver" },
                "statuses": statuses, "payer_claim": t.payer_claim,
            })
        })
        .collect();
    let mut legs: Vec<&str> = all.iter().map(|p| p.leg).map(Leg::name).collect();
    legs.dedup();
    json!({ "claim": story.claim, "versions": versions, "answers": answers, "payments": paid, "legs": legs })
}
