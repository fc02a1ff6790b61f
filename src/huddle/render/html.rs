//! One file to read, print and keep: no script, nothing fetched from anywhere.

use super::outline::{self, Line, Part, cost, page_one};
use crate::huddle::pack::{Figure, Item, Pack, Section, Shown, Teaching};
use crate::sheets::{Cell, Table, escaped, grouped, percent, svg};

/// How everything looks, on screen and paper.
pub const STYLE: &str = include_str!("page.css");

/// Characters of a printed line, and of one in half the width.
const WHOLE: usize = 125;
const HALF: usize = 58;
/// Lines from which page one is printed smaller.
const FULL: usize = 29;

/// The pack.
#[must_use]
pub fn html(pack: &Pack) -> String {
    let title = format!("Huddle of {}", pack.week);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{}</title><style>\n{STYLE}</style></head>\n<body>\n<main>\n<div class=\"{}\">\n",
        escaped(&title),
        if is_full(pack) { "one full" } else { "one" }
    );
    first(pack, &mut page);
    page.push_str("</div>\n");
    contents(pack, &mut page);
    for section in &pack.detail {
        detail(section, &mut page);
    }
    page.push_str("</main>\n</body></html>\n");
    page
}

/// True where page one would not fit a page in its usual size: by lines of text, as wide as they are printed.
fn is_full(pack: &Pack) -> bool {
    let lines = |part: &Part| {
        let wide = if matches!(part.id, "actions" | "next") { HALF } else { WHOLE };
        let of = |line: &Line| (line.text.chars().count() + line.small.chars().count() + 12).div_ceil(wide);
        part.lines.iter().map(of).sum::<usize>()
    };
    let parts = page_one(pack);
    let of = |beside: bool| parts.iter().filter(move |p| matches!(p.id, "actions" | "next") == beside);
    // Those beside each other are as long as the longer; teaching points have their own place.
    let below = of(false).filter(|p| !matches!(p.id, "head" | "teaching")).map(lines).sum::<usize>();
    below + of(true).map(lines).max().unwrap_or(0) > FULL
}

fn first(pack: &Pack, page: &mut String) {
    page.push_str(&format!(
        "<header><div><h1>Huddle of week {}</h1><div>{}</div><div class=\"small\">{} to {}, as of {}; held against {}</div></div>\
         <div class=\"figures\">",
        escaped(&pack.week),
        escaped(&pack.site),
        pack.from.strftime("%A, %B %-d"),
        pack.to.strftime("%A, %B %-d, %Y"),
        pack.as_of.strftime("%B %-d"),
        escaped(&pack.baseline.said)
    ));
    pack.head.iter().for_each(|f| figure(f, page));
    page.push_str("</div></header>\n");
    if let Some(shared) = &pack.shared {
        page.push_str(&format!("<p class=\"shared\">{}</p>\n", escaped(&shared.said)));
    }
    let parts = page_one(pack);
    let part = |id: &str| parts.iter().find(|part| part.id == id);
    for id in ["wins", "worsening", "stuck", "changes"] {
        part(id).into_iter().for_each(|part| block(part, page));
    }
    teaching(pack, page);
    page.push_str("<div class=\"two\">");
    for id in ["actions", "next"] {
        page.push_str("<div>");
        part(id).into_iter().for_each(|part| block(part, page));
        page.push_str("</div>");
    }
    page.push_str("</div>\n");
}

/// One of the shared numbers.
pub fn figure(figure: &Figure, page: &mut String) {
    let of = figure.numerator.zip(figure.denominator);
    let of = of.map(|(n, of)| format!("{} of {}", grouped(n), grouped(of))).unwrap_or_default();
    page.push_str(&format!(
        "<div class=\"figure\" title=\"{}\"><span>{}</span><b>{}</b><span class=\"small\">{}<br>{}</span></div>",
        escaped(&figure.definition),
        escaped(&figure.title),
        figure.hundredths.map_or_else(|| "\u{2013}".to_owned(), percent),
        of,
        escaped(&figure.change)
    ));
}

fn block(part: &Part, page: &mut String) {
    page.push_str(&format!("<section id=\"{}\"><h2>{}</h2>", part.id, escaped(part.title)));
    if !part.said.is_empty() {
        page.push_str(&format!("<p class=\"nothing\">{}</p>", escaped(&part.said)));
    }
    if !part.lines.is_empty() {
        page.push_str("<ul>");
        part.lines.iter().for_each(|l| line(l, page));
        page.push_str("</ul>");
    }
    page.push_str("</section>\n");
}

fn line(line: &Line, page: &mut String) {
    page.push_str(&format!("<li>{}", escaped(&line.text)));
    if !line.owner.is_empty() {
        page.push_str(&format!(" <span class=\"owner\">{}</span>", escaped(&line.owner)));
    }
    if let Some(due) = line.due {
        page.push_str(&format!(" <span class=\"small\">by {}</span>", outline::said(due)));
    }
    if !line.small.is_empty() {
        let class = if ["proposed", "overdue"].contains(&line.small.as_str()) { "tag" } else { "small" };
        page.push_str(&format!(" <span class=\"{class}\">{}</span>", escaped(&line.small)));
    }
    page.push_str("</li>");
}

/// One thing worth a sentence.
pub fn item(item: &Item, page: &mut String) {
    line(&outline::line(item), page);
}

fn teaching(pack: &Pack, page: &mut String) {
    page.push_str(&format!(
        "<section id=\"teaching\"><h2>Teaching points</h2><p class=\"nothing\">{}</p>",
        escaped(&pack.teaching.said)
    ));
    if !pack.teaching.points.is_empty() {
        page.push_str("<ol class=\"points\">");
        pack.teaching.points.iter().for_each(|p| point(p, page));
        page.push_str("</ol>");
    }
    page.push_str("</section>\n");
}

fn point(point: &Teaching, page: &mut String) {
    let force = if point.in_force { "in force" } else { "not in force here" };
    page.push_str(&format!(
        "<li><strong>{}</strong> <span class=\"owner\">{}</span><p class=\"small\">{}</p>",
        escaped(&point.title),
        point.owner,
        escaped(&cost(point))
    ));
    example("bad", &point.bad, page);
    example("good", &point.good, page);
    page.push_str(&format!(
        "<p>{}</p><p class=\"small\">edit {}, {force}</p></li>",
        escaped(&point.todo),
        escaped(&point.edit)
    ));
}

fn example(class: &str, shown: &Shown, page: &mut String) {
    page.push_str(&format!(
        "<p class=\"{class}\">{} <span class=\"small\">{}</span></p>",
        escaped(&shown.text),
        escaped(&shown.places.join("; "))
    ));
}

fn contents(pack: &Pack, page: &mut String) {
    page.push_str("<nav aria-label=\"Detail\">");
    for section in &pack.detail {
        page.push_str(&format!("<a href=\"#{}\">{}</a>", escaped(&section.id), escaped(&section.title)));
    }
    page.push_str("</nav>\n");
}

/// A part of the detail.
pub fn detail(section: &Section, page: &mut String) {
    // A payer's page is a page.
    let class = if section.id.starts_with("payer-") { "detail page" } else { "detail" };
    page.push_str(&format!(
        "<section class=\"{class}\" id=\"{}\"><h2>{}</h2>",
        escaped(&section.id),
        escaped(&section.title)
    ));
    if !section.said.is_empty() {
        page.push_str(&format!("<p>{}</p>", escaped(&section.said)));
    }
    for shown in section.tables.iter().filter(|t| !t.rows.is_empty()) {
        let charts = section.charts.iter().filter(|chart| chart.table == shown.id);
        if shown.title != section.title {
            page.push_str(&format!("<h3>{}</h3>", escaped(&shown.title)));
        }
        for chart in charts {
            let drawn = svg(chart, shown);
            page.push_str(&format!("<p class=\"small\">{}</p>", escaped(&chart.title)));
            page.push_str(
                &drawn.unwrap_or_else(|| "<p class=\"nothing\">No week has a number to draw.</p>".to_owned()),
            );
        }
        table(shown, page);
    }
    page.push_str("</section>\n");
}

fn table(table: &Table, page: &mut String) {
    page.push_str(&format!(
        "<p class=\"small\">{}</p><div class=\"wide\"><table><thead><tr>",
        escaped(&table.definition)
    ));
    for column in &table.columns {
        let class = if column.kind.is_number() { " class=\"number\"" } else { "" };
        page.push_str(&format!("<th scope=\"col\"{class}>{}</th>", escaped(&column.title)));
    }
    page.push_str("</tr></thead><tbody>");
    table.rows.iter().for_each(|cells| row(table, cells, page));
    page.push_str("</tbody>");
    if let Some(total) = &table.total {
        page.push_str("<tfoot>");
        row(table, total, page);
        page.push_str("</tfoot>");
    }
    page.push_str("</table></div>");
}

fn row(table: &Table, cells: &[Cell], page: &mut String) {
    page.push_str("<tr>");
    for (column, cell) in table.columns.iter().zip(cells) {
        let class = match (cell, column.kind.is_number()) {
            (Cell::Suppressed, _) => " class=\"number out\"",
            (_, true) => " class=\"number\"",
            _ => "",
        };
        page.push_str(&format!("<td{class}>{}</td>", escaped(&cell.shown(column.kind))));
    }
    page.push_str("</tr>");
}
