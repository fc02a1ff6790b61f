//! What a published file makes of what there was before: a history of the days every code was valid on.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::kind::Kind;
use super::layouts::{BadFile, Published, Reach, Rows};
use super::pairs::Pairs;
use super::sets::{CodeSets, Content, Standing};
use super::table::{Row, Table};

/// Joins files of one set, read one after the other, to what the site has.
///
/// # Errors
/// A list without the day it holds from, and files that say nothing of one another.
pub fn join(
    kind: Kind,
    sets: &CodeSets,
    files: Vec<Published>,
    effective: Option<Date>,
) -> Result<Content, BadFile> {
    let bad = |reason: &str| Err(BadFile { line: 0, reason: reason.to_owned() });
    let reach = files.first().map_or(Reach::List, |f| f.reach);
    if files.iter().any(|f| f.reach != reach) {
        return bad("the files are not of one layout");
    }
    let (mut rows, mut pairs) = (Vec::new(), Vec::new());
    for file in files {
        match file.rows {
            Rows::Codes(more) => rows.extend(more),
            Rows::Pairs(more) => pairs.extend(more),
        }
    }
    if !pairs.is_empty() {
        return Ok(Content::Pairs(Pairs::new(pairs)));
    }
    // Bare numbers say nothing of days, so nothing of them is kept.
    let before: Vec<Row> = match (sets.standing(kind), sets.table(kind)) {
        (Standing::Dated, Some(table)) => table.rows().collect(),
        _ => Vec::new(),
    };
    let rows = match (reach, effective) {
        (Reach::History, _) => rows,
        (Reach::List, None) if before.is_empty() && !kind.says_values() => rows,
        (_, None) => return bad("the file doesn't say from which day on it holds; name it with --effective"),
        (Reach::List, Some(day)) => list(kind, before, rows, day),
        (Reach::Changes, Some(day)) => changes(before, rows, day)?,
    };
    Table::of_rows(&rows)
        .map(Content::Codes)
        .map_err(|bad| BadFile { line: 0, reason: format!("row {} holds no code", bad.0) })
}

fn day_before(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}

/// What was valid before a day stays as it was until then.
fn until(row: Row, day: Date) -> Option<Row> {
    if row.from.is_some_and(|from| from >= day) {
        return None;
    }
    let to = row.to.map_or(day_before(day), |to| to.min(day_before(day)));
    Some(Row { to: Some(to), ..row })
}

/// Everything in the list is valid from a day on, everything else ended the day before.
fn list(kind: Kind, before: Vec<Row>, rows: Vec<Row>, day: Date) -> Vec<Row> {
    let first_list = before.is_empty();
    let mut history: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in before {
        history.entry(row.code.clone()).or_default().push(row);
    }
    let mut joined = Vec::new();
    for row in rows {
        let own = history.remove(&row.code).unwrap_or_default();
        let mut goes_on = false;
        for old in own {
            let open = old.from.is_none_or(|f| f < day) && old.to.is_none_or(|to| to >= day_before(day));
            if open && (old.note == row.note || !kind.says_values()) {
                joined.push(Row { to: row.to, note: row.note.clone(), ..old });
                goes_on = true;
            } else {
                joined.extend(until(old, day));
            }
        }
        if !goes_on {
            // Where nothing was known before, a list of codes says nothing against the past.
            let from = row.from.or((!first_list || kind.says_values()).then_some(day));
            joined.push(Row { from, ..row });
        }
    }
    joined.extend(history.into_values().flatten().filter_map(|old| until(old, day)));
    joined
}

/// Rows with a last day end before the day, the others begin on it.
fn changes(before: Vec<Row>, rows: Vec<Row>, day: Date) -> Result<Vec<Row>, BadFile> {
    if before.is_empty() {
        return Err(BadFile {
            line: 0,
            reason: "there is no list yet that these changes could change".to_owned(),
        });
    }
    let mut joined = before;
    for row in rows {
        let open = joined.iter_mut().find(|j| j.code == row.code && j.to.is_none_or(|to| to >= day));
        match (row.to, open) {
            (Some(_), Some(open)) => open.to = Some(day_before(day)),
            (None, Some(open)) => open.note = row.note,
            (None, None) => joined.push(Row { from: Some(day), to: None, ..row }),
            (Some(_), None) => {
                return Err(BadFile {
                    line: 0,
                    reason: format!("{} ends, but isn't valid before", row.code),
                });
            }
        }
    }
    joined.retain(|row| row.from.is_none_or(|from| row.to.is_none_or(|to| from <= to)));
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn row(code: &str, note: &str) -> Row {
        Row { code: code.to_owned(), from: None, to: None, note: note.to_owned() }
    }

    fn published(reach: Reach, rows: Vec<Row>) -> Vec<Published> {
        vec![Published { layout: "plain", rows: Rows::Codes(rows), reach }]
    }

    fn table(content: &Content) -> String {
        match content {
            Content::Codes(table) => table.text(),
            Content::Pairs(_) => String::new(),
        }
    }

    #[test]
    fn a_second_list_ends_what_it_does_not_hold() {
        let sets = CodeSets::shipped();
        let first = published(Reach::List, vec![row("A", "x"), row("B", "")]);
        let first = join(Kind::Hcpcs, &sets, first, Some(date(2026, 1, 1))).unwrap();
        assert_eq!(table(&first), "A,,\tx\nB,,\n");
        let sets = sets.with(Kind::Hcpcs, first, "");
        let second = published(Reach::List, vec![row("A", "y"), row("C", "")]);
        assert!(join(Kind::Hcpcs, &sets, second.clone(), None).is_err(), "a list needs its day");
        let second = join(Kind::Hcpcs, &sets, second, Some(date(2026, 4, 1))).unwrap();
        assert_eq!(table(&second), "A,,\ty\nB,,20260331\nC,20260401,\n");
        let sets = sets.with(Kind::Hcpcs, second, "");
        let third = published(Reach::List, vec![row("A", "y"), row("B", ""), row("C", "")]);
        let third = join(Kind::Hcpcs, &sets, third, Some(date(2026, 7, 1))).unwrap();
        assert_eq!(table(&third), "A,,\ty\nB,,20260331\nB,20260701,\nC,20260401,\n");
    }

    #[test]
    fn a_value_holds_until_it_changes() {
        let sets = CodeSets::shipped();
        let list = |value: &str| published(Reach::List, vec![row("A0021", value)]);
        let first = join(Kind::MuePractitioner, &sets, list("2 3"), Some(date(2026, 1, 1))).unwrap();
        assert_eq!(table(&first), "A0021,20260101,\t2 3\n");
        let sets = sets.with(Kind::MuePractitioner, first, "");
        let same = join(Kind::MuePractitioner, &sets, list("2 3"), Some(date(2026, 4, 1))).unwrap();
        assert_eq!(table(&same), "A0021,20260101,\t2 3\n");
        let other = join(Kind::MuePractitioner, &sets, list("4 3"), Some(date(2026, 4, 1))).unwrap();
        assert_eq!(table(&other), "A0021,20260101,20260331\t2 3\nA0021,20260401,\t4 3\n");
    }

    #[test]
    fn changes_begin_and_end_codes() {
        let before = Table::read("A,,\nB,,\nC,20200101,20201231\n", None).unwrap();
        let sets = CodeSets::shipped().with(Kind::Icd10cm, Content::Codes(before), "");
        let ends = |code: &str| Row { to: Some(Date::MIN), ..row(code, "") };
        let made =
            published(Reach::Changes, vec![ends("A"), row("D", ""), row("B", "new text"), row("C", "")]);
        let joined = join(Kind::Icd10cm, &sets, made, Some(date(2026, 10, 1))).unwrap();
        assert_eq!(
            table(&joined),
            "A,,20260930\nB,,\tnew text\nC,20200101,20201231\nC,20261001,\nD,20261001,\n"
        );
        let unknown = published(Reach::Changes, vec![ends("Z")]);
        assert!(join(Kind::Icd10cm, &sets, unknown, Some(date(2026, 10, 1))).is_err());
    }
}
