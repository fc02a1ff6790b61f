//! Whether an action worked: the rate before and after, and how sure the difference is.

use serde::{Deserialize, Serialize};

use crate::sheets::Cell;

/// Answers needed since before anything is said.
const FEWEST: i64 = 30;
/// Weeks before that are held against.
pub const WEEKS: usize = 8;
/// A standard normal value exceeds this, or falls below its negative, once in twenty.
const Z: f64 = 1.96;

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// Claims denied, or held.
    pub n: i64,
    /// Claims decided, or scrubbed.
    pub of: i64,
}

impl Ratio {
    /// In percent; none of nothing.
    #[must_use]
    pub fn percent(self) -> Option<f64> {
        (self.of > 0).then(|| 100.0 * self.n.clamp(0, self.of) as f64 / self.of as f64)
    }

    /// One more week.
    pub fn add(&mut self, n: i64, of: i64) {
        self.n += n.max(0);
        self.of += of.max(0);
    }

    /// Wilson's 95 % interval of the share.
    #[must_use]
    pub fn wilson(self) -> (f64, f64) {
        let (n, of) = (self.n.clamp(0, self.of) as f64, self.of.max(1) as f64);
        let (p, z2) = (n / of, Z * Z);
        let middle = p + z2 / (2.0 * of);
        let half = Z * (p * (1.0 - p) / of + z2 / (4.0 * of * of)).sqrt();
        let all = 1.0 + z2 / of;
        (((middle - half) / all).max(0.0), ((middle + half) / all).min(1.0))
    }
}

/// The band a week's rate stays in nineteen times in twenty, if nothing changed: by the usual rate and the week's claims.
#[must_use]
pub fn band(usual: Ratio, decided: i64) -> (Cell, Cell) {
    let Some(rate) = usual.percent().filter(|_| decided > 0) else { return (Cell::Nothing, Cell::Nothing) };
    let share = rate / 100.0;
    let wide = Z * (share * (1.0 - share) / decided as f64).sqrt() + 0.5 / decided as f64;
    let hundredths = |share: f64| Cell::Number((share.clamp(0.0, 1.0) * 10_000.0).round() as i64);
    (hundredths(share - wide), hundredths(share + wide))
}

/// How sure a difference is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Too few answers since.
    #[default]
    TooEarly,
    /// It may be none.
    Unsure,
    /// It fell.
    Fell,
    /// It rose.
    Rose,
    /// Left out of a shared copy.
    Suppressed,
}

/// Before and after.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// What it comes to.
    pub outcome: Outcome,
    /// The eight whole weeks before.
    pub before: Ratio,
    /// The whole weeks since.
    pub after: Ratio,
    /// How many whole weeks since.
    pub weeks: usize,
    /// Least and largest difference in points, after less before, at 95 %.
    pub points: Option<(f64, f64)>,
    /// The same in words, only as strongly as that.
    pub said: String,
}

/// The difference of two shares, after less before, in points: 95 % by Newcombe's hybrid of Wilson intervals, which holds for small numbers too.
#[must_use]
pub fn difference(before: Ratio, after: Ratio) -> Option<(f64, f64)> {
    let (b, a) = (before.percent()? / 100.0, after.percent()? / 100.0);
    let ((b_low, b_high), (a_low, a_high)) = (before.wilson(), after.wilson());
    let low = (a - b) - ((a - a_low).powi(2) + (b_high - b).powi(2)).sqrt();
    let high = (a - b) + ((a_high - a).powi(2) + (b - b_low).powi(2)).sqrt();
    Some((100.0 * low, 100.0 * high))
}

impl Effect {
    /// Of two rates, `weeks` whole weeks after.
    #[must_use]
    pub fn of(before: Ratio, after: Ratio, weeks: usize) -> Effect {
        let mut effect = Effect { before, after, weeks, ..Effect::default() };
        if after.of < FEWEST {
            effect.said = format!("too early: {} of {FEWEST} answers", after.of);
            return effect;
        }
        let (Some(was), Some(is), Some((low, high))) =
            (before.percent(), after.percent(), difference(before, after))
        else {
            effect.outcome = Outcome::Unsure;
            effect.said = format!(
                "nothing to hold it against: no answers in the {WEEKS} weeks before; {} of {} since",
                after.n, after.of
            );
            return effect;
        };
        effect.points = Some((low, high));
        let interval = format!("95 % between {} and {} points", signed(low), signed(high));
        (effect.outcome, effect.said) = if high < 0.0 {
            (Outcome::Fell, format!("fell from {was:.1} % to {is:.1} % ({interval})"))
        } else if low > 0.0 {
            (Outcome::Rose, format!("rose from {was:.1} % to {is:.1} % ({interval})"))
        } else {
            let said = format!("no change to be sure of: {was:.1} % before, {is:.1} % since ({interval})");
            (Outcome::Unsure, said)
        };
        effect
    }
}

/// With its sign; a minus as print has it.
#[must_use]
pub fn signed(points: f64) -> String {
    let text = format!("{:.1}", points.abs());
    match text.as_str() {
        "0.0" => text,
        _ if points < 0.0 => format!("\u{2212}{text}"),
        _ => format!("+{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(n: i64, of: i64) -> Ratio {
        Ratio { n, of }
    }

    #[test]
    fn said_only_as_strongly_as_the_evidence() {
        let fell = Effect::of(of(81, 1000), of(30, 1000), 6);
        assert_eq!(fell.outcome, Outcome::Fell);
        assert_eq!(fell.said, "fell from 8.1 % to 3.0 % (95 % between \u{2212}7.2 and \u{2212}3.1 points)");
        assert_eq!(Effect::of(of(81, 1000), of(1, 9), 1).said, "too early: 9 of 30 answers");
        let unsure = Effect::of(of(8, 100), of(3, 60), 2);
        assert_eq!(unsure.outcome, Outcome::Unsure);
        assert!(unsure.said.starts_with("no change to be sure of: 8.0 % before, 5.0 % since"), "{unsure:?}");
        let rose = Effect::of(of(3, 300), of(30, 300), 4);
        assert_eq!(rose.outcome, Outcome::Rose);
        assert!(Effect::of(of(0, 0), of(3, 300), 4).said.starts_with("nothing to hold it against"));
    }

    #[test]
    fn the_interval_is_newcombes() {
        // Newcombe 1998, table II, method 10, example (a): 56/70 and 48/80.
        let (low, high) = difference(of(48, 80), of(56, 70)).unwrap();
        assert!((low - 5.24).abs() < 0.05 && (high - 33.39).abs() < 0.05, "{low} {high}");
        // Nothing before and nothing after says little.
        let (low, high) = difference(of(0, 10), of(0, 20)).unwrap();
        assert!(low < -15.0 && high > 10.0, "{low} {high}");
    }
}
