//! Build script: lists every file of `config/edits` and `samples` for the binary to carry, so that adding an
//! edit or a sample touches that one file and nothing else.

#![allow(clippy::print_stdout)] // how a build script talks to cargo

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let out = PathBuf::from(std::env::var("OUT_DIR").map_err(io::Error::other)?);
    println!("cargo:rerun-if-changed=config/embed.rs");
    list(&root, "config/edits", &["toml"], &out.join("edits.rs"))?;
    list(&root, "config/edits/bases", &["edi"], &out.join("bases.rs"))?;
    list(&root, "config/payers", &["toml"], &out.join("payers.rs"))?;
    list(&root, "samples", &["edi"], &out.join("samples.rs"))
}

/// Writes a slice expression `&[("path below the folder", include_bytes!("..."))]`, in path order.
fn list(root: &Path, folder: &str, endings: &[&str], target: &Path) -> io::Result<()> {
    println!("cargo:rerun-if-changed={folder}");
    let base = root.join(folder);
    let mut files = Vec::new();
    walk(&base, &mut files)?;
    files.sort();
    let mut text = String::from("&[\n");
    for file in files {
        let ending = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if !endings.contains(&ending) {
            continue;
        }
        let name = file.strip_prefix(&base).map_err(io::Error::other)?.display().to_string();
        text.push_str(&format!("    ({name:?}, include_bytes!({:?})),\n", file.display().to_string()));
    }
    text.push_str("]\n");
    fs::File::create(target)?.write_all(text.as_bytes())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
