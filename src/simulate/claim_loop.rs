//! Loop 2300 and the practitioners under it.

use super::calendar::compact;
use super::claim::Claim;
use super::hierarchy::{practitioner, treating_role};
use super::people::Practitioner;
use super::roster::Form;
use super::{money, other_payer, service_line};
use crate::x12::compose::Composer;

/// Writes the claim from CLM to its last line.
pub(super) fn write(composer: &mut Composer, claim: &Claim) {
    header(composer, claim);
    dates(composer, claim);
    if claim.form == Form::Institutional {
        composer.plain("CL1", &[claim.bill.admission, "1", "01"]);
    }
    if !claim.original.is_empty() {
        composer.plain("REF", &["F8", &claim.original]);
    }
    composer.plain("REF", &["D9", &format!("ZZT{}", claim.id)]);
    if claim.form == Form::Institutional {
        institutional_codes(composer, claim);
    } else {
        diagnoses(composer, claim);
    }
    practitioners(composer, claim);
    if let Some(prior) = &claim.prior {
        other_payer::write(composer, claim, prior);
    }
    for (index, line) in claim.lines.iter().enumerate() {
        service_line::write(composer, claim, line, index + claim.first_line);
    }
}

fn header(composer: &mut Composer, claim: &Claim) {
    let (qualifier, signature) = if claim.form == Form::Institutional { ("A", "") } else { ("B", "Y") };
    composer
        .segment("CLM")
        .text(&claim.id)
        .text(&money::x12(claim.total))
        .empty(2)
        .composite(&[claim.place(), qualifier, claim.frequency])
        .text(signature)
        .text("A")
        .text("Y")
        .text("Y")
        .empty(1)
        .composite(&[claim.accident])
        .end();
}

fn dates(composer: &mut Composer, claim: &Claim) {
    let (from, to) = (compact(claim.from), compact(claim.to));
    match claim.form {
        Form::Professional => {}
        Form::Dental => {
            if claim.lines.iter().any(|line| line.date.is_none()) {
                composer.plain("DTP", &["472", "D8", &to]);
            }
        }
        Form::Institutional => {
            if claim.bill.is_inpatient {
                composer.plain("DTP", &["096", "TM", "1100"]);
            }
            composer.plain("DTP", &["434", "RD8", &format!("{from}-{to}")]);
            if claim.bill.is_inpatient {
                composer.plain("DTP", &["435", "DT", &format!("{from}0930")]);
            }
        }
    }
}

fn diagnoses(composer: &mut Composer, claim: &Claim) {
    if claim.diagnoses.is_empty() {
        return;
    }
    let mut segment = composer.segment("HI");
    for (index, code) in claim.diagnoses.iter().enumerate() {
        segment = segment.composite(&[if index == 0 { "ABK" } else { "ABF" }, code]);
    }
    segment.end();
}

fn institutional_codes(composer: &mut Composer, claim: &Claim) {
    let (first, others) = match claim.diagnoses.split_first() {
        Some((first, others)) => (*first, others),
        None => ("", &[] as &[&str]),
    };
    let present = if claim.bill.is_inpatient { "Y" } else { "" };
    let code = |qualifier, code| [qualifier, code, "", "", "", "", "", "", present];
    composer.segment("HI").composite(&code("ABK", first)).end();
    if claim.bill.is_inpatient {
        composer.segment("HI").composite(&["ABJ", first]).end();
    }
    if claim.bill.is_emergency {
        composer.segment("HI").composite(&["APR", first]).end();
    }
    if !others.is_empty() {
        others
            .iter()
            .fold(composer.segment("HI"), |segment, other| segment.composite(&code("ABF", other)))
            .end();
    }
    if !claim.bill.procedure.is_empty() {
        let day = compact(claim.from);
        composer.segment("HI").composite(&["BBR", claim.bill.procedure, "D8", &day]).end();
    }
    if claim.bill.is_inpatient {
        let days = super::calendar::days_between(claim.from, claim.to).to_string();
        composer.segment("HI").composite(&["BE", "80", "", "", &days]).end();
    }
}

fn practitioners(composer: &mut Composer, claim: &Claim) {
    if let Some(person) = &claim.referring {
        practitioner(composer, "DN", person);
    }
    let Some(person) = &claim.rendering else {
        return;
    };
    let entity = if claim.form == Form::Institutional { "71" } else { "82" };
    practitioner(composer, entity, person);
    composer.plain("PRV", &[treating_role(claim.form), "PXC", person.taxonomy]);
    if !claim.bill.procedure.is_empty() {
        practitioner(composer, "72", &Practitioner::of(700 + claim.billing.index, "208600000X"));
    }
}
