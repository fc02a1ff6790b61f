//! `[check.goes_with]`: what a list of the site says may stand beside a code: the service of a drug, the revenue code of a procedure, the
//! diagnoses a procedure is covered for. Of a code that the list doesn't have nothing is said.

use jiff::civil::Date;
use serde::Deserialize;

use super::diagnosis::{counts, name};
use super::sides::pointers;
use super::{Found, Report, Tables};
use crate::claim::{Claim, Diagnosis, Part, Service};
use crate::codes::{Kind, Table};
use crate::schema::Guide;

/// Which list is asked.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoesWith {
    list: List,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum List {
    /// Services of a drug's number.
    NdcHcpcs,
    /// Revenue codes of a procedure.
    RevenueHcpcs,
    /// Diagnoses of a procedure.
    CoveredDiagnosis,
}

/// Modifiers of a line that is expected to be denied.
const NOT_EXPECTED: &[&str] = &["GA", "GX", "GY", "GZ"];

impl GoesWith {
    /// The list.
    pub(super) fn kind(self) -> Kind {
        match self.list {
            List::NdcHcpcs => Kind::NdcHcpcs,
            List::RevenueHcpcs => Kind::RevenueHcpcs,
            List::CoveredDiagnosis => Kind::CoveredDiagnosis,
        }
    }

    pub(super) fn run<'a>(self, claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
        let Some(table) = tables.codes.table(self.kind()) else { return };
        let hospital = claim.guide() == Guide::Institutional;
        // National and local coverage is Medicare's; a stay is covered or not as a whole.
        if self.list == List::CoveredDiagnosis && (!claim.is_medicare() || claim.is_inpatient()) {
            return;
        }
        let drugs = || claim.own.iter().any(|p| p.segment.id() == b"LIN");
        if self.list == List::NdcHcpcs && !drugs() {
            return;
        }
        for service in claim.services() {
            match self.list {
                List::NdcHcpcs => drug(table, service, report),
                List::RevenueHcpcs if hospital => revenue(table, service, report),
                List::CoveredDiagnosis if !service.has(NOT_EXPECTED) => {
                    diagnoses(table, claim, service, report)
                }
                List::RevenueHcpcs | List::CoveredDiagnosis => {}
            }
        }
    }
}

/// What may stand beside a code on a day; none where the list doesn't have it.
fn beside<'t>(table: &'t Table, code: &[u8], day: Date) -> Option<Vec<&'t str>> {
    let holds =
        |from: Option<Date>, to: Option<Date>| from.is_none_or(|f| f <= day) && to.is_none_or(|t| day <= t);
    let notes = table.intervals(code).filter(|(from, to, _)| holds(*from, *to));
    let beside: Vec<&str> =
        notes.flat_map(|(_, _, note)| note.split(' ')).filter(|n| !n.is_empty()).collect();
    (!beside.is_empty()).then_some(beside)
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn drug<'a>(table: &Table, service: &Service<'a>, report: Report<'_, 'a>) {
    for lin in service.line.iter().filter(|p| p.segment.id() == b"LIN" && p.segment.value(2) == b"N4") {
        let number = lin.segment.value(3);
        let Some(services) = beside(table, number, service.days.0) else { continue };
        if !services.iter().any(|s| s.as_bytes() == service.code) {
            let words = vec![("code", service.name()), ("other", services.join(", "))];
            report(Found { placed: Some(*lin), at: "2410 LIN03".to_owned(), value: Some(number), words });
        }
    }
}

fn revenue<'a>(table: &Table, service: &Service<'a>, report: Report<'_, 'a>) {
    let Some(codes) = beside(table, service.code, service.days.0) else { return };
    let own = service.placed.segment.value(1);
    if !own.is_empty() && !codes.iter().any(|c| c.as_bytes() == own) {
        let words = vec![("code", service.name()), ("other", text(own))];
        report(Found { placed: Some(*service.placed), at: "2400 SV201".to_owned(), value: Some(own), words });
    }
}

/// Of a hospital's bill every diagnosis counts for every line.
fn diagnoses<'a>(table: &Table, claim: &Claim<'a>, service: &Service<'a>, report: Report<'_, 'a>) {
    let Some(covered) = beside(table, service.code, service.days.0) else { return };
    let pointers = pointers(service);
    let meant = |n: usize| claim.guide() == Guide::Institutional || pointers.contains(&n);
    let own = claim.diagnoses().enumerate().filter(|(n, d)| counts(d) && meant(n + 1)).map(|(_, d)| d);
    let own: Vec<Diagnosis<'_>> = own.collect();
    let covers = |d: &Diagnosis<'_>| covered.iter().any(|c| c.as_bytes() == d.code);
    if !own.is_empty() && !own.iter().any(covers) {
        let told: Vec<String> = own.iter().map(name).collect();
        let words = vec![("code", service.name()), ("other", told.join(", "))];
        let at = service.at(Part::Code).to_owned();
        report(Found { placed: Some(*service.placed), at, value: Some(service.code), words });
    }
}
