//! Shows a finding as a good compiler shows a fault: the segment, a caret under the element, what, why, what to do.

use std::collections::HashSet;
use std::io::{self, Read, Write};

use super::table::printable;
use crate::edits::{Edit, EditSet, Finding, Rejection, Severity};
use crate::scrub::Source;
use crate::x12::outline::{Interchange, Outline};

/// Longest segment shown.
const REACH: u64 = 4096;

/// What a snippet says, whatever it is of.
struct Said<'a> {
    /// Edit id.
    edit: &'a str,
    /// Whose it is: `claim CLAIM-TWO`.
    whose: String,
    /// `2300 CLM02`.
    at: &'a str,
    /// Ordinal in the set.
    segment: u32,
    /// Byte in the file.
    offset: u64,
    /// What is wrong.
    message: &'a str,
    /// What it does to the claim.
    word: &'static str,
}

/// Writes snippets of one file; why and what to do are said the first time an edit speaks.
pub struct Snippets<'a, S: ?Sized> {
    source: &'a S,
    file: &'a str,
    edits: &'a EditSet,
    outline: &'a Outline,
    explained: HashSet<String>,
    /// True to say all of an edit, each time it speaks.
    whole: bool,
}

impl<'a, S: Source + ?Sized> Snippets<'a, S> {
    /// For a file.
    pub fn new(source: &'a S, file: &'a str, edits: &'a EditSet, outline: &'a Outline) -> Snippets<'a, S> {
        Snippets { source, file, edits, outline, explained: HashSet::new(), whole: false }
    }

    /// The same, saying all of an edit each time it speaks.
    pub fn explaining(self, whole: bool) -> Self {
        Snippets { whole, ..self }
    }

    /// Writes what was said of an envelope.
    ///
    /// # Errors
    /// When the file can't be read again, or writing fails.
    pub fn rejection(&mut self, out: &mut dyn Write, r: &Rejection) -> io::Result<()> {
        let (whose, at, message) = (format!("{} {}", r.level, r.control), &*r.at, &*r.message);
        self.write(
            out,
            &Said { edit: &r.edit, whose, at, segment: r.segment, offset: r.offset, message, word: "reject" },
        )
    }

    /// Writes what was said of `whose`.
    ///
    /// # Errors
    /// When the file can't be read again, or writing fails.
    pub fn finding(&mut self, out: &mut dyn Write, whose: String, f: &Finding) -> io::Result<()> {
        let (at, message) = (&*f.at, &*f.message);
        let word = match f.severity {
            _ if f.shadow => "on trial",
            Severity::Warn => "warning",
            severity => severity.name(),
        };
        self.write(
            out,
            &Said { edit: &f.edit, whose, at, segment: f.segment, offset: f.offset, message, word },
        )
    }

    /// Writes one.
    ///
    /// # Errors
    /// When the file can't be read again, or writing fails.
    fn write(&mut self, out: &mut dyn Write, said: &Said<'_>) -> io::Result<()> {
        let edit = self.edits.get(said.edit);
        let word = said.word;
        let name = edit.map_or("", |e| &e.name);
        let owner = edit.map_or("", |e| e.owner.name());
        writeln!(out, "{word}[{}]: {name} (for {owner})", said.edit)?;
        let place = if said.segment > 0 { format!(", segment {}", said.segment) } else { String::new() };
        let whose = if said.whose.is_empty() {
            String::new()
        } else {
            format!(" {},", printable(said.whose.trim_end()))
        };
        writeln!(out, "  --> {}:{whose} {}{place}, byte {}", self.file, printable(said.at), said.offset)?;
        if let Some((text, from, to)) = self.segment(said)? {
            writeln!(
                out,
                "   |\n   | {text}\n   | {}{}",
                " ".repeat(from),
                "^".repeat(to.saturating_sub(from).max(1))
            )?;
        }
        writeln!(out, "   = what: {}", printable(said.message))?;
        if let Some(edit) = edit
            && (self.explained.insert(edit.id.clone()) || self.whole)
        {
            explain(out, edit)?;
            if self.whole {
                writeln!(out, "   = from: {}", edit.source)?;
                if !edit.prevents.is_empty() {
                    writeln!(out, "   = else: denied with CARC {}", edit.prevents.join(", CARC "))?;
                }
            }
        }
        writeln!(out)
    }

    /// The segment's text and where its element lies in it.
    fn segment(&self, said: &Said<'_>) -> io::Result<Option<(String, usize, usize)>> {
        let mut reader = self.source.open()?;
        io::copy(&mut (&mut reader).take(said.offset), &mut io::sink())?;
        let mut bytes = Vec::new();
        reader.take(REACH).read_to_end(&mut bytes)?;
        let at = said.offset;
        let open = self.outline.interchanges.iter().rfind(|i| i.start <= at && at < i.end.max(i.start + 1));
        let Some(delimiters) = open.map(Interchange::delimiters) else { return Ok(None) };
        let id = bytes.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        if !(2..=3).contains(&id) {
            return Ok(None);
        }
        let (separator, part) = (delimiters.element, char::from(delimiters.component));
        let end = bytes.iter().position(|b| *b == delimiters.segment).unwrap_or(bytes.len());
        let text = printable(&String::from_utf8_lossy(bytes.get(..end.min(200)).unwrap_or_default()));
        let (element, component) = element_of(said.at);
        let mut from = 0;
        let mut to = text.len();
        if let Some(n) = element {
            let starts: Vec<usize> = std::iter::once(0)
                .chain(text.match_indices(char::from(separator)).map(|(i, _)| i + 1))
                .collect();
            from = starts.get(n).copied().unwrap_or(text.len());
            to = starts.get(n + 1).map_or(text.len(), |next| next.saturating_sub(1));
            let value = text.get(from..to).unwrap_or_default();
            if let Some(c) = component {
                let before: usize = value.split(part).take(c - 1).map(|p| p.len() + 1).sum();
                let len = value.split(part).nth(c - 1).map_or(0, str::len);
                (from, to) = (from + before, from + before + len);
            }
        } else if said
            .at
            .split(' ')
            .nth(1)
            .is_some_and(|s| !text.starts_with(s.split('[').next().unwrap_or(s)))
        {
            // Something is missing here: the caret stands behind the segment it should follow.
            from = text.len();
        }
        let column = |byte: usize| text.get(..byte).map_or(byte, |t| t.chars().count());
        let span = (column(from), column(to));
        Ok(Some((text, span.0, span.1)))
    }
}

/// Why, what to do, where from.
pub fn explain(out: &mut dyn Write, edit: &Edit) -> io::Result<()> {
    writeln!(out, "   = why:  {}", edit.why)?;
    writeln!(out, "   = fix:  {}", edit.fix)
}

/// Element and component a place names: `2300 CLM05-3` is 5 and 3.
fn element_of(at: &str) -> (Option<usize>, Option<usize>) {
    let last = at.rsplit(' ').next().unwrap_or(at);
    let (body, component) = match last.split_once('-') {
        Some((body, c)) => (body, c.parse().ok().filter(|n: &usize| *n > 0)),
        None => (last, None),
    };
    let digits = body.get(body.len().saturating_sub(2)..).unwrap_or_default();
    let element = (body.len() >= 4).then(|| digits.parse().ok()).flatten().filter(|n: &usize| *n > 0);
    (element, component.filter(|_| element.is_some()))
}

#[cfg(test)]
mod tests {
    use super::element_of;

    #[test]
    fn elements_of_places() {
        assert_eq!(element_of("2300 CLM05-3"), (Some(5), Some(3)));
        assert_eq!(element_of("2010AA N403"), (Some(3), None));
        assert_eq!(element_of("2010AA N4"), (None, None));
        assert_eq!(element_of("2400 DTP[472]03"), (Some(3), None));
        assert_eq!(element_of("IEA02"), (Some(2), None));
    }
}
