//! An 837 file under way: transaction sets of limited size, each with its own hierarchy.

use jiff::civil::Date;

use super::Error;
use super::calendar::compact;
use super::claim::Claim;
use super::claim_loop;
use super::envelope::{self, HOUSE, SENDER, TIME};
use super::hierarchy::Hierarchy;
use super::outlet::{Draft, Outlet};
use super::roster::Form;

/// Takes claims and writes them.
pub(super) struct ClaimFile {
    draft: Draft,
    form: Form,
    date: Date,
    control: u32,
    per_set: u64,
    /// Sets opened so far.
    pub(super) sets: u64,
    in_set: u64,
    hierarchy: Hierarchy,
}

impl ClaimFile {
    /// Opens the file at `path`; `control` numbers interchange and group.
    pub(super) fn open(
        outlet: &mut Outlet<'_>,
        path: String,
        form: Form,
        (date, control): (Date, u32),
        per_set: u64,
    ) -> Self {
        let mut draft = Draft::new(outlet, path);
        envelope::open(&mut draft.composer, SENDER, HOUSE, ("HC", form.guide()), (date, control));
        Self { draft, form, date, control, per_set, sets: 0, in_set: 0, hierarchy: Hierarchy::default() }
    }

    /// Writes one claim, in a new set when the last one is full.
    pub(super) fn add(&mut self, outlet: &mut Outlet<'_>, claim: &Claim) -> Result<(), Error> {
        if self.sets == 0 || self.in_set == self.per_set {
            self.open_set();
        }
        self.in_set += 1;
        self.hierarchy.place(&mut self.draft.composer, claim);
        claim_loop::write(&mut self.draft.composer, claim);
        self.draft.spill(outlet)
    }

    /// Closes the file.
    pub(super) fn finish(self, outlet: &mut Outlet<'_>) -> Result<(), Error> {
        self.draft.finish(outlet)
    }

    fn open_set(&mut self) {
        self.sets += 1;
        self.in_set = 0;
        self.hierarchy = Hierarchy::default();
        let composer = &mut self.draft.composer;
        composer.open_set("837", &set_control(self.sets), self.form.guide());
        let reference = batch_reference(self.control, self.sets);
        composer.plain("BHT", &["0019", "00", &reference, &compact(self.date), TIME, "CH"]);
        composer.plain("NM1", &["41", "2", SENDER.name, "", "", "", "", "46", SENDER.id]);
        composer.plain("PER", &["IC", "TESTER DESK", "TE", "5555550100"]);
        composer.plain("NM1", &["40", "2", HOUSE.name, "", "", "", "", "46", HOUSE.id]);
    }
}

/// ST02 of the `set`th transaction set of a file.
pub(super) fn set_control(set: u64) -> String {
    format!("{set:04}")
}

/// BHT03 of the `set`th transaction set of file `control`.
pub(super) fn batch_reference(control: u32, set: u64) -> String {
    format!("ZZB{control:09}{set:04}")
}
