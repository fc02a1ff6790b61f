//! Words, dates and money as the pages show them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::daemon::desk::ELEMENTS;
use crate::edits::{Finding, Owner};
use crate::holds::Status;
use crate::huddle::Ratio;
use crate::journal::Decision;

/// `$1,234.50`, of cents.
#[must_use]
pub fn dollars(cents: i64) -> String {
    crate::sheets::money(cents)
}

/// `10/21/2026`.
#[must_use]
pub fn day(day: Date) -> String {
    day.strftime("%m/%d/%Y").to_string()
}

/// `10/21/2026 4:10 PM`, at the site.
#[must_use]
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%m/%d/%Y %-I:%M %p").to_string()
}

/// `4:10 PM` where that was today, else with the day.
#[must_use]
pub fn lately(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (then, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let format = if then.date() == now.date() { "%-I:%M %p" } else { "%m/%d/%Y %-I:%M %p" };
    then.strftime(format).to_string()
}

/// How long something waits: `3 days`.
#[must_use]
pub fn age(since: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(since).as_mins().max(0);
    let many = |n: i64, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    match minutes {
        0 => "under a minute".to_owned(),
        n if n < 60 => many(n, "minute"),
        n if n < 60 * 24 => many(n / 60, "hour"),
        n => many(n / (60 * 24), "day"),
    }
}

/// By when it must be filed: `by 01/02/2027, 40 days left`.
#[must_use]
pub fn deadline(last: Date, today: Date) -> String {
    let left = today.until(last).map_or(0, |span| span.get_days());
    match left {
        i32::MIN..=-1 => format!("\u{25b2} was due {}", day(last)),
        0 => format!("\u{25b2} by today, {}", day(last)),
        1 => format!("\u{25b2} by tomorrow, {}", day(last)),
        n if n < 15 => format!("\u{25b2} by {}, {n} days left", day(last)),
        n => format!("by {}, {n} days left", day(last)),
    }
}

/// A share in percent with its interval: `12% (8-17)`.
#[must_use]
pub fn share(of: Ratio) -> String {
    let Some(percent) = of.percent() else { return String::new() };
    let (low, high) = of.wilson();
    format!("{percent:.0}% ({:.0}\u{2013}{:.0})", 100.0 * low, 100.0 * high)
}

/// A team, as people call it.
#[must_use]
pub fn team(owner: Owner) -> &'static str {
    match owner {
        Owner::Coding => "Coding",
        Owner::Billing => "Billing",
        Owner::FrontDesk => "Front desk",
        Owner::Authorisation => "Authorization",
        Owner::Clinical => "Clinical",
        Owner::Credentialing => "Credentialing",
    }
}

/// Where a claim is on its way: sign, word, class.
#[must_use]
pub fn state(status: Status, stopped: bool) -> (&'static str, &'static str, &'static str) {
    match status {
        Status::Open if stopped => ("\u{25b2}", "Held", "held"),
        Status::Open => ("\u{2713}", "Clean, waits for release", "clean"),
        Status::Leaving => ("\u{2192}", "Leaves with the next file", "clean"),
        Status::Sent => ("\u{2713}", "Left", "clean"),
        Status::Voided => ("\u{2715}", "Voided", "rejected"),
        Status::Replaced => ("\u{21bb}", "Sent anew by the practice system", "clean"),
        Status::SentBack => ("\u{21a9}", "Sent back", "rejected"),
    }
}

/// `one claim`, `3 claims`.
#[must_use]
pub fn claims(n: usize) -> String {
    if n == 1 { "One claim".to_owned() } else { format!("{n} claims") }
}

/// `one other claim`, `3 other claims`.
#[must_use]
pub fn claims_of(n: usize) -> String {
    if n == 1 { "the other held claim".to_owned() } else { format!("the {n} other held claims") }
}

/// `one claim is`, `3 claims are`.
#[must_use]
pub fn claims_are(n: usize) -> String {
    if n == 1 { "one claim is".to_owned() } else { format!("{n} claims are") }
}

/// Why something was refused, as a sentence.
#[must_use]
pub fn refusal(id: &str, why: &str) -> String {
    let why = why.strip_prefix(&format!("hold {id}: ")).unwrap_or(why);
    format!("{}.", sentence(why))
}

/// An edit's name as words: `claim-total-differs` is `Claim total differs`.
#[must_use]
pub fn name(kebab: &str) -> String {
    let word = |word: &str| match word {
        "npi" | "id" | "zip" | "icd10" | "cpt" | "hcpcs" | "ndc" | "clia" | "cob" | "pos" | "hl" => {
            word.to_uppercase()
        }
        _ => word.to_owned(),
    };
    sentence(&kebab.split('-').map(word).collect::<Vec<_>>().join(" "))
}

/// With a capital at its beginning.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

/// Sign and word for what a finding does.
#[must_use]
pub fn severity(finding: &Finding) -> (&'static str, &'static str, &'static str) {
    match (finding.shadow, finding.severity) {
        (true, _) => ("\u{25cb}", "On trial, stops nothing", "trial"),
        (_, crate::edits::Severity::Reject) => ("\u{2715}", "Must be corrected", "rejected"),
        (_, crate::edits::Severity::Hold) => ("\u{25b2}", "Holds the claim", "held"),
        (_, crate::edits::Severity::Warn) => ("\u{25cb}", "Warning, stops nothing", "trial"),
    }
}

/// What documentation lacks, as people call it.
#[must_use]
pub fn lacking(element: &str) -> &str {
    ELEMENTS.iter().find(|(word, _)| *word == element).map_or(element, |(_, words)| words)
}

/// A decision, in words.
#[must_use]
pub fn decision(of: &Decision) -> String {
    match of {
        Decision::Fixed { .. } => "corrected it".to_owned(),
        Decision::Assigned { owner, .. } => {
            let known = Owner::ALL.into_iter().find(|o| o.name() == owner);
            format!("gave it to {}", known.map_or_else(|| owner.clone(), |o| team(o).to_owned()))
        }
        Decision::Released { .. } => "released it".to_owned(),
        Decision::Overridden { code, edits, asked_by, .. } => {
            let asked = asked_by.as_ref().map(|by| format!(", as {} asked", who(by))).unwrap_or_default();
            format!("let it go in spite of {} ({code}){asked}", edits.join(", "))
        }
        Decision::Proposed { code, edits, .. } => {
            format!("wants it to go in spite of {} ({code})", edits.join(", "))
        }
        Decision::Declined { .. } => "did not agree to the override".to_owned(),
        Decision::Snoozed { .. } => "put it off".to_owned(),
        Decision::Escalated { .. } => "escalated it".to_owned(),
        Decision::Queried { element, .. } => {
            format!("asked for documentation: {}", lacking(element).to_lowercase())
        }
        Decision::Answered { .. } => "answered the question".to_owned(),
        Decision::Undone { .. } => "took that back".to_owned(),
        Decision::Voided { .. } => "voided it".to_owned(),
        Decision::Replaced { .. } => "found it replaced by a new claim of the practice system".to_owned(),
        Decision::Returned => "kept it back: the edits of the day stop it".to_owned(),
    }
}

/// Who, in words: `user mia` is mia.
#[must_use]
pub fn who(actor: &str) -> &str {
    actor.strip_prefix("user ").unwrap_or(actor)
}

/// A text without what turns lines around or can't be seen.
#[must_use]
pub fn plain(text: &str) -> String {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if hides(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_americans_write_them() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at: Timestamp = "2026-10-21T20:10:00Z".parse().unwrap();
        assert_eq!(moment(at, &zone), "10/21/2026 4:10 PM");
        assert_eq!(lately(at, at, &zone), "4:10 PM");
        assert_eq!(day(jiff::civil::date(2026, 1, 2)), "01/02/2026");
        assert_eq!(dollars(141_000), "$1,410.00");
        let later: Timestamp = "2026-10-24T21:10:00Z".parse().unwrap();
        assert_eq!((age(at, later), age(at, at)), ("3 days".to_owned(), "under a minute".to_owned()));
        assert_eq!(name("claim-total-differs"), "Claim total differs");
        assert_eq!(name("npi-check-digit-wrong"), "NPI check digit wrong");
        assert_eq!(plain("a\u{202e}b\nc"), "a b c");
    }
}
