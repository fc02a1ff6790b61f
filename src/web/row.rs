//! A held claim as the work list shows it, and what it weighs.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::board::Key;
use super::queue::leading;
use crate::edits::{EditSet, Owner};
use crate::holds::{HeldClaim, Status};
use crate::x12::Cents;

/// Days from which on a deadline presses no less than none.
const FAR: i64 = 90;

/// What of a held claim the list needs.
#[derive(Clone, Debug)]
pub struct Row {
    /// ULID of the hold.
    pub id: String,
    /// Version.
    pub version: u64,
    /// CLM01.
    pub claim: String,
    /// Last name, first name.
    pub patient: String,
    /// 2010BB NM109.
    pub payer: String,
    /// 2010BB NM103.
    pub payer_name: String,
    /// Channel it came by.
    pub channel: String,
    /// CLM02.
    pub charge: Cents,
    /// First day of service.
    pub service_from: Option<Date>,
    /// When it was held.
    pub held_at: Timestamp,
    /// Last day it may be filed, by the pack of its payer.
    pub deadline: Option<Date>,
    /// Team.
    pub owner: Option<Owner>,
    /// Open or leaving.
    pub status: Status,
    /// Id and name of every edit that stops it.
    pub edits: Vec<(String, String)>,
    /// Name of the finding that says most; empty where there is none.
    pub leading: String,
    /// How many findings.
    pub findings: usize,
    /// Out of the list until then.
    pub snoozed_until: Option<Timestamp>,
    /// Before all others.
    pub escalated: bool,
    /// When documentation was asked for.
    pub asked_at: Option<Timestamp>,
    /// Who asked for an override that waits for a second person.
    pub proposed_by: Option<String>,
    /// ULID of the file it came in.
    pub file_id: String,
    /// 1-based among that file's claims.
    pub position: u64,
    /// All that is searched, in small letters.
    pub text: String,
    /// Share of those stopped by the same edits that left in the end, in thousandths.
    pub chance: i64,
    /// Dollars at risk by the days left.
    pub weight: i64,
    /// Generation of the board it came with.
    pub since: u64,
    /// Ids of the edits that stopped it when it was first held.
    pub stopped_by: Vec<String>,
}

impl Row {
    /// Of a hold.
    #[must_use]
    pub fn of(held: &HeldClaim, edits: &EditSet, today: Date, chances: &Chances, since: u64) -> Row {
        let stops = held.findings.iter().filter(|f| f.stops());
        let mut stopping: Vec<(String, String)> = stops.map(|f| (f.edit.clone(), f.name.clone())).collect();
        stopping.sort();
        stopping.dedup();
        let leading = leading(&held.findings).map(|f| f.name.clone()).unwrap_or_default();
        let (claim, patient) = (held.claim.expose().clone(), held.patient.expose().clone());
        let mut text =
            [claim.as_str(), &patient, &held.payer, &held.payer_name, held.file.expose()].join("\n");
        for (edit, name) in &stopping {
            text.push('\n');
            text.push_str(edit);
            text.push('\n');
            text.push_str(&name.replace('-', " "));
        }
        let row = Row {
            id: held.id.clone(),
            version: held.version,
            claim,
            patient,
            payer: held.payer.clone(),
            payer_name: held.payer_name.clone(),
            channel: held.channel.clone(),
            charge: held.charge,
            service_from: held.service_from,
            held_at: held.held_at,
            deadline: deadline(held, edits),
            owner: held.owner,
            status: held.status,
            edits: stopping,
            leading,
            findings: held.findings.len(),
            snoozed_until: held.snoozed_until,
            escalated: held.escalated,
            asked_at: held.query.as_ref().map(|query| query.at),
            proposed_by: held.proposed.as_ref().map(|proposed| proposed.by.clone()),
            file_id: held.file_id.clone(),
            position: held.position,
            text: text.to_lowercase(),
            chance: 0,
            weight: 0,
            since,
            stopped_by: held.stopped_by.clone(),
        };
        row.weighed(today, chances)
    }

    /// The same, weighed anew: dollars, by the chance that working it lets it leave, by the days left.
    #[must_use]
    pub fn weighed(self, today: Date, chances: &Chances) -> Row {
        // By what first stopped it, whatever was put right since: a claim stays in its place while somebody works it.
        let chance = chances.of(&self.stopped_by);
        let left = self.days_left(today).unwrap_or(FAR);
        // What can't be filed in time any more has least to lose.
        let urgency = if left < 0 { 1 } else { (10 * FAR) / left.clamp(1, FAR) };
        let weight = self.charge.max(0).saturating_mul(chance).saturating_mul(urgency);
        Row { chance, weight, ..self }
    }

    /// Dollars times the chance, in cents.
    #[must_use]
    pub fn at_risk(&self) -> Cents {
        if self.is_stopped() { self.charge.saturating_mul(self.chance) / 1000 } else { self.charge }
    }

    /// Days until the payer takes it no more; none where nobody knows.
    #[must_use]
    pub fn days_left(&self, today: Date) -> Option<i64> {
        Some(i64::from(today.until(self.deadline?).ok()?.get_days()))
    }

    /// What orders it.
    #[must_use]
    pub fn key(&self) -> Key<'_> {
        (!self.escalated, Reverse(self.weight), self.held_at, &self.id)
    }

    /// True while findings keep it from leaving.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        !self.edits.is_empty()
    }
}

/// Last day a claim may be filed, by the pack of its payer.
#[must_use]
pub fn deadline(held: &HeldClaim, edits: &EditSet) -> Option<Date> {
    let dates = held.service_from.map(|from| (from, held.service_to.unwrap_or(from)))?;
    let pack = edits.payers().of_claim(held.payer.as_bytes()).filter(|pack| pack.holds(Some(dates)))?;
    pack.timely_filing?.last_day(dates, held.corrects)
}

/// How often fixing a claim that an edit stopped let it leave.
#[derive(Debug, Default)]
pub struct Chances(HashMap<String, (i64, i64)>);

impl Chances {
    /// Takes a claim over of which all is decided.
    pub fn count(&mut self, held: &HeldClaim) {
        for edit in &held.stopped_by {
            let (left, decided) = self.0.entry(edit.clone()).or_default();
            *left += i64::from(held.status == Status::Sent);
            *decided += 1;
        }
    }

    /// Of the edit that let fewest go, in thousandths; four of five where nothing is known.
    fn of(&self, edits: &[String]) -> i64 {
        let one = |edit: &String| {
            let (left, decided) = self.0.get(edit).copied().unwrap_or_default();
            (left + 4) * 1000 / (decided + 5)
        };
        edits.iter().map(one).min().unwrap_or(1000)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use jiff::civil::date;

    /// A row for tests.
    pub fn row(n: u8, charge: i64, owner: Owner) -> Row {
        let row = Row {
            id: format!("{n:026}"),
            version: 1,
            claim: format!("CLAIM-{n}"),
            patient: format!("PATIENT {n}"),
            payer: format!("P{}", n % 3),
            payer_name: String::new(),
            channel: "main".to_owned(),
            charge,
            service_from: None,
            held_at: Timestamp::UNIX_EPOCH,
            deadline: None,
            owner: Some(owner),
            status: Status::Open,
            edits: vec![(format!("E3-00{}", n % 2), "a-name".to_owned())],
            leading: "a-name".to_owned(),
            findings: 1,
            snoozed_until: None,
            escalated: false,
            asked_at: None,
            proposed_by: None,
            file_id: String::new(),
            position: 1,
            text: format!("claim-{n}\npatient {n}"),
            chance: 0,
            weight: 0,
            since: 0,
            stopped_by: vec![format!("E3-00{}", n % 2)],
        };
        row.weighed(date(2026, 11, 21), &Chances::default())
    }

    #[test]
    fn a_claim_weighs_its_dollars_by_its_chance_and_the_days_left() {
        let today = date(2026, 11, 21);
        let mut chances = Chances::default();
        let plain = row(1, 10_000, Owner::Coding);
        assert_eq!((plain.chance, plain.at_risk()), (800, 8_000), "four of five where nothing is known");
        chances.0.insert("E3-001".into(), (0, 15));
        let lost = plain.clone().weighed(today, &chances);
        assert_eq!((lost.chance, lost.at_risk()), (200, 2_000));
        let due = |days: i64| {
            let deadline = today.checked_add(jiff::SignedDuration::from_hours(24 * days)).unwrap();
            Row { deadline: Some(deadline), ..plain.clone() }.weighed(today, &Chances::default())
        };
        assert!(due(1).weight > due(2).weight && due(30).weight > due(90).weight);
        assert_eq!(due(90).weight, plain.weight, "far off presses as little as none");
        assert!(due(-1).weight < plain.weight, "too late to lose anything by waiting");
        assert_eq!(due(12).days_left(today), Some(12));
        let clean = Row { edits: Vec::new(), ..plain.clone() }.weighed(today, &Chances::default());
        assert_eq!(clean.weight, plain.weight, "it stays in its place");
        assert_eq!(clean.at_risk(), 10_000, "only a release away");
    }
}
