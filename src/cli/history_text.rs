//! Answers about the history as tables and stories for people.

use std::io::{self, Write};

use serde_json::Value;

use super::table;
use crate::x12::element;

/// A table with what stands above it.
pub struct Shown {
    /// What it is of.
    title: &'static str,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
    /// What is said where it is empty.
    none: &'static str,
}

impl Shown {
    /// Writes it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return writeln!(out, "{}", self.none);
        }
        if !self.title.is_empty() {
            writeln!(out, "{}", self.title)?;
        }
        people(out, &self.columns, &self.rows)
    }
}

/// Columns that hold money where what stands in them has cents: `denied` counts payments, too, and `usual` days.
const MONEY: [&str; 13] = [
    "allowed",
    "amount",
    "charge",
    "charge_denied",
    "denied",
    "deposit",
    "difference",
    "forwarded",
    "open",
    "paid",
    "remittance",
    "taken",
    "usual",
];

/// A table for people: money as they read it. Programs have the JSON and the CSV.
pub fn people(out: &mut dyn Write, columns: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let shown = |row: &Vec<String>| {
        let in_cents = row.first().is_some_and(|name| name.ends_with("-dollars"));
        let cell = |(column, cell): (&&str, &String)| match *column {
            "numerator" | "denominator" if in_cents => {
                cell.parse().map_or_else(|_| cell.clone(), table::money)
            }
            column if MONEY.contains(&column) => money_cell(cell),
            _ => cell.clone(),
        };
        columns.iter().zip(row).map(cell).collect()
    };
    table::write(out, columns, &rows.iter().map(shown).collect::<Vec<Vec<String>>>())
}

/// `$1,234.50` of `1234.50`; anything else as it is.
pub fn money_cell(cell: &str) -> String {
    let has_cents = cell.split_once('.').is_some_and(|(_, part)| part.len() == 2);
    let cents = element::amount(cell.as_bytes()).filter(|_| has_cents);
    cents.map_or_else(|| cell.to_owned(), table::money)
}

/// A value as a cell.
pub fn cell(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(all)) => all.iter().map(|one| cell(Some(one))).collect::<Vec<_>>().join(" "),
        Some(Value::Null) | None => String::new(),
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(Value::Object(map)) => match (map.get("median"), map.get("p90"), map.get("n")) {
            (Some(median), Some(p90), Some(n)) => format!("{median} ({p90} for 9 in 10, of {n})"),
            _ => "linked".to_owned(),
        },
        Some(other) => other.to_string(),
    }
}

/// Rows of these columns.
pub fn rows(of: Option<&Value>, columns: &[&str]) -> Vec<Vec<String>> {
    let all = of.and_then(Value::as_array).into_iter().flatten();
    all.map(|row| columns.iter().map(|name| cell(row.get(*name))).collect()).collect()
}

fn shown(title: &'static str, of: Option<&Value>, columns: &[&'static str], none: &'static str) -> Shown {
    Shown { title, columns: columns.to_vec(), rows: rows(of, columns), none }
}

/// The tables of an answer.
pub fn tables(value: &Value, unmapped_payers: bool) -> Vec<Shown> {
    let has =
        |name: &str| value.get(name).is_some() || value.get(0).is_some_and(|row| row.get(name).is_some());
    let of = |name: &str| value.get(name);
    if of("metrics").is_some() {
        return vec![
            shown(
                "",
                of("metrics"),
                &["name", "value", "numerator", "denominator", "needs"],
                "No claims are known.",
            ),
            shown("Days", of("days"), &["name", "days"], ""),
            shown(
                "By the week claims first left",
                of("cohorts"),
                &["week", "sent", "decided", "denied", "charge", "charge_denied", "immature"],
                "No claim has left.",
            ),
            shown("Held now", of("held"), &["age", "claims", "charge"], ""),
            shown(
                "First denials by reason",
                of("reasons"),
                &["carc", "claims", "amount"],
                "No claim was denied.",
            ),
        ];
    }
    if of("payers").is_some() {
        let pairs = shown(
            "Names that seem to be one payer; a payer pack would map them",
            of("unmapped"),
            &["on_claims", "on_remittances", "claims"],
            "Every payer that paid a linked claim is mapped, or goes by one name.",
        );
        let all = shown(
            "",
            of("payers"),
            &["payer", "mapped", "sent", "payments", "denied", "paid", "days"],
            "No payers are known.",
        );
        return vec![all, pairs];
    }
    if unmapped_payers {
        return vec![shown(
            "",
            Some(value),
            &["on_claims", "on_remittances", "claims"],
            "Every payer that paid a linked claim is mapped, or goes by one name.",
        )];
    }
    if has("slip") {
        return vec![shown(
            "",
            Some(value),
            &["slip", "edit", "carc", "rarcs", "denials", "amount", "claims"],
            "",
        )];
    }
    if has("adjustments") {
        return vec![shown("", Some(value), &["carc", "rarcs", "payer", "adjustments", "amount"], "")];
    }
    if has("usual") {
        return vec![shown(
            "",
            Some(value),
            &["claim", "payer", "left", "days", "usual", "standing", "charge"],
            "",
        )];
    }
    if has("class") {
        let columns = [
            "week",
            "payer",
            "claim",
            "class",
            "leg",
            "charge",
            "paid",
            "denied",
            "reversed",
            "linked",
            "candidates",
        ];
        return vec![shown("", Some(value), &columns, "")];
    }
    money(value).unwrap_or_else(|| vec![shown("", Some(value), &[], "Nothing to show.")])
}

const ODDITY: [&str; 8] = ["outcome", "edit", "week", "payer", "trace", "claim", "amount", "detail"];
const CHAIN: [&str; 9] =
    ["state", "payer", "reason", "reference", "forwarded", "taken", "open", "last", "claim"];

/// Tables of outcomes, chains, deposits and payments that look wrong.
fn money(value: &Value) -> Option<Vec<Shown>> {
    let of = |name: &str| value.get(name);
    let row_has = |name: &str| value.get(0).is_some_and(|row| row.get(name).is_some());
    if of("list").is_some() {
        let sums = shown("", of("outcomes"), &["outcome", "n", "amount", "owner", "todo"], "Nothing is odd.");
        return Some(vec![sums, shown("Each, most dollars first", of("list"), &ODDITY, "")]);
    }
    if of("chains").is_some() {
        let sum = ["payer", "reason", "means", "entries", "amount"];
        return Some(vec![
            shown("", of("chains"), &CHAIN, "No balance was carried on, nothing was taken back."),
            shown("Interest", of("interest"), &sum, "No interest."),
            shown("Other reasons", of("others"), &sum, "Nothing else outside claims."),
        ]);
    }
    if of("below_usual").is_some() {
        let usual = [
            "week",
            "payer",
            "claim",
            "line",
            "procedure",
            "modifiers",
            "place",
            "units",
            "allowed",
            "usual",
            "difference",
            "of",
            "reasons",
        ];
        let patient = ["week", "payer", "claim", "line", "procedure", "carc", "amount"];
        return Some(vec![
            shown(
                "Allowed below the usual",
                of("below_usual"),
                &usual,
                "No line is allowed below the usual.",
            ),
            shown(
                "Put on the patient though a contract forbids it",
                of("on_patient"),
                &patient,
                "Nothing was put on the patient that a contract forbids.",
            ),
        ]);
    }
    if row_has("outcome") {
        return Some(vec![shown("", Some(value), &ODDITY, "")]);
    }
    if row_has("forwarded") {
        return Some(vec![shown("", Some(value), &CHAIN, "")]);
    }
    let pair =
        ["how", "deposited", "deposit", "payer", "trace", "remitted", "remittance", "difference", "row"];
    row_has("how").then(|| vec![shown("", Some(value), &pair, "")])
}

/// What each figure is made of, a line each.
pub fn definitions(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nWhat they are made of")?;
    for of in ["metrics", "days"] {
        for one in value.get(of).and_then(Value::as_array).into_iter().flatten() {
            // The table shows dollars, the JSON cents.
            let definition = cell(one.get("definition"));
            writeln!(out, "  {}: {}", cell(one.get("name")), definition.trim_end_matches(", in cents"))?;
        }
    }
    Ok(())
}

/// A claim number's story.
pub fn claim(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Claim {}", table::printable(&cell(value.get("claim"))))?;
    let parts = [
        shown(
            "\nVersions of ours",
            value.get("versions"),
            &["received", "left", "payer", "turn", "frequency", "charge", "standing", "was_held", "edits"],
            "\nNo claim of ours has this number.",
        ),
        shown(
            "\nAnswers",
            value.get("answers"),
            &["date", "kind", "by", "accepted", "statuses", "payer_claim"],
            "\nNo answer.",
        ),
        shown(
            "\nPayments",
            value.get("payments"),
            &[
                "date",
                "payer",
                "leg",
                "status",
                "class",
                "charge",
                "paid",
                "denied",
                "payer_claim",
                "taken_back_by",
            ],
            "\nNo payment.",
        ),
    ];
    parts.iter().try_for_each(|part| part.write(out))?;
    let payments = value.get("payments").and_then(Value::as_array).into_iter().flatten();
    for (n, payment) in payments.enumerate() {
        let of = shown(
            "",
            payment.get("adjustments"),
            &["line", "procedure", "group", "carc", "rarcs", "amount", "class", "owner"],
            "",
        );
        if !of.rows.is_empty() {
            writeln!(out, "\nAdjustments of payment {}", n + 1)?;
            of.write(out)?;
        }
    }
    Ok(())
}
