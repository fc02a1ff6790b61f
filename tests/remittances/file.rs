//! A remittance file taken apart into segments and elements, to be changed and put together again.

/// Segments of elements; made for files with the usual delimiters, a line a segment.
#[derive(Clone)]
pub struct File(pub Vec<Vec<String>>);

impl File {
    pub fn read(path: &str) -> File {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
        let segments = text.split('~').map(str::trim).filter(|s| !s.is_empty());
        File(segments.map(|s| s.split('*').map(str::to_owned).collect()).collect())
    }

    pub fn id(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |s| s[0].as_str())
    }

    pub fn value(&self, at: usize, element: usize) -> &str {
        self.0[at].get(element).map_or("", String::as_str)
    }

    /// Cents of an element, where it holds an amount.
    pub fn cents(&self, at: usize, element: usize) -> Option<i64> {
        claimloop::x12::element::amount(self.value(at, element).as_bytes())
    }

    /// The same file with an element changed.
    pub fn with(&self, at: usize, element: usize, value: &str) -> File {
        let mut file = self.clone();
        let segment = &mut file.0[at];
        while segment.len() <= element {
            segment.push(String::new());
        }
        segment[element] = value.to_owned();
        while segment.last().is_some_and(String::is_empty) {
            segment.pop();
        }
        file
    }

    /// The same file with segments put behind one.
    pub fn with_behind(&self, at: usize, text: &str) -> File {
        let mut file = self.clone();
        let new = text.split('~').map(|s| s.split('*').map(str::to_owned).collect::<Vec<_>>());
        file.0.splice(at + 1..=at, new);
        file
    }

    /// The same file without a segment.
    pub fn without(&self, at: usize) -> File {
        let mut file = self.clone();
        file.0.remove(at);
        file
    }

    /// The first segment of a loop 2100 or 2110 that a segment stands in: its CLP or SVC.
    pub fn opener(&self, at: usize) -> usize {
        (0..=at).rev().find(|n| matches!(self.id(*n), "CLP" | "SVC" | "ST")).unwrap_or(0)
    }

    /// True where a segment stands in a loop 2110.
    pub fn in_line(&self, at: usize) -> bool {
        self.id(self.opener(at)) == "SVC"
    }

    /// The CLP of the claim payment a segment stands in.
    pub fn clp(&self, at: usize) -> Option<usize> {
        (0..=at).rev().find(|n| matches!(self.id(*n), "CLP" | "ST")).filter(|n| self.id(*n) == "CLP")
    }

    /// The segments of the claim payment or service payment that one opens, itself first.
    pub fn own(&self, opener: usize) -> std::ops::Range<usize> {
        let ends: &[&str] = if self.id(opener) == "SVC" {
            &["SVC", "CLP", "LX", "PLB", "SE"]
        } else {
            &["CLP", "LX", "PLB", "SE"]
        };
        let end = (opener + 1..self.0.len()).find(|n| ends.contains(&self.id(*n))).unwrap_or(self.0.len());
        opener..end
    }

    /// The segments of an id.
    pub fn all(&self, id: &str) -> Vec<usize> {
        (0..self.0.len()).filter(|n| self.id(*n) == id).collect()
    }

    /// As bytes, its SE counting what stands there.
    pub fn bytes(&self) -> Vec<u8> {
        let mut file = self.clone();
        let mut st = 0;
        for n in 0..file.0.len() {
            match self.id(n) {
                "ST" => st = n,
                "SE" => file.0[n][1] = (n - st + 1).to_string(),
                _ => {}
            }
        }
        file.bytes_as_counted()
    }

    /// As bytes, whatever its SE counts.
    pub fn bytes_as_counted(&self) -> Vec<u8> {
        let segments: Vec<String> = self.0.iter().map(|s| s.join("*")).collect();
        (segments.join("~\n") + "~\n").into_bytes()
    }
}
