//! Questions to the daemon, or to the state where none runs: whom to ask, how to answer.

use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;

use super::TextOrJson;
use super::exit::{Exit, Failure};
use super::held;
use crate::daemon::control::Question;

/// Whom to ask, and how to answer.
#[derive(Debug, clap::Args)]
pub struct Of {
    /// The daemon's state folder.
    #[arg(long, default_value = "state")]
    pub state: PathBuf,
    /// The daemon's configuration: where no daemon runs, it names the keys of a sealed state and the edits that judge.
    #[arg(long)]
    pub config: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
}

impl Of {
    /// Asks, and writes the answer: as JSON, or as `print` does.
    pub fn said(
        &self,
        question: &Question,
        out: &mut dyn Write,
        print: impl FnOnce(&Value, &mut dyn Write) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        let value = held::answer(&self.state, question, self.config.as_deref())?;
        if self.format == TextOrJson::Json {
            serde_json::to_writer(&mut *out, &value)?;
            writeln!(out)?;
        } else {
            print(&value, out)?;
        }
        Ok(Exit::Clean)
    }
}

/// A text of an answer; empty where there is none.
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The rows of an answer.
pub fn rows(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
