//! The export as Parquet says, cell by cell, what the export as CSV says, with types, with a daemon and without.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use jiff::ToSpan;
use jiff::civil::date;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use site::Site;

/// More than 16,384 adjustments in one remittance: 10 claim payments of 300 lines of 6 each, one of them for a claim nobody sent, two without
/// a day.
fn long() -> String {
    let mut body = String::from("LX*1~");
    for claim in 0..10 {
        let day = if claim < 2 { "" } else { "DTM*472*20261005~" };
        write!(body, "CLP*LONG-{claim}*1*3000*1200**12*P{claim}*11*1~NM1*QC*1*TESTER*ANNA****MI*SAMPLE1001~")
            .unwrap();
        for _ in 0..300 {
            write!(body, "SVC*HC:99213*10*4**1~{day}CAS*CO*45*1**97*1**96*1**16*1**50*1**24*1~").unwrap();
        }
    }
    let set = format!(
        "BPR*I*12000*C*ACH*CCP*01*999999999*DA*000000000*1129900002**01*999999999*DA*000000001*20261116~\
         TRN*1*LONG*1129900002~N1*PR*SAMPLE PAYER~N3*200 SAMPLE AVENUE~N4*SPRINGFIELD*IL*627030001~\
         PER*BL*SAMPLE HELP DESK*TE*5555550199~N1*PE*SAMPLE FAMILY PRACTICE*XX*1000000012~{body}"
    );
    let segments = set.matches('~').count() + 2;
    format!(
        "ISA*00*          *00*          *ZZ*SAMPLEPAYER    *ZZ*SAMPLESENDER   *261116*0930*^*00501*000000900*0*P*:~\
         GS*HP*SAMPLEPAYER*SAMPLESENDER*20261116*0930*900*X*005010X221A1~\
         ST*835*0900~{set}SE*{segments}*0900~GE*1*900~IEA*1*000000900~"
    )
}

/// A state with claims, payments, reversals, answers.
fn site() -> Site {
    let site = Site::quick();
    fs::write(site.path("plant.toml"), "reversals = 0.3\n").unwrap();
    let args = ["--claims", "300", "--weeks", "8", "--seed", "7", "--plant", "plant.toml", "--out", "made"];
    let base = ["simulate", "--kind", "linked", "--end", "2026-11-15"];
    let all: Vec<&str> = base.iter().chain(&args).copied().collect();
    assert!(site.command(&all).status().unwrap().success());
    fs::write(site.path("made/inbound/long.835"), long()).unwrap();
    let done = site.command(&["history", "import", "made"]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    site
}

fn export(site: &Site, to: &str, format: &str) {
    let done = site.command(&["history", "export", to, "--format", format]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A cell as CSV spells it; none where it is null.
fn spelled(batch: &RecordBatch, column: usize, row: usize) -> Option<String> {
    let (array, field) = (batch.column(column), batch.schema_ref().field(column));
    let cents = field.metadata().get("unit").is_some_and(|unit| unit == "cents");
    if array.is_null(row) {
        return None;
    }
    Some(match field.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Date32 => {
            (date(1970, 1, 1) + array.as_primitive::<Date32Type>().value(row).days()).to_string()
        }
        DataType::Int64 => {
            let n = array.as_primitive::<Int64Type>().value(row);
            let sign = if n < 0 { "-" } else { "" };
            if cents { format!("{sign}{}.{:02}", n.abs() / 100, n.abs() % 100) } else { n.to_string() }
        }
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        other => panic!("{other}"),
    })
}

/// Types of columns, by name.
const TYPES: [(&str, &[&str]); 4] = [
    ("Date32", &["received", "left", "first_service", "last_service", "date"]),
    ("cents", &["charge", "paid", "patient_share", "denied", "amount"]),
    ("Int64", &["position", "touches", "linked_position", "line", "sign"]),
    ("Boolean", &["authorised", "was_held", "balanced", "taken_back"]),
];

#[test]
fn every_cell_is_that_of_the_csv_and_has_its_type() {
    let site = site();
    export(&site, "csv", "csv");
    export(&site, "parquet", "parquet");
    let mut nulls: BTreeMap<String, usize> = BTreeMap::new();
    for name in ["claims", "payments", "adjustments"] {
        let mut csv = csv::Reader::from_path(site.path(&format!("csv/{name}.csv"))).unwrap();
        let columns: Vec<String> = csv.headers().unwrap().iter().map(str::to_owned).collect();
        let mut rows = csv.records().map(Result::unwrap);
        let file = File::open(site.path(&format!("parquet/{name}.parquet"))).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|g| g.num_rows()).collect();
        assert!(groups.iter().all(|n| *n <= 16_384), "{name}: {groups:?}");
        assert!(name != "adjustments" || groups.len() > 1, "{name}: {groups:?}");
        for field in reader.schema().fields() {
            let unit = field.metadata().get("unit");
            let found = unit.cloned().unwrap_or_else(|| field.data_type().to_string());
            let wanted = TYPES.iter().find(|(_, names)| names.contains(&field.name().as_str()));
            assert_eq!(found, wanted.map_or("Utf8", |(what, _)| what), "{name}: {}", field.name());
        }
        let mut compared = 0;
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            let names: Vec<&str> = batch.schema_ref().fields().iter().map(|f| f.name().as_str()).collect();
            assert_eq!(names, columns, "{name}");
            for row in 0..batch.num_rows() {
                let wanted = rows.next().unwrap();
                for (column, wanted) in wanted.iter().enumerate() {
                    let found = spelled(&batch, column, row);
                    // What a spreadsheet would take for a formula is disarmed in CSV alone.
                    let wanted = wanted.strip_prefix('\'').unwrap_or(wanted);
                    let of = &columns[column];
                    assert_eq!(
                        found.as_deref(),
                        Some(wanted).filter(|w| !w.is_empty()),
                        "{name}.{of}, {compared}"
                    );
                    *nulls.entry(format!("{name}.{of}")).or_default() += usize::from(found.is_none());
                }
                compared += 1;
            }
        }
        assert!(rows.next().is_none(), "{name}: the CSV goes on");
        println!("{name}: {compared} rows of {} columns, in groups of {groups:?}", columns.len());
        assert!(compared > 250, "{name}: {compared} rows");
    }
    assert!(nulls["payments.linked_position"] > 0 && nulls["payments.claim"] == 0, "{nulls:?}");
}

#[test]
fn the_same_bytes_come_from_a_daemon_and_again() {
    let site = site();
    export(&site, "alone", "parquet");
    export(&site, "again", "parquet");
    let daemon = site.start_and_wait();
    export(&site, "asked", "parquet");
    assert_eq!(daemon.stop(), Some(0));
    for name in ["claims", "payments", "adjustments"] {
        let of = |folder: &str| fs::read(site.path(&format!("{folder}/{name}.parquet"))).unwrap();
        assert!(of("alone") == of("again") && of("alone") == of("asked"), "{name}");
    }
}
