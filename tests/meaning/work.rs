//! A clean file at work: where its claims and lines stand, a draft of it whose places don't move, and the mutants made.

use std::fmt::Display;
use std::ops::Range;

use claimloop::schema::Guide;
use jiff::ToSpan;
use jiff::civil::Date;

use super::original::{Original, Text};

/// A file with one fault in what it says.
pub struct Mutant {
    pub operator: &'static str,
    /// What was done, for a report of those missed.
    pub what: String,
    pub bytes: Vec<u8>,
    /// Claims that are wrong now, from 1: it must be said of each.
    pub claims: Vec<u64>,
}

/// A service line: its segments, and the one of the service.
#[derive(Clone)]
pub struct Line {
    pub range: Range<usize>,
    pub service: usize,
    /// Which of the file's loops it is.
    pub inside: usize,
}

/// A claim: its segments from CLM on, and its lines.
#[derive(Clone)]
pub struct Claim {
    pub clm: usize,
    pub range: Range<usize>,
    pub lines: Vec<Line>,
    pub inside: usize,
}

/// The file as it is to become: every segment at its place, and what follows it.
#[derive(Clone)]
pub struct Draft {
    cells: Vec<Vec<Text>>,
}

/// A segment of text.
pub fn text(segment: &str) -> Text {
    segment.split('*').map(str::to_owned).collect()
}

/// Sets an element, or a component of it; elements and components from 1, the latter 0 for a whole element.
pub fn put(text: &mut Text, element: usize, component: usize, value: &str) {
    if text.len() <= element {
        text.resize(element + 1, String::new());
    }
    if component == 0 {
        value.clone_into(&mut text[element]);
        return;
    }
    let mut parts: Vec<&str> = text[element].split(':').collect();
    if parts.len() < component {
        parts.resize(component, "");
    }
    parts[component - 1] = value;
    text[element] = parts.join(":").trim_end_matches(':').to_owned();
}

impl Draft {
    /// With another value at a segment.
    pub fn with(mut self, i: usize, (element, component): (usize, usize), value: &str) -> Draft {
        put(&mut self.cells[i][0], element, component, value);
        self
    }

    /// With more segments behind one, tildes between them.
    pub fn behind(mut self, i: usize, segments: &str) -> Draft {
        self.cells[i].extend(segments.split('~').map(text));
        self
    }

    /// Without these segments.
    pub fn without(mut self, gone: impl IntoIterator<Item = usize>) -> Draft {
        gone.into_iter().for_each(|i| self.cells[i].clear());
        self
    }

    fn set(self) -> Vec<Text> {
        let mut set = self.cells.concat();
        for text in &mut set {
            while text.len() > 1 && text.last().is_some_and(String::is_empty) {
                text.pop();
            }
        }
        set
    }
}

/// An original, and the mutants made of it.
pub struct Work<'o> {
    pub original: &'o Original,
    pub guide: Guide,
    pub claims: Vec<Claim>,
    pub out: Vec<Mutant>,
}

impl<'o> Work<'o> {
    pub fn new(original: &'o Original, guide: Guide) -> Work<'o> {
        let of = |id: &'static str, within: Range<usize>| {
            let all = original.loops.iter().enumerate();
            all.filter(move |(l, o)| original.loop_id(*l) == id && within.contains(&o.first))
        };
        let claims = of("2300", 0..original.segments.len()).map(|(inside, claim)| {
            let range = claim.first..claim.end;
            let lines = of("2400", range.clone()).map(|(inside, line)| {
                let range = line.first..line.end;
                let is_service = |i: &usize| matches!(&*original.segments[*i].text[0], "SV1" | "SV2" | "SV3");
                Line { service: range.clone().find(is_service).unwrap(), range, inside }
            });
            Claim { clm: claim.first, lines: lines.collect(), range, inside }
        });
        Work { original, guide, claims: claims.collect(), out: Vec::new() }
    }

    pub fn all(&self) -> Range<usize> {
        0..self.original.segments.len()
    }

    pub fn draft(&self) -> Draft {
        Draft { cells: self.original.texts().into_iter().map(|t| vec![t]).collect() }
    }

    /// An element as it stands, or a component of it; empty where there is none.
    pub fn value(&self, i: usize, (element, component): (usize, usize)) -> &'o str {
        let value = self.original.segments[i].text.get(element).map_or("", String::as_str);
        match component {
            0 => value,
            n => value.split(':').nth(n - 1).unwrap_or(""),
        }
    }

    pub fn loop_of(&self, i: usize) -> &'static str {
        self.original.loop_id(self.original.segments[i].inside)
    }

    /// Segments of a loop that begin so, of any loop where none is named.
    pub fn find(&self, within: Range<usize>, loop_id: &str, start: &str) -> Vec<usize> {
        let begins = |i: &usize| format!("{}*", self.original.segments[*i].text.join("*")).starts_with(start);
        let stands = |i: &usize| loop_id.is_empty() || self.loop_of(*i) == loop_id;
        within.filter(|i| stands(i) && begins(i)).collect()
    }

    /// Segments of all occurrences of a loop in a range.
    pub fn loops(&self, within: Range<usize>, loop_id: &str) -> Vec<usize> {
        let all = self.original.loops.iter().enumerate();
        let own = all.filter(|(l, o)| within.contains(&o.first) && self.original.loop_id(*l) == loop_id);
        own.flat_map(|(_, o)| o.first..o.end).collect()
    }

    /// The last segment of an occurrence of a loop that a segment with this qualifier may follow.
    pub fn place(&self, inside: usize, id: &str, qualifier: &str) -> usize {
        let (loop_id, entries) = (self.original.loop_id(inside), &self.original.schema.entries);
        let at = |q: &str| {
            entries.iter().position(|e| {
                e.at.loop_id == loop_id && e.at.segment == id && (q == "*" || e.at.qualifier == q)
            })
        };
        let wanted = at(qualifier).or_else(|| at("*")).unwrap_or(usize::MAX);
        let order = |i: usize| entries.iter().position(|e| std::ptr::eq(e, self.original.segments[i].entry));
        self.original.own(inside).filter(|i| order(*i).is_some_and(|n| n <= wanted)).last().unwrap()
    }

    /// Claims that a segment speaks of: its own, or all of its provider, subscriber or patient.
    pub fn claims_of(&self, i: usize) -> Vec<usize> {
        let levels = ["2300", "2000A", "2000B", "2000C"];
        let mut inside = Some(self.original.segments[i].inside);
        while let Some(n) = inside.filter(|n| !levels.contains(&self.original.loop_id(*n))) {
            inside = self.original.loops[n].parent;
        }
        let range = inside.map_or(self.all(), |n| self.original.loops[n].first..self.original.loops[n].end);
        (0..self.claims.len()).filter(|c| range.contains(&self.claims[*c].clm)).collect()
    }

    /// Keeps a mutant made at a segment.
    pub fn add(&mut self, operator: &'static str, i: usize, draft: Draft, what: impl Display) {
        let claims: Vec<u64> = self.claims_of(i).into_iter().map(|c| c as u64 + 1).collect();
        if !claims.is_empty() {
            let what = format!("{} {}: {what}", self.loop_of(i), self.original.segments[i].text.join("*"));
            let bytes = self.original.with(draft.set());
            self.out.push(Mutant { operator, what, bytes, claims });
        }
    }

    /// Keeps a mutant that has another value at one place.
    pub fn changed(&mut self, operator: &'static str, i: usize, at: (usize, usize), value: &str) {
        if self.value(i, at) != value {
            let draft = self.draft().with(i, at, value);
            self.add(operator, i, draft, format!("{at:?} becomes {value:?}"));
        }
    }

    /// Where a line has its procedure, by element.
    pub fn procedure_at(&self) -> usize {
        if self.guide == Guide::Institutional { 2 } else { 1 }
    }

    /// Where a line has its charge, by element.
    pub fn charge_at(&self) -> usize {
        self.procedure_at() + 1
    }

    pub fn procedure(&self, line: &Line) -> &'o str {
        self.value(line.service, (self.procedure_at(), 2))
    }

    /// Modifiers of a line.
    pub fn modifiers(&self, line: &Line) -> Vec<&'o str> {
        let all = (3..=6).map(|n| self.value(line.service, (self.procedure_at(), n)));
        all.filter(|m| !m.is_empty()).collect()
    }

    /// Days of service of a line: its own, else the claim's; none where it was not done yet.
    pub fn days(&self, claim: &Claim, line: &Line) -> Option<(Date, Date)> {
        let own = self.find(line.range.clone(), "2400", "DTP*472*");
        let of_claim = self.find(claim.range.clone(), "2300", "DTP*472*");
        let period = self.find(claim.range.clone(), "2300", "DTP*434*");
        own.iter().chain(&of_claim).chain(&period).next().map(|i| span(self.value(*i, (3, 0))))
    }

    pub fn is_inpatient(&self, claim: &Claim) -> bool {
        self.guide == Guide::Institutional
            && matches!(self.value(claim.clm, (5, 1)), "11" | "18" | "21" | "41")
    }

    /// Every claim with each of its lines.
    pub fn lines(&self) -> Vec<(Claim, Line)> {
        self.claims.iter().flat_map(|c| c.lines.iter().map(|l| (c.clone(), l.clone()))).collect()
    }

    /// A draft with one more line: this one again under its next number, with another procedure where one is given, and as earlier payers
    /// decided it where `decided`; the claim's total raised by its charge.
    pub fn one_more(&self, claim: &Claim, line: &Line, procedure: &str, decided: bool) -> Draft {
        let gone = if decided { Vec::new() } else { self.loops(line.range.clone(), "2430") };
        let own = line.range.clone().filter(|i| !gone.contains(i));
        let mut texts: Vec<Text> = own.map(|i| self.original.segments[i].text.clone()).collect();
        put(&mut texts[0], 1, 0, &(claim.lines.len() + 1).to_string());
        for text in &mut texts {
            match &*text[0] {
                "SV1" | "SV2" | "SV3" if !procedure.is_empty() => {
                    put(text, self.procedure_at(), 0, procedure);
                }
                "REF" if text[1] == "6R" => text[2].push('X'),
                _ => {}
            }
        }
        let charge = cents(self.value(line.service, (self.charge_at(), 0)));
        let total = cents(self.value(claim.clm, (2, 0))) + charge;
        let segments: Vec<String> = texts.iter().map(|t| t.join("*")).collect();
        let draft = self.draft().with(claim.clm, (2, 0), &amount(total));
        draft.behind(claim.range.end - 1, &segments.join("~"))
    }
}

/// First and last day of what a DTP says.
pub fn span(text: &str) -> (Date, Date) {
    let day = |t: &str| Date::strptime("%Y%m%d", &t[..8]).unwrap();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    (day(first), day(last))
}

/// So many days after a date, as a claim writes it.
pub fn day(date: Date, after: i64) -> String {
    date.saturating_add(after.days()).strftime("%Y%m%d").to_string()
}

pub fn cents(text: &str) -> i64 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().unwrap() };
    whole * 100 + format!("{rest:0<2}").parse::<i64>().unwrap()
}

pub fn amount(cents: i64) -> String {
    let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.abs());
    match cents % 100 {
        0 => format!("{sign}{}", cents / 100),
        rest if rest % 10 == 0 => format!("{sign}{}.{}", cents / 100, rest / 10),
        rest => format!("{sign}{}.{rest:02}", cents / 100),
    }
}
