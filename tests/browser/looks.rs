//! How pages look and are reached, all of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::driver::{self, ENTER, TAB, Window};
use crate::pages::{self, Page};
use crate::workbench::Demo;
use crate::{bench, page, sign_in};

/// WCAG 2.2 at level AA; what is good practice beside it is told, and fails where it is serious.
const TAGS: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";

/// The source of axe-core; none where it is not here, which `REQUIRE_ALL` forbids.
fn axe() -> Option<String> {
    let at = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("axe").join("axe.min.js");
    let Ok(source) = fs::read_to_string(&at) else {
        assert!(std::env::var_os("REQUIRE_ALL").is_none(), "axe-core must be here: .ci/tools fetches it");
        println!("not run: axe-core is not here; .ci/tools fetches it");
        return None;
    };
    Some(source)
}

/// What axe finds on the page that is shown, with everything unfolded. It is told how many rules hold, and which a person must look at.
fn faults(window: &Window, axe: &str) -> (Vec<Value>, String) {
    window.run("document.querySelectorAll('details').forEach((d) => d.open = true)");
    window.run(axe);
    let script = format!(
        "axe.run(document, {{ runOnly: {{ type: 'tag', values: {TAGS} }}, preload: false }})
         .then((r) => done({{ held: r.passes.map((v) => v.id), open: r.incomplete.map((v) => v.id),
         faults: r.violations.map((v) => ({{ id: v.id, impact: v.impact, tags: v.tags, help: v.help,
         at: v.nodes.slice(0, 5).map((n) => n.target.join(' ') + ': ' + (n.any[0] || n.all[0] || n.none[0] || {{}}).message) }})) }}))"
    );
    let found = window.run_until(&script);
    let faults = found["faults"].as_array().unwrap().clone();
    let held = found["held"].as_array().unwrap();
    assert!(held.contains(&"color-contrast".into()), "axe looked at no text: {found}");
    let named: Vec<String> = faults.iter().map(|f| format!("{} ({})", f["id"], f["impact"])).collect();
    let told = format!(
        "{} rules hold, {} faults {named:?}, for a person to look at: {}",
        held.len(),
        faults.len(),
        found["open"]
    );
    (faults, told)
}

/// A demo, somebody signed in to it, and all its pages.
fn demo(window: &Window) -> (Demo, Vec<Page>) {
    let demo = Demo::start();
    let link = demo.another();
    pages::let_in(window, &demo.address, &demo.link, "demo");
    let all = pages::all(window, &demo.address, &link);
    (demo, all)
}

#[test]
fn every_page_is_accessible_and_reached_by_keys() {
    let (Some(axe), Some(window)) = (axe(), driver::window()) else { return };
    let (_demo, pages) = demo(&window);
    let mut wrong = Vec::new();
    for page in &pages {
        window.go(&page.address);
        let reached = tabbed(&window);
        let (found, told) = faults(&window, &axe);
        println!("{}: {reached} reached by tab; axe: {told}", page.path);
        let is_wrong = |f: &&Value| {
            let is_wcag =
                f["tags"].as_array().unwrap().iter().any(|t| t.as_str().unwrap().starts_with("wcag"));
            is_wcag || f["impact"] == "serious" || f["impact"] == "critical"
        };
        wrong.extend(found.iter().filter(is_wrong).map(|f| format!("{}: {f:#}", page.path)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Goes through a page by the tab key: everything that can be used is reached, in the order of the page, and seen to be. Gives how many.
fn tabbed(window: &Window) -> usize {
    let script = "
        document.body.tabIndex = -1;
        document.body.focus();
        document.body.removeAttribute('tabindex');
        window.reached = [];
        const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0;
        const group = (e) => [...document.querySelectorAll('input[type=radio]')].filter((r) => r.name === e.name && r.form === e.form);
        // One of a group, among which arrows choose.
        const one = (e) => e.type !== 'radio' || e === (group(e).find((r) => r.checked) || group(e)[0]);
        const usable = 'a[href], button, input, select, textarea, summary, [tabindex]';
        // What scrolls and holds nothing to be used is itself reached, to be scrolled.
        const scrolls = (e) => /auto|scroll/.test(getComputedStyle(e).overflow) && !e.querySelector(usable)
            && (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight);
        const all = [...document.querySelectorAll('body *')].filter((e) => e.matches(usable) ? shown(e) && one(e) : scrolls(e));
        document.addEventListener('focusin', (e) => {
            const style = getComputedStyle(e.target);
            const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
            window.reached.push({ at: all.indexOf(e.target), seen, what: e.target.outerHTML.slice(0, 120) });
        });
        return all.length;";
    let usable = usize::try_from(window.run(script).as_u64().unwrap()).unwrap();
    // Tab goes through month, day and year of a date.
    let dates = window.run("return document.querySelectorAll('input[type=date]').length").as_u64().unwrap();
    window.press_each(&vec![TAB; usable + 3 * usize::try_from(dates).unwrap()]);
    let reached = window.run("return window.reached");
    for (n, one) in reached.as_array().unwrap().iter().enumerate() {
        assert_eq!(
            (one["at"].as_u64(), one["seen"].as_bool()),
            (Some(n as u64), Some(true)),
            "{} {one}",
            window.address()
        );
    }
    assert_eq!(reached.as_array().unwrap().len(), usable, "{}", window.address());
    usable
}

#[test]
fn what_is_said_of_mistakes_and_done_is_accessible() {
    let (Some(axe), Some(window)) = (axe(), driver::window()) else { return };
    let bench = bench("");
    let look = |what: &str| {
        let (found, told) = faults(&window, &axe);
        println!("{what}: {told}");
        assert!(found.is_empty(), "{what}: {found:#?}");
    };
    window.go(&format!("http://{}/sign-in", bench.address));
    window.fill("input[name=name]", "nobody");
    window.fill("input[name=password]", "wrong");
    window.click_on("button");
    window.see("do not go together");
    look("a wrong password");
    sign_in(&window, &bench, "mia", "biller");
    window.go(&page(&bench, "CLAIM-TWO"));
    for (value, said) in [("12*5", "\u{25b2}"), ("125", "nothing stops this claim any more")] {
        window.fill("[data-fix]", value);
        window.click_on("form[action$='/fix'] button.main");
        window.see(said);
        look(said);
    }
    window.fill("#search, #release", "total corrected");
    window.click_on("form[action$='/release'] button");
    window.see("Released");
    look("released");
    window.go(&format!("http://{}/", bench.address));
    window.fill("#search", "nothing like it");
    window.click_on(".search button");
    look("an empty list");
    window.go(&format!("http://{}/no-such-page", bench.address));
    look("no such page");
    // A form of a session that has ended.
    window.go(&page(&bench, "CLAIM-A"));
    bench.link(&["reset", "mia"]);
    window.press_to('f', "value");
    window.type_in("125");
    window.press_on(ENTER);
    window.see("Your session has ended");
    look("a session that ended");
}

#[test]
fn what_has_the_focus_is_not_hidden() {
    let Some(window) = driver::window() else { return };
    let bench = bench("");
    sign_in(&window, &bench, "mia", "biller");
    window.size(1280, 400);
    window.go(&page(&bench, "CLAIM-A"));
    let usable = tabbed(&window);
    for _ in 1..usable {
        window.press_back();
        let hidden = window.run(
            "const e = document.activeElement, r = e.getBoundingClientRect();
             const at = document.elementFromPoint(r.x + Math.min(r.width, 200) / 2, r.y + r.height / 2);
             return e.contains(at) ? '' : `${e.outerHTML} is under ${at && at.outerHTML}`",
        );
        assert_eq!(hidden, "");
    }
}

/// Wide pages scroll in one direction alone, as much as somebody enlarges them.
#[test]
fn pages_fit_a_narrow_window() {
    let Some(window) = driver::window() else { return };
    let (_demo, pages) = demo(&window);
    let mut wide = Vec::new();
    window.size(320, 800);
    for page in &pages {
        window.go(&page.address);
        let width = window.run("return document.documentElement.scrollWidth").as_u64().unwrap();
        if width > 320 {
            let which = window.run("return [...document.querySelectorAll('main *, header *')].filter((e) => e.getBoundingClientRect().right > 321 && (!e.closest('.wide, .segments') || e.matches('.wide, .segments'))).concat([...document.querySelectorAll('.wide')].filter((e) => getComputedStyle(e).overflowX !== 'auto')).slice(0, 4).map((e) => e.outerHTML.slice(0, 300))");
            wide.push(format!("{}: {width} {which:#}", page.path));
        }
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

/// `make screenshots`.
#[test]
#[ignore = "writes docs/pictures/workbench"]
fn pictures() {
    let window = driver::window().expect("Chromium");
    let (_demo, pages) = demo(&window);
    let folder = PathBuf::from("docs/pictures/workbench");
    let told = fs::read_to_string("docs/workbench.md").unwrap();
    fs::create_dir_all(&folder).unwrap();
    let mut untold = Vec::new();
    for (n, page) in pages.iter().enumerate() {
        // The work list has two addresses.
        if pages[..n].iter().any(|before| before.action == page.action) {
            continue;
        }
        window.size(1280, 800);
        window.go(&page.address);
        let height = window.run("return document.documentElement.scrollHeight").as_u64().unwrap();
        window.size(1280, height.clamp(800, 1200));
        let name = format!("{}.png", page.name());
        fs::write(folder.join(&name), unpacked(&window.picture())).unwrap();
        println!("{name}: {} kB", fs::metadata(folder.join(&name)).unwrap().len() / 1000);
        if !told.contains(&format!("pictures/workbench/{name}")) {
            untold.push(name);
        }
    }
    assert!(untold.is_empty(), "docs/workbench.md does not show {untold:?}");
}

/// Bytes of base64.
fn unpacked(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().filter(|b| *b != b'=') {
        let six = LETTERS.iter().position(|l| *l == letter).unwrap();
        (bits, held) = ((bits << 6) | u32::try_from(six).unwrap(), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}
