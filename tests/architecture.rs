//! The layers: a module imports only from those before it; each outside crate has its home; files stay short.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lowest first. Names in one row don't import each other.
const LAYERS: &[&[&str]] = &[
    &["phi", "x12"],
    &["schema"],
    &["claim", "remit"],
    &["codes"],
    &["payers"],
    &["edits"],
    &["scrub"],
    &["acks"],
    &["events"],
    &["seal"],
    &["world"],
    &["journal"],
    &["archive", "store"],
    &["imports"],
    &["history"],
    &["holds"],
    &["reconcile"],
    &["trends"],
    &["sheets"],
    &["alerts"],
    &["huddle"],
    &["config"],
    &["sinks"],
    &["daemon"],
    &["web"],
    &["simulate"],
    &["cli"],
];

/// Crates that have one home; the runtime is at home in the daemon, and in what it serves.
const HOMES: &[(&str, &str)] = &[
    ("nom", "x12"),
    ("sled", "store"),
    ("notify", "daemon"),
    ("clap", "cli"),
    ("tokio", "daemon"),
    ("tokio", "web"),
    ("futures_util", "web"),
    ("axum", "web"),
    ("maud", "web"),
    ("argon2", "web"),
    ("tokio_rustls", "web"),
    ("sd_notify", "daemon"),
    ("aes_gcm_siv", "seal"),
    ("getrandom", "seal"),
    ("hmac", "seal"),
    ("zeroize", "seal"),
    ("arrow_array", "cli"),
    ("arrow_schema", "cli"),
    ("parquet", "cli"),
    ("lettre", "sinks"),
    ("ureq", "sinks"),
    ("rust_xlsxwriter", "huddle"),
    ("rust_xlsxwriter", "sheets"),
];

/// Crates and names of the standard library that the pure core may not touch.
const SHELL_ONLY: &[&str] =
    &["std::fs", "std::env", "std::time", "std::net", "tracing", "tokio", "jiff::Zoned", "jiff::Timestamp"];
const PURE: &[&str] =
    &["x12", "schema", "claim", "remit", "codes", "payers", "edits", "scrub", "reconcile", "trends"];

fn sources(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push(path);
        }
    }
}

fn all() -> Vec<(String, String, String)> {
    let mut paths = Vec::new();
    sources(Path::new("src"), &mut paths);
    paths.sort();
    let read = |p: &PathBuf| {
        let shown = p.display().to_string();
        let module =
            p.components().nth(1).unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(p).unwrap();
        // Tests may look anywhere.
        let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
        (shown, module, code)
    };
    paths.iter().map(read).filter(|(_, m, _)| m != "lib" && m != "main").collect()
}

fn layer(module: &str) -> usize {
    LAYERS.iter().position(|l| l.contains(&module)).unwrap_or_else(|| panic!("{module} has no layer"))
}

/// Lines that are code, without comments.
fn code_lines(code: &str) -> impl Iterator<Item = &str> {
    code.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//"))
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for (path, module, code) in all() {
        for line in code_lines(&code) {
            for part in line.split("crate::").skip(1) {
                let names: Vec<&str> = match part.strip_prefix('{') {
                    Some(list) => {
                        list.split([',', '}']).map(|n| n.trim().split("::").next().unwrap_or("")).collect()
                    }
                    None => vec![part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("")],
                };
                for name in names.into_iter().filter(|n| LAYERS.iter().any(|l| l.contains(n))) {
                    if name != module && layer(name) >= layer(&module) {
                        wrong.push(format!("{path} ({module}) imports {name}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_is_in_the_library_in_layer_order() {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let listed: Vec<&str> =
        text.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let layers: Vec<&str> = LAYERS.iter().flat_map(|l| l.iter().copied()).collect();
    assert_eq!(listed, layers);
}

#[test]
fn crates_have_one_home() {
    for (path, module, code) in all() {
        for line in code_lines(&code) {
            for (krate, home) in HOMES {
                let used = line.contains(&format!("{krate}::")) || line.contains(&format!("use {krate};"));
                let at_home = HOMES.contains(&(*krate, module.as_str()));
                assert!(!used || at_home, "{path}: {krate} belongs to {home}: {line}");
            }
        }
    }
}

#[test]
fn the_core_is_pure() {
    for (path, module, code) in all().into_iter().filter(|(_, m, _)| PURE.contains(&m.as_str())) {
        for line in code_lines(&code) {
            for name in SHELL_ONLY {
                assert!(!line.contains(name), "{path} ({module}) uses {name}: {line}");
            }
        }
    }
}

#[test]
fn files_are_short() {
    let mut lengths: Vec<(usize, String)> =
        all().iter().map(|(path, _, code)| (code_lines(code).count(), path.clone())).collect();
    lengths.sort();
    let median = lengths[lengths.len() / 2].0;
    assert!(median < 150, "median {median}");
    let longest = lengths.last().unwrap();
    assert!(longest.0 <= 400, "{longest:?}");
}

#[test]
fn words_that_are_not_used() {
    // One word a thing: these have better ones.
    const NEVER: &[&str] = &["mod utils", "mod common", "mod helpers", "mod manager", "mod types"];
    let found: BTreeSet<String> = all()
        .iter()
        .flat_map(|(path, _, code)| {
            NEVER.iter().filter(|w| code.contains(**w)).map(move |w| format!("{path}: {w}"))
        })
        .collect();
    assert!(found.is_empty(), "{found:?}");
}
