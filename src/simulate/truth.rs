//! `truth.json`: what was planted, for those who check what was found.

use std::collections::BTreeMap;

use serde::Serialize;

use super::outlet::Outlet;
use super::{Error, Options};

const PATH: &str = "truth.json";

/// A denial that stands in a remittance.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Denial {
    pub(super) claim: String,
    /// From 1; none for the claim as a whole.
    pub(super) line: Option<usize>,
    pub(super) payer: &'static str,
    pub(super) group: String,
    pub(super) carc: String,
    pub(super) rarc: Option<String>,
    pub(super) procedure: Option<&'static str>,
    /// With two decimals.
    pub(super) amount: String,
    /// ISO week of payment.
    pub(super) week: String,
    pub(super) cause: String,
    /// Where it stands; told when a course was planted.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) found: Option<Found>,
}

/// Where a denial stands.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Found {
    /// `primary` or `secondary`.
    pub(super) leg: &'static str,
    /// CLP07.
    pub(super) number: String,
    /// The 835 file.
    pub(super) file: String,
    /// TRN02.
    pub(super) trn: String,
}

/// A defect that was put into a claim.
#[derive(Debug, Serialize)]
struct Fault {
    claim: String,
    edit: String,
}

/// Writes the truth as it comes: denials at once, faults at the end.
pub(super) struct Truth {
    text: String,
    faults: Vec<Fault>,
    lists: BTreeMap<&'static str, String>,
    /// Denials told so far.
    pub(super) denials: u64,
}

impl Truth {
    pub(super) fn open(outlet: &mut Outlet<'_>, options: &Options) -> Self {
        outlet.files += 1;
        let text = format!(
            "{{\"claims\": {}, \"kind\": \"{}\", \"seed\": {}, \"end\": \"{}\", \"weeks\": {},\n\"denials\": [",
            options.claims, options.kind, options.seed, options.end, options.weeks
        );
        Self { text, faults: Vec::new(), lists: BTreeMap::new(), denials: 0 }
    }

    pub(super) fn denial(&mut self, outlet: &mut Outlet<'_>, denial: &Denial) -> Result<(), Error> {
        self.text.push_str(if self.denials == 0 { "\n" } else { ",\n" });
        self.text.push_str(&serde_json::to_string(denial).map_err(Error::Truth)?);
        self.denials += 1;
        if self.text.len() > 1 << 20 {
            outlet.write(PATH, std::mem::take(&mut self.text).as_bytes())?;
        }
        Ok(())
    }

    pub(super) fn fault(&mut self, claim: &str, edit: String) {
        self.faults.push(Fault { claim: claim.to_owned(), edit });
    }

    /// Adds a row to a further list; the lists are written in the order of their names.
    pub(super) fn tell(&mut self, list: &'static str, row: &impl Serialize) -> Result<(), Error> {
        let text = self.lists.entry(list).or_default();
        text.push_str(if text.is_empty() { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(row).map_err(Error::Truth)?);
        Ok(())
    }

    /// Writes the rest and says how many faults there were.
    pub(super) fn finish(mut self, outlet: &mut Outlet<'_>) -> Result<u64, Error> {
        self.text.push_str("\n],\n\"faults\": [");
        for (index, fault) in self.faults.iter().enumerate() {
            self.text.push_str(if index == 0 { "\n" } else { ",\n" });
            self.text.push_str(&serde_json::to_string(fault).map_err(Error::Truth)?);
        }
        for (list, rows) in &self.lists {
            self.text.push_str("\n],\n\"");
            self.text.push_str(list);
            self.text.push_str("\": [");
            outlet.write(PATH, std::mem::take(&mut self.text).as_bytes())?;
            outlet.write(PATH, rows.as_bytes())?;
        }
        self.text.push_str("\n]}\n");
        outlet.write(PATH, self.text.as_bytes())?;
        Ok(u64::try_from(self.faults.len()).unwrap_or(u64::MAX))
    }
}
