//! How old an imported list is.

use jiff::civil::Date;

use super::Manifest;
use crate::codes::Kind;

/// Lists come quarterly or yearly; of one older than this a newer one should be there.
fn stale_after(kind: Kind) -> Option<i32> {
    Some(match kind {
        Kind::Icd10cm | Kind::Icd10pcs | Kind::Cpt | Kind::Cdt => 366,
        Kind::Hcpcs
        | Kind::NcciPractitioner
        | Kind::NcciHospital
        | Kind::MuePractitioner
        | Kind::MueHospital
        | Kind::MueSupplier
        | Kind::AddOn
        | Kind::FeeSchedule => 100,
        Kind::Carc | Kind::Rarc => 130,
        _ => return None,
    })
}

/// How old a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// In days.
    Good(i32),
    /// So many days that a newer one should be published.
    Old(i32),
}

/// How old a list is on a day.
#[must_use]
pub fn age(manifest: &Manifest, today: Date) -> Age {
    let days = (today - manifest.effective.unwrap_or(manifest.imported)).get_days();
    if stale_after(manifest.kind).is_some_and(|most| days > most) { Age::Old(days) } else { Age::Good(days) }
}
