//! Values as people write them, and as elements hold them: a date is 10/21/2026 and 20261021, a diagnosis E11.9 and E119.

use crate::schema::Path;

/// What kind of thing stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A day, or two of them.
    Date,
    /// A diagnosis code.
    Diagnosis,
    /// Numbers of diagnoses.
    Pointers,
    /// Dollars.
    Money,
    /// One of these: what is written, and what people read.
    Choice(&'static [(&'static str, &'static str)]),
    /// Anything else.
    Text,
}

/// By its path.
#[must_use]
pub fn kind(path: &Path) -> Kind {
    let at = (path.segment.as_str(), path.element.unwrap_or(0), path.component.unwrap_or(0));
    match at {
        ("DTP", 3, _) | ("DMG", 2, _) => Kind::Date,
        ("HI", _, 2) if path.loop_id == "2300" => Kind::Diagnosis,
        ("SV1", 7, 0) | ("SV3", 11, 0) => Kind::Pointers,
        ("CLM", 2, _) | ("SV1", 2, _) | ("SV2", 3, _) | ("SV3", 2, _) => Kind::Money,
        ("CLM", 5, 3) => Kind::Choice(&[
            ("1", "1, original"),
            ("7", "7, replaces one that was sent"),
            ("8", "8, voids one that was sent"),
        ]),
        ("DMG", 3, _) => Kind::Choice(&[("F", "Female"), ("M", "Male"), ("U", "Unknown")]),
        _ => Kind::Text,
    }
}

impl Kind {
    /// As people read it; what is nothing of the kind stays as it is.
    #[must_use]
    pub fn human(self, raw: &str) -> String {
        match self {
            Kind::Date => raw.split('-').map(day_out).collect::<Vec<_>>().join(" - "),
            Kind::Diagnosis => match raw.split_at_checked(3) {
                Some((category, rest)) if !rest.is_empty() && !raw.contains('.') => {
                    format!("{category}.{rest}")
                }
                _ => raw.to_owned(),
            },
            Kind::Pointers => raw.split(|c: char| !c.is_ascii_alphanumeric()).collect::<Vec<_>>().join(", "),
            Kind::Money | Kind::Choice(_) | Kind::Text => raw.to_owned(),
        }
    }

    /// As the element holds it.
    #[must_use]
    pub fn raw(self, human: &str) -> String {
        let human = human.trim();
        match self {
            Kind::Date => {
                let days: Vec<Option<String>> =
                    human.split(['-', '\u{2013}']).map(|d| day_in(d.trim())).collect();
                let all: Option<Vec<String>> = days.into_iter().collect();
                // 2026-10-21 is one day, written otherwise.
                all.map_or_else(|| day_in(human).unwrap_or_else(|| human.to_owned()), |days| days.join("-"))
            }
            Kind::Diagnosis => human.replace('.', "").to_ascii_uppercase(),
            Kind::Pointers => {
                let parts = human.split(|c: char| c == ',' || c == ':' || c.is_whitespace());
                parts.filter(|p| !p.is_empty()).collect::<Vec<_>>().join(":")
            }
            Kind::Money => {
                let bare = human.replace(['$', ',', ' '], "");
                let sound = bare.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
                if sound { bare } else { human.to_owned() }
            }
            Kind::Choice(_) | Kind::Text => human.to_owned(),
        }
    }

    /// How it is to be written.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Kind::Date => "MM/DD/YYYY",
            Kind::Diagnosis => "as in E11.9",
            Kind::Pointers => "as in 1, 2",
            Kind::Money => "as in 125.00",
            Kind::Choice(_) | Kind::Text => "",
        }
    }
}

fn day_out(raw: &str) -> String {
    match (raw.get(..4), raw.get(4..6), raw.get(6..)) {
        (Some(year), Some(month), Some(day)) if raw.len() == 8 && raw.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{month}/{day}/{year}")
        }
        _ => raw.to_owned(),
    }
}

/// A day as any American writes it, or as it is sent.
fn day_in(text: &str) -> Option<String> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => (year, month, day),
        [month, day, year] if year.len() == 4 => (year, month, day),
        _ => return None,
    };
    let (year, month, day) = (year.parse::<u16>().ok()?, month.parse::<u8>().ok()?, day.parse::<u8>().ok()?);
    Some(format!("{year:04}{month:02}{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_what_elements_hold() {
        for (path, raw, human) in [
            ("2300/DTP[431]03", "20261021", "10/21/2026"),
            ("2300/DTP[434]03", "20261021-20261022", "10/21/2026 - 10/22/2026"),
            ("2010BA/DMG02", "19800102", "01/02/1980"),
            ("2300/HI[ABK]01-2", "E119", "E11.9"),
            ("2300/HI[ABK]01-2", "J45", "J45"),
            ("2400/SV107", "1:2", "1, 2"),
            ("2300/CLM02", "125.5", "125.5"),
        ] {
            let kind = kind(&Path::parse(path).unwrap());
            assert_eq!((kind.human(raw), kind.raw(human)), (human.to_owned(), raw.to_owned()), "{path}");
        }
    }

    #[test]
    fn what_is_written_otherwise_is_understood_or_left_alone() {
        for (kind, written, raw) in [
            (Kind::Date, "1/2/1980", "19800102"),
            (Kind::Date, "1980-01-02", "19800102"),
            (Kind::Date, "19800102", "19800102"),
            (Kind::Date, "soon", "soon"),
            (Kind::Money, "$1,250.00", "1250.00"),
            (Kind::Money, "12*5", "12*5"),
            (Kind::Diagnosis, "e11.9", "E119"),
            (Kind::Pointers, "1 2", "1:2"),
            (Kind::Pointers, "1:2", "1:2"),
        ] {
            assert_eq!(kind.raw(written), raw, "{written}");
        }
    }
}
