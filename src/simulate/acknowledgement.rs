//! The answers to an 837 file that was taken whole: a 999 and a 277CA.

use jiff::civil::Date;

use super::Error;
use super::calendar::compact;
use super::claim::Claim;
use super::claim_file::{batch_reference, set_control};
use super::envelope::{self, HOUSE, SENDER, TIME};
use super::money;
use super::outlet::{Draft, Outlet};
use super::roster::Form;
use crate::x12::compose::Composer;

/// The 837 file that is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answered {
    pub(super) form: Form,
    pub(super) date: Date,
    /// Its ISA13 and GS06, and the 999's too.
    pub(super) control: u32,
    /// Its transaction sets.
    pub(super) sets: u64,
    pub(super) per_set: u64,
}

/// Writes the 999: every set accepted.
pub(super) fn functional(outlet: &mut Outlet<'_>, path: String, file: &Answered) -> Result<(), Error> {
    let mut draft = Draft::new(outlet, path);
    let composer = &mut draft.composer;
    envelope::open(composer, HOUSE, SENDER, ("FA", "005010X231A1"), (file.date, file.control));
    composer.open_set("999", "0001", "005010X231A1");
    composer.plain("AK1", &["HC", &file.control.to_string(), file.form.guide()]);
    for set in 1..=file.sets {
        composer.plain("AK2", &["837", &set_control(set), file.form.guide()]);
        composer.plain("IK5", &["A"]);
    }
    let sets = file.sets.to_string();
    composer.plain("AK9", &["A", &sets, &sets, &sets]);
    draft.finish(outlet)
}

/// Writes the 277CA: every claim accepted, one answering set for each set.
pub(super) fn claims(
    outlet: &mut Outlet<'_>,
    path: String,
    control: u32,
    file: &Answered,
    claims: &[Claim],
) -> Result<(), Error> {
    let mut draft = Draft::new(outlet, path);
    envelope::open(&mut draft.composer, HOUSE, SENDER, ("HN", "005010X214"), (file.date, control));
    let size = usize::try_from(file.per_set).unwrap_or(usize::MAX);
    for (set, claims) in (1..).zip(claims.chunks(size)) {
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

fn header(composer: &mut Composer, file: &Answered, set: u64, claims: &[Claim]) {
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
    composer.plain("QTY", &["90", &claims.len().to_string()]);
    composer.plain("AMT", &["YU", &money::x12(total(claims))]);
}

/// One provider's claims; the last level number used.
fn provider(composer: &mut Composer, file: &Answered, last: u64, claims: &[Claim]) -> u64 {
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
    composer.plain("QTY", &["QA", &claims.len().to_string()]);
    composer.plain("AMT", &["YU", &money::x12(total(claims))]);
    for claim in claims {
        level += 1;
        composer.plain("HL", &[&level.to_string(), &parent, "PT"]);
        patient(composer, file, claim);
    }
    level
}

fn patient(composer: &mut Composer, file: &Answered, claim: &Claim) {
    composer.plain(
        "NM1",
        &["QC", "1", claim.patient.last, claim.patient.first, "", "", "", "MI", &claim.member_id()],
    );
    composer.plain("TRN", &["2", &claim.id]);
    status(composer, &["A2", "20"], &compact(file.date), claim.total);
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

fn total(claims: &[Claim]) -> i64 {
    claims.iter().map(|claim| claim.total).sum()
}
