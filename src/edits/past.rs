//! What checks ask of the past: services of the same patient by the same provider, by key, answered by value.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;

use crate::claim::{Claim, Service};

/// Whose service, for which payer, and before which claim. Hashes, so that no person stands in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// Patient, provider and payer.
    pub key: u64,
    /// Byte of its CLM in the file: only what stands before it counts.
    pub claim: u64,
}

/// A service of an earlier claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Billed {
    /// Procedure code; blanks fill it up.
    pub code: [u8; 5],
    /// Modifiers; zeros where there are fewer.
    pub modifiers: [[u8; 2]; 4],
    /// First and last day of service.
    pub days: (Date, Date),
    /// Whole units; none where they are minutes or no number.
    pub units: Option<i64>,
    /// Hash of all that its line says.
    pub said: u64,
}

/// Answers about the past.
pub trait Past: std::fmt::Debug + Sync {
    /// What was billed before for the same patient by the same provider, beginning on a day.
    fn billed(&self, who: &Who, day: Date) -> Vec<Billed>;

    /// True where nothing is known, whoever is asked for.
    fn is_blank(&self) -> bool {
        false
    }
}

/// Nothing is known of the past.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Past for Nothing {
    fn billed(&self, _who: &Who, _day: Date) -> Vec<Billed> {
        Vec::new()
    }

    fn is_blank(&self) -> bool {
        true
    }
}

impl Who {
    /// The patient (member id, birth date, first name), the provider (who rendered the service, else who bills) and the payer of a
    /// claim; none where nobody can say whose it is. A claim that replaces or voids another says what was said before, and isn't held
    /// against it.
    #[must_use]
    pub fn of(claim: &Claim<'_>) -> Option<Who> {
        if claim.member().is_empty() || claim.is_corrected() {
            return None;
        }
        let mut key = DefaultHasher::new();
        claim.payer().hash(&mut key);
        claim.member().hash(&mut key);
        claim.birth().map(|b| b.value).hash(&mut key);
        claim.patient_name().hash(&mut key);
        claim.provider().hash(&mut key);
        Some(Who { key: key.finish(), claim: claim.clm().map_or(0, |c| c.offset) })
    }
}

impl Billed {
    /// Of a service of a claim; none where its code is longer than any.
    #[must_use]
    pub fn of(service: &Service<'_>) -> Option<Billed> {
        let mut code = [b' '; 5];
        code.get_mut(..service.code.len())?.copy_from_slice(service.code);
        let modifiers = service.modifiers.map(|m| <[u8; 2]>::try_from(m).unwrap_or_default());
        Some(Billed { code, modifiers, days: service.days, units: service.units, said: service.said() })
    }

    /// Its code without blanks.
    #[must_use]
    pub fn code(&self) -> &[u8] {
        self.code.trim_ascii_end()
    }
}
