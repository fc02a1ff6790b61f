//! What claimloop tells of its edits and codes: explain, list, docs, checklist, diff.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use site::BINARY;
use tempfile::TempDir;

fn run(args: &[&str]) -> Output {
    Command::new(BINARY).args(args).output().unwrap()
}

fn told(args: &[&str]) -> String {
    let out = run(args);
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn the_page_of_edits_is_fresh() {
    let page = fs::read_to_string("docs/edits.md").unwrap();
    assert!(page == told(&["edits", "docs"]), "write it again: claimloop edits docs > docs/edits.md");
}

#[test]
fn lists_are_of_what_was_asked() {
    let list = |more: &[&str]| -> Vec<Value> {
        serde_json::from_str(&told(&[&["edits", "list", "--format", "json"], more].concat())).unwrap()
    };
    let all = list(&[]);
    assert!(all.iter().filter(|e| e["status"] != "retired").count() >= 110);
    let some = list(&["--owner", "coding", "--snip", "6"]);
    assert!(!some.is_empty() && some.len() < all.len());
    assert!(some.iter().all(|e| e["owner"] == "coding" && e["snip"] == 6));
    let at = list(&["--at", "CLM05", "--status", "active"]);
    assert!(
        !at.is_empty()
            && at.iter().all(|e| e["at"].as_str().unwrap().contains("CLM05") && e["status"] == "active")
    );
    for wrong in [["--owner", "coders"], ["--status", "on"]] {
        assert_eq!(run(&[&["edits", "list"], &wrong[..]].concat()).status.code(), Some(2));
    }
}

#[test]
fn a_checklist_has_a_line_for_each_active_edit() {
    let active: Vec<Value> =
        serde_json::from_str(&told(&["edits", "list", "--status", "active", "--format", "json"])).unwrap();
    let wanted = |e: &&Value| !e["id"].as_str().unwrap().starts_with('R');
    let (md, html) = (told(&["edits", "checklist"]), told(&["edits", "checklist", "--format", "html"]));
    assert_eq!(md.matches("- [ ] ").count(), active.iter().filter(wanted).count());
    assert_eq!(html.matches("<li>").count(), md.matches("- [ ] ").count());
    let own = told(&["edits", "checklist", "--owner", "coding"]);
    assert!(own.contains("(E6-001)") && !own.contains("E3-001"));
}

#[test]
fn what_differs_between_two_folders() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().display().to_string();
    let (old, new) = (format!("{path}/old"), format!("{path}/new"));
    for side in [&old, &new] {
        fs::create_dir_all(side).unwrap();
        for file in ["E6-001-services-never-paid-together", "E6-035-line-the-same-as-one-before-it"] {
            fs::copy(format!("config/edits/6-service-type/{file}.toml"), format!("{side}/{file}.toml"))
                .unwrap();
        }
    }
    assert_eq!(told(&["edits", "diff", &old, &new]), "no edit differs\n");
    let changed = format!("{new}/E6-001-services-never-paid-together.toml");
    let text = fs::read_to_string(&changed).unwrap();
    fs::write(&changed, text.replacen("\"hold\"", "\"warn\"", 1)).unwrap();
    fs::remove_file(format!("{new}/E6-035-line-the-same-as-one-before-it.toml")).unwrap();
    let out = run(&["edits", "diff", &old, &new]);
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(said.contains("~ E6-001") && said.contains("severity: \"hold\" -> \"warn\""), "{said}");
    assert!(said.contains("- E6-035"), "{said}");
    fs::write(&changed, "id = ").unwrap();
    assert_eq!(run(&["edits", "diff", &old, &new]).status.code(), Some(2));
}

#[test]
fn everything_that_has_a_number_is_explained() {
    for (id, wanted) in [
        ("E3-001", "claim-total-differs-from-lines"),
        ("CARC-16", "Means"),
        ("16", "CARC 16"),
        ("59", "Modifier 59"),
        ("59", "CARC-59"),
        ("CARC-59", "CARC 59"),
        ("MOD-25", "Modifier 25"),
        ("N130", "RARC N130"),
        ("RARC-MA130", "RARC MA130"),
        ("E11.9", "E11.9: diagnosis"),
        ("ICD-A04.7", "to 2017-09-30"),
        ("M17.12", "Says     of the left side"),
        ("E11.9", "Excludes E08, E09, E10"),
        ("J1100", "HCPCS codes look the same"),
    ] {
        let said = told(&["explain", id]);
        assert!(said.contains(wanted), "{id}: {said}");
    }
    for id in ["E9-999", "CARC-9999", "HCPCS-J1100", "ZZZZ", ""] {
        assert_eq!(run(&["explain", id]).status.code(), Some(2), "{id}");
    }
}

#[test]
fn imported_texts_are_shown() {
    let folder = TempDir::new().unwrap();
    let codes = folder.path().join("codes").display().to_string();
    let import = |kind: &str, text: &str| {
        let file = folder.path().join(kind);
        fs::write(&file, text).unwrap();
        told(&["codes", "--codes", &codes, "import", kind, &file.display().to_string()]);
    };
    import("carc", "code,description,start,stop\n16,Our own words for it,1995-01-01,\n");
    import("rarc", "code,description,start,stop\nN130,Our own remark,1999-01-01,\n");
    import("hcpcs", "code,added,text\nJ1100,19900101,A made-up supply\n");
    for (id, wanted) in [
        ("16", "Our own words"),
        ("N130", "Our own remark"),
        ("J1100", "A made-up supply"),
        ("HCPCS-J1100", "Valid"),
    ] {
        let said = told(&["explain", id, "--codes", &codes]);
        assert!(said.contains(wanted), "{id}: {said}");
    }
}
