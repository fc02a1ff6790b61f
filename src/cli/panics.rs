//! A panic says where it was, and no more: its message may quote what stands in a claim.

use std::io::{self, Write};
use std::panic::{Location, set_hook};

use crate::events;

/// Takes the place of the standard hook, which prints the message.
pub fn hide_panics() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(place).unwrap_or_default();
        if !events::panicked(&place) {
            let _shown = writeln!(io::stderr(), "claimloop: the program failed at {place}");
        }
    }));
}

fn place(at: &Location<'_>) -> String {
    format!("{}:{}", at.file(), at.line())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_and_a_line() {
        let here = Location::caller();
        assert_eq!(place(here), format!("{}:{}", file!(), here.line()));
    }
}
