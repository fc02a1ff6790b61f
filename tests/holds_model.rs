//! Any sequence of decisions on a hold: what is allowed, what follows, and that state, restart and rebuilt index agree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use claimloop::config::Config;
use claimloop::daemon::control::Answer;
use claimloop::daemon::desk::{By, Decide, Desk};
use claimloop::daemon::{Options, State, serve};
use claimloop::edits::EditSet;
use claimloop::holds::{self, HeldClaim, Status};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use tempfile::TempDir;

static EDITS: LazyLock<Arc<EditSet>> = LazyLock::new(|| Arc::new(EditSet::shipped().unwrap()));

/// A state with one hold, made once: its claim's total is a dollar off.
static MADE: LazyLock<TempDir> = LazyLock::new(|| {
    let site = TempDir::new().unwrap();
    let at = |name: &str| site.path().join(name).display().to_string();
    let folders = ["outbound", "clean", "acks", "inbound", "delivered", "rejected", "alerts"];
    let folders: String = folders.iter().map(|f| format!("{f} = {:?}\n", at(f))).collect();
    let config = format!(
        "[state]\ndir = {:?}\n[intake]\nsettle = \"0s\"\n[[channel]]\nname = \"main\"\n{folders}",
        at("state")
    );
    fs::create_dir_all(at("outbound")).unwrap();
    fs::copy("samples/837p-three-claims-one-off.edi", site.path().join("outbound/a.edi")).unwrap();
    serve(
        Config::parse(&config).unwrap(),
        Options { once: true, threads: 1 },
        Box::new(claimloop::web::start),
    )
    .unwrap();
    site
});

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, &target).map(|_| ()).unwrap() }
    }
}

#[derive(Clone, Debug)]
enum Step {
    FixRight,
    FixWrong,
    FixNonsense,
    Release,
    Override,
    Void,
    Assign(usize),
    Snooze,
    Query,
    Answer,
    Undo,
    /// Asked of the version before.
    Stale,
}

#[derive(Clone, Debug, PartialEq)]
struct Model {
    status: Status,
    version: u64,
    faulty: bool,
    owner: &'static str,
    /// The team that asked for documentation.
    asks: Option<&'static str>,
}

/// What a model was before a step that may be undone.
type Before = Option<(Step, Model)>;

const TEAMS: [&str; 3] = ["coding", "front-desk", "clinical"];

impl Model {
    /// True where the step is allowed; it is taken then. `before` is what was there before the last, where that may be undone.
    fn take(&mut self, step: &Step, before: &mut Before) -> bool {
        let open = self.status == Status::Open;
        let leaving = self.status == Status::Leaving;
        let allowed = match step {
            Step::FixRight | Step::FixWrong | Step::Snooze => open,
            Step::Release => open && !self.faulty,
            Step::Void | Step::Assign(_) => open || leaving,
            Step::Query => open && self.asks.is_none(),
            Step::Answer => open && self.asks.is_some(),
            Step::Undo => match before {
                None | Some((Step::Undo | Step::Answer, _)) => false,
                // Whoever works it, it is about to leave.
                Some((Step::Assign(_), _)) => open,
                Some(_) => open || leaving || self.status == Status::Voided,
            },
            Step::FixNonsense | Step::Override | Step::Stale => false,
        };
        if allowed {
            let was = self.clone();
            self.version += 1;
            match step {
                Step::FixRight => self.faulty = false,
                Step::FixWrong => self.faulty = true,
                Step::Release => self.status = Status::Leaving,
                Step::Void => self.status = Status::Voided,
                Step::Assign(team) => self.owner = TEAMS[*team],
                Step::Query => (self.asks, self.owner) = (Some(self.owner), "clinical"),
                Step::Answer => self.owner = self.asks.take().unwrap(),
                Step::Undo => {
                    self.status = Status::Open;
                    match before.take().unwrap() {
                        (Step::FixRight | Step::FixWrong, was) => self.faulty = was.faulty,
                        (Step::Assign(_), was) => self.owner = was.owner,
                        (Step::Query, was) => (self.owner, self.asks) = (was.owner, None),
                        _ => {}
                    }
                }
                _ => {}
            }
            *before = Some((step.clone(), was));
        }
        allowed
    }
}

fn asked(step: &Step) -> Decide {
    let fix = |path: &str, value: &str| Decide::Fix { changes: vec![(path.to_owned(), value.to_owned())] };
    let text = || "because".to_owned();
    match step {
        Step::FixRight => fix("2300/CLM02", "125"),
        Step::FixWrong => fix("2300/CLM02", "126"),
        Step::FixNonsense => fix("2300/CLM02", "1*2"),
        Step::Release => Decide::Release { reason: text() },
        // What stops it is a reject, or nothing does.
        Step::Override => Decide::Override { code: "any".to_owned(), note: text() },
        Step::Void => Decide::Void { reason: text() },
        Step::Assign(team) => Decide::Assign { owner: TEAMS[*team].to_owned(), reason: String::new() },
        Step::Snooze => {
            Decide::Snooze { until: jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24) }
        }
        Step::Query => Decide::Query { element: "time".to_owned(), question: text() },
        Step::Answer => Decide::Answer { answer: text() },
        Step::Undo => Decide::Undo {},
        Step::Stale => fix("2300/CLM02", "125"),
    }
}

fn seen(held: &HeldClaim) -> Model {
    Model {
        status: held.status,
        version: held.version,
        faulty: held.findings.iter().any(claimloop::edits::Finding::stops),
        owner: held.owner.map_or("", |o| o.name()),
        asks: held.query.as_ref().map(|query| query.team.map_or("", |o| o.name())),
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::FixRight),
        1 => Just(Step::FixWrong),
        1 => Just(Step::FixNonsense),
        3 => Just(Step::Release),
        1 => Just(Step::Override),
        1 => Just(Step::Void),
        2 => (0..TEAMS.len()).prop_map(Step::Assign),
        1 => Just(Step::Snooze),
        1 => Just(Step::Query),
        1 => Just(Step::Answer),
        3 => Just(Step::Undo),
        1 => Just(Step::Stale),
    ];
    prop::collection::vec(step, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decisions_follow_the_model(steps in steps(), undoable in any::<bool>()) {
        let folder = TempDir::new().unwrap();
        let state = folder.path().join("state");
        copy(&MADE.path().join("state"), &state);
        let open = || Desk::new(Arc::new(State::open(&state).unwrap()), Arc::clone(&EDITS), TimeZone::UTC);
        let desk = open();
        let held = holds::list(&desk.state.store().unwrap(), true).unwrap().remove(0);
        let id = held.id.clone();
        let mut model = Model { status: Status::Open, version: 1, faulty: true, owner: "billing", asks: None };
        let undo = undoable.then(|| jiff::SignedDuration::from_hours(1));
        let (by, mut before) = (By { actor: "uid 1", undo }, None);
        prop_assert_eq!(seen(&held), model.clone());
        for step in &steps {
            let version = if matches!(step, Step::Stale) { model.version.wrapping_sub(1) } else { model.version };
            let answer = desk.decide(&id, Some(version), &asked(step), by).unwrap();
            prop_assert_eq!(matches!(answer, Answer::Ok(_)), model.take(step, &mut before), "{:?}: {:?}", step, answer);
            let held = holds::show(&desk.state.store().unwrap(), &id).unwrap().unwrap();
            prop_assert_eq!(seen(&held), model.clone(), "{:?}", step);
            let leaving: Vec<String> = desk.state.leaving().into_iter().map(|(hold, _)| hold).collect();
            if !undoable {
                before = None;
            }
            // What may be undone does not leave.
            let leaves = model.status == Status::Leaving && !undoable;
            let expected: Vec<String> = leaves.then(|| id.clone()).into_iter().collect();
            prop_assert_eq!(leaving, expected, "{:?}", step);
            prop_assert_eq!(held.trail.len() as u64 + 1, model.version);
        }
        let leaving = desk.state.leaving();
        drop(desk);
        for rebuilt in [false, true] {
            if rebuilt {
                fs::remove_dir_all(state.join("index")).unwrap();
            }
            let desk = open();
            let held = holds::show(&desk.state.store().unwrap(), &id).unwrap().unwrap();
            prop_assert_eq!(seen(&held), model.clone(), "rebuilt: {}", rebuilt);
            prop_assert_eq!(desk.state.leaving(), leaving.clone());
        }
    }
}
