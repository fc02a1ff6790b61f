//! The shape of a value, a character a place.

/// What each character of a value may be.
#[derive(Debug)]
pub struct Shape {
    text: String,
    places: Vec<fn(u8) -> bool>,
    /// By place: the one character it may be, else 0.
    literal: Vec<u8>,
}

impl Shape {
    /// 9 a digit, 1 a digit but 0, A a letter, X either, L a letter that looks like no digit, M a digit or such a letter;
    /// anything else, or what stands behind a backslash, is itself.
    pub(super) fn new(text: String) -> Shape {
        let (mut places, mut literal) = (Vec::new(), Vec::new());
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            let class = class(byte);
            literal.push(match (byte, class) {
                (b'\\', _) => bytes.next().unwrap_or(byte),
                (_, None) => byte,
                (_, Some(_)) => 0,
            });
            places.push(class.unwrap_or(|_| false));
        }
        Shape { text, places, literal }
    }

    /// As written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn fits(&self, value: &[u8]) -> bool {
        let places = self.places.iter().zip(&self.literal);
        value.len() == self.literal.len()
            && places.zip(value).all(|((class, literal), b)| class(*b) || *literal == *b)
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
        let fits = |shape: &str, value: &[u8]| Shape::new(shape.to_owned()).fits(value);
        assert!(fits(r"X\X", b"0X") && !fits(r"X\X", b"00") && !fits("9", &[0]));
        assert!(fits("999", b"123") && fits("A9X", b"B2c") && fits("9-9", b"1-2") && fits("1LM9", b"2A33"));
        assert!(!fits("999", b"12") && !fits("999", b"12a") && !fits("A", b"1"));
        assert!(!fits("1", b"0") && !fits("L", b"S") && !fits("M", b"O"));
    }
}
