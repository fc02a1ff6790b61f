//! The pack as files: every format is written from the same model and says the same.

mod csv;
mod html;
mod markdown;
mod outline;
mod summary;
mod xlsx;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::pack::Pack;

pub use summary::summary;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Format {
    Html,
    Xlsx,
    Csv,
    Json,
    Md,
}

/// It can't be written.
#[derive(Debug, Error)]
pub enum Error {
    /// A workbook.
    #[error("the workbook can't be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// Not of a summary.
    #[error("a summary has no format {0}")]
    Unknown(&'static str),
    /// JSON.
    #[error("the pack can't be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl Format {
    /// Every one.
    pub const ALL: [Format; 5] = [Format::Html, Format::Xlsx, Format::Csv, Format::Json, Format::Md];

    /// As its files end.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Format::Html => "html",
            Format::Xlsx => "xlsx",
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Md => "md",
        }
    }

    /// True of what a terminal can show.
    #[must_use]
    pub fn is_text(self) -> bool {
        self != Format::Xlsx
    }
}

/// Writes a pack.
///
/// # Errors
/// When a workbook's limits are passed, or JSON can't be written.
pub fn render(pack: &Pack, format: Format) -> Result<Vec<u8>, Error> {
    Ok(match format {
        Format::Html => html::html(pack).into_bytes(),
        Format::Xlsx => xlsx::xlsx(pack)?,
        Format::Csv => csv::csv(pack).into_bytes(),
        Format::Json => {
            let mut bytes = serde_json::to_vec_pretty(pack)?;
            bytes.push(b'\n');
            bytes
        }
        Format::Md => markdown::markdown(pack).into_bytes(),
    })
}
