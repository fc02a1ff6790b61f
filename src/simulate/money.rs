//! Amounts in whole cents and how they are written.

/// As X12 writes a decimal: `125`, `87.5`, `-3.07`, `.5`.
pub(super) fn x12(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    match (whole, rest) {
        (0, 0) => "0".to_owned(),
        (whole, 0) => format!("{sign}{whole}"),
        (0, rest) => format!("{sign}.{}", fraction(rest)),
        (whole, rest) => format!("{sign}{whole}.{}", fraction(rest)),
    }
}

/// With two decimals always: `125.00`.
pub(super) fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// Empty for nothing: elements that are sent only when there is an amount.
pub(super) fn unless_zero(cents: i64) -> String {
    if cents == 0 { String::new() } else { x12(cents) }
}

fn fraction(rest: u64) -> String {
    if rest.is_multiple_of(10) { (rest / 10).to_string() } else { format!("{rest:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_no_padding() {
        let written: Vec<String> = [12_500, 8_750, -307, 50, 5, 0, 10_000].into_iter().map(x12).collect();
        assert_eq!(written, ["125", "87.5", "-3.07", ".5", ".05", "0", "100"]);
        assert_eq!(decimal(-12_500), "-125.00");
    }
}
