//! What lies behind page one: consequences, reasons, modifiers, findings, held claims.

use std::collections::BTreeMap;

use super::build::Work;
use super::figures;
use super::gather::Sum;
use super::pack::Section;
use super::read::{BASELINE, Decided};
use crate::edits::Owner;
use crate::history::{CONSEQUENCES, Count, Meaning, days};
use crate::sheets::{Cell, Kind, Table, columns, share};

/// Rows of a scoreboard for one payer at most.
const MODIFIERS: usize = 12;
/// Decided claims below which a modifier says nothing.
const FEWEST: i64 = 10;
/// Ages of held claims: words, and days at most.
const AGES: [(&str, i32); 4] =
    [("0 to 2 days", 2), ("3 to 7 days", 7), ("8 to 30 days", 30), ("over 30 days", i32::MAX)];

/// All of them, in order; payer pages come between.
#[must_use]
pub fn sections(work: &Work<'_>) -> Vec<Section> {
    vec![
        consequences(work),
        reasons(work),
        modifiers(work),
        figures::section(work),
        findings(work),
        held(work),
    ]
}

/// A section without charts.
#[must_use]
pub fn section(id: &str, title: &str, said: String, tables: Vec<Table>) -> Section {
    Section { id: id.to_owned(), title: title.to_owned(), said, charts: Vec::new(), tables }
}

/// The amount of an average week, of a sum over the baseline.
fn average(sum: i64) -> i64 {
    sum / BASELINE as i64
}

fn consequences(work: &Work<'_>) -> Section {
    let [now, before] = &work.of.read.weekly.consequences;
    let refused = &work.of.read.gathered.refused;
    let refused_now = refused.get(work.week()).copied().unwrap_or_default();
    let mut refused_before = Sum::default();
    refused.iter().filter(|(week, _)| work.is_before(week)).for_each(|(_, sum)| refused_before.plus(*sum));
    let mut total = [0; 4];
    let mut rows = Vec::new();
    for name in CONSEQUENCES {
        let of = |counts: &BTreeMap<String, Count>| counts.get(name).copied().unwrap_or_default();
        let (mut is, mut was) = (of(now), of(before));
        if name == "clearinghouse-rejection" {
            // Refused before anybody judged them: of these answers tell, not remittances.
            for (count, sum) in [(&mut is, refused_now), (&mut was, refused_before)] {
                count.claims += sum.claims;
                count.denials += sum.claims;
                count.amount = count.amount.saturating_add(sum.amount);
            }
        }
        for (sum, n) in total.iter_mut().zip([is.claims, is.denials, is.amount, average(was.amount)]) {
            *sum += n;
        }
        let title = name.replace('-', " ");
        rows.push(vec![
            Cell::text(title),
            Cell::Number(is.claims),
            Cell::Number(is.denials),
            Cell::Number(is.amount),
            Cell::Number(average(was.amount)),
        ]);
    }
    let total = std::iter::once(Cell::text("all")).chain(total.map(Cell::Number)).collect();
    let said = match now.is_empty() && refused_now.claims == 0 {
        true => format!("Nothing was denied or refused in {}.", work.week()),
        false => "What denials cost besides the money, by the six consequences both industry guides count."
            .to_owned(),
    };
    let table = Table {
        id: "consequences".to_owned(),
        title: "The six consequences".to_owned(),
        definition: format!(
            "Denials of remittances paid in {}, by the consequence their reason has in the dictionary; clearinghouse \
             rejections are claims whose TA1, 999 or 277CA refused them that week, with their charge.",
            work.week()
        ),
        columns: columns(&[
            ("consequence", "Consequence", Kind::Text),
            ("claims", "Claims", Kind::Count),
            ("denials", "Denials", Kind::Count),
            ("amount", "Refused", Kind::Money),
            ("usual", "Average week before", Kind::Money),
        ]),
        rows,
        total: Some(total),
    };
    section("consequences", "The six consequences", said, vec![table])
}

/// Payer and CARC.
type Reason<'a> = (&'a str, &'a str);

fn reasons(work: &Work<'_>) -> Section {
    let mut found: BTreeMap<Reason<'_>, (Count, i64)> = BTreeMap::new();
    let mut all = Count::default();
    for ((week, payer, carc), count) in &work.of.read.weekly.denied {
        let sums = found.entry((payer, carc)).or_default();
        if week == work.week() {
            sums.0.add(*count);
            all.add(*count);
        } else if work.is_before(week) {
            sums.1 = sums.1.saturating_add(count.amount);
        }
    }
    let mut found: Vec<(Reason<'_>, (Count, i64))> =
        found.into_iter().filter(|(_, (now, _))| !now.is_nothing()).collect();
    found.sort_by_key(|(key, (now, _))| (std::cmp::Reverse((now.amount, now.denials)), *key));
    let row = |((payer, carc), (now, before)): &(Reason<'_>, (Count, i64))| {
        let meaning = work.of.tables.dictionary.meaning(carc, &[], payer);
        let words = |of: fn(&Meaning) -> String| Cell::text(meaning.map(of).unwrap_or_default());
        vec![
            Cell::text(work.names.payer(payer)),
            Cell::text(*carc),
            words(|m| m.means.clone()),
            words(|m| m.owner.name().to_owned()),
            Cell::Number(now.claims),
            Cell::Number(now.denials),
            Cell::Number(now.amount),
            Cell::Number(average(*before)),
        ]
    };
    let mut total: Vec<Cell> = ["all", "", "", ""].into_iter().map(Cell::text).collect();
    total.extend([all.claims, all.denials, all.amount].map(Cell::Number));
    total.push(Cell::Nothing);
    let said = match found.is_empty() {
        true => format!("No denial was paid in {}.", work.week()),
        false => String::new(),
    };
    let table = Table {
        id: "reasons".to_owned(),
        title: "Denials by reason".to_owned(),
        definition: format!(
            "Denials of remittances paid in {} less those taken back, most dollars first. A claim counts in the first week \
             it is denied by a payer for a reason. Dollars of remittances that don't balance are left out.",
            work.week()
        ),
        columns: columns(&[
            ("payer", "Payer", Kind::Text),
            ("carc", "CARC", Kind::Text),
            ("means", "Means", Kind::Text),
            ("owner", "Team", Kind::Text),
            ("claims", "Claims", Kind::Count),
            ("denials", "Denials", Kind::Count),
            ("amount", "Refused", Kind::Money),
            ("usual", "Average week before", Kind::Money),
        ]),
        rows: found.iter().map(row).collect(),
        total: Some(total),
    };
    section("reasons", "Denials by reason", said, vec![table])
}

fn modifiers(work: &Work<'_>) -> Section {
    let mut payers: BTreeMap<&str, Vec<(&str, Decided, i64)>> = BTreeMap::new();
    for ((payer, modifiers), (decided, cents)) in &work.of.read.weekly.modifiers {
        if decided.decided >= FEWEST {
            payers.entry(payer).or_default().push((modifiers, *decided, *cents));
        }
    }
    let mut rows = Vec::new();
    for (payer, mut list) in payers {
        list.retain(|(modifiers, ..)| !modifiers.is_empty());
        list.sort_by_key(|(modifiers, decided, cents)| {
            (std::cmp::Reverse((*cents, decided.denied)), *modifiers)
        });
        for (modifiers, decided, cents) in list.into_iter().take(MODIFIERS) {
            rows.push(vec![
                Cell::text(work.names.payer(payer)),
                Cell::text(modifiers.replace('+', " ")),
                Cell::Number(decided.decided),
                Cell::Number(decided.denied),
                Cell::maybe(share(decided.denied, decided.decided)),
                Cell::Number(cents),
            ]);
        }
    }
    let said = match rows.is_empty() {
        true => format!("No modifier stood on {FEWEST} decided claims of a payer in these weeks."),
        false => String::new(),
    };
    let table = Table {
        id: "modifiers".to_owned(),
        title: "Modifiers by payer".to_owned(),
        definition: format!(
            "Claims with a line under these modifiers that the payer decided in {} to {}, and those of them with a denial; \
             {FEWEST} decided at least, the {MODIFIERS} with most dollars for each payer. Dollars are those refused on \
             such lines.",
            work.of.read.span.baseline.0,
            work.week()
        ),
        columns: columns(&[
            ("payer", "Payer", Kind::Text),
            ("modifiers", "Modifiers", Kind::Text),
            ("decided", "Decided", Kind::Count),
            ("denied", "Denied", Kind::Count),
            ("rate", "Denied of decided", Kind::Percent),
            ("amount", "Refused", Kind::Money),
        ]),
        rows,
        total: None,
    };
    section("modifiers", "Modifier scoreboard", said, vec![table])
}

fn findings(work: &Work<'_>) -> Section {
    let row = |told: &super::build::Told<'_>| {
        vec![
            Cell::text(told.alert.kind.name()),
            Cell::text(told.alert.message.as_str()),
            Cell::text(told.alert.since.as_str()),
            Cell::text(told.alert.owner.name()),
            Cell::text(told.alert.evidence.as_str()),
            Cell::Number(told.claims()),
            Cell::Number(told.finding.excess_cents),
        ]
    };
    let said = match work.told.is_empty() {
        true => "The detector found no change by more than chance.".to_owned(),
        false => String::new(),
    };
    let table = Table {
        id: "findings".to_owned(),
        title: "Findings".to_owned(),
        definition: format!(
            "Everything the detector finds as of {}: changes of denials by payer and reason that hardly come by chance; one \
             false finding a week is its budget. Dollars: beyond the usual, of an improvement those not refused.",
            work.of.read.span.until
        ),
        columns: columns(&[
            ("kind", "Kind", Kind::Text),
            ("message", "What", Kind::Text),
            ("since", "Since", Kind::Text),
            ("owner", "Team", Kind::Text),
            ("evidence", "How sure", Kind::Text),
            ("claims", "Claims", Kind::Count),
            ("amount", "Beyond usual", Kind::Money),
        ]),
        rows: work.told.iter().map(row).collect(),
        total: None,
    };
    section("findings", "Findings", said, vec![table])
}

fn held(work: &Work<'_>) -> Section {
    let today = work.of.read.span.today;
    let mut found: BTreeMap<(Option<Owner>, usize), Sum> = BTreeMap::new();
    let mut all = Sum::default();
    for (held, day) in work.holds().filter(|(held, _)| held.is_open()) {
        let age = days(day, today);
        let place = AGES.iter().position(|(_, most)| age <= *most).unwrap_or(AGES.len() - 1);
        found.entry((held.owner, place)).or_default().add(held.charge);
        all.add(held.charge);
    }
    let row = |((owner, place), sum): (&(Option<Owner>, usize), &Sum)| {
        vec![
            Cell::text(owner.map_or("no team", Owner::name)),
            Cell::text(AGES.get(*place).map(|(age, _)| *age).unwrap_or_default()),
            Cell::Number(sum.claims),
            Cell::Number(sum.amount),
        ]
    };
    let said = match found.is_empty() {
        true => "No claim is held.".to_owned(),
        false => String::new(),
    };
    let table = Table {
        id: "held".to_owned(),
        title: "Held claims by team and age".to_owned(),
        definition: format!(
            "Claims that wait for a decision or are about to leave, on {today}, with their charge."
        ),
        columns: columns(&[
            ("owner", "Team", Kind::Text),
            ("age", "Held for", Kind::Text),
            ("claims", "Claims", Kind::Count),
            ("charge", "Charge", Kind::Money),
        ]),
        rows: found.iter().map(row).collect(),
        total: Some(vec![
            Cell::text("all"),
            Cell::text(""),
            Cell::Number(all.claims),
            Cell::Number(all.amount),
        ]),
    };
    section("held", "Held claims", said, vec![table])
}
