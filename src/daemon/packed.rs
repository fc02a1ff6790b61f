//! Files packed with gzip: known by their first bytes, never by their name, and unpacked no further than a cap.

use std::io::{self, BufReader, Read, Write};

use flate2::bufread::MultiGzDecoder;

/// A packed file may become so many times as long.
const RATIO: u64 = 200;
/// Whatever its length it may become so long.
const LEAST: u64 = 1 << 20;

/// Why a packed file can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It ends before its end.
    CutOff,
    /// Its bytes don't unpack.
    Damaged,
    /// It grows beyond the cap.
    TooLong,
}

impl Broken {
    /// In words.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Broken::CutOff => "it is packed with gzip and cut off",
            Broken::Damaged => "it is packed with gzip and doesn't unpack",
            Broken::TooLong => {
                "it is packed with gzip and grows beyond what is let in (intake.most_unpacked)"
            }
        }
    }
}

/// True for bytes that begin a file packed with gzip.
#[must_use]
pub fn is_packed(head: &[u8]) -> bool {
    head.starts_with(&[0x1F, 0x8B])
}

/// The first bytes of what is packed, as far as they unpack.
///
/// # Errors
/// When they don't.
pub fn head(source: impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    MultiGzDecoder::new(BufReader::new(source)).take(128).read_to_end(&mut head)?;
    Ok(head)
}

/// Unpacks `packed` bytes of a source, all members of it.
///
/// # Errors
/// When the source can't be read, or `out` written; what is wrong with the bytes is no error.
pub fn unpack(
    source: impl Read,
    (packed, most): (u64, u64),
    out: &mut dyn Write,
) -> io::Result<Result<u64, Broken>> {
    let most = most.min(packed.saturating_mul(RATIO).max(LEAST));
    let mut from = MultiGzDecoder::new(BufReader::with_capacity(64 * 1024, source));
    let (mut buffer, mut bytes) = (vec![0; 64 * 1024], 0);
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => return Ok(Ok(bytes)),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(Err(Broken::CutOff)),
            Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                return Ok(Err(Broken::Damaged));
            }
            Err(e) => return Err(e),
        };
        bytes += n as u64;
        if bytes > most {
            return Ok(Err(Broken::TooLong));
        }
        out.write_all(buffer.get(..n).unwrap_or_default())?;
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn unpacked(bytes: &[u8], most: u64) -> Result<Vec<u8>, Broken> {
        let mut out = Vec::new();
        unpack(bytes, (bytes.len() as u64, most), &mut out).unwrap().map(|_| out)
    }

    #[test]
    fn members_one_behind_the_other_are_one_file() {
        let two = [packed(b"ISA*"), packed(b"00*")].concat();
        assert!(is_packed(&two) && !is_packed(b"ISA*00"));
        assert_eq!(unpacked(&two, 100), Ok(b"ISA*00*".to_vec()));
    }

    #[test]
    fn what_is_cut_off_damaged_or_grows_too_far_is_refused() {
        let whole = packed(b"ISA*00*          *00*          *ZZ");
        assert_eq!(unpacked(&whole[..whole.len() - 3], 100), Err(Broken::CutOff));
        let mut damaged = whole.clone();
        let at = damaged.len() - 6;
        damaged[at] ^= 0xFF;
        assert_eq!(unpacked(&damaged, 100), Err(Broken::Damaged));
        assert_eq!(unpacked(&whole, 10), Err(Broken::TooLong));
        let bomb = packed(&vec![b'*'; 40 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(unpacked(&bomb, u64::MAX), Err(Broken::TooLong));
    }
}
