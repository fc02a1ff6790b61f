//! The summary for leadership as files.

use super::html::{STYLE, detail, figure, item};
use super::markdown::{safe, section};
use super::outline;
use super::{Error, Format};
use crate::huddle::leadership::Summary;
use crate::huddle::pack::Block;
use crate::sheets::escaped;

/// Writes a summary.
///
/// # Errors
/// When JSON can't be written, or the format is none of HTML, Markdown and JSON.
pub fn summary(summary: &Summary, format: Format) -> Result<Vec<u8>, Error> {
    match format {
        Format::Html => Ok(html(summary).into_bytes()),
        Format::Md => Ok(markdown(summary).into_bytes()),
        Format::Json => {
            let mut bytes = serde_json::to_vec_pretty(summary)?;
            bytes.push(b'\n');
            Ok(bytes)
        }
        Format::Csv | Format::Xlsx => Err(Error::Unknown(format.extension())),
    }
}

/// Its blocks, each with a title.
fn blocks(summary: &Summary) -> [(&'static str, &'static str, &Block); 2] {
    [("patterns", "What repeats", &summary.patterns), ("improved", "What improved", &summary.improved)]
}

fn counted(summary: &Summary) -> String {
    let ((from, to), (first, last)) = (&summary.weeks, &summary.before);
    format!("Weeks of payment {from} to {to}, held against {first} to {last}.")
}

fn html(summary: &Summary) -> String {
    let title = format!("Denials in {}", summary.title);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{0}</title><style>\n{STYLE}</style></head>\n<body>\n<main>\n<div>\n\
         <header><div><h1>{0}</h1><div>{1}</div><div class=\"small\">{2}</div></div><div class=\"figures\">",
        escaped(&title),
        escaped(&summary.site),
        escaped(&counted(summary))
    );
    summary.head.iter().for_each(|f| figure(f, &mut page));
    page.push_str("</div></header>\n");
    for (id, title, block) in blocks(summary) {
        page.push_str(&format!("<section id=\"{id}\"><h2>{title}</h2>"));
        if !block.said.is_empty() {
            page.push_str(&format!("<p class=\"nothing\">{}</p>", escaped(&block.said)));
        }
        if !block.items.is_empty() {
            page.push_str("<ul>");
            block.items.iter().for_each(|i| item(i, &mut page));
            page.push_str("</ul>");
        }
        page.push_str("</section>\n");
    }
    page.push_str("</div>\n");
    summary.detail.iter().for_each(|section| detail(section, &mut page));
    page.push_str("</main>\n</body></html>\n");
    page
}

fn markdown(summary: &Summary) -> String {
    let mut text =
        format!("# Denials in {}\n\n{}\n\n{}\n\n", summary.title, safe(&summary.site), counted(summary));
    for figure in &summary.head {
        text.push_str(&format!("- {}: {}\n", safe(&figure.title), safe(&outline::figure(figure))));
    }
    for (_, title, block) in blocks(summary) {
        text.push_str(&format!("\n## {title}\n\n"));
        if !block.said.is_empty() {
            text.push_str(&format!("{}\n", safe(&block.said)));
        }
        for item in &block.items {
            let small =
                if item.small.is_empty() { String::new() } else { format!(" ({})", safe(&item.small)) };
            text.push_str(&format!("- {}{small}\n", safe(&item.text)));
        }
    }
    summary.detail.iter().for_each(|s| section(s, &mut text));
    text
}
