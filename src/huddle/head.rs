//! The two numbers both teams share, with their change.

use super::build::Work;
use super::effect::{Ratio, difference, signed};
use super::pack::Figure;
use crate::history::Metrics;
use crate::sheets::{percent, share};

/// Name and title of each.
const SHARED: [(&str, &str); 2] =
    [("clean-claim-rate", "Clean claims"), ("first-pass-acceptance", "Accepted at first")];

/// A metric's numerator and denominator.
#[must_use]
pub fn ratio(metrics: &Metrics, name: &str) -> Ratio {
    let metric = metrics.metrics.iter().find(|m| m.name == name);
    metric.map(|m| Ratio { n: m.numerator, of: m.denominator }).unwrap_or_default()
}

/// Both of them, of the pack's week.
#[must_use]
pub fn figures(work: &Work<'_>) -> Vec<Figure> {
    shared(&work.of.read.gathered.now, &work.of.read.gathered.before, ("week", "13 weeks"))
}

/// Both of them; `spans` names the time they are of, and the time before.
#[must_use]
pub fn shared(now: &Metrics, before: &Metrics, spans: (&str, &str)) -> Vec<Figure> {
    let figure = |(name, title): (&str, &str)| {
        let definition =
            now.metrics.iter().find(|m| m.name == name).map(|m| m.definition).unwrap_or_default();
        let (is, was) = (ratio(now, name), ratio(before, name));
        Figure {
            name: name.to_owned(),
            title: title.to_owned(),
            definition: definition.to_owned(),
            numerator: Some(is.n),
            denominator: Some(is.of),
            hundredths: share(is.n, is.of),
            before: share(was.n, was.of),
            before_of: (was.of > 0).then_some((was.n, was.of)),
            change: change(is, was, spans),
        }
    };
    SHARED.into_iter().map(figure).collect()
}

/// How a share changed, in words: `of` and `span` name the time it is of, and the time before.
#[must_use]
pub fn change(is: Ratio, was: Ratio, (of, span): (&str, &str)) -> String {
    let (Some(now), Some(before)) = (share(is.n, is.of), share(was.n, was.of)) else {
        return if is.of == 0 {
            format!("no claims to count this {of}")
        } else {
            format!("nothing to hold it against in the {span} before")
        };
    };
    let points = signed((now - before) as f64 / 100.0);
    match difference(was, is) {
        _ if now == before => format!("as in the {span} before"),
        Some((low, high)) if low > 0.0 || high < 0.0 => {
            format!("{points} points; {} in the {span} before", percent(before))
        }
        _ => format!("{points} points, may be chance; {} in the {span} before", percent(before)),
    }
}
