//! `[check.modifier_conflict]`: two modifiers on a line that say what can't both be (config/modifiers.toml).

use super::{Found, Report};
use crate::claim::{Claim, Part};
use crate::codes::Modifier;

pub(super) fn run<'a>(claim: &Claim<'a>, report: Report<'_, 'a>) {
    for service in claim.services() {
        let mut left = service.modifiers.iter().filter(|m| !m.is_empty());
        while let Some(first) = left.next() {
            let Some(known) = Modifier::get(first) else { continue };
            let Some(second) = left.clone().find(|m| known.excludes(m)) else { continue };
            let text = |m: &[u8]| String::from_utf8_lossy(m).into_owned();
            let words = vec![("code", service.name()), ("modifier", text(second)), ("other", text(first))];
            let number = service.modifiers.iter().position(|m| m == second).unwrap_or(0);
            let at = service.at(Part::Modifier(number)).to_owned();
            report(Found { placed: Some(*service.placed), at, value: Some(second), words });
            break;
        }
    }
}
