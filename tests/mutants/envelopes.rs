//! Operators on the envelopes: counts, control numbers, headers and trailers.

use claimloop::x12::FaultKind as F;

use super::mutant::{Mutant, Place};
use super::original::{Original, Text};

/// Every operator on the envelopes of a file.
pub fn mutants(original: &Original) -> Vec<Mutant> {
    let mut out = Vec::new();
    let set = original.texts();
    let Original { isa, gs, ge, iea, .. } = original;
    let changed = |text: &Text, element: usize, value: &str| {
        let mut text = text.clone();
        value.clone_into(&mut text[element]);
        text
    };
    let with = |i: usize, element: usize, value: &str| {
        let mut set = set.clone();
        set[i] = changed(&set[i], element, value);
        set
    };
    let last = set.len() - 1;
    let mut put = |operator: &'static str, at: &str, kinds: &'static [F], bytes: Vec<u8>| {
        out.push(Mutant { operator, what: at.to_owned(), bytes, places: vec![Place::envelope(at, kinds)] });
    };
    let inside = |set: &[Text]| original.file(isa, gs, set, ge, iea);
    for wrong in [(last + 2).to_string(), last.to_string(), "A".to_owned(), String::new()] {
        put("segments counted wrong", "SE01", &[F::SegmentCountDiffers], inside(&with(last, 1, &wrong)));
    }
    for wrong in ["2", "0", "A"] {
        put(
            "sets counted wrong",
            "GE01",
            &[F::SetCountDiffers],
            original.file(isa, gs, &set, &changed(ge, 1, wrong), iea),
        );
        let iea = changed(iea, 1, wrong);
        put("groups counted wrong", "IEA01", &[F::GroupCountDiffers], original.file(isa, gs, &set, ge, &iea));
    }
    for wrong in ["9999", "A999", ""] {
        put("control number wrong", "SE02", &[F::SetControlDiffers], inside(&with(last, 2, wrong)));
        let other = changed(ge, 2, wrong);
        put(
            "control number wrong",
            "GE02",
            &[F::GroupControlDiffers],
            original.file(isa, gs, &set, &other, iea),
        );
        let iea = changed(iea, 2, wrong);
        put(
            "control number wrong",
            "IEA02",
            &[F::InterchangeControlDiffers],
            original.file(isa, gs, &set, ge, &iea),
        );
    }
    put("control number wrong", "SE02", &[F::SetControlDiffers], inside(&with(0, 2, "9999")));
    let other = changed(gs, 6, "9999");
    put("control number wrong", "GE02", &[F::GroupControlDiffers], original.file(isa, &other, &set, ge, iea));
    let other = changed(isa, 13, "999999999");
    put(
        "control number wrong",
        "IEA02",
        &[F::InterchangeControlDiffers],
        original.file(&other, gs, &set, ge, iea),
    );
    // The set twice, with one number.
    let twice = [&set[..], &set[..]].concat();
    let two = changed(ge, 1, "2");
    put("control number wrong", "ST02", &[F::SetControlRepeated], original.file(isa, gs, &twice, &two, iea));
    let none = Text::new();
    put("trailer dropped", "SE", &[F::SetTrailerMissing], inside(&set[..last]));
    put("trailer dropped", "GE", &[F::GroupTrailerMissing], original.file(isa, gs, &set, &none, iea));
    put("trailer dropped", "IEA", &[F::InterchangeTrailerMissing], original.file(isa, gs, &set, ge, &none));
    put("header dropped", "ISA", &[F::NotAnInterchange], original.file(&none, gs, &set, ge, iea));
    put("header dropped", "", &[F::SegmentMisplaced], original.file(isa, &none, &set, ge, iea));
    put("header dropped", "", &[F::SegmentMisplaced], inside(&set[1..]));
    put(
        "version wrong",
        "GS08",
        &[F::VersionUnsupported],
        original.file(isa, &changed(gs, 8, "004010X098A1"), &set, ge, iea),
    );
    if set[0].len() > 3 {
        put("version wrong", "ST03", &[F::VersionUnsupported], inside(&with(0, 3, "004010X098A1")));
    }
    let other = changed(gs, 1, "FA");
    put("group code wrong", "GS01", &[F::GroupCodeWrong], original.file(isa, &other, &set, ge, iea));
    let short = changed(isa, 6, isa[6].trim_end());
    put(
        "header malformed",
        "ISA",
        &[F::HeaderMalformed, F::HeaderUnpadded],
        original.file(&short, gs, &set, ge, iea),
    );
    let clash = changed(isa, 11, ":");
    put("separators clash", "ISA16", &[F::DelimitersClash], original.file(&clash, gs, &set, ge, iea));
    out
}
