//! The shape of a value, a character a place.

/// Shapes of which a value has one.
#[derive(Debug)]
pub struct Shapes {
    all: Vec<Shape>,
    /// By first byte: a shape may begin with it.
    first: [u64; 4],
}

impl Shapes {
    pub(super) fn new(texts: Vec<String>) -> Shapes {
        let all: Vec<Shape> = texts.into_iter().map(Shape::new).collect();
        let mut first = [0; 4];
        for byte in 0..=u8::MAX {
            let (word, mask) = bit(byte);
            let begins = all.iter().any(|s| s.places.first().is_none_or(|p| p.takes(byte)));
            if let Some(word) = first.get_mut(word).filter(|_| begins) {
                *word |= mask;
            }
        }
        Shapes { all, first }
    }

    #[inline]
    pub(super) fn fit(&self, value: &[u8]) -> bool {
        let begins = value.first().is_none_or(|byte| {
            let (word, mask) = bit(*byte);
            self.first.get(word).is_some_and(|w| w & mask != 0)
        });
        begins && self.all.iter().any(|s| s.fits(value))
    }

    /// As written.
    pub(super) fn text(&self) -> String {
        self.all.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn bit(byte: u8) -> (usize, u64) {
    (usize::from(byte / 64), 1 << (byte % 64))
}

/// What each character of a value may be.
#[derive(Debug)]
struct Shape {
    text: String,
    places: Vec<Place>,
}

#[derive(Debug)]
enum Place {
    Any(fn(u8) -> bool),
    Itself(u8),
}

impl Shape {
    /// 9 a digit, 1 a digit but 0, A a letter, X either, L a letter that looks like no digit, M a digit or such a letter;
    /// anything else, or what stands behind a backslash, is itself.
    fn new(text: String) -> Shape {
        let mut places = Vec::new();
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            places.push(match (byte, class(byte)) {
                (b'\\', _) => Place::Itself(bytes.next().unwrap_or(byte)),
                (_, Some(class)) => Place::Any(class),
                (_, None) => Place::Itself(byte),
            });
        }
        Shape { text, places }
    }

    fn fits(&self, value: &[u8]) -> bool {
        value.len() == self.places.len()
            && self.places.iter().zip(value).all(|(place, byte)| place.takes(*byte))
    }
}

impl Place {
    fn takes(&self, byte: u8) -> bool {
        match self {
            Place::Any(class) => class(byte),
            Place::Itself(wanted) => *wanted == byte,
        }
    }
}

fn class(byte: u8) -> Option<fn(u8) -> bool> {
    fn letter(b: u8) -> bool {
        b.is_ascii_uppercase() && !b"SLOIBZ".contains(&b)
    }
    Some(match byte {
        b'9' => |b| b.is_ascii_digit(),
        b'1' => |b| matches!(b, b'1'..=b'9'),
        b'A' => |b| b.is_ascii_alphabetic(),
        b'X' => |b| b.is_ascii_alphanumeric(),
        b'L' => letter,
        b'M' => |b| b.is_ascii_digit() || letter(b),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let fits = |shape: &str, value: &[u8]| Shapes::new(vec![shape.to_owned()]).fit(value);
        assert!(fits(r"X\X", b"0X") && !fits(r"X\X", b"00") && !fits("9", &[0]));
        assert!(fits("999", b"123") && fits("A9X", b"B2c") && fits("9-9", b"1-2") && fits("1LM9", b"2A33"));
        assert!(!fits("999", b"12") && !fits("999", b"12a") && !fits("A", b"1"));
        assert!(!fits("1", b"0") && !fits("L", b"S") && !fits("M", b"O"));
    }
}
