//! `claimloop trends`.

use std::io::Write;

use serde_json::Value;

use super::TextOrJson;
use super::asking::{Of, rows, text};
use super::exit::{Exit, Failure};
use super::held;
use super::table::{money, printable};
use crate::daemon::control::Question;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// As of the end of this ISO week, 2026-W46. Default: now.
    #[arg(long, value_name = "WEEK", conflicts_with_all = ["from", "to"])]
    week: Option<String>,
    /// As of the end of each week from this one on, one after the other.
    #[arg(long, value_name = "WEEK", requires = "to")]
    from: Option<String>,
    /// The last of these weeks.
    #[arg(long, value_name = "WEEK", requires = "from")]
    to: Option<String>,
    #[command(flatten)]
    of: Of,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let from = args.week.clone().or_else(|| args.from.clone());
    let question = Question::Trends { from, to: args.to.clone() };
    let value = held::answer(&args.of.state, &question, args.of.config.as_deref())?;
    for (n, week) in rows(&value).iter().enumerate() {
        if args.of.format == TextOrJson::Json {
            serde_json::to_writer(&mut *out, week)?;
            writeln!(out)?;
            continue;
        }
        if n > 0 {
            writeln!(out)?;
        }
        show(week, out)?;
    }
    Ok(Exit::Clean)
}

fn number(value: &Value, path: &str) -> f64 {
    value.pointer(path).and_then(Value::as_f64).unwrap_or_default()
}

fn show(week: &Value, out: &mut dyn Write) -> Result<(), Failure> {
    let findings = week.get("findings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let count = match findings.len() {
        0 => "nothing changed".to_owned(),
        1 => "1 change".to_owned(),
        n => format!("{n} changes"),
    };
    writeln!(
        out,
        "{}, as of {}: {count} in {} series; false ones to be expected in a week: {}",
        text(week, "week"),
        text(week, "as_of"),
        number(week, "/series"),
        number(week, "/budget"),
    )?;
    for finding in findings {
        writeln!(out, "\n{}", printable(text(finding, "sentence")))?;
        details(finding, out)?;
    }
    Ok(())
}

fn details(finding: &Value, out: &mut dyn Write) -> Result<(), Failure> {
    let percent = |path: &str| format!("{:.1} %", 100.0 * number(finding, path));
    let (begun, until) = (text(finding, "since"), text(finding, "until"));
    writeln!(
        out,
        "  now    {:.0} of {:.0} claims, {}, weeks {begun} to {until}",
        number(finding, "/now/denied"),
        number(finding, "/now/adjudicated"),
        percent("/now/rate"),
    )?;
    writeln!(
        out,
        "  usual  {:.0} of {:.0} claims, {}, from {} on",
        number(finding, "/usual/denied"),
        number(finding, "/usual/adjudicated"),
        percent("/usual/rate"),
        text(finding, "usual_since"),
    )?;
    let cents = finding.get("cents").and_then(Value::as_i64).unwrap_or_default();
    let less = if text(finding, "kind") == "improvement" { "less" } else { "more" };
    writeln!(out, "  ratio  {}; {} {less} than usual", times(finding, "/ratio"), money(cents))?;
    let who = match finding.pointer("/changed/who").and_then(Value::as_str).unwrap_or_default() {
        "payer" => "the payer",
        "our-mix" => "what we send",
        "our-edit" => "an edit of ours",
        "all-payers" => "all payers, or something of ours",
        _ => "the figures don't tell",
    };
    let changed = finding.get("changed").unwrap_or(&Value::Null);
    let what = text(changed, "what");
    let what = if what.is_empty() { String::new() } else { format!(" ({})", printable(what)) };
    let strength = match text(changed, "who") {
        "unclear" => String::new(),
        _ => format!(", {}", text(changed, "strength")),
    };
    let against = match changed.pointer("/against/control").and_then(Value::as_str) {
        Some("other-payers") => "; the other payers' rate is ",
        Some("other-carcs") => "; the rate of other reasons is ",
        Some("usual-rates") => "; usual rates on today's claims give ",
        _ => "",
    };
    let control = match against {
        "" => String::new(),
        _ => format!("{against}{} what it was", times(finding, "/changed/against/control_ratio")),
    };
    writeln!(out, "  who    {who}{what}{strength}{control}")?;
    writeln!(
        out,
        "  proof  {}, p {:.1e}, told below {:.1e}; {}, {}",
        text(finding, "strength"),
        number(finding, "/p"),
        number(finding, "/threshold"),
        text(finding, "kind"),
        printable(text(finding, "id")),
    )?;
    Ok(())
}

/// `2.1 times (1.6 to 2.8)`.
fn times(finding: &Value, path: &str) -> String {
    let of = |end: &str| number(finding, &format!("{path}/{end}"));
    let short = |n: f64| if n >= 10.0 { format!("{n:.0}") } else { format!("{n:.1}") };
    format!("{} times ({} to {})", short(of("estimate")), short(of("low")), short(of("high")))
}
