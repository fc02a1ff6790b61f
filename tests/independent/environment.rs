//! Where other people's readers are installed.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python environment with pyx12 4.0.0; none where it can't be had, which `REQUIRE_ALL` forbids.
pub fn environment() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pyx12");
    let python = folder.join("bin/python");
    let works = |python: &Path| {
        Command::new(python).args(["-c", "import pyx12, tomllib"]).output().is_ok_and(|o| o.status.success())
    };
    if !works(&python) {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).status();
        let pip = || {
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pyx12==4.0.0"])
                .status()
        };
        let installed = made.is_ok_and(|s| s.success()) && pip().is_ok_and(|s| s.success());
        if !installed || !works(&python) {
            assert!(std::env::var_os("REQUIRE_ALL").is_none(), "pyx12 4.0.0 can't be installed");
            println!("not run: pyx12 4.0.0 can't be installed here");
            return None;
        }
    }
    Some(folder)
}
