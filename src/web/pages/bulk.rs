//! What may be done with marked claims of the list.

use maud::{Markup, html};

use super::forms::DAYS;
use super::work::Shown;
use crate::edits::Owner;
use crate::web::access::{Action, may};
use crate::web::request::Signed;
use crate::web::say;

/// The bar above the list, folded until somebody needs it.
pub fn bar(who: &Signed, shown: &Shown<'_>) -> Markup {
    html! {
        details .bulk #bulk {
            summary { "With the marked claims " kbd { "b" } " " span #marked .count {} }
            div .bulk-row {
                label {
                    "Do"
                    select #bulk-do name="do" {
                        option value="" { "Choose" }
                        option value="assign" { "Give to another team" }
                        option value="release" { "Release" }
                        option value="override" { "Override (held by the same edit)" }
                        option value="snooze" { "Put off" }
                        option value="escalate" { "Escalate" }
                        @if may(who.role, Action::Void) { option value="void" { "Void" } }
                    }
                }
                label { "Team" select name="team" { @for team in Owner::ALL { option value=(team.name()) { (say::team(team)) } } } }
                label { "Reason to override" select name="code" { @for (code, words) in shown.codes { option value=(code) { (words) } } } }
                label { "For" select name="days" { @for (days, words) in DAYS { option value=(days) { (words) } } } }
                label { "Why" input name="reason" maxlength="500"; }
                button { "Do it" }
            }
            p .small { "Each claim is decided of as you see it here: one that somebody else changed meanwhile is left as it is, and told. Team, reason and days count where they are needed." }
        }
    }
}
