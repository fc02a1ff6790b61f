//! How claims and payments come over time, where a plant file says: more or fewer claims in some weeks, a payer that takes longer.

use jiff::civil::Date;
use serde::Deserialize;

use super::Options;
use super::calendar::{plus, week};

/// More or fewer claims in some weeks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeRule {
    /// First ISO week of service, such as `2026-W46`.
    pub from_week: Option<String>,
    /// Last one.
    pub to_week: Option<String>,
    /// Claims of such a week, in hundredths of those of a week that no rule names.
    pub percent: u32,
}

/// A payer that takes longer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LagRule {
    /// Only this payer.
    pub payer: Option<String>,
    /// First ISO week in which claims are sent that take longer.
    pub from_week: Option<String>,
    /// Last one.
    pub to_week: Option<String>,
    /// Days more.
    pub days: u8,
}

fn within(week: &str, from: Option<&String>, to: Option<&String>) -> bool {
    from.is_none_or(|first| week >= first.as_str()) && to.is_none_or(|last| week <= last.as_str())
}

impl LagRule {
    /// Days more for a claim of this payer that is sent on this day.
    pub(super) fn of(rules: &[LagRule], payer: &str, sent: Date) -> i64 {
        let week = week(sent);
        let is = |rule: &&LagRule| {
            rule.payer.as_deref().is_none_or(|id| id == payer)
                && within(&week, rule.from_week.as_ref(), rule.to_week.as_ref())
        };
        rules.iter().find(is).map_or(0, |rule| i64::from(rule.days))
    }
}

/// Claims of each week: all of them together, the first rule that names a week deciding of it.
pub(super) fn claims_by_week(options: &Options) -> Vec<u64> {
    let first = options.window().first;
    let percent = |n: u32| {
        let name = week(plus(first, 7 * i64::from(n)));
        let rules = &options.plant.volumes;
        let rule = rules.iter().find(|r| within(&name, r.from_week.as_ref(), r.to_week.as_ref()));
        rule.map_or(100, |rule| u128::from(rule.percent))
    };
    let weights: Vec<u128> = (0..options.weeks).map(percent).collect();
    let whole = weights.iter().sum::<u128>().max(1);
    let (mut sum, mut before) = (0, 0);
    let claims = |weight: u128| {
        sum += weight;
        let until = u64::try_from(u128::from(options.claims) * sum / whole).unwrap_or(u64::MAX);
        until - std::mem::replace(&mut before, until)
    };
    weights.into_iter().map(claims).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::simulate::{Kind, Plant};

    fn options(plant: &str) -> Options {
        let plant = Plant::from_toml(plant).unwrap();
        let end = date(2026, 11, 15);
        Options { claims: 1001, seed: 1, kind: Kind::Linked, weeks: 10, end, per_set: 100, plant }
    }

    #[test]
    fn weeks_share_the_claims_by_their_percentages() {
        let even = claims_by_week(&options(""));
        assert_eq!((even.iter().sum::<u64>(), even.len()), (1001, 10));
        assert!(even.iter().all(|n| (100..=101).contains(n)));
        let more = claims_by_week(&options(
            "[[volume]]\nfrom_week = '2026-W44'\nto_week = '2026-W44'\npercent = 10\n[[volume]]\nfrom_week = '2026-W43'\npercent = 300",
        ));
        assert_eq!(more.iter().sum::<u64>(), 1001);
        // 2026-W37 to W46: six usual weeks, three of three times as many, one of a tenth.
        assert_eq!((more[0], more[6], more[7], more[8]), (66, 199, 7, 199));
    }

    #[test]
    fn a_payer_may_take_longer_from_a_week_on() {
        let rules = options("[[lag]]\npayer = 'ZZP02'\nfrom_week = '2026-W43'\ndays = 14").plant.lags;
        let of = |payer: &str, day: Date| LagRule::of(&rules, payer, day);
        assert_eq!(of("ZZP02", date(2026, 10, 25)), 14);
        assert_eq!((of("ZZP02", date(2026, 10, 18)), of("ZZP01", date(2026, 10, 25))), (0, 0));
    }
}
