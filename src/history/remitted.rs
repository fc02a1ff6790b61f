//! What is known of each remittance as a whole: a small fact, the same in whatever order and however often files bring it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::story::{FactId, Paid, fact_id};
use crate::archive::Archive;
use crate::remit::Remittance;
use crate::store::{self, Batch, Refusal, Store};
use crate::x12::Cents;

/// What keys of remittances begin with.
const REMITTED: &str = "remitted/";
/// What keys of files begin with that hold sets which could not be read.
const UNREAD: &str = "unread/";
/// What keys of imported files begin with that are of no use.
const NO_USE: &str = "no-use/";
/// Parts of a key are told apart by a sign that no element holds.
const APART: char = '\u{1f}';

/// A remittance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remitted {
    /// What it is known by: all it says that moves money, whatever its file and set are called.
    pub id: FactId,
    /// The payer by the site's packs, else as the 835 identifies it.
    pub payer: String,
    /// TRN02.
    pub trace: String,
    /// TRN03.
    pub origin: String,
    /// BPR02 in cents; 0 where it can't be read.
    pub amount: Cents,
    /// BPR04.
    pub method: String,
    /// BPR16.
    pub date: Option<Date>,
    /// What doesn't balance: lines, claims, the whole.
    pub unbalanced: [u32; 3],
    /// Claim payments.
    pub claims: u64,
    /// Sum of CLP04 in cents.
    pub paid: Cents,
    /// PLB, in order.
    pub outside: Vec<Outside>,
    /// Files it came in, by hash, and how often in each.
    pub files: Vec<(String, u32)>,
}

/// What is paid or taken outside any claim: a pair of a PLB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// PLB03-1.
    pub reason: String,
    /// PLB03-2.
    pub reference: String,
    /// Cents; positive lowers the payment.
    pub amount: Cents,
    /// PLB01.
    pub provider: String,
}

/// Remittances of a file that could not be read: cut off, or of another version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// SHA-256 of the file.
    pub sha256: String,
    /// How many.
    pub sets: u64,
    /// Version the first of them names.
    pub version: String,
    /// ISO week in which it came.
    pub week: String,
}

/// A file of before that an import found of no use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoUse {
    /// Its name.
    pub name: String,
    /// Interchanges in it; none where it is no X12.
    pub interchanges: u64,
    /// Remittances of it that could not be read, if any.
    pub unread: Unread,
}

impl Remitted {
    /// Of a remittance in some file, beside its claim payments.
    #[must_use]
    pub fn of(remittance: &Remittance, payments: &[(String, Paid)], payer: &str, sha256: &str) -> Remitted {
        let mut unbalanced = [0; 3];
        for (level, _) in &remittance.faults {
            let [line, claim, whole] = &mut unbalanced;
            *match *level {
                "2110" => line,
                "2100" => claim,
                _ => whole,
            } += 1;
        }
        let outside = remittance.provider.iter().map(|p| Outside {
            reason: p.reason.clone(),
            reference: p.reference.clone(),
            amount: p.amount,
            provider: p.provider.clone(),
        });
        let mut remitted = Remitted {
            payer: payer.to_owned(),
            trace: remittance.trace.clone(),
            origin: remittance.origin.clone(),
            amount: remittance.amount.unwrap_or(0),
            method: remittance.payment.method.as_str().to_owned(),
            date: remittance.date,
            unbalanced,
            claims: remittance.claims.len() as u64,
            paid: remittance.claims.iter().fold(0, |sum: Cents, c| sum.saturating_add(c.paid)),
            outside: outside.collect(),
            ..Remitted::default()
        };
        // In whatever order its claims stand.
        let mut ids: Vec<FactId> = payments.iter().map(|(_, paid)| paid.id).collect();
        ids.sort_unstable();
        let says = postcard::to_allocvec(&(&remitted, &remittance.payer, ids)).unwrap_or_default();
        remitted.id = fact_id(&[&says]);
        remitted.files = vec![(sha256.to_owned(), 1)];
        remitted
    }

    /// How often it came besides the first time.
    #[must_use]
    pub fn again(&self) -> u64 {
        self.files.iter().map(|(_, times)| u64::from(*times)).sum::<u64>().saturating_sub(1)
    }

    /// True where all of it balances.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.unbalanced == [0; 3]
    }

    /// True where the money came by a transfer.
    #[must_use]
    pub fn is_transfer(&self) -> bool {
        matches!(self.method.as_str(), "ACH" | "BOP" | "FWT")
    }

    /// True of another with the number of this one.
    #[must_use]
    pub fn shares_trace(&self, other: &Remitted) -> bool {
        self.payer == other.payer && self.origin == other.origin && self.trace == other.trace
    }

    /// The same seen in a file so many times.
    fn seen(&mut self, sha256: &str, times: u32) {
        match self.files.iter_mut().find(|(file, _)| file == sha256) {
            Some((_, known)) => *known = (*known).max(times),
            None => {
                let at = self.files.partition_point(|(file, _)| file.as_str() < sha256);
                self.files.insert(at, (sha256.to_owned(), times));
            }
        }
    }

    fn key(&self, archive: &Archive) -> String {
        let id: String = self.id.iter().map(|b| format!("{b:02x}")).collect();
        let trace = archive.in_index(&self.trace);
        format!("{REMITTED}{}{APART}{}{APART}{trace}{APART}{id}", self.payer, self.origin)
    }

    /// Keeps it; it is the `times`th in this file that says so.
    ///
    /// # Errors
    /// When the index can't be read or written.
    pub(super) fn keep(self, times: u32, store: &Store, archive: &Archive) -> Result<(), Refusal> {
        let key = self.key(archive);
        let known = store.get_packed::<Remitted>(&key)?;
        let mut after = known.clone().unwrap_or_else(|| self.clone());
        for (file, _) in &self.files {
            after.seen(file, times);
        }
        if known.as_ref() == Some(&after) {
            return Ok(());
        }
        let mut batch = Batch::default();
        batch.put_packed(&key, &after)?;
        store.write_ahead(&mut batch)
    }
}

impl Unread {
    /// Keeps it.
    ///
    /// # Errors
    /// When it can't be encoded.
    pub(super) fn keep(&self, batch: &mut Batch, store: &Store) -> Result<(), Refusal> {
        let key = format!("{UNREAD}{}", self.sha256);
        let first = store.get_packed::<Unread>(&key)?.is_none_or(|known| self.week < known.week);
        if first {
            batch.put_packed(&key, self)?;
        }
        Ok(())
    }
}

impl NoUse {
    /// Keeps it.
    ///
    /// # Errors
    /// When it can't be encoded.
    pub(super) fn keep(&self, batch: &mut Batch) -> Result<(), Refusal> {
        batch.put_packed(&format!("{NO_USE}{}", self.unread.sha256), self)?;
        Ok(())
    }
}

/// True of a file that an import found of no use.
///
/// # Errors
/// When the store can't be read.
pub fn is_of_no_use(store: &Store, sha256: &str) -> Result<bool, store::Error> {
    Ok(store.get_packed::<NoUse>(&format!("{NO_USE}{sha256}"))?.is_some())
}

/// Every file that an import found of no use.
///
/// # Errors
/// When the store can't be read.
pub fn of_no_use(store: &Store) -> Result<Vec<NoUse>, store::Error> {
    let mut all = Vec::new();
    store.scan_packed(NO_USE, "", &mut |_, one| {
        all.push(one);
        true
    })?;
    Ok(all)
}

/// Every remittance, those of one payer and number together; false ends it.
///
/// # Errors
/// When the store can't be read.
pub fn remittances(store: &Store, each: &mut dyn FnMut(Remitted) -> bool) -> Result<(), store::Error> {
    store.scan_packed(REMITTED, "", &mut |_, remitted| each(remitted))
}

/// Every file with remittances that could not be read.
///
/// # Errors
/// When the store can't be read.
pub fn unread(store: &Store) -> Result<Vec<Unread>, store::Error> {
    let mut all = Vec::new();
    store.scan_packed(UNREAD, "", &mut |_, one| {
        all.push(one);
        true
    })?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remittance_is_known_by_what_it_says_and_not_by_its_set() {
        let first = Remittance {
            trace: "T1".into(),
            amount: Some(100),
            control: "0001".into(),
            ..Remittance::default()
        };
        let again = Remittance { control: "0002".into(), identity: "x".into(), ..first.clone() };
        let other = Remittance { amount: Some(200), ..first.clone() };
        let of = |r: &Remittance, file: &str| Remitted::of(r, &[], "P", file);
        assert_eq!(of(&first, "a").id, of(&again, "b").id);
        assert_ne!(of(&first, "a").id, of(&other, "a").id);
        assert!(of(&first, "a").shares_trace(&of(&other, "b")));
    }

    #[test]
    fn files_are_kept_in_one_order_and_count_once() {
        let mut one = Remitted { files: vec![("b".into(), 1)], ..Remitted::default() };
        one.seen("a", 1);
        one.seen("b", 2);
        one.seen("b", 1);
        assert_eq!(one.files, [("a".to_owned(), 1), ("b".to_owned(), 2)]);
        assert_eq!(one.again(), 2);
    }
}
