//! How payers and edits are called: by name, or in a shared copy by a keyed pseudonym.

use sha2::{Digest, Sha256};

use crate::alerts::Alert;
use crate::edits::Edit;
use crate::payers::Payers;

/// What a shared copy is blinded with.
#[derive(Clone)]
pub struct Blinding {
    /// The same key gives the same pseudonyms.
    pub key: [u8; 32],
    /// Counts below this, and above nothing, are left out.
    pub least: i64,
}

impl Blinding {
    /// With a key made of a secret, and the least count that is shown.
    #[must_use]
    pub fn by(secret: &[u8], least: i64) -> Blinding {
        let mut digest = Sha256::new();
        digest.update(b"claimloop huddle 1 pseudonyms");
        digest.update(secret);
        let mut key = [0; 32];
        key.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
        Blinding { key, least: least.max(1) }
    }

    fn pseudonym(&self, of: &str, name: &str) -> String {
        // Two rounds: what one hash tells of its inner state leads to no other name's.
        let inner =
            Sha256::new().chain_update(self.key).chain_update(of).chain_update([0]).chain_update(name);
        let outer = Sha256::new().chain_update(self.key).chain_update(inner.finalize()).finalize();
        let hex: String = outer.iter().take(4).map(|b| format!("{b:02X}")).collect();
        format!("{of}-{hex}")
    }
}

/// How things are called in one pack.
pub struct Names<'a> {
    /// Who payers are.
    pub payers: &'a Payers,
    /// Set in a shared copy.
    pub blinding: Option<&'a Blinding>,
}

impl Names<'_> {
    /// True in a shared copy.
    #[must_use]
    pub fn are_blinded(&self) -> bool {
        self.blinding.is_some()
    }

    /// A payer.
    #[must_use]
    pub fn payer(&self, id: &str) -> String {
        if let Some(blinding) = self.blinding {
            return blinding.pseudonym("P", id);
        }
        let pack = self.payers.iter().find(|pack| pack.id == id);
        let name = pack.map_or(id, |pack| &pack.name);
        if name.is_empty() { "a payer without a name".to_owned() } else { name.to_owned() }
    }

    /// An edit, by its id. That of a payer, a contract or the site may name who it is for.
    #[must_use]
    pub fn edit(&self, id: &str, edit: Option<&Edit>) -> String {
        match self.blinding {
            Some(blinding) if edit.is_none_or(is_own) => blinding.pseudonym("E", id),
            _ => id.to_owned(),
        }
    }

    /// What an edit says of itself; nothing of an edit of the site's own in a shared copy.
    #[must_use]
    pub fn of_edit(&self, edit: Option<&Edit>, text: impl Fn(&Edit) -> String) -> String {
        match edit {
            Some(edit) if !self.are_blinded() || !is_own(edit) => text(edit),
            _ => String::new(),
        }
    }

    /// What a person wrote: it may name anybody, and is left out of a shared copy.
    #[must_use]
    pub fn written(&self, text: &str) -> String {
        if self.are_blinded() { "(words left out of the shared copy)".to_owned() } else { text.to_owned() }
    }

    /// An alert, told by these names.
    #[must_use]
    pub fn alert(&self, mut alert: Alert) -> Alert {
        if self.are_blinded() {
            alert.only.retain(|(dimension, _)| dimension != "channel" && dimension != "plan");
            if !alert.payer.is_empty() {
                alert.payer = self.payer(&alert.payer);
                alert.payer_name = String::new();
            }
            alert.id = String::new();
            // The site's own words of the dictionary stay; the draft of an edit names payers.
            alert.draft = None;
        }
        alert.told_by(None)
    }
}

fn is_own(edit: &Edit) -> bool {
    edit.origin != "national" || !edit.payers.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_gives_the_same_pseudonym() {
        let payers = Payers::default();
        let (one, two) = (Blinding::by(b"one", 11), Blinding::by(b"two", 11));
        let again = Blinding::by(b"one", 5);
        let of = |blinding| Names { payers: &payers, blinding: Some(blinding) }.payer("ACME");
        assert_eq!(of(&one), of(&again));
        assert_ne!(of(&one), of(&two));
        assert!(of(&one).starts_with("P-") && of(&one).len() == 10);
        assert_eq!(Names { payers: &payers, blinding: None }.payer("ACME"), "ACME");
    }
}
