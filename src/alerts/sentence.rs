//! The sentence of an alert: who began to refuse what, why, how often, and how often usually.

use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::alert::{Alert, Kind};
use crate::x12::Cents;

/// What money is refused for, by category of the dictionary.
#[must_use]
pub fn reason(category: &str) -> Option<&'static str> {
    Some(match category {
        "authorisation" => "missing authorisation",
        "bundling" => "bundled services",
        "clinical-level" => "the level of care",
        "cob" => "other coverage",
        "coding-diagnosis" => "the diagnosis",
        "coding-modifier" => "a wrong or missing modifier",
        "data-entry" => "wrong or missing claim data",
        "documentation" => "missing documentation",
        "duplicate" => "duplicate claims",
        "eligibility" => "coverage not in force",
        "frequency-limit" => "frequency limits",
        "medical-necessity" => "medical necessity",
        "network" => "network or referral",
        "non-covered" => "services not covered",
        "payer-mapping" => "claims that are another payer's",
        "provider-enrolment" => "a provider not enrolled",
        "timely-filing" => "late filing",
        _ => return None,
    })
}

/// Words of the dictionary as part of a sentence: `Something is absent` begins small, `NPI is absent` doesn't.
#[must_use]
pub fn within(words: &str) -> String {
    let mut rest = words.trim_end_matches('.').chars();
    match (rest.next(), rest.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(rest).collect()
        }
        _ => words.trim_end_matches('.').to_owned(),
    }
}

/// The sentence.
#[must_use]
pub fn sentence(alert: &Alert) -> String {
    let payer = if alert.payer_name.is_empty() { &alert.payer } else { &alert.payer_name };
    // Of one that stands at several payers no single one is named.
    let (who, denies) = if payer.is_empty() {
        ("Several payers".to_owned(), "deny")
    } else {
        (format!("Payer {payer}"), "denies")
    };
    let what = what(alert);
    let does = match alert.kind {
        Kind::New => format!("began denying{what}"),
        Kind::Drift => format!("{denies}{what} more and more"),
        Kind::Improvement => format!("{denies}{what} less"),
        Kind::Rise | Kind::File | Kind::Channel | Kind::Pack => format!("{denies}{what} more than usual"),
    };
    let why = if alert.reason.is_empty() { String::new() } else { format!(" for {}", alert.reason) };
    let code = if alert.group.is_empty() {
        format!("CARC {}", alert.carc)
    } else {
        format!("{}-{}", alert.group, alert.carc)
    };
    let mut text = format!("{who} {does}{why} ({code})");
    if let Some(n) = alert.numbers {
        let of = |of: Option<u64>| of.map_or_else(|| " denials".to_owned(), |of| format!(" of {of} claims"));
        let one_week = alert.since.is_empty() || alert.since == alert.week;
        let (preposition, from) = if one_week { ("in", &alert.week) } else { ("since", &alert.since) };
        let when = monday(from).map(|day| format!(" {preposition} the week of {}", day.strftime("%B %-d")));
        let usually = n.usual_of.map(|of| format!(" of {}", rounded(of))).unwrap_or_default();
        text.push_str(&format!(
            ": {}{}{}, usually {}{usually}",
            n.count,
            of(n.of),
            when.unwrap_or_default(),
            rounded(n.usual)
        ));
        if n.cents != 0 {
            text.push_str(&format!("; {}", dollars(n.cents)));
        }
    }
    text.push('.');
    text.push_str(match alert.changed.as_str() {
        "payer" => " The other payers decide as before.",
        "our-mix" => " We send more of these; the rate did not change.",
        "our-edit" => " An edit of ours was switched at that time.",
        _ => "",
    });
    printable(&text)
}

/// What it is confined to, with a blank before it.
fn what(alert: &Alert) -> String {
    let told = alert.only.iter().map(|(dimension, value)| match dimension.as_str() {
        "procedure" => format!(" {value}"),
        "modifier" => format!(" with modifier {value}"),
        "rarc" => format!(" with remark {value}"),
        "diagnosis" => format!(" with diagnosis {value}"),
        "channel" => format!(" of channel {value}"),
        other => format!(" ({other} {value})"),
    });
    told.collect()
}

/// The day an ISO week begins: of `2026-W46` the 9th of November.
#[must_use]
pub fn monday(week: &str) -> Option<Date> {
    let (year, week) = week.split_once("-W")?;
    let iso = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday);
    iso.ok().map(ISOWeekDate::date)
}

/// A whole number where it is one, else one place.
fn rounded(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// Cents as people write them: `$6,240`, `$1,234.50`.
#[must_use]
pub fn dollars(cents: Cents) -> String {
    let digits = (cents.unsigned_abs() / 100).to_string();
    let mut whole = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            whole.push(',');
        }
        whole.push(digit);
    }
    let sign = if cents < 0 { "-" } else { "" };
    match cents.unsigned_abs() % 100 {
        0 => format!("{sign}${whole}"),
        part => format!("{sign}${whole}.{part:02}"),
    }
}

/// Without what would break a line or a header: a payer's id is what its sender wrote.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::alert::Numbers;
    use super::*;
    use crate::history::Dictionary;

    fn alert(kind: Kind) -> Alert {
        Alert {
            kind,
            payer: "A".into(),
            carc: "197".into(),
            week: "2026-W46".into(),
            only: vec![("procedure".into(), "97110".into())],
            numbers: Some(Numbers {
                count: 31,
                of: Some(40),
                usual: 2.0,
                usual_of: Some(38.0),
                ratio: None,
                cents: 624_000,
            }),
            ..Alert::default()
        }
        .told_by(Dictionary::shipped().get("197"))
    }

    #[test]
    fn golden_sentences() {
        let numbers = "31 of 40 claims in the week of November 9, usually 2 of 38; $6,240.";
        for (kind, said) in [
            (Kind::New, "Payer A began denying 97110 for missing authorisation (CO-197)"),
            (Kind::Rise, "Payer A denies 97110 more than usual for missing authorisation (CO-197)"),
            (Kind::Drift, "Payer A denies 97110 more and more for missing authorisation (CO-197)"),
            (Kind::Improvement, "Payer A denies 97110 less for missing authorisation (CO-197)"),
        ] {
            assert_eq!(alert(kind).message, format!("{said}: {numbers}"));
        }
        let unknown = Alert {
            payer: "B\r\nBcc: x".into(),
            payer_name: String::new(),
            carc: "999".into(),
            numbers: Some(Numbers { count: 5, usual: 0.25, cents: 5_050, ..Numbers::default() }),
            ..Alert::default()
        };
        assert_eq!(
            unknown.told_by(None).message,
            "Payer B  Bcc: x denies more than usual (CARC 999): 5 denials, usually 0.2; $50.50."
        );
    }

    #[test]
    fn what_the_dictionary_says_is_part_of_the_sentence() {
        let mut alert = alert(Kind::Improvement);
        alert.reason = within("Something needed on the claim is absent.");
        alert.only = vec![("rarc".into(), "N286".into())];
        let said = sentence(&alert);
        assert!(
            said.starts_with(
                "Payer A denies with remark N286 less for something needed on the claim is absent"
            ),
            "{said}"
        );
        assert_eq!(
            (within("NPI is absent").as_str(), within("A code").as_str()),
            ("NPI is absent", "a code")
        );
    }

    #[test]
    fn no_provider_is_named() {
        let mut alert = alert(Kind::Rise);
        alert.only.push(("billing".into(), "1999999984".into()));
        let told = alert.told_by(Dictionary::shipped().get("197"));
        assert!(!told.message.contains("1999999984") && told.only.len() == 1, "{}", told.message);
        assert_eq!((told.owner.name(), told.edits.len()), ("authorisation", 0));
        assert!(told.prevention.contains("checked at booking"));
    }

    #[test]
    fn money_is_written_as_people_write_it() {
        let said: Vec<String> = [0, 5, -123_456, 100_000_000, 624_000].map(dollars).to_vec();
        assert_eq!(said, ["$0", "$0.05", "-$1,234.56", "$1,000,000", "$6,240"]);
    }
}
