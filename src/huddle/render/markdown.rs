//! Markdown: headings, lists, tables.

use super::outline::{self, page_one};
use crate::huddle::pack::{Pack, Section};
use crate::sheets::Table;

/// The pack.
#[must_use]
pub fn markdown(pack: &Pack) -> String {
    let mut text =
        format!("# Huddle of {}, {} to {}\n\n{}\n", pack.week, pack.from, pack.to, safe(&pack.site));
    if let Some(shared) = &pack.shared {
        text.push_str(&format!("\n> {}\n", safe(&shared.said)));
    }
    for part in page_one(pack) {
        text.push_str(&format!("\n## {}\n\n", part.title));
        if !part.said.is_empty() {
            text.push_str(&format!("{}\n\n", safe(&part.said)));
        }
        for line in part.lines {
            text.push_str(&format!("- {}", safe(&line.text)));
            let owner = if line.owner.is_empty() { String::new() } else { format!("**{}**", line.owner) };
            let due = line.due.map(|day| format!("due {}", outline::said(day))).unwrap_or_default();
            let small = [owner, due, safe(&line.small)].into_iter().filter(|s| !s.is_empty());
            let small = small.collect::<Vec<_>>().join("; ");
            text.push_str(&if small.is_empty() { "\n".to_owned() } else { format!(" ({small})\n") });
        }
    }
    text.push_str(&format!("\n---\n\nHeld against {}. Ages as of {}.\n", pack.baseline.said, pack.as_of));
    pack.detail.iter().for_each(|s| section(s, &mut text));
    text
}

/// A part of the detail.
pub fn section(section: &Section, text: &mut String) {
    text.push_str(&format!("\n## {}\n", safe(&section.title)));
    if !section.said.is_empty() {
        text.push_str(&format!("\n{}\n", safe(&section.said)));
    }
    for shown in section.tables.iter().filter(|t| !t.rows.is_empty()) {
        if shown.title != section.title {
            text.push_str(&format!("\n### {}\n", safe(&shown.title)));
        }
        table(shown, text);
    }
}

fn table(table: &Table, text: &mut String) {
    text.push_str(&format!("\n{}\n\n", safe(&table.definition)));
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    text.push_str(&line(table.columns.iter().map(|c| safe(&c.title)).collect()));
    let rule = |c: &crate::sheets::Column| if c.kind.is_number() { "---:" } else { "---" }.to_owned();
    text.push_str(&line(table.columns.iter().map(rule).collect()));
    for row in table.rows.iter().chain(&table.total) {
        let cells = table.columns.iter().zip(row).map(|(c, cell)| safe(&cell.shown(c.kind)));
        text.push_str(&line(cells.collect()));
    }
}

/// Without what Markdown would take for its own: a payer's name is what its sender wrote.
pub fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '<' | '>' | '*' | '_' | '`' | '[' | ']' | '#' | '\\' => {
                safe.push('\\');
                safe.push(c);
            }
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_of_a_name_is_markup() {
        assert_eq!(super::safe("a|b\n<x>"), "a\\|b \\<x\\>");
    }
}
