//! Seeded, plainly invented claims, the answers to them, and the truth beside.
//!
//! [`run`] is pure: the same [`Options`] give the same bytes. It hands the bytes of each file to a sink piece by piece,
//! so that no file sits in memory. Numbers carry the seed (modulo 2500) and the kind, so that several runs can go to one
//! receiver. What it writes:
//!
//! | kind | files |
//! |---|---|
//! | `837p` `837i` `837d` | `claims.837`: one interchange, one group, sets of `per_set` claims |
//! | `835` | `remittance.835`: transactions of at most 200 claim payments |
//! | `linked` | `outbound/NNNN.837` by week and kind; `inbound/NNNN.999` and `.277` with the number of the file they answer; `inbound/NNNN.835`, numbered by themselves, one for each payer and payment day |
//!
//! All kinds add `truth.json`: claims, denials (with `line` from 1, or null for the claim as a whole) and faults. With a
//! `[course]`, as in the preset [`Plant::full`], linked claims are also rejected, reversed, passed on, replaced, taken
//! back and delivered twice, and the truth has more lists: `docs/simulate.md` describes both, field by field.
//! Weeks are ISO weeks, and the last one ends on the last Sunday that is not after `end`. In linked data services fall on
//! Monday to Friday, claims are sent on Sunday, and payments follow 10 to 25 days later; a payment after `end` is not
//! written, and claims with a planted fault are acknowledged but never paid. Payers are `ZZP01` to `ZZP06`; `ZZP04` is Medicare, `ZZP05` Medicaid.
//!
//! A plant file asks for defects and denials:
//!
//! ```toml
//! background = 0.03          # share of lines denied for everyday reasons; 0.04 when there is no [[denial]], else 0
//! reversals = 0.01           # linked: share of payments reversed and corrected two weeks later
//!
//! [[fault]]                  # at most one fault a claim; rules are tried in order
//! edit = "E3-001"            # claim total a dollar off; see below
//! share = 0.01               # of the claims that can have it
//!
//! [[denial]]                 # the first rule that fires decides; rules are tried in order
//! payer = "ZZP01"            # optional: only this payer
//! procedure = "99214"        # optional: only lines with this procedure
//! modifier = "25"            # optional: only lines with this modifier
//! place = "11"               # optional: only claims with this CLM05-1
//! diagnosis = "M54"          # optional: only claims with a diagnosis that begins so
//! carc = "197"
//! group = "CO"
//! rarc = "M62"               # optional, but 16, 96, 226, 252 and A1 need one
//! share = 0.30               # of the matching lines, or claims
//! from_week = "2026-W46"     # optional: first and last ISO week of payment
//! to_week = "2026-W52"
//! from_percent = 40          # optional, instead: the same as a percentage of all the weeks
//! to_percent = 70
//! level = "line"             # or "claim": whole claims, at claim level when institutional, else on every line
//! cause = "ZZP01 wants authorisation for long visits"
//!
//! [[volume]]                 # linked: more or fewer claims in some weeks; there are `claims` in all, as before
//! from_week = "2026-W40"     # optional: first and last ISO week of service; the first rule that names a week decides
//! to_week = "2026-W45"
//! percent = 150              # of the claims of a week that no rule names
//!
//! [[lag]]                    # linked, without [course]: a payer takes longer
//! payer = "ZZP02"            # optional: only this payer
//! from_week = "2026-W40"     # optional: first and last ISO week in which the claims are sent
//! to_week = "2026-W45"
//! days = 7                   # so many more
//! ```
//!
//! Faults: E1-012 (lines numbered from 2), E2-005 (ZIP of five digits: a share of the billing providers, at least one,
//! and all their claims), E2-016 (zero units), E2-022 (no line control numbers), E3-001, E3-002 and E3-003 (claim total a
//! dollar off), E4-001 (frequency 7 without the payer's number), E4-003 (car accident without date and state), E4-005
//! (service 400 days after `end`), E4-006 (patient born the day after the service), E4-008 (pointer to no diagnosis),
//! E5-001 (check digit of the rendering or attending NPI), E5-005 (unknown diagnosis), E5-008 (modifier twice).

mod acknowledgement;
mod adjudication;
mod background;
mod calendar;
mod claim;
mod claim_file;
mod claim_loop;
mod claim_payment;
mod course;
mod dental;
mod diagnoses;
mod dice;
mod envelope;
mod fault;
mod hierarchy;
mod identity;
mod institutional;
mod kind;
mod linked;
mod money;
mod other_payer;
mod outlet;
mod pace;
mod payment;
mod people;
mod places;
mod plant;
mod professional;
mod remittance;
mod roster;
mod separate;
mod service_line;
mod source;
#[cfg(test)]
mod tests;
mod treasury;
mod truth;

use jiff::civil::Date;

pub use course::Course;
pub use kind::Kind;
pub use pace::{LagRule, VolumeRule};
pub use plant::{DenialRule, FaultRule, Level, Plant};

/// What to simulate.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many claims, exactly.
    pub claims: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// What to write.
    pub kind: Kind,
    /// Weeks in which services fall; weeks of payment for [`Kind::Remittance`].
    pub weeks: u32,
    /// The last day that is not the future.
    pub end: Date,
    /// Claims in one 837 transaction set at most.
    pub per_set: u64,
    /// What to plant.
    pub plant: Plant,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Files, `truth.json` included.
    pub files: u64,
    /// Claims.
    pub claims: u64,
    /// Claims that a remittance answers.
    pub answered: u64,
    /// Denials that stand when all is paid, one for each refused line or claim.
    pub denials: u64,
    /// Claims with a planted fault.
    pub faults: u64,
}

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A kind that is none of ours.
    #[error("unknown kind; it is one of 837p, 837i, 837d, 835, linked")]
    Kind,
    /// A number or date that cannot be simulated.
    #[error("{0}")]
    Options(&'static str),
    /// The plant file is not one.
    #[error("cannot read the plant file")]
    Plant(#[source] toml::de::Error),
    /// The plant file asks for what cannot be planted.
    #[error("cannot plant `{what}`: {why}")]
    Rule {
        /// The edit, or the rule's cause.
        what: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The sink refused.
    #[error("cannot write `{path}`")]
    Write {
        /// The relative path.
        path: String,
        /// What the sink said.
        source: std::io::Error,
    },
    /// The truth could not be put into JSON.
    #[error("cannot write the truth")]
    Truth(#[source] serde_json::Error),
}

/// Simulates, handing each piece of each file to `sink` as relative path and bytes to append.
///
/// # Errors
/// When the options make no sense or the sink refuses; what the sink took before stays with it.
pub fn run(
    options: &Options,
    sink: &mut dyn FnMut(&str, &[u8]) -> std::io::Result<()>,
) -> Result<Summary, Error> {
    options.check()?;
    let mut outlet = outlet::Outlet::new(sink);
    match options.kind {
        Kind::Professional => separate::claims(options, roster::Form::Professional, &mut outlet),
        Kind::Institutional => separate::claims(options, roster::Form::Institutional, &mut outlet),
        Kind::Dental => separate::claims(options, roster::Form::Dental, &mut outlet),
        Kind::Remittance => separate::remittance(options, &mut outlet),
        Kind::Linked => match &options.plant.course {
            None => linked::run(options, &mut outlet),
            Some(course) => course::run(options, course, &mut outlet),
        },
    }
}

impl Options {
    fn check(&self) -> Result<(), Error> {
        if !(1..=900_000_000).contains(&self.claims) {
            return Err(Error::Options("claims lie between 1 and 900000000"));
        }
        if !(1..=1_000).contains(&self.weeks) {
            return Err(Error::Options("weeks lie between 1 and 1000"));
        }
        if self.per_set == 0 {
            return Err(Error::Options("a transaction set holds at least one claim"));
        }
        if !(1990..=9000).contains(&self.end.year()) {
            return Err(Error::Options("the end lies between the years 1990 and 9000"));
        }
        self.plant.check()
    }

    /// Told apart in claim, payer and control numbers: runs of other seeds and kinds do not collide at one receiver.
    fn run_number(&self) -> u32 {
        let kind = Kind::ALL.iter().position(|kind| *kind == self.kind).unwrap_or_default();
        u32::try_from(self.seed % 2_500 * 10).unwrap_or_default() + u32::try_from(kind).unwrap_or_default()
    }

    /// ISA13 and GS06 of the `number`th file in a lane, below 900000000.
    fn control(&self, lane: envelope::Lane, number: u32) -> u32 {
        let lane = match lane {
            envelope::Lane::Claims => 0,
            envelope::Lane::Answers => 10_000,
            envelope::Lane::Remittances => 20_000,
        };
        self.run_number() * 30_000 + lane + number
    }

    /// Whole weeks up to the last Sunday that is not after `end`.
    fn window(&self) -> calendar::Window {
        let last = calendar::sunday(self.end);
        calendar::Window { first: calendar::plus(last, 1 - 7 * i64::from(self.weeks)), last }
    }
}
