//! What was before: under the number of a claim, and to the like at its payer.

use maud::{Markup, html};

use super::claim::Claim;
use crate::web::alike::WEEKS;
use crate::web::lineage::What;
use crate::web::say;

/// What happened under the claim's number, the latest last.
pub fn lineage(shown: &Claim<'_>) -> Markup {
    html! {
        section aria-labelledby="lineage" {
            h2 #lineage { "History of this claim" }
            @if shown.lineage.is_empty() {
                p .small { "Nothing else is known under this claim number." }
            } @else {
                ol .trail {
                    @for event in &shown.lineage {
                        li {
                            @if let Some(day) = event.day { (say::day(day)) } @else { "Some day" }
                            " \u{b7} " (happened(&event.what))
                        }
                    }
                }
            }
        }
    }
}

fn happened(what: &What) -> Markup {
    html! {
        @match what {
            What::Came(charge, state, own) => {
                "Came in for " (say::dollars(*charge)) ": " (state)
                @if *own { " " strong { "(this one)" } }
            },
            What::Left => "Left for the payer",
            What::Answered(kind, true) => { "Accepted by " (kind) },
            What::Answered(kind, false) => { strong { "Rejected by " (kind) } },
            What::Decided { paid, charge, reasons } => {
                "Payer paid " (say::dollars(*paid)) " of " (say::dollars(*charge))
                @if !reasons.is_empty() { ", taken off for " (reasons.join(", ")) }
            },
        }
    }
}

/// How the payer treated the same procedures.
pub fn alike(shown: &Claim<'_>) -> Markup {
    html! {
        section .card aria-labelledby="alike" {
            h2 #alike { "The like at this payer" }
            @match &shown.alike {
                None => { p .small { "Being counted; it is here when you open the page next." } },
                Some(rows) if rows.iter().all(|row| row.denied.of <= 0) => {
                    p .small { "This payer decided no claim with these procedures in the last " (WEEKS) " weeks." }
                },
                Some(rows) => {
                    table {
                        caption { "Claims denied of those decided, last " (WEEKS) " weeks, with 95% interval" }
                        thead { tr { th scope="col" { "Procedure" } th .number scope="col" { "Denied" } th .number scope="col" { "Of" } th .number scope="col" { "Share" } } }
                        tbody {
                            @for row in rows.iter().filter(|row| row.denied.of > 0) {
                                tr {
                                    th scope="row" { (row.procedure) }
                                    td .number { (row.denied.n) } td .number { (row.denied.of) }
                                    td .number { (say::share(row.denied)) }
                                }
                            }
                        }
                    }
                },
            }
        }
    }
}
