//! The answers to an 837 file that was taken whole: a 999 and a 277CA.

use jiff::civil::Date;

use super::Error;
use super::calendar::{compact, short};
use super::claim::{Claim, Door};
use super::claim_file::{batch_reference, set_control};
use super::envelope::{self, HOUSE, SENDER, TIME};
use super::money;
use super::outlet::{Draft, Outlet};
use super::roster::Form;
use crate::x12::compose::{Composer, Interchange};

/// The 837 file that is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answered<'a> {
    pub(super) form: Form,
    pub(super) date: Date,
    /// Its ISA13 and GS06, and the 999's too.
    pub(super) control: u32,
    /// Its transaction sets.
    pub(super) sets: u64,
    pub(super) per_set: u64,
    /// The sets, from 1, that the 999 rejects.
    pub(super) refused: &'a [u64],
}

/// Writes the 999: every set accepted but the refused ones.
pub(super) fn functional(outlet: &mut Outlet<'_>, path: String, file: &Answered<'_>) -> Result<(), Error> {
    let mut draft = Draft::new(outlet, path);
    let composer = &mut draft.composer;
    envelope::open(composer, HOUSE, SENDER, ("FA", "005010X231A1"), (file.date, file.control));
    composer.open_set("999", "0001", "005010X231A1");
    composer.plain("AK1", &["HC", &file.control.to_string(), file.form.guide()]);
    for set in 1..=file.sets {
        composer.plain("AK2", &["837", &set_control(set), file.form.guide()]);
        if file.refused.contains(&set) {
            composer.plain("IK3", &["BHT", "2", "", "8"]);
            composer.plain("IK4", &["3", "127", "5"]);
            composer.plain("IK5", &["R", "5"]);
        } else {
            composer.plain("IK5", &["A"]);
        }
    }
    let refused = u64::try_from(file.refused.len()).unwrap_or(file.sets);
    let (sets, taken) = (file.sets.to_string(), file.sets.saturating_sub(refused).to_string());
    let verdict = match refused {
        0 => "A",
        count if count >= file.sets => "R",
        _ => "P",
    };
    composer.plain("AK9", &[verdict, &sets, &sets, &taken]);
    draft.finish(outlet)
}

/// Writes the TA1 that refuses the whole interchange.
pub(super) fn interchange(
    outlet: &mut Outlet<'_>,
    path: String,
    control: u32,
    file: &Answered<'_>,
) -> Result<(), Error> {
    let mut draft = Draft::new(outlet, path);
    let date = short(file.date);
    draft.composer.open_interchange(&Interchange {
        sender: ("ZZ", HOUSE.id),
        receiver: ("ZZ", SENDER.id),
        date: &date,
        time: TIME,
        control,
        usage: "P",
    });
    draft.composer.plain("TA1", &[&format!("{:09}", file.control), &date, TIME, "R", "022"]);
    draft.finish(outlet)
}

/// Writes the 277CA: one answering set for each set that the 999 took.
pub(super) fn claims(
    outlet: &mut Outlet<'_>,
    path: String,
    control: u32,
    file: &Answered<'_>,
    claims: &[Claim],
) -> Result<(), Error> {
    let mut draft = Draft::new(outlet, path);
    envelope::open(&mut draft.composer, HOUSE, SENDER, ("HN", "005010X214"), (file.date, control));
    let size = usize::try_from(file.per_set).unwrap_or(usize::MAX);
    let sets = (1..).zip(claims.chunks(size)).filter(|(set, _)| !file.refused.contains(set));
    for (set, claims) in sets {
        draft.composer.open_set("277", &set_control(set), "005010X214");
        header(&mut draft.composer, file, set, claims);
        let mut level = 2;
        for practice in claims.chunk_by(|a, b| a.billing.index == b.billing.index) {
            level = provider(&mut draft.composer, file, level, practice);
            draft.spill(outlet)?;
        }
    }
    draft.finish(outlet)
}

fn header(composer: &mut Composer, file: &Answered<'_>, set: u64, claims: &[Claim]) {
    let date = compact(file.date);
    let reference = batch_reference(file.control, set);
    composer.plain("BHT", &["0085", "08", &format!("ZZC{reference}"), &date, TIME, "TH"]);
    composer.plain("HL", &["1", "", "20", "1"]);
    composer.plain("NM1", &["AY", "2", HOUSE.name, "", "", "", "", "46", HOUSE.id]);
    composer.plain("TRN", &["1", &format!("ZZR{reference}")]);
    composer.plain("DTP", &["050", "D8", &date]);
    composer.plain("DTP", &["009", "D8", &date]);
    composer.plain("HL", &["2", "1", "21", "1"]);
    composer.plain("NM1", &["41", "2", SENDER.name, "", "", "", "", "46", SENDER.id]);
    composer.plain("TRN", &["2", &reference]);
    status(composer, &["A1", "19", "AY"], &date, total(claims));
    counts(composer, ["90", "AA"], claims);
}

/// One provider's claims; the last level number used.
fn provider(composer: &mut Composer, file: &Answered<'_>, last: u64, claims: &[Claim]) -> u64 {
    let mut level = last + 1;
    let parent = level.to_string();
    let Some(first) = claims.first() else {
        return last;
    };
    composer.plain("HL", &[&parent, "2", "19", "1"]);
    let npi = first.billing.npi.to_string();
    match &first.billing.solo {
        Some(person) => {
            composer.plain("NM1", &["85", "1", person.last, person.first, "", "", "", "XX", &npi]);
        }
        None => composer.plain("NM1", &["85", "2", &first.billing.name(), "", "", "", "", "XX", &npi]),
    }
    composer.plain("TRN", &["1", "0"]);
    status(composer, &["A1", "19", "AY"], "", total(claims));
    counts(composer, ["QA", "QC"], claims);
    for claim in claims.iter().filter(|claim| claim.door != Door::Silent) {
        level += 1;
        composer.plain("HL", &[&level.to_string(), &parent, "PT"]);
        patient(composer, file, claim);
    }
    level
}

fn patient(composer: &mut Composer, file: &Answered<'_>, claim: &Claim) {
    composer.plain(
        "NM1",
        &["QC", "1", claim.patient.last, claim.patient.first, "", "", "", "MI", &claim.member_id()],
    );
    composer.plain("TRN", &["2", &claim.id]);
    match claim.door {
        Door::Shut(category, code, entity) => {
            refusal(composer, &[category, code, entity], &compact(file.date), claim.total);
        }
        Door::Open | Door::Silent => status(composer, &["A2", "20"], &compact(file.date), claim.total),
    }
    composer.plain("REF", &["D9", &format!("ZZT{}", claim.id)]);
    let (from, to) = (compact(claim.from), compact(claim.to));
    if from == to && claim.form != Form::Institutional {
        composer.plain("DTP", &["472", "D8", &to]);
    } else {
        composer.plain("DTP", &["472", "RD8", &format!("{from}-{to}")]);
    }
}

fn status(composer: &mut Composer, code: &[&str], date: &str, cents: i64) {
    composer.segment("STC").composite(code).text(date).text("WQ").text(&money::x12(cents)).end();
}

fn refusal(composer: &mut Composer, code: &[&str], date: &str, cents: i64) {
    composer.segment("STC").composite(code).text(date).text("U").text(&money::x12(cents)).end();
}

/// QTY and AMT of the claims taken, and of those rejected when there are any.
fn counts(composer: &mut Composer, [taken, rejected]: [&str; 2], claims: &[Claim]) {
    let is_shut = |claim: &&Claim| matches!(claim.door, Door::Shut(..));
    let told = claims.iter().filter(|claim| claim.door != Door::Silent);
    let (shut, open): (Vec<&Claim>, Vec<&Claim>) = told.partition(is_shut);
    for (code, claims) in [(taken, &open), (rejected, &shut)].into_iter().filter(|(_, some)| !some.is_empty())
    {
        composer.plain("QTY", &[code, &claims.len().to_string()]);
    }
    for (code, claims) in [("YU", &open), ("YY", &shut)].into_iter().filter(|(_, some)| !some.is_empty()) {
        composer.plain("AMT", &[code, &money::x12(claims.iter().map(|claim| claim.total).sum())]);
    }
}

fn total(claims: &[Claim]) -> i64 {
    claims.iter().map(|claim| claim.total).sum()
}
