//! What the configuration says, and what stands in its way.

use axum::response::Response;
use maud::html;

use super::report::{head, report};
use crate::daemon::checkup::{Health, Seen};
use crate::web::reading::settings::Part;
use crate::web::request::Signed;
use crate::web::say;

fn health(of: Health) -> (&'static str, &'static str, &'static str) {
    match of {
        Health::Good => ("\u{2713}", "Good", "clean"),
        Health::Note => ("\u{25cb}", "Note", "trial"),
        Health::Bad => ("\u{2715}", "Stands in the way", "rejected"),
    }
}

/// The page. `edits`: how many run, the hash of the set, and which lack something.
pub fn settings(
    who: &Signed,
    seen: &[Seen],
    parts: &[Part],
    (active, hash, off): (usize, &str, &[(String, &str)]),
) -> Response {
    let mut sorted: Vec<&Seen> = seen.iter().collect();
    sorted.sort_by_key(|s| std::cmp::Reverse(s.health));
    let bad = seen.iter().filter(|s| s.health == Health::Bad).count();
    let content = html! {
        (head("Settings", "What the configuration said when the daemon started, and what was seen just now. It is changed in its file; nothing here changes it."))
        p {
            @match bad {
                0 => span .state.clean { "\u{2713} Nothing stands in the way" },
                1 => span .state.rejected { "\u{2715} One thing stands in the way" },
                n => span .state.rejected { "\u{2715} " (n) " things stand in the way" },
            }
        }
        div .wide tabindex="0" role="region" aria-label="Checks" {
            table .figures {
                caption { strong { "Checks" } " As " code { "claimloop doctor" } " makes them." }
                thead { tr { th scope="col" { "Health" } th scope="col" { "What" } th scope="col" { "Seen" } } }
                tbody { @for one in sorted { @let (sign, word, class) = health(one.health); tr { td { span .state.(class) { (sign) " " (word) } } td { (say::plain(&one.what)) } td { (say::plain(&one.said)) } } } }
            }
        }
        section .block {
            h2 { "Edits in force" }
            p { (active - off.len().min(active)) " run. The set goes by " code { (hash.chars().take(16).collect::<String>()) } "." }
            @if !off.is_empty() { p .small { "Off for want of something: " @for (n, (id, needs)) in off.iter().enumerate() { @if n > 0 { ", " } a href={ "/reference/edits/" (id) } { (id) } " (" (needs) ")" } } }
        }
        div .blocks {
            @for (name, lines) in parts {
                section .block { h2 { (name) } dl { @for (setting, said) in lines { div { dt { (setting) } dd { (say::plain(said)) } } } } }
            }
        }
    };
    report(who, ("Settings", "Settings"), &content)
}
