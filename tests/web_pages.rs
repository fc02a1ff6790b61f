//! The workbench's other pages over HTTP, with the real binary: they say what the commands say, and what is decided there the commands see.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;
mod workbench;

use std::io::Read;

use jiff::ToSpan;
use serde_json::Value;
use site::{Site, sample};
use workbench::{Bench, Browser, NAME};

/// A file's name that a spreadsheet would run, and that names somebody.
const DROPPED: &str = "=cmd|SMITH.edi";

/// A practice with twelve weeks of past, a change of denials that comes in by the daemon, and a file it can't use.
fn practice() -> Bench {
    let site = Site::quick();
    let today = jiff::Zoned::now().date();
    let last = today.saturating_sub(7.days());
    let week = last.iso_week_date();
    let plant = format!(
        "background = 0.03\n[[fault]]\nedit = \"E3-001\"\nshare = 0.05\n[[denial]]\npayer = \"ZZP01\"\ncarc = \"197\"\ngroup = \"CO\"\n\
         share = 0.9\nfrom_week = \"{}-W{:02}\"\ncause = \"approval\"\n",
        week.year(),
        week.week()
    );
    std::fs::write(site.path("plant.toml"), plant).unwrap();
    let end = today.to_string();
    let made =
        ["simulate", "--kind", "linked", "--claims", "1200", "--weeks", "12", "--seed", "1", "--end", &end];
    let made = [&made[..], &["--plant", "plant.toml", "--out", "made"]].concat();
    assert!(site.command(&made).output().unwrap().status.success());
    let late = |folder: &str, n: usize| -> Vec<(String, Vec<u8>)> {
        let folder = site.path("made").join(folder);
        let mut names: Vec<_> = folder.read_dir().unwrap().map(|e| e.unwrap().path()).collect();
        names.sort();
        let taken = names.split_off(names.len() - n);
        let take = |path: &std::path::PathBuf| {
            let bytes = std::fs::read(path).unwrap();
            std::fs::remove_file(path).unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), bytes)
        };
        taken.iter().map(take).collect()
    };
    let (claims, answers) = (late("outbound", 3), late("inbound", 20));
    let import =
        ["history", "import", "made", "--channel", "main", "--config", "claimloop.toml", "--format", "json"];
    assert!(site.command(&import).output().unwrap().status.success());
    claims.iter().for_each(|(name, bytes)| site.drop_file("outbound", name, bytes));
    site.drop_file("outbound", DROPPED, &sample("837p-three-claims-one-off.edi"));
    site.drop_file("outbound", "none.edi", b"this is no X12");
    let bench = Bench::of(site, "");
    answers.iter().for_each(|(name, bytes)| bench.site.drop_file("inbound", name, bytes));
    bench.site.until("all is worked", || bench.site.settled());
    bench.site.until("the change is told", || !denial_alerts(&bench).is_empty());
    bench
}

fn denial_alerts(bench: &Bench) -> Vec<Value> {
    let all = bench.site.json(&["alerts", "list", "--format", "json"]);
    all.as_array().unwrap().iter().filter(|a| a["carc"] == "197").cloned().collect()
}

/// A page that answers, and whose title and address say nothing of what was dropped.
fn page(browser: &Browser<'_>, path: &str) -> String {
    let reply = browser.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.head);
    let title =
        reply.body.split("<title>").nth(1).and_then(|t| t.split("</title>").next()).unwrap_or_default();
    assert!(!title.contains("SMITH") && !path.contains("SMITH"), "{path}: {title}");
    assert!(
        !reply.body.contains("style=\"") && !reply.body.contains("<script>"),
        "{path} has what the policy forbids"
    );
    reply.body
}

/// The addresses of a page that begin so.
fn links(body: &str, begin: &str) -> Vec<String> {
    let all = body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    all.filter(|path| path.starts_with(begin)).collect()
}

/// A part of a workbook.
fn part(book: &[u8], name: &str) -> String {
    let mut text = String::new();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn money(text: &str) -> String {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("${grouped}.{part}")
}

#[test]
fn pages_say_what_the_commands_say() {
    let bench = practice();
    let ada = bench.person("ada", "admin");

    // Figures.
    let shown = page(&ada, "/dashboard");
    let span = shown.split("first came in ").nth(1).unwrap();
    let (from, to) = (&span[..8], &span[12..20]);
    let said = bench.site.json(&["history", "metrics", "--from", from, "--to", to, "--format", "json"]);
    let metrics = said["metrics"].as_array().unwrap();
    assert!(metrics.iter().filter(|m| m["value"].is_string()).count() > 6, "{said}");
    for metric in metrics {
        let definition =
            metric["definition"].as_str().unwrap().trim_end_matches(", in cents").replace('\'', "&#39;");
        assert!(
            shown.contains(&definition.replace("&#39;", "'")) || shown.contains(&definition),
            "{definition}"
        );
        if let Some(value) = metric["value"].as_str() {
            assert!(shown.contains(&format!("<p class=\"value\">{value}")), "{metric}: {shown}");
        }
    }
    assert!(
        shown.contains("class=\"spark\"") && shown.contains("aria-current=\"page\">Dashboard"),
        "{shown}"
    );
    let file = ada.get("/dashboard/export.csv").body;
    let clean = metrics.iter().find(|m| m["name"] == "clean-claim-rate").unwrap();
    assert!(
        file.contains(&format!(
            "clean-claim-rate,{},",
            clean["value"].as_str().unwrap().trim_end_matches('%')
        )),
        "{file}"
    );

    // Denials.
    let said = bench.site.denials("payer,carc");
    let shown = page(&ada, "/denials");
    assert!(shown.contains(&money(said["total"]["amount"].as_str().unwrap())), "{said}");
    let file = ada.get("/denials/all/export.csv").body;
    for row in said["rows"].as_array().unwrap() {
        let begin = format!("{},{},", row["payer"].as_str().unwrap(), row["carc"].as_str().unwrap());
        let end = format!(",{},{},{}", row["claims"], row["denials"], row["amount"].as_str().unwrap());
        assert!(file.lines().any(|line| line.starts_with(&begin) && line.ends_with(&end)), "{row}: {file}");
    }
    let book = ada.get("/denials/all/export.xlsx");
    assert!(
        book.bytes.starts_with(b"PK") && book.header("content-disposition").unwrap().contains("denials-")
    );

    // Narrowed: what is looked for is in no address, and claims are journalled as seen.
    let narrowed =
        ada.post("/denials", &[("by", "carc"), ("only", "payer"), ("value", "ZZP01"), ("pick", "carc=197")]);
    let at = narrowed.header("location").unwrap().to_owned();
    assert!(!at.contains("197") && !at.contains("ZZP01"), "{at}");
    let shown = page(&ada, &at);
    let said = bench.site.json(&["history", "denials", "--by", "payer,carc", "--format", "json"]);
    let row = said["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["payer"] == "ZZP01" && r["carc"] == "197")
        .unwrap();
    assert!(shown.contains(&money(row["amount"].as_str().unwrap())), "{row}: {shown}");
    assert!(
        shown.contains("class=\"mark\"") && shown.contains("alert, CARC 197 from"),
        "the change is marked"
    );
    let claims = page(&ada, &format!("{at}/claims"));
    let of_claims = bench.site.json(&["history", "denials", "--by", "claim,payer,carc", "--format", "json"]);
    let denied: Vec<&str> = of_claims["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["payer"] == "ZZP01" && r["carc"] == "197")
        .map(|r| r["claim"].as_str().unwrap())
        .collect();
    assert!(!denied.is_empty() && denied.iter().all(|claim| claims.contains(claim)), "{denied:?}");
    let journal =
        String::from_utf8(bench.site.command(&["journal", "export"]).output().unwrap().stdout).unwrap();
    assert!(
        journal.lines().any(|l| l.contains("\"user ada\"") && l.contains("\"history\":\"denials\"")),
        "the view is journalled"
    );

    // Files: conservation as it is proved for all of them together.
    let shown = page(&ada, "/files");
    assert!(shown.contains("=cmd|SMITH.edi") && shown.contains("Done, something rejected"), "{shown}");
    let (mut sums, mut dropped) = ([0_u64; 4], 0);
    for path in links(&shown, "/files/01") {
        let one = page(&ada, &path);
        let Some(sum) = one.split("class=\"sum\"").nth(1) else { continue };
        assert!(one.contains("Every claim is accounted for, once"), "{path}");
        let counts = sum
            .split("class=\"count\">")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().parse::<u64>().unwrap());
        sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        dropped += 1;
    }
    let proved = bench.site.json(&["reconcile", "--format", "json"]);
    let whole = ["in", "clean", "held", "rejected"].map(|part| proved[part]["claims"].as_u64().unwrap());
    assert_eq!((sums, dropped >= 5, &proved["holds"]), (whole, true, &Value::Bool(true)), "{proved}");
    let file = ada.get("/files/found/all/export.csv").body;
    assert!(file.contains(",'=cmd|SMITH.edi,") && !file.contains(",=cmd|"), "{file}");
    let book = ada.get("/files/found/all/export.xlsx").bytes;
    let sheet = part(&book, "xl/worksheets/sheet1.xml");
    assert!(part(&book, "xl/sharedStrings.xml").contains(">=cmd|SMITH.edi<"), "text is text");
    assert!(!sheet.contains("<f>") && sheet.contains("<v>"), "{sheet}");

    // The trail says who did it; the reference has the site's own numbers beside its entries.
    let trail = page(&ada, "/audit");
    assert!(trail.contains("Saw denials with their claim numbers") && trail.contains(">ada<"), "{trail}");
    let own = ada.post("/audit", &[("actor", "ada"), ("about", "views"), ("id", "")]);
    let own = page(&ada, own.header("location").unwrap());
    assert!(own.contains("Saw denials") && !own.contains("Received a file"), "{own}");
    let entry = page(&ada, "/reference/codes/CARC-197");
    assert!(entry.contains(&money(row["amount"].as_str().unwrap())), "{entry}");
    let edit = page(&ada, "/reference/edits/E3-001");
    assert!(edit.contains("What it did, by payer") && edit.contains("At this site"), "{edit}");
    let file = ada.get("/reference/found/all/export.csv").body;
    let fired = file.lines().find(|line| line.starts_with("E3-001,")).unwrap();
    assert!(!fired.contains(",0,0,0,"), "it fired here: {fired}");
    let found = ada.post("/reference", &[("text", "pointer")]);
    let found = page(&ada, found.header("location").unwrap());
    assert!(
        found.contains("/reference/edits/E4-008") && !found.contains("/reference/edits/E3-001"),
        "{found}"
    );
    let found = ada.post("/reference", &[("text", "carc 16")]);
    assert_eq!(found.header("location"), Some("/reference/codes/CARC-16"));
    for path in [
        "/reference",
        "/reference/modifiers/59",
        "/reference/codes/GROUP-CO",
        "/reference/codes/RARC-M76",
        "/huddle",
    ] {
        page(&ada, path);
    }
    let pack = links(&page(&ada, "/huddle"), "/huddle/")
        .into_iter()
        .find(|path| path.ends_with("now.json"))
        .unwrap();
    let pack: Value = serde_json::from_str(&ada.get(&pack).body).unwrap();
    assert_eq!(pack["head"][0]["name"], "clean-claim-rate");
    let settings = page(&ada, "/settings");
    assert!(
        settings.contains("As <code>claimloop doctor</code> makes them")
            && settings.contains("spool/outbound"),
        "{settings}"
    );
    assert!(!bench.site.log().contains("SMITH"), "the log names nobody");

    // Others see what they may, and what is not there is not there.
    let vi = bench.person("vi", "viewer");
    let shown = page(&vi, "/dashboard");
    assert!(
        shown.contains("/denials")
            && !shown.contains("href=\"/audit\"")
            && !shown.contains("href=\"/settings\"")
    );
    assert_eq!((vi.get("/audit").status, vi.get("/settings").status), (403, 403));
    for path in [
        "/alerts/none",
        "/files/none",
        "/reference/edits/E9-999",
        "/reference/codes/CARC-none",
        "/huddle/2026-W01/none.html",
        "/denials/all/export.exe",
    ] {
        assert_eq!(vi.get(path).status, 404, "{path}");
    }
    assert_eq!(vi.get("/denials/none").header("location"), Some("/denials"), "of a session that ended");
    assert_eq!(vi.get(&at).header("location"), Some("/denials"), "of somebody else");
}

#[test]
fn an_alert_is_acknowledged_put_off_given_on_and_resolved_in_the_page() {
    let bench = practice();
    let lea = bench.person("lea", "lead");
    let alert = denial_alerts(&bench).remove(0);
    let inbox = page(&lea, "/alerts");
    assert!(
        inbox.contains(&alert["message"].as_str().unwrap().replace('\'', "&#39;"))
            || inbox.contains("CO-197"),
        "{inbox}"
    );
    let path =
        links(&inbox, "/alerts/").into_iter().find(|path| page(&lea, path).contains("CO-197")).unwrap();
    assert!(!path.contains("197"), "{path}");
    let shown = page(&lea, &path);
    for said in ["class=\"band\"", "class=\"mark\"", "more from", "Expected from", "Claims it happened to"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let id = alert["id"].as_str().unwrap();
    let standing = || bench.site.json(&["alerts", "show", id, "--format", "json"]);
    for example in standing()["examples"].as_array().unwrap() {
        assert!(shown.contains(example["claim"].as_str().unwrap()), "{example}");
    }
    let version = |body: &str| {
        body.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let first = version(&shown);
    let done = lea.posted(&format!("{path}/acknowledge"), &[("version", &first)]);
    assert!(done.body.contains("Acknowledged") && done.body.contains("lea acknowledged it"), "{}", done.body);
    let now = standing();
    assert_eq!(
        (&now["status"], &now["trail"][1]["actor"]),
        (&Value::from("acknowledged"), &Value::from("user lea")),
        "{now}"
    );

    // Who comes second is told, and nothing of theirs is lost.
    let ana = bench.person("ana", "coder");
    let late = ana.post(&format!("{path}/resolve"), &[("version", &first), ("note", "trained the desk")]);
    assert_eq!(
        (late.status, late.body.contains("changed at"), late.body.contains("trained the desk")),
        (422, true, true),
        "{}",
        late.body
    );
    let again = |what: &str, form: &[(&str, &str)]| {
        let version = version(&page(&ana, &path));
        ana.post(&format!("{path}/{what}"), &[&[("version", version.as_str())], form].concat())
    };
    assert_eq!(again("snooze", &[("until", "soon")]).status, 422);
    assert_eq!(again("snooze", &[("until", "2020-01-01")]).status, 422);
    let day = jiff::Zoned::now().date().saturating_add(3.days()).to_string();
    assert_eq!(again("snooze", &[("until", &day)]).status, 303);
    assert_eq!(standing()["status"], "snoozed");
    assert_eq!(again("assign", &[("team", "coding")]).status, 303);
    assert_eq!(standing()["owner"], "coding");
    assert_eq!(again("resolve", &[("note", " ")]).status, 422);
    assert_eq!(again("resolve", &[("note", "trained <the> desk")]).status, 303);
    let now = standing();
    assert_eq!(
        (&now["status"], &now["notes"][0]["note"]),
        (&Value::from("resolved"), &Value::from("trained <the> desk"))
    );
    let shown = page(&ana, &path);
    assert!(
        shown.contains("trained &lt;the&gt; desk") && !shown.contains(&format!("action=\"{path}/resolve\"")),
        "{shown}"
    );

    let vi = bench.person("vi", "viewer");
    assert!(!page(&vi, &path).contains(&format!("action=\"{path}")), "who only looks is offered nothing");
    assert!(!bench.site.log().contains("trained"), "what people write is not in the log");
}

/// What a claim says is text wherever it goes: in a page, in a file of a browser, in a spreadsheet.
#[test]
fn the_work_list_is_harmless_as_a_file() {
    const FORMULA: &str = "=cmd|' /C calc'!A0";
    let bench = Bench::new("");
    let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    let text = text.replace("CLM*CLAIM-TWO*", &format!("CLM*{FORMULA}*"));
    bench.site.drop_file("outbound", "formula.edi", text.as_bytes());
    bench.site.until("it is held", || bench.site.held().as_array().unwrap().len() == 3);
    let mia = bench.person("mia", "biller");
    let file = mia.get("/work/all/export.csv");
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(file.header("content-disposition").unwrap().starts_with("attachment"), "{}", file.head);
    let row = file.body.lines().find(|line| line.contains("/C calc")).expect("the claim");
    assert!(row.starts_with(&format!("'{FORMULA},")), "{row}");
    assert!(file.body.contains(&format!("\"{NAME}, BRUNO\"")), "a name is a name: {}", file.body);
    assert_eq!(file.body.lines().count(), 4, "{}", file.body);
    let book = mia.get("/work/all/export.xlsx").bytes;
    let (sheet, texts) = (part(&book, "xl/worksheets/sheet1.xml"), part(&book, "xl/sharedStrings.xml"));
    assert!(!sheet.contains("<f>") && sheet.contains("<v>"), "{sheet}");
    assert!(texts.contains(">=cmd|' /C calc'!A0<") && !texts.contains("<script>"), "{texts}");
    // A list that is downloaded is seen.
    let export = bench.site.command(&["journal", "export"]).output().unwrap().stdout;
    let export = String::from_utf8(export).unwrap();
    let seen = export.lines().filter(|line| line.contains("\"list\"") && line.contains("user mia")).count();
    assert!(seen >= 2, "{seen}");
    // In a room where others look on it names nobody.
    mia.post("/blind", &[("blinded", "yes")]);
    let file = mia.get("/work/all/export.csv").body;
    assert!(!file.contains("BRUNO") && !file.contains("calc") && file.contains("E3-001"), "{file}");
}
