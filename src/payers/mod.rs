//! Payer packs: who a payer is on claims and on remittances, how long it gives, what it wants authorised, how edits treat its claims. Pure: the
//! shell reads the files.

mod pack;

use std::collections::HashMap;

pub use pack::{Authorised, BadPack, Deadline, Limit, Pack, Switch, Telehealth, Wanted};

/// Packs shipped as worked examples: file name, text.
static SHIPPED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/payers.rs"));

/// The packs at hand.
#[derive(Debug, Default)]
pub struct Payers {
    packs: Vec<Pack>,
    /// What their files say.
    texts: Vec<String>,
    /// Place of the pack by an id of claims (2010BB NM109).
    by_claim_id: HashMap<Vec<u8>, usize>,
    /// True where every payer the site bills has a pack.
    complete: bool,
}

impl Payers {
    /// The worked examples.
    ///
    /// # Errors
    /// The first that doesn't hold together.
    pub fn shipped() -> Result<Payers, BadPack> {
        Payers::default().and(SHIPPED.iter().map(|(file, bytes)| (*file, *bytes)))
    }

    /// The same with more packs; one with an id there already takes its place.
    ///
    /// # Errors
    /// The first file that doesn't hold together, and ids of claims that lead to two payers.
    pub fn and<'f>(mut self, files: impl Iterator<Item = (&'f str, &'f [u8])>) -> Result<Payers, BadPack> {
        for (file, bytes) in files {
            let pack = Pack::read(file, bytes)?;
            self.texts.push(String::from_utf8_lossy(bytes).into_owned());
            match self.packs.iter_mut().find(|p| p.id == pack.id) {
                Some(old) => *old = pack,
                None => self.packs.push(pack),
            }
        }
        let mut by_claim_id = HashMap::new();
        for (n, pack) in self.packs.iter().enumerate() {
            for id in &pack.claims.ids {
                if let Some(other) = by_claim_id.insert(id.clone().into_bytes(), n) {
                    let other = self.packs.get(other).map_or("", |p| &p.id);
                    return Err(BadPack::of(&pack.id, format!("its payer id {id:?} is that of {other} too")));
                }
            }
        }
        Ok(Payers { by_claim_id, ..self })
    }

    /// The same, saying that every payer the site bills has a pack: others are unknown.
    #[must_use]
    pub fn complete(mut self) -> Payers {
        self.complete = true;
        self
    }

    /// True where every payer the site bills has a pack.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// What their files say, in the order they were read.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// Every pack.
    pub fn iter(&self) -> impl Iterator<Item = &Pack> {
        self.packs.iter()
    }

    /// The payer with an id of claims.
    #[must_use]
    pub fn of_claim(&self, id: &[u8]) -> Option<&Pack> {
        if self.by_claim_id.is_empty() {
            return None;
        }
        self.by_claim_id.get(id).and_then(|n| self.packs.get(*n))
    }

    /// The payer of a remittance: by the id in its trace (TRN03), one of its ids (N1*PR N104, REF), else its name.
    #[must_use]
    pub fn of_remittance(&self, trace: &str, ids: &[&str], name: &str) -> Option<&Pack> {
        let by = |test: &dyn Fn(&Pack) -> bool| self.packs.iter().find(|p| test(p));
        let named = |p: &Pack| p.remittances.names.iter().any(|n| n.eq_ignore_ascii_case(name.trim()));
        by(&|p| !trace.is_empty() && p.remittances.traces.iter().any(|t| t == trace))
            .or_else(|| by(&|p| ids.iter().any(|id| p.remittances.ids.iter().any(|own| own == id))))
            .or_else(|| by(&named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_examples_read() {
        let payers = Payers::shipped().unwrap();
        assert!(payers.iter().count() >= 3);
        for pack in payers.iter() {
            assert!(
                pack.claims
                    .ids
                    .iter()
                    .all(|id| payers.of_claim(id.as_bytes()).is_some_and(|p| p.id == pack.id))
            );
            let name = pack.remittances.names.first().unwrap();
            assert_eq!(payers.of_remittance("", &[], name).map(|p| &p.id), Some(&pack.id));
        }
    }

    #[test]
    fn one_id_leads_to_one_payer() {
        let pack =
            |id: &str, claim: &str| format!("id = {id:?}\nname = \"x\"\n[claims]\nids = [{claim:?}]\n");
        let (a, b, c) = (pack("a", "P1"), pack("b", "P1"), pack("a", "P2"));
        let with = |texts: &[&String]| Payers::default().and(texts.iter().map(|t| ("f.toml", t.as_bytes())));
        assert!(with(&[&a, &b]).is_err());
        let payers = with(&[&a, &c]).unwrap();
        assert!(payers.of_claim(b"P1").is_none() && payers.of_claim(b"P2").is_some(), "the last one stands");
    }
}
