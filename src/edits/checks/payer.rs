//! `[check.payer]`: what the pack of the claim's payer asks.

use serde::Deserialize;

use super::{Found, Report, Tables, Target, conventions};
use crate::claim::{Claim, Part, Placed};
use crate::payers::{Authorised, Pack, Payers};
use crate::schema::{Guide, PathError};

/// One thing a pack asks.
#[derive(Debug)]
pub struct Payer {
    asks: Asks,
    /// Days a deadline may be away.
    within: Option<i64>,
    /// Where the number stands that answers for a code: for the claim, for the line.
    answers: Vec<Target>,
}

/// As written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    asks: Asks,
    within: Option<i64>,
    #[serde(default)]
    answers: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Asks {
    /// That the payer is known.
    Known,
    /// That its deadline is ahead.
    TimelyFiling,
    /// An authorisation number for codes that need one.
    Authorisation,
    /// A referral number for codes that need one.
    Referral,
    /// Records for codes that need them.
    Records,
    /// The modifier for care at a distance.
    Telehealth,
    /// Modifiers that codes need.
    Modifiers,
    /// That a service isn't billed more often than it is paid.
    Frequency,
}

impl Raw {
    pub(super) fn compile(self, applies: &[Guide]) -> Result<Payer, PathError> {
        let answers = self.answers.iter().map(|path| Target::new(path, applies)).collect::<Result<_, _>>()?;
        Ok(Payer { asks: self.asks, within: self.within, answers })
    }
}

impl Payer {
    /// What it lacks to find anything.
    pub(super) fn lacks(&self, payers: &Payers) -> Option<&'static str> {
        match self.asks {
            Asks::Known if !payers.is_complete() => Some("a pack for every payer"),
            _ if payers.iter().next().is_none() => Some("payer packs"),
            Asks::Frequency if payers.iter().all(|p| p.frequency.is_empty()) => {
                Some("payer packs with frequency")
            }
            _ => None,
        }
    }

    /// True where it looks at earlier claims.
    pub(super) fn looks_back(&self) -> bool {
        self.asks == Asks::Frequency
    }

    pub(super) fn run<'a>(&self, claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
        let id = claim.payer();
        let pack = tables.payers.of_claim(id).filter(|pack| pack.holds(claim.service_dates()));
        let mut tell = |placed: Option<&Placed<'a>>, at: &str, words| {
            report(Found { placed: placed.copied(), at: at.to_owned(), value: None, words });
        };
        match (self.asks, pack) {
            (Asks::Known, None) if tables.payers.is_complete() && !id.is_empty() => {
                tell(claim.payer_segment(), "2010BB NM109", Vec::new());
            }
            (Asks::TimelyFiling, Some(pack)) => {
                let Some((day, left)) = self.deadline(claim, tables, pack) else { return };
                let words = vec![
                    ("date", day.strftime("%m/%d/%Y").to_string()),
                    ("days", left.to_string()),
                    ("payer", pack.name.clone()),
                ];
                tell(claim.clm(), "2300 CLM01", words);
            }
            (Asks::Authorisation, Some(pack)) => self.numbers(&pack.authorisation, pack, claim, report),
            (Asks::Referral, Some(pack)) => self.numbers(&pack.referral, pack, claim, report),
            (Asks::Telehealth, Some(pack)) => conventions::telehealth(pack, claim, report),
            (Asks::Modifiers, Some(pack)) => conventions::modifiers(pack, claim, report),
            (Asks::Frequency, Some(pack)) => conventions::frequency(pack, claim, tables, report),
            (Asks::Records, Some(pack)) => self.numbers(&pack.records, pack, claim, report),
            _ => {}
        }
    }

    /// The last day and the days left: past it, or with `within` so near.
    fn deadline(
        &self,
        claim: &Claim<'_>,
        tables: &Tables<'_>,
        pack: &Pack,
    ) -> Option<(jiff::civil::Date, i64)> {
        let last = pack.timely_filing?.last_day(claim.service_dates()?, claim.is_corrected())?;
        let left = i64::from((last - tables.today).get_days());
        let due = match self.within {
            None => left < 0,
            Some(days) => (0..=days).contains(&left),
        };
        due.then_some((last, left))
    }

    /// Codes that need a number the claim doesn't have.
    fn numbers<'a>(&self, codes: &Authorised, pack: &Pack, claim: &Claim<'a>, report: Report<'_, 'a>) {
        if codes.codes.is_empty() && codes.revenue_codes.is_empty() {
            return;
        }
        let filled = |h: crate::claim::Hit<'_>| !h.value.is_empty();
        let for_claim = self.answers.iter().filter(|t| !t.lies_in("2400"));
        if for_claim.into_iter().any(|t| t.find(claim).any(filled)) {
            return;
        }
        let of_lines: Vec<&Target> = self.answers.iter().filter(|t| t.lies_in("2400")).collect();
        let lines = claim.lines().filter_map(|line| Some((line, line.service()?)));
        let services = claim.services();
        for (line, placed) in lines {
            let service = services.iter().find(|s| s.placed.ordinal == placed.ordinal);
            let revenue = if placed.segment.id() == b"SV2" { placed.segment.value(1) } else { b"" };
            let by_code = service.filter(|s| codes.names(s.code));
            if by_code.is_none() && !codes.names_revenue(revenue) {
                continue;
            }
            if of_lines.iter().any(|t| t.find_in(line.segments, claim).any(filled)) {
                continue;
            }
            let (at, code) = match by_code {
                Some(service) => (service.at(Part::Code), service.code),
                None => ("2400 SV201", revenue),
            };
            let words =
                vec![("code", String::from_utf8_lossy(code).into_owned()), ("payer", pack.name.clone())];
            report(Found { placed: Some(*placed), at: at.to_owned(), value: Some(code), words });
        }
    }
}
