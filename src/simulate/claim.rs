//! A claim before it is written.

use jiff::civil::Date;

use super::payment::Settled;
use super::people::{Person, Practitioner};
use super::roster::{Billing, Form, Payer};

/// One claim with everything that its hierarchy says about it.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    /// CLM01.
    pub(super) id: String,
    pub(super) form: Form,
    pub(super) billing: Billing,
    pub(super) payer: Payer,
    /// Number that the subscriber's ids are made of.
    pub(super) member: u64,
    pub(super) subscriber: Person,
    pub(super) patient: Person,
    /// Tells the patients of one subscriber apart.
    pub(super) patient_index: u64,
    /// PAT01; `18` when the patient is the subscriber.
    pub(super) relationship: &'static str,
    /// Whether this is the patient's only claim.
    pub(super) is_only: bool,
    /// A fault was planted in it; payers do not answer it.
    pub(super) is_spoilt: bool,
    pub(super) rendering: Option<Practitioner>,
    pub(super) referring: Option<Practitioner>,
    /// CLM02 in cents.
    pub(super) total: i64,
    /// CLM05-3.
    pub(super) frequency: &'static str,
    /// REF*F8: the payer's number of the claim that this one replaces or voids, or empty.
    pub(super) original: String,
    /// Set when this goes to the second payer.
    pub(super) prior: Option<Box<Prior>>,
    /// Place of service where it is not the office; professional only.
    pub(super) elsewhere: Option<&'static str>,
    /// The front door's word on it.
    pub(super) door: Door,
    /// LX01 of the first line.
    pub(super) first_line: usize,
    /// CLM11-1.
    pub(super) accident: &'static str,
    /// First and last date of service, or of the statement.
    pub(super) from: Date,
    pub(super) to: Date,
    /// When it was sent.
    pub(super) sent: Date,
    pub(super) diagnoses: Vec<&'static str>,
    pub(super) lines: Vec<Line>,
    pub(super) bill: Bill,
}

/// What the first payer decided, as the second is told.
#[derive(Debug, Clone)]
pub(super) struct Prior {
    pub(super) payer: Payer,
    /// CLP07.
    pub(super) number: String,
    pub(super) day: Date,
    pub(super) lines: Vec<Settled>,
}

/// What the 277CA says of a claim.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Door {
    /// Taken.
    #[default]
    Open,
    /// Rejected: category, status and entity, the last may be empty.
    Shut(&'static str, &'static str, &'static str),
    /// Nothing.
    Silent,
}

/// How an institutional claim is billed; the default for the others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bill {
    pub(super) is_inpatient: bool,
    /// CL101.
    pub(super) admission: &'static str,
    /// The reason for the visit is sent.
    pub(super) is_emergency: bool,
    /// Principal procedure, ICD-10-PCS.
    pub(super) procedure: &'static str,
}

/// One service line.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// Procedure; empty where a revenue code says all.
    pub(super) code: &'static str,
    pub(super) modifiers: Vec<&'static str>,
    pub(super) revenue: &'static str,
    /// In cents.
    pub(super) charge: i64,
    pub(super) units: i64,
    /// None where the claim's dates say all.
    pub(super) date: Option<Date>,
    /// Diagnoses it points to, from 1.
    pub(super) pointers: Vec<usize>,
    pub(super) tooth: &'static str,
    pub(super) surfaces: &'static [&'static str],
    pub(super) quadrant: &'static str,
    /// Planted: no line control number.
    pub(super) is_unnumbered: bool,
}

impl Claim {
    /// The member id as its payer writes it.
    pub(super) fn member_id(&self) -> String {
        self.member_id_at(&self.payer)
    }

    /// The member id as this payer writes it.
    pub(super) fn member_id_at(&self, payer: &Payer) -> String {
        if payer.cover == super::roster::Cover::Medicare {
            super::identity::beneficiary(self.member)
        } else {
            format!("ZZM{:09}", self.member)
        }
    }

    /// SBR03; only commercial plans have groups.
    pub(super) fn group_at(&self, payer: &Payer) -> String {
        if payer.cover == super::roster::Cover::Commercial {
            format!("ZZG{:04}", self.member % 97 + 1)
        } else {
            String::new()
        }
    }

    /// REF*6R02 of the line, which counts from 1.
    pub(super) fn line_control(&self, line: usize) -> String {
        format!("{}L{line}", self.id)
    }

    /// CLM05-1 and CLP08.
    pub(super) fn place(&self) -> &'static str {
        match self.elsewhere {
            Some(place) => place,
            None if self.form == Form::Institutional && !self.bill.is_inpatient => "13",
            None => "11",
        }
    }

    /// The sum of the lines in cents.
    pub(super) fn charges(&self) -> i64 {
        self.lines.iter().map(|line| line.charge).sum()
    }

    /// Whether the patient is the subscriber.
    pub(super) fn is_own(&self) -> bool {
        self.relationship == "18"
    }
}
