//! Segments that several held claims of a file stand under: a provider, an insured person, a payer. What is wrong in one is wrong in all.

use super::Web;
use super::handle::Failed;
use super::pages::claim::Field;
use crate::holds::{self, HeldClaim};
use crate::schema::Path;
use crate::scrub::release::{Placed, Single};

/// Loops above the claim.
const ABOVE: [&str; 9] =
    ["1000A", "1000B", "2000A", "2010AA", "2010AB", "2010AC", "2000B", "2010BA", "2010BB"];
/// Other claims of a file that are looked at, at most: each is taken out of it.
const MOST: usize = 50;

/// Open holds of the same file in which all of these loops say the same.
fn alike(web: &Web, held: &HeldClaim, paths: &[Path]) -> Result<Vec<HeldClaim>, Failed> {
    if paths.is_empty() || !paths.iter().all(|path| ABOVE.contains(&path.loop_id.as_str())) {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = {
        let rows = web.board.rows(&web.desk)?;
        let same = rows.ordered.iter().filter(|row| row.file_id == held.file_id && row.id != held.id);
        same.take(MOST).map(|row| row.id.clone()).collect()
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let Some(own) = web.desk.standing(held)? else { return Ok(Vec::new()) };
    let store = web.desk.state.store_now()?;
    let mut found = Vec::new();
    for id in ids {
        let Some(other) = holds::show(&store, &id)?.filter(|other| other.status == holds::Status::Open)
        else {
            continue;
        };
        let Some(single) = web.desk.standing(&other)? else { continue };
        if paths.iter().all(|path| says(&own, path) == says(&single, path)) {
            found.push(other);
        }
    }
    Ok(found)
}

/// What a claim says in a path's loop.
fn says(single: &Single, path: &Path) -> Vec<Vec<String>> {
    let own = |row: &Placed| row.loop_id == path.loop_id && row.element(0) != "HL";
    single.placed().into_iter().filter(own).map(|row| row.elements).collect()
}

fn parsed(changes: &[(String, String)]) -> Vec<Path> {
    changes.iter().filter_map(|(path, _)| Path::parse(path).ok()).collect()
}

/// Other holds, each with its version, that the same corrections are for.
pub fn with(web: &Web, held: &HeldClaim, changes: &[(String, String)]) -> Result<Vec<(String, u64)>, Failed> {
    let paths = parsed(changes);
    if paths.len() != changes.len() {
        return Ok(Vec::new());
    }
    Ok(alike(web, held, &paths)?.into_iter().map(|other| (other.id, other.version)).collect())
}

/// Notes at each field how many other claims share what it corrects.
pub fn count(web: &Web, held: &HeldClaim, fields: &mut [Field]) -> Result<(), Failed> {
    for field in fields {
        if let Ok(path) = Path::parse(&field.path) {
            field.shared = alike(web, held, &[path])?.len();
        }
    }
    Ok(())
}
