//! Text where somebody else's rules hold: in HTML, in a cell of a spreadsheet.

/// Text as HTML shows it.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            // What turns the text around.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push('\u{fffd}')
            }
            c => out.push(c),
        }
    }
    out
}

/// A text cell that no spreadsheet takes for a formula.
#[must_use]
pub fn harmless(text: &str) -> String {
    const SIGNS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let formula = text.starts_with(['\t', '\r']) || text.trim_start().starts_with(SIGNS);
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_run_is_quoted() {
        for text in ["=cmd|", "+1", "-1", "@x", "\tx", "\r=x", "  =x", "\u{ff1d}x"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        assert_eq!(harmless("ACME = good"), "ACME = good");
        assert_eq!(escaped("<b \"x\">\u{202e}"), "&lt;b &quot;x&quot;&gt;\u{fffd}");
    }
}
