//! The claim in form order, and its segments.

use maud::{Markup, html};

use crate::web::sheet::{COLUMNS, Field, Line, Sheet};

/// Patient, provider, claim, diagnoses, lines.
pub fn sheet(read: &Sheet, blinded: bool) -> Markup {
    html! {
        p .small { "In the order of the " (read.form) "; its box numbers stand behind the names." }
        div .blocks {
            @for block in &read.blocks {
                section .block {
                    h2 { (block.title) }
                    dl { @for field in &block.fields { (row(field, blinded)) } }
                }
            }
        }
        @if !read.diagnoses.is_empty() {
            section .block {
                h2 { "Diagnoses" }
                ol .diagnoses { @for code in &read.diagnoses { li .faulty[code.faulty] title=(code.place) { (mark(code)) (code.value) } } }
            }
        }
        @if !read.lines.is_empty() { (lines(&read.lines)) }
    }
}

fn mark(field: &Field) -> Markup {
    html! { @if field.faulty { span .mark role="img" aria-label="found faulty" { "\u{25b2} " } } }
}

fn row(field: &Field, blinded: bool) -> Markup {
    html! {
        div .faulty[field.faulty] {
            dt { (field.label) @if !field.item.is_empty() { " " span .item { (field.item) } } }
            dd {
                (mark(field))
                @if field.value.is_empty() { span .small { "nothing" } } @else if blinded && names(field) { span .small { "hidden" } } @else { (field.value) }
                " " span .place { (field.place) }
            }
        }
    }
}

/// True of what says whom a claim is for.
fn names(field: &Field) -> bool {
    let person = ["2010BA", "2010CA"].iter().any(|loop_id| field.place.starts_with(loop_id));
    person
        || matches!(
            field.label,
            "Claim number" | "Payer claim control number" | "Prior authorization" | "Referral number"
        )
}

/// Only columns that say something of a line of this claim.
fn lines(lines: &[Line]) -> Markup {
    let says =
        |n: usize| lines.iter().any(|l| l.cells.get(n).is_some_and(|c| c.faulty || !c.value.is_empty()));
    let columns: Vec<usize> = (0..COLUMNS.len()).filter(|n| says(*n)).collect();
    let number = |n: &usize| matches!(COLUMNS.get(*n), Some(&("Units" | "Charge")));
    html! {
        section .block {
            h2 { "Lines" }
            div .wide {
                table {
                    thead {
                        tr {
                            th scope="col" { "Line" }
                            @for n in &columns { th scope="col" .number[number(n)] { (COLUMNS.get(*n).copied().unwrap_or_default()) } }
                        }
                    }
                    tbody {
                        @for line in lines {
                            tr {
                                th scope="row" { (line.number) }
                                @for n in &columns {
                                    @if let Some(cell) = line.cells.get(*n) {
                                        td .number[number(n)] .faulty[cell.faulty] title=(cell.place) { (mark(cell)) (cell.value) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The segments, those with a finding lit.
pub fn segments(read: &Sheet) -> Markup {
    html! {
        section aria-labelledby="segments" {
            h2 #segments { "X12" }
            ol .segments {
                @for segment in &read.segments {
                    li .lit[segment.lit] {
                        span .place { (segment.loop_id) }
                        code { @if segment.lit { span .mark role="img" aria-label="found faulty" { "\u{25b2} " } } (segment.text) }
                    }
                }
            }
        }
    }
}
