//! Released claims leave: judged once more by the edits in force, put into interchanges of our own, and from there on files as any other.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::desk::{Cannot, Correction, Desk, judged, stopping};
use super::error::Error;
use super::state::State;
use crate::config::Channel;
use crate::edits::EditSet;
use crate::events;
use crate::history::verdicts;
use crate::holds::{self, HeldClaim};
use crate::journal::{Decision, Direction, Leaving, Record};
use crate::scrub::release::{Envelope, Single, compose};

/// Claims in one interchange, at most.
const MOST: usize = 500;

/// Who decides where no person does.
const OURSELVES: &str = "claimloop";

/// A claim about to leave.
struct Due {
    held: HeldClaim,
    single: Single,
}

/// Journals an interchange for every group of claims that may leave: a file that is open from then on. Gives how many claims could not be
/// read or written now, which the next round tries again.
///
/// # Errors
/// When the state fails.
pub fn leave(desk: &Desk, channels: &[Channel], trial: &EditSet) -> Result<usize, Error> {
    let _alone = desk.state.deciding();
    let leaving = desk.state.leaving();
    if leaving.is_empty() {
        return Ok(0);
    }
    let in_work = in_work(&desk.state);
    let force = desk.edits();
    let today = desk.now().date();
    let mut waiting = 0;
    let mut groups: BTreeMap<(String, Vec<Vec<u8>>), Vec<Due>> = BTreeMap::new();
    for (id, _) in leaving {
        let Some(held) = holds::show(&*desk.state.store()?, &id)? else { continue };
        let Some(channel) = channels.iter().find(|c| c.name == held.channel) else { continue };
        let of = in_work.get(&channel.name);
        if of.is_some_and(|claims| claims.as_ref().is_none_or(|claims| claims.contains(held.claim.expose())))
        {
            waiting += 1;
            continue;
        }
        let edits = if channel.shadow { trial } else { &force };
        let (single, verdict) = match desk.examine(&held, edits, today) {
            Ok(examined) => examined,
            // What is wrong with the file of one leaves the others their way.
            Err(Cannot::Failed(error)) if error.retry() => {
                events::failed("reading a released claim", &error);
                waiting += 1;
                continue;
            }
            Err(Cannot::Failed(error)) => return Err(*error),
            Err(Cannot::Refused(_)) => {
                desk.record(&held, Decision::Returned, None, OURSELVES.into())?;
                continue;
            }
        };
        if stopping(&verdict.findings).iter().all(|edit| held.overridden.contains(edit)) {
            let key = (held.channel.clone(), single.key());
            groups.entry(key).or_default().push(Due { held, single });
        } else {
            desk.record(&held, Decision::Returned, Some(&verdict), OURSELVES.into())?;
        }
    }
    for ((channel, _), group) in groups {
        let Some(channel) = channels.iter().find(|c| c.name == channel) else { continue };
        let edits = if channel.shadow { trial } else { &force };
        let mut rest = group.as_slice();
        while !rest.is_empty() {
            let (mut some, others) = rest.split_at(rest.len().min(MOST));
            // Claims that stop each other leave one by one, and what stops one alone keeps it.
            if !may_leave(desk, some, edits) {
                (some, _) = rest.split_at(1);
            }
            rest = rest.get(some.len()..).unwrap_or(others);
            if may_leave(desk, some, edits) {
                match release(desk, channel, some, edits) {
                    Err(error) if error.retry() => {
                        events::failed("releasing claims", &error);
                        waiting += some.len();
                    }
                    done => done?,
                }
            } else {
                for due in some {
                    desk.record(&due.held, Decision::Returned, None, OURSELVES.into())?;
                }
            }
        }
    }
    Ok(waiting)
}

/// Claims of files in work, by channel; none where they aren't known yet. One of them may be a held claim sent anew: whether it is, is
/// known when its file is done.
fn in_work(state: &State) -> HashMap<String, Option<HashSet<String>>> {
    let mut found: HashMap<String, Option<HashSet<String>>> = HashMap::new();
    let open = state.open_files().into_iter();
    for file in open.filter(|f| f.direction == Direction::Outbound && f.ours.is_none() && !f.is_refused()) {
        let claims = found.entry(file.channel.clone()).or_insert_with(|| Some(HashSet::new()));
        let Some(report) = &file.report else {
            *claims = None;
            continue;
        };
        let listed = verdicts(&state.archive, report).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        match (listed, claims.as_mut()) {
            (Ok(listed), Some(known)) => known.extend(listed.into_iter().map(|verdict| verdict.claim)),
            // One that can't be read may hold any.
            _ => *claims = None,
        }
    }
    found
}

/// True where every claim of an interchange is there, at its charge, and nothing new stops it.
fn may_leave(desk: &Desk, group: &[Due], edits: &EditSet) -> bool {
    let claims: Vec<Single> = group.iter().map(|due| due.single.clone()).collect();
    let ids = group.iter().map(|due| due.held.id.clone()).collect();
    let envelope = Envelope { control: 1, at: desk.now(), ids };
    let Ok(verdicts) = judged(&claims, &envelope, edits, envelope.at.date()) else { return false };
    let alike = |(verdict, due): (&crate::scrub::Verdict, &Due)| {
        verdict.charge == due.held.charge
            && stopping(&verdict.findings).iter().all(|edit| due.held.overridden.contains(edit))
    };
    verdicts.len() == group.len() && verdicts.iter().zip(group).all(alike)
}

fn release(desk: &Desk, channel: &Channel, group: &[Due], edits: &EditSet) -> Result<(), Error> {
    let state = &desk.state;
    let file = state.next_id();
    let claims: Vec<Single> = group.iter().map(|due| due.single.clone()).collect();
    let control = number(channel.control_range, state.next_control(&channel.name)?);
    let at = desk.now();
    let envelope = Envelope { control, at, ids: group.iter().map(|_| state.next_id()).collect() };
    let text = compose(&claims, &envelope);
    let sha256 = state.archive.put(&file, |out| out.write_all(&text))?;
    let mut list: Vec<Correction> = Vec::new();
    for due in group {
        list.extend(desk.corrections(&due.held)?);
    }
    let corrections = if list.is_empty() { None } else { Some(desk.keep(&file, &list)?) };
    let holds = group.iter().map(|d| Leaving { hold: d.held.id.clone(), version: d.held.version }).collect();
    state.append(vec![Record::Release {
        file: file.clone(),
        channel: channel.name.clone(),
        sha256,
        today: at.date(),
        control,
        edits: edits.hash().to_owned(),
        holds,
        corrections,
    }])?;
    Ok(())
}

/// The n-th number of a range that ends with nine digits, and begins again.
pub(super) fn number(first: u64, n: u64) -> u64 {
    first + n % (1_000_000_000 - first)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_stay_in_their_range() {
        assert_eq!((number(900_000_001, 0), number(900_000_001, 5)), (900_000_001, 900_000_006));
        assert_eq!((number(999_999_998, 1), number(999_999_998, 2)), (999_999_999, 999_999_998));
    }
}
