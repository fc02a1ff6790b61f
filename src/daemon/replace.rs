//! A corrected claim from the practice system ends the hold of the one it replaces: the same claim number, billing provider, patient and
//! first day of service.

use std::io;

use super::error::Error;
use super::folded::FileState;
use super::state::State;
use crate::edits::Tolerances;
use crate::events;
use crate::holds::{self, HeldClaim};
use crate::journal::{self, Decision, Record};
use crate::scrub::release::Single;
use crate::scrub::report::State as ClaimState;
use crate::scrub::{Source, Verdict};

/// Journals the end of every hold that a claim of a file replaces. Asked again after a crash it finds those that are left. A hold whose own
/// bytes are damaged or gone can't be compared: it stays, for a person to link or void, and the file doesn't wait for it.
///
/// # Errors
/// When the state fails.
pub fn replace(
    state: &State,
    file: &FileState,
    verdicts: &[Verdict],
    raw: &impl Source,
) -> Result<(), Error> {
    let _alone = state.deciding();
    let store = state.store()?;
    let mut trouble = None;
    for verdict in verdicts.iter().filter(|v| v.verdict != ClaimState::Rejected && !v.facts.test) {
        let same = |h: &&HeldClaim| {
            // Only what came before: two that look for each other late must not end both.
            h.file_id < file.id
                && h.channel == file.channel
                && h.billing_npi == verdict.facts.billing_npi
                && h.service_from.is_some()
                && h.service_from == verdict.facts.service_from
        };
        for hold in holds::of_claim(&store, &state.archive, &verdict.claim)?.iter().filter(same) {
            let new = patient(raw, verdict.position)?;
            let old = match of_hold(state, hold) {
                Ok(Some(old)) => Some(old),
                Ok(None) => {
                    events::not_compared(&hold.id);
                    continue;
                }
                Err(error) => {
                    trouble.get_or_insert(error);
                    continue;
                }
            };
            if old.zip(new).is_some_and(|(old, new)| old.agrees(&new)) {
                let ended = state.append(vec![Record::HoldChanged {
                    hold: hold.id.clone(),
                    version: hold.version + 1,
                    actor: "claimloop".to_owned(),
                    decision: Decision::Replaced { file: file.id.clone(), position: verdict.position },
                    verdict: None,
                    edits: None,
                    undo_until: None,
                }]);
                match ended {
                    // Ended already, by another claim of this file.
                    Err(Error::Journal(journal::Error::Stale { .. })) => {}
                    ended => ended?,
                }
            }
        }
    }
    trouble.map_or(Ok(()), Err)
}

/// Who the claim of a hold is for; none where the bytes it stands in are not what they were, or not there any more.
fn of_hold(state: &State, hold: &HeldClaim) -> Result<Option<Patient>, Error> {
    match state.archive.is_sound(&hold.sha256) {
        Ok(true) => patient(&state.archive.source(&hold.sha256), hold.position),
        Ok(false) => Ok(None),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("hashing", &state.archive.path(&hold.sha256))(e)),
    }
}

/// Who a claim is for, never kept.
struct Patient {
    member: Vec<u8>,
    name: [Vec<u8>; 2],
    birth: Vec<u8>,
}

impl Patient {
    /// The same person, where one of name and member id was what had to be corrected.
    fn agrees(&self, other: &Patient) -> bool {
        let named = self.name == other.name && !self.name.concat().is_empty();
        let member = self.member == other.member && !self.member.is_empty();
        self.birth == other.birth && !self.birth.is_empty() && (named || member)
    }
}

/// 2010BA, and where the patient is another, 2010CA.
fn patient(source: &impl Source, position: u64) -> Result<Option<Patient>, Error> {
    let path = std::path::Path::new("archive");
    let single =
        Single::take(source, position, Tolerances::all()).map_err(Error::io("reading a claim of", path))?;
    let Some(single) = single else { return Ok(None) };
    let mut found = Patient { member: Vec::new(), name: [Vec::new(), Vec::new()], birth: Vec::new() };
    for segment in &single.set {
        let value = |n: usize| single.element(segment, n).to_vec();
        match (single.element(segment, 0), single.element(segment, 1)) {
            (b"CLM", _) => break,
            (b"NM1", b"IL") => (found.member, found.name) = (value(9), [value(3), value(4)]),
            (b"NM1", b"QC") => found.name = [value(3), value(4)],
            (b"DMG", _) => found.birth = value(2),
            _ => {}
        }
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::edits::EditSet;
    use crate::holds::Status;
    use crate::journal::{Counted, Direction, Hold};
    use crate::scrub::{Other, Settings, scrub};

    /// A copy of the sample under another interchange number, received and its second claim held under `H` and the file's id.
    fn held(state: &State, id: &str, control: &str) -> (FileState, Vec<Verdict>) {
        let text = std::fs::read_to_string("samples/837p-three-claims-one-off.edi").unwrap();
        let text = text.replace("000000107", control);
        let today = date(2026, 11, 21);
        let settings = Settings { today, threads: 1, other: Other::Pass };
        let (report, _) = scrub(text.as_bytes(), &EditSet::shipped().unwrap(), settings).unwrap();
        let sha256 = state.archive.put(id, |out| out.write_all(text.as_bytes())).unwrap();
        let list = |out: &mut dyn io::Write| {
            report.verdicts.iter().try_for_each(|v| {
                serde_json::to_writer(&mut *out, v)?;
                out.write_all(b"\n")
            })
        };
        let list = state.archive.put(id, list).unwrap();
        let file = || id.to_owned();
        let received = Record::Received {
            file: file(),
            channel: "main".into(),
            direction: Direction::Outbound,
            name: "a.edi".into(),
            sha256,
            bytes: 1,
            today,
            duplicate_of: None,
            late_of: None,
            packed: None,
        };
        let (edits, claims) = (String::new(), Counted::default());
        let verdicts = Record::Verdicts { file: file(), report: list, edits, claims };
        let hold = Record::Held {
            file: file(),
            holds: vec![Hold { id: format!("H{id}"), position: 2 }],
            answer: crate::journal::HeldAnswer::Nothing,
        };
        state.append(vec![received, verdicts, hold]).unwrap();
        (state.file(id).unwrap(), report.verdicts)
    }

    fn status(state: &State, id: &str) -> Status {
        holds::show(&state.store().unwrap(), &format!("H{id}")).unwrap().unwrap().status
    }

    fn replaced_by(state: &State, (file, verdicts): &(FileState, Vec<Verdict>)) {
        replace(state, file, verdicts, &state.archive.source(&file.sha256)).unwrap();
    }

    #[test]
    fn of_two_held_copies_the_later_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join("state")).unwrap();
        let one = held(&state, "01A", "000000108");
        let two = held(&state, "01B", "000000109");
        // Both were held before either looked.
        replaced_by(&state, &one);
        assert_eq!((status(&state, "01A"), status(&state, "01B")), (Status::Open, Status::Open));
        replaced_by(&state, &two);
        replaced_by(&state, &one);
        assert_eq!((status(&state, "01A"), status(&state, "01B")), (Status::Replaced, Status::Open));
    }

    #[test]
    fn a_hold_whose_bytes_are_damaged_or_gone_keeps_no_file_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join("state")).unwrap();
        let (damaged, _) = held(&state, "01A", "000000108");
        let (gone, _) = held(&state, "01B", "000000109");
        held(&state, "01C", "000000110");
        let path = state.archive.path(&damaged.sha256);
        let text = std::fs::read_to_string(&path).unwrap();
        // Still a claim of the same number, but nobody's word.
        std::fs::write(&path, text.replace("SAMPLE1002", "SAMPLE1003")).unwrap();
        state.archive.remove(&gone.sha256).unwrap();
        let last = held(&state, "01D", "000000111");
        replaced_by(&state, &last);
        assert_eq!((status(&state, "01A"), status(&state, "01B")), (Status::Open, Status::Open));
        assert_eq!((status(&state, "01C"), status(&state, "01D")), (Status::Replaced, Status::Open));
    }
}
