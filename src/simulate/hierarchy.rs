//! The 837's levels: billing provider, subscriber, patient. A level opens when the next claim differs from the last.

use super::calendar::compact;
use super::claim::Claim;
use super::people::{Person, Practitioner};
use super::places::Address;
use super::roster::Form;
use crate::x12::compose::Composer;

/// The levels in force within one transaction set.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    last: u64,
    billing: Option<(u64, u64)>,
    subscriber: Option<(u64, u64)>,
    patient: Option<u64>,
}

impl Hierarchy {
    /// Opens the levels that the claim needs.
    pub(super) fn place(&mut self, composer: &mut Composer, claim: &Claim) {
        let under = match self.billing {
            Some((index, number)) if index == claim.billing.index => number,
            _ => self.open_billing(composer, claim),
        };
        let under = match self.subscriber {
            Some((member, number)) if member == claim.member => number,
            _ => self.open_subscriber(composer, claim, under),
        };
        if !claim.is_own() && self.patient != Some(claim.patient_index) {
            self.open_patient(composer, claim, under);
        }
    }

    fn level(&mut self, composer: &mut Composer, parent: u64, code: &str, child: &str) -> u64 {
        self.last += 1;
        let parent = if parent == 0 { String::new() } else { parent.to_string() };
        composer.plain("HL", &[&self.last.to_string(), &parent, code, child]);
        self.last
    }

    fn open_billing(&mut self, composer: &mut Composer, claim: &Claim) -> u64 {
        let number = self.level(composer, 0, "20", "1");
        let billing = &claim.billing;
        self.billing = Some((billing.index, number));
        self.subscriber = None;
        composer.plain("PRV", &["BI", "PXC", billing.taxonomy]);
        match &billing.solo {
            Some(person) => practitioner(composer, "85", person),
            None => composer
                .plain("NM1", &["85", "2", &billing.name(), "", "", "", "", "XX", &billing.npi.to_string()]),
        }
        address(composer, &billing.address, billing.short_zip);
        composer.plain("REF", &["EI", &billing.tax_number()]);
        number
    }

    fn open_subscriber(&mut self, composer: &mut Composer, claim: &Claim, under: u64) -> u64 {
        let own = claim.is_own();
        let number = self.level(composer, under, "22", if own { "0" } else { "1" });
        self.subscriber = Some((claim.member, number));
        self.patient = None;
        composer
            .segment("SBR")
            .text(if claim.prior.is_some() { "S" } else { "P" })
            .text(if own { "18" } else { "" })
            .text(&claim.group_at(&claim.payer))
            .empty(5)
            .text(claim.payer.filing(claim.form))
            .end();
        let person = &claim.subscriber;
        composer.plain("NM1", &["IL", "1", person.last, person.first, "", "", "", "MI", &claim.member_id()]);
        if own {
            demographics(composer, person);
        }
        composer.plain("NM1", &["PR", "2", claim.payer.name, "", "", "", "", "PI", claim.payer.id]);
        number
    }

    fn open_patient(&mut self, composer: &mut Composer, claim: &Claim, under: u64) {
        self.level(composer, under, "23", "0");
        self.patient = Some(claim.patient_index);
        composer.plain("PAT", &[claim.relationship]);
        composer.plain("NM1", &["QC", "1", claim.patient.last, claim.patient.first]);
        demographics(composer, &claim.patient);
    }
}

/// NM1 of a person with an NPI.
pub(super) fn practitioner(composer: &mut Composer, entity: &str, person: &Practitioner) {
    composer
        .plain("NM1", &[entity, "1", person.last, person.first, "", "", "", "XX", &person.npi.to_string()]);
}

/// N3 and N4.
pub(super) fn address(composer: &mut Composer, address: &Address, short_zip: bool) {
    composer.plain("N3", &[&address.street()]);
    let zip = if short_zip { address.short_zip().to_owned() } else { address.zip() };
    composer.plain("N4", &[address.city, address.state, &zip]);
}

fn demographics(composer: &mut Composer, person: &Person) {
    address(composer, &person.address, false);
    composer.plain("DMG", &["D8", &compact(person.birth), person.sex]);
}

/// PRV01 of whoever treats under this form.
pub(super) fn treating_role(form: Form) -> &'static str {
    if form == Form::Institutional { "AT" } else { "PE" }
}
