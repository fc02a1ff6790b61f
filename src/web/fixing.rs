//! What somebody may correct of a claim, and what they did.

use super::pages::claim::Field;
use super::request::Call;
use super::value;
use crate::edits::Finding;
use crate::schema::Path;
use crate::scrub::release::Single;

/// Path and value of every field that was changed.
pub fn changes(call: &Call) -> Vec<(String, String)> {
    let fields = call.every("path").zip(call.every("was")).zip(call.every("value"));
    let changed = fields.filter(|((path, was), value)| !path.trim().is_empty() && was != value);
    let each = changed.map(|((path, _), value)| (path.trim().replacen(' ', "/", 1), value.trim().to_owned()));
    let each = each.map(|(path, value)| {
        let raw = Path::parse(&path).map_or(value.clone(), |known| value::kind(&known).raw(&value));
        (path, raw)
    });
    each.map(|(path, value)| if value.is_empty() { (without(&path), value) } else { (path, value) }).collect()
}

/// What is taken away where a value is emptied: of a reference all, for one without its number says nothing.
fn without(named: &str) -> String {
    match Path::parse(named) {
        Ok(path) if path.segment == "REF" && path.element == Some(2) && path.component.is_none() => {
            Path { element: None, ..path }.to_string().replacen(' ', "/", 1)
        }
        _ => named.to_owned(),
    }
}

/// Fields to correct, one for each place where something was found, filled with what stands there or what was typed.
pub fn fields(single: &Single, findings: &[Finding], call: &Call) -> Vec<Field> {
    // What was left as it stood is no wish of theirs: somebody else may have corrected it meanwhile.
    let typed = changes(call);
    let mut all: Vec<Field> = Vec::new();
    let places = findings.iter().enumerate().flat_map(|(n, finding)| {
        let own = place(finding).map(|path| single.exact(path, finding.segment));
        let with = own.as_ref().and_then(goes_with);
        birth(single, finding).into_iter().chain(own).chain(with).map(move |path| (n, path))
    });
    for (n, path) in places {
        let named = path.to_string().replacen(' ', "/", 1);
        if all.iter().any(|field| field.path == named) {
            continue;
        }
        let kind = value::kind(&path);
        let was = single.value(&path).unwrap_or_default();
        let value = typed.iter().find(|(path, _)| *path == named).map_or(was.as_str(), |(_, value)| value);
        let (value, was) = (kind.human(value), kind.human(&was));
        all.push(Field { finding: n, value, was, path: named, kind, shared: 0 });
    }
    all
}

/// Where a service can't have been on its day for somebody so old, the birth date is wrong more often than the day.
fn birth(single: &Single, finding: &Finding) -> Option<Path> {
    if finding.name != "service-date-impossible-for-birth-date" {
        return None;
    }
    let places = ["2010CA/DMG02", "2010BA/DMG02"].into_iter().filter_map(|path| Path::parse(path).ok());
    places.into_iter().find(|path| single.value(path).is_some())
}

/// What must often be put right together with a place: a frequency needs, or forbids, the payer's claim number.
fn goes_with(path: &Path) -> Option<Path> {
    let is_frequency = path.segment == "CLM" && path.element == Some(5) && path.component == Some(3);
    if is_frequency { Path::parse("2300/REF[F8]02").ok() } else { None }
}

/// The element a finding asks about; where a whole segment is missing, the one that says most.
fn place(finding: &Finding) -> Option<Path> {
    let path = Path::parse(&finding.at.replacen(' ', "/", 1)).ok()?;
    if path.element.is_some() {
        return Some(path);
    }
    let element = match path.segment.as_str() {
        "REF" | "DMG" => 2,
        "DTP" | "PRV" | "N4" => 3,
        "N3" => 1,
        "NM1" => 9,
        _ => return None,
    };
    // Without a qualifier nobody knows which segment would be made.
    let known = path.qualifier.is_some() || !matches!(path.segment.as_str(), "REF" | "DTP" | "NM1");
    known.then_some(Path { element: Some(element), ..path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_changed_is_sent_to_the_desk() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let call = Call {
            fields: vec![
                field("path", "2300/CLM02"),
                field("was", "126"),
                field("value", "125 "),
                field("path", "2010BA/NM109"),
                field("was", "A1"),
                field("value", "A1"),
                field("path", "2300 REF[F8]02"),
                field("was", ""),
                field("value", "X9"),
                field("path", "2300/REF[G1]02"),
                field("was", "A77"),
                field("value", ""),
                field("path", ""),
                field("was", ""),
                field("value", "lost"),
            ],
            ..Call::default()
        };
        let wanted = [("2300/CLM02", "125"), ("2300/REF[F8]02", "X9"), ("2300/REF[G1]", "")];
        assert_eq!(changes(&call), wanted.map(|(path, value)| (path.to_owned(), value.to_owned())));
    }
}
