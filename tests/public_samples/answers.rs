//! Every 999, TA1 and 277CA of the catalogue, read as the history reads them. What each holds was counted with `grep`, not by this code.

use std::collections::BTreeSet;
use std::path::Path;

use claimloop::acks::read::{Answer, read};
use claimloop::daemon::control;
use claimloop::daemon::import::{Imported, import};
use claimloop::edits::EditSet;
use claimloop::history;
use claimloop::scrub;

use super::{SETTINGS, folder};

/// A file: TA1 segments, sets answered in 999s (AK2 below ST*999), claims answered in 277CAs (HL of level PT); and what keeps it, or a
/// part of it, from the history.
type Held = (&'static str, [usize; 3], Why);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// Nothing does.
    AllCounts,
    /// Beside the TA1 there is a 997, the answer of 004010, which is not read.
    Beside997,
    /// Its claims stand at level 22, as in the answer to a 276: a 277CA has them at PT.
    Level22,
    /// It is read, but its envelope is refused by this edit (of two SE01 is one too low, of one IEA02 is not ISA13): an import finds it of no use.
    Refused(&'static str),
}

use Why::{AllCounts, Beside997, Level22, Refused};

const HELD: [Held; 27] = [
    ("apimeister+x12-types/EMBED__src__v005010___277_test.rs__1.edi", [0, 0, 5], AllCounts),
    ("apimeister+x12-types/EMBED__src__v005010___999_test.rs__1.edi", [0, 1, 0], AllCounts),
    ("azoner+pyx12/EMBED__pyx12__test__x12testdata.py__834_eol_in_element.resAck", [0, 1, 0], AllCounts),
    ("azoner+pyx12/EMBED__pyx12__test__x12testdata.py__835id.res997", [1, 0, 0], Beside997),
    ("azoner+pyx12/EMBED__pyx12__test__x12testdata.py__837miss.res997", [1, 0, 0], Beside997),
    ("azoner+pyx12/EMBED__pyx12__test__x12testdata.py__ele.res997", [1, 0, 0], Beside997),
    ("azoner+pyx12/EMBED__pyx12__test__x12testdata.py__fail_no_IEA.res997", [1, 0, 0], Beside997),
    ("azoner+pyx12/EMBED__pyx12__test__x12testdata.py__loop_counting.res997", [1, 0, 0], Beside997),
    ("azoner+pyx12/EMBED__pyx12__test__x12testdata.py__loop_counting2.res997", [1, 0, 0], Beside997),
    ("azoner+pyx12/EMBED__pyx12__test__x12testdata.py__simple_837p.res997", [1, 0, 0], Beside997),
    ("azoner+pyx12/EMBED__pyx12__test__x12testdata.py__trailer_errors.res997", [1, 0, 0], Beside997),
    ("azoner+pyx12/HIST__test__files__loop_counting2.997.base", [1, 0, 0], Beside997),
    ("azoner+pyx12/pyx12__tests__834_ls_le_ls_5010.999.txt", [0, 1, 0], AllCounts),
    ("azoner+pyx12/pyx12__tests__834_lui_id_5010.999.txt", [0, 4, 0], AllCounts),
    ("cosyte+x12/test__fixtures__ack__999-accept-with-errors.edi", [0, 1, 0], Refused("E1-005")),
    ("cosyte+x12/test__fixtures__ack__999-accept.edi", [0, 1, 0], AllCounts),
    ("cosyte+x12/test__fixtures__ack__999-reject-control-number-mismatch.edi", [0, 1, 0], Refused("E1-005")),
    ("cosyte+x12/test__fixtures__ack__ta1-accept-with-errors.edi", [1, 0, 0], AllCounts),
    ("cosyte+x12/test__fixtures__ack__ta1-accept.edi", [1, 0, 0], AllCounts),
    ("cosyte+x12/test__fixtures__ack__ta1-reject-control-mismatch.edi", [1, 0, 0], AllCounts),
    ("cosyte+x12/test__fixtures__golden__277ca.edi", [0, 0, 0], Level22),
    ("cosyte+x12/test__fixtures__status__277ca-hl-orphan.edi", [0, 0, 0], Level22),
    (
        "imsweb+x12-parser/HIST__src__test__resources__837_5010__x12_999_accepted_ta1.txt",
        [1, 1, 0],
        AllCounts,
    ),
    ("imsweb+x12-parser/src__test__resources__277_5010__x12_277CA_accepted.txt", [0, 0, 1], AllCounts),
    ("imsweb+x12-parser/src__test__resources__277_5010__x12_277CA_rejected.txt", [0, 0, 1], AllCounts),
    ("imsweb+x12-parser/src__test__resources__837_5010__x12_999_accepted.txt", [0, 1, 0], Refused("E1-003")),
    ("imsweb+x12-parser/src__test__resources__837_5010__x12_999_rejected.txt", [0, 1, 0], AllCounts),
];

/// Files with a 999, a TA1 or a 277CA, by the catalogue.
fn catalogued(folder: &Path) -> BTreeSet<String> {
    let mut reader = csv::Reader::from_path(folder.join("CATALOGUE.csv")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let [file, sets] = ["file", "transactions"].map(|name| headers.iter().position(|h| h == name).unwrap());
    let rows = reader.records().map(Result::unwrap);
    let answers = rows.filter(|row| ["999", "TA1", "277CA"].iter().any(|a| row[sets].contains(a)));
    answers.map(|row| row[file].to_owned()).collect()
}

#[test]
fn every_answer_of_the_catalogue_is_read_as_the_history_reads_it() {
    let folder = match folder() {
        Ok(folder) => folder,
        Err(absent) => return println!("{absent}"),
    };
    let named: BTreeSet<String> = HELD.iter().map(|(file, _, _)| (*file).to_owned()).collect();
    assert_eq!(named, catalogued(&folder), "the table and the catalogue");
    let edits = EditSet::shipped().unwrap();
    let mut all = [0; 3];
    for (file, holds, why) in HELD {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let (mut found, mut claims) = ([0; 3], BTreeSet::new());
        read(bytes.as_slice(), &mut |answer| match answer {
            Answer::Interchange(_) => found[0] += 1,
            Answer::Group(group) => found[1] += group.sets.len(),
            Answer::Claim(claim) => {
                found[2] += 1;
                claims.insert(claim.claim);
            }
        })
        .unwrap();
        assert_eq!(found, holds, "{file}");
        for (sum, n) in all.iter_mut().zip(found) {
            *sum += n;
        }
        // The way of the history itself.
        let state = tempfile::tempdir().unwrap();
        let desk = control::open(state.path(), None).unwrap();
        let imported = import(&desk, "samples", &folder.join(file)).unwrap();
        let store = desk.state.store_soon().unwrap();
        let (mut told, mut n) = (BTreeSet::new(), 0);
        history::stories(&store, &mut |story| {
            n += story.told.len();
            told.insert(story.claim);
            true
        })
        .unwrap();
        let refused = why_refused(&bytes, &edits);
        println!("{file}: {found:?} {imported:?} {refused:?}");
        match why {
            AllCounts | Beside997 | Level22 => {
                assert_eq!((imported, n, &told), (Imported::Answers, holds[2], &claims), "{file}");
            }
            Refused(edit) => {
                assert_eq!((imported, n), (Imported::Nothing, 0), "{file}");
                assert!(refused.contains(edit), "{file}: {refused:?}");
            }
        }
        assert_eq!(why == Beside997, text.contains("ST*997*"), "{file}");
        assert_eq!(why == Level22, text.contains("005010X214") && !text.contains("*PT~"), "{file}");
    }
    println!("{} files: {} TA1, {} sets in 999s, {} claims in 277CAs", HELD.len(), all[0], all[1], all[2]);
}

fn why_refused(bytes: &[u8], edits: &EditSet) -> BTreeSet<String> {
    let (report, _) = scrub::scrub(&bytes.to_vec(), edits, SETTINGS).unwrap();
    report.rejections.into_iter().map(|r| r.edit).collect()
}
