//! A claim as a view: its own segments and those of the loops it stands under, each with its place.

use std::cell::OnceCell;
use std::sync::LazyLock;

use jiff::civil::Date;

use super::entries::{At, ByEntry, Entries, Find, Gate, Place};
use super::service::{self, Service};
use crate::schema::{EntryIx, Guide, LoopIx, Schema, schema};
use crate::x12::element::{amount, date, date_range};
use crate::x12::{Cents, Segment};

/// A segment and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// The segment.
    pub segment: Segment<'a>,
    /// Its loop.
    pub loop_ix: LoopIx,
    /// Its entry in the guide; none where it can't be placed.
    pub entry: Option<EntryIx>,
    /// Which occurrence of that loop in the claim, 1-based.
    pub occurrence: u16,
    /// Ordinal in the transaction set, ST = 1.
    pub ordinal: u32,
    /// Byte in the file.
    pub offset: u64,
}

/// The entries a claim is asked for again and again.
#[derive(Debug, Default)]
struct Places {
    payer: Entries,
    coverage: Entries,
    billing: Entries,
    patient_birth: Entries,
    subscriber_birth: Entries,
    patient: Entries,
    subscriber: Entries,
    patient_name: Entries,
    rendering: Entries,
    claim_dates: Entries,
    diagnoses: Entries,
    lines: Entries,
    line_dates: Entries,
}

impl Places {
    fn of(guide: Guide) -> &'static Places {
        static ALL: LazyLock<Vec<Places>> = LazyLock::new(|| {
            let places = |guide: Guide| {
                let at = |loop_id, segment| Entries::of(schema(guide), loop_id, segment);
                Places {
                    payer: at("2010BB", "NM1"),
                    coverage: at("2000B", "SBR"),
                    billing: at("2010AA", "NM1"),
                    patient_birth: at("2010CA", "DMG"),
                    subscriber_birth: at("2010BA", "DMG"),
                    patient: at("2000C", "HL"),
                    subscriber: at("2010BA", "NM1"),
                    patient_name: at("2010CA", "NM1"),
                    rendering: at(if guide == Guide::Institutional { "2310A" } else { "2310B" }, "NM1"),
                    claim_dates: at("2300", "DTP"),
                    diagnoses: at("2300", "HI"),
                    lines: at("2400", "LX"),
                    line_dates: Entries::qualified(schema(guide), "2400", "DTP", Some("472")),
                }
            };
            Guide::ALL.into_iter().map(places).collect()
        });
        static NONE: LazyLock<Places> = LazyLock::new(Places::default);
        ALL.get(guide as usize).unwrap_or(&NONE)
    }
}

/// A claim under its hierarchies.
#[derive(Clone, Debug)]
pub struct Claim<'a> {
    /// The guide's tables.
    pub schema: &'a Schema,
    /// Loops 1000A/B, 2000A, 2000B, 2000C in force, in that order.
    pub context: [&'a [Placed<'a>]; 4],
    /// From CLM to the claim's last segment.
    pub own: &'a [Placed<'a>],
    by_entry: &'a ByEntry<'a>,
    dates: Option<(Date, Date)>,
    services: OnceCell<Vec<Service<'a>>>,
}

/// An element a path led to.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// The segment it is in.
    pub placed: &'a Placed<'a>,
    /// Its value; empty where it wasn't sent.
    pub value: &'a [u8],
}

/// A service line (loop 2400).
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// From LX to the line's last segment.
    pub segments: &'a [Placed<'a>],
}

/// A diagnosis as reported in HI.
#[derive(Clone, Copy, Debug)]
pub struct Diagnosis<'a> {
    /// The HI segment.
    pub placed: &'a Placed<'a>,
    /// Which element of it.
    pub element: usize,
    /// Qualifier: ABK, ABF, ...
    pub qualifier: &'a [u8],
    /// ICD-10-CM code as sent.
    pub code: &'a [u8],
}

impl<'a> Claim<'a> {
    /// Of segments whose places `by_entry` has noted.
    #[must_use]
    pub fn new(
        schema: &'a Schema,
        by_entry: &'a ByEntry<'a>,
        context: [&'a [Placed<'a>]; 4],
        own: &'a [Placed<'a>],
    ) -> Claim<'a> {
        let mut claim = Claim { schema, context, own, by_entry, dates: None, services: OnceCell::new() };
        claim.dates = claim.read_dates();
        claim
    }

    /// A claim payment of a remittance, or without segments of its own what the remittance says as a whole. Its day is that of the payment.
    #[must_use]
    pub fn of_payment(
        schema: &'a Schema,
        by_entry: &'a ByEntry<'a>,
        header: &'a [Placed<'a>],
        own: &'a [Placed<'a>],
        paid: Option<Date>,
    ) -> Claim<'a> {
        let dates = paid.map(|day| (day, day));
        let context = [header, &[], &[], &[]];
        Claim { schema, context, own, by_entry, dates, services: OnceCell::new() }
    }

    /// Which guide it follows.
    #[must_use]
    pub fn guide(&self) -> Guide {
        self.schema.guide
    }

    /// All its segments, outermost loop first.
    pub fn segments(&self) -> impl Iterator<Item = &'a Placed<'a>> + use<'a> {
        let [header, billing, subscriber, patient] = self.context;
        [header, billing, subscriber, patient, self.own].into_iter().flatten()
    }

    /// The segments of a level.
    fn level(&self, level: usize) -> &'a [Placed<'a>] {
        self.context.get(level).copied().unwrap_or(self.own)
    }

    /// True unless something that a gate needs is missing.
    #[inline]
    #[must_use]
    pub fn opens(&self, gate: &Gate) -> bool {
        self.by_entry.opens(gate)
    }

    /// The segments from the first that stands at these entries to the last; others may stand between.
    #[inline]
    #[must_use]
    pub fn stretch(&self, of: &Entries) -> &'a [Placed<'a>] {
        let span = match *of.entries {
            [one] => self.by_entry.span(of.level, one),
            ref some => {
                let spans = some.iter().filter_map(|e| self.by_entry.span(of.level, *e));
                spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            }
        };
        span.and_then(|(first, last)| self.level(of.level).get(first..=last)).unwrap_or_default()
    }

    /// The segments that stand at these entries, in file order.
    #[inline]
    #[must_use]
    pub fn at<'e>(&self, of: &'e Entries) -> At<'a, 'e> {
        At { stretch: self.stretch(of).iter(), entries: &of.entries }
    }

    /// The segments of a level from the first that stands at these entries on.
    #[must_use]
    pub fn from_first(&self, of: &Entries) -> &'a [Placed<'a>] {
        let first = of.entries.iter().filter_map(|e| self.by_entry.span(of.level, *e)).map(|s| s.0).min();
        first.and_then(|first| self.level(of.level).get(first..)).unwrap_or_default()
    }

    /// Everything a path leads to, in file order.
    #[inline]
    #[must_use]
    pub fn find<'p>(&self, place: &'p Place) -> Find<'a, 'p> {
        Find { at: self.at(&place.entries), place, seen: (0, 0) }
    }

    fn places(&self) -> &'static Places {
        Places::of(self.guide())
    }

    /// CLM.
    #[must_use]
    pub fn clm(&self) -> Option<&'a Placed<'a>> {
        self.own.first()
    }

    /// CLM01.
    #[must_use]
    pub fn id(&self) -> &'a [u8] {
        self.clm().map_or(b"", |c| c.segment.value(1))
    }

    /// CLM02 in cents; `None` when it is no number.
    #[must_use]
    pub fn charge(&self) -> Option<Cents> {
        self.clm().and_then(|c| amount(c.segment.value(2)))
    }

    /// The destination payer: 2010BB NM109.
    #[must_use]
    pub fn payer(&self) -> &'a [u8] {
        self.payer_segment().map_or(b"", |p| p.segment.value(9))
    }

    /// The segment that names the destination payer: 2010BB NM1.
    #[must_use]
    pub fn payer_segment(&self) -> Option<&'a Placed<'a>> {
        self.at(&self.places().payer).next()
    }

    /// True for a claim to Medicare: part A or B in 2000B SBR09.
    #[must_use]
    pub fn is_medicare(&self) -> bool {
        let filing = self.at(&self.places().coverage).next().map_or(&b""[..], |p| p.segment.value(9));
        matches!(filing, b"MA" | b"MB")
    }

    /// The billing provider's NPI: 2010AA NM109.
    #[must_use]
    pub fn billing_npi(&self) -> &'a [u8] {
        self.at(&self.places().billing).next().map_or(b"", |p| p.segment.value(9))
    }

    /// The subscriber's member id: 2010BA NM109.
    #[must_use]
    pub fn member(&self) -> &'a [u8] {
        self.at(&self.places().subscriber).next().map_or(b"", |p| p.segment.value(9))
    }

    /// First name of a patient who isn't the subscriber: 2010CA NM104.
    #[must_use]
    pub fn patient_name(&self) -> &'a [u8] {
        self.at(&self.places().patient_name).next().map_or(b"", |p| p.segment.value(4))
    }

    /// NPI of who rendered the services (2310B, of a hospital bill who attended, 2310A), else of who bills.
    #[must_use]
    pub fn provider(&self) -> &'a [u8] {
        let own = self.at(&self.places().rendering).next().map_or(&b""[..], |p| p.segment.value(9));
        if own.is_empty() { self.billing_npi() } else { own }
    }

    /// Birth date of the patient: 2010CA DMG02, else 2010BA DMG02.
    #[must_use]
    pub fn birth(&self) -> Option<Hit<'a>> {
        let places = self.places();
        let placed = self.at(&places.patient_birth).next().or_else(|| {
            // A dependent's claim without DMG has no birth date; the subscriber's is not the patient's.
            let dependent = self.at(&places.patient).next().is_some();
            if dependent { None } else { self.at(&places.subscriber_birth).next() }
        })?;
        Some(Hit { placed, value: placed.segment.value(2) })
    }

    /// Service lines in order.
    pub fn lines(&self) -> impl Iterator<Item = Line<'a>> + use<'a> {
        let of = &self.places().lines;
        let own = self.own;
        let mut at =
            of.entries.iter().find_map(|e| self.by_entry.span(of.level, *e)).map_or(own.len(), |s| s.0);
        let is_lx = move |p: &Placed<'a>| p.entry.is_some_and(|e| of.entries.contains(&e));
        std::iter::from_fn(move || {
            let rest = own.get(at..).filter(|r| !r.is_empty())?;
            let len = rest.iter().skip(1).position(is_lx).map_or(rest.len(), |n| n + 1);
            at += len;
            rest.get(..len).map(|segments| Line { segments })
        })
    }

    /// The service of every line with a procedure code and a day, in order; read once.
    #[must_use]
    pub fn services(&self) -> &[Service<'a>] {
        self.services.get_or_init(|| service::read(self))
    }

    /// Diagnoses: every HI composite whose qualifier is an ICD-10-CM one.
    pub fn diagnoses(&self) -> impl Iterator<Item = Diagnosis<'a>> + use<'a> {
        self.health_codes().filter(|d| matches!(d.qualifier, b"ABK" | b"ABF" | b"ABJ" | b"APR" | b"ABN"))
    }

    /// Every HI composite, in the order pointers count them.
    pub fn health_codes(&self) -> impl Iterator<Item = Diagnosis<'a>> + use<'a> {
        self.at(&self.places().diagnoses).flat_map(|p| (1..=p.segment.len()).map(move |n| (p, n))).map(
            |(placed, element)| {
                let separator = placed.segment.delimiters().component;
                let mut parts = placed.segment.value(element).split(|b| *b == separator);
                let [qualifier, code] = [(); 2].map(|()| parts.next().unwrap_or_default());
                Diagnosis { placed, element, qualifier, code }
            },
        )
    }

    /// True for an institutional claim whose type of bill is an inpatient one (first two digits of CLM05-1).
    #[must_use]
    pub fn is_inpatient(&self) -> bool {
        let facility = self.clm().map_or(&b""[..], |c| c.segment.component(5, 1));
        self.guide() == Guide::Institutional
            && matches!(facility, b"11" | b"12" | b"18" | b"21" | b"41" | b"81" | b"82" | b"86")
    }

    /// True for a claim that replaces or voids another: frequency 7 or 8 (CLM05-3).
    #[must_use]
    pub fn is_corrected(&self) -> bool {
        self.clm().is_some_and(|c| matches!(c.segment.component(5, 3), b"7" | b"8"))
    }

    /// Statement period: 2300 DTP*434.
    #[must_use]
    pub fn statement(&self) -> Option<(Date, Date)> {
        self.claim_date(b"434")
    }

    /// A claim-level DTP by qualifier.
    #[must_use]
    pub fn claim_date(&self, qualifier: &[u8]) -> Option<(Date, Date)> {
        self.at(&self.places().claim_dates)
            .find(|p| p.segment.value(1) == qualifier)
            .and_then(|p| date_range(p.segment.value(3)))
    }

    /// First and last date of service: of lines, of the claim, of the statement period.
    #[must_use]
    pub fn service_dates(&self) -> Option<(Date, Date)> {
        self.dates
    }

    fn read_dates(&self) -> Option<(Date, Date)> {
        let lines = self.at(&self.places().line_dates).filter(|p| p.segment.value(1) == b"472");
        let lines = lines.filter_map(|p| date_range(p.segment.value(3)));
        let spans = lines.chain(self.claim_date(b"472")).chain(self.statement());
        spans.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)))
    }
}

impl<'a> Line<'a> {
    /// SV1, SV2 or SV3.
    #[must_use]
    pub fn service(&self) -> Option<&'a Placed<'a>> {
        self.segments.iter().find(|p| matches!(p.segment.id(), b"SV1" | b"SV2" | b"SV3"))
    }

    /// Procedure code: SV101-2, SV202-2 or SV301-2.
    #[must_use]
    pub fn procedure(&self) -> &'a [u8] {
        self.service().map_or(b"", |s| s.segment.component(if s.segment.id() == b"SV2" { 2 } else { 1 }, 2))
    }

    /// Charge in cents: SV102, SV203 or SV302.
    #[must_use]
    pub fn charge(&self) -> Option<Cents> {
        self.service().and_then(|s| amount(s.segment.value(if s.segment.id() == b"SV2" { 3 } else { 2 })))
    }

    /// Dates of service: DTP*472.
    #[must_use]
    pub fn service_date(&self) -> Option<(Date, Date)> {
        self.segments
            .iter()
            .find(|p| p.segment.id() == b"DTP" && p.segment.value(1) == b"472")
            .and_then(|p| date_range(p.segment.value(3)))
    }

    /// The line's pointer composite: which segment, which element.
    #[must_use]
    pub fn pointers(&self) -> Option<(&'a Placed<'a>, usize)> {
        let service = self.service()?;
        match service.segment.id() {
            b"SV1" => Some((service, 7)),
            b"SV3" => Some((service, 11)),
            _ => None,
        }
    }
}

impl Hit<'_> {
    /// The value as a single date.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        date(self.value)
    }
}
