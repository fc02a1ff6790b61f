//! What is odd about remittances is told by name, whatever the order they came in; balances, deposits and allowed amounts are followed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use site::{Site, sample};

/// An invented remittance: trace, day, BPR02, and what stands between LX and SE; `version` of its group.
struct Made {
    trace: &'static str,
    day: &'static str,
    amount: &'static str,
    body: String,
    version: &'static str,
}

impl Default for Made {
    fn default() -> Made {
        let body = String::new();
        Made { trace: "T", day: "20261116", amount: "0", body, version: "005010X221A1" }
    }
}

/// A file of it; `number` is its interchange's.
fn file(number: u32, made: &Made) -> String {
    let Made { trace, day, amount, body, version } = made;
    let bank = "ACH*CCP*01*999999999*DA*000000000*1129900002**01*999999999*DA*000000001";
    let bpr = format!("BPR*I*{amount}*C*{bank}*{day}~");
    let set = format!(
        "{bpr}TRN*1*{trace}*1129900002~N1*PR*SAMPLE PAYER~N3*200 SAMPLE AVENUE~\
         N4*SPRINGFIELD*IL*627030001~PER*BL*SAMPLE HELP DESK*TE*5555550199~\
         N1*PE*SAMPLE FAMILY PRACTICE*XX*1000000012~{body}"
    );
    let segments = set.matches('~').count() + 2;
    format!(
        "ISA*00*          *00*          *ZZ*SAMPLEPAYER    *ZZ*SAMPLESENDER   *261116*0930*^*00501*{number:09}*0*P*:~\
         GS*HP*SAMPLEPAYER*SAMPLESENDER*20261116*0930*{number}*X*{version}~\
         ST*835*{number:04}~{set}SE*{segments}*{number:04}~GE*1*{number}~IEA*1*{number:09}~"
    )
}

/// A claim payment with one line.
fn claim(
    id: &str,
    status: &str,
    number: &str,
    (charge, paid): (i64, i64),
    procedure: &str,
    cas: &str,
) -> String {
    format!(
        "CLP*{id}*{status}*{charge}*{paid}**12*{number}*11*1~NM1*QC*1*TESTER*ANNA****MI*SAMPLE1001~\
         SVC*HC:{procedure}*{charge}*{paid}**1~DTM*472*20261005~{cas}"
    )
}

fn made(trace: &'static str, amount: &'static str, claims: &str, plb: &str) -> Made {
    let lx = if claims.is_empty() { "" } else { "LX*1~" };
    Made { trace, amount, body: format!("{lx}{claims}{plb}"), ..Made::default() }
}

/// Claims of `837p-clean.edi` under other numbers.
fn sent(site: &Site, name: &str, number: &str, claim: &str) {
    let text = String::from_utf8(sample("837p-clean.edi")).unwrap();
    fs::write(site.path(name), text.replace("000000101", number).replace("CLAIM-A", claim)).unwrap();
}

fn imported(files: &[String], reversed: bool) -> Site {
    let site = Site::quick();
    fs::create_dir_all(site.path("files")).unwrap();
    for (n, claim) in ["ODD-1", "ODD-2", "ODD-3"].iter().enumerate() {
        sent(&site, &format!("files/{}", if reversed { 900 + n } else { n }), &format!("00000090{n}"), claim);
    }
    for (n, text) in files.iter().enumerate() {
        let place = if reversed { 500 - n } else { 100 + n };
        fs::write(site.path(&format!("files/{place}")), text).unwrap();
    }
    let done = site.json(&["history", "import", "files", "--format", "json"]);
    assert_eq!(done["failed"], json!([]), "{done}");
    site
}

fn odd_files() -> Vec<String> {
    let co = |amount: i64| format!("CAS*CO*45*{amount}~");
    let once = made("DUP", "60", &claim("ODD-1", "1", "P1", (150, 60), "99213", &co(90)), "");
    let first = file(1, &once);
    let again = file(2, &once);
    let twice = made("TWICE", "60", &claim("ODD-1", "1", "P2", (150, 60), "99213", &co(90)), "");
    let unbalanced = made("OFF", "10", &claim("ODD-2", "1", "P3", (150, 60), "99213", &co(80)), "");
    let same = made("SAME", "20", &claim("NOT-OURS", "1", "P4", (80, 20), "99213", &co(60)), "");
    let other = made("SAME", "30", &claim("NOT-OURS", "1", "P5", (90, 30), "99214", &co(60)), "");
    let reversal =
        made("BACK", "-40", &claim("NOT-OURS", "22", "P9", (-70, -40), "99215", "CAS*CO*45*-30~"), "");
    let reason = made("WHAT", "0", &claim("ODD-2", "2", "P6", (150, 0), "99213", "CAS*CO*D99*150~"), "");
    let below = made(
        "BELOW",
        "5",
        &claim("ODD-3", "3", "P7", (150, -5), "J9999", "CAS*CO*45*155~"),
        "PLB*1000000012*20261231*CS:LETTER1*-10~",
    );
    let turn = made("TURN", "0", &claim("ODD-3", "4", "P8", (150, 0), "99213", "CAS*CO*97*150~"), "");
    // From a payer to which none of the three was sent, behind another.
    let turn = file(10, &turn).replace("N1*PR*SAMPLE PAYER~", "N1*PR*OTHER PAYER*XV*OTHER9~");
    let old = Made { version: "004010X091A1", ..made("OLD", "1", "", "PLB*1000000012*20261231*L6*-1~") };
    let balance = made("CARRY", "0", "", "PLB*1000000012*20261231*FB:CARRY*-25*CS:L2*25~");
    let take_back = made("TAKE", "0", "", "PLB*1000000012*20261231*WO:NOBODY*15*CS:L3*-15~");
    let rest = [&twice, &unbalanced, &same, &other, &reversal, &reason, &below];
    let mut files = vec![first, again];
    files.extend((3..).zip(rest).map(|(n, made)| file(n, made)));
    files.push(turn);
    // One that can be read beside it, so that the file is of use.
    files.push(file(11, &old) + &file(12, &balance));
    files.push(file(13, &take_back));
    // Another charge on another day than what was sent.
    let fits =
        claim("ODD-3", "1", "P10", (999, 10), "99213", "CAS*CO*45*989~").replace("20261005", "20260105");
    files.push(file(14, &made("NOFIT", "10", &fits, "")));
    files.push("date,amount\n2026-11-16,1.00\n".to_owned());
    files
}

const NAMES: [&str; 15] = [
    "balance-not-closed",
    "claim-paid-twice",
    "duplicate-remittance",
    "imported-file-of-no-use",
    "line-not-matched",
    "negative-payment",
    "not-readable-as-remittance",
    "payment-fits-no-version",
    "payment-for-a-claim-never-sent",
    "reason-not-in-the-dictionary",
    "reversal-without-an-original",
    "same-trace-other-amounts",
    "take-back-of-a-claim-not-known",
    "turn-not-known",
    "unbalanced",
];

#[test]
fn each_odd_thing_is_told_by_its_name_in_whatever_order_files_come() {
    let files = odd_files();
    let of = |reversed| {
        let site = imported(&files, reversed);
        let told = site.json(&["history", "outcomes", "--format", "json"]);
        assert!(site.command(&["rebuild"]).status().unwrap().success());
        assert_eq!(site.json(&["history", "outcomes", "--format", "json"]), told, "folded anew");
        (site, told)
    };
    let (site, told) = of(false);
    let mut edits: BTreeMap<&str, &Value> = BTreeMap::new();
    for one in told["list"].as_array().unwrap() {
        edits.insert(one["outcome"].as_str().unwrap(), &one["edit"]);
    }
    let names: Vec<&str> = edits.keys().copied().collect();
    assert_eq!(names, NAMES, "{told:#}");
    let fits: Vec<&Value> = told["list"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|o| o["outcome"] == "payment-fits-no-version")
        .collect();
    let fit = |key: &str| fits[0][key].as_str().unwrap();
    assert_eq!(
        (fits.len(), fit("edit"), fit("claim"), fit("trace"), fit("amount")),
        (1, "R8-017", "ODD-3", "NOFIT", "10.00")
    );
    assert_eq!(fit("detail"), "none of 1 sent under the number fits");
    let edit = |name: &str| edits[name].as_str();
    assert_eq!(edit("reversal-without-an-original"), Some("R8-015"));
    assert_eq!(edit("same-trace-other-amounts"), Some("R8-016"));
    assert_eq!(edit("payment-for-a-claim-never-sent"), Some("R8-017"));
    assert_eq!(edit("line-not-matched"), Some("R8-018"));
    assert_eq!(edit("balance-not-closed"), Some("R8-019"));
    let by_name = |mut told: Value| {
        // It is told by the name of its file, and those are the other way round.
        told["list"].as_array_mut().unwrap().retain(|o| o["outcome"] != "imported-file-of-no-use");
        told
    };
    assert_eq!(by_name(of(true).1), by_name(told.clone()), "the other way round");
    let text = site.command(&["history", "outcomes"]).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("Ask the payer") && text.contains("claim-paid-twice"), "{text}");
    let csv = site.command(&["history", "outcomes", "--format", "csv"]).output().unwrap();
    let rows = String::from_utf8(csv.stdout).unwrap().lines().count();
    assert_eq!(rows, told["list"].as_array().unwrap().len() + 1);
    let none = site.json(&["history", "outcomes", "--from", "2027-W01", "--format", "json"]);
    assert_eq!(none["list"], json!([]));
    // A daemon that owns the state gives the same bytes.
    let asked = || {
        ["text", "json", "csv"].map(|format| {
            let done = site.command(&["history", "outcomes", "--format", format]).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            done.stdout
        })
    };
    let alone = asked();
    let daemon = site.start_and_wait();
    assert!(
        site.command(&["history", "import", "files"]).output().unwrap().status.code() == Some(3),
        "it owns the state"
    );
    assert!(asked() == alone);
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn an_imported_file_of_no_use_is_told_by_its_name_once() {
    let site = Site::quick();
    fs::create_dir_all(site.path("files")).unwrap();
    let put = |name: &str, text: &str| fs::write(site.path("files").join(name), text).unwrap();
    put("list.csv", "date,amount\n");
    let plb = "PLB*1000000012*20261231*L6*-1~";
    put("old.835", &file(1, &Made { version: "004010X091A1", ..made("OLD", "1", "", plb) }));
    let claims = String::from_utf8(sample("837p-clean.edi")).unwrap();
    put("old.837", &claims.replace("005010X222A1", "004010X098A1"));
    for _ in 0..2 {
        let done = site.json(&["history", "import", "files", "--format", "json"]);
        assert_eq!(done, json!({ "imported": { "of no use": { "files": 3, "claims": 0 } }, "failed": [] }));
    }
    let lines = site.command(&["journal", "export"]).output().unwrap().stdout;
    let lines = String::from_utf8(lines).unwrap();
    let all: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let said = all.iter().map(|r| ["record", "name", "remittances", "interchanges"].map(|k| r[k].clone()));
    let wanted = [("list.csv", 0, 0), ("old.835", 1, 1), ("old.837", 0, 1)];
    let wanted = wanted
        .map(|(name, sets, envelopes)| [json!("of_no_use"), json!(name), json!(sets), json!(envelopes)]);
    assert_eq!(said.collect::<Vec<_>>(), wanted);
    let told = || {
        let told = site.json(&["history", "outcomes", "--format", "json"]);
        let of = |o: &Value| ["outcome", "detail"].map(|k| o[k].as_str().unwrap().to_owned());
        told["list"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let wanted = [
        ["not-readable-as-remittance", "1 in file old.835, 004010X091A1"],
        ["imported-file-of-no-use", "list.csv: no X12"],
        ["imported-file-of-no-use", "old.837: nothing in it that the history reads"],
    ];
    assert_eq!(told(), wanted);
    assert!(site.command(&["rebuild"]).status().unwrap().success());
    assert_eq!(told(), wanted, "folded anew");
}

#[test]
fn a_balance_is_followed_through_three_remittances() {
    let plb = |entries: &str| format!("PLB*1000000012*20261231*{entries}~");
    let all = [
        made("B1", "0", "", &plb("FB:B1*-100*CS:X*100")),
        made("B2", "0", "", &plb("FB:B1*100*FB:B2*-60*CS:X*-40")),
        made("B3", "0", "", &plb("FB:B2*60*FB:B3*-5*CS:X*-55")),
        made("B4", "2.50", "", &plb("L6*-1.25*L6:C*-1.25")),
    ];
    let files: Vec<String> = (1..).zip(&all).map(|(n, one)| file(n, one)).collect();
    let mut answers = Vec::new();
    for reversed in [false, true] {
        let site = imported(&files, reversed);
        answers.push(site.json(&["history", "provider-adjustments", "--format", "json"]));
        let open = site.json(&["history", "provider-adjustments", "--open", "--format", "json"]);
        assert_eq!(open["chains"].as_array().unwrap().len(), 1);
    }
    let shown: Vec<(&str, &str, &str)> = answers[0]["chains"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| ["reference", "state", "open"].map(|k| c[k].as_str().unwrap()).into())
        .collect();
    assert_eq!(shown, [("B3", "open", "5.00"), ("B1", "closed", "0.00"), ("B2", "closed", "0.00")]);
    assert_eq!(answers[0]["chains"][0]["from"], json!(["B2"]));
    assert_eq!(answers[0]["interest"][0]["amount"], "2.50");
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn deposits_are_paired_with_remittances() {
    let plb = |amount: &str| format!("PLB*1000000012*20261231*CS:X*-{amount}~");
    let of = |trace, day, amount: &'static str| Made { day, ..made(trace, amount, "", &plb(amount)) };
    let all = [
        of("E1", "20261102", "1234.56"),
        of("E2", "20261103", "200"),
        of("E3", "20261104", "300"),
        of("E4", "20261105", "400"),
    ];
    let files: Vec<String> = (1..).zip(&all).map(|(n, one)| file(n, one)).collect();
    let site = imported(&files, false);
    let bank = "Date,Description,AMOUNT,Trace\n\
                2026-11-02,in,\"1,234.56\",0000E1\n\
                11/03/2026,in,$150.00,E2\n\
                2026-11-06,in,300.00,REF 77\n\
                2026-11-09,in,9.99,X\n\
                2026-11-09,out,-5.00,E4\n\
                2026-11-30,in,1.00,END\n";
    fs::write(site.path("bank.csv"), bank).unwrap();
    let pairs = site.json(&["history", "eft", "bank.csv", "--format", "json"]);
    let mut told: BTreeMap<&str, &str> = BTreeMap::new();
    for pair in pairs.as_array().unwrap() {
        told.insert(pair["trace"].as_str().unwrap(), pair["how"].as_str().unwrap());
    }
    let wanted = [
        ("E1", "matched"),
        ("E2", "other-amount"),
        ("E3", "likely"),
        ("E4", "remittance-without-deposit"),
        ("END", "deposit-without-remittance"),
        ("X", "deposit-without-remittance"),
    ];
    assert_eq!(told, BTreeMap::from(wanted), "{pairs:#}");
    let said = |format| {
        let done = site.command(&["history", "eft", "bank.csv", "--format", format]).output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    };
    assert!(said("text").contains(" $1,234.56 ") && said("text").contains("-$50.00"), "{}", said("text"));
    assert!(said("csv").contains(",1234.56,") && !said("csv").contains('$'), "money as programs read it");
    fs::write(site.path("bad.csv"), "date,amount\n2026-11-02,1\n").unwrap();
    let bad = site.command(&["history", "eft", "bad.csv"]).output().unwrap();
    assert_eq!(bad.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("trace"));
}

#[test]
fn a_line_allowed_below_the_usual_is_told_with_the_difference() {
    let mut files = Vec::new();
    for n in 0..12u32 {
        let (day, paid) = if n == 11 { ("20261116", 60) } else { ("20261102", 80) };
        let cas = format!("CAS*CO*45*{}~", 100 - paid);
        let mut body = String::from("LX*1~");
        write!(body, "{}", claim(&format!("SANE-{n}"), "1", "P", (100, paid), "99213", &cas)).unwrap();
        let amount = if n == 11 { "60" } else { "80" };
        files.push(file(n + 1, &Made { trace: "S", day, amount, body, ..Made::default() }));
    }
    let on_patient = claim("SANE-P", "1", "P", (100, 70), "99214", "CAS*PR*45*30~");
    files.push(file(50, &made("SP", "70", &on_patient, "")));
    let site = imported(&files, false);
    let told = site.json(&["history", "sanity", "--format", "json"]);
    let rows = told["below_usual"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{told:#}");
    assert_eq!(
        ["claim", "allowed", "usual", "difference"].map(|k| rows[0][k].as_str().unwrap()),
        ["SANE-11", "60.00", "80.00", "20.00"]
    );
    assert_eq!(rows[0]["of"], 11);
    let patient = &told["on_patient"][0];
    assert_eq!(
        (&patient["carc"], &patient["amount"], &patient["edit"]),
        (&json!("45"), &json!("30.00"), &json!("R8-021"))
    );
}
