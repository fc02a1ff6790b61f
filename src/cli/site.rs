//! Options for what a site adds to the edits.

use std::path::PathBuf;

use super::exit::Failure;
use crate::edits::EditSet;
use crate::imports::{Error, Folders};

#[derive(Debug, Default, clap::Args)]
pub struct Site {
    /// Folder of imported code sets; without it the shipped ones are asked.
    #[arg(long, global = true, value_name = "DIR")]
    codes: Option<PathBuf>,
    /// Folder of payer packs; without it no payer is known.
    #[arg(long, global = true, value_name = "DIR")]
    payers: Option<PathBuf>,
    /// Say that every payer has a pack there: claims to others are held.
    #[arg(long, global = true, requires = "payers")]
    all_payers: bool,
    /// Folder of the site's own edits.
    #[arg(long, global = true, value_name = "DIR")]
    edits: Option<PathBuf>,
}

impl Site {
    /// The edits with what these folders add. A folder that is named must be there.
    ///
    /// # Errors
    /// At a folder that isn't there, and the first file that doesn't hold together.
    pub fn edits(&self) -> Result<EditSet, Failure> {
        for folder in [&self.codes, &self.payers, &self.edits].into_iter().flatten() {
            if !folder.is_dir() {
                return Err(Failure::usage(format!("there is no folder {}", folder.display())));
            }
        }
        let (codes, payers, edits) = (self.codes.clone(), self.payers.clone(), self.edits.clone());
        Folders { codes, payers, every_payer: self.all_payers, edits }.edits().map_err(failure)
    }
}

/// What a user can mend is a matter of usage.
pub fn failure(error: Error) -> Failure {
    match error {
        Error::Io { .. } => Failure::from(error),
        refused => Failure::usage(refused.to_string()),
    }
}
