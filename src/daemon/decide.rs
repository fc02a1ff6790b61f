//! What may be asked of a held claim, and what it comes to.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::desk::{Cannot, Desk, is_repeat, stopping};
use super::error::Error;
use crate::edits::Owner;
use crate::history;
use crate::holds::{self, HeldClaim, Status};
use crate::journal::Decision;
use crate::scrub::Verdict;

/// Longest that a claim is put off.
const LONGEST_SNOOZE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "decision", rename_all = "kebab-case")]
pub enum Decide {
    /// Sets elements by path; an empty value takes one away.
    Fix {
        /// Path and value, in order.
        #[schema(value_type = Vec<[String; 2]>)]
        changes: Vec<(String, String)>,
    },
    /// Lets it leave: nothing may stop it any more.
    Release {
        /// Why.
        reason: String,
    },
    /// Lets it leave in spite of what may be overridden.
    Override {
        /// Why, a word of the site's list.
        code: String,
        /// Why, in words.
        note: String,
    },
    /// It leaves no more.
    Void {
        /// Why.
        reason: String,
    },
    /// The practice system sent the claim anew, and a person says in which file.
    Link {
        /// ULID of the file.
        file: String,
        /// 1-based among its claims.
        position: u64,
    },
    /// Another team works it.
    Assign {
        /// Which.
        owner: String,
        /// Why, where they say it.
        #[serde(default)]
        reason: String,
    },
    /// Nobody is to be shown it for a while.
    Snooze {
        /// Until then.
        until: Timestamp,
    },
    /// Who leads is to look at it.
    Escalate {
        /// Why.
        reason: String,
    },
    /// Asks who documented the care.
    Query {
        /// What is missing: a word of [`ELEMENTS`].
        element: String,
        /// The question.
        question: String,
    },
    /// Answers that.
    Answer {
        /// The answer.
        answer: String,
    },
    /// Agrees to an override that somebody else asked for.
    Agree {},
    /// Doesn't.
    Decline {
        /// Why.
        reason: String,
    },
    /// Takes back what the same person decided last.
    Undo {},
}

/// What documentation may lack: word, and what people call it.
pub const ELEMENTS: &[(&str, &str)] = &[
    ("diagnosis-specificity", "How specific the diagnosis is"),
    ("laterality", "Which side"),
    ("medical-necessity", "Why the service was needed"),
    ("time", "Time spent, start and stop"),
    ("separate-service", "That a service was separate"),
    ("units", "Units, dose or quantity"),
    ("procedure-note", "The note of the procedure"),
    ("ordering-provider", "Who ordered it"),
    ("signature", "A signature or attestation"),
    ("place", "Where the patient was"),
    ("other", "Something else"),
];

impl Desk {
    /// What a decision comes to, and what the edits say of the claim then.
    pub(super) fn judge(
        &self,
        held: &HeldClaim,
        asked: &Decide,
        actor: &str,
    ) -> Result<(Decision, Option<Verdict>), Cannot> {
        let refuse = |why: &str| Err(Cannot::Refused(format!("hold {}: {why}", held.id)));
        match (held.status, asked) {
            (Status::Sent, _) => return refuse("the claim has left"),
            (Status::Replaced, _) => return refuse("the practice system sent the claim anew"),
            (Status::SentBack, _) => return refuse("it was refused and went back to its sender"),
            (
                Status::Leaving,
                Decide::Void { .. } | Decide::Assign { .. } | Decide::Link { .. } | Decide::Undo {},
            )
            | (Status::Voided, Decide::Undo {})
            | (Status::Open, _) => {}
            (Status::Voided, _) => return refuse("it was voided"),
            (Status::Leaving, _) => return refuse("the claim is about to leave; void it to keep it back"),
        }
        let today = self.now().date();
        match asked {
            Decide::Fix { changes } if changes.is_empty() => refuse("name what to correct, as PATH=VALUE"),
            Decide::Fix { changes } => {
                let (list, verdict) = self.corrected(held, changes, actor, today)?;
                let corrections = self.keep(&held.id, &list)?;
                Ok((Decision::Fixed { corrections }, Some(verdict)))
            }
            Decide::Release { reason } => {
                let note = self.note(held, reason)?;
                let (_, verdict) = self.examine(held, &self.edits(), today)?;
                let stops = stopping(&verdict.findings);
                if !stops.is_empty() {
                    let how = if verdict.overridable {
                        "correct the claim, or override"
                    } else {
                        "correct the claim"
                    };
                    return refuse(&format!("{} still stops it: {how}", stops.join(", ")));
                }
                Ok((Decision::Released { note }, Some(verdict)))
            }
            Decide::Override { code, note } => {
                let sound = |c: char| c.is_ascii_alphanumeric() || c == '-';
                if code.is_empty() || code.len() > 32 || !code.chars().all(sound) {
                    return refuse("a code is up to 32 letters, digits and hyphens");
                }
                let note = self.note(held, note)?;
                let (_, verdict) = self.examine(held, &self.edits(), today)?;
                let edits = stopping(&verdict.findings);
                if edits.is_empty() {
                    return refuse("nothing stops it any more: release it");
                }
                if !verdict.overridable {
                    return refuse(&format!(
                        "it can't go as it is, only a correction ends the hold ({})",
                        edits.join(", ")
                    ));
                }
                let code = code.clone();
                if self.second_person_from.is_some_and(|from| held.charge >= from) {
                    return Ok((Decision::Proposed { code, note, edits }, Some(verdict)));
                }
                Ok((Decision::Overridden { code, note, edits, asked_by: None }, Some(verdict)))
            }
            Decide::Void { reason } => Ok((Decision::Voided { note: self.note(held, reason)? }, None)),
            Decide::Link { file, position } => {
                let store = self.state.store_soon()?;
                // One that left, or is held still: not one that was itself given up for another.
                let is_it = |h: &HeldClaim| {
                    h.file_id == *file && h.position == *position && h.channel == held.channel
                };
                let there = history::at_place(&store, &self.state.archive, (file, *position));
                let left =
                    there.map_err(|source| Error::LookUp { source })?.is_some_and(|sent| sent.has_left());
                let lives = left || holds::list(&store, false)?.iter().any(is_it);
                if *file == held.file_id || !lives {
                    return refuse(
                        "no such claim of another file has left or is held: name the file's id and the claim's place in it",
                    );
                }
                Ok((Decision::Replaced { file: file.clone(), position: *position }, None))
            }
            Decide::Assign { owner, reason } => match Owner::ALL.iter().find(|o| o.name() == owner) {
                Some(owner) => {
                    let owner = owner.name().to_owned();
                    let given = Some(reason).filter(|reason| !reason.trim().is_empty());
                    let note = given.map(|reason| self.keep(&held.id, reason)).transpose()?;
                    Ok((Decision::Assigned { owner, note, was: team(held) }, None))
                }
                None => {
                    let teams: Vec<&str> = Owner::ALL.iter().map(|o| o.name()).collect();
                    refuse(&format!("there is no such team; there are {}", teams.join(", ")))
                }
            },
            Decide::Snooze { until } => {
                let now = self.state.world.clock.now();
                if *until <= now || until.duration_since(now) > LONGEST_SNOOZE {
                    return refuse("it can be put off until a moment within the next 90 days");
                }
                Ok((Decision::Snoozed { until: *until }, None))
            }
            Decide::Escalate { reason } => Ok((Decision::Escalated { note: self.note(held, reason)? }, None)),
            Decide::Query { element, question } => {
                if !ELEMENTS.iter().any(|(word, _)| word == element) {
                    let words: Vec<&str> = ELEMENTS.iter().map(|(word, _)| *word).collect();
                    return refuse(&format!("say what is missing, one of {}", words.join(", ")));
                }
                if held.query.is_some() {
                    return refuse("a question is open already");
                }
                let (element, note) = (element.clone(), self.note(held, question)?);
                Ok((Decision::Queried { element, note, was: team(held) }, None))
            }
            Decide::Answer { answer } if held.query.is_some() => {
                Ok((Decision::Answered { note: self.note(held, answer)? }, None))
            }
            Decide::Answer { .. } => refuse("no question is open"),
            Decide::Agree {} => self.agree(held, actor, today),
            Decide::Decline { reason } if held.proposed.is_some() => {
                Ok((Decision::Declined { note: self.note(held, reason)? }, None))
            }
            Decide::Decline { .. } => refuse("nobody asked for an override"),
            Decide::Undo {} => self.undo(held, actor, today),
        }
    }

    /// The second person lets a claim go as the first asked for.
    fn agree(
        &self,
        held: &HeldClaim,
        actor: &str,
        today: Date,
    ) -> Result<(Decision, Option<Verdict>), Cannot> {
        let refuse = |why: &str| Err(Cannot::Refused(format!("hold {}: {why}", held.id)));
        let Some(proposed) = &held.proposed else { return refuse("nobody asked for an override") };
        // Whoever holds a token may hold two.
        if actor.starts_with("token ") {
            return refuse("it takes a second person: agree in the workbench or by the command");
        }
        if proposed.by == actor {
            return refuse("it takes a second person: you asked for this override yourself");
        }
        let (_, verdict) = self.examine(held, &self.edits(), today)?;
        let edits = stopping(&verdict.findings);
        if !verdict.overridable || edits.iter().any(|edit| !proposed.edits.contains(edit)) {
            return refuse("what stops it is not what the override was asked for");
        }
        let (code, note, by) = (proposed.code.clone(), proposed.note.clone(), proposed.by.clone());
        Ok((Decision::Overridden { code, note, edits, asked_by: Some(by) }, Some(verdict)))
    }

    /// True where a claim of the same number came in a later file of the channel.
    fn came_anew(&self, held: &HeldClaim) -> Result<bool, Cannot> {
        let store = self.state.store_soon()?;
        let story = history::story_of(&store, &self.state.archive, held.claim.expose())?;
        let later = |s: &history::SentClaim| s.channel == held.channel && s.file > held.file_id;
        Ok(story.is_some_and(|story| story.sent.iter().any(later)))
    }

    /// Takes back the last decision: the claim is held as it was before, judged by the edits of the day.
    fn undo(
        &self,
        held: &HeldClaim,
        actor: &str,
        today: Date,
    ) -> Result<(Decision, Option<Verdict>), Cannot> {
        let refuse = |why: &str| Err(Cannot::Refused(format!("hold {}: {why}", held.id)));
        let now = self.state.world.clock.now();
        let last = held.trail.last().filter(|step| step.actor == actor);
        let (Some(last), true) = (last, held.undo_until.is_some_and(|until| now < until)) else {
            return refuse("what was decided last can't be undone any more");
        };
        let mut owner = team(held);
        match &last.decision {
            Decision::Assigned { was, .. } | Decision::Queried { was, .. } if held.status == Status::Open => {
                owner.clone_from(was);
            }
            Decision::Released { .. }
            | Decision::Overridden { .. }
            | Decision::Voided { .. }
            | Decision::Fixed { .. }
            | Decision::Snoozed { .. }
            | Decision::Escalated { .. }
            | Decision::Proposed { .. } => {}
            _ => return refuse("what was decided last can't be undone"),
        }
        // One that came while this was voided ended no hold: both would leave.
        if held.status == Status::Voided && self.came_anew(held)? {
            return refuse("the practice system sent the claim anew meanwhile");
        }
        let mut before = held.clone();
        if let Decision::Fixed { .. } = last.decision {
            before.corrections = held
                .trail
                .iter()
                .rev()
                .skip(1)
                .find_map(|step| match &step.decision {
                    Decision::Fixed { corrections } => Some(Some(corrections.clone())),
                    Decision::Undone { corrections, .. } => Some(corrections.clone()),
                    _ => None,
                })
                .flatten();
        }
        let (_, mut verdict) = self.examine(&before, &self.edits(), today)?;
        verdict.findings.extend(held.findings.iter().filter(|f| is_repeat(f)).cloned());
        Ok((Decision::Undone { corrections: before.corrections, owner }, Some(verdict)))
    }
}

/// The team that works it now.
fn team(held: &HeldClaim) -> Option<String> {
    held.owner.map(|owner| owner.name().to_owned())
}
