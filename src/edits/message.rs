//! Messages with placeholders: `claim total {total} differs from its lines' {sum}`.

use std::fmt::Write;

/// A message, split at its placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    text: String,
    /// Literal, then the placeholder behind it (empty after the last).
    parts: Vec<(String, String)>,
}

impl Message {
    /// Splits a message; `None` when a brace is not closed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Message> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, tail)) = rest.split_once('{') {
            let (name, tail) = tail.split_once('}')?;
            parts.push((literal.to_owned(), name.to_owned()));
            rest = tail;
        }
        parts.push((rest.to_owned(), String::new()));
        Some(Message { text: text.to_owned(), parts })
    }

    /// As written, placeholders and all.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Names of its placeholders.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|(_, name)| name.as_str()).filter(|n| !n.is_empty())
    }

    /// Fills the placeholders from `words`.
    #[must_use]
    pub fn fill(&self, words: &[(&'static str, String)]) -> String {
        let mut out = String::with_capacity(self.text.len() + 16);
        for (literal, name) in &self.parts {
            out.push_str(literal);
            if let Some((_, word)) = words.iter().find(|(n, _)| n == name) {
                let _ = write!(out, "{word}");
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_in_words() {
        let message = Message::parse("total {total}, lines {sum}.").unwrap();
        assert_eq!(message.placeholders().collect::<Vec<_>>(), ["total", "sum"]);
        assert_eq!(message.fill(&[("sum", "2".into()), ("total", "1".into())]), "total 1, lines 2.");
        assert_eq!(Message::parse("open {brace"), None);
    }
}
