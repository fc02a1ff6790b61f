//! Addresses: invented streets in places whose ZIP codes agree with their states.

use super::dice::{Dice, nth};

/// A street address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Address {
    number: u64,
    street: &'static str,
    pub(super) city: &'static str,
    pub(super) state: &'static str,
    five: &'static str,
    four: u64,
}

/// City, state, five-digit ZIP.
const PLACES: [(&str, &str, &str); 12] = [
    ("SPRINGFIELD", "IL", "62701"),
    ("COLUMBUS", "OH", "43215"),
    ("AUSTIN", "TX", "78701"),
    ("DENVER", "CO", "80202"),
    ("ALBANY", "NY", "12207"),
    ("MADISON", "WI", "53703"),
    ("PHOENIX", "AZ", "85003"),
    ("SALEM", "OR", "97301"),
    ("AUGUSTA", "ME", "04330"),
    ("BOISE", "ID", "83702"),
    ("TOPEKA", "KS", "66603"),
    ("RALEIGH", "NC", "27601"),
];

const STREETS: [&str; 6] =
    ["EXAMPLE STREET", "SAMPLE AVENUE", "FICTION ROAD", "MOCKUP LANE", "SPECIMEN DRIVE", "PLACEHOLDER WAY"];

impl Address {
    /// Some address.
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let (city, state, five) = dice.pick(&PLACES);
        Self {
            number: 100 + dice.below(9_800),
            street: dice.pick(&STREETS),
            city,
            state,
            five,
            four: 1_001 + dice.below(8_900),
        }
    }

    /// The address of the `index`th organisation.
    pub(super) fn of(index: u64) -> Self {
        let (city, state, five) = nth(&PLACES, index);
        Self {
            number: 100 + index,
            street: nth(&STREETS, index / 2),
            city,
            state,
            five,
            four: 1_101 + index * 7,
        }
    }

    /// N301.
    pub(super) fn street(&self) -> String {
        format!("{} {}", self.number, self.street)
    }

    /// N403 with nine digits.
    pub(super) fn zip(&self) -> String {
        format!("{}{:04}", self.five, self.four)
    }

    /// N403 with five digits.
    pub(super) fn short_zip(&self) -> &'static str {
        self.five
    }
}
