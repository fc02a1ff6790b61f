//! The ends of the wire: who sends, who receives, and the envelopes between them.

use jiff::civil::Date;

use super::calendar::{compact, short};
use crate::x12::compose::{Composer, Group, Interchange};

/// Time of day in every file, `HHMM`.
pub(super) const TIME: &str = "1200";

/// A party that sends and receives files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Party {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
}

/// Who sends claims.
pub(super) const SENDER: Party = Party { id: "ZZSUBMITTER", name: "SAMPLE BILLING OFFICE" };
/// Who takes them and brings back the answers.
pub(super) const HOUSE: Party = Party { id: "ZZCLEARING", name: "SAMPLE CLEARINGHOUSE" };

/// Rows of interchange control numbers; each sender's interchanges are numbered apart.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lane {
    /// 837, and the 999 that comes back from the other side.
    Claims,
    /// 277CA.
    Answers,
    /// 835.
    Remittances,
}

/// Opens an interchange with one group, numbered alike.
pub(super) fn open(
    composer: &mut Composer,
    from: Party,
    to: Party,
    (function, version): (&str, &str),
    (date, control): (Date, u32),
) {
    composer.open_interchange(&Interchange {
        sender: ("ZZ", from.id),
        receiver: ("ZZ", to.id),
        date: &short(date),
        time: TIME,
        control,
        usage: "P",
    });
    composer.open_group(&Group {
        function,
        sender: from.id,
        receiver: to.id,
        date: &compact(date),
        time: TIME,
        control,
        version,
    });
}
