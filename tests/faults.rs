//! Faults at single calls that change the disk: a sample of what the evidence runs whole (`tests/faults.py`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::process::Command;

#[test]
fn a_fault_at_any_call_loses_nothing_and_doubles_nothing() {
    let traced = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    match traced {
        Err(_) => {
            assert!(std::env::var_os("REQUIRE_ALL").is_none(), "strace must be here: .ci/tools installs it");
            return println!("not run: strace is not installed");
        }
        // A container may forbid it whatever is installed.
        Ok(done) if !done.status.success() => {
            assert!(
                std::env::var_os("REQUIRE_ALL").is_none(),
                "every test must run: let programs be traced here"
            );
            return println!("not run: no program can be traced here");
        }
        Ok(_) => {}
    }
    let done = Command::new("python3")
        .args(["tests/faults.py", env!("CARGO_BIN_EXE_claimloop"), "--sample", "40"])
        .output()
        .unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    println!("{said}");
    assert!(done.status.success(), "{said}");
}
