//! A claim as a view: its own segments and those of the loops it stands under, each with its place.

use jiff::civil::Date;

use crate::schema::{EntryIx, Guide, LoopIx, Path, Schema};
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

/// A claim under its hierarchies.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The guide's tables.
    pub schema: &'a Schema,
    /// Loops 1000A/B, 2000A, 2000B, 2000C in force, in that order.
    pub context: [&'a [Placed<'a>]; 4],
    /// From CLM to the claim's last segment.
    pub own: &'a [Placed<'a>],
}

/// An element a path led to.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// The segment it is in.
    pub placed: Placed<'a>,
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
    pub placed: Placed<'a>,
    /// Which element of it.
    pub element: usize,
    /// Qualifier: ABK, ABF, ...
    pub qualifier: &'a [u8],
    /// ICD-10-CM code as sent.
    pub code: &'a [u8],
}

impl<'a> Claim<'a> {
    /// Which guide it follows.
    #[must_use]
    pub fn guide(&self) -> Guide {
        self.schema.guide
    }

    /// All its segments, outermost loop first.
    pub fn segments(&self) -> impl Iterator<Item = Placed<'a>> + use<'a> {
        let [header, billing, subscriber, patient] = self.context;
        [header, billing, subscriber, patient, self.own].into_iter().flatten().copied()
    }

    /// Everything a path leads to, in file order.
    pub fn find<'p>(&self, path: &'p Path, ix: LoopIx) -> impl Iterator<Item = Hit<'a>> + use<'a, 'p> {
        let schema = self.schema;
        let mut seen = (0u16, 0u32);
        self.segments()
            .filter(move |p| p.loop_ix == ix && path.occurrence.is_none_or(|n| n == p.occurrence))
            .filter(move |p| path.matches(schema, &p.segment))
            .filter(move |p| {
                seen = if seen.0 == p.occurrence {
                    (seen.0, seen.1.saturating_add(1))
                } else {
                    (p.occurrence, 1)
                };
                path.nth.is_none_or(|n| u32::from(n) == seen.1)
            })
            .map(move |placed| Hit { placed, value: value_at(&placed.segment, path) })
    }

    fn first(&self, loop_id: &str, segment: &[u8]) -> Option<Placed<'a>> {
        let ix = self.schema.loop_ix(loop_id)?;
        self.segments().find(|p| p.loop_ix == ix && p.segment.id() == segment)
    }

    /// CLM.
    #[must_use]
    pub fn clm(&self) -> Option<Placed<'a>> {
        self.own.first().copied()
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
        self.first("2010BB", b"NM1").map_or(b"", |p| p.segment.value(9))
    }

    /// The billing provider's NPI: 2010AA NM109.
    #[must_use]
    pub fn billing_npi(&self) -> &'a [u8] {
        self.first("2010AA", b"NM1").map_or(b"", |p| p.segment.value(9))
    }

    /// Birth date of the patient: 2010CA DMG02, else 2010BA DMG02.
    #[must_use]
    pub fn birth(&self) -> Option<Hit<'a>> {
        let placed = self.first("2010CA", b"DMG").or_else(|| {
            // A dependent's claim without DMG has no birth date; the subscriber's is not the patient's.
            if self.first("2000C", b"HL").is_some() { None } else { self.first("2010BA", b"DMG") }
        })?;
        Some(Hit { placed, value: placed.segment.value(2) })
    }

    /// Service lines in order.
    pub fn lines(&self) -> impl Iterator<Item = Line<'a>> + use<'a> {
        let line_loop = self.schema.loop_ix("2400");
        let is_lx = move |p: &Placed<'a>| Some(p.loop_ix) == line_loop && p.segment.id() == b"LX";
        let own = self.own;
        let starts: Vec<usize> = own.iter().enumerate().filter(|(_, p)| is_lx(p)).map(|(i, _)| i).collect();
        let ends: Vec<usize> = starts.iter().skip(1).copied().chain([own.len()]).collect();
        starts.into_iter().zip(ends).filter_map(move |(a, b)| own.get(a..b)).map(|segments| Line { segments })
    }

    /// Diagnoses in the order pointers count them: every HI composite whose qualifier is an ICD-10-CM one.
    pub fn diagnoses(&self) -> impl Iterator<Item = Diagnosis<'a>> + use<'a> {
        let ix = self.schema.loop_ix("2300");
        self.own
            .iter()
            .filter(move |p| Some(p.loop_ix) == ix && p.segment.id() == b"HI")
            .flat_map(|p| (1..=p.segment.len()).map(move |n| (*p, n)))
            .map(|(placed, element)| Diagnosis {
                placed,
                element,
                qualifier: placed.segment.component(element, 1),
                code: placed.segment.component(element, 2),
            })
            .filter(|d| matches!(d.qualifier, b"ABK" | b"ABF" | b"ABJ" | b"APR" | b"ABN"))
    }

    /// True for an institutional claim whose type of bill is an inpatient one (first two digits of CLM05-1).
    #[must_use]
    pub fn is_inpatient(&self) -> bool {
        let facility = self.clm().map_or(&b""[..], |c| c.segment.component(5, 1));
        self.guide() == Guide::Institutional
            && matches!(facility, b"11" | b"12" | b"18" | b"21" | b"41" | b"81" | b"82" | b"86")
    }

    /// Statement period: 2300 DTP*434.
    #[must_use]
    pub fn statement(&self) -> Option<(Date, Date)> {
        self.claim_date(b"434")
    }

    /// A claim-level DTP by qualifier.
    #[must_use]
    pub fn claim_date(&self, qualifier: &[u8]) -> Option<(Date, Date)> {
        let ix = self.schema.loop_ix("2300");
        self.own
            .iter()
            .find(|p| Some(p.loop_ix) == ix && p.segment.id() == b"DTP" && p.segment.value(1) == qualifier)
            .and_then(|p| date_range(p.segment.value(3)))
    }

    /// First and last date of service: lines, else the claim's service date, else the statement period.
    #[must_use]
    pub fn service_dates(&self) -> Option<(Date, Date)> {
        let lines = self.lines().filter_map(|l| l.service_date());
        let spans = lines.chain(self.claim_date(b"472")).chain(self.statement());
        spans.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)))
    }
}

impl<'a> Line<'a> {
    /// SV1, SV2 or SV3.
    #[must_use]
    pub fn service(&self) -> Option<Placed<'a>> {
        self.segments.iter().find(|p| matches!(p.segment.id(), b"SV1" | b"SV2" | b"SV3")).copied()
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
    pub fn pointers(&self) -> Option<(Placed<'a>, usize)> {
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

/// The element or component a path names; the segment's own text where it names none.
fn value_at<'a>(segment: &Segment<'a>, path: &Path) -> &'a [u8] {
    match (path.element, path.component) {
        (None, _) => segment.text(),
        (Some(e), None) => segment.value(e),
        (Some(e), Some(c)) => segment.component(e, c),
    }
}
