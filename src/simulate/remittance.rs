//! An 835 file under way. Every transaction balances: line, claim and total.

use jiff::civil::Date;

use super::Error;
use super::calendar::compact;
use super::claim_payment;
use super::envelope::{self, HOUSE, SENDER};
use super::hierarchy::address;
use super::money;
use super::outlet::{Draft, Outlet};
use super::payment::Payment;
use super::places::Address;
use super::roster::{Billing, Payer};
use super::treasury::{ProviderAdjustment, Treasury};
use crate::x12::compose::Composer;

/// Claim payments in one transaction at most.
pub(super) const MOST: usize = 200;

/// What one payer pays one provider on one day.
pub(super) struct Transaction<'a> {
    pub(super) payer: Payer,
    pub(super) billing: Billing,
    pub(super) date: Date,
    pub(super) payments: &'a [Payment],
}

/// Takes transactions and writes them.
pub(super) struct RemittanceFile {
    draft: Draft,
    control: u32,
    sets: u64,
}

impl RemittanceFile {
    pub(super) fn open(outlet: &mut Outlet<'_>, path: String, (date, control): (Date, u32)) -> Self {
        let mut draft = Draft::new(outlet, path);
        envelope::open(&mut draft.composer, HOUSE, SENDER, ("HP", "005010X221A1"), (date, control));
        Self { draft, control, sets: 0 }
    }

    pub(super) fn add(
        &mut self,
        outlet: &mut Outlet<'_>,
        treasury: &mut Treasury,
        transaction: &Transaction<'_>,
    ) -> Result<(), Error> {
        self.sets += 1;
        let total = transaction.payments.iter().map(Payment::paid).sum();
        let (adjustments, paid) = treasury.adjust(transaction.payer.index, transaction.billing.index, total);
        let trace = format!("ZZE{:09}{:04}", self.control, self.sets);
        set(&mut self.draft.composer, self.sets, transaction, (paid, &trace), &adjustments);
        self.draft.spill(outlet)
    }

    pub(super) fn finish(self, outlet: &mut Outlet<'_>) -> Result<(), Error> {
        self.draft.finish(outlet)
    }
}

/// Writes one transaction set: `paid` and TRN02, claim payments and provider adjustments.
pub(super) fn set(
    composer: &mut Composer,
    number: u64,
    transaction: &Transaction<'_>,
    (paid, trace): (i64, &str),
    adjustments: &[ProviderAdjustment],
) {
    composer.open_set("835", &format!("{number:04}"), "");
    financial(composer, transaction, paid, trace);
    parties(composer, transaction);
    composer.plain("LX", &["1"]);
    for payment in transaction.payments {
        claim_payment::write(composer, payment);
    }
    for adjustments in adjustments.chunks(6) {
        provider_adjustments(composer, transaction, adjustments);
    }
    composer.close_set();
}

/// BPR, TRN, DTM. Bank numbers are invented; the routing number passes its check digit.
fn financial(composer: &mut Composer, transaction: &Transaction<'_>, paid: i64, trace: &str) {
    let date = compact(transaction.date);
    let company = transaction.payer.company();
    let segment = composer.segment("BPR");
    if paid == 0 {
        segment.text("H").text("0").text("C").text("NON").empty(11).text(&date).end();
    } else {
        segment
            .text("I")
            .text(&money::x12(paid))
            .text("C")
            .text("ACH")
            .text("CCP")
            .text("01")
            .text("999999992")
            .text("DA")
            .text("000111222")
            .text(&company)
            .empty(1)
            .text("01")
            .text("999999992")
            .text("DA")
            .text("000333444")
            .text(&date)
            .end();
    }
    composer.plain("TRN", &["1", trace, &company]);
    composer.plain("DTM", &["405", &date]);
}

fn parties(composer: &mut Composer, transaction: &Transaction<'_>) {
    let (payer, billing) = (&transaction.payer, &transaction.billing);
    composer.plain("N1", &["PR", payer.name, "XV", payer.id]);
    address(composer, &Address::of(40 + payer.index), false);
    composer.plain("REF", &["2U", payer.id]);
    composer.plain("PER", &["BL", "TESTER HELP DESK", "TE", "5555550199"]);
    let name = match &billing.solo {
        Some(person) => format!("{} {}", person.first, person.last),
        None => billing.name(),
    };
    composer.plain("N1", &["PE", &name, "XX", &billing.npi.to_string()]);
    address(composer, &billing.address, false);
    composer.plain("REF", &["TJ", &billing.tax_number()]);
}

fn provider_adjustments(
    composer: &mut Composer,
    transaction: &Transaction<'_>,
    adjustments: &[ProviderAdjustment],
) {
    let year_end = format!("{:04}1231", transaction.date.year());
    let segment = composer.segment("PLB").text(&transaction.billing.npi.to_string()).text(&year_end);
    adjustments
        .iter()
        .fold(segment, |segment, a| segment.composite(&[a.reason, &a.reference]).text(&money::x12(a.amount)))
        .end();
}
