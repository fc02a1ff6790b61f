//! Loop 2400.

use super::calendar::compact;
use super::claim::{Claim, Line};
use super::roster::Form;
use super::{money, other_payer};
use crate::x12::compose::Composer;

/// Writes one line, numbered from 1.
pub(super) fn write(composer: &mut Composer, claim: &Claim, line: &Line, number: usize) {
    composer.plain("LX", &[&number.to_string()]);
    match claim.form {
        Form::Professional => professional(composer, line),
        Form::Institutional => institutional(composer, line),
        Form::Dental => dental(composer, line),
    }
    if let Some(date) = line.date {
        composer.plain("DTP", &["472", "D8", &compact(date)]);
    }
    if !line.is_unnumbered {
        composer.plain("REF", &["6R", &claim.line_control(number)]);
    }
    if let Some(prior) = &claim.prior {
        other_payer::write_line(composer, claim, prior, (number - claim.first_line, line));
    }
}

fn professional(composer: &mut Composer, line: &Line) {
    composer
        .segment("SV1")
        .composite(&procedure("HC", line))
        .text(&money::x12(line.charge))
        .text("UN")
        .text(&line.units.to_string())
        .empty(2)
        .composite(&pointers(line).each_ref().map(String::as_str))
        .end();
}

fn institutional(composer: &mut Composer, line: &Line) {
    let is_room = line.revenue == "0120";
    let procedure = if line.code.is_empty() { [""; 4] } else { procedure("HC", line) };
    composer
        .segment("SV2")
        .text(line.revenue)
        .composite(&procedure)
        .text(&money::x12(line.charge))
        .text(if is_room { "DA" } else { "UN" })
        .text(&line.units.to_string())
        .end();
}

fn dental(composer: &mut Composer, line: &Line) {
    let count = if line.units == 1 { String::new() } else { line.units.to_string() };
    composer
        .segment("SV3")
        .composite(&procedure("AD", line))
        .text(&money::x12(line.charge))
        .empty(1)
        .composite(&[line.quadrant])
        .empty(1)
        .text(&count)
        .empty(4)
        .composite(&pointers(line).each_ref().map(String::as_str))
        .end();
    if !line.tooth.is_empty() {
        composer.segment("TOO").text("JP").text(line.tooth).composite(line.surfaces).end();
    }
}

/// Qualifier, code and up to two modifiers.
pub(super) fn procedure<'a>(qualifier: &'a str, line: &Line) -> [&'a str; 4] {
    let mut modifiers = line.modifiers.iter().copied();
    [qualifier, line.code, modifiers.next().unwrap_or_default(), modifiers.next().unwrap_or_default()]
}

fn pointers(line: &Line) -> [String; 4] {
    let mut pointers = line.pointers.iter().map(ToString::to_string);
    std::array::from_fn(|_| pointers.next().unwrap_or_default())
}
