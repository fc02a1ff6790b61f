//! What an edit says when it fires: at a claim, or at an envelope.

use serde::{Deserialize, Serialize};

use super::{Owner, Severity};
use crate::x12::FaultKind;

/// One edit fired at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Finding {
    /// Edit id.
    pub edit: String,
    /// Edit name.
    pub name: String,
    /// What it does to the claim.
    pub severity: Severity,
    /// Team that works it.
    pub owner: Owner,
    /// `2300 CLM05-3`.
    pub at: String,
    /// Ordinal of the segment in its transaction set, ST = 1; 0 outside.
    pub segment: u32,
    /// Byte in the file where that segment starts.
    pub offset: u64,
    /// The value there, where one element is at fault.
    pub value: Option<String>,
    /// What is wrong, in words.
    pub message: String,
    /// Loop id; empty outside a transaction set.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub r#loop: String,
    /// Element, 1-based; 0 for a segment as a whole.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub element: u8,
    /// Component, 1-based; 0 for an element as a whole.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub component: u8,
    /// Repetition, 1-based; 0 where the element isn't repeated.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repetition: u8,
    /// True where it is told and stops nobody: a draft, a payer's or a channel's trial.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
    /// What SNIP 1 and 2 call it, where they do: name of the fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub fault: Option<FaultKind>,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u8) -> bool {
    *n == 0
}

impl Finding {
    /// True when it would, weren't it a trial.
    #[must_use]
    pub fn would_stop(&self) -> bool {
        self.severity != Severity::Warn && self.shadow
    }

    /// True when it keeps the claim from leaving.
    #[must_use]
    pub fn stops(&self) -> bool {
        self.severity != Severity::Warn && !self.shadow
    }
}

/// An envelope that can't be used; its claims count as rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// `interchange`, `group` or `transaction set`.
    pub level: String,
    /// Its control number, as sent.
    pub control: String,
    /// Element at fault: `IEA02`.
    pub at: String,
    /// Ordinal of the segment in its transaction set; 0 outside.
    pub segment: u32,
    /// Byte in the file.
    pub offset: u64,
    /// What is wrong.
    pub message: String,
    /// The edit that says so.
    pub edit: String,
    /// Its name.
    pub name: String,
    /// Team that works it.
    pub owner: Owner,
    /// Name of the fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultKind>,
}
