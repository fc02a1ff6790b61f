//! A corrected claim from the practice system ends the hold of the one it replaces: the same claim number, billing provider, patient and
//! first day of service.

use super::error::Error;
use super::folded::FileState;
use super::state::State;
use crate::edits::Tolerances;
use crate::holds::{self, HeldClaim};
use crate::journal::{self, Decision, Record};
use crate::scrub::release::Single;
use crate::scrub::report::State as ClaimState;
use crate::scrub::{Source, Verdict};

/// Journals the end of every hold that a claim of a file replaces. Asked again after a crash it finds those that are left.
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
            let old = patient(&state.archive.source(&hold.sha256), hold.position)?;
            let new = patient(raw, verdict.position)?;
            if old.zip(new).is_some_and(|(old, new)| old.agrees(&new)) {
                let ended = state.append(vec![Record::HoldChanged {
                    hold: hold.id.clone(),
                    version: hold.version + 1,
                    actor: "claimloop".to_owned(),
                    decision: Decision::Replaced { file: file.id.clone(), position: verdict.position },
                    verdict: None,
                    edits: None,
                }]);
                match ended {
                    // Ended already, by another claim of this file.
                    Err(Error::Journal(journal::Error::Stale { .. })) => {}
                    ended => ended?,
                }
            }
        }
    }
    Ok(())
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
