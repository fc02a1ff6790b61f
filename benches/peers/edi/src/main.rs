//! Parses a file with the crate `edi`, as its readme does, and says how many segments there were.

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else { return ExitCode::from(2) };
    let Ok(text) = std::fs::read_to_string(path) else { return ExitCode::from(2) };
    match edi::parse(&text) {
        Ok(document) => {
            let groups = document.interchanges.iter().flat_map(|i| &i.functional_groups);
            let segments: usize = groups.flat_map(|g| &g.transactions).map(|t| t.segments.len()).sum();
            println!("{segments} segments");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
