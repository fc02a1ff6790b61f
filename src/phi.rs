//! A value that names a person, or may: nothing prints it by accident, and what lays it open says so.

use std::fmt;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_printed() {
        let name: Phi<String> = "ZZPATIENT, ALEX".into();
        assert_eq!(format!("{name} {name:?} {:#?}", Some(&name)).matches("ZZ").count(), 0);
        assert_eq!(name.expose(), "ZZPATIENT, ALEX");
    }
}
