//! One kind of file by itself: claims without answers, or a remittance without claims.

use super::adjudication::Adjudicator;
use super::calendar::{Window, days_between, plus};
use super::claim_file::ClaimFile;
use super::dice::Dice;
use super::envelope::Lane;
use super::fault::Saboteur;
use super::outlet::Outlet;
use super::remittance::{MOST, RemittanceFile, Transaction};
use super::roster::{Form, Payer};
use super::source::{Season, Source};
use super::treasury::Treasury;
use super::truth::Truth;
use super::{Error, Options, Summary};

/// Writes `claims.837`.
pub(super) fn claims(options: &Options, form: Form, outlet: &mut Outlet<'_>) -> Result<Summary, Error> {
    let services = options.window();
    let season = Season { services, sent: services.last };
    let mut source = Source::new(options);
    let mut saboteur = Saboteur::new(options.seed, &options.plant.faults, options.end);
    saboteur.spoil_roster(source.roster_mut(form));
    let mut truth = Truth::open(outlet, options);
    let mut file = ClaimFile::open(
        outlet,
        "claims.837".to_owned(),
        form,
        (season.sent, options.control(Lane::Claims, 1)),
        options.per_set,
    );
    let mut left = options.claims;
    while left > 0 {
        for mut claim in source.practice(form, season, left) {
            left = left.saturating_sub(1);
            if let Some(edit) = saboteur.spoil(&mut claim) {
                truth.fault(&claim.id, edit);
            }
            file.add(outlet, &claim)?;
        }
    }
    file.finish(outlet)?;
    let faults = truth.finish(outlet)?;
    Ok(Summary { files: outlet.files, claims: options.claims, answered: 0, denials: 0, faults })
}

/// Writes `remittance.835`; payment dates rise from the first day of the window to the last.
pub(super) fn remittance(options: &Options, outlet: &mut Outlet<'_>) -> Result<Summary, Error> {
    let window = options.window();
    let mut dice = Dice::new(options.seed, 4);
    let mut source = Source::new(options);
    let mut adjudicator = Adjudicator::new(options);
    let mut treasury = Treasury::new(options.seed);
    let mut truth = Truth::open(outlet, options);
    let mut file = RemittanceFile::open(
        outlet,
        "remittance.835".to_owned(),
        (window.last, options.control(Lane::Remittances, 1)),
    );
    let most = u64::try_from(MOST).unwrap_or(1);
    let mut left = options.claims;
    while left > 0 {
        let done = i128::from(options.claims - left) * i128::from(days_between(window.first, window.last));
        let day = i64::try_from(done / i128::from(options.claims)).unwrap_or_default();
        let date = plus(window.first, day);
        let season = Season {
            services: Window { first: plus(date, -40), last: plus(date, -18) },
            sent: plus(date, -14),
        };
        let form = dice.pick(&FORMS);
        let payer = Payer::draw(&mut dice, form);
        let claims = source.batch(form, payer, season, left.min(30 + dice.below(most - 29)));
        let payments: Vec<_> = claims.into_iter().map(|claim| adjudicator.decide(claim, date)).collect();
        left = left.saturating_sub(u64::try_from(payments.len()).unwrap_or(u64::MAX));
        for denial in payments.iter().flat_map(|payment| &payment.denials) {
            truth.denial(outlet, denial)?;
        }
        if let Some(billing) = payments.first().map(|payment| payment.claim.billing) {
            let transaction = Transaction { payer, billing, date, payments: &payments };
            file.add(outlet, &mut treasury, &transaction)?;
        }
    }
    file.finish(outlet)?;
    let denials = truth.denials;
    let faults = truth.finish(outlet)?;
    Ok(Summary { files: outlet.files, claims: options.claims, answered: options.claims, denials, faults })
}

/// The mixture of a remittance file.
const FORMS: [Form; 8] = [
    Form::Professional,
    Form::Professional,
    Form::Professional,
    Form::Professional,
    Form::Professional,
    Form::Professional,
    Form::Institutional,
    Form::Dental,
];
