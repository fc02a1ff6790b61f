//! What left, read where the archive holds it, else made again.

use std::io;

use super::file::Judged;
use super::{Evidence, Seen, Sum};
use crate::archive::Hashing;
use crate::edits::Tolerances;
use crate::journal::Output;
use crate::scrub::partition::partition;
use crate::scrub::survey::survey;
use crate::scrub::{Other, Source};

/// Claims of a file's bytes, as the tokenizer counts them.
pub(super) fn count(bytes: &dyn Source) -> io::Result<Sum> {
    let survey = survey(bytes, Other::Pass, Tolerances::all())?;
    Ok(Sum { claims: survey.claims, cents: survey.charges })
}

/// Claims of a file of clean claims that was staged.
pub(super) fn left(
    output: &Output,
    bytes: &dyn Source,
    (sha256, judged): (&str, &Judged),
    evidence: &dyn Evidence,
    seen: &mut Seen,
) -> io::Result<Sum> {
    if output.sha256 == sha256 {
        seen.read += 1;
        return count(bytes);
    }
    if let Some(archived) = evidence.bytes(&output.sha256)?
        && evidence.is_sound(&output.sha256)?
    {
        seen.read += 1;
        return count(&*archived);
    }
    // How the channel was set then is not journalled: one of these it was, where the program makes the same bytes still.
    for tolerances in [Tolerances::default(), Tolerances::all(), Tolerances::NONE] {
        for other in [Other::Pass, Other::Reject] {
            let survey = survey(bytes, other, tolerances)?;
            let mut hashing = Hashing::new(io::sink());
            let Ok(written) = partition(bytes, &survey, &judged.states, &mut hashing) else { continue };
            let (_, hash, len) = hashing.finish();
            if hash == output.sha256 && len == output.bytes {
                seen.made_again += 1;
                // Its claims are those of clean verdicts, so their charges are; a count that differs shows.
                return Ok(Sum { claims: written.claims, cents: judged.clean.cents });
            }
        }
    }
    seen.recorded += 1;
    Ok(judged.clean)
}
