//! Which held claims somebody wants to see, and the page of the list they are on.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use super::board::Rows;
use super::row::Row;
use crate::edits::{Finding, Owner};
use crate::holds::Status;
use crate::x12::Cents;

/// Claims of a page.
pub const PAGE: usize = 50;

/// Which of the claims that wait for something else than work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// Those to be worked now.
    #[default]
    Work,
    /// Those that were put off.
    Snoozed,
    /// Those that go before all others.
    Escalated,
    /// Those whose documentation was asked for.
    Asked,
    /// Overrides that wait for a second person.
    Second,
    /// Those that nothing stops any more.
    Clean,
    /// Every one.
    All,
}

impl Which {
    /// Every one, with what people read.
    pub const ALL: [(Which, &'static str, &'static str); 7] = [
        (Which::Work, "work", "To be worked"),
        (Which::Escalated, "escalated", "Escalated"),
        (Which::Clean, "clean", "Clean, wait for release"),
        (Which::Asked, "asked", "Documentation asked for"),
        (Which::Second, "second", "Wait for a second person"),
        (Which::Snoozed, "snoozed", "Put off"),
        (Which::All, "all", "All of them"),
    ];
}

/// What somebody wants to see; what is empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Which of them.
    pub which: Which,
    /// Of one team.
    pub team: Option<Owner>,
    /// To one payer, by its id.
    pub payer: String,
    /// Stopped by one edit, by its id.
    pub edit: String,
    /// Held for this many days and more.
    pub days: Option<i64>,
    /// To be filed within this many days.
    pub due: Option<i64>,
    /// Of this charge and more.
    pub cents: Option<Cents>,
    /// With this in its number, its patient, its payer, its file's name or the name of what was found. Never kept on disk: it may name somebody.
    #[serde(skip)]
    pub text: String,
}

/// What a filter is held against.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Now.
    pub now: Timestamp,
    /// The day at the site.
    pub today: Date,
    /// Channels its reader may see; none: every one.
    pub channels: &'a [String],
}

impl Moment<'_> {
    fn sees(&self, row: &Row) -> bool {
        self.channels.is_empty() || self.channels.contains(&row.channel)
    }
}

impl Filter {
    /// True of a claim that is wanted, whosever it is.
    fn wants(&self, row: &Row, text: Option<&Finder<'_>>, at: Moment<'_>) -> bool {
        let snoozed = row.snoozed_until.is_some_and(|until| at.now < until);
        let which = match self.which {
            Which::Work => !snoozed,
            Which::Snoozed => snoozed,
            Which::Escalated => row.escalated,
            Which::Asked => row.asked_at.is_some(),
            Which::Second => row.proposed_by.is_some(),
            Which::Clean => !row.is_stopped(),
            Which::All => true,
        };
        which
            && at.sees(row)
            && (self.payer.is_empty() || row.payer == self.payer)
            && (self.edit.is_empty() || row.edits.iter().any(|(edit, _)| *edit == self.edit))
            && self.cents.is_none_or(|cents| row.charge >= cents)
            && self.days.is_none_or(|days| {
                at.now.duration_since(row.held_at) >= SignedDuration::from_hours(24 * days.clamp(0, 10_000))
            })
            && self.due.is_none_or(|due| row.days_left(at.today).is_some_and(|left| left <= due))
            && text.is_none_or(|text| text.find(row.text.as_bytes()).is_some())
    }

    /// Rows that are wanted, in their order.
    pub fn rows<'r>(&self, rows: &'r Rows, at: Moment<'_>) -> Vec<&'r Arc<Row>> {
        let text = self.text.trim().to_lowercase();
        let finder = (!text.is_empty()).then(|| Finder::new(&text));
        let team = |row: &Row| self.team.is_none() || row.owner == self.team;
        rows.ordered.iter().filter(|row| team(row) && self.wants(row, finder.as_ref(), at)).collect()
    }

    /// The first that is wanted behind a claim.
    pub fn first_behind<'r>(&self, rows: &'r Rows, here: &Row, at: Moment<'_>) -> Option<&'r Arc<Row>> {
        let text = self.text.trim().to_lowercase();
        let finder = (!text.is_empty()).then(|| Finder::new(&text));
        let behind = rows.ordered.iter().skip(rows.behind(here)).filter(|row| row.id != here.id);
        let team = |row: &Row| self.team.is_none() || row.owner == self.team;
        let waits = |row: &Row| row.status == Status::Open;
        behind.into_iter().find(|row| waits(row) && team(row) && self.wants(row, finder.as_ref(), at))
    }

    /// How many of those that are wanted came after a generation of the board.
    pub fn news(&self, rows: &Rows, at: Moment<'_>, since: u64) -> usize {
        self.rows(rows, at).iter().filter(|row| row.since > since).count()
    }
}

/// The finding that says most: the worst that stops the claim.
#[must_use]
pub fn leading(findings: &[Finding]) -> Option<&Finding> {
    findings.iter().min_by_key(|f| (f.shadow, f.severity))
}

/// Held claims as one page shows them.
#[derive(Debug)]
pub struct Queue {
    /// Those of the page.
    pub page: Vec<Arc<Row>>,
    /// Place of the first of them, from 1.
    pub first: usize,
    /// How many the filter finds.
    pub found: usize,
    /// Their charges.
    pub cents: Cents,
    /// Their charges, each by the chance that work lets it leave.
    pub at_risk: Cents,
    /// The last of the page, where there are more.
    pub next: Option<String>,
    /// How many each team has, of those the rest of the filter finds.
    pub teams: Vec<(Owner, usize)>,
    /// Payers of held claims.
    pub payers: BTreeMap<String, String>,
    /// Edits that stop them: id and name.
    pub edits: BTreeMap<String, String>,
    /// Of the board it was made from.
    pub generation: u64,
}

impl Queue {
    /// Of all that are held. `after` is the last claim of the page before, wherever it is by now.
    #[must_use]
    pub fn of(rows: &Rows, filter: &Filter, after: Option<&Row>, at: Moment<'_>) -> Queue {
        let mut teams: Vec<(Owner, usize)> = Owner::ALL.into_iter().map(|team| (team, 0)).collect();
        let (mut payers, mut edits): (BTreeMap<&str, &str>, BTreeMap<&str, &str>) = Default::default();
        let text = filter.text.trim().to_lowercase();
        let finder = (!text.is_empty()).then(|| Finder::new(&text));
        let skipped = after.map_or(0, |last| rows.behind(last));
        let mut queue = Queue {
            page: Vec::new(),
            first: 1,
            found: 0,
            cents: 0,
            at_risk: 0,
            next: None,
            teams: Vec::new(),
            payers: BTreeMap::new(),
            edits: BTreeMap::new(),
            generation: rows.generation,
        };
        let mut more = false;
        for (n, row) in rows.ordered.iter().enumerate() {
            if !at.sees(row) {
                continue;
            }
            if !row.payer.is_empty() {
                payers.entry(&row.payer).or_insert(&row.payer_name);
            }
            for (edit, name) in &row.edits {
                edits.entry(edit).or_insert(name);
            }
            if !filter.wants(row, finder.as_ref(), at) {
                continue;
            }
            if let Some((_, count)) = teams.iter_mut().find(|(team, _)| row.owner == Some(*team)) {
                *count += 1;
            }
            if filter.team.is_some() && row.owner != filter.team {
                continue;
            }
            queue.found += 1;
            queue.cents = queue.cents.saturating_add(row.charge);
            queue.at_risk = queue.at_risk.saturating_add(row.at_risk());
            if n < skipped {
                queue.first += 1;
            } else if queue.page.len() < PAGE {
                queue.page.push(Arc::clone(row));
            } else {
                more = true;
            }
        }
        let owned = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
        queue.next = queue.page.last().filter(|_| more).map(|row| row.id.clone());
        (queue.teams, queue.payers) = (teams, payers.into_iter().map(owned).collect());
        queue.edits = edits.into_iter().map(owned).collect();
        queue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::row::tests::row;

    fn ids(queue: &Queue) -> Vec<&str> {
        queue.page.iter().map(|row| row.id.trim_start_matches('0')).collect()
    }

    fn at(channels: &[String]) -> Moment<'_> {
        Moment { now: Timestamp::UNIX_EPOCH, today: jiff::civil::date(2026, 11, 21), channels }
    }

    #[test]
    fn the_most_at_risk_first_and_only_what_is_wanted() {
        let rows = Rows::of(vec![
            row(1, 100, Owner::Coding),
            row(2, 900, Owner::Billing),
            Row { claim: "CLAIM-3".into(), escalated: true, ..row(3, 50, Owner::Coding) },
            Row {
                channel: "other".into(),
                deadline: Some(jiff::civil::date(2026, 11, 25)),
                ..row(4, 500, Owner::Coding)
            },
        ]);
        let of = |filter: &Filter| Queue::of(&rows, filter, None, at(&[]));
        let whole = of(&Filter::default());
        assert_eq!((ids(&whole), whole.found, whole.cents), (vec!["3", "4", "2", "1"], 4, 1550));
        assert_eq!(whole.teams[0], (Owner::Coding, 3));
        let coding = of(&Filter { team: Some(Owner::Coding), ..Filter::default() });
        assert_eq!((ids(&coding), coding.teams[1]), (vec!["3", "4", "1"], (Owner::Billing, 1)));
        for (filter, found) in [
            (Filter { payer: "P1".to_owned(), ..Filter::default() }, vec!["4", "1"]),
            (Filter { edit: "E3-000".to_owned(), ..Filter::default() }, vec!["4", "2"]),
            (Filter { text: " patient 2".to_owned(), ..Filter::default() }, vec!["2"]),
            (Filter { text: "nothing like it".to_owned(), ..Filter::default() }, vec![]),
            (Filter { cents: Some(500), ..Filter::default() }, vec!["4", "2"]),
            (Filter { due: Some(7), ..Filter::default() }, vec!["4"]),
            (Filter { days: Some(1), ..Filter::default() }, vec![]),
            (Filter { which: Which::Escalated, ..Filter::default() }, vec!["3"]),
            (Filter { which: Which::Clean, ..Filter::default() }, vec![]),
        ] {
            assert_eq!(ids(&of(&filter)), found, "{filter:?}");
        }
        let own = ["other".to_owned()];
        let theirs = Queue::of(&rows, &Filter::default(), None, at(&own));
        assert_eq!((ids(&theirs), theirs.payers.len()), (vec!["4"], 1), "nothing of other channels");
    }

    #[test]
    fn what_is_put_off_is_out_of_the_list_until_then() {
        let until = Timestamp::from_second(60).unwrap();
        let rows = Rows::of(vec![Row { snoozed_until: Some(until), ..row(1, 100, Owner::Coding) }]);
        let of = |which, now| {
            let filter = Filter { which, ..Filter::default() };
            Queue::of(&rows, &filter, None, Moment { now, ..at(&[]) }).found
        };
        assert_eq!(
            (of(Which::Work, Timestamp::UNIX_EPOCH), of(Which::Snoozed, Timestamp::UNIX_EPOCH)),
            (0, 1)
        );
        assert_eq!((of(Which::Work, until), of(Which::Snoozed, until)), (1, 0));
    }

    #[test]
    fn pages_follow_each_other_though_claims_leave_between() {
        let all = || (0..120).map(|n| row(n, 100_000 - i64::from(n), Owner::Coding));
        let rows = Rows::of(all().collect());
        let first = Queue::of(&rows, &Filter::default(), None, at(&[]));
        assert_eq!((first.page.len(), first.first, first.found), (PAGE, 1, 120));
        let last = Arc::clone(first.page.last().unwrap());
        assert_eq!(first.next.as_deref(), Some(last.id.as_str()));
        let rows = Rows::of(all().filter(|row| row.id != last.id).collect());
        let second = Queue::of(&rows, &Filter::default(), Some(&last), at(&[]));
        assert_eq!((second.page[0].charge, second.first), (99_950, 50));
        let third = Queue::of(&rows, &Filter::default(), second.page.last().map(|row| &**row), at(&[]));
        assert_eq!((third.page.len(), third.next), (20, None));
        let next = Filter::default().first_behind(&rows, &last, at(&[])).unwrap();
        assert_eq!(next.charge, 99_950);
    }
}
