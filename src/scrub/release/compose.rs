//! An interchange of our own for claims that were held: numbers from our range, one transaction set a claim.

use jiff::civil::DateTime;

use super::Single;

/// What is ours of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// ISA13 and GS06.
    pub control: u64,
    /// When it was made, at the site: ISA09, ISA10, GS04, GS05.
    pub at: DateTime,
    /// One for each claim: BHT03, behind `CL`.
    pub ids: Vec<String>,
}

/// Writes claims of one [`Single::key`] into one interchange.
#[must_use]
pub fn compose(claims: &[Single], envelope: &Envelope) -> Vec<u8> {
    let Some(first) = claims.first() else { return Vec::new() };
    let mut out = Vec::new();
    let mut put = |segment: &[u8]| {
        out.extend_from_slice(segment);
        out.push(first.delimiters.segment);
        out.extend_from_slice(&first.gap);
    };
    let control = envelope.control;
    let nine = format!("{control:09}");
    let (day, hour) = (envelope.at.strftime("%Y%m%d").to_string(), envelope.at.strftime("%H%M").to_string());
    let isa = [(9, day.get(2..).unwrap_or_default()), (10, hour.as_str()), (13, nine.as_str())];
    put(&first.replaced(&first.isa, &isa));
    let number = control.to_string();
    put(&first.replaced(&first.gs, &[(4, &day), (5, &hour), (6, &number)]));
    for ((claim, id), n) in claims.iter().zip(&envelope.ids).zip(1..) {
        let (set, own) = (format!("{n:04}"), format!("CL{id}"));
        for segment in &claim.set {
            match claim.element(segment, 0) {
                b"ST" | b"SE" => put(&claim.replaced(segment, &[(2, &set)])),
                b"BHT" => put(&claim.replaced(segment, &[(3, &own)])),
                _ => put(segment),
            }
        }
    }
    let sign = char::from(first.delimiters.element);
    put(format!("GE{sign}{}{sign}{number}", claims.len()).as_bytes());
    put(format!("IEA{sign}1{sign}{nine}").as_bytes());
    out
}

impl Single {
    fn replaced(&self, segment: &[u8], with: &[(usize, &str)]) -> Vec<u8> {
        let sign = self.delimiters.element;
        let elements = segment.split(|b| *b == sign).enumerate().map(|(n, element)| {
            with.iter().find(|(at, _)| *at == n).map_or(element, |(_, value)| value.as_bytes())
        });
        elements.collect::<Vec<_>>().join(&sign)
    }
}
