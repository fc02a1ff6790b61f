//! The weekly pack: the one model that every format is written from.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::action::About;
use super::effect::Effect;
use crate::edits::Owner;
use crate::scrub::report::cents;
use crate::sheets::{Chart, Table};
use crate::x12::Cents;

/// Changes when a key changes its meaning.
pub const VERSION: u32 = 1;

/// A week, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pack {
    /// Of this shape.
    pub version: u32,
    /// ISO week.
    pub week: String,
    /// Its Monday.
    pub from: Date,
    /// Its Sunday.
    pub to: Date,
    /// The day claims are counted as held on, and ages are told as of.
    pub as_of: Date,
    /// The site, in its words.
    pub site: String,
    /// Set in a shared copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Shared>,
    /// The weeks that figures are held against.
    pub baseline: Baseline,
    /// The two numbers both teams share.
    pub head: Vec<Figure>,
    /// What went better.
    pub wins: Block,
    /// What began or got worse, most dollars first.
    pub worsening: Block,
    /// What doesn't move, or comes back.
    pub stuck: Block,
    /// What payers and we changed.
    pub changes: Block,
    /// What to learn from.
    pub teaching: Teachings,
    /// What was decided before, and what came of it.
    pub actions: Actions,
    /// What is to be done next.
    pub next: Next,
    /// Everything behind page one.
    pub detail: Vec<Section>,
}

/// How a shared copy was blinded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// Counts below this are left out.
    pub least: i64,
    /// What that means, in words.
    pub said: String,
}

/// The weeks before, for comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// First ISO week.
    pub from: String,
    /// Last ISO week.
    pub to: String,
    /// Which they are, in words.
    pub said: String,
}

/// A share with what it is made of, and what it was before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// As programs know it.
    pub name: String,
    /// For people.
    pub title: String,
    /// What is divided by what.
    pub definition: String,
    /// Above the line; none where it is suppressed.
    pub numerator: Option<i64>,
    /// Below it.
    pub denominator: Option<i64>,
    /// Hundredths of a percent; none where nothing can be divided.
    pub hundredths: Option<i64>,
    /// The same in the baseline.
    pub before: Option<i64>,
    /// Its numerator and denominator.
    pub before_of: Option<(i64, i64)>,
    /// How it changed, in words.
    pub change: String,
}

/// A block of page one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it has to say as a whole; where nothing stands in it, that.
    pub said: String,
    /// One sentence each.
    pub items: Vec<Item>,
}

/// One thing worth a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What sort of thing, as programs know it.
    pub kind: String,
    /// The sentence.
    pub text: String,
    /// Small print: where, how sure, since when.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub small: String,
    /// Team, where one works it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// Claims it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<i64>,
    /// Cents it is about.
    #[serde(with = "cents")]
    pub amount: Cents,
}

/// The teaching points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Teachings {
    /// How they were chosen; where there are none, that.
    pub said: String,
    /// At most three.
    pub points: Vec<Teaching>,
}

/// Something to learn from: what was refused that an edit would have stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Teaching {
    /// Team.
    pub owner: Owner,
    /// What it is about, in words.
    pub title: String,
    /// The reason it is refused by: group code and CARC, or CARC alone.
    pub reason: String,
    /// Denials it caused in the weeks looked at; none where suppressed.
    pub denials: Option<i64>,
    /// Cents refused.
    #[serde(with = "cents")]
    pub amount: Cents,
    /// What to do.
    pub todo: String,
    /// The edit that looks for it.
    pub edit: String,
    /// True where that edit is in force here.
    pub in_force: bool,
    /// A claim as it should not be.
    pub bad: Shown,
    /// And as it should.
    pub good: Shown,
}

/// An example in a person's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// In words.
    pub text: String,
    /// Where, and what stands there: small print.
    pub places: Vec<String>,
}

/// What was decided before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Actions {
    /// Where there are none, that.
    pub said: String,
    /// Each with its effect.
    pub list: Vec<Tried>,
}

/// An action and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// Its id.
    pub id: String,
    /// What was to be done.
    pub what: String,
    /// Team.
    pub owner: Owner,
    /// Day from which it should show.
    pub from: Date,
    /// Day it was to be done by.
    pub due: Date,
    /// Day it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Date>,
    /// Before and after.
    pub effect: Effect,
}

/// What is to be done next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// Where there is nothing, that.
    pub said: String,
    /// By day.
    pub list: Vec<Todo>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Todo {
    /// What.
    pub what: String,
    /// Team.
    pub owner: Owner,
    /// By when.
    pub due: Date,
    /// True where the pack proposes it and nobody has decided it.
    pub proposed: bool,
    /// Id of the action, where it is one; `claimloop actions close` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What a proposal is known by: `claimloop actions import` takes it from here, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// What it is meant to change; nothing in a shared copy.
    #[serde(default, skip_serializing_if = "About::is_nothing")]
    pub about: About,
}

/// A part of the detail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// As programs know it.
    pub id: String,
    /// For people.
    pub title: String,
    /// What it shows; where it is empty, that.
    pub said: String,
    /// Charts of its tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<Chart>,
    /// Its tables.
    pub tables: Vec<Table>,
}
