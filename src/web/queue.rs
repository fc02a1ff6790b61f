//! The order in which held claims are worked, and which of them somebody wants to see.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::edits::{Finding, Owner};
use crate::holds::HeldClaim;

/// Claims of a page.
pub const PAGE: usize = 50;

/// What somebody wants to see; what is empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one team.
    pub team: Option<Owner>,
    /// To one payer, by its id.
    pub payer: String,
    /// Stopped by one edit, by its id.
    pub edit: String,
    /// With this in its number, its payer, its file's name or what was found.
    pub text: String,
}

impl Filter {
    /// True of a claim that is wanted, whosever it is.
    fn wants(&self, held: &HeldClaim, text: &str) -> bool {
        let has = |value: &str| value.to_lowercase().contains(text);
        let found = |f: &Finding| has(&f.edit) || has(&f.name) || has(&f.message);
        (self.payer.is_empty() || held.payer == self.payer)
            && (self.edit.is_empty() || held.findings.iter().any(|f| f.edit == self.edit))
            && (text.is_empty()
                || has(held.claim.expose())
                || has(&held.payer)
                || has(held.file.expose())
                || held.findings.iter().any(found))
    }
}

/// What orders claims: dollars first, the longest held of equal ones.
fn key(held: &HeldClaim) -> (Reverse<i64>, Timestamp, &str) {
    (Reverse(held.charge), held.held_at, &held.id)
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
    pub page: Vec<HeldClaim>,
    /// Place of the first of them, from 1.
    pub first: usize,
    /// How many the filter finds.
    pub found: usize,
    /// Their charges.
    pub cents: i64,
    /// The last of the page, where there are more.
    pub next: Option<String>,
    /// How many each team has, of those the rest of the filter finds.
    pub teams: Vec<(Owner, usize)>,
    /// Payers of held claims.
    pub payers: Vec<String>,
    /// Edits that stop them: id and name.
    pub edits: Vec<(String, String)>,
}

impl Queue {
    /// Of all that are held. `after` is the last claim of the page before, wherever it is by now.
    #[must_use]
    pub fn of(all: Vec<HeldClaim>, filter: &Filter, after: Option<&HeldClaim>) -> Queue {
        let mut payers: Vec<String> = all.iter().map(|h| h.payer.clone()).filter(|p| !p.is_empty()).collect();
        payers.sort();
        payers.dedup();
        let found = all.iter().flat_map(|h| &h.findings);
        let edits: BTreeMap<String, String> = found.map(|f| (f.edit.clone(), f.name.clone())).collect();
        let text = filter.text.trim().to_lowercase();
        let mut wanted: Vec<HeldClaim> = all.into_iter().filter(|h| filter.wants(h, &text)).collect();
        let of = |team: Owner| wanted.iter().filter(|h| h.owner == Some(team)).count();
        let teams = Owner::ALL.into_iter().map(|team| (team, of(team))).collect();
        wanted.retain(|h| filter.team.is_none() || h.owner == filter.team);
        wanted.sort_by(|a, b| key(a).cmp(&key(b)));
        let skipped = after.map_or(0, |last| wanted.partition_point(|h| key(h) <= key(last)));
        let cents = wanted.iter().fold(0, |sum: i64, h| sum.saturating_add(h.charge));
        let found = wanted.len();
        let page: Vec<HeldClaim> = wanted.into_iter().skip(skipped).take(PAGE).collect();
        let more = skipped + page.len() < found;
        let next = page.last().filter(|_| more).map(|h| h.id.clone());
        let edits = edits.into_iter().collect();
        Queue { page, first: skipped + 1, found, cents, next, teams, payers, edits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::Severity;
    use crate::holds::Status;

    fn held(n: u8, charge: i64, owner: Owner) -> HeldClaim {
        let finding = Finding {
            edit: format!("E3-00{}", n % 2),
            name: "a-name".to_owned(),
            severity: Severity::Hold,
            owner,
            at: "2300 CLM02".to_owned(),
            segment: 0,
            offset: 0,
            value: None,
            message: "what is wrong".to_owned(),
            r#loop: String::new(),
            element: 0,
            component: 0,
            repetition: 0,
            shadow: false,
            fault: None,
        };
        HeldClaim {
            id: format!("{n:026}"),
            claim: format!("CLAIM-{n}").into(),
            file: "a.edi".into(),
            channel: "main".to_owned(),
            payer: format!("P{}", n % 3),
            charge,
            held_at: Timestamp::UNIX_EPOCH,
            owner: Some(owner),
            overridable: true,
            findings: vec![finding],
            sha256: String::new(),
            position: 1,
            offset: 0,
            bytes: 0,
            billing_npi: String::new(),
            service_from: None,
            file_id: String::new(),
            version: 1,
            status: Status::Open,
            corrections: None,
            overridden: Vec::new(),
            sent_in: None,
            trail: Vec::new(),
        }
    }

    fn ids(queue: &Queue) -> Vec<&str> {
        queue.page.iter().map(|h| h.id.trim_start_matches('0')).collect()
    }

    #[test]
    fn the_most_dollars_first_and_only_what_is_wanted() {
        let all =
            vec![held(1, 100, Owner::Coding), held(2, 900, Owner::Billing), held(3, 900, Owner::Coding)];
        let queue = |filter: &Filter| Queue::of(all.clone(), filter, None);
        let whole = queue(&Filter::default());
        assert_eq!((ids(&whole), whole.found, whole.cents), (vec!["2", "3", "1"], 3, 1900));
        assert_eq!(whole.teams[0], (Owner::Coding, 2));
        let coding = queue(&Filter { team: Some(Owner::Coding), ..Filter::default() });
        assert_eq!((ids(&coding), coding.teams[1]), (vec!["3", "1"], (Owner::Billing, 1)));
        for (filter, found) in [
            (Filter { payer: "P1".to_owned(), ..Filter::default() }, vec!["1"]),
            (Filter { edit: "E3-000".to_owned(), ..Filter::default() }, vec!["2"]),
            (Filter { text: " claim-3".to_owned(), ..Filter::default() }, vec!["3"]),
            (Filter { text: "nothing like it".to_owned(), ..Filter::default() }, vec![]),
        ] {
            assert_eq!(ids(&queue(&filter)), found, "{filter:?}");
        }
    }

    #[test]
    fn pages_follow_each_other_though_claims_leave_between() {
        let all: Vec<HeldClaim> = (0..120).map(|n| held(n, 1000 - i64::from(n), Owner::Coding)).collect();
        let first = Queue::of(all.clone(), &Filter::default(), None);
        assert_eq!((first.page.len(), first.first, first.found), (PAGE, 1, 120));
        let last = first.page.last().unwrap();
        assert_eq!(first.next.as_deref(), Some(last.id.as_str()));
        let left: Vec<HeldClaim> = all.into_iter().filter(|h| h.id != last.id).collect();
        let second = Queue::of(left.clone(), &Filter::default(), Some(last));
        assert_eq!((second.page[0].charge, second.first), (950, 50));
        let third = Queue::of(left, &Filter::default(), second.page.last());
        assert_eq!((third.page.len(), third.next), (20, None));
    }
}
