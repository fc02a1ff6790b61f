//! Answers of receivers (TA1, 999, 277CA) find the claims they are about: by the control numbers these left under, or by claim number.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::poster::Poster;
use super::sent::SentClaim;
use super::story::{FactId, Told, fact_id};
use crate::acks::read::{Answer, read as each_answer};
use crate::claim::sent::Numbers;
use crate::scrub::Source;
use crate::store::{Batch, Refusal, Store};

/// Claims of one transaction set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Left {
    /// The day the set was made.
    made: Option<Date>,
    /// SHA-256 of its file: where two were made on a day, the same one is taken in whatever order they came.
    sha256: String,
    /// ULID of its file.
    file: String,
    /// Position of its first claim.
    first: u64,
}

/// An answer to what left under some numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Came {
    id: FactId,
    kind: String,
    made: Option<Date>,
    accepted: bool,
    code: String,
}

/// What left under some numbers, and what was answered under them. Senders count from 1 again: an answer is to the last that left before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Book {
    left: Vec<Left>,
    came: Vec<Came>,
}

impl Book {
    /// What an answer is to.
    fn of(&self, came: &Came) -> Option<&Left> {
        let before = self.left.iter().filter(|l| l.made <= came.made || came.made.is_none());
        before.max().or_else(|| self.left.iter().min())
    }
}

fn of_interchange(control: &str) -> String {
    format!("answers/interchange/{}", control.trim_start_matches('0'))
}

fn of_set(group: &str, set: &str) -> String {
    format!("answers/set/{group}/{set}")
}

fn claims_key(file: &str, first: u64) -> String {
    format!("set-claims/{file}/{first:08}")
}

/// Claims of a set that is being read.
#[derive(Debug, Default)]
pub struct Sets {
    open: Option<(Left, Numbers)>,
    claims: Vec<(String, u64)>,
}

impl Sets {
    /// Another claim, in file order; with the end of its file, none.
    ///
    /// # Errors
    /// When the index can't be read or written.
    pub fn add(
        &mut self,
        sent: Option<&SentClaim>,
        poster: &mut Poster<'_>,
        store: &Store,
    ) -> Result<(), Refusal> {
        let same = |(left, numbers): &(Left, Numbers)| {
            sent.is_some_and(|s| s.sent.numbers == *numbers && s.file == left.file)
        };
        if !self.open.as_ref().is_some_and(same) {
            if let Some((left, Numbers { interchange, group, set, .. })) = self.open.take() {
                let mut batch = Batch::default();
                batch.put_packed(&claims_key(&left.file, left.first), &std::mem::take(&mut self.claims))?;
                store.write_ahead(&mut batch)?;
                let enter = |book: &mut Book| {
                    if let Err(at) = book.left.binary_search(&left) {
                        book.left.insert(at, left.clone());
                    }
                };
                change(&of_interchange(&interchange), poster, store, &enter)?;
                change(&of_set(&group, &set), poster, store, &enter)?;
            }
            self.open = sent.filter(|s| s.sent.numbers != Numbers::default()).map(|s| {
                let (sha256, file) = (s.sha256.clone(), s.file.clone());
                (Left { made: s.sent.made, sha256, file, first: s.position }, s.sent.numbers.clone())
            });
        }
        if let (Some(sent), Some(_)) = (sent, &self.open) {
            self.claims.push((sent.claim.clone(), sent.position));
        }
        Ok(())
    }
}

/// Changes a book; claims hear what changes for them.
fn change(
    key: &str,
    poster: &mut Poster<'_>,
    store: &Store,
    with: &dyn Fn(&mut Book),
) -> Result<(), Refusal> {
    let before: Book = store.get_packed(key)?.unwrap_or_default();
    let mut after = before.clone();
    with(&mut after);
    if after == before {
        return Ok(());
    }
    for came in &after.came {
        let known = before.came.iter().any(|c| c.id == came.id);
        let (was, is) = (before.of(came).filter(|_| known), after.of(came));
        if was == is {
            continue;
        }
        for (left, told) in [(was, false), (is, true)] {
            let Some(left) = left else { continue };
            let claims: Vec<(String, u64)> =
                store.get_packed(&claims_key(&left.file, left.first))?.unwrap_or_default();
            for (claim, position) in claims {
                let id = fact_id(&[&came.id, left.sha256.as_bytes(), &position.to_be_bytes()]);
                let of = Some((left.file.clone(), position));
                let statuses = vec![(came.code.clone(), String::new(), String::new())];
                let fact = Told {
                    id,
                    kind: came.kind.clone(),
                    date: came.made,
                    accepted: came.accepted,
                    statuses: statuses.into_iter().filter(|(code, _, _)| !code.is_empty()).collect(),
                    of,
                    ..Told::default()
                };
                poster.change(&claim, |story| {
                    story.told.retain(|t| t.id != id);
                    if told {
                        story.tell(fact);
                    }
                })?;
            }
        }
    }
    poster.write()?;
    let mut batch = Batch::default();
    batch.put_packed(key, &after)?;
    store.write_ahead(&mut batch)
}

/// Posts every answer of a file.
///
/// # Errors
/// When it can't be read, or the index can't be written.
pub fn post(source: &impl Source, poster: &mut Poster<'_>, store: &Store) -> Result<(), Refusal> {
    let mut done = Ok(());
    each_answer(source.open()?, &mut |answer| {
        if done.is_ok() {
            done = one(&answer, poster, store);
        }
    })?;
    done
}

fn one(answer: &Answer, poster: &mut Poster<'_>, store: &Store) -> Result<(), Refusal> {
    match answer {
        Answer::Interchange(ta1) => {
            let came = Came {
                id: fact_id(&[b"TA1", ta1.control.as_bytes(), ta1.verdict.as_bytes(), &day(ta1.made)]),
                kind: "TA1".to_owned(),
                made: ta1.made,
                accepted: ta1.verdict != "R",
                code: if ta1.note == "000" { String::new() } else { ta1.note.clone() },
            };
            enter(&of_interchange(&ta1.control), came, poster, store)
        }
        Answer::Group(group) => {
            for set in &group.sets {
                let parts = [group.control.as_bytes(), set.control.as_bytes(), set.verdict.as_bytes()];
                let came = Came {
                    id: fact_id(&[b"999", parts[0], parts[1], parts[2], &day(group.made)]),
                    kind: "999".to_owned(),
                    made: group.made,
                    accepted: matches!(set.verdict.as_str(), "A" | "E"),
                    code: set.code.clone(),
                };
                enter(&of_set(&group.control, &set.control), came, poster, store)?;
            }
            Ok(())
        }
        Answer::Claim(claim) => {
            let said: Vec<u8> =
                claim.statuses.iter().flat_map(|(a, b, c)| [a, b, c]).flat_map(|s| s.bytes()).collect();
            let told = Told {
                id: fact_id(&[
                    b"277CA",
                    claim.claim.as_bytes(),
                    claim.action.as_bytes(),
                    &said,
                    claim.payer_claim.as_bytes(),
                    &day(claim.made),
                ]),
                kind: "277CA".to_owned(),
                date: claim.made,
                accepted: claim.action != "U",
                by_payer: claim.by_payer,
                statuses: claim.statuses.clone(),
                payer_claim: claim.payer_claim.clone(),
                charge: claim.charge,
                of: None,
            };
            poster.change(&claim.claim, |story| story.tell(told))
        }
    }
}

fn day(date: Option<Date>) -> Vec<u8> {
    date.map(|d| d.to_string().into_bytes()).unwrap_or_default()
}

fn enter(key: &str, came: Came, poster: &mut Poster<'_>, store: &Store) -> Result<(), Refusal> {
    change(key, poster, store, &|book| {
        if !book.came.iter().any(|c| c.id == came.id) {
            let at = book.came.partition_point(|c| (c.made, c.id) < (came.made, came.id));
            book.came.insert(at, came.clone());
        }
    })
}
