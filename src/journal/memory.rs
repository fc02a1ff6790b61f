//! A ledger in memory: the second implementation the contract is held against, and what a simulation uses.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::frame::{self, Link};
use super::ledger::{Claim, Each, Epoch, FileKey, Ledger, Position};
use super::standing::Standing;
use super::{Entry, Error, Record};

/// Records in memory, under a lease that can be given on.
#[derive(Debug)]
pub struct MemoryLedger {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    epoch: Epoch,
    entries: Vec<Entry>,
    link: Link,
    standing: Standing,
}

impl Default for MemoryLedger {
    fn default() -> MemoryLedger {
        let (entries, standing) = (Vec::new(), Standing::default());
        MemoryLedger { inner: Mutex::new(Inner { epoch: Epoch(1), entries, link: Link::ZERO, standing }) }
    }
}

impl MemoryLedger {
    /// Gives the lease to another node; who had it is refused from now on.
    pub fn give_on(&self) -> Epoch {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.epoch.0 += 1;
        inner.epoch
    }

    fn leased(&self, epoch: Epoch) -> Result<MutexGuard<'_, Inner>, Error> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.epoch == epoch {
            Ok(inner)
        } else {
            Err(Error::Fenced { asked: epoch.0, holds: inner.epoch.0 })
        }
    }
}

impl Inner {
    fn append(&mut self, batch: Vec<Record>) -> Result<Vec<Entry>, Error> {
        self.standing.check(&batch)?;
        let (mut link, mut added, mut seq) = (self.link, Vec::new(), self.entries.len() as u64);
        for record in batch {
            seq += 1;
            let mut entry = Entry { seq, at: Timestamp::now(), crc: 0, record };
            (entry.crc, link) =
                frame::write(&entry, (false, false), link, &mut Vec::new()).map_err(Error::Encode)?;
            added.push(entry);
        }
        self.link = link;
        added.iter().for_each(|entry| self.standing.apply(&entry.record));
        self.entries.extend(added.iter().cloned());
        Ok(added)
    }
}

impl Ledger for MemoryLedger {
    fn epoch(&self) -> Epoch {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).epoch
    }

    fn claim(&self, epoch: Epoch, key: &FileKey, by: &str) -> Result<Claim, Error> {
        Ok(self.leased(epoch)?.standing.claim(key, by))
    }

    fn append(&self, epoch: Epoch, batch: Vec<Record>) -> Result<Vec<Entry>, Error> {
        self.leased(epoch)?.append(batch)
    }

    fn next_control(&self, epoch: Epoch, channel: &str) -> Result<(u64, Entry), Error> {
        let mut inner = self.leased(epoch)?;
        let number = inner.standing.next_control(channel);
        let mut taken = inner.append(vec![Record::ControlTaken { channel: channel.to_owned(), number }])?;
        let gone = || Error::Poisoned { path: PathBuf::from("in memory") };
        taken.pop().map(|entry| (number, entry)).ok_or_else(gone)
    }

    fn tail(&self, epoch: Epoch, after: Position, each: &mut Each<'_>) -> Result<Position, Error> {
        let entries = self.leased(epoch)?.entries.clone();
        let mut last = after;
        for entry in entries.into_iter().filter(|e| e.seq > after.0) {
            last = Position(entry.seq);
            each(last, entry)?;
        }
        Ok(last)
    }
}
