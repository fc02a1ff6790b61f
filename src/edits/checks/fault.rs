//! `[check.fault]`: the edit speaks for faults that the layers below report.

use serde::Deserialize;

use crate::schema::PathError;
use crate::x12::FaultKind;

/// The faults an edit speaks for.
#[derive(Debug)]
pub struct Faults(pub Vec<FaultKind>);

/// As written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    faults: Vec<String>,
}

impl Raw {
    pub(super) fn compile(self) -> Result<Faults, PathError> {
        let known = |name: String| FaultKind::from_name(&name).ok_or(PathError::Grammar(name));
        self.faults.into_iter().map(known).collect::<Result<_, _>>().map(Faults)
    }
}
