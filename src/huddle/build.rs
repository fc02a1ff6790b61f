//! The pack of a week, from what was read: pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::action::Action;
use super::calendar::last_day;
use super::names::{Blinding, Names};
use super::pack::{Baseline, Pack, VERSION};
use super::read::{BASELINE, Read};
use super::suppress::suppress;
use super::{acted, changed, detail, found, head, payer_pages, stuck, teaching};
use crate::alerts::{Alert, of_finding};
use crate::edits::{EditChange, EditSet};
use crate::history::{Tables, first_day};
use crate::holds::HeldClaim;
use crate::remit::week;
use crate::trends::Finding;

/// All that a pack is built from.
pub struct Inputs<'a> {
    /// What was read from the index.
    pub read: &'a Read,
    /// What facts are read by.
    pub tables: &'a Tables,
    /// The edits in force.
    pub edits: &'a EditSet,
    /// Every action, open or closed.
    pub actions: &'a [Action],
    /// Edits that changed, of any week.
    pub changes: &'a [EditChange],
    /// What the site is called.
    pub site: &'a str,
    /// Set for a shared copy.
    pub blinding: Option<&'a Blinding>,
}

/// A finding of the detector, as it is told.
pub struct Told<'a> {
    /// What it found.
    pub finding: &'a Finding,
    /// As an alert, by the names of this pack.
    pub alert: Alert,
}

impl Told<'_> {
    /// True of fewer denials.
    #[must_use]
    pub fn is_better(&self) -> bool {
        self.alert.kind == crate::alerts::Kind::Improvement
    }

    /// Claims it is about.
    #[must_use]
    pub fn claims(&self) -> i64 {
        i64::try_from(self.alert.count()).unwrap_or(i64::MAX)
    }
}

/// What is at hand while a pack is built.
pub struct Work<'a> {
    /// What it is built from.
    pub of: &'a Inputs<'a>,
    /// How things are called.
    pub names: Names<'a>,
    /// What the detector found, most dollars first.
    pub told: Vec<Told<'a>>,
}

impl Work<'_> {
    /// The pack's week.
    #[must_use]
    pub fn week(&self) -> &str {
        &self.of.read.span.week
    }

    /// True of a week of the baseline.
    #[must_use]
    pub fn is_before(&self, week: &str) -> bool {
        let (from, to) = &self.of.read.span.baseline;
        from.as_str() <= week && week <= to.as_str()
    }

    /// Holds that count: those of a file that was refused whole went back to its sender.
    pub fn holds(&self) -> impl Iterator<Item = (&HeldClaim, Date)> {
        let day = |held: &HeldClaim| held.held_at.to_zoned(TimeZone::UTC).date();
        self.of.read.holds.iter().map(move |held| (held, day(held)))
    }

    /// The same, each with its week.
    pub fn holds_by_week(&self) -> impl Iterator<Item = (&HeldClaim, String)> {
        self.holds().map(|(held, day)| (held, week(day)))
    }
}

/// The pack.
#[must_use]
pub fn build(inputs: &Inputs<'_>) -> Pack {
    let names = Names { payers: &inputs.tables.payers, blinding: inputs.blinding };
    let told = |finding| Told {
        finding,
        alert: names.alert(of_finding(
            finding,
            &inputs.read.weeks,
            &inputs.tables.dictionary,
            &inputs.tables.payers,
        )),
    };
    let mut told: Vec<Told<'_>> = inputs.read.findings.iter().map(told).collect();
    told.sort_by(|a, b| {
        let key = |t: &Told<'_>| std::cmp::Reverse(t.finding.excess_cents);
        (key(a), &a.alert.message).cmp(&(key(b), &b.alert.message))
    });
    let work = Work { of: inputs, names, told };
    let span = &inputs.read.span;
    let monday = first_day(&span.week).unwrap_or(span.today);
    let mut detail = detail::sections(&work);
    // Behind the scoreboard, before the figures.
    let pages = payer_pages::sections(&work);
    let at = detail.iter().position(|section| section.id == "metrics").unwrap_or(detail.len());
    detail.splice(at..at, pages);
    let mut pack = Pack {
        version: VERSION,
        week: span.week.clone(),
        from: monday,
        to: last_day(&span.week).unwrap_or(monday),
        as_of: span.today,
        site: if work.names.are_blinded() { "a site".to_owned() } else { inputs.site.to_owned() },
        shared: None,
        baseline: Baseline {
            from: span.baseline.0.clone(),
            to: span.baseline.1.clone(),
            said: format!("the {BASELINE} weeks before ({} to {})", span.baseline.0, span.baseline.1),
        },
        head: head::figures(&work),
        wins: found::wins(&work),
        worsening: found::worsening(&work),
        stuck: stuck::block(&work),
        changes: changed::block(&work),
        teaching: teaching::points(&work),
        actions: acted::actions(&work),
        next: acted::next(&work),
        detail,
    };
    if let Some(blinding) = inputs.blinding {
        suppress(&mut pack, blinding.least);
    }
    pack
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::edits::{Owner, Turn};
    use crate::history::{Count, Texts};
    use crate::huddle::action::{About, Closed};
    use crate::huddle::effect::Outcome;
    use crate::huddle::gather::{Gathered, Sum};
    use crate::huddle::read::{Decided, Weekly, span};

    const WEEK: &str = "2026-W46";

    /// Nothing but one payer's weeks: twenty of a hundred denied for 197 up to W38, two from W39 on.
    fn read() -> Read {
        let span = span(WEEK, date(2026, 11, 16));
        let mut weekly = Weekly::default();
        for (n, week) in span.shown.iter().enumerate() {
            let denied = if n < 18 { 20 } else { 2 };
            let count = Count { claims: denied, denials: denied, amount: 100 * denied, unbalanced: 0 };
            weekly.denied.insert((week.clone(), "ACME".into(), "197".into()), count);
            weekly.decided.insert((week.clone(), "ACME".into()), Decided { decided: 100, denied });
        }
        let (findings, holds) = (Vec::new(), Vec::new());
        Read { gathered: Gathered::default(), weekly, findings, weeks: span.shown.clone(), holds, span }
    }

    fn action(id: &str, from: Date, closed: Option<Date>) -> Action {
        Action {
            id: id.into(),
            taken: from,
            owner: Owner::Authorisation,
            due: from,
            what: "Train Doctor Who's front desk".into(),
            about: About { payer: Some("ACME".into()), carc: Some("197".into()), ..About::default() },
            from,
            proposal: None,
            closed: closed.map(|day| Closed { day, note: "done".into() }),
        }
    }

    fn built(read: &Read, actions: &[Action], changes: &[EditChange], blinding: Option<&Blinding>) -> Pack {
        let tables = Texts::shipped().unwrap().tables().unwrap();
        let edits = EditSet::shipped().unwrap();
        build(&Inputs { read, tables: &tables, edits: &edits, actions, changes, site: "Lakeside", blinding })
    }

    #[test]
    fn actions_are_told_with_their_effect() {
        let actions = [
            action("old", date(2026, 1, 5), Some(date(2026, 2, 2))),
            action("training", date(2026, 9, 21), None),
            action("late", date(2026, 11, 18), None),
        ];
        let pack = built(&read(), &actions, &[], None);
        let ids: Vec<&str> = pack.actions.list.iter().map(|tried| tried.id.as_str()).collect();
        assert_eq!(ids, ["training"], "closed long ago, or decided after the week");
        let effect = &pack.actions.list[0].effect;
        assert_eq!((effect.before.n, effect.before.of), (160, 800));
        assert_eq!((effect.after.n, effect.after.of, effect.weeks), (16, 800, 8));
        assert_eq!(effect.outcome, Outcome::Fell);
        assert!(effect.said.starts_with("fell from 20.0 % to 2.0 % (95 % between"), "{}", effect.said);
        assert_eq!(pack.next.list.len(), 2, "open ones");
        // Late in its week: that week is of neither.
        let late = built(&read(), &[action("a", date(2026, 9, 23), None)], &[], None);
        assert_eq!(late.actions.list[0].effect.weeks, 7);
        let early = built(&read(), &[action("a", date(2026, 11, 11), None)], &[], None);
        assert_eq!(early.actions.list[0].effect.said, "too early: 0 of 30 answers");
    }

    #[test]
    fn what_people_wrote_is_in_no_shared_copy() {
        let blinding = Blinding::by(b"key", 11);
        let actions = [action("training", date(2026, 9, 21), None)];
        let pack = built(&read(), &actions, &[], Some(&blinding));
        let text = serde_json::to_string(&pack).unwrap();
        for name in ["Doctor Who", "ACME", "Lakeside"] {
            assert!(!text.contains(name), "{name}");
        }
        assert!(pack.shared.is_some());
    }

    #[test]
    fn edits_switched_this_week_are_told() {
        let change = |edit: &str, day, turn| EditChange { day, edit: edit.to_owned(), payer: None, turn };
        let mut changes = vec![
            change("E3-001", date(2026, 11, 10), Turn::On),
            change("E4-008", date(2026, 11, 2), Turn::On),
        ];
        // A new version says many things otherwise at once.
        for edit in ["E3-002", "E3-003", "E4-001", "E4-003"] {
            changes.push(change(edit, date(2026, 11, 12), Turn::Changed));
        }
        let texts: Vec<String> =
            built(&read(), &[], &changes, None).changes.items.into_iter().map(|item| item.text).collect();
        assert_eq!(
            texts,
            [
                "E3-001 (claim total differs from lines) came in force on November 10 and has held no claim since.",
                "4 edits were changed on November 12: E3-002, E3-003, E4-001, E4-003."
            ]
        );
    }

    #[test]
    fn money_that_came_back_is_a_win() {
        let mut read = read();
        read.gathered.recovered.insert(WEEK.into(), Sum { claims: 2, amount: 12_345 });
        let pack = built(&read, &[], &[], None);
        assert_eq!(pack.wins.items[0].text, "$123.45 came in on 2 claims that had been denied.");
    }
}
