//! A claim in the order of the form people know: patient and insured, provider, claim, diagnoses, lines. Each value with its place, and
//! whether something was found there.

use crate::edits::Finding;
use crate::scrub::release::{Placed, Single};

use super::layout;
use super::legible::{date, frequency, money, relation, same, sex};
use super::say::plain;

/// A value under its human name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// As people call it.
    pub label: &'static str,
    /// Its box on the paper form, such as `28` of the CMS-1500; empty where the form has none.
    pub item: &'static str,
    /// As it is read.
    pub value: String,
    /// `2300 CLM05-3`.
    pub place: String,
    /// True where a finding stands at it.
    pub faulty: bool,
}

/// Values that belong together.
#[derive(Clone, Debug)]
pub struct Block {
    /// What they are of.
    pub title: &'static str,
    /// The values.
    pub fields: Vec<Field>,
}

/// A service line.
#[derive(Clone, Debug)]
pub struct Line {
    /// LX01.
    pub number: String,
    /// Its columns, in the order of [`COLUMNS`].
    pub cells: Vec<Field>,
}

/// What a line is shown by.
pub const COLUMNS: [&str; 10] =
    ["Date", "Place", "Revenue", "Area", "Tooth", "Procedure", "Modifiers", "Diagnoses", "Units", "Charge"];

/// Numbers a claim refers to others by: qualifier of REF, and its name.
const REFERENCES: &[(&str, &str)] =
    &[("F8", "Payer claim control number"), ("G1", "Prior authorization"), ("9F", "Referral number")];

/// A segment, to read beside it.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its loop.
    pub loop_id: &'static str,
    /// As it was sent.
    pub text: String,
    /// True where a finding stands at it.
    pub lit: bool,
}

/// A claim as a person reads it.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Name of the patient.
    pub patient: String,
    /// Name of the payer.
    pub payer: String,
    /// The paper form it is in the order of.
    pub form: &'static str,
    /// Blocks in form order.
    pub blocks: Vec<Block>,
    /// Code by the letter lines point to it with.
    pub diagnoses: Vec<Field>,
    /// Lines.
    pub lines: Vec<Line>,
    /// Segments.
    pub segments: Vec<Segment>,
}

impl Sheet {
    /// What people call what stands at a path: `2300/CLM02` is its charge.
    #[must_use]
    pub fn label(&self, path: &str) -> Option<String> {
        let (of, at) = path.split_once('/')?;
        let (loop_id, occurrence) =
            of.split_once('[').map_or((of, None), |(id, n)| (id, n.strip_suffix(']')));
        let place = format!("{loop_id} {at}");
        if let Some(field) = self.blocks.iter().flat_map(|b| &b.fields).find(|f| f.place == place) {
            return Some(field.label.to_owned());
        }
        let referred = REFERENCES.iter().find(|(qualifier, _)| place == format!("2300 REF[{qualifier}]02"));
        if let Some((_, label)) = referred {
            return Some((*label).to_owned());
        }
        // `HI[2]01-2` is the second such segment's.
        let (bare, nth) = match place
            .split_once("HI[")
            .and_then(|(loop_id, rest)| Some((loop_id, rest.split_once(']')?)))
        {
            Some((loop_id, (n, rest))) => {
                (format!("{loop_id}HI{rest}"), n.parse::<usize>().map_or(0, |n| n.saturating_sub(1)))
            }
            None => (place.clone(), 0),
        };
        let same = self.diagnoses.iter().enumerate().filter(|(_, d)| d.place == bare);
        if let Some((n, _)) = same.into_iter().nth(nth) {
            return Some(format!("Diagnosis {}", n + 1));
        }
        let line = occurrence.and_then(|n| n.parse::<usize>().ok()).map_or(1, |n| n.max(1));
        let line = self.lines.get(line - 1)?;
        let column = line.cells.iter().position(|cell| cell.place == place)?;
        Some(format!("Line {}: {}", line.number, COLUMNS.get(column)?))
    }

    /// Codes of its procedures, each once.
    #[must_use]
    pub fn procedures(&self) -> Vec<String> {
        let at = COLUMNS.iter().position(|column| *column == "Procedure").unwrap_or_default();
        let cells = self.lines.iter().filter_map(|line| line.cells.get(at));
        let mut all: Vec<String> = cells.map(|cell| cell.value.clone()).filter(|v| !v.is_empty()).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Every place that is shown or often missing, as a path, and what people call it.
    #[must_use]
    pub fn places(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = Vec::new();
        let whole = |field: &&Field| !field.place.is_empty() && !field.place.contains(',');
        for block in &self.blocks {
            for field in block.fields.iter().filter(whole) {
                all.push((field.place.replacen(' ', "/", 1), field.label.to_owned()));
            }
        }
        let diagnoses = self.diagnoses.iter().zip(1..);
        all.extend(diagnoses.map(|(d, n)| (d.place.replacen(' ', "/", 1), format!("Diagnosis {n}"))));
        for (line, n) in self.lines.iter().zip(1..) {
            for (cell, column) in line.cells.iter().zip(COLUMNS).filter(|(cell, _)| !cell.place.is_empty()) {
                let path = cell.place.replacen(' ', &format!("[{n}]/"), 1);
                all.push((path, format!("Line {}: {column}", line.number)));
            }
        }
        for (qualifier, label) in REFERENCES {
            let path = format!("2300/REF[{qualifier}]02");
            if !all.iter().any(|(known, _)| *known == path) {
                all.push((path, (*label).to_owned()));
            }
        }
        all
    }
}

/// A claim's segments, and where something was found.
pub(super) struct Reader<'a> {
    pub(super) rows: &'a [Placed],
    findings: &'a [Finding],
    component: char,
}

impl<'a> Reader<'a> {
    pub(super) fn row(&self, loop_id: &str, segment: &str, qualifier: Option<&str>) -> Option<&'a Placed> {
        let at = if segment == "DTP" || segment == "REF" || segment == "NM1" { 1 } else { 0 };
        self.rows.iter().find(|row| {
            row.loop_id == loop_id
                && row.element(0) == segment
                && qualifier.is_none_or(|wanted| row.element(at) == wanted)
        })
    }

    pub(super) fn part(&self, row: &Placed, element: usize, component: usize) -> String {
        let text = row.element(element);
        let text = if component == 0 { Some(text) } else { text.split(self.component).nth(component - 1) };
        plain(text.unwrap_or_default())
    }

    pub(super) fn is_faulty(&self, row: &Placed, element: usize, component: usize) -> bool {
        self.findings.iter().any(|f| {
            f.segment == row.ordinal
                && usize::from(f.element) == element
                && (f.component == 0 || component == 0 || usize::from(f.component) == component)
        })
    }

    /// A field of a row; `show` makes words of what stands there.
    pub(super) fn field(
        &self,
        label: &'static str,
        row: Option<&Placed>,
        (element, component): (usize, usize),
        show: impl Fn(&str) -> String,
    ) -> Field {
        let Some(row) = row else { return Field { label, ..Field::default() } };
        let id = row.element(0);
        let qualifier =
            if matches!(id, "DTP" | "REF") { format!("[{}]", row.element(1)) } else { String::new() };
        let mut place = format!("{} {id}{qualifier}{element:02}", row.loop_id);
        if component > 0 {
            place.push_str(&format!("-{component}"));
        }
        let value = show(&self.part(row, element, component));
        Field { label, item: "", value, place, faulty: self.is_faulty(row, element, component) }
    }

    /// A name: last, first, middle, or that of an organisation.
    pub(super) fn name(&self, label: &'static str, row: Option<&Placed>) -> Field {
        let mut field = self.field(label, row, (3, 0), str::to_owned);
        if let Some(row) = row {
            let given: Vec<&str> =
                [4, 5].map(|n| row.element(n)).into_iter().filter(|t| !t.is_empty()).collect();
            if !given.is_empty() {
                field.value = plain(&format!("{}, {}", row.element(3), given.join(" ")));
            }
            field.faulty |= self.is_faulty(row, 4, 0) || self.is_faulty(row, 0, 0);
        }
        field
    }

    fn address(&self, loop_id: &str) -> Field {
        let (street, city) = (self.row(loop_id, "N3", None), self.row(loop_id, "N4", None));
        let mut field = self.field("Address", street, (1, 0), str::to_owned);
        if let Some(city) = city {
            let zip = match city.element(3).split_at_checked(5) {
                Some((five, four)) if four.len() == 4 => format!("{five}-{four}"),
                _ => city.element(3).to_owned(),
            };
            let parts = [field.value.as_str(), city.element(1), city.element(2)];
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            field.value = plain(&format!("{} {zip}", parts.join(", ")));
            field.place.push_str(&format!(", {loop_id} N4"));
            field.faulty |= (0..=3).any(|n| self.is_faulty(city, n, 0));
        }
        field
    }
}

/// Reads a claim. Findings are those made of it as it stands: their ordinals are its own.
#[must_use]
pub fn read(single: &Single, findings: &[Finding]) -> Sheet {
    let rows = single.placed();
    let of = Reader { rows: &rows, findings, component: char::from(single.delimiters.component) };
    let patient_loop = if of.row("2010CA", "NM1", None).is_some() { "2010CA" } else { "2010BA" };
    let (patient, payer) = (of.row(patient_loop, "NM1", None), of.row("2010BB", "NM1", None));
    let form = layout::form(single);
    let mut blocks = vec![people(&of, patient_loop), insured(&of), provider(&of), claim(&of)];
    if form == layout::UB04 {
        blocks.swap(0, 3);
        blocks.swap(1, 3);
        blocks.insert(2, layout::stay(&of));
    }
    let mut sheet = Sheet {
        patient: of.name("Patient", patient).value,
        payer: of.name("Payer", payer).value,
        form,
        blocks,
        diagnoses: diagnoses(&of),
        lines: lines(&of),
        segments: segments(single, &of),
    };
    for block in &mut sheet.blocks {
        block.fields.retain(|f| !f.value.is_empty() || f.faulty);
    }
    sheet.blocks.retain(|b| !b.fields.is_empty());
    layout::number(&mut sheet);
    sheet
}

fn people(of: &Reader<'_>, patient: &str) -> Block {
    let demographics = of.row(patient, "DMG", None);
    let fields = vec![
        of.name("Name", of.row(patient, "NM1", None)),
        of.field("Birth date", demographics, (2, 0), date),
        of.field("Sex", demographics, (3, 0), sex),
        of.address(patient),
        of.field("Relation to insured", of.row("2000C", "PAT", None), (1, 0), relation),
    ];
    Block { title: "Patient", fields }
}

fn insured(of: &Reader<'_>) -> Block {
    let (insured, payer) = (of.row("2010BA", "NM1", None), of.row("2010BB", "NM1", None));
    let coverage = of.row("2000B", "SBR", None);
    let fields = vec![
        of.name("Name", insured),
        of.field("Member ID", insured, (9, 0), same),
        of.field("Group number", coverage, (3, 0), same),
        of.name("Payer", payer),
        of.field("Payer ID", payer, (9, 0), same),
        of.field("Kind of plan", coverage, (9, 0), same),
    ];
    Block { title: "Insured and payer", fields }
}

fn provider(of: &Reader<'_>) -> Block {
    let npi = |label, loop_id| of.field(label, of.row(loop_id, "NM1", None), (9, 0), same);
    let fields = vec![
        of.name("Billing provider", of.row("2010AA", "NM1", None)),
        npi("Billing NPI", "2010AA"),
        of.field("Tax ID", of.row("2010AA", "REF", Some("EI")), (2, 0), same),
        of.address("2010AA"),
        of.name("Referring", of.row("2310A", "NM1", Some("DN"))),
        of.name("Rendering", of.row("2310B", "NM1", Some("82"))),
        of.field("Rendering NPI", of.row("2310B", "NM1", Some("82")), (9, 0), same),
        of.name("Attending", of.row("2310A", "NM1", Some("71"))),
        of.name("Service facility", of.row("2310C", "NM1", Some("77"))),
    ];
    Block { title: "Provider", fields }
}

fn claim(of: &Reader<'_>) -> Block {
    let clm = of.row("2300", "CLM", None);
    // CLM05-2 says which of the two it is.
    let is_bill_type = clm.is_some_and(|clm| of.part(clm, 5, 2) == "A");
    let bill = if is_bill_type { "Type of bill" } else { "Place of service" };
    let day = |label, qualifier| of.field(label, of.row("2300", "DTP", Some(qualifier)), (3, 0), date);
    let reference = |label: &&'static str, qualifier: &str| {
        of.field(label, of.row("2300", "REF", Some(qualifier)), (2, 0), same)
    };
    let mut fields = vec![
        of.field("Claim number", clm, (1, 0), same),
        of.field("Charge", clm, (2, 0), money),
        of.field(bill, clm, (5, 1), same),
        of.field("Frequency", clm, (5, 3), frequency),
        day("Onset of illness", "431"),
        day("Accident", "439"),
        day("Admission", "435"),
        day("Statement", "434"),
    ];
    fields.extend(REFERENCES.iter().map(|(qualifier, label)| reference(label, qualifier)));
    Block { title: "Claim", fields }
}

fn diagnoses(of: &Reader<'_>) -> Vec<Field> {
    let mut all = Vec::new();
    for row in of.rows.iter().filter(|r| r.loop_id == "2300" && r.element(0) == "HI") {
        for element in 1..row.elements.len() {
            let kinds = ["ABK", "ABF", "ABJ", "ABN", "APR"];
            if kinds.iter().any(|kind| row.element(element).split(of.component).next() == Some(kind)) {
                let coded = |code: &str| match code.split_at_checked(3) {
                    Some((category, rest)) if !rest.is_empty() => format!("{category}.{rest}"),
                    _ => code.to_owned(),
                };
                all.push(of.field("", Some(row), (element, 2), coded));
            }
        }
    }
    all
}

fn lines(of: &Reader<'_>) -> Vec<Line> {
    let starts = of.rows.iter().enumerate().filter(|(_, r)| r.loop_id == "2400" && r.element(0) == "LX");
    let starts: Vec<usize> = starts.map(|(n, _)| n).collect();
    let ends = starts.iter().skip(1).copied().chain([of.rows.len()]);
    let each = starts.iter().zip(ends).filter_map(|(from, to)| of.rows.get(*from..to));
    each.map(|rows| line(&Reader { rows, ..*of })).collect()
}

fn line(of: &Reader<'_>) -> Line {
    let service = of.rows.iter().find(|r| matches!(r.element(0), "SV1" | "SV2" | "SV3"));
    let blank = || Field::default();
    let at = |label, place, show: fn(&str) -> String| of.field(label, service, place, show);
    let kind = service.map_or("", |r| r.element(0));
    let procedure = if kind == "SV2" { 2 } else { 1 };
    let modifiers: Vec<Field> = (3..=6).map(|n| at("", (procedure, n), same)).collect();
    let modifiers = Field {
        label: "Modifiers",
        item: "",
        value: modifiers.iter().map(|f| f.value.as_str()).collect::<Vec<_>>().join(" ").trim().to_owned(),
        place: modifiers.first().map(|f| f.place.clone()).unwrap_or_default(),
        faulty: modifiers.iter().any(|f| f.faulty),
    };
    let points = |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric(), ", ");
    let (place, revenue, pointers, units, charge) = match kind {
        "SV1" => (
            at("", (5, 0), same),
            blank(),
            at("", (7, 0), points),
            at("", (4, 0), same),
            at("", (2, 0), money),
        ),
        "SV2" => (blank(), at("", (1, 0), same), blank(), at("", (5, 0), same), at("", (3, 0), money)),
        "SV3" => (
            at("", (3, 0), same),
            blank(),
            at("", (11, 0), points),
            at("", (6, 0), same),
            at("", (2, 0), money),
        ),
        _ => (blank(), blank(), blank(), blank(), blank()),
    };
    let day = of.field("", of.row("2400", "DTP", Some("472")), (3, 0), date);
    let number = of.rows.first().map(|r| plain(r.element(1))).unwrap_or_default();
    let area = if kind == "SV3" { at("", (4, 0), same) } else { blank() };
    let tooth = of.field("", of.row("2400", "TOO", None), (2, 0), same);
    let code = at("", (procedure, 2), same);
    Line { number, cells: vec![day, place, revenue, area, tooth, code, modifiers, pointers, units, charge] }
}

fn segments(single: &Single, of: &Reader<'_>) -> Vec<Segment> {
    let separator = char::from(single.delimiters.element).to_string();
    let own = of.rows.iter().filter(|r| !matches!(r.element(0), "ST" | "SE" | "BHT"));
    let each = own.map(|row| Segment {
        loop_id: row.loop_id,
        text: plain(&row.elements.join(&separator)),
        lit: of.findings.iter().any(|f| f.segment == row.ordinal),
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::{EditSet, Tolerances};
    use crate::scrub::{Other, Settings, scrub};

    #[test]
    fn a_claim_in_form_order_with_its_faults() {
        let bytes = std::fs::read("samples/837p-total-differs.edi")
            .or_else(|_| std::fs::read("samples/837p-three-claims-one-off.edi"))
            .unwrap();
        let single = Single::take(bytes.as_slice(), 2, Tolerances::default()).unwrap().unwrap();
        let alone = crate::scrub::release::compose(
            std::slice::from_ref(&single),
            &crate::scrub::release::Envelope {
                control: 1,
                at: jiff::civil::date(2026, 11, 21).at(0, 0, 0, 0),
                ids: vec!["0".repeat(26)],
            },
        );
        let settings = Settings { today: jiff::civil::date(2026, 11, 21), threads: 1, other: Other::Pass };
        let (report, _) = scrub(&alone, &EditSet::shipped().unwrap(), settings).unwrap();
        let sheet = read(&single, &report.verdicts[0].findings);
        assert_eq!((sheet.patient.as_str(), sheet.payer.as_str()), ("TESTER, BRUNO", "SAMPLE PAYER"));
        let titles: Vec<&str> = sheet.blocks.iter().map(|b| b.title).collect();
        assert_eq!(titles, ["Patient", "Insured and payer", "Provider", "Claim"]);
        let charge = sheet.blocks[3].fields.iter().find(|f| f.label == "Charge").unwrap();
        assert_eq!((charge.value.as_str(), charge.faulty), ("$126.00", true));
        assert_eq!(sheet.label("2300/CLM02").as_deref(), Some("Charge"));
        assert_eq!(sheet.label("2400[2]/SV102").as_deref(), Some("Line 2: Charge"));
        assert_eq!(sheet.label("2300/NTE02"), None);
        let places = sheet.places();
        for (path, label) in
            [("2300/REF[F8]02", "Payer claim control number"), ("2400[2]/SV102", "Line 2: Charge")]
        {
            assert!(places.contains(&(path.to_owned(), label.to_owned())), "{places:?}");
        }
        assert_eq!(sheet.diagnoses[1].value, "E11.9");
        assert_eq!(sheet.lines.len(), 2);
        let cells: Vec<&str> = sheet.lines[1].cells.iter().map(|f| f.value.as_str()).collect();
        assert_eq!(cells[5..], ["93000", "", "1, 2", "1", "$45.00"]);
        assert_eq!((sheet.form, charge.item), ("CMS-1500", "28"));
        assert!(sheet.segments.iter().any(|s| s.lit && s.text.starts_with("CLM*CLAIM-TWO")));
        assert_eq!(date("20261021-20261022"), "10/21/2026 to 10/22/2026");
    }
}
