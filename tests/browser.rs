//! The workbench in Chromium, with the real binary: a claim cleared by keys alone and without scripts, who comes second, a session that ends,
//! what other sites and hostile claims can't do, and every page held against WCAG 2.2 AA and the keyboard.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    missing_docs
)]

#[path = "browser/clearing.rs"]
mod clearing;
#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/elsewhere.rs"]
mod elsewhere;
#[path = "browser/guarded.rs"]
mod guarded;
#[path = "browser/looks.rs"]
mod looks;
#[path = "browser/pages.rs"]
mod pages;
mod site;
mod workbench;

use driver::{ENTER, TAB, Window};
use workbench::{Bench, PASSWORD};

/// A site that serves the workbench, with what `[web]` says beside the address.
fn bench(web: &str) -> Bench {
    Bench::new(web)
}

/// Adds somebody and signs them in, by keys.
fn sign_in(window: &Window, bench: &Bench, name: &str, role: &str) {
    bench.person(name, role);
    again(window, bench, name);
}

/// Signs in who was added before.
fn again(window: &Window, bench: &Bench, name: &str) {
    window.go(&format!("http://{}/", bench.address));
    window.ready("name");
    window.type_in(name);
    window.press(TAB);
    window.type_in(PASSWORD);
    window.press_on(ENTER);
    window.see("Sign out");
}

/// The page of a held claim.
fn page(bench: &Bench, claim: &str) -> String {
    format!("http://{}/claim/{}", bench.address, bench.hold(claim))
}
