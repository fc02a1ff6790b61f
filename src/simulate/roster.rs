//! Who pays and who bills.

use super::dice::Dice;
use super::identity;
use super::people::Practitioner;
use super::places::Address;

/// The three kinds of claim.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Form {
    #[default]
    Professional,
    Institutional,
    Dental,
}

impl Form {
    /// The implementation guide: GS08 and ST03.
    pub(super) fn guide(self) -> &'static str {
        match self {
            Self::Professional => "005010X222A1",
            Self::Institutional => "005010X223A2",
            Self::Dental => "005010X224A2",
        }
    }
}

/// What sort of coverage a payer sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Cover {
    #[default]
    Commercial,
    Medicare,
    Medicaid,
}

/// A payer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Payer {
    /// Place in [`PAYERS`].
    pub(super) index: u64,
    /// 2010BB NM109 and the 835's N104.
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) cover: Cover,
    /// Days from submission to payment, before the wait for the payer's weekday and up to three days more.
    pub(super) lag: i64,
    /// Days after Sunday on which it pays.
    pub(super) weekday: i64,
}

const fn payer(
    index: u64,
    id: &'static str,
    name: &'static str,
    cover: Cover,
    lag: i64,
    weekday: i64,
) -> Payer {
    Payer { index, id, name, cover, lag, weekday }
}

/// All the payers.
pub(super) const PAYERS: [Payer; 6] = [
    payer(0, "ZZP01", "SAMPLE MUTUAL HEALTH", Cover::Commercial, 12, 2),
    payer(1, "ZZP02", "EXAMPLE BENEFIT FUND", Cover::Commercial, 15, 4),
    payer(2, "ZZP03", "MOCKUP CARE PLAN", Cover::Commercial, 10, 5),
    payer(3, "ZZP04", "SPECIMEN MEDICARE CONTRACTOR", Cover::Medicare, 14, 1),
    payer(4, "ZZP05", "PLACEHOLDER STATE MEDICAID", Cover::Medicaid, 16, 3),
    payer(5, "ZZP06", "FICTION LIFE AND HEALTH", Cover::Commercial, 13, 2),
];

impl Payer {
    /// Some payer for this kind of claim; Medicare takes no dental ones.
    pub(super) fn draw(dice: &mut Dice, form: Form) -> Self {
        let [a, b, c, medicare, medicaid, f] = PAYERS;
        if form == Form::Dental {
            return dice.pick(&[a, a, b, b, c, medicaid, f]);
        }
        dice.pick(&[a, a, a, b, b, b, c, c, medicare, medicare, medicaid, f, f])
    }

    /// SBR09.
    pub(super) fn filing(&self, form: Form) -> &'static str {
        match (self.cover, form) {
            (Cover::Commercial, _) => "CI",
            (Cover::Medicare, Form::Institutional) => "MA",
            (Cover::Medicare, _) => "MB",
            (Cover::Medicaid, _) => "MC",
        }
    }

    /// CLP06.
    pub(super) fn adjudicated_as(&self, form: Form) -> &'static str {
        if self.cover == Cover::Commercial { "12" } else { self.filing(form) }
    }

    /// TRN03 and BPR10: `1` and the nine digits of the payer's tax number.
    pub(super) fn company(&self) -> String {
        format!("19800009{:02}", self.index + 11)
    }
}

/// A billing provider.
#[derive(Debug, Clone, Copy)]
pub(super) struct Billing {
    /// Number among all billing providers.
    pub(super) index: u64,
    pub(super) form: Form,
    /// Set when a person bills in their own name and treats as well.
    pub(super) solo: Option<Practitioner>,
    pub(super) npi: u64,
    pub(super) taxonomy: &'static str,
    pub(super) address: Address,
    /// Planted: a ZIP code of five digits.
    pub(super) short_zip: bool,
}

impl Billing {
    /// NM103 of an organisation.
    pub(super) fn name(&self) -> String {
        let noun = match self.form {
            Form::Professional => "MEDICAL GROUP",
            Form::Institutional => "HOSPITAL",
            Form::Dental => "DENTAL PRACTICE",
        };
        format!("SAMPLE {noun} {:02}", self.index + 1)
    }

    /// REF*EI02.
    pub(super) fn tax_number(&self) -> String {
        format!("9800002{:02}", (self.index + 1) % 100)
    }

    /// Someone who works there.
    pub(super) fn practitioner(&self, dice: &mut Dice) -> Practitioner {
        let taxonomies: &[&str] = match self.form {
            Form::Professional => &["207Q00000X", "207R00000X", "208D00000X"],
            Form::Institutional => &["207R00000X", "208M00000X"],
            Form::Dental => &["1223G0001X"],
        };
        let seat = dice.below(8);
        Practitioner::of(self.index * 8 + seat, super::dice::nth(taxonomies, seat))
    }
}

/// The billing providers of one form, visited in turn.
pub(super) struct Roster {
    providers: Vec<Billing>,
    turn: usize,
}

impl Roster {
    /// A dozen professional providers, or four hospitals, or six dental practices.
    pub(super) fn new(form: Form) -> Self {
        let (first, count, taxonomy) = match form {
            Form::Professional => (0, 12, "261QP2300X"),
            Form::Institutional => (12, 4, "282N00000X"),
            Form::Dental => (16, 6, "122300000X"),
        };
        let provider = |index: u64| {
            let solo = (form == Form::Professional && index % 4 == 3)
                .then(|| Practitioner::of(500 + index, "207Q00000X"));
            Billing {
                index,
                form,
                solo,
                npi: solo.map_or_else(|| identity::npi(199_900_000 + index), |person| person.npi),
                taxonomy: solo.map_or(taxonomy, |person| person.taxonomy),
                address: Address::of(index),
                short_zip: false,
            }
        };
        Self { providers: (first..first + count).map(provider).collect(), turn: 0 }
    }

    /// The providers, to plant something in them.
    pub(super) fn providers_mut(&mut self) -> &mut [Billing] {
        &mut self.providers
    }

    /// The next provider, round and round.
    pub(super) fn next(&mut self) -> Option<Billing> {
        let provider = self.providers.get(self.turn).copied();
        self.turn = (self.turn + 1) % self.providers.len().max(1);
        provider
    }
}
