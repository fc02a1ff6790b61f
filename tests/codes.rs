//! Code sets as a site imports them: files in their publishers' layouts, made here, and plain ones; bad files; undo.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use claimloop::codes::{Answer, CodeSets, Kind};
use claimloop::imports::Imports;
use jiff::civil::{Date, date};
use serde_json::Value;
use site::BINARY;
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(TempDir::new().unwrap())
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    fn codes(&self, args: &[&str]) -> Output {
        let folder = self.0.path().join("codes");
        Command::new(BINARY).arg("codes").arg("--codes").arg(folder).args(args).output().unwrap()
    }

    fn import(&self, kind: &str, more: &[&str]) {
        let out = self.codes(&[&["import", kind], more].concat());
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    fn refused(&self, kind: &str, more: &[&str]) -> String {
        let out = self.codes(&[&["import", kind], more].concat());
        assert_eq!(out.status.code(), Some(2), "{}", String::from_utf8_lossy(&out.stdout));
        String::from_utf8(out.stderr).unwrap()
    }

    fn sets(&self) -> CodeSets {
        Imports::new(self.0.path().join("codes")).load().unwrap()
    }
}

fn answer(sets: &CodeSets, kind: Kind, code: &str, day: Date) -> Answer {
    sets.on(kind, code.as_bytes(), day).unwrap()
}

/// A line of the order file: number, code, flag, short and long text.
fn order(number: usize, code: &str, billable: bool) -> String {
    let (short, long) = (format!("Short {code}"), format!("Long {code}"));
    format!("{number:05} {code:<7} {} {short:<60} {long}\r\n", u8::from(billable))
}

#[test]
fn diagnoses_order_file_and_addenda() {
    let folder = Folder::new();
    let text = order(1, "A00", false) + &order(2, "A000", true) + &order(3, "Z9990", true);
    let file = folder.write("icd10cm_order_2028.txt", text);
    assert!(folder.refused("icd-10-cm", &[&file]).contains("--smaller"), "three codes are no ICD-10-CM");
    folder.import("icd-10-cm", &[&file, "--smaller"]);
    let sets = folder.sets();
    let on = |code: &str, day| answer(&sets, Kind::Icd10cm, code, day);
    assert_eq!((on("A000", date(2020, 1, 1)), on("A000", date(2027, 10, 1))), (Answer::Valid, Answer::Valid));
    assert_eq!(
        (on("Z9990", date(2027, 10, 1)), on("A00", date(2027, 10, 1))),
        (Answer::Valid, Answer::Unknown)
    );
    assert!(matches!(on("Z9990", date(2027, 9, 30)), Answer::OutOfDate { .. }), "it began in October");
    // What the list doesn't hold was valid until then.
    assert_eq!(on("E119", date(2027, 9, 30)), Answer::Valid);
    assert!(matches!(on("E119", date(2027, 10, 1)), Answer::OutOfDate { .. }));
    let addenda = folder.write(
        "icd10cm_order_addenda_2029.txt",
        "Add:         1 Z9991   Short text                                                   Long text\r\n\
         Delete:      1 Z9990   Short text                                                   Long text\r\n\
         Revise from: 1 A000    Old                                                          Old\r\n\
         Revise to:   1 A000    New                                                          New\r\n\
         Add:         0 Z999    A heading                                                    A heading\r\n\r\n\
         Additions: 2\r\nDeletions: 1\r\n",
    );
    folder.import("icd-10-cm", &[&addenda]);
    let sets = folder.sets();
    let on = |code: &str, day| answer(&sets, Kind::Icd10cm, code, day);
    assert_eq!(
        (on("Z9990", date(2028, 9, 30)), on("Z9991", date(2028, 10, 1))),
        (Answer::Valid, Answer::Valid)
    );
    assert!(matches!(on("Z9990", date(2028, 10, 1)), Answer::OutOfDate { .. }));
    assert_eq!(on("A000", date(2028, 10, 1)), Answer::Valid);
    assert_eq!(sets.table(Kind::Icd10cm).unwrap().note(b"A000", date(2028, 10, 1)), Some("New"));
}

/// A line of the fixed-width HCPCS file.
fn anweb(code: &str, record: char, short: &str, added: &str, ended: &str) -> String {
    let mut line = vec![b' '; 293];
    let mut put = |column: usize, text: &str| {
        line[column - 1..column - 1 + text.len()].copy_from_slice(text.as_bytes())
    };
    put(1, code);
    put(6, "00100");
    put(11, &record.to_string());
    put(12, "A long text that may go on");
    put(92, short);
    put(269, added);
    put(277, added);
    put(285, ended);
    put(293, "N");
    String::from_utf8(line).unwrap() + "\r\n"
}

#[test]
fn hcpcs_fixed_width_and_columns() {
    let folder = Folder::new();
    let text = anweb("Q9001", '3', "Made-up supply", "20200101", "")
        + &anweb("Q9001", '4', "", "", "")
        + &anweb("Q9002", '3', "Ended supply", "20200101", "20251231")
        + &anweb("   ZA", '7', "Made-up modifier", "20200101", "");
    let file = folder.write("HCPC2026_JUL_ANWEB.txt", text);
    folder.import("hcpcs", &[&file]);
    let sets = folder.sets();
    let on = |code: &str, day| answer(&sets, Kind::Hcpcs, code, day);
    assert_eq!(sets.len(Kind::Hcpcs), 2);
    assert_eq!(
        (on("Q9001", date(2026, 7, 1)), on("Q9002", date(2025, 12, 31))),
        (Answer::Valid, Answer::Valid)
    );
    assert!(matches!(on("Q9002", date(2026, 1, 1)), Answer::OutOfDate { .. }));
    assert!(matches!(on("Q9001", date(2019, 1, 1)), Answer::OutOfDate { .. }));
    assert_eq!(sets.table(Kind::Hcpcs).unwrap().note(b"Q9001", date(2026, 7, 1)), Some("Made-up supply"));
    let columns = "HCPC,SEQNUM,RECID,LONG DESCRIPTION,SHORT DESCRIPTION,ADD DT,ACT EFF DT,TERM DT,ACTION CD\n\
                   Q9003,00100,3,\"Long, with a comma\",New supply,20261001,20261001,,A\n\
                   Q9003,00200,4,goes on,,,,,\n   ZA,00100,7,modifier,,20200101,20200101,,N\n\
                   Q9001,00100,3,Long,Made-up supply,20200101,20200101,,N\n";
    let file = folder.write("HCPC2026_OCT_ANWEB.csv", columns);
    folder.import("hcpcs", &[&file]);
    let sets = folder.sets();
    let on = |code: &str, day| answer(&sets, Kind::Hcpcs, code, day);
    assert_eq!(
        (on("Q9003", date(2026, 10, 1)), on("Q9001", date(2026, 10, 1))),
        (Answer::Valid, Answer::Valid)
    );
    assert!(matches!(on("Q9003", date(2026, 9, 30)), Answer::OutOfDate { .. }));
    let digit = folder.write("HCPC2027_JAN.txt", anweb("99213", '3', "No HCPCS Level II", "20200101", ""));
    assert!(folder.refused("hcpcs", &[&digit]).contains("no code of hcpcs"));
}

#[test]
fn procedure_pairs() {
    let folder = Folder::new();
    let head = "A notice of the publisher \u{e9}\r\nColumn1/Column2 Edits\r\n\t\t*=in existence\r\nColumn 1\tColumn 2\tprior to 1996\tEffective\tDeletion\tModifier\tRationale\r\n";
    let one = head.to_owned()
        + "99213\t36415\t\t20200101\t*\t1\tMisuse\r\n99213\t36416\t*\t19960101\t20201231\t0\tMisuse\r\n";
    let two = head.to_owned()
        + "G0463\t99213\t\t20210401\t20210401\t9\tWithdrawn\r\nG0463\t99213\t\t20220101\t*\t1\tMisuse\r\n";
    let latin: Vec<u8> = one.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let files = [folder.write("ccipra-v322r0-f1.TXT", latin), folder.write("ccipra-v322r0-f2.TXT", &two)];
    folder.import("ncci-practitioner", &[&files[0], &files[1]]);
    let sets = folder.sets();
    let pairs = sets.pairs(Kind::NcciPractitioner).unwrap();
    let on = |a: &str, b: &str, day| pairs.on(a.as_bytes(), b.as_bytes(), day);
    assert_eq!(pairs.len(), 4);
    assert_eq!(
        (on("99213", "36415", date(2026, 1, 1)), on("36415", "99213", date(2026, 1, 1))),
        (Some(1), None)
    );
    assert_eq!(
        (on("99213", "36416", date(2020, 12, 31)), on("99213", "36416", date(2021, 1, 1))),
        (Some(0), None)
    );
    assert_eq!(
        (on("G0463", "99213", date(2021, 4, 1)), on("G0463", "99213", date(2022, 1, 1))),
        (Some(9), Some(1))
    );
    let bad = folder.write("bad.txt", one + "99213\t3641\t\t20200101\t*\t1\tMisuse\r\n");
    let said = folder.refused("ncci-practitioner", &[&bad]);
    assert!(said.contains("bad.txt, line 7") && said.contains("\"3641\""), "{said}");
}

#[test]
fn unit_limits_add_ons_and_fee_schedule() {
    let folder = Folder::new();
    let mue = |value: u32| {
        format!(
            "\"A notice\nof several lines\",,,\n\"HCPCS/\nCPT Code\",\"Practitioner Services MUE Values\",MUE Adjudication Indicator,MUE Rationale\n\
             99213,{value},3 Date of Service Edit: Clinical,Nature of Service\nJ9999,40,1 Line Edit,Prescribing\n"
        )
    };
    let file = folder.write("MCR_MUE_PractitionerServices_Eff_04-01-2026.csv", mue(2));
    folder.import("mue-practitioner", &[&file]);
    let file = folder.write("MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", mue(1));
    folder.import("mue-practitioner", &[&file]);
    let sets = folder.sets();
    let table = sets.table(Kind::MuePractitioner).unwrap();
    let limit = |day| table.note(b"99213", day);
    assert_eq!(
        (limit(date(2026, 6, 30)), limit(date(2026, 7, 1)), limit(date(2026, 3, 31))),
        (Some("2 3"), Some("1 3"), None)
    );
    assert_eq!(table.note(b"J9999", date(2026, 9, 1)), Some("40 1"));
    let add_ons = "Notice\r\nAOC_Edit_Type\tAdd-On_Code\tAOC_DelDT\tPrimary_Code\tPrimary_Code_DelDT\tAOC_Edit_EffDT\tAOC_Edit_DelDT\tSpecial_Instruction_Notes\r\n\
                   1\t11045\t\t11042\t\t2013091\t\t\r\n2\t99292\t\tCCCCC\t\t2013091\t2025365\t\r\n";
    let file = folder.write("AOC_V2026Q3-MCR.txt", add_ons);
    folder.import("add-on", &[&file]);
    let sets = folder.sets();
    let pairs = sets.pairs(Kind::AddOn).unwrap();
    assert_eq!(pairs.on(b"11045", b"11042", date(2026, 1, 1)), Some(1));
    assert_eq!(pairs.on(b"11045", b"11042", date(2013, 3, 31)), None);
    assert!(pairs.begins(b"99292", date(2025, 12, 31)) && !pairs.begins(b"99292", date(2026, 1, 1)));
    let preamble = "2026 National Physician Fee Schedule,,\nReleased,,\n";
    let mut cells = vec![""; 31];
    (cells[0], cells[2], cells[3], cells[13], cells[14], cells[18], cells[19]) =
        ("99213", "NOT KEPT", "A", "0", "XXX", "0", "0");
    let plain = cells.join(",");
    (cells[0], cells[13], cells[14], cells[18], cells[19]) = ("27447", "0", "090", "2", "1");
    let surgery = cells.join(",");
    cells[1] = "26";
    let text = format!(
        "{preamble}HCPCS,MOD,DESCRIPTION,{}\n{plain}\n{surgery}\n{}\n",
        ",".repeat(27),
        cells.join(",")
    );
    let file = folder.write("PPRRVU2026_Jul_nonQPP.csv", text);
    folder.import("fee-schedule", &[&file]);
    let sets = folder.sets();
    let table = sets.table(Kind::FeeSchedule).unwrap();
    assert_eq!(table.note(b"27447", date(2026, 7, 1)), Some("0 090 2 1"));
    assert_eq!((table.len(), table.note(b"99213", date(2026, 7, 1))), (2, Some("0 XXX 0 0")));
}

#[test]
fn plain_files_of_every_kind() {
    let folder = Folder::new();
    let plain = |kind: &str, text: &str| {
        let file = folder.write(&format!("{kind}.csv"), text);
        folder.import(kind, &[&file, "--effective", "2026-07-01", "--smaller"]);
    };
    plain(
        "carc",
        "code,description,start,stop\n997,Made up,2020-01-01,\n998,\"Made up, too\",2020-01-01,2025-06-30\n",
    );
    plain("rarc", "code,description,start,stop\nN997,Made up,2020-01-01,\n");
    plain("revenue-code", "code,text\n0199,Made up\n");
    plain("cpt", "code,from,to\n99213,1992-01-01,\n");
    plain("cdt", "code\nD0120\n");
    plain("taxonomy", "Code,Grouping,Classification\n207Q00000X,Made up,Made up\n");
    plain(
        "ncci-hospital",
        "column1,column2,effective,deleted,modifier_indicator\n99213,36415,2020-01-01,,1\n",
    );
    plain("mue-hospital", "service,code,mue,mai\nhospital,99213,2,3\npractitioner,99213,9,3\n");
    plain("add-on", "add_on,primary,type\n11045,11042,1\n");
    plain("fee-schedule", "code,pctc,global,bilateral\n27447,0,090,1\n");
    plain("icd-10-cm-attribute", "code,attributes,from\nM17.12,L,2015-10-01\n");
    plain("icd-10-cm-excludes1", "code,excludes\nE11,E10 E13.1\n");
    for kind in ["pos", "modifier", "state"] {
        plain(kind, "code,text\nZ9,Made up\n");
    }
    for kind in ["condition-code", "occurrence-code", "occurrence-span-code", "value-code", "bill-type"] {
        plain(kind, "code,text\n99,Made up\n");
    }
    let sets = folder.sets();
    assert!(matches!(answer(&sets, Kind::Carc, "998", date(2026, 1, 1)), Answer::OutOfDate { .. }));
    assert_eq!(sets.table(Kind::Carc).unwrap().note(b"998", date(2025, 1, 1)), Some("Made up, too"));
    assert_eq!(sets.table(Kind::MueHospital).unwrap().note(b"99213", date(2026, 7, 1)), Some("2 3"));
    assert_eq!(sets.table(Kind::FeeSchedule).unwrap().note(b"27447", date(2026, 7, 1)), Some("0 090 - 1"));
    assert_eq!(sets.pairs(Kind::NcciHospital).unwrap().on(b"99213", b"36415", date(2026, 1, 1)), Some(1));
    let said = |kind, code: &str| {
        sets.table(kind).unwrap().note(code.as_bytes(), date(2026, 7, 1)).map(str::to_owned)
    };
    assert_eq!(said(Kind::DiagnosisAttribute, "M1712").as_deref(), Some("L"));
    assert_eq!(said(Kind::Excludes1, "E11").as_deref(), Some("E10 E131"));
    let out = folder.codes(&["list", "--format", "json"]);
    let list: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
    let carc = list.iter().find(|s| s["kind"] == "carc").unwrap();
    assert_eq!((carc["origin"].as_str(), carc["codes"].as_u64()), (Some("imported"), Some(2)));
    assert_eq!(carc["manifest"]["sources"][0]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn lists_of_providers_and_drugs() {
    let folder = Folder::new();
    let import = |kind: &str, name: &str, text: &str| folder.import(kind, &[&folder.write(name, text)]);
    import(
        "npi",
        "npidata.csv",
        "\"NPI\",\"Entity Type Code\",\"NPI Deactivation Date\",\"NPI Reactivation Date\"\n1000000012,2,,\n\
         1000000020,1,06/30/2026,\n1000000038,2,01/01/2020,02/01/2020\n1000000046,,01/01/2010,\n",
    );
    import(
        "exclusion",
        "UPDATED.csv",
        "LASTNAME,BUSNAME,NPI,DOB,EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE\n\
         TESTER,,1000000020,19700101,1128a1,20250320,00000000,00000000,\n\
         TESTER,,0000000000,19700101,1128a1,20250320,00000000,00000000,\n\
         TESTER,,1000000046,19700101,1128a1,20200320,20210401,00000000,\n\
         TESTER,,1000000061,19700101,1128a1,20250320,00000000,20250320,IL\n",
    );
    import(
        "ndc",
        "package.txt",
        "PRODUCTID\tPRODUCTNDC\tNDCPACKAGECODE\tPACKAGEDESCRIPTION\tSTARTMARKETINGDATE\tENDMARKETINGDATE\n\
         x\t0001-0001\t0001-0001-1\tMade up\t20200101\t\nx\t00001-002\t00001-002-01\tMade up\t20200101\t20251231\n",
    );
    let sets = folder.sets();
    let on = |kind, code: &str, day| answer(&sets, kind, code, day) == Answer::Valid;
    assert!(on(Kind::Npi, "1000000012", date(2026, 1, 1)) && !on(Kind::Npi, "1000000046", date(2026, 1, 1)));
    assert!(
        on(Kind::Npi, "1000000020", date(2026, 6, 29)) && !on(Kind::Npi, "1000000020", date(2026, 6, 30))
    );
    assert!(on(Kind::Npi, "1000000038", date(2020, 2, 1)) && !on(Kind::Npi, "1000000038", date(2020, 1, 31)));
    assert_eq!(sets.table(Kind::Npi).unwrap().note(b"1000000012", date(2026, 1, 1)), Some("2"));
    let excluded = |code: &str, day| on(Kind::Exclusion, code, day);
    assert!(!excluded("1000000020", date(2025, 3, 19)) && excluded("1000000020", date(2026, 1, 1)));
    assert!(excluded("1000000046", date(2021, 3, 31)) && !excluded("1000000046", date(2021, 4, 1)));
    assert_eq!(sets.len(Kind::Exclusion), 2, "no NPI, or a waiver");
    assert!(on(Kind::Ndc, "00001000101", date(2026, 1, 1)) && on(Kind::Ndc, "00001000201", date(2025, 1, 1)));
    assert!(!on(Kind::Ndc, "00001000201", date(2026, 1, 1)));
    for (kind, text, said) in [
        ("npi", "npi,entity\n1000000012,3\n", "line 2: \"3\" is no entity type"),
        ("npi", "npi\n100000001\n", "is no code of npi"),
        ("npi", "number\n1000000012\n", "line 1: a column npi is wanted"),
        ("ndc", "ndc\n0001-0001\n", "line 2: \"0001-0001\" is no drug number"),
        ("ndc-hcpcs", "ndc,hcpcs,from\n00001-0001-01,,2020-01-01\n", "line 2: \"\" is no code"),
    ] {
        let found = folder.refused(kind, &[&folder.write("bad.csv", text)]);
        assert!(found.contains(said), "{text:?}: {found}");
    }
}

#[test]
fn lists_of_what_goes_with_what() {
    let folder = Folder::new();
    let import = |kind: &str, name: &str, text: &str, more: &[&str]| {
        folder.import(kind, &[&[folder.write(name, text).as_str()], more].concat());
    };
    let from = ["--effective", "2026-07-01"];
    let pairs = "code,diagnosis\n93000,R00.0\n93000,I10\n93000,I10\n93005,I10\n";
    import("covered-diagnosis", "covered.csv", pairs, &from);
    let dated = "code,revenue_code,from,to\n93005,0730,2020-01-01,\n93005,0480,2020-01-01,2020-12-31\n";
    import("revenue-hcpcs", "revenue.csv", dated, &[]);
    import("ndc-hcpcs", "crosswalk.csv", "ndc,hcpcs\n0001-0001-1,J1100\n", &from);
    import("single-dose-drug", "drugs.csv", "code\nJ2003\n", &from);
    let addendum = "Addendum B,,,\n\"A notice, of the publisher\",,,\nHCPCS Code,Short Descriptor,SI,APC\n27236,Made up,C,\n27447,Made up,J1,5115\n";
    import("inpatient-only", "2026_July_Web_Addendum_B.csv", addendum, &[]);
    let sets = folder.sets();
    let note = |kind, code: &str| sets.table(kind).unwrap().note(code.as_bytes(), date(2026, 7, 1));
    assert_eq!(note(Kind::CoveredDiagnosis, "93000"), Some("I10 R000"));
    assert_eq!(note(Kind::RevenueHcpcs, "93005"), Some("0730"));
    assert_eq!(sets.table(Kind::RevenueHcpcs).unwrap().intervals(b"93005").count(), 2);
    assert_eq!(note(Kind::NdcHcpcs, "00001000101"), Some("J1100"));
    let before = date(2026, 6, 30);
    assert!(matches!(answer(&sets, Kind::SingleDoseDrug, "J2003", before), Answer::OutOfDate { .. }));
    assert_eq!(answer(&sets, Kind::InpatientOnly, "27236", date(2026, 7, 1)), Answer::Valid);
    assert_eq!(answer(&sets, Kind::InpatientOnly, "27447", date(2026, 7, 1)), Answer::Unknown);
    let out = folder.codes(&["check", "--format", "json"]);
    let value: Value = serde_json::from_slice(&out.stdout).unwrap();
    let off = |id: &str| value["off"].as_array().unwrap().iter().any(|o| o["edit"] == id);
    assert!(off("E5-002") && off("E7-014") && off("E6-007"), "{value}");
    assert!(!off("E6-015") && !off("E6-022") && !off("E6-024") && !off("E6-025") && !off("E5-036"));
}

#[test]
fn what_is_refused_changes_nothing_and_what_was_imported_can_be_undone() {
    let folder = Folder::new();
    let first =
        folder.write("first.csv", "code,from,to\nQ9001,2020-01-01,\nQ9002,2020-01-01,\nQ9003,2020-01-01,\n");
    folder.import("hcpcs", &[&first, "--effective", "2026-01-01"]);
    let second = folder.write("second.csv", "code,from,to\nQ9001,2020-01-01,\nQ9004,2020-01-01,\n");
    assert!(folder.refused("hcpcs", &[&second]).contains("--effective"), "a list needs its day");
    for (text, said) in [
        ("code,from\nQ9001,2020-13-01\n", "line 2: \"2020-13-01\" is no day"),
        ("code,from\n99213,2020-01-01\n", "\"99213\" is no code of hcpcs"),
        ("code,from,to\nQ9001,2020-01-02,2020-01-01\n", "before it begins"),
        ("name\nQ9001\n", "line 1"),
        ("", "line"),
        ("code\n", "nothing in it"),
        ("Q9001,\"open\n", "line 1"),
    ] {
        let bad = folder.write("bad.csv", text);
        let found = folder.refused("hcpcs", &[&bad, "--effective", "2026-04-01"]);
        assert!(found.contains("bad.csv") && found.contains(said), "{text:?}: {found}");
    }
    assert_eq!(folder.sets().len(Kind::Hcpcs), 3);
    let dry = folder.codes(&["import", "hcpcs", &second, "--effective", "2026-04-01", "--dry-run"]);
    assert!(dry.status.success() && folder.sets().len(Kind::Hcpcs) == 3);
    folder.import("hcpcs", &[&second, "--effective", "2026-04-01"]);
    assert_eq!(folder.sets().len(Kind::Hcpcs), 4);
    // What broken-off imports and undos left stands in nobody's way.
    for left in [".undone.tmp", ".0003.tmp"] {
        let left = folder.0.path().join("codes/hcpcs").join(left);
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("data"), "half").unwrap();
    }
    assert!(folder.codes(&["undo", "hcpcs"]).status.success());
    assert_eq!(folder.sets().len(Kind::Hcpcs), 3);
    assert!(folder.codes(&["undo", "hcpcs"]).status.success());
    assert_eq!(folder.sets().len(Kind::Hcpcs), 0);
    assert_eq!(folder.codes(&["undo", "hcpcs"]).status.code(), Some(2));
}

#[test]
fn a_damaged_set_is_told_and_never_asked() {
    let folder = Folder::new();
    let file = folder.write("first.csv", "code,from,to\nQ9001,2020-01-01,\n");
    folder.import("hcpcs", &[&file, "--effective", "2026-01-01"]);
    let data = folder.0.path().join("codes/hcpcs/0001/data");
    fs::write(&data, "Q9001,20210101,\n").unwrap();
    assert_eq!(folder.codes(&["check"]).status.code(), Some(3));
    let claims = folder.write("c.edi", fs::read("config/edits/bases/837p-office.edi").unwrap());
    let out = Command::new(BINARY)
        .args(["scrub", &claims, "--codes"])
        .arg(folder.0.path().join("codes"))
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn edits_are_off_until_their_list_is_there() {
    let folder = Folder::new();
    let off = |folder: &Folder| {
        let out = folder.codes(&["check", "--format", "json"]);
        let value: Value = serde_json::from_slice(&out.stdout).unwrap();
        value["off"].as_array().unwrap().iter().any(|o| o["needs"] == "hcpcs")
    };
    assert!(off(&folder));
    let file = folder.write("first.csv", "code,from,to\nQ9001,2020-01-01,\n");
    folder.import("hcpcs", &[&file, "--effective", "2026-01-01"]);
    assert!(!off(&folder));
}

/// The lists that lie beside the project import, where they are.
#[test]
fn public_lists_import() {
    let folder = Folder::new();
    let Some(lists) = std::env::var_os("CLAIMLOOP_CODES") else {
        println!("absent, not run: CLAIMLOOP_CODES names no folder of public code lists");
        return;
    };
    let path = |name: &str| Path::new(&lists).join(name).display().to_string();
    folder.import("hcpcs", &[&path("hcpcs.csv"), "--effective", "2026-07-01"]);
    folder.import("mue-practitioner", &[&path("mue_hcpcs_level2.csv"), "--effective", "2026-04-01"]);
    folder.import("ncci-practitioner", &[&path("ncci_ptp_hcpcs_level2_2024q3.csv")]);
    folder.import("carc", &[&path("carc.csv")]);
    folder.import("revenue-code", &[&path("revenue_codes.csv")]);
    let sets = folder.sets();
    let sizes = [Kind::Hcpcs, Kind::MuePractitioner, Kind::NcciPractitioner, Kind::Carc].map(|k| sets.len(k));
    println!("imported {sizes:?}");
    assert!(sizes.iter().all(|n| *n > 400));
    assert_eq!(answer(&sets, Kind::Hcpcs, "J1100", date(2026, 7, 1)), Answer::Valid);
}
