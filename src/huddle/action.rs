//! What a huddle decided to do, carried over until it is closed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::edits::Owner;

/// What an action is meant to change: denials of all these at once. Where nothing is named, all denials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct About {
    /// The payer's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
    /// CARC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carc: Option<String>,
    /// Procedure code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    /// An edit: what it holds is counted instead of denials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<String>,
}

impl About {
    /// True where nothing is named.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == About::default()
    }
}

/// How an action ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Day.
    pub day: Date,
    /// What came of it, in the words of who closed it.
    pub note: String,
}

/// One action: who does what by when, and from when it should show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// ULID.
    pub id: String,
    /// Day it was decided.
    pub taken: Date,
    /// Team.
    pub owner: Owner,
    /// Day it is to be done by.
    pub due: Date,
    /// What is to be done, in words.
    pub what: String,
    /// What it is meant to change.
    #[serde(default)]
    pub about: About,
    /// Day from which it should show: of a training its date. Before and after are counted from here.
    pub from: Date,
    /// The proposal of a pack it was, so that none is taken twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// How it ended; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
}
