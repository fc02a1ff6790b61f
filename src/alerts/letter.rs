//! What a message says, in the shapes sinks want. It tells counts, codes, dollars and places of claims; no claim's number, no person.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use super::alert::{Alert, Attachment, Kind};
use super::book::Book;
use super::sentence::printable;

/// Which program reads a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// One of your own.
    #[default]
    Plain,
    /// Slack's incoming webhooks.
    Slack,
    /// Teams, by a workflow that takes an adaptive card.
    Teams,
}

/// One alert in a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What it says.
    pub alert: Alert,
    /// What is said before it: that it is told again, and why.
    pub note: &'static str,
}

/// A message, before it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// Its id: the same when it is sent again.
    pub message: String,
    /// When it was first tried.
    pub first: Timestamp,
    /// What it tells.
    pub told: Vec<Told>,
}

impl Letter {
    /// What a message of the book says now.
    #[must_use]
    pub fn of(book: &Book, message: &str) -> Option<Letter> {
        let known = book.message(message)?;
        let told = known.tells.iter().filter_map(|tells| {
            let (id, tag) = tells.rsplit_once('@')?;
            let note = match tag.split_once('-') {
                Some((_, "escalated")) => "Nobody acknowledged this in time. ",
                Some(_) => "This was put off until now. ",
                None if tag == "1" => "",
                None => "This came back, or got worse. ",
            };
            Some(Told { alert: book.alert(id)?.alert.clone(), note })
        });
        Some(Letter { message: message.to_owned(), first: known.first, told: told.collect() })
    }

    /// A made-up one, to try a sink.
    #[must_use]
    pub fn test(sink: &str, now: Timestamp) -> Letter {
        let message = "This is a test of claimloop's alerts: nothing happened.".to_owned();
        let alert = Alert { id: "test".to_owned(), message, ..Alert::default() };
        let told = vec![Told { alert, note: "" }];
        Letter { message: format!("test/{sink}/{now}"), first: now, told }
    }

    /// What an e-mail has for its subject.
    #[must_use]
    pub fn subject(&self) -> String {
        match self.told.as_slice() {
            [one] if one.alert.kind.is_of_denials() && !one.alert.carc.is_empty() => {
                let Alert { owner, payer, carc, .. } = &one.alert;
                printable(&format!("claimloop: denials for {owner}, payer {payer}, CARC {carc}"))
            }
            [one] if one.alert.kind == Kind::Pack => {
                printable(&format!("claimloop: the huddle pack of {}", one.alert.week))
            }
            [one] if one.alert.id == "test" => "claimloop: a test".to_owned(),
            [one] => format!("claimloop: {} alert for {}", one.alert.kind.name(), one.alert.owner),
            many => format!("claimloop: {} alerts", many.len()),
        }
    }

    /// Files that go with it.
    pub fn attachments(&self) -> impl Iterator<Item = &Attachment> {
        self.told.iter().flat_map(|told| &told.alert.attachments)
    }

    /// As plain text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Told { alert, note } in &self.told {
            text.push_str(&format!("{note}{}\n", alert.message));
            for (name, value) in facts(alert) {
                text.push_str(&format!("  {name}: {value}\n"));
            }
            text.push_str(&format!("  Alert: {}, for {}\n\n", printable(&alert.id), alert.owner));
        }
        text.push_str(FOOT);
        text.push('\n');
        text
    }

    /// As HTML: one column, no picture, nothing fetched from anywhere.
    #[must_use]
    pub fn html(&self) -> String {
        let mut html = String::from(HEAD);
        for Told { alert, note } in &self.told {
            let _never = write!(
                html,
                "<div style=\"border-left:3px solid #666;padding:2px 0 2px 12px;margin:0 0 24px\">\
                 <p style=\"margin:0 0 8px\"><strong>{}{}</strong></p>",
                escaped(note),
                escaped(&alert.message)
            );
            for (name, value) in facts(alert) {
                let _never = write!(
                    html,
                    "<p style=\"margin:0 0 4px\"><span style=\"color:#555\">{name}:</span> {}</p>",
                    escaped(&value)
                );
            }
            let _never = write!(
                html,
                "<p style=\"margin:8px 0 0;color:#555;font-size:13px\">{}, for {}</p></div>",
                escaped(&alert.id),
                alert.owner
            );
        }
        let _never =
            write!(html, "<p style=\"color:#555;font-size:13px\">{}</p></body></html>", escaped(FOOT));
        html
    }

    /// As JSON for a program.
    #[must_use]
    pub fn json(&self, preset: Preset, zone: &TimeZone) -> Value {
        let first = self.first.to_zoned(zone.clone()).datetime().round(jiff::Unit::Second);
        match preset {
            Preset::Plain => json!({
                "message": self.message,
                "first_tried": first.map(|at| at.to_string()).unwrap_or_default(),
                "subject": self.subject(),
                "alerts": self.told.iter().map(|t| &t.alert).collect::<Vec<_>>(),
            }),
            Preset::Slack => {
                let block =
                    |text: String| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
                let mut blocks: Vec<Value> =
                    self.told.iter().map(|t| block(marked(t))).take(MOST_IN_BLOCKS).collect();
                if self.told.len() > blocks.len() {
                    blocks.push(block(format!("and {} more", self.told.len() - blocks.len())));
                }
                json!({ "text": for_slack(&self.subject()), "blocks": blocks })
            }
            Preset::Teams => {
                let block = |text: &str, bold: bool| {
                    let weight = if bold { "Bolder" } else { "Default" };
                    json!({ "type": "TextBlock", "text": text, "wrap": true, "weight": weight })
                };
                let mut body: Vec<Value> = self
                    .told
                    .iter()
                    .take(MOST_ON_A_CARD)
                    .flat_map(|Told { alert, note }| {
                        let facts: Vec<Value> = facts(alert)
                            .into_iter()
                            .map(|(title, value)| json!({ "title": title, "value": value }))
                            .collect();
                        [
                            block(&format!("{note}{}", alert.message), true),
                            json!({ "type": "FactSet", "facts": facts }),
                        ]
                    })
                    .collect();
                if self.told.len() > MOST_ON_A_CARD {
                    body.push(block(&format!("and {} more", self.told.len() - MOST_ON_A_CARD), false));
                }
                json!({
                    "type": "message",
                    "attachments": [{
                        "contentType": "application/vnd.microsoft.card.adaptive",
                        "content": {
                            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                            "type": "AdaptiveCard",
                            "version": "1.4",
                            "body": body,
                        },
                    }],
                })
            }
        }
    }
}

/// Slack takes fifty blocks.
const MOST_IN_BLOCKS: usize = 45;
/// Teams takes 28 KB.
const MOST_ON_A_CARD: usize = 20;

const FOOT: &str = "claimloop alerts show ALERT tells more, alerts ack, snooze, assign and resolve what is done of it. \
                    This message names no patient and no claim number.";

const HEAD: &str = "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"></head>\
                    <body style=\"margin:0 auto;padding:16px;max-width:640px;color:#111;background:#fff;\
                    font:16px/1.45 -apple-system,'Segoe UI',Helvetica,Arial,sans-serif\">";

/// What is told beside the sentence.
fn facts(alert: &Alert) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if !alert.prevention.is_empty() {
        facts.push(("What prevents it", printable(&alert.prevention)));
    }
    if !alert.edits.is_empty() {
        facts.push(("Edits that would stop it", alert.edits.join(", ")));
    }
    if alert.draft.is_some() {
        facts.push(("A draft of an edit", format!("claimloop alerts show {}", printable(&alert.id))));
    }
    if let Some((low, high)) = alert.numbers.and_then(|n| n.ratio) {
        facts.push(("The rate rose", format!("{low:.1} to {high:.1} times")));
    }
    if !alert.since.is_empty() && alert.since != alert.week {
        facts.push(("Since", alert.since.clone()));
    }
    if !alert.examples.is_empty() {
        let places = alert.examples.iter().map(|e| format!("{}:{}", e.file, e.position));
        facts.push(("Claims by place", places.collect::<Vec<_>>().join(", ")));
    }
    facts
}

fn marked(Told { alert, note }: &Told) -> String {
    let mut text = format!("*{}*", for_slack(&format!("{note}{}", alert.message)));
    for (name, value) in facts(alert) {
        text.push_str(&format!("\n{name}: {}", for_slack(&value)));
    }
    text
}

/// The three signs Slack reads as its own.
fn for_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn escaped(text: &str) -> String {
    for_slack(text).replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{Example, Kind, Numbers};
    use crate::history::Dictionary;

    fn letter() -> Letter {
        let numbers = Some(Numbers {
            count: 31,
            of: Some(40),
            usual: 2.0,
            ratio: Some((4.0, 40.5)),
            ..Numbers::default()
        });
        let examples = vec![Example { file: "01M".into(), position: 3 }];
        let (payer, carc, week) = ("<A & B>".into(), "197".into(), "2026-W46".into());
        let id = "<A & B>/197".into();
        let alert = Alert { id, kind: Kind::New, payer, carc, week, numbers, examples, ..Alert::default() };
        let told = vec![Told { alert: alert.told_by(Dictionary::shipped().get("197")), note: "" }];
        Letter { message: "m".into(), first: Timestamp::UNIX_EPOCH, told }
    }

    #[test]
    fn every_shape_says_the_same_and_breaks_nothing() {
        let letter = letter();
        assert_eq!(letter.subject(), "claimloop: denials for authorisation, payer <A & B>, CARC 197");
        let text = letter.text();
        assert!(
            text.starts_with("Payer <A & B> began denying for missing authorisation (CO-197): 31 of 40"),
            "{text}"
        );
        assert!(
            text.contains("The rate rose: 4.0 to 40.5 times") && text.contains("Claims by place: 01M:3"),
            "{text}"
        );
        let html = letter.html();
        assert!(html.contains("Payer &lt;A &amp; B&gt; began") && !html.contains("<A"), "{html}");
        let slack = letter.json(Preset::Slack, &TimeZone::UTC);
        assert!(
            slack["blocks"][0]["text"]["text"]
                .as_str()
                .unwrap()
                .starts_with("*Payer &lt;A &amp; B&gt; began")
        );
        let teams = letter.json(Preset::Teams, &TimeZone::UTC);
        let card = &teams["attachments"][0]["content"];
        assert_eq!((&card["type"], &card["body"][0]["weight"]), (&"AdaptiveCard".into(), &"Bolder".into()));
        let plain = letter.json(Preset::Plain, &TimeZone::UTC);
        assert_eq!((&plain["message"], &plain["alerts"][0]["carc"]), (&"m".into(), &"197".into()));
    }
}
