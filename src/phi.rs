//! A value that names a person, or may: nothing prints it by accident, and what lays it open says so.

use std::{fmt, io};

use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A value that may not be printed. `Debug` and `Display` say only that there is one; it is serialised only where a field says
/// `#[serde(with = "crate::phi::kept")]`, which is for what is kept in the state and for those it is for.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Covers a value.
    pub fn new(value: T) -> Phi<T> {
        Phi(value)
    }

    /// The value itself: for judging, for a file of the state, or for the person it is meant for; never for a log, an error, a path or a
    /// metric.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹phi›")
    }
}

impl<T> fmt::Display for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹phi›")
    }
}

impl<T> From<T> for Phi<T> {
    fn from(value: T) -> Phi<T> {
        Phi(value)
    }
}

impl From<&str> for Phi<String> {
    fn from(value: &str) -> Phi<String> {
        Phi(value.to_owned())
    }
}

/// How a covered value is kept, for `#[serde(with)]`.
pub mod kept {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Phi;

    /// As what is covered.
    ///
    /// # Errors
    /// As of what is covered.
    pub fn serialize<T: Serialize, S: Serializer>(value: &Phi<T>, to: S) -> Result<S::Ok, S::Error> {
        value.0.serialize(to)
    }

    /// As what is covered.
    ///
    /// # Errors
    /// As of what is covered.
    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Phi<T>, D::Error> {
        T::deserialize(from).map(Phi)
    }
}

/// Why JSON can't be read: what is wrong and where, without what stands there. The decoder's own words quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadJson {
    what: &'static str,
    line: usize,
    column: usize,
}

impl BadJson {
    /// The same where the text was line `n`, from 1, of a longer one.
    #[must_use]
    pub fn at_line(self, n: usize) -> BadJson {
        BadJson { line: n, ..self }
    }
}

impl From<serde_json::Error> for BadJson {
    fn from(error: serde_json::Error) -> BadJson {
        let what = match error.classify() {
            Category::Io => "it can't be read",
            Category::Syntax => "it is no JSON",
            Category::Data => "a value is missing, or not of its kind",
            Category::Eof => "it ends too early",
        };
        BadJson { what, line: error.line(), column: error.column() }
    }
}

impl fmt::Display for BadJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        if self.line > 0 { write!(f, " at line {} column {}", self.line, self.column) } else { Ok(()) }
    }
}

impl std::error::Error for BadJson {}

impl From<BadJson> for io::Error {
    fn from(bad: BadJson) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, bad)
    }
}

/// Reads JSON that may hold such values.
///
/// # Errors
/// Where it is damaged.
pub fn decode<T: DeserializeOwned>(json: &[u8]) -> Result<T, BadJson> {
    Ok(serde_json::from_slice(json)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_json_is_told_of_without_its_values() {
        for (json, what) in [
            (r#"["DOE-JANE"]"#, "a value is missing, or not of its kind at line 1 column 11"),
            ("[1,\n DOE-JANE]", "it is no JSON at line 2 column 2"),
            ("[1", "it ends too early at line 1 column 2"),
        ] {
            assert_eq!(decode::<Vec<u64>>(json.as_bytes()).unwrap_err().to_string(), what);
        }
        let value = serde_json::from_value::<u64>("DOE-JANE".into()).unwrap_err();
        assert_eq!(BadJson::from(value).to_string(), "a value is missing, or not of its kind");
    }

    #[test]
    fn nothing_of_it_is_printed() {
        let name: Phi<String> = "ZZPATIENT, ALEX".into();
        assert_eq!(format!("{name} {name:?} {:#?}", Some(&name)).matches("ZZ").count(), 0);
        assert_eq!(name.expose(), "ZZPATIENT, ALEX");
    }
}
