//! Disks that are full, cut off, forbidden, failing or lying: a few of each of what the evidence runs whole (`tests/disks.py`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::process::Command;

#[test]
fn whatever_the_disk_does_every_claim_ends_once() {
    let done = Command::new("python3")
        .args(["tests/disks.py", env!("CARGO_BIN_EXE_claimloop"), "--quick"])
        .output()
        .unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    // What could not run says why, and is a failure where REQUIRE_ALL is set.
    println!("{said}");
    assert!(done.status.success(), "{said}");
    assert!(said.contains("not run") || said.matches("\"fault\"").count() == 10, "{said}");
}
