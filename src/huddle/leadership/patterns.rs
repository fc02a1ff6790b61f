//! What repeats and what improved, in sentences.

use super::super::effect::{Ratio, difference, signed};
use super::super::pack::{Block, Item, Section};
use super::service::WHOLE;
use super::{Counts, Period, Place, Tally};
use crate::alerts::{dollars, within};
use crate::history::{Meaning, Tables};
use crate::sheets::{Cell, Column, Kind, Table, grouped, percent, share};

/// Denials below which nothing is a pattern, and no provider is told.
const FEWEST: i64 = 11;
/// Sentences of a sort at most.
const MOST: usize = 8;

/// What a note or claim lacks, by category of the dictionary.
fn lacks(category: &str) -> Option<&'static str> {
    Some(match category {
        "authorisation" => "the claim lacks an authorisation that covers the service",
        "bundling" => "the note lacks what shows two separate services",
        "clinical-level" => "the note lacks what the level of care rests on",
        "cob" => "the claim lacks what the other insurer decided",
        "coding-diagnosis" => "the note lacks a diagnosis as specific as the code set asks for",
        "coding-modifier" => "the claim lacks the modifier the service needs, or bears a wrong one",
        "documentation" | "documentation-or-data" => "the note lacks what the payer asks to see",
        "eligibility" => "the claim lacks coverage in force on that day",
        "frequency-limit" => "the note lacks a reason for more than the plan's limit",
        "medical-necessity" => "the note lacks what makes the service necessary",
        "network" => "the claim lacks a referral, or the provider the network",
        "provider-enrolment" => "the provider lacks enrolment with the payer",
        _ => return None,
    })
}

struct Pattern<'a> {
    payer: String,
    carc: &'a str,
    service: &'static str,
    meaning: Option<&'a Meaning>,
    now: Tally,
    before: Tally,
}

fn pattern<'a>(
    counts: &Counts,
    tables: &'a Tables,
    ((payer, carc, service), [now, before]): (&'a Place, &[Tally; 2]),
) -> Pattern<'a> {
    let rarcs = counts.rarcs.get(&(payer.clone(), carc.clone()));
    let commonest = rarcs.and_then(|all| all.iter().max_by_key(|(rarc, n)| (**n, std::cmp::Reverse(*rarc))));
    let rarcs: Vec<String> = commonest
        .map(|(rarcs, _)| rarcs.split([',', ' ']).filter(|r| !r.is_empty()).map(str::to_owned).collect())
        .unwrap_or_default();
    let name = tables.payers.iter().find(|pack| pack.id == *payer).map(|pack| pack.name.clone());
    Pattern {
        payer: name.unwrap_or_else(|| payer.clone()),
        carc,
        service,
        meaning: tables.dictionary.meaning(carc, &rarcs, payer),
        now: *now,
        before: *before,
    }
}

impl Pattern<'_> {
    /// Why, as a clause.
    fn why(&self) -> String {
        match self.meaning {
            None => format!("CARC {}, of which the dictionary knows nothing", self.carc),
            Some(m) => lacks(&m.category).map_or_else(|| within(&m.means), str::to_owned),
        }
    }

    fn code(&self) -> String {
        let group = self.meaning.and_then(|m| m.groups.first());
        group.map_or_else(|| format!("CARC {}", self.carc), |group| format!("{group}-{}", self.carc))
    }

    fn rates(&self) -> (Ratio, Ratio) {
        let of = |t: Tally| Ratio { n: t.denied, of: t.decided };
        (of(self.before), of(self.now))
    }

    fn owner(&self) -> Option<crate::edits::Owner> {
        self.meaning.map(|m| m.owner)
    }
}

/// `34 of 210 (16.2 %)`.
fn told(tally: Tally) -> String {
    let of = share(tally.denied, tally.decided).map(|s| format!(" ({})", percent(s))).unwrap_or_default();
    format!("{} of {}{of}", grouped(tally.denied), grouped(tally.decided))
}

fn all<'a>(counts: &'a Counts, tables: &'a Tables) -> Vec<Pattern<'a>> {
    counts.of.iter().map(|entry| pattern(counts, tables, entry)).collect()
}

/// What is denied in at least half of the weeks.
pub fn repeated(counts: &Counts, tables: &Tables, period: &Period) -> Block {
    let mut found = all(counts, tables);
    let half = period.len().max(1).unsigned_abs().div_ceil(2);
    found.retain(|p| p.now.denied >= FEWEST && p.now.weeks >= half);
    found.sort_by_key(|p| (std::cmp::Reverse(p.now.amount), p.payer.clone(), p.carc.to_owned()));
    let item = |p: &Pattern<'_>| {
        let (was, is) = p.rates();
        let change = match difference(was, is) {
            Some((low, _)) if low > 0.0 => "more than before",
            Some((_, high)) if high < 0.0 => "less than before",
            Some(_) => "about as before",
            None => "not seen before",
        };
        let of = if p.service == WHOLE { "claims" } else { "billed" };
        Item {
            kind: "pattern".to_owned(),
            text: format!(
                "Repeated denials for {} at {}: {} ({}). {} {of} in {}, {change}: {} the {} before.",
                p.service,
                p.payer,
                p.why(),
                p.code(),
                told(p.now),
                period.title,
                told(p.before),
                period.word
            ),
            small: p.meaning.map(|m| m.prevention.clone()).unwrap_or_default(),
            owner: p.owner(),
            claims: Some(p.now.denied),
            amount: p.now.amount,
        }
    };
    let items: Vec<Item> = found.iter().take(MOST).map(item).collect();
    let said = if items.is_empty() {
        format!(
            "Nothing was denied again and again in {}: fewer than {FEWEST} times, or in fewer than half of its weeks.",
            period.title
        )
    } else {
        String::new()
    };
    Block { said, items }
}

/// What is denied less often than in the period before, as far as the figures tell.
pub fn improved(counts: &Counts, tables: &Tables, period: &Period) -> Block {
    let mut found: Vec<(Pattern<'_>, f64, f64, i64)> = Vec::new();
    for p in all(counts, tables).into_iter().filter(|p| p.before.denied >= FEWEST && p.now.decided > 0) {
        let (was, is) = p.rates();
        if let Some((low, high)) = difference(was, is).filter(|(_, high)| *high < 0.0) {
            // At the rate of before, so much more would have been refused.
            let spared = i128::from(p.before.amount) * i128::from(p.now.decided)
                / i128::from(p.before.decided.max(1))
                - i128::from(p.now.amount);
            found.push((p, low, high, i64::try_from(spared).unwrap_or(i64::MAX)));
        }
    }
    found.sort_by_key(|(p, _, _, spared)| (std::cmp::Reverse(*spared), p.payer.clone(), p.carc.to_owned()));
    let item = |(p, low, high, spared): &(Pattern<'_>, f64, f64, i64)| Item {
        kind: "improved".to_owned(),
        text: format!(
            "Fewer denials for {} at {} ({}): {} instead of {} the {} before{}.",
            p.service,
            p.payer,
            p.code(),
            told(p.now),
            told(p.before),
            period.word,
            if *spared > 0 { format!("; some {} kept", dollars(spared / 100 * 100)) } else { String::new() }
        ),
        small: format!("95 % between {} and {} points", signed(*low), signed(*high)),
        owner: p.owner(),
        claims: Some(p.now.denied),
        amount: (*spared).max(0),
    };
    let items: Vec<Item> = found.iter().take(MOST).map(item).collect();
    let said = if items.is_empty() {
        format!("Nothing improved since the {} before that the figures are sure of.", period.word)
    } else {
        String::new()
    };
    Block { said, items }
}

/// The tables behind.
pub fn detail(counts: &Counts, tables: &Tables, period: &Period, providers: bool) -> Vec<Section> {
    let mut rows = all(counts, tables);
    rows.retain(|p| p.now.denied > 0 || p.before.denied > 0);
    rows.sort_by_key(|p| (std::cmp::Reverse(p.now.amount), p.payer.clone(), p.carc.to_owned()));
    let row = |p: &Pattern<'_>| {
        vec![
            Cell::text(p.service),
            Cell::text(p.payer.as_str()),
            Cell::text(p.code()),
            Cell::Number(p.now.denied),
            Cell::Number(p.now.decided),
            Cell::maybe(share(p.now.denied, p.now.decided)),
            Cell::maybe(share(p.before.denied, p.before.decided)),
            Cell::Number(p.now.amount),
        ]
    };
    let columns = [
        ("service", "Service", Kind::Text),
        ("payer", "Payer", Kind::Text),
        ("reason", "Reason", Kind::Text),
        ("denied", "Denied", Kind::Count),
        ("decided", "Decided", Kind::Count),
        ("rate", "Rate", Kind::Percent),
        ("before", "Rate before", Kind::Percent),
        ("amount", "Refused", Kind::Money),
    ];
    let table = Table {
        id: "services".to_owned(),
        title: "By service, payer and reason".to_owned(),
        definition: format!(
            "Claims denied of claims decided in weeks {} to {}, by procedure: a claim with two procedures counts with both. Before: weeks {} to {}.",
            period.weeks.0, period.weeks.1, period.before.0, period.before.1
        ),
        columns: columns.map(|(key, title, kind)| Column::of(key, title, kind)).to_vec(),
        rows: rows.iter().map(row).collect(),
        total: None,
    };
    let mut sections = vec![Section {
        id: "services".to_owned(),
        title: table.title.clone(),
        said: if table.rows.is_empty() {
            format!("Nothing was denied in {}.", period.title)
        } else {
            String::new()
        },
        charts: Vec::new(),
        tables: vec![table],
    }];
    if providers {
        sections.push(by_provider(counts, period));
    }
    sections
}

fn by_provider(counts: &Counts, period: &Period) -> Section {
    let mut rows: Vec<_> = counts.providers.iter().filter(|(_, (decided, ..))| *decided >= FEWEST).collect();
    rows.sort_by_key(|(billing, (_, _, amount))| (std::cmp::Reverse(*amount), (*billing).clone()));
    let row = |(billing, (decided, denied, amount)): (&String, &(i64, i64, i64))| {
        vec![
            Cell::text(if billing.is_empty() { "not known" } else { billing }),
            Cell::Number(*denied),
            Cell::Number(*decided),
            Cell::maybe(share(*denied, *decided)),
            Cell::Number(*amount),
        ]
    };
    let columns = [
        ("billing", "Bills (NPI)", Kind::Text),
        ("denied", "Denied", Kind::Count),
        ("decided", "Decided", Kind::Count),
        ("rate", "Rate", Kind::Percent),
        ("amount", "Refused", Kind::Money),
    ];
    let table = Table {
        id: "providers".to_owned(),
        title: "By who bills, as asked for".to_owned(),
        definition: format!(
            "Claims denied of claims decided in weeks {} to {}. Who has fewer than {FEWEST} is left out.",
            period.weeks.0, period.weeks.1
        ),
        columns: columns.map(|(key, title, kind)| Column::of(key, title, kind)).to_vec(),
        rows: rows.into_iter().map(row).collect(),
        total: None,
    };
    let said = if table.rows.is_empty() { format!("Nobody has {FEWEST} or more.") } else { String::new() };
    Section {
        id: "providers".to_owned(),
        title: table.title.clone(),
        said,
        charts: Vec::new(),
        tables: vec![table],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Texts;
    use crate::huddle::leadership::period;

    fn tally(denied: i64, decided: i64, weeks: u32) -> Tally {
        Tally { denied, decided, weeks, amount: denied * 10_000 }
    }

    fn counts() -> Counts {
        let place = |payer: &str, carc: &str, service| (payer.to_owned(), carc.to_owned(), service);
        let of = [
            (place("A", "50", "imaging"), [tally(34, 210, 5), tally(12, 198, 4)]),
            (place("A", "197", "office visits"), [tally(3, 900, 3), tally(40, 900, 4)]),
            (place("B", "50", "imaging"), [tally(10, 40, 5), tally(9, 40, 4)]),
            (place("C", "50", "imaging"), [tally(90, 400, 1), tally(0, 0, 0)]),
        ];
        Counts { of: of.into_iter().collect(), ..Counts::default() }
    }

    #[test]
    fn patterns_are_said_by_service_with_what_the_note_lacks() {
        let (tables, month) = (Texts::shipped().unwrap().tables().unwrap(), period("2026-10").unwrap());
        let said: Vec<String> =
            repeated(&counts(), &tables, &month).items.into_iter().map(|i| i.text).collect();
        assert_eq!(
            said,
            ["Repeated denials for imaging at A: the note lacks what makes the service necessary (CO-50). \
              34 of 210 (16.2 %) billed in October 2026, more than before: 12 of 198 (6.1 %) the month before."]
        );
        let better: Vec<String> =
            improved(&counts(), &tables, &month).items.into_iter().map(|i| i.text).collect();
        assert_eq!(
            better,
            [
                "Fewer denials for office visits at A (CO-197): 3 of 900 (0.3 %) instead of 40 of 900 (4.4 %) the month \
              before; some $3,700 kept."
            ]
        );
    }

    #[test]
    fn nobody_is_named_unless_asked_and_nobody_with_few_claims_ever() {
        let (tables, month) = (Texts::shipped().unwrap().tables().unwrap(), period("2026-10").unwrap());
        let mut counts = counts();
        counts.providers.insert("1999999984".into(), (40, 4, 40_000));
        counts.providers.insert("1999999976".into(), (10, 4, 40_000));
        assert_eq!(detail(&counts, &tables, &month, false).len(), 1);
        let sections = detail(&counts, &tables, &month, true);
        let told = serde_json::to_string(&sections).unwrap();
        assert!(told.contains("1999999984") && !told.contains("1999999976"), "{told}");
        let nothing = Counts::default();
        assert!(repeated(&nothing, &tables, &month).said.starts_with("Nothing was denied again"));
        assert!(improved(&nothing, &tables, &month).said.starts_with("Nothing improved"));
    }
}
