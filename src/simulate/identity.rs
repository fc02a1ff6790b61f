//! Invented identities that still pass their check digits.

/// A ten-digit NPI on a nine-digit base, with the check digit over the prefix 80840.
pub(super) fn npi(base: u64) -> u64 {
    base * 10 + check_digit(base)
}

/// The same NPI with a check digit that is one too high.
pub(super) fn wrong_npi(npi: u64) -> u64 {
    npi - npi % 10 + (npi + 1) % 10
}

/// Whether the last digit is the check digit of the others.
#[cfg(test)]
pub(super) fn is_npi(npi: u64) -> bool {
    (1_000_000_000..3_000_000_000).contains(&npi) && check_digit(npi / 10) == npi % 10
}

fn check_digit(base: u64) -> u64 {
    let mut rest = base;
    let mut sum = 24; // what the prefix 80840 adds
    let mut doubled = true;
    while rest > 0 {
        let digit = rest % 10;
        sum += match (doubled, digit) {
            (false, digit) => digit,
            (true, digit) if digit > 4 => 2 * digit - 9,
            (true, digit) => 2 * digit,
        };
        doubled = !doubled;
        rest /= 10;
    }
    (10 - sum % 10) % 10
}

/// A Medicare beneficiary number of the right shape; the letters are X until the numbers run out.
pub(super) fn beneficiary(number: u64) -> String {
    const LETTERS: [&str; 20] =
        ["A", "C", "D", "E", "F", "G", "H", "J", "K", "M", "N", "P", "Q", "R", "T", "U", "V", "W", "X", "Y"];
    let (low, high) = (number % 1_000_000, number / 1_000_000);
    format!(
        "9X{:02}{}{:02}{}{}{:02}",
        low / 10_000,
        super::dice::nth(&LETTERS, high / 400 + 18),
        low / 100 % 100,
        super::dice::nth(&LETTERS, high + 18),
        super::dice::nth(&LETTERS, high / 20 + 18),
        low % 100
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert_eq!(npi(123_456_789), 1_234_567_893);
        assert!(is_npi(npi(199_900_017)));
        assert!(!is_npi(wrong_npi(npi(199_900_017))));
        assert_eq!(beneficiary(123_456), "9X12X34XX56");
    }
}
