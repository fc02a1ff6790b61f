//! Parses a file with the 837 of the crate `x12-types` and says how many claims it holds.

use std::process::ExitCode;

use x12_types::util::Parser;
use x12_types::v005010::{_837, Transmission};

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else { return ExitCode::from(2) };
    let Ok(text) = std::fs::read_to_string(path) else { return ExitCode::from(2) };
    match Transmission::<_837>::parse(&text) {
        Ok((rest, read)) => {
            let sets = read.functional_group.iter().flat_map(|g| &g.segments);
            let claims: usize = sets.flat_map(|s| &s.loop_2000).map(|l| l.loop_2300.len()).sum();
            println!("{claims} claims, {} bytes not read", rest.trim().len());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let error = error.to_string();
            eprintln!("{}", error.get(..300).unwrap_or(&error));
            ExitCode::FAILURE
        }
    }
}
