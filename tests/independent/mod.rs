//! Other people's readers, from public registries: what we write is read by them, and our schemas held against theirs.

#[path = "environment.rs"]
mod environment;

use std::path::Path;
use std::process::Command;

use environment::environment;

use super::{MUTANTS, answers_to};

#[test]
fn schemas_differ_from_other_maps_only_where_we_say_why() {
    let Some(folder) = environment() else { return };
    let run = Command::new(folder.join("bin/python"))
        .args(["tests/schemas/compare_pyx12.py", "config/schemas", "--check", "docs/schemas.md"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
}

#[test]
fn an_independent_parser_accepts_our_answers() {
    let Some(folder) = environment() else { return };
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("answers");
    std::fs::create_dir_all(&place).unwrap();
    for of in MUTANTS {
        let path = place.join(format!("{}.edi", of.0.replace(' ', "-")));
        std::fs::write(&path, answers_to(of)).unwrap();
        let run = Command::new(folder.join("bin/python"))
            .args(["-m", "pyx12.scripts.x12valid"])
            .arg(&path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        // Two differences of opinion, argued in docs/schemas.md: how long a loop id may be, and whether a 277CA must
        // speak of the provider as such.
        let ours = ["(IK303) is too long", "(2200C) missing"];
        let wrong: Vec<&str> =
            said.lines().filter(|l| l.contains("ERROR") && !ours.iter().any(|o| l.contains(o))).collect();
        assert!(wrong.is_empty() && said.contains(".edi: "), "{}: {said}", of.0);
    }
}
