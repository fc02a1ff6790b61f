//! The closed list of all that can happen.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::decision::Decision;
use crate::phi::{Phi, kept};

/// Which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Claims on their way out.
    Outbound,
    /// Answers on their way in.
    Inbound,
}

/// A folder files are published to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outlet {
    /// Clean claims.
    Clean,
    /// Inbound files for the practice system.
    Delivered,
    /// What can't be used.
    Rejected,
    /// Answers to the practice system.
    Acks,
}

/// One file to publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Where to.
    pub outlet: Outlet,
    /// Name there: begins as the dropped one does.
    #[serde(with = "kept")]
    pub name: Phi<String>,
    /// Hex SHA-256 of its bytes.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
}

/// A file as it came, packed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// Hex SHA-256.
    pub sha256: String,
    /// Size.
    pub bytes: u64,
}

/// A claim put on hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// ULID.
    pub id: String,
    /// Its place among the file's claims, 1-based.
    pub position: u64,
}

/// Where a claim stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// ULID of its file.
    pub file: String,
    /// 1-based among the file's claims.
    pub position: u64,
}

/// What a person decided of an alert. What they wrote lies in the archive, by hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum AlertDecision {
    /// Somebody is at it.
    Acknowledged,
    /// Nobody is to hear of it until then.
    Snoozed {
        /// When it is told again.
        until: Timestamp,
    },
    /// Another team works it.
    Assigned {
        /// Which.
        owner: String,
    },
    /// What caused it is put right.
    Resolved {
        /// Hash of the note.
        note: String,
    },
}

/// What became of a message to a sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Outcome {
    /// The sink has it.
    Ok,
    /// It has not, or did not say so; it is tried again.
    Failed {
        /// Why, in our words.
        why: String,
    },
    /// It was tried as often as is allowed; a person may send it again.
    Dead {
        /// Why it failed last.
        why: String,
    },
}

/// A hold, as it is when its claim leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// ULID of the hold.
    pub hold: String,
    /// Its version.
    pub version: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// What the sender of claims hears of those that are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldAnswer {
    /// Nothing: no 277CA is written.
    #[default]
    Nothing,
    /// What becomes of them, once that is decided.
    Waits,
    /// They were refused and went back: nobody works them here.
    SentBack,
}

impl HeldAnswer {
    fn is_nothing(&self) -> bool {
        *self == HeldAnswer::Nothing
    }
}

/// Claims of a file by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counted {
    /// In.
    pub r#in: u64,
    /// Clean.
    pub clean: u64,
    /// Held.
    pub held: u64,
    /// Rejected.
    pub rejected: u64,
}

/// Something that happened to a file; `file` is its ULID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// We have it.
    Received {
        /// ULID.
        file: String,
        /// Channel it came by.
        channel: String,
        /// Which way it goes.
        direction: Direction,
        /// Name it was dropped under: its sender may have built it from a person's.
        #[serde(with = "kept")]
        name: Phi<String>,
        /// Hex SHA-256: its identity.
        sha256: String,
        /// Size.
        bytes: u64,
        /// The day at the site; a redo uses this one.
        today: Date,
        /// The file received before with the same bytes, the same way, by the same channel.
        duplicate_of: Option<String>,
        /// The file that a sender wrote on after it was taken; these are its bytes with what came late.
        late_of: Option<String>,
        /// How it came, where it was packed: size and hash above are of what was in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        packed: Option<Packed>,
    },
    /// Work on a file that an earlier run left begins again.
    Tried {
        /// ULID.
        file: String,
    },
    /// A file can't be worked; it goes to the rejected folder as it is.
    Quarantined {
        /// ULID.
        file: String,
        /// Why, in our words.
        reason: String,
    },
    /// Every claim has a verdict; the list is in the archive.
    Verdicts {
        /// ULID.
        file: String,
        /// Hash of the list.
        report: String,
        /// Hash of the edits that gave them.
        edits: String,
        /// Claims by state.
        claims: Counted,
    },
    /// What its interchanges are known by when they come again.
    Prints {
        /// ULID.
        file: String,
        /// Hash of each one's numbers, and of what it says.
        interchanges: Vec<(String, String)>,
        /// Hash of what each of its sets says.
        sets: Vec<String>,
    },
    /// These claims are held.
    Held {
        /// ULID.
        file: String,
        /// In file order.
        holds: Vec<Hold>,
        /// What their sender hears of them.
        #[serde(default, skip_serializing_if = "HeldAnswer::is_nothing")]
        answer: HeldAnswer,
    },
    /// Something was decided of a hold. A version is decided of once: two people can't both release it.
    HoldChanged {
        /// ULID of the hold.
        hold: String,
        /// The version it has from now on.
        version: u64,
        /// Who: `uid 1000`, or `claimloop`.
        actor: String,
        /// What.
        decision: Decision,
        /// Hash of the verdict it has now, where it was judged again.
        verdict: Option<String>,
        /// Hash of the edits that judged it.
        edits: Option<String>,
        /// Until then it may be undone, and a claim that may leave does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo_until: Option<Timestamp>,
    },
    /// Somebody was shown claims: a held one whole, or what the history knows of some.
    Viewed {
        /// ULID of the hold; empty where the history was asked.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        hold: String,
        /// Who.
        actor: String,
        /// What the history was asked for: `claim`, `payments`, `denials`, `export`; or the list of held claims, `list`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        history: Option<String>,
        /// Of a claim number: the claims that came under it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        claims: Vec<Place>,
        /// Of one that no claim came under: its payments and answers, by what the history knows them by.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        facts: Vec<String>,
    },
    /// Somebody signed in at the workbench, or gave a wrong password.
    SignedIn {
        /// Who.
        actor: String,
        /// False where the password was wrong.
        ok: bool,
    },
    /// Claims that were held leave in an interchange of our own, which is in the archive: a file as any other from here on.
    Release {
        /// ULID.
        file: String,
        /// Channel they came by.
        channel: String,
        /// Hex SHA-256 of the interchange.
        sha256: String,
        /// The day at the site.
        today: Date,
        /// ISA13 and GS06.
        control: u64,
        /// Hash of the edits that judged them.
        edits: String,
        /// One for each transaction set, in order.
        holds: Vec<Leaving>,
        /// Hash of what was corrected in them, for the practice system.
        corrections: Option<String>,
    },
    /// What became of a file's held claims goes to their sender: a file as any other from here on, whose bytes are in the archive.
    Answer {
        /// ULID.
        file: String,
        /// ULID of the file that is answered.
        of: String,
        /// Channel that came by.
        channel: String,
        /// Hex SHA-256 of the answers.
        sha256: String,
        /// The day at the site.
        today: Date,
    },
    /// Archived bytes that nobody needs any more were removed.
    Purged {
        /// Hex SHA-256 of each.
        sha256: Vec<String>,
        /// Who: `uid 1000`.
        actor: String,
    },
    /// A number for an interchange of our own was given out; it is not given again, whether or not the interchange comes to be.
    ControlTaken {
        /// Channel.
        channel: String,
        /// The how-manieth, from 0.
        number: u64,
    },
    /// A person let the journal go on without records that could no longer be read. What was there is kept aside.
    Repaired {
        /// Segment the damage was in.
        segment: u64,
        /// Byte, unpacked, up to which it counts.
        offset: u64,
        /// Bytes of it that don't count any more, unpacked.
        bytes: u64,
        /// Later segments that don't count any more.
        segments: u64,
        /// Records among all that which check by themselves.
        records: u64,
        /// Folder of the journal where it is kept.
        aside: String,
        /// Who: `uid 1000`.
        actor: String,
    },
    /// The outputs lie beside their folders under temporary names, synced.
    Staged {
        /// ULID.
        file: String,
        /// All of them.
        outputs: Vec<Output>,
    },
    /// They have their names.
    Published {
        /// ULID.
        file: String,
    },
    /// The remittances of this archived file count in the history.
    Posted {
        /// ULID.
        file: String,
        /// Hash of the archived file.
        sha256: String,
        /// How many remittances.
        remittances: u64,
        /// How many answers to what we sent: TA1, 999, claims of 277CA.
        #[serde(default, skip_serializing_if = "is_zero")]
        answers: u64,
    },
    /// A file of before: it went its way without us, and counts in the history alone.
    Imported {
        /// ULID.
        file: String,
        /// Channel it is counted with.
        channel: String,
        /// Which way it went.
        direction: Direction,
        /// Hash of the archived file.
        sha256: String,
        /// Of claims: the day they were sent.
        day: Date,
        /// Of claims: hash of their verdicts.
        report: Option<String>,
    },
    /// A file of before that an import found of no use: nothing of it counts, and its bytes are not kept.
    OfNoUse {
        /// Channel it would have been counted with.
        channel: String,
        /// Its name.
        #[serde(with = "kept")]
        name: Phi<String>,
        /// Hex SHA-256 of its bytes.
        sha256: String,
        /// The day at the site.
        day: Date,
        /// Interchanges in it; none where it is no X12.
        interchanges: u64,
        /// Remittances in it that can't be read.
        remittances: u64,
        /// Version that the group of the first names.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        version: String,
    },
    /// The edits in force from now on; written where they are others than the last such record lists.
    EditsInForce {
        /// Hash of the whole set.
        edits: String,
        /// The day at the site.
        day: Date,
        /// Edit, or `edit@payer` where a payer's pack treats it otherwise; and how it stands: what it does, and a print of its definition.
        list: Vec<(String, String)>,
    },
    /// A huddle decided to do something.
    ActionTaken {
        /// ULID.
        action: String,
        /// Who wrote it down: `uid 1000`.
        actor: String,
        /// Hex SHA-256 of the action in the archive: what people write has no place in the journal.
        body: String,
    },
    /// An action is closed.
    ActionClosed {
        /// ULID.
        action: String,
        /// Who closed it.
        actor: String,
        /// The day at the site.
        day: Date,
        /// Hex SHA-256 of what came of it, in the archive.
        note: String,
    },
    /// Nothing is left to do.
    Done {
        /// ULID.
        file: String,
    },
    /// An alert is due; its text goes to the owner's file.
    AlertDue {
        /// What it is about; the same cause in the same week is told once.
        key: String,
        /// Owner team.
        owner: String,
        /// The JSON line.
        line: String,
    },
    /// It was written.
    AlertWritten {
        /// As in `AlertDue`; of an alert that was raised, its id and number.
        key: String,
    },
    /// A cause is told of: for the first time, again because it worsened, or only with the numbers it has now.
    AlertRaised {
        /// The cause: the same one is the same alert.
        alert: String,
        /// How often it was raised, from 1; where it grows it is told again.
        n: u32,
        /// Owner team.
        owner: String,
        /// The alert as JSON: counts, ids, codes and sentences of ours.
        line: String,
        /// When the file came that it was found in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        arrived: Option<Timestamp>,
    },
    /// Somebody decided of an alert.
    AlertDecided {
        /// Which.
        alert: String,
        /// The version it has from now on.
        version: u64,
        /// Who: `uid 1000`.
        actor: String,
        /// What.
        decision: AlertDecision,
    },
    /// A message is about to be sent. Where nothing says how that ended, it is sent again under the same id.
    AlertSending {
        /// Its id: alert, sink and occasion.
        message: String,
        /// The sink's name.
        sink: String,
        /// What it tells: alerts, each with its occasion.
        tells: Vec<String>,
    },
    /// How that ended.
    AlertTold {
        /// Its id.
        message: String,
        /// How.
        outcome: Outcome,
    },
    /// A message that could not be sent is to be tried again.
    AlertResent {
        /// Its id.
        message: String,
        /// Who wants it: `uid 1000`.
        actor: String,
    },
}

impl Record {
    /// Somebody was shown a held claim.
    #[must_use]
    pub fn viewed(hold: &str, actor: &str) -> Record {
        let (hold, actor) = (hold.to_owned(), actor.to_owned());
        Record::Viewed { hold, actor, history: None, claims: Vec::new(), facts: Vec::new() }
    }

    /// Somebody was shown what the history knows of claims.
    #[must_use]
    pub fn viewed_in_history(history: &str, actor: &str, claims: Vec<Place>, facts: Vec<String>) -> Record {
        let (history, actor) = (Some(history.to_owned()), actor.to_owned());
        Record::Viewed { hold: String::new(), actor, history, claims, facts }
    }

    /// The file it is about, if any.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        match self {
            Record::Received { file, .. }
            | Record::Tried { file }
            | Record::Quarantined { file, .. }
            | Record::Verdicts { file, .. }
            | Record::Prints { file, .. }
            | Record::Held { file, .. }
            | Record::Release { file, .. }
            | Record::Answer { file, .. }
            | Record::Staged { file, .. }
            | Record::Published { file }
            | Record::Posted { file, .. }
            | Record::Imported { file, .. }
            | Record::Done { file } => Some(file),
            Record::HoldChanged { .. }
            | Record::OfNoUse { .. }
            | Record::ControlTaken { .. }
            | Record::Purged { .. }
            | Record::Repaired { .. }
            | Record::Viewed { .. }
            | Record::SignedIn { .. }
            | Record::AlertDue { .. }
            | Record::AlertWritten { .. }
            | Record::AlertRaised { .. }
            | Record::AlertDecided { .. }
            | Record::AlertSending { .. }
            | Record::AlertTold { .. }
            | Record::AlertResent { .. }
            | Record::EditsInForce { .. }
            | Record::ActionTaken { .. }
            | Record::ActionClosed { .. } => None,
        }
    }
}
