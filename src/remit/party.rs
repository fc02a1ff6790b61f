//! Who is named in a remittance: payer and payee, and the persons and organisations of a claim payment.

use super::code::{self, Code, Reference};
use crate::phi::Phi;

/// N1 and what belongs to it (loops 1000A and 1000B).
#[derive(Clone, Debug, Default)]
pub struct Party {
    /// N102.
    pub name: String,
    /// N103: `XX` an NPI, `FI` a tax id, `XV` a health plan id.
    pub id_kind: Code,
    /// N104.
    pub id: String,
    /// N301 and N302, those that are filled.
    pub street: Vec<String>,
    /// N401.
    pub city: String,
    /// N402.
    pub state: String,
    /// N403.
    pub zip: String,
    /// REF in order.
    pub references: Vec<Reference>,
    /// PER in order; the payer's.
    pub contacts: Vec<Contact>,
    /// RDM01 and RDM03: how and where to the remittance goes; the payee's.
    pub delivery: Option<(Code, String)>,
}

/// PER: whom to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// PER01: `CX` the payer's claim desk, `BL` its technical desk, `IC` its web site.
    pub function: Code,
    /// PER02.
    pub name: String,
    /// PER03 to PER08, pairs that are filled: `TE`, `EX`, `FX`, `EM` or `UR`, and the number or address.
    pub numbers: Vec<(Code, String)>,
}

/// NM1 of a claim payment (loop 2100).
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// NM101: `QC` patient, `IL` insured, `74` corrected patient or insured, `82` rendering provider, `TT` crossover carrier, `PR`
    /// corrected priority payer, `GB` other subscriber.
    pub role: Code,
    /// True for NM102 = 1.
    pub is_person: bool,
    /// NM103: last name, or the organisation's.
    pub last: Phi<String>,
    /// NM104.
    pub first: Phi<String>,
    /// NM105.
    pub middle: Phi<String>,
    /// NM107.
    pub suffix: Phi<String>,
    /// NM108.
    pub id_kind: Code,
    /// NM109.
    pub id: Phi<String>,
}

impl Party {
    /// The first REF of a kind.
    #[must_use]
    pub fn reference(&self, kind: &str) -> Option<&Phi<String>> {
        code::reference(&self.references, kind)
    }
}

impl Named {
    /// As people write it: first, middle, last, suffix.
    #[must_use]
    pub fn full_name(&self) -> Phi<String> {
        let parts = [&self.first, &self.middle, &self.last, &self.suffix].map(|p| p.expose().as_str());
        let filled: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        Phi::new(filled.join(" "))
    }
}
