//! The schemas compiled into the binary.

use std::sync::LazyLock;

use super::build::load;
use super::guide::Guide;
use super::table::Schema;

const SHARED: &str = include_str!("../../config/schemas/837-shared.toml");

const TEXTS: [(Guide, &str, Option<&str>); Guide::COUNT] = [
    (Guide::Professional, include_str!("../../config/schemas/837p-005010x222a1.toml"), Some(SHARED)),
    (Guide::Institutional, include_str!("../../config/schemas/837i-005010x223a2.toml"), Some(SHARED)),
    (Guide::Dental, include_str!("../../config/schemas/837d-005010x224a2.toml"), Some(SHARED)),
    (Guide::Remittance, include_str!("../../config/schemas/835-005010x221a1.toml"), None),
    (Guide::Acknowledgement, include_str!("../../config/schemas/999-005010x231a1.toml"), None),
    (Guide::ClaimAcknowledgement, include_str!("../../config/schemas/277ca-005010x214.toml"), None),
];

/// The schema of a guide, compiled in.
#[must_use]
pub fn schema(guide: Guide) -> &'static Schema {
    // The tables are compiled in and a test reads them: an empty one can't reach a user.
    static ALL: LazyLock<Vec<Schema>> = LazyLock::new(|| {
        let load = |(guide, text, shared): &(Guide, &str, Option<&str>)| {
            load(*guide, text, *shared).unwrap_or_else(|_| Schema::empty(*guide))
        };
        TEXTS.iter().map(load).collect()
    });
    static EMPTY: LazyLock<Schema> = LazyLock::new(|| Schema::empty(Guide::Professional));
    ALL.get(guide as usize).unwrap_or(&EMPTY)
}

/// The tables of ISA, GS, GE, IEA and TA1.
#[must_use]
pub fn interchange() -> &'static Schema {
    static READ: LazyLock<Schema> = LazyLock::new(|| {
        let text = include_str!("../../config/schemas/interchange.toml");
        load(Guide::Professional, text, None).unwrap_or_else(|_| Schema::empty(Guide::Professional))
    });
    &READ
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guide_reads() {
        for (guide, text, shared) in TEXTS {
            let schema = load(guide, text, shared).unwrap_or_else(|e| panic!("{guide}: {e}"));
            assert!(schema.loops.len() > 2 && schema.entries.len() > 8, "{guide}");
        }
        load(Guide::Professional, include_str!("../../config/schemas/interchange.toml"), None).unwrap();
    }
}
