//! Small counts left out of a shared copy, so that they can't be computed from what stands beside them.

use super::effect::{Effect, Outcome};
use super::pack::{Block, Figure, Pack, Shared, Teachings};
use crate::sheets::{Cell, Kind, Table};

/// Leaves every count out that lies above nothing and below `least`, and with it all that it can be computed from within its table.
pub fn suppress(pack: &mut Pack, least: i64) {
    for block in [&mut pack.wins, &mut pack.worsening, &mut pack.stuck, &mut pack.changes] {
        of_block(block, least);
    }
    pack.head.iter_mut().for_each(|figure| of_figure(figure, least));
    of_teaching(&mut pack.teaching, least);
    for tried in &mut pack.actions.list {
        of_effect(&mut tried.effect, least);
    }
    for section in &mut pack.detail {
        section.tables.iter_mut().for_each(|table| of_table(table, least));
    }
    let said = format!(
        "Shared copy: payers and the site's own edits go by pseudonyms, what people wrote is left out, and so is what \
         would show a count from 1 to {}, or let it be computed within a table.",
        least - 1
    );
    pack.shared = Some(Shared { least, said });
}

/// True of a count that may not be shown.
fn is_small(n: i64, least: i64) -> bool {
    n != 0 && n.abs() < least
}

fn of_block(block: &mut Block, least: i64) {
    let all = block.items.len();
    block.items.retain(|item| item.claims.is_some_and(|n| !is_small(n, least)));
    let left_out = all - block.items.len();
    if left_out > 0 {
        let said = format!("{left_out} more left out of the shared copy: too few claims.");
        block.said =
            if block.items.is_empty() { said } else { format!("{} {said}", block.said).trim().to_owned() };
    }
}

fn of_figure(figure: &mut Figure, least: i64) {
    let shows = |n: i64, of: i64| is_small(n, least) || is_small(of - n, least);
    let small = |n: Option<i64>, of: Option<i64>| n.zip(of).is_some_and(|(n, of)| shows(n, of));
    if small(figure.numerator, figure.denominator) || figure.before_of.is_some_and(|(n, of)| shows(n, of)) {
        // A whole percent of a number that isn't told shows nobody.
        let rounded = |n: Option<i64>| n.map(|n| (n + 50) / 100 * 100);
        (figure.numerator, figure.denominator, figure.before_of) = (None, None, None);
        (figure.hundredths, figure.before) = (rounded(figure.hundredths), rounded(figure.before));
        figure.change = "change left out of the shared copy: too few claims on one side".to_owned();
    }
}

fn of_teaching(teaching: &mut Teachings, least: i64) {
    for point in &mut teaching.points {
        if point.denials.is_some_and(|n| is_small(n, least)) {
            (point.denials, point.amount) = (None, 0);
        }
    }
}

fn of_effect(effect: &mut Effect, least: i64) {
    let small = |n: i64, of: i64| is_small(n, least) || is_small(of, least) || is_small(of - n, least);
    if small(effect.before.n, effect.before.of) || small(effect.after.n, effect.after.of) {
        let said = "too few claims to show in a shared copy".to_owned();
        *effect = Effect { outcome: Outcome::Suppressed, said, ..Effect::default() };
    }
}

fn counts(table: &Table, row: &[Cell]) -> Vec<i64> {
    let of_count = table.columns.iter().zip(row).filter(|(column, _)| column.kind == Kind::Count);
    of_count.filter_map(|(_, cell)| cell.number()).collect()
}

/// Counts of which the second is part of the first: what is left of it may not be small either.
const PARTS: [(&str, &str); 4] = [
    ("scrubbed", "clean_claims"),
    ("answered", "accepted_claims"),
    ("decided", "denied"),
    ("denominator", "numerator"),
];

fn leaves_few(table: &Table, row: &[Cell], least: i64) -> bool {
    let of = |key: &str| table.at(key).and_then(|at| row.get(at)).and_then(Cell::number);
    PARTS.iter().any(|(whole, part)| of(whole).zip(of(part)).is_some_and(|(w, p)| is_small(w - p, least)))
}

/// Rows with a small count lose all their numbers. Where rows are summed, more of them do until what is missing from the sum is of two rows
/// at least, and no small count itself.
fn of_table(table: &mut Table, least: i64) {
    let of_rows: Vec<Vec<i64>> = table.rows.iter().map(|row| counts(table, row)).collect();
    let shows_small = |counts: &[i64]| counts.iter().any(|n| is_small(*n, least));
    let few = table.rows.iter().map(|row| leaves_few(table, row, least));
    let mut out: Vec<bool> =
        of_rows.iter().zip(few).map(|(counts, few)| few || shows_small(counts)).collect();
    let mut total_goes = table.total.as_ref().is_some_and(|total| shows_small(&counts(table, total)));
    if out.contains(&true) && !total_goes && table.total.is_some() {
        loop {
            let hidden: Vec<&Vec<i64>> =
                of_rows.iter().zip(&out).filter(|(_, out)| **out).map(|(c, _)| c).collect();
            let columns = hidden.first().map_or(0, |counts| counts.len());
            let sum = |at: usize| hidden.iter().filter_map(|counts| counts.get(at)).sum::<i64>();
            let enough = hidden.len() >= 2 && (0..columns).all(|at| !is_small(sum(at), least));
            if enough {
                break;
            }
            // The row that says least goes with them.
            let shown = of_rows.iter().enumerate().filter(|(n, counts)| {
                !out.get(*n).copied().unwrap_or(true) && counts.iter().any(|count| *count != 0)
            });
            let Some((next, _)) = shown.min_by_key(|(_, counts)| counts.iter().map(|n| n.abs()).min()) else {
                total_goes = true;
                break;
            };
            if let Some(out) = out.get_mut(next) {
                *out = true;
            }
        }
    }
    let numbers: Vec<bool> = table.columns.iter().map(|column| column.kind.is_number()).collect();
    let clear = |row: &mut Vec<Cell>| {
        for (cell, is_number) in row.iter_mut().zip(&numbers) {
            if *is_number && *cell != Cell::Nothing {
                *cell = Cell::Suppressed;
            }
        }
    };
    table.rows.iter_mut().zip(out).filter(|(_, out)| *out).for_each(|(row, _)| clear(row));
    if let Some(total) = table.total.as_mut().filter(|_| total_goes) {
        clear(total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::Column;

    fn table(claims: &[i64]) -> Table {
        Table {
            columns: vec![
                Column::of("name", "Name", Kind::Text),
                Column::of("claims", "Claims", Kind::Count),
                Column::of("amount", "Amount", Kind::Money),
            ],
            rows: claims.iter().map(|n| vec![Cell::text("x"), Cell::Number(*n), Cell::Number(100)]).collect(),
            total: Some(vec![Cell::text("all"), Cell::Number(claims.iter().sum()), Cell::Number(1)]),
            ..Table::default()
        }
    }

    fn left(claims: &[i64]) -> (Vec<Option<i64>>, Option<i64>) {
        let mut table = table(claims);
        of_table(&mut table, 11);
        let rows = table.column("claims").map(Cell::number).collect();
        (rows, table.total.and_then(|total| total[1].number()))
    }

    #[test]
    fn one_small_row_takes_another_with_it() {
        assert_eq!(left(&[50, 5, 20, 0]), (vec![Some(50), None, None, Some(0)], Some(75)));
        assert_eq!(left(&[50, 20]), (vec![Some(50), Some(20)], Some(70)));
    }

    #[test]
    fn what_is_missing_from_a_sum_is_no_small_count() {
        assert_eq!(left(&[50, 3, 4, 20]).0, vec![Some(50), None, None, None]);
        assert_eq!(left(&[50, 6, 7, 20]).0, vec![Some(50), None, None, Some(20)]);
    }

    #[test]
    fn where_nothing_is_left_to_hide_behind_the_sum_goes() {
        assert_eq!(left(&[30, 5]), (vec![None, None], Some(35)));
        assert_eq!(left(&[5]), (vec![None], None), "the sum is as small");
        assert_eq!(left(&[5, 0]), (vec![None, Some(0)], None));
    }

    #[test]
    fn numbers_of_a_suppressed_row_go_with_its_count() {
        let mut table = table(&[5, 40, 30]);
        of_table(&mut table, 11);
        assert_eq!(table.rows[0][2], Cell::Suppressed);
        assert_eq!(table.rows[0][0], Cell::text("x"));
    }

    #[test]
    fn a_sentence_of_few_claims_is_left_out() {
        let item = |n| super::super::pack::Item { claims: Some(n), ..Default::default() };
        let mut block = Block { said: String::new(), items: vec![item(3), item(40)] };
        of_block(&mut block, 11);
        assert_eq!(
            (block.items.len(), block.said.as_str()),
            (1, "1 more left out of the shared copy: too few claims.")
        );
    }
}
