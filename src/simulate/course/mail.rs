//! The 835 files: one for each payer and payment day, some of them twice, in pieces or spoilt.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::World;
use super::odd::{Kind, UNKNOWN_CARC, UNKNOWN_CAUSE};
use super::parcel::Parcel;
use super::posting::{Happening, Posting};
use crate::simulate::Error;
use crate::simulate::adjudication;
use crate::simulate::calendar::week;
use crate::simulate::envelope::Lane;
use crate::simulate::outlet::Outlet;
use crate::simulate::plant::parts;
use crate::simulate::remittance::MOST;
use crate::simulate::roster::Form;

impl World<'_> {
    /// Writes the payments due up to `day`.
    pub(super) fn pay_until(&mut self, outlet: &mut Outlet<'_>, day: Date) -> Result<(), Error> {
        while let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 <= day) {
            let ((date, _), providers) = entry.remove_entry();
            self.deliver(outlet, date, providers)?;
        }
        Ok(())
    }

    /// A new file, numbered.
    fn parcel(&mut self, date: Date) -> Parcel {
        self.paid_files += 1;
        let path = format!("inbound/{:04}.835", self.paid_files);
        let control = self.options.control(Lane::Remittances, self.paid_files);
        Parcel { path, date, control, deals: Vec::new() }
    }

    /// What one payer pays on one day.
    fn deliver(
        &mut self,
        outlet: &mut Outlet<'_>,
        date: Date,
        providers: BTreeMap<u64, Vec<Posting>>,
    ) -> Result<(), Error> {
        let replays = std::mem::take(&mut self.replays);
        let mut parcel = self.parcel(date);
        let mut rest: Option<Parcel> = None;
        for mut postings in providers.into_values() {
            while !postings.is_empty() {
                let later = postings.split_off(postings.len().min(MOST));
                let chunk = std::mem::replace(&mut postings, later);
                self.deal(outlet, &mut parcel, &mut rest, chunk)?;
            }
        }
        for (of, deal) in replays {
            let trns = [deal.trace.as_str()];
            self.record.repetition(&mut self.truth, "joined", (&parcel.path, &of), &trns)?;
            parcel.deals.push(deal);
        }
        if let Some(rest) = &rest {
            self.record.repetition(&mut self.truth, "split", (&rest.path, &parcel.path), &rest.trns())?;
            rest.write(outlet)?;
        }
        self.send(outlet, parcel)
    }

    /// One transaction, whole or in two files.
    fn deal(
        &mut self,
        outlet: &mut Outlet<'_>,
        parcel: &mut Parcel,
        rest: &mut Option<Parcel>,
        mut chunk: Vec<Posting>,
    ) -> Result<(), Error> {
        let mut spot = parcel.spot();
        let plain = chunk.iter().all(|p| p.is_initial() && p.payment.denials.is_empty());
        if plain && self.odd.is_ready(Kind::TraceAgain, spot.day) {
            if let Some(first) = chunk.first().and_then(|p| self.traces.get(&p.payment.claim.payer.index)) {
                spot.trn.clone_from(&first.trn);
                self.odd.take(Kind::TraceAgain, spot.day);
                let of = (None, Some(first.file.as_str()));
                self.record.oddity(&mut self.truth, Kind::TraceAgain.name(), &spot, of)?;
            }
        } else if let Some(payer) = chunk.first().map(|p| p.payment.claim.payer.index) {
            self.traces.entry(payer).or_insert_with(|| spot.clone());
        }
        self.spoil(&mut chunk, spot.day);
        let half = chunk.len() / 2;
        let forward = |p: &Posting| p.payment.sign > 0;
        let is_cut = half > 0 && chunk.iter().all(forward) && self.post.share(parts(self.plan.split_sets));
        let second = if is_cut { chunk.split_off(half) } else { Vec::new() };
        let first = self.book(outlet, chunk, &spot, true)?;
        if let Some(deal) = first {
            if self.post.share(parts(self.plan.joined_sets)) {
                self.replays.push((parcel.path.clone(), deal.clone()));
            }
            parcel.deals.push(deal);
        }
        if second.is_empty() {
            return Ok(());
        }
        let date = spot.day;
        let rest = match rest {
            Some(rest) => rest,
            None => rest.insert(self.parcel(date)),
        };
        spot.file.clone_from(&rest.path);
        rest.deals.extend(self.book(outlet, second, &spot, false)?);
        Ok(())
    }

    /// Writes a file, spoilt or twice where that is due.
    fn send(&mut self, outlet: &mut Outlet<'_>, mut parcel: Parcel) -> Result<(), Error> {
        let date = parcel.date;
        let is_plain = parcel.is_plain() && parcel.deals.iter().all(|deal| deal.paid > 0);
        if is_plain && self.odd.take(Kind::Unbalanced, date) {
            let mut spot = parcel.spot();
            if let Some(deal) = parcel.deals.first_mut() {
                deal.paid += 100;
                spot.trn.clone_from(&deal.trace);
            }
            self.record.oddity(&mut self.truth, Kind::Unbalanced.name(), &spot, (None, None))?;
            return parcel.write(outlet);
        }
        parcel.write(outlet)?;
        if is_plain && self.odd.take(Kind::Truncated, date) {
            let whole = parcel.path.clone();
            let cut = Parcel { deals: parcel.deals, ..self.parcel(date) };
            let mut spot = cut.spot();
            if let Some(deal) = cut.deals.first() {
                spot.trn.clone_from(&deal.trace);
            }
            self.record.oddity(&mut self.truth, Kind::Truncated.name(), &spot, (None, Some(&whole)))?;
            return cut.write_cut(outlet);
        }
        if self.post.share(parts(self.plan.duplicate_files)) {
            let of = parcel.path.clone();
            let again = Parcel { deals: parcel.deals, ..self.parcel(date) };
            self.record.repetition(&mut self.truth, "file", (&again.path, &of), &again.trns())?;
            return again.write(outlet);
        }
        Ok(())
    }

    /// Gives one payment a code that is in no list, or adds one for a claim that was never sent.
    fn spoil(&mut self, chunk: &mut Vec<Posting>, day: Date) {
        let is_fit = |p: &&mut Posting| {
            p.is_initial() && p.payment.denials.is_empty() && p.payment.claim.form == Form::Professional
        };
        let Some(posting) = chunk.iter_mut().find(is_fit) else {
            return;
        };
        if self.odd.take(Kind::NeverSent, day) {
            let mut stray = posting.fresh(&mut self.desk, Happening::Odd);
            stray.payment.claim.id = format!("ZZNEVER{}", self.paid_files);
            chunk.push(stray);
        } else if self.odd.take(Kind::UnknownCarc, day) {
            let reason = ("CO", UNKNOWN_CARC, "", UNKNOWN_CAUSE);
            let charge = posting.payment.claim.lines.first().map_or(0, |line| line.charge);
            if let Some(line) = posting.payment.lines.first_mut() {
                line.adjustments.clear();
            }
            adjudication::refuse(&mut posting.payment, 0, reason, &week(day), charge);
        }
    }
}
