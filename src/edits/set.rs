//! The edits in force: looked up by id or fault, run over claims.

use std::collections::HashSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::checks::{Check, Found, Tables};
use super::edit::{Edit, Severity, Status};
use super::finding::Finding;
use super::load::{self, LoadError, Reason};
use super::past::Billed;
use super::tolerance::Tolerances;
use crate::claim::{Claim, Gate, Signs};
use crate::codes::{CodeSets, Kind, Standing};
use crate::payers::{Payers, Switch};
use crate::schema::{Guide, Path, schema};
use crate::x12::Fault;

mod say;

/// A checked set of edits.
#[derive(Debug)]
pub struct EditSet {
    edits: Arc<Vec<Edit>>,
    /// SHA-256 over the files.
    shipped: String,
    hash: String,
    codes: Arc<CodeSets>,
    payers: Arc<Payers>,
    /// True where everything is on trial and stops nobody.
    shadow: bool,
    /// Ids of edits that don't run.
    left_out: Vec<String>,
    drafts: bool,
    tolerances: Tolerances,
    /// What runs over claims, by guide.
    plans: [Plan; Guide::COUNT],
}

/// What runs over the claims of a guide.
#[derive(Debug, Default)]
struct Plan {
    /// What the gates of its steps ask of values.
    signs: Signs,
    steps: Vec<Step>,
}

/// A part of an edit's check, kept from claims that it can't find fault with.
#[derive(Debug)]
struct Step {
    gate: Gate,
    /// Place in the set's edits, and of the part in the check.
    edit: usize,
    part: usize,
    /// In remittances: true where it is asked of a claim payment, not of the remittance.
    of_payment: bool,
    /// What the edit's code sets vouch for.
    standing: Standing,
}

impl EditSet {
    /// The edits compiled into the binary.
    ///
    /// # Errors
    /// The first file that doesn't hold together.
    pub fn shipped() -> Result<EditSet, LoadError> {
        EditSet::with_site(&[])
    }

    /// The same with a site's own, name and bytes of each file: one with the id of a shipped edit takes its place.
    ///
    /// # Errors
    /// The first file that doesn't hold together.
    pub fn with_site(files: &[(String, Vec<u8>)]) -> Result<EditSet, LoadError> {
        let own = files
            .iter()
            .map(|(file, bytes)| Ok((file.as_str(), bytes.as_slice(), load::read_site(file, bytes)?)));
        let own = own.collect::<Result<Vec<_>, LoadError>>()?;
        let replaced = |edit: &Edit| own.iter().any(|(_, _, site)| site.id == edit.id);
        let mut all = Vec::new();
        for (file, bytes) in load::shipped() {
            let edit = load::read(file, bytes)?;
            if !replaced(&edit) {
                all.push((*file, *bytes, edit));
            }
        }
        all.extend(own);
        let mut edits: Vec<Edit> = Vec::new();
        let mut names = HashSet::new();
        let mut digest = Sha256::new();
        for (file, bytes, edit) in all {
            for (what, value) in [("id", &edit.id), ("name", &edit.name)] {
                if !names.insert(value.clone()) {
                    let reason = Reason::Repeated { what, value: value.clone() };
                    return Err(LoadError { file: file.to_owned(), reason });
                }
            }
            digest.update(file.as_bytes());
            digest.update(bytes);
            edits.push(edit);
        }
        let shipped = hex(digest);
        Ok(EditSet {
            edits: Arc::new(edits),
            hash: shipped.clone(),
            shipped,
            codes: Arc::new(CodeSets::shipped()),
            payers: Arc::new(Payers::default()),
            shadow: false,
            left_out: Vec::new(),
            drafts: false,
            tolerances: Tolerances::default(),
            plans: Default::default(),
        }
        .planned())
    }

    /// The same set without one edit.
    #[must_use]
    pub fn without(mut self, id: &str) -> EditSet {
        self.left_out.push(id.to_owned());
        self.planned()
    }

    /// The same set, asking these code sets.
    #[must_use]
    pub fn with_codes(&self, codes: CodeSets) -> EditSet {
        EditSet { codes: Arc::new(codes), ..self.copied() }.planned()
    }

    /// The same set, asking these payer packs.
    #[must_use]
    pub fn with_payers(&self, payers: Payers) -> EditSet {
        EditSet { payers: Arc::new(payers), ..self.copied() }.planned()
    }

    /// The same set on trial: everything is told, nothing stops a claim.
    #[must_use]
    pub fn on_trial(&self) -> EditSet {
        EditSet { shadow: true, ..self.copied() }.planned()
    }

    fn copied(&self) -> EditSet {
        EditSet {
            edits: self.edits.clone(),
            shipped: self.shipped.clone(),
            hash: self.hash.clone(),
            codes: self.codes.clone(),
            payers: self.payers.clone(),
            shadow: self.shadow,
            left_out: self.left_out.clone(),
            drafts: self.drafts,
            tolerances: self.tolerances,
            plans: Default::default(),
        }
    }

    /// The payer packs it asks.
    #[must_use]
    pub fn payers(&self) -> &Payers {
        &self.payers
    }

    /// The code sets it asks.
    #[must_use]
    pub fn codes(&self) -> &CodeSets {
        &self.codes
    }

    /// The same set as examples need it: drafts in force, and the shipped payer packs, which then are all there are.
    #[must_use]
    pub fn for_examples(mut self) -> EditSet {
        self.drafts = true;
        // A test reads the same packs: none that doesn't hold together can reach a user.
        self.payers = Arc::new(Payers::shipped().unwrap_or_default().complete());
        self.planned()
    }

    /// The same set, letting these departures pass at `warn`.
    #[must_use]
    pub fn tolerating(mut self, tolerances: Tolerances) -> EditSet {
        self.tolerances = tolerances;
        self
    }

    /// The departures it lets pass.
    #[must_use]
    pub fn tolerances(&self) -> Tolerances {
        self.tolerances
    }

    fn planned(mut self) -> EditSet {
        let of = |guide: Guide| {
            let numbered = self.edits.iter().enumerate();
            // What is a draft runs too, on trial.
            let runs = |e: &Edit| {
                let off = e.status == Status::Retired || self.left_out.contains(&e.id);
                !off && e.check.lacks(&self.payers).is_none()
            };
            let own = numbered.filter(|(_, e)| runs(e) && e.applies.contains(&guide));
            let own =
                own.map(|(n, e)| (n, e, self.standing(e, guide))).filter(|(_, _, s)| *s != Standing::Absent);
            let mut signs = Signs::new(schema(guide));
            let mut steps = Vec::new();
            for (edit, e, standing) in own {
                let at = schema(guide).loop_ix(&e.at.loop_id);
                let of_payment = at.is_some_and(|ix| schema(guide).loop_level(ix) == 4);
                let parts = e.check.gates(guide, &mut signs).into_iter();
                steps.extend(parts.map(|(part, gate)| Step { gate, edit, part, of_payment, standing }));
            }
            Plan { signs: signs.compiled(schema(guide)), steps }
        };
        self.plans = Guide::ALL.map(of);
        self.hash = definition(&self.shipped, &self.codes, &self.payers, self.shadow);
        self
    }

    /// Active edits that can't run, or not over all the claims they are for, for want of a code set, and which it is.
    pub fn off(&self) -> impl Iterator<Item = (&Edit, &'static str)> {
        let absent = |e: &Edit| {
            let mut needs = e.applies.iter().flat_map(|guide| e.check.needs(*guide));
            needs.find(|k| self.codes.standing(*k) == Standing::Absent)
        };
        let packs = |e: &Edit| e.check.lacks(&self.payers);
        self.active().filter_map(move |e| Some((e, absent(e).map(Kind::name).or_else(|| packs(e))?)))
    }

    /// The least that any of its code sets vouches for.
    fn standing(&self, edit: &Edit, guide: Guide) -> Standing {
        let needs = edit.check.needs(guide);
        let any = |standing| needs.iter().any(|k| self.codes.standing(*k) == standing);
        match (any(Standing::Absent), any(Standing::Bare)) {
            (true, _) => Standing::Absent,
            (false, true) => Standing::Bare,
            (false, false) => Standing::Dated,
        }
    }

    fn is_active(&self, edit: &Edit) -> bool {
        let runs = edit.status == Status::Active || (self.drafts && edit.status == Status::Draft);
        runs && !self.left_out.contains(&edit.id)
    }

    /// SHA-256 over the files, the imported code sets and the payer packs, in hex: the definition of clean.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Every edit, by path.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// One edit.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Edit> {
        self.edits.iter().find(|e| e.id == id)
    }

    /// Edits in force.
    pub fn active(&self) -> impl Iterator<Item = &Edit> {
        self.edits.iter().filter(|e| self.is_active(e))
    }

    /// The active edit that speaks for a fault in this guide: one that names its place before one that speaks for
    /// all of its kind.
    #[must_use]
    pub fn for_fault(&self, fault: &Fault, guide: Option<Guide>) -> Option<&Edit> {
        let speaks = |e: &&Edit| match &e.check {
            Check::Fault(faults) => faults.speaks_for(fault) && guide.is_none_or(|g| e.applies.contains(&g)),
            _ => false,
        };
        let local = |e: &Edit| matches!(&e.check, Check::Fault(faults) if faults.is_local());
        let mut speakers = self.active().filter(speaks);
        let first = speakers.next()?;
        if local(first) { Some(first) } else { Some(speakers.find(|e| local(e)).unwrap_or(first)) }
    }

    /// Runs every active edit over a claim.
    pub fn run<'a>(&self, claim: &Claim<'a>, tables: &Tables<'_>, findings: &mut Vec<Finding>) {
        let here = |s: &&Step| claim.guide() != Guide::Remittance || s.of_payment != claim.own.is_empty();
        let steps = self.plan(claim.guide()).steps.iter().filter(here);
        for step in steps.filter(|step| claim.opens(&step.gate)) {
            let Some(edit) = self.edits.get(step.edit).filter(|e| in_force(e, claim)) else { continue };
            let payer = || self.payers.of_claim(claim.payer()).map(|p| &p.id);
            if !edit.payers.is_empty() && payer().is_none_or(|id| !edit.payers.contains(id)) {
                continue;
            }
            edit.check.run(step.part, claim, tables, &mut |found| {
                let mut finding = edit.finding(found);
                finding.shadow = self.shadow || (edit.status == Status::Draft && !self.drafts);
                // A list that may have gaps stops nobody.
                if step.standing == Standing::Bare {
                    finding.severity = Severity::Warn;
                }
                findings.push(finding);
            });
        }
        if findings.len() > 1 {
            findings.sort_by(|a, b| (a.offset, &a.edit).cmp(&(b.offset, &b.edit)));
        }
    }

    /// The same set, keeping no step from any claim.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn ungated(mut self) -> EditSet {
        self.plans.iter_mut().flat_map(|p| &mut p.steps).for_each(|step| step.gate = Gate::default());
        self
    }

    fn plan(&self, guide: Guide) -> &Plan {
        let [first, ..] = &self.plans;
        self.plans.get(guide as usize).unwrap_or(first)
    }

    /// The signs its edits ask for in claims of a guide.
    #[must_use]
    pub fn signs(&self, guide: Guide) -> &Signs {
        &self.plan(guide).signs
    }

    /// Does with findings what the pack of the claim's payer says of their edits.
    pub fn switch(&self, claim: &Claim<'_>, findings: &mut Vec<Finding>) {
        let Some(pack) = self.payers.of_claim(claim.payer()) else { return };
        if findings.is_empty() || pack.edits.is_empty() || !pack.holds(claim.service_dates()) {
            return;
        }
        findings.retain_mut(|finding| {
            match pack.edits.get(&finding.edit) {
                None => {}
                Some(Switch::Off) => return false,
                Some(Switch::Shadow) => finding.shadow = true,
                Some(Switch::Warn) => finding.severity = Severity::Warn,
                Some(Switch::Hold) => finding.severity = Severity::Hold,
                Some(Switch::Reject) => finding.severity = Severity::Reject,
            }
            true
        });
    }

    /// True where a check for claims of this guide looks at earlier claims.
    #[must_use]
    pub fn looks_back(&self, guide: Guide) -> bool {
        self.looking_back(guide).next().is_some()
    }

    fn looking_back(&self, guide: Guide) -> impl Iterator<Item = &Edit> {
        self.plan(guide)
            .steps
            .iter()
            .filter_map(|step| self.edits.get(step.edit))
            .filter(|e| e.check.looks_back())
    }

    /// True where an earlier service of the day may change what is found in a claim with this one.
    #[must_use]
    pub fn meets(&self, guide: Guide, own: &Billed, earlier: &Billed) -> bool {
        self.looking_back(guide).any(|e| e.check.meets(guide, &self.codes, own, earlier))
    }
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// What clean means: the files alone where the site adds nothing.
fn definition(files: &str, codes: &CodeSets, payers: &Payers, shadow: bool) -> String {
    let imported = codes.imported().flat_map(|(kind, sha256)| [kind.name(), sha256]);
    let packs = payers.texts().chain(payers.is_complete().then_some("complete"));
    let mut added = imported.chain(packs).chain(shadow.then_some("shadow")).peekable();
    if added.peek().is_none() {
        return files.to_owned();
    }
    let mut digest = Sha256::new();
    digest.update(files);
    for part in added {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    hex(digest)
}

/// True on the claim's dates of service.
fn in_force(edit: &Edit, claim: &Claim<'_>) -> bool {
    if edit.dates == (None, None) {
        return true;
    }
    claim.service_dates().is_none_or(|(first, last)| {
        edit.dates.0.is_none_or(|from| last >= from) && edit.dates.1.is_none_or(|to| first <= to)
    })
}

impl Edit {
    fn finding(&self, found: Found<'_>) -> Finding {
        let place = Path::parse(&found.at.replacen(' ', "/", 1)).ok();
        let number = |n: Option<usize>| n.and_then(|n| u8::try_from(n).ok()).unwrap_or(0);
        Finding {
            r#loop: place.as_ref().map(|p| p.loop_id.clone()).unwrap_or_default(),
            element: number(place.as_ref().and_then(|p| p.element)),
            component: number(place.as_ref().and_then(|p| p.component)),
            repetition: 0,
            shadow: false,
            fault: None,
            edit: self.id.clone(),
            name: self.name.clone(),
            severity: self.severity,
            owner: self.owner,
            segment: found.placed.map_or(0, |p| p.ordinal),
            offset: found.placed.map_or(0, |p| p.offset),
            value: found.value.map(|v| String::from_utf8_lossy(v).into_owned()),
            message: self.message.fill(&found.words),
            at: found.at,
        }
    }
}
