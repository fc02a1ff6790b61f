//! Loops 2320, 2330 and 2430: what the second payer is told of the first.

use super::calendar::compact;
use super::claim::{Claim, Line, Prior};
use super::claim_payment::adjustments;
use super::money;
use super::payment::Settled;
use super::roster::Form;
use super::service_line::procedure;
use crate::x12::compose::Composer;

/// Writes the first payer's coverage and what it paid.
pub(super) fn write(composer: &mut Composer, claim: &Claim, prior: &Prior) {
    composer
        .segment("SBR")
        .text("P")
        .text(if claim.is_own() { "18" } else { claim.relationship })
        .text(&claim.group_at(&prior.payer))
        .empty(5)
        .text(prior.payer.filing(claim.form))
        .end();
    let paid = prior.lines.iter().map(Settled::paid).sum();
    composer.plain("AMT", &["D", &money::x12(paid)]);
    composer.plain("OI", &["", "", "Y", "", "", "Y"]);
    let person = &claim.subscriber;
    let member = claim.member_id_at(&prior.payer);
    composer.plain("NM1", &["IL", "1", person.last, person.first, "", "", "", "MI", &member]);
    composer.plain("NM1", &["PR", "2", prior.payer.name, "", "", "", "", "PI", prior.payer.id]);
    composer.plain("REF", &["F8", &prior.number]);
}

/// Writes what the first payer decided of one line.
pub(super) fn write_line(
    composer: &mut Composer,
    claim: &Claim,
    prior: &Prior,
    (index, line): (usize, &Line),
) {
    let Some(settled) = prior.lines.get(index) else {
        return;
    };
    let qualifier = if claim.form == Form::Dental { "AD" } else { "HC" };
    let code = if line.code.is_empty() { [""; 4] } else { procedure(qualifier, line) };
    composer
        .segment("SVD")
        .text(prior.payer.id)
        .text(&money::x12(settled.paid()))
        .composite(&code)
        .text(line.revenue)
        .text(&line.units.max(1).to_string())
        .end();
    adjustments(composer, &settled.adjustments, 1);
    composer.plain("DTP", &["573", "D8", &compact(prior.day)]);
}
