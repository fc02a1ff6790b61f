//! The weekly pack of the real binary over half a year of made-up claims: all formats, the same figures as the history's own answers, nothing
//! that a spreadsheet or a browser would run, and a shared copy that names nobody.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;
use std::io::Read;
use std::sync::LazyLock;

use serde_json::{Value, json};
use site::Site;

const WEEK: &str = "2026-W46";
const TODAY: &str = "2026-11-16";
const PLANT: &str = r#"
background = 0.05
reversals = 0.1
[[denial]]
payer = "ZZP01"
carc = "197"
group = "CO"
share = 0.6
from_week = "2026-W43"
cause = "authorisation missing"
[[denial]]
carc = "16"
group = "CO"
rarc = "M54"
share = 0.06
cause = "total"
"#;

/// Twenty-six weeks, posted once for all tests that only look.
static HALF_A_YEAR: LazyLock<Site> = LazyLock::new(|| {
    let site = Site::quick();
    fs::write(site.path("plant.toml"), PLANT).unwrap();
    let args = [
        "simulate",
        "--kind",
        "linked",
        "--claims",
        "2600",
        "--weeks",
        "26",
        "--seed",
        "5",
        "--end",
        "2026-11-15",
        "--plant",
        "plant.toml",
        "--out",
        "made",
    ];
    assert!(site.command(&args).output().unwrap().status.success());
    let posted = site.json(&["history", "import", "made", "--channel", "main", "--format", "json"]);
    assert_eq!(posted["failed"], json!([]));
    site
});

fn huddle(site: &Site, more: &[&str]) -> Vec<u8> {
    let base = ["huddle", "--week", WEEK, "--today", TODAY];
    let done = site.command(&base.iter().chain(more).copied().collect::<Vec<_>>()).output().unwrap();
    assert!(done.status.success(), "{more:?}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

fn text(site: &Site, more: &[&str]) -> String {
    String::from_utf8(huddle(site, more)).unwrap()
}

fn pack(site: &Site, more: &[&str]) -> Value {
    serde_json::from_slice(&huddle(site, &[&["--format", "json"], more].concat())).unwrap()
}

/// A table of the pack, wherever it stands.
fn table<'a>(pack: &'a Value, id: &str) -> &'a Value {
    let sections = pack["detail"].as_array().unwrap().iter();
    let mut tables = sections.flat_map(|s| s["tables"].as_array().unwrap());
    tables.find(|t| t["id"] == id).unwrap_or_else(|| panic!("no table {id}"))
}

#[test]
fn five_formats_with_their_sections_in_order() {
    let site = &*HALF_A_YEAR;
    let said = text(site, &["--out", "pack", "--site", "Lakeside"]);
    let files: Vec<&str> = said.lines().collect();
    assert_eq!(files.len(), 5, "{said}");
    assert!(files.iter().all(|file| site.path(file).metadata().unwrap().len() > 5_000), "{said}");
    let order = [
        "Wins",
        "New and worsening",
        "Stuck",
        "Payer and edit changes",
        "Teaching points",
        "What we did",
        "Next actions",
    ];
    let behind = [
        "The six consequences",
        "Denials by reason",
        "Modifier scoreboard",
        "Payer ZZP",
        "Figures with",
        "Findings",
        "Held claims",
    ];
    for format in ["html", "md"] {
        let all = fs::read_to_string(site.path(&format!("pack/huddle-{WEEK}.{format}"))).unwrap();
        let heading = |title: &&str| {
            let wanted = if format == "html" { format!("<h2>{title}") } else { format!("\n## {title}") };
            all.find(&wanted).unwrap_or_else(|| panic!("{format}: {title}"))
        };
        let places: Vec<usize> = order.iter().chain(&behind).map(heading).collect();
        assert!(places.is_sorted(), "{format}: {places:?}");
        assert!(all.contains("Lakeside") && all.contains(WEEK));
        assert!(all.contains("ZZP01"), "{format}: the planted payer");
    }
    let pack = pack(site, &[]);
    let worse: Vec<&str> =
        pack["worsening"]["items"].as_array().unwrap().iter().map(|i| i["text"].as_str().unwrap()).collect();
    assert!(worse.len() <= 5 && worse[0].contains("ZZP01") && worse[0].contains("197"), "{worse:?}");
    let next = pack["next"]["list"].as_array().unwrap();
    assert!(
        next.iter()
            .any(|n| n["proposed"] == true && n["owner"] == "authorisation" && n["due"] == "2026-11-23")
    );
    let points = pack["teaching"]["points"].as_array().unwrap();
    assert!(!points.is_empty() && points.len() <= 3);
    assert!(
        points.iter().any(|p| p["edit"] == "E3-001" && p["bad"]["text"] == "Two lines, one dollar short"),
        "{points:?}"
    );
    // Nothing planted differs between edits: no claim is held, and that is said.
    assert_eq!(pack["stuck"]["said"], "No claims were held this week, and none waits.");
}

#[test]
fn figures_are_those_of_the_history() {
    let site = &*HALF_A_YEAR;
    let pack = pack(site, &[]);
    let metrics = site
        .json(&["history", "metrics", "--from", WEEK, "--to", WEEK, "--today", TODAY, "--format", "json"]);
    let rows = table(&pack, "metrics")["rows"].as_array().unwrap();
    for metric in metrics["metrics"].as_array().unwrap() {
        let name = metric["name"].as_str().unwrap();
        let row = rows.iter().find(|row| row["metric"] == name.replace('-', " ")).unwrap();
        if !name.ends_with("dollars") {
            assert_eq!(row["numerator"], metric["numerator"], "{name}");
            assert_eq!(row["denominator"], metric["denominator"], "{name}");
        }
        for figure in pack["head"].as_array().unwrap().iter().filter(|f| f["name"] == name) {
            assert_eq!(
                (&figure["numerator"], &figure["denominator"]),
                (&metric["numerator"], &metric["denominator"])
            );
            assert!(figure["denominator"].as_i64().unwrap() > 50, "{figure}");
        }
    }
    let before = [
        "history", "metrics", "--from", "2026-W33", "--to", "2026-W45", "--today", TODAY, "--format", "json",
    ];
    let before = site.json(&before);
    let clean =
        before["metrics"].as_array().unwrap().iter().find(|m| m["name"] == "clean-claim-rate").unwrap();
    assert_eq!(pack["head"][0]["before_of"], json!([clean["numerator"], clean["denominator"]]));

    let denials = |by: &str| {
        site.json(&["history", "denials", "--by", by, "--from", WEEK, "--to", WEEK, "--format", "json"])
    };
    let known = denials("payer,carc");
    let total = &table(&pack, "reasons")["total"];
    for key in ["claims", "denials", "amount"] {
        assert_eq!(total[key], known["total"][key], "{key}");
    }
    assert!(known["total"]["denials"].as_i64().unwrap() > 5);
    let rows = table(&pack, "reasons")["rows"].as_array().unwrap();
    for (row, known) in rows.iter().zip(known["rows"].as_array().unwrap()) {
        assert_eq!(row["amount"], known["amount"]);
    }
    let consequences = table(&pack, "consequences");
    let sums = denials("consequence");
    for known in sums["rows"].as_array().unwrap() {
        let name = known["consequence"].as_str().unwrap().replace('-', " ");
        let row = consequences["rows"].as_array().unwrap().iter().find(|r| r["consequence"] == name).unwrap();
        assert_eq!((&row["denials"], &row["amount"]), (&known["denials"], &known["amount"]), "{name}");
    }
}

#[test]
fn the_page_stands_alone() {
    let html = text(&HALF_A_YEAR, &["--format", "html"]);
    for never in
        ["http", "<script", "<link", "<img", "@import", "url(", "javascript:", " src=", " onload", "<iframe"]
    {
        assert!(!html.contains(never), "{never}");
    }
    for (open, close) in [
        ("<table", "</table>"),
        ("<section", "</section>"),
        ("<svg", "</svg>"),
        ("<li>", "</li>"),
        ("<tr>", "</tr>"),
    ] {
        assert_eq!(html.matches(open).count(), html.matches(close).count(), "{open}");
    }
    assert!(html.contains("@page { size: Letter portrait"));
    // Every chart has its table under it.
    assert!(html.matches("<svg").count() >= 3);
    for (at, _) in html.match_indices("<svg") {
        let section = html[at..].split("</section>").next().unwrap();
        assert!(section.contains("<table>"));
    }
    // Nobody's claim is in it.
    let claims =
        fs::read(HALF_A_YEAR.path("made/outbound").read_dir().unwrap().next().unwrap().unwrap().path());
    let number = site::claims(&claims.unwrap()).remove(0);
    assert!(!html.contains(&number));
}

/// A part of a workbook.
fn part(book: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_workbook_has_typed_cells_tables_and_charts_and_no_formula() {
    let site = &*HALF_A_YEAR;
    huddle(site, &["--format", "xlsx", "--out", "book", "--site", "=1+2"]);
    let book = fs::read(site.path(&format!("book/huddle-{WEEK}.xlsx"))).unwrap();
    let names: Vec<String> = zip::ZipArchive::new(std::io::Cursor::new(&book))
        .unwrap()
        .file_names()
        .map(|n| n.unwrap().into_owned())
        .collect();
    let count = |part: &str| names.iter().filter(|n| n.starts_with(part)).count();
    assert!(count("xl/tables/table") >= 8 && count("xl/charts/chart") >= 3, "{names:?}");
    let workbook = part(&book, "xl/workbook.xml");
    assert!(workbook.contains("Page one") && workbook.contains("Denials by reason"), "{workbook}");
    for sheet in names.iter().filter(|n| n.starts_with("xl/worksheets/sheet")) {
        assert!(!part(&book, sheet).contains("<f>"), "{sheet}: a formula");
    }
    let shared = part(&book, "xl/sharedStrings.xml");
    assert!(shared.contains("Huddle of 2026-W46, =1+2"), "the name is text");
    // Sheet 3 is denials by reason: texts by reference, amounts as numbers under a money format.
    let reasons = part(&book, "xl/worksheets/sheet3.xml");
    assert!(reasons.contains("t=\"s\""));
    let styles = part(&book, "xl/styles.xml");
    assert!(styles.contains("$#,##0.00") || styles.contains("&quot;$&quot;#,##0.00"), "{styles}");
    let known = pack(site, &[]);
    let amount = &table(&known, "reasons")["total"]["amount"];
    let plain = amount.as_str().unwrap().trim_end_matches('0').trim_end_matches('.').to_owned();
    assert!(reasons.contains(&format!("<v>{plain}</v>")), "{amount}");
}

#[test]
fn the_csv_is_no_formula_and_holds_every_table() {
    let site = &*HALF_A_YEAR;
    let csv = huddle(site, &["--format", "csv", "--site", "=HYPERLINK(\"x\")"]);
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    assert_eq!(reader.headers().unwrap(), vec!["section", "table", "row", "column", "value"]);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for cell in rows.iter().flat_map(|row| row.iter().collect::<Vec<_>>()) {
        let number = cell.parse::<f64>().is_ok();
        assert!(number || !cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    let find = |table: &str, row: &str, column: &str| {
        rows.iter().find(|r| &r[1] == table && &r[2] == row && &r[3] == column).map(|r| r[4].to_owned())
    };
    let known = pack(site, &[]);
    let total = &table(&known, "reasons")["total"];
    assert_eq!(find("reasons", "total", "amount").as_deref(), total["amount"].as_str());
    assert_eq!(find("", "", "site").as_deref(), Some("'=HYPERLINK(\"x\")"));
    for section in known["detail"].as_array().unwrap() {
        for table in section["tables"].as_array().unwrap() {
            assert!(rows.iter().any(|r| r[1] == *table["id"].as_str().unwrap()));
        }
    }
}

/// Every count of a pack, with where it stands.
fn counts(value: &Value, at: &str, found: &mut Vec<(String, i64)>) {
    match value {
        Value::Object(map) if map.contains_key("columns") => {
            let columns = map["columns"].as_array().unwrap();
            let rows = map["rows"].as_array().unwrap().iter().chain(map.get("total"));
            for row in rows {
                for column in columns.iter().filter(|c| c["kind"] == "count") {
                    let key = column["key"].as_str().unwrap();
                    found.extend(row[key].as_i64().map(|n| (format!("{at}/{}/{key}", map["id"]), n)));
                }
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let is_count =
                    ["claims", "denials", "numerator", "denominator", "n", "of"].contains(&key.as_str());
                if let (true, Some(n)) = (is_count, value.as_i64()) {
                    found.push((format!("{at}/{key}"), n));
                }
                counts(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| counts(value, at, found)),
        _ => {}
    }
}

#[test]
fn a_shared_copy_names_nobody_and_shows_no_small_count() {
    let site = &*HALF_A_YEAR;
    for format in ["html", "csv", "json", "md"] {
        let shared = text(site, &["--format", format, "--blinded", "--site", "Lakeside"]);
        assert!(!shared.contains("ZZP") && !shared.contains("Lakeside"), "{format}");
        assert!(shared.contains("P-"), "{format}: pseudonyms");
    }
    let shared = pack(site, &["--blinded"]);
    let mut found = Vec::new();
    counts(&shared, "", &mut found);
    let small: Vec<_> = found.iter().filter(|(_, n)| *n != 0 && n.abs() < 11).collect();
    assert!(small.is_empty() && found.len() > 50, "{small:?}");
    // Of a table with a sum, what is left out is of two rows or more, or the sum is, too.
    for id in ["reasons", "consequences"] {
        let table = table(&shared, id);
        let out = table["rows"].as_array().unwrap().iter().filter(|r| r["claims"] == "suppressed").count();
        assert!(out != 1 || table["total"]["claims"] == "suppressed", "{id}");
    }
    assert_eq!(shared["shared"]["least"], 11);
    let one = text(site, &["--format", "md", "--blinded", "--blind-key", "one"]);
    assert_eq!(one, text(site, &["--format", "md", "--blinded", "--blind-key", "one"]));
    assert_ne!(one, text(site, &["--format", "md", "--blinded", "--blind-key", "two"]));
}

#[test]
fn a_running_daemon_says_the_same() {
    let site = &*HALF_A_YEAR;
    let alone = pack(site, &[]);
    let daemon = site.start_and_wait();
    let asked = pack(site, &[]);
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(asked, alone);
}

#[test]
fn a_site_without_history_says_so_in_sentences() {
    let site = Site::quick();
    assert!(site.once().status.success());
    let pack = pack(&site, &[]);
    for block in ["wins", "worsening", "stuck", "changes", "teaching", "actions", "next"] {
        assert!(
            pack[block]["said"].as_str().is_some_and(|said| said.ends_with('.')),
            "{block}: {}",
            pack[block]
        );
    }
    let html = text(&site, &["--format", "html"]);
    assert!(html.contains("No claims were held this week") && !html.contains("NaN"));
    huddle(&site, &["--out", "pack"]);
    let done = site.command(&["huddle", "--week", "2026-46"]).output().unwrap();
    assert_eq!(done.status.code(), Some(2), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn held_claims_are_told_by_team_and_age() {
    let site = Site::quick();
    site.drop_file("outbound", "claims.edi", &site::sample("837p-three-claims-one-off.edi"));
    assert!(site.once().status.success());
    let held = site.held();
    let open = held.as_array().unwrap().len() as i64;
    assert!(open > 0);
    let day: jiff::Timestamp = held[0]["held_at"].as_str().unwrap().parse().unwrap();
    let iso = day.to_zoned(jiff::tz::TimeZone::UTC).date().iso_week_date();
    let week = format!("{:04}-W{:02}", iso.year(), iso.week());
    let pack = site.json(&["huddle", "--week", &week, "--format", "json"]);
    assert_eq!(table(&pack, "held")["total"]["claims"], open);
    let said = pack["stuck"]["items"][0]["text"].as_str().unwrap();
    assert!(said.contains("held for") && said.contains("none for more than 7 days"), "{said}");
    // One week of history, and nothing paid yet.
    assert!(table(&pack, "reasons")["rows"].as_array().unwrap().is_empty());
    let reasons = pack["detail"].as_array().unwrap().iter().find(|s| s["id"] == "reasons").unwrap();
    assert_eq!(reasons["said"], format!("No denial was paid in {week}."));
}

#[test]
fn trends_say_what_the_pack_is_told() {
    let site = &*HALF_A_YEAR;
    let found = site.json(&["trends", "--week", WEEK, "--format", "json"]);
    assert_eq!((&found["week"], &found["budget"]), (&json!(WEEK), &json!(1.0)));
    let findings = found["findings"].as_array().unwrap();
    let planted = findings.iter().find(|f| f["payer"] == "ZZP01" && f["carc"] == "197").unwrap();
    assert!(planted["now"]["rate"].as_f64() > planted["usual"]["rate"].as_f64(), "{planted}");
    let sentence = planted["sentence"].as_str().unwrap();
    let text = site.command(&["trends", "--week", WEEK]).output().unwrap();
    assert!(String::from_utf8(text.stdout).unwrap().contains(sentence), "{sentence}");
    assert_eq!(site.command(&["trends", "--week", "W46"]).output().unwrap().status.code(), Some(2));
}
