//! The paper forms people know: in what order a hospital's bill is read, and which box of CMS-1500, UB-04 and ADA a value stands in. Box numbers
//! alone: what they are called is ours.

use super::legible::{date, same};
use super::sheet::{Block, Field, Reader, Sheet};
use crate::schema::Guide;
use crate::scrub::release::Single;
use crate::x12::element::amount;

/// Of professional claims.
pub const CMS1500: &str = "CMS-1500";
/// Of hospitals.
pub const UB04: &str = "UB-04";
/// Of dentists.
pub const ADA: &str = "ADA";

/// The form a claim would stand on.
#[must_use]
pub fn form(single: &Single) -> &'static str {
    match single.guide().map(Guide::name) {
        Some("837I") => UB04,
        Some("837D") => ADA,
        _ => CMS1500,
    }
}

/// Block, label, and the box on CMS-1500, UB-04 and ADA.
const BOXES: &[(&str, &str, [&str; 3])] = &[
    ("Patient", "Name", ["2", "8", "20"]),
    ("Patient", "Birth date", ["3", "10", "21"]),
    ("Patient", "Sex", ["3", "11", "22"]),
    ("Patient", "Address", ["5", "9", "20"]),
    ("Patient", "Relation to insured", ["6", "59", "18"]),
    ("Insured and payer", "Name", ["4", "58", "12"]),
    ("Insured and payer", "Member ID", ["1a", "60", "15"]),
    ("Insured and payer", "Group number", ["11", "62", "16"]),
    ("Insured and payer", "Payer", ["", "50", "3"]),
    ("Insured and payer", "Payer ID", ["", "51", ""]),
    ("Provider", "Billing provider", ["33", "1", "48"]),
    ("Provider", "Billing NPI", ["33a", "56", "49"]),
    ("Provider", "Tax ID", ["25", "5", "51"]),
    ("Provider", "Address", ["33", "1", "48"]),
    ("Provider", "Referring", ["17", "", ""]),
    ("Provider", "Rendering", ["31", "", "53"]),
    ("Provider", "Rendering NPI", ["24J", "", "54"]),
    ("Provider", "Attending", ["", "76", ""]),
    ("Provider", "Service facility", ["32", "", "56"]),
    ("Claim", "Claim number", ["26", "3a", "23"]),
    ("Claim", "Charge", ["28", "47", "32"]),
    ("Claim", "Place of service", ["24B", "", "38"]),
    ("Claim", "Type of bill", ["", "4", ""]),
    ("Claim", "Frequency", ["22", "4", ""]),
    ("Claim", "Onset of illness", ["14", "", ""]),
    ("Claim", "Accident", ["10", "", "46"]),
    ("Claim", "Admission", ["18", "12", ""]),
    ("Claim", "Statement", ["", "6", ""]),
    ("Claim", "Payer claim control number", ["22", "64", ""]),
    ("Claim", "Prior authorization", ["23", "63", "2"]),
    ("Claim", "Referral number", ["23", "63", ""]),
    ("Stay and codes", "Type of admission", ["", "14", ""]),
    ("Stay and codes", "Source of admission", ["", "15", ""]),
    ("Stay and codes", "Status at the end", ["", "17", ""]),
    ("Stay and codes", "Discharge hour", ["", "16", ""]),
    ("Stay and codes", "Condition codes", ["", "18\u{2013}28", ""]),
    ("Stay and codes", "Occurrences", ["", "31\u{2013}34", ""]),
    ("Stay and codes", "Spans", ["", "35\u{2013}36", ""]),
    ("Stay and codes", "Values", ["", "39\u{2013}41", ""]),
    ("Stay and codes", "Procedures", ["", "74", ""]),
];

/// Writes at each value in which box of its form it stands.
pub fn number(sheet: &mut Sheet) {
    let form = match sheet.form {
        UB04 => 1,
        ADA => 2,
        _ => 0,
    };
    for block in &mut sheet.blocks {
        for field in &mut block.fields {
            let known = BOXES.iter().find(|(title, label, _)| *title == block.title && *label == field.label);
            field.item = known.and_then(|(_, _, boxes)| boxes.get(form).copied()).unwrap_or_default();
        }
    }
}

/// What only a hospital's bill says: how the stay began and ended, and the codes beside it.
pub(super) fn stay(of: &Reader<'_>) -> Block {
    let stay = of.row("2300", "CL1", None);
    let fields = vec![
        of.field("Type of admission", stay, (1, 0), same),
        of.field("Source of admission", stay, (2, 0), same),
        of.field("Status at the end", stay, (3, 0), same),
        of.field("Discharge hour", of.row("2300", "DTP", Some("096")), (3, 0), hour),
        codes(of, "Condition codes", &["BG"]),
        codes(of, "Occurrences", &["BH"]),
        codes(of, "Spans", &["BI"]),
        codes(of, "Values", &["BE"]),
        codes(of, "Procedures", &["BBR", "BBQ"]),
    ];
    Block { title: "Stay and codes", fields }
}

fn hour(text: &str) -> String {
    match text.split_at_checked(2) {
        Some((hour, minute)) if text.len() == 4 => format!("{hour}:{minute}"),
        _ => text.to_owned(),
    }
}

/// Codes of these lists, each with its day or amount.
fn codes(of: &Reader<'_>, label: &'static str, lists: &[&str]) -> Field {
    let mut field = Field { label, ..Field::default() };
    let mut values: Vec<String> = Vec::new();
    for row in of.rows.iter().filter(|row| row.loop_id == "2300" && row.element(0) == "HI") {
        for element in 1..row.elements.len() {
            if !lists.contains(&of.part(row, element, 1).as_str()) {
                continue;
            }
            if field.place.is_empty() {
                field.place = format!("2300 HI[{}]{element:02}", of.part(row, element, 1));
            }
            let with = [4, 5].map(|n| of.part(row, element, n)).into_iter().find(|text| !text.is_empty());
            let with = with.map(|text| match amount(text.as_bytes()) {
                Some(cents) if label == "Values" => format!(" {}", super::say::dollars(cents)),
                _ => format!(" {}", date(&text)),
            });
            values.push(format!("{}{}", of.part(row, element, 2), with.unwrap_or_default()));
            field.faulty |= of.is_faulty(row, element, 0);
        }
    }
    field.value = values.join(", ");
    field
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::Tolerances;
    use crate::web::sheet;

    fn read(sample: &str) -> Sheet {
        let bytes = std::fs::read(format!("samples/{sample}")).unwrap();
        let single = Single::take(bytes.as_slice(), 1, Tolerances::default()).unwrap().unwrap();
        sheet::read(&single, &[])
    }

    fn value(sheet: &Sheet, label: &str) -> (String, &'static str) {
        let field = sheet.blocks.iter().flat_map(|b| &b.fields).find(|f| f.label == label).unwrap();
        (field.value.clone(), field.item)
    }

    #[test]
    fn a_hospitals_bill_is_read_as_its_form() {
        let sheet = read("837i-inpatient-clean.edi");
        assert_eq!(sheet.form, UB04);
        let titles: Vec<&str> = sheet.blocks.iter().map(|b| b.title).collect();
        assert_eq!(titles.first(), Some(&"Claim"), "{titles:?}");
        assert!(titles.contains(&"Stay and codes"), "{titles:?}");
        assert_eq!(value(&sheet, "Type of bill").1, "4");
        assert_eq!(value(&sheet, "Attending").1, "76");
        assert!(!value(&sheet, "Type of admission").0.is_empty());
    }

    #[test]
    fn a_dentists_claim_names_teeth() {
        let sheet = read("837d-clean.edi");
        assert_eq!((sheet.form, value(&sheet, "Claim number").1), (ADA, "23"));
        let at = sheet::COLUMNS.iter().position(|c| *c == "Procedure").unwrap();
        assert!(sheet.lines.iter().all(|line| line.cells[at].value.starts_with('D')), "{:?}", sheet.lines);
    }
}
