//! What a person is shown of a held claim. That it was shown is journalled first.

use std::io;

use jiff::Timestamp;

use super::desk::{Cannot, Correction, Desk};
use super::error::Error;
use super::state::State;
use crate::holds::{self, HeldClaim};
use crate::journal::{Position, Record};
use crate::phi::decode;
use crate::scrub::release::Single;
use crate::scrub::{Source, Verdict};

/// A held claim with what stands in it.
#[derive(Debug)]
pub struct Viewed {
    /// The claim.
    pub held: HeldClaim,
    /// What was corrected.
    pub corrected: Vec<Correction>,
    /// Who had its file removed.
    pub purged: Option<Purged>,
}

/// Who had the file of a claim removed from the archive, and when.
#[derive(Debug)]
pub struct Purged {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
}

impl Desk {
    /// Shows a held claim to somebody; none where there is none.
    ///
    /// # Errors
    /// When the state can't be read.
    pub fn view(&self, id: &str, actor: &str) -> Result<Option<Viewed>, Error> {
        let state = &*self.state;
        let Some(held) = holds::show(&*state.store_now()?, id)? else { return Ok(None) };
        // Before it is shown: who saw a claim is known even where the answer gets lost.
        state.append(vec![Record::viewed(id, actor)])?;
        let purged = purged(state, &held.sha256)?;
        let corrected = self.corrections(&held)?;
        Ok(Some(Viewed { held, corrected, purged }))
    }

    /// The own segments of a claim that is shown: as they were sent, none once its file was purged; and corrected, none where it wasn't.
    ///
    /// # Errors
    /// When its file can't be read.
    pub fn texts(&self, shown: &Viewed) -> Result<(Option<String>, Option<String>), Error> {
        if shown.purged.is_some() {
            return Ok((None, None));
        }
        let held = &shown.held;
        let sent = segments(&self.state, &held.sha256, held.offset, held.bytes)?;
        Ok((Some(sent), self.corrected_text(held)?))
    }

    /// A held claim with all it stands under, as it is corrected by now, and what the edits of the day say of it; none where it can't stand
    /// alone.
    ///
    /// # Errors
    /// When its file can't be read.
    pub fn as_it_stands(&self, held: &HeldClaim) -> Result<Option<(Single, Verdict)>, Error> {
        match self.examine(held, &self.edits(), self.today()) {
            Ok((single, mut verdict)) => {
                verdict.findings.extend(held.findings.iter().filter(|f| super::desk::is_repeat(f)).cloned());
                Ok(Some((single, verdict)))
            }
            Err(Cannot::Refused(_)) => Ok(None),
            Err(Cannot::Failed(error)) => Err(*error),
        }
    }

    /// A held claim with all it stands under, as it is corrected by now; none where it can't stand alone.
    ///
    /// # Errors
    /// When its file can't be read.
    pub fn standing(&self, held: &HeldClaim) -> Result<Option<Single>, Error> {
        match self.stand(held, &self.edits()) {
            Ok(single) => Ok(Some(single)),
            Err(Cannot::Refused(_)) => Ok(None),
            Err(Cannot::Failed(error)) => Err(*error),
        }
    }

    /// What somebody wrote, by the hash the journal has of it.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn written(&self, note: &str) -> Result<String, Error> {
        let path = self.state.archive.path(note);
        let bytes = self.state.archive.read(note).map_err(Error::io("reading a note", &path))?;
        decode(&bytes).map_err(|bad| Error::io("reading a note", &path)(bad.into()))
    }
}

/// When archived bytes were removed by somebody's word, and whose; none where they are there. What is gone without one is missed where it is
/// read.
fn purged(state: &State, sha256: &str) -> Result<Option<Purged>, Error> {
    if state.archive.has(sha256).map_err(Error::io("looking at", &state.archive.path(sha256)))? {
        return Ok(None);
    }
    let mut found = None;
    state.tail(Position::START, &mut |_, entry| {
        if let Record::Purged { sha256: gone, actor } = entry.record
            && gone.iter().any(|hash| hash == sha256)
        {
            found = Some(Purged { at: entry.at, actor });
        }
        Ok(())
    })?;
    Ok(found)
}

/// The claim's own segments, from the archived file.
fn segments(state: &State, sha256: &str, offset: u64, bytes: u64) -> Result<String, Error> {
    use std::io::Read;
    let source = state.archive.source(sha256);
    let mut text = Vec::new();
    source
        .open()
        .and_then(|mut file| {
            io::copy(&mut (&mut file).take(offset), &mut io::sink())?;
            file.take(bytes).read_to_end(&mut text)
        })
        .map_err(Error::io("reading", &source.path))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
