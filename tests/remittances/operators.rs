//! The operators: each makes one thing wrong, and says which edit must name it in which loop.

use super::file::File;

/// One file with one thing wrong.
pub struct Mutant {
    /// What was done.
    pub operator: &'static str,
    /// Where: ordinal of the segment in the file.
    pub at: usize,
    /// The edit that must name it.
    pub edit: &'static str,
    /// In which loop.
    pub of: &'static str,
    pub bytes: Vec<u8>,
}

/// Numbers that look drawn, the same for the same seed.
pub struct Dice(pub u64);

impl Dice {
    /// One of 1 to `most`.
    fn roll(&mut self, most: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % most).unwrap() + 1
    }
}

/// All mutants of one file.
pub struct Maker<'f> {
    file: &'f File,
    dice: &'f mut Dice,
    at: usize,
    made: Vec<Mutant>,
}

fn decimal(cents: i64) -> String {
    claimloop::x12::element::decimal(cents)
}

impl<'f> Maker<'f> {
    pub fn of(file: &'f File, dice: &'f mut Dice) -> Vec<Mutant> {
        let mut maker = Maker { file, dice, at: 0, made: Vec::new() };
        for at in 0..file.0.len() {
            maker.at = at;
            match file.id(at) {
                "BPR" => maker.bpr(),
                "TRN" if !file.value(at - 1, 10).is_empty() => {
                    maker.set("TRN03 another company", "R8-050", "ST", 3, "1129900009")
                }
                "DTM" => maker.dtm(),
                "N1" if file.value(at, 3) == "XX" => {
                    maker.set("N104 wrong digit", "R8-063", "1000B", 4, "1000000013");
                }
                "TS3" => maker.totals(),
                "CLP" => maker.clp(),
                "CAS" => maker.cas(),
                "SVC" => maker.svc(),
                "AMT" => maker.amt(),
                "MOA" => maker.set("MOA remark not known", "R8-013", "2100", 3, "ZZ9"),
                "LQ" => maker.set("LQ remark not known", "R8-013", "2110", 2, "ZZ9"),
                "PLB" => maker.plb(),
                "SE" => {
                    let count = file.value(at, 1).parse::<usize>().unwrap() + 1;
                    let bytes = file.with(at, 1, &count.to_string()).bytes_as_counted();
                    maker.push("SE01 counts one more", "E1-005", "", bytes);
                }
                _ => {}
            }
        }
        maker.made
    }

    fn push(&mut self, operator: &'static str, edit: &'static str, of: &'static str, bytes: Vec<u8>) {
        self.made.push(Mutant { operator, at: self.at, edit, of, bytes });
    }

    fn set(
        &mut self,
        operator: &'static str,
        edit: &'static str,
        of: &'static str,
        element: usize,
        to: &str,
    ) {
        let bytes = self.file.with(self.at, element, to).bytes();
        self.push(operator, edit, of, bytes);
    }

    fn behind(&mut self, operator: &'static str, edit: &'static str, of: &'static str, text: &str) {
        let bytes = self.file.with_behind(self.at, text).bytes();
        self.push(operator, edit, of, bytes);
    }

    /// An amount a little off, up or down.
    fn off(&mut self, operator: &'static str, edit: &'static str, of: &'static str, element: usize) {
        let Some(cents) = self.file.cents(self.at, element) else { return };
        let by = self.dice.roll(9999) * if self.dice.roll(2) == 1 { 1 } else { -1 };
        self.set(operator, edit, of, element, &decimal(cents + by));
    }

    fn bpr(&mut self) {
        self.off("BPR02 off", "R8-007", "ST", 2);
        if self.file.cents(self.at, 2).is_some_and(|paid| paid > 0) {
            self.set("BPR01 notice only", "R8-025", "ST", 1, "H");
            self.set("BPR04 no method", "R8-025", "ST", 4, "NON");
        }
        self.set("BPR04 not a method", "E2-032", "ST", 4, "ZZZ");
        self.set("BPR03 not a flag", "E2-032", "ST", 3, "Z");
        self.set("BPR16 no day", "E1-010", "ST", 16, "20260231");
        if self.file.value(self.at, 4) == "ACH" {
            let bytes = self.file.with(self.at, 15, "").with(self.at, 14, "").bytes();
            self.push("BPR15 gone", "R8-049", "ST", bytes);
        }
        let paid = self.file.cents(self.at, 2).unwrap();
        let debt = self.dice.roll(5000);
        let last = self.file.all("SE").into_iter().find(|n| *n > self.at).unwrap() - 1;
        let plb = format!("PLB*1000000012*20261231*FB:PAYCTL0099*{}", decimal(-debt));
        let file = self.file.with(self.at, 2, &decimal(paid + debt)).with_behind(last, &plb);
        self.push("PLB debt forwarded", "R8-052", "ST", file.bytes());
        let plb = format!("PLB*1000000012*20261231*WO:PAYCTL0099*{}", decimal(paid + debt));
        let file = self.file.with(self.at, 2, &decimal(-debt)).with_behind(last, &plb);
        self.push("BPR02 below nothing", "R8-047", "ST", file.bytes());
    }

    fn dtm(&mut self) {
        match self.file.value(self.at, 1) {
            "405" => self.set("DTM405 no day", "E1-010", "ST", 2, "20260230"),
            "050" => {
                self.set("DTM050 after the payment", "R8-045", "2100", 2, "20261130");
                self.set("DTM050 no day", "E1-010", "2100", 2, "20261301");
            }
            "472" => {
                let claim = self.file.clp(self.at).unwrap();
                let period = self.file.own(claim).any(|n| self.file.value(n, 1) == "232");
                self.set("DTM472 after the payment", "R8-044", "2110", 2, "20261119");
                self.set("DTM472 no day", "E1-010", "2110", 2, "20260931");
                self.set("DTM01 not a qualifier", "E2-032", "2110", 1, "999");
                self.set("DTM01 a begin alone", "R8-030", "2110", 1, "150");
                if !period {
                    let bytes = self.file.without(self.at).bytes();
                    self.push("DTM472 dropped", "R8-029", "2110", bytes);
                }
            }
            "151" => self.set("DTM151 before its begin", "R8-042", "2110", 2, "20200101"),
            "233" => self.set("DTM233 before its begin", "R8-042", "2100", 2, "20200101"),
            _ => {}
        }
    }

    fn totals(&mut self) {
        self.off("TS305 off", "R8-032", "2000", 5);
        let more = self.file.value(self.at, 4).parse::<i64>().unwrap() + 1;
        self.set("TS304 one more", "R8-031", "2000", 4, &more.to_string());
    }

    fn clp(&mut self) {
        let (file, at) = (self.file, self.at);
        self.off("CLP03 off", "R8-005", "2100", 3);
        self.off("CLP04 off", "R8-005", "2100", 4);
        self.set("CLP02 not a status", "E2-032", "2100", 2, "99");
        self.set("CLP08 not a code", "R8-071", "2100", 8, "1A");
        self.set("CLP12 without a DRG", "R8-075", "2100", 12, "1.5");
        if !file.value(at, 11).is_empty() {
            self.made.pop();
        }
        let (charge, paid) = (file.cents(at, 3).unwrap(), file.cents(at, 4).unwrap());
        let status = file.value(at, 2);
        if charge > 0 {
            self.set("CLP02 reversal of a payment", "R8-028", "2100", 2, "22");
        }
        if status == "22" {
            self.set("CLP02 payment of a reversal", "R8-027", "2100", 2, "1");
        }
        if paid > 0 {
            self.set("CLP02 denied but paid", "R8-026", "2100", 2, "4");
            self.set("CLP02 predetermination but paid", "R8-067", "2100", 2, "25");
            self.set("CLP02 not ours but paid", "R8-068", "2100", 2, "23");
            self.set("CLP09 void but paid", "R8-070", "2100", 9, "8");
        }
        if file.cents(at, 5).is_some() {
            self.off("CLP05 off", "R8-023", "2100", 5);
        }
        let own = file.own(at);
        let has = |id: &str, element: usize, value: &str| {
            own.clone().any(|n| file.id(n) == id && (value.is_empty() || file.value(n, element) == value))
        };
        if status == "1" {
            self.set("CLP02 sent on to nobody", "R8-059", "2100", 2, "19");
            if !has("CAS", 2, "23") {
                self.set("CLP02 second without first", "R8-058", "2100", 2, "2");
            }
            let name = own.clone().find(|n| file.id(*n) == "NM1").unwrap();
            let text = "NM1*TT*2*SAMPLE NEXT PAYER*****PI*PAY0002";
            self.push("NM1 next payer", "R8-060", "2100", file.with_behind(name, text).bytes());
            let pricing = file.with_behind(name, "MIA*1~MOA***MA01").bytes();
            self.push("MIA and MOA", "R8-033", "2100", pricing);
            if has("MIA", 0, "") || has("MOA", 0, "") {
                self.made.pop();
            }
        }
        if has("SVC", 0, "") && !file.value(at, 7).is_empty() {
            let copy: Vec<String> = own.clone().map(|n| file.0[n].join("*")).collect();
            let bytes = file.with_behind(own.end - 1, &copy.join("~")).bytes();
            self.push("CLP a second time", "R8-069", "2100", bytes);
        }
        // What its lines write off under one code, said again at the claim.
        let lines = || own.clone().filter(|n| file.id(*n) == "CAS" && file.in_line(*n));
        let of_claim = own.clone().any(|n| file.id(n) == "CAS" && !file.in_line(n));
        if let Some(first) = lines().next().filter(|_| !of_claim) {
            let (group, carc) = (file.value(first, 1), file.value(first, 2));
            let sum: i64 = lines()
                .filter(|n| file.value(*n, 1) == group)
                .flat_map(|n| (2..=17).step_by(3).map(move |e| (n, e)))
                .filter(|(n, e)| file.value(*n, *e) == carc)
                .filter_map(|(n, e)| file.cents(n, e + 1))
                .sum();
            self.behind(
                "CAS of lines at the claim",
                "R8-036",
                "2100",
                &format!("CAS*{group}*{carc}*{}", decimal(sum)),
            );
        }
        if let Some(day) = own.clone().find(|n| file.id(*n) == "DTM" && !file.in_line(*n)) {
            let interest = file.all("PLB").iter().any(|n| file.0[*n].join("*").contains("*L6"));
            if !interest && !has("AMT", 1, "I") {
                let amount = decimal(self.dice.roll(500));
                let bytes = file.with_behind(day, &format!("AMT*I*{amount}")).bytes();
                self.push("AMT interest not paid", "R8-076", "2100", bytes);
            }
        }
    }

    fn cas(&mut self) {
        let (file, at) = (self.file, self.at);
        let (of, edit) = if file.in_line(at) { ("2110", "R8-004") } else { ("2100", "R8-005") };
        self.off("CAS03 off", edit, of, 3);
        let cents = file.cents(at, 3).unwrap();
        self.set("CAS03 sign turned", edit, of, 3, &decimal(-cents));
        let bytes = file.without(at).bytes();
        self.push("CAS dropped", edit, of, bytes);
        self.set("CAS01 not a group", "E2-032", of, 1, "CR");
        self.set("CAS02 not a reason", "R8-012", of, 2, "9999");
        self.set("CAS03 no number", "E1-011", of, 3, "1,00");
        let group = file.value(at, 1);
        if file.value(at, 5).is_empty() && file.value(at, 4).is_empty() {
            let zero = file.with(at, 6, "0").with(at, 5, "253");
            self.push("CAS06 nothing", "R8-011", of, zero.bytes());
            if cents % 2 == 0 {
                let half = decimal(cents / 2);
                let twice = file.with(at, 3, &half).with(at, 5, file.value(at, 2)).with(at, 6, &half);
                self.push("CAS in two halves", "R8-066", of, twice.bytes());
            }
        }
        match group {
            "PR" => self.set("CAS02 write-off on the patient", "R8-021", of, 2, "45"),
            "CO" => self.set("CAS02 coinsurance on the provider", "R8-074", of, 2, "2"),
            _ => {}
        }
        let told = file.own(file.clp(at).unwrap());
        if !told.clone().any(|n| matches!(file.id(n), "LQ" | "MIA" | "MOA")) {
            self.set("CAS02 that wants a remark", "R8-073", of, 2, "16");
        }
    }

    fn svc(&mut self) {
        self.off("SVC02 off", "R8-004", "2110", 2);
        self.off("SVC03 off", "R8-004", "2110", 3);
        let (procedure, units) =
            (self.file.value(self.at, 1).to_owned(), self.file.value(self.at, 5).to_owned());
        let of = self.file.clp(self.at).unwrap();
        if self.file.value(of, 2) != "22" && !units.is_empty() {
            self.set("SVC05 below nothing", "R8-039", "2110", 5, &format!("-{units}"));
        }
        if self.file.value(self.at, 7).is_empty() && !units.is_empty() {
            self.set("SVC07 as SVC05", "R8-038", "2110", 7, &units);
        } else {
            self.set("SVC07 off", "R8-040", "2110", 7, "9");
        }
        let plain: Vec<&str> = procedure.split(':').take(6).collect();
        self.set("SVC06 as SVC01", "R8-037", "2110", 6, &plain.join(":"));
        self.set("SVC01-1 not a kind", "E2-032", "2110", 1, "ZZ:99213");
    }

    fn amt(&mut self) {
        if self.file.in_line(self.at) && self.file.value(self.at, 1) == "B6" {
            let line = self.file.opener(self.at);
            let again = self.file.0[self.at].join("*");
            self.behind("AMT a second time", "R8-055", "2110", &again);
            if self.file.cents(line, 3).is_some_and(|paid| paid > 1) {
                self.set("AMT B6 below paid", "R8-056", "2110", 2, "0.01");
            }
        }
        let (of, status) = (if self.file.in_line(self.at) { "2110" } else { "2100" }, self.file.clp(self.at));
        if status.is_some_and(|clp| self.file.value(clp, 2) != "22") {
            self.set("AMT02 below nothing", "R8-054", of, 2, "-1");
        }
        self.set("AMT01 not a qualifier", "E2-032", of, 1, "ZZZ");
    }

    fn plb(&mut self) {
        let (file, at) = (self.file, self.at);
        for n in (3..=13).step_by(2).filter(|n| file.cents(at, n + 1).is_some()) {
            self.off("PLB amount off", "R8-007", "ST", n + 1);
            self.set("PLB reason not known", "E2-032", "ST", n, "ZZ:SAMPLE");
            let (reason, _) = file.value(at, n).split_once(':').unwrap_or_default();
            if matches!(reason, "WO" | "FB" | "CS" | "72" | "J1") {
                self.set("PLB reference gone", "R8-051", "ST", n, reason);
            }
            self.set("PLB amount nothing", "R8-053", "ST", n + 1, "0");
        }
        let bytes = file.without(at).bytes();
        self.push("PLB dropped", "R8-007", "ST", bytes);
    }
}
