//! What the demo's practice sent and heard: twelve weeks that are dropped; for a demo that stays, half a year, of which all but the last weeks
//! is imported as its past.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use jiff::civil::Date;
use jiff::{ToSpan, Zoned};

use super::exit::Failure;
use super::history_import;
use crate::simulate::{self, Kind, Options, Plant};

/// Faults and denials planted in the made-up claims.
const PLANT: &str = r#"
background = 0.03
[[fault]]
edit = "E3-001"
share = 0.02
[[fault]]
edit = "E4-008"
share = 0.02
[[fault]]
edit = "E5-005"
share = 0.02
[[fault]]
edit = "E5-001"
share = 0.01
[[denial]]
payer = "ZZP01"
carc = "197"
group = "CO"
share = 0.9
from_week = "LAST"
cause = "authorisation missing"
"#;

/// The same for one that stays: what a biller, a coder or the front desk can put right, and denials that changed.
const LASTING: &str = r#"
background = 0.04
reversals = 0.03
[[fault]]
edit = "E3-001"
share = 0.03
[[fault]]
edit = "E4-001"
share = 0.02
[[fault]]
edit = "E4-003"
share = 0.02
[[fault]]
edit = "E4-006"
share = 0.04
[[fault]]
edit = "E4-008"
share = 0.02
[[fault]]
edit = "E5-001"
share = 0.02
[[fault]]
edit = "E5-005"
share = 0.02
[[fault]]
edit = "E5-008"
share = 0.02
[[denial]]
payer = "ZZP01"
carc = "197"
group = "CO"
share = 0.9
from_week = "LAST"
cause = "authorisation missing"
[[denial]]
payer = "ZZP02"
carc = "16"
group = "CO"
rarc = "M76"
share = 0.12
cause = "diagnosis"
[[denial]]
payer = "ZZP03"
carc = "4"
group = "CO"
share = 0.2
to_percent = 70
cause = "modifier, until it was taught"
"#;

/// Claims and weeks of one that stays.
const CLAIMS: u64 = 2000;
const WEEKS: u32 = 26;
/// Its last files of claims and of answers, which come through the daemon; the others are its past.
const DROPPED: (usize, usize) = (9, 30);

/// A made-up practice's files, by folder and name.
pub struct Practice {
    past: BTreeMap<String, Vec<u8>>,
    /// Those that are dropped.
    pub dropped: BTreeMap<String, Vec<u8>>,
}

impl Practice {
    /// Of the weeks up to a day.
    pub fn make(today: Date, stays: bool) -> Result<Practice, Failure> {
        let last = crate::remit::week(today.saturating_sub(7.days()));
        let text = if stays { LASTING } else { PLANT };
        let plant =
            Plant::from_toml(&text.replace("LAST", &last)).map_err(|e| Failure::at("planting faults", &e))?;
        let (kind, per_set) = (Kind::Linked, 5000);
        let (claims, weeks) = if stays { (CLAIMS, WEEKS) } else { (1200, 12) };
        let options = Options { claims, seed: 1, kind, weeks, end: today, per_set, plant };
        let mut dropped: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        simulate::run(&options, &mut |name, bytes| {
            dropped.entry(name.to_owned()).or_default().extend_from_slice(bytes);
            Ok(())
        })
        .map_err(|e| Failure::at("making claims up", &e))?;
        let mut past = BTreeMap::new();
        if stays {
            for (folder, newest) in [("outbound/", DROPPED.0), ("inbound/", DROPPED.1)] {
                let names: Vec<String> =
                    dropped.keys().filter(|name| name.starts_with(folder)).cloned().collect();
                let before = names.len().saturating_sub(newest);
                past.extend(names.into_iter().take(before).filter_map(|name| dropped.remove_entry(&name)));
            }
        }
        Ok(Practice { past, dropped })
    }

    /// Posts the past of one that stays to its history, before its daemon starts.
    pub fn import(&self, folder: &Path, state: &Path, out: &mut dyn Write) -> Result<(), Failure> {
        if self.past.is_empty() {
            return Ok(());
        }
        let before = folder.join("before");
        for (name, bytes) in &self.past {
            let path = before.join(name);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, bytes)?;
        }
        writeln!(out, "Half a year of a made-up practice is imported: {} files.", self.past.len())?;
        out.flush()?;
        let config = folder.join("claimloop.toml");
        history_import::run(&before, "main", (state, Some(&config)), false, &mut io::sink())?;
        Ok(())
    }
}

/// Settings by which a pack of the week before last is made at the start, and one of the last week when the files are in.
pub fn huddle(now: &Zoned) -> String {
    let soon = now.saturating_add(20.seconds());
    let hour = if soon.date() == now.date() { soon } else { now.clone() };
    let day = format!("{:?}", now.weekday()).to_lowercase();
    format!(
        "[huddle]\nday = \"{day}\"\nhour = \"{}\"\nsite = \"Lakeside Clinic\"\n",
        hour.strftime("%H:%M:%S")
    )
}
