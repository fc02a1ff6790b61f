//! A chart of a table as SVG, and a small one of a figure: the line, the band it is expected in, the weeks at which something changed; labels stand at what they name.

use super::{Chart, Kind, Table, escaped, grouped, percent};

const WIDTH: f64 = 700.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 92.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 24.0;

struct Plot {
    weeks: usize,
    top: f64,
}

impl Plot {
    fn x(&self, week: usize) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * week as f64 / (self.weeks.max(2) - 1) as f64
    }

    fn y(&self, value: i64) -> f64 {
        let share = (value as f64 / self.top).clamp(0.0, 1.0);
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share
    }

    fn points(&self, of: &[(usize, i64)]) -> String {
        of.iter()
            .map(|(week, v)| format!("{:.1},{:.1}", self.x(*week), self.y(*v)))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Numbers of a column by the place of their row.
fn numbers(table: &Table, key: &str) -> Vec<(usize, i64)> {
    table.column(key).enumerate().filter_map(|(n, cell)| Some((n, cell.number()?))).collect()
}

/// Runs of places that follow each other: a line is not drawn over a week without a value.
fn runs(points: &[(usize, i64)]) -> Vec<Vec<(usize, i64)>> {
    let mut runs: Vec<Vec<(usize, i64)>> = Vec::new();
    for point in points {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(n, _)| n + 1 == point.0) => run.push(*point),
            _ => runs.push(vec![*point]),
        }
    }
    runs
}

fn shown(value: i64, kind: Kind) -> String {
    match kind {
        Kind::Percent => percent(value),
        // Whole dollars on charts.
        Kind::Money => format!("${}", grouped(value / 100)),
        _ => grouped(value),
    }
}

/// The chart; nothing where no week has a value.
#[must_use]
pub fn svg(chart: &Chart, table: &Table) -> Option<String> {
    let values = numbers(table, &chart.y);
    let (last, end) = values.last().copied()?;
    let kind = table.at(&chart.y).and_then(|at| table.columns.get(at)).map(|c| c.kind)?;
    let plot = Plot { weeks: table.rows.len(), top: chart.top.max(1) as f64 };
    let weeks: Vec<String> = table.column(&chart.x).map(|cell| cell.shown(Kind::Text)).collect();
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escaped(&format!("{}. The table below holds the same numbers.", chart.title))
    );
    for part in 0..=2 {
        let value = chart.top * part / 2;
        let y = plot.y(value);
        svg.push_str(&format!(
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            tick(value, kind)
        ));
    }
    for (n, anchor) in [(0, "start"), (weeks.len() / 2, "middle"), (weeks.len().saturating_sub(1), "end")] {
        let week = weeks.get(n).map(String::as_str).unwrap_or_default();
        svg.push_str(&format!(
            "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            plot.x(n),
            HEIGHT - 7.0,
            escaped(week)
        ));
    }
    band(chart, table, &plot, &mut svg);
    marks(chart, &weeks, &plot, &mut svg);
    for run in runs(&values) {
        svg.push_str(&format!("<polyline class=\"line\" points=\"{}\"/>", plot.points(&run)));
        // A week alone would be no line.
        if let [(week, value)] = run.as_slice() {
            svg.push_str(&format!(
                "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2\"/>",
                plot.x(*week),
                plot.y(*value)
            ));
        }
    }
    svg.push_str(&format!(
        "<circle class=\"dot\" cx=\"{0:.1}\" cy=\"{1:.1}\" r=\"3\"/><text class=\"label\" x=\"{2:.1}\" y=\"{3:.1}\">{4}</text></svg>",
        plot.x(last),
        plot.y(end),
        plot.x(last) + 7.0,
        plot.y(end) + 4.0,
        shown(end, kind)
    ));
    Some(svg)
}

/// A small line of a figure over its weeks, the last one marked; nothing where no week has a value. It goes from the lowest value to the highest,
/// or over `least` where they are nearer: what hardly moves looks so. `said` names it to who can't see it.
#[must_use]
pub fn sparkline(values: &[Option<i64>], least: i64, said: &str) -> Option<String> {
    const ACROSS: f64 = 132.0;
    const HIGH: f64 = 28.0;
    const EDGE: f64 = 3.0;
    let points: Vec<(usize, i64)> = values.iter().enumerate().filter_map(|(n, v)| Some((n, (*v)?))).collect();
    let (low, high) = (points.iter().map(|p| p.1).min()?, points.iter().map(|p| p.1).max()?);
    let spare = (least - (high - low)).max(0) as f64 / 2.0;
    let (bottom, range) = (low as f64 - spare, (high - low).max(least).max(1) as f64);
    let x = |n: usize| EDGE + (ACROSS - 2.0 * EDGE) * n as f64 / (values.len().max(2) - 1) as f64;
    let y = |v: i64| HIGH - EDGE - (HIGH - 2.0 * EDGE) * (v as f64 - bottom) / range;
    let mut svg = format!(
        "<svg class=\"spark\" viewBox=\"0 0 {ACROSS} {HIGH}\" role=\"img\" aria-label=\"{}\">",
        escaped(said)
    );
    for run in runs(&points) {
        let line: Vec<String> = run.iter().map(|(n, v)| format!("{:.1},{:.1}", x(*n), y(*v))).collect();
        svg.push_str(&format!("<polyline class=\"line\" points=\"{}\"/>", line.join(" ")));
    }
    if let Some((n, v)) = points.last() {
        svg.push_str(&format!("<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.5\"/>", x(*n), y(*v)));
    }
    svg.push_str("</svg>");
    Some(svg)
}

fn tick(value: i64, kind: Kind) -> String {
    match kind {
        Kind::Percent => format!("{} %", value / 100),
        _ => shown(value, kind),
    }
}

fn band(chart: &Chart, table: &Table, plot: &Plot, svg: &mut String) {
    let Some((low, high)) = &chart.band else { return };
    let (lows, highs) = (numbers(table, low), numbers(table, high));
    let all = runs(&lows);
    for run in &all {
        let upper: Vec<(usize, i64)> =
            highs.iter().filter(|(n, _)| run.iter().any(|(m, _)| m == n)).rev().copied().collect();
        if run.len() > 1 {
            svg.push_str(&format!(
                "<polygon class=\"band\" points=\"{} {}\"/>",
                plot.points(run),
                plot.points(&upper)
            ));
        }
    }
    if let Some((week, value)) = highs.first().filter(|_| all.iter().any(|run| run.len() > 1)) {
        svg.push_str(&format!(
            "<text class=\"note\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            plot.x(*week) + 3.0,
            (plot.y(*value) - 4.0).max(TOP + 8.0),
            escaped(&chart.band_said)
        ));
    }
}

fn marks(chart: &Chart, weeks: &[String], plot: &Plot, svg: &mut String) {
    for (n, (week, word)) in chart.marks.iter().enumerate() {
        let Some(at) = weeks.iter().position(|known| known == week) else { continue };
        let x = plot.x(at);
        let (anchor, dx) = if at * 2 > weeks.len() { ("end", -4.0) } else { ("start", 4.0) };
        svg.push_str(&format!(
            "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{:.1}\"/><text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"{anchor}\">{}</text>",
            HEIGHT - BOTTOM,
            x + dx,
            // Words of neighbours don't stand on each other.
            11.0 + 11.0 * (n % 2) as f64,
            escaped(&format!("{word} from {week}"))
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::{Cell, Column};

    #[test]
    fn a_week_without_a_value_breaks_the_line() {
        let table = Table {
            id: "t".into(),
            columns: vec![Column::of("week", "Week", Kind::Text), Column::of("rate", "Rate", Kind::Percent)],
            rows: (0..5)
                .map(|n| {
                    vec![
                        Cell::text(format!("W{n}")),
                        if n == 2 { Cell::Suppressed } else { Cell::Number(n * 100) },
                    ]
                })
                .collect(),
            ..Table::default()
        };
        let chart =
            Chart { x: "week".into(), y: "rate".into(), top: 1000, title: "a<b".into(), ..Chart::default() };
        let svg = svg(&chart, &table).unwrap();
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(svg.contains("a&lt;b") && svg.contains(">4.0 %<"), "{svg}");
        assert!(super::svg(&chart, &Table::default()).is_none());
        let small = sparkline(&[Some(1), None, Some(3), Some(2)], 0, "a<b").unwrap();
        assert_eq!((small.matches("<polyline").count(), small.contains("a&lt;b")), (2, true), "{small}");
        assert!(sparkline(&[None], 0, "").is_none());
    }
}
