//! Which service line of ours a service payment is for: by what it says of it, the surest first; never a silent guess.

use serde::{Deserialize, Serialize};

use super::story::PaidLine;
use crate::claim::sent::SentLine;

/// How a line was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The payer repeats our line's control number (REF*6R).
    Control,
    /// The payer judged another code, and names the one that was sent (SVC06).
    Original,
    /// Code, day and charge are the same.
    Same,
    /// It agrees in some of it, and no other line in as much: points out of 9.
    Likely(u8),
}

/// A line of ours, 0-based, and how it was found.
pub type LineMatch = Option<(usize, How)>;

/// Says of a line and a payment whether they agree.
type Agrees<'a> = dyn Fn(&SentLine, &PaidLine) -> bool + 'a;

/// Finds each service payment's line; a line is for one payment.
#[must_use]
pub fn match_lines(sent: &[SentLine], paid: &[PaidLine]) -> Vec<LineMatch> {
    let mut found: Vec<LineMatch> = vec![None; paid.len()];
    let mut taken = vec![false; sent.len()];
    let sure: [(How, &Agrees<'_>); 3] = [
        (How::Control, &|s, p| !p.control.is_empty() && s.control == p.control),
        (How::Original, &|s, p| !p.original.is_empty() && s.procedure == p.original && same_day(s, p)),
        (How::Same, &|s, p| s.procedure == p.procedure && same_day(s, p) && s.charge == p.charge.abs()),
    ];
    for (how, agrees) in sure {
        for (payment, place) in paid.iter().zip(&mut found).filter(|(_, place)| place.is_none()) {
            let mut fitting = (0..sent.len()).filter(|n| {
                !taken.get(*n).copied().unwrap_or(true) && sent.get(*n).is_some_and(|s| agrees(s, payment))
            });
            // Lines alike in all of it may stand for one another, in their order; two under one number may not.
            if let Some(first) = fitting.next()
                && (how != How::Control || fitting.next().is_none())
            {
                *place = Some((first, how));
                if let Some(taken) = taken.get_mut(first) {
                    *taken = true;
                }
            }
        }
    }
    for n in 0..paid.len() {
        let (Some(None), Some(payment)) = (found.get(n), paid.get(n)) else { continue };
        let open = sent.iter().enumerate().filter(|(n, _)| !taken.get(*n).copied().unwrap_or(true));
        let mut scored: Vec<(u8, usize)> = open.map(|(n, s)| (score(s, payment), n)).collect();
        scored.sort_by(|a, b| b.cmp(a));
        let best = match scored.as_slice() {
            [one] => *one,
            [one, next, ..] if one.0 > next.0 => *one,
            _ => continue,
        };
        if best.0 >= 5 {
            if let Some(place) = found.get_mut(n) {
                *place = Some((best.1, How::Likely(best.0)));
            }
            if let Some(taken) = taken.get_mut(best.1) {
                *taken = true;
            }
        }
    }
    found
}

fn same_day(sent: &SentLine, paid: &PaidLine) -> bool {
    sent.day.zip(paid.dates).is_some_and(|(day, (from, to))| from <= day && day <= to)
}

fn score(sent: &SentLine, paid: &PaidLine) -> u8 {
    let code = sent.procedure == paid.procedure;
    let charge = sent.charge == paid.charge.abs();
    let modifiers = sent.modifiers == paid.modifiers;
    3 * u8::from(code) + 3 * u8::from(charge) + 2 * u8::from(same_day(sent, paid)) + u8::from(modifiers)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn sent(control: &str, procedure: &str, charge: i64, day: i8) -> SentLine {
        let (control, procedure) = (control.to_owned(), procedure.to_owned());
        SentLine { control, procedure, charge, day: Some(date(2026, 10, day)), ..SentLine::default() }
    }

    fn paid(control: &str, procedure: &str, charge: i64, day: i8) -> PaidLine {
        let (control, procedure) = (control.to_owned(), procedure.to_owned());
        let dates = Some((date(2026, 10, day), date(2026, 10, day)));
        PaidLine { control, procedure, charge, dates, ..PaidLine::default() }
    }

    #[test]
    fn the_surest_sign_decides() {
        let ours = [sent("L1", "99213", 100, 1), sent("L2", "99213", 100, 1), sent("L3", "97110", 50, 2)];
        let by_control = match_lines(&ours, &[paid("L2", "99213", 100, 1), paid("L1", "99213", 100, 1)]);
        assert_eq!(by_control, [Some((1, How::Control)), Some((0, How::Control))]);
        let alike = match_lines(&ours, &[paid("", "99213", 100, 1), paid("", "99213", -100, 1)]);
        assert_eq!(alike, [Some((0, How::Same)), Some((1, How::Same))]);
        let judged = PaidLine { original: "97110".into(), ..paid("", "97530", 50, 2) };
        assert_eq!(match_lines(&ours, &[judged]), [Some((2, How::Original))]);
        let dropped = match_lines(&ours, &[paid("", "97110", 45, 2)]);
        assert_eq!(dropped, [Some((2, How::Likely(6)))]);
    }

    #[test]
    fn what_fits_two_fits_none() {
        let ours = [sent("", "99213", 100, 1), sent("", "99213", 100, 1)];
        assert_eq!(match_lines(&ours, &[paid("", "99213", 90, 1)]), [None]);
        assert_eq!(match_lines(&ours, &[paid("", "J1100", 7, 9)]), [None]);
        assert_eq!(match_lines(&[], &[paid("L1", "99213", 100, 1)]), [None]);
    }
}
