//! An 835 file as it will be written: its sets are kept until then, so that they can be written again elsewhere.

use jiff::civil::Date;

use super::ledger::Spot;
use crate::simulate::Error;
use crate::simulate::envelope::{self, HOUSE, SENDER};
use crate::simulate::outlet::Outlet;
use crate::simulate::payment::Payment;
use crate::simulate::remittance::{self, Transaction};
use crate::simulate::roster::{Billing, Payer};
use crate::simulate::treasury::ProviderAdjustment;
use crate::x12::compose::{Composer, Separators};

/// One transaction, ready to be written as often as wanted.
#[derive(Debug, Clone)]
pub(super) struct Deal {
    pub(super) payer: Payer,
    pub(super) billing: Billing,
    pub(super) date: Date,
    pub(super) trace: String,
    pub(super) payments: Vec<Payment>,
    pub(super) adjustments: Vec<ProviderAdjustment>,
    /// BPR02.
    pub(super) paid: i64,
}

/// A file under way.
#[derive(Debug, Clone)]
pub(super) struct Parcel {
    pub(super) path: String,
    pub(super) date: Date,
    /// ISA13 and GS06.
    pub(super) control: u32,
    pub(super) deals: Vec<Deal>,
}

impl Parcel {
    /// Where its next set will stand.
    pub(super) fn spot(&self) -> Spot {
        let trn = format!("ZZE{:09}{:04}", self.control, self.deals.len() + 1);
        Spot { day: self.date, file: self.path.clone(), trn }
    }

    /// Its trace numbers.
    pub(super) fn trns(&self) -> Vec<&str> {
        self.deals.iter().map(|deal| deal.trace.as_str()).collect()
    }

    /// Whether nothing in it denies or takes back.
    pub(super) fn is_plain(&self) -> bool {
        self.deals.iter().all(Deal::is_plain)
    }

    /// Writes the file.
    pub(super) fn write(&self, outlet: &mut Outlet<'_>) -> Result<(), Error> {
        outlet.files += 1;
        outlet.write(&self.path, &self.bytes())
    }

    /// Writes the file cut off within its first claim payment.
    pub(super) fn write_cut(&self, outlet: &mut Outlet<'_>) -> Result<(), Error> {
        outlet.files += 1;
        let bytes = self.bytes();
        let claim = bytes.windows(5).position(|window| window == b"\nCLP*").unwrap_or(bytes.len() / 2);
        outlet.write(&self.path, bytes.get(..claim + 12).unwrap_or(&bytes))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut composer = Composer::new(Separators::default());
        let ends = ("HP", "005010X221A1");
        envelope::open(&mut composer, HOUSE, SENDER, ends, (self.date, self.control));
        for (number, deal) in (1..).zip(&self.deals) {
            let Deal { payer, billing, date, payments, .. } = deal;
            let transaction =
                Transaction { payer: *payer, billing: *billing, date: *date, payments: payments.as_slice() };
            remittance::set(&mut composer, number, &transaction, (deal.paid, &deal.trace), &deal.adjustments);
        }
        composer.close_interchange();
        composer.take()
    }
}

impl Deal {
    /// Whether nothing in it denies or takes back.
    pub(super) fn is_plain(&self) -> bool {
        self.payments.iter().all(|payment| payment.denials.is_empty() && payment.sign > 0)
    }
}
