//! `[held]`: how held claims are decided of.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::x12::Cents;
use crate::x12::element::amount;

/// Rules of the site.
#[derive(Clone, Debug)]
pub struct Held {
    /// Claims of this charge and more are not overridden by one person alone; none: all are.
    pub second_person_from: Option<Cents>,
    /// Reasons to override: a word that is counted, and what people read.
    pub override_codes: Vec<(String, String)>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawHeld {
    second_person_from: Option<String>,
    override_codes: Option<BTreeMap<String, String>>,
}

/// Where the site names none.
const CODES: &[(&str, &str)] = &[
    ("payer-agreed", "The payer agreed to it"),
    ("documented", "The documentation supports it as it is"),
    ("separate-service", "These are separate services"),
    ("edit-is-wrong", "The edit does not fit this case"),
    ("deadline", "It must be filed now and is corrected later"),
    ("other", "Something else (say what)"),
];

impl RawHeld {
    /// Checks it.
    pub(super) fn checked(self) -> Result<Held, String> {
        let second_person_from =
            match self.second_person_from {
                None => None,
                Some(text) => Some(amount(text.as_bytes()).filter(|cents| *cents >= 0).ok_or_else(|| {
                    format!("held.second_person_from {text:?} is no amount: write \"500.00\"")
                })?),
            };
        let sound = |code: &str| {
            !code.is_empty()
                && code.len() <= 32
                && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let override_codes: Vec<(String, String)> = match self.override_codes {
            None => CODES.iter().map(|(code, words)| ((*code).to_owned(), (*words).to_owned())).collect(),
            Some(own) => own.into_iter().collect(),
        };
        match override_codes.iter().find(|(code, words)| !sound(code) || words.trim().is_empty()) {
            Some((code, _)) => Err(format!(
                "held.override_codes {code:?}: a code is up to 32 letters, digits and hyphens, with words behind it"
            )),
            None => Ok(Held { second_person_from, override_codes }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn parse(held: &str) -> Result<Config, String> {
        Config::parse(&format!("[state]\ndir = \"s\"\n[held]\n{held}\n[[channel]]\nname = \"main\"\n"))
    }

    #[test]
    fn amounts_and_codes() {
        let none = parse("").unwrap().held;
        assert!(none.second_person_from.is_none() && none.override_codes.len() > 4);
        let own =
            parse("second_person_from = \"500.00\"\n[held.override_codes]\nphoned = \"We phoned them\"");
        let own = own.unwrap().held;
        assert_eq!(own.second_person_from, Some(50_000));
        assert_eq!(own.override_codes, [("phoned".to_owned(), "We phoned them".to_owned())]);
        for (wrong, why) in [
            ("second_person_from = \"much\"", "no amount"),
            ("second_person_from = \"-1\"", "no amount"),
            ("override_codes = { \"a b\" = \"x\" }", "letters"),
            ("override_codes = { ok = \" \" }", "words"),
        ] {
            let said = parse(wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }
}
