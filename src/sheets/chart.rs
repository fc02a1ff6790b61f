//! What a chart shows of a table.

use serde::{Deserialize, Serialize};

/// A chart of a table: weeks to the right, a column upwards.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// The table's id.
    pub table: String,
    /// For people.
    pub title: String,
    /// Key of the column with the weeks.
    pub x: String,
    /// Key of the column that is drawn.
    pub y: String,
    /// Keys of the columns between which it is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<(String, String)>,
    /// What the band is, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub band_said: String,
    /// Highest value of the scale, in the column's unit: the same for siblings.
    pub top: i64,
    /// Weeks at which something changed, with a word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<(String, String)>,
}
