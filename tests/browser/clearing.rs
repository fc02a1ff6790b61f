//! What people do all day.

use std::thread::sleep;
use std::time::Duration;

use crate::driver::{self, DELETE, ENTER, Strokes, TAB};
use crate::site::{claims, sample};
use crate::workbench::{Bench, Demo};
use crate::{again, bench, page, pages, sign_in};

/// True once a claim is in a file that left.
fn has_left(bench: &Bench, claim: &str) -> bool {
    let released =
        bench.site.published("clean").into_iter().filter(|(name, _)| name.starts_with("released-"));
    released.into_iter().any(|(_, bytes)| claims(&bytes) == [claim])
}

#[test]
fn a_claim_is_cleared_by_keys_alone() {
    let Some(window) = driver::window() else { return };
    let bench = bench("");
    sign_in(&window, &bench, "mia", "biller");
    window.strokes.set(Strokes::default());
    window.press_to('/', "text");
    window.type_in("CLAIM-TWO");
    window.press_on(ENTER);
    window.see("CLAIM-TWO");
    assert!(!window.text().contains("CLAIM-A"), "{}", window.text());
    window.press('j');
    window.press_on(ENTER);
    window.see("Claim total differs from lines");
    window.press_to('f', "value");
    window.type_in("125");
    window.press_on(ENTER);
    window.see("nothing stops this claim any more");
    window.see("Every edit passes");
    window.press_to('r', "reason");
    window.type_in("total corrected");
    window.press_on(ENTER);
    window.see("Released");
    // docs/workbench.md says so, too.
    let Strokes { keys, typed } = window.strokes.get();
    println!("cleared with {keys} keys and {typed} characters typed");
    assert_eq!(keys, 8);
    bench.site.until("the claim leaves", || has_left(&bench, "CLAIM-TWO"));
    bench.site.until("it is known", || bench.show(&bench.held_once("CLAIM-TWO"))["status"] == "sent");
}

#[test]
fn a_claim_is_cleared_without_scripts_by_clicks() {
    let Some(window) = driver::window_without_scripts() else { return };
    let bench = bench("");
    sign_in(&window, &bench, "mia", "biller");
    window.press('/');
    assert_ne!(window.focused(), "text", "the script runs");
    window.fill("#search", "CLAIM-TWO");
    window.click_on(".search button");
    window.click_on("a.claim");
    window.fill("[data-fix]", "125");
    window.click_on("form[action$='/fix'] button.main");
    window.see("nothing stops this claim any more");
    window.fill("#release", "total corrected");
    window.click_on("form[action$='/release'] button");
    window.see("Released");
    bench.site.until("the claim leaves", || has_left(&bench, "CLAIM-TWO"));
}

#[test]
fn nothing_is_overridden_without_a_reason() {
    let Some(window) = driver::window() else { return };
    let bench = bench("");
    let text = String::from_utf8(sample("837p-one-line.edi")).unwrap();
    let text = text.replace("SV1*HC:93000*50*UN*1***1~", "SV1*HC:99213*100*UN*1***1:2~");
    let text = text.replace("CLM*CLAIM-A*150*", "CLM*TWICE*200*");
    bench.site.drop_file("outbound", "twice.edi", text.as_bytes());
    bench.site.until("it is held", || bench.site.held().as_array().unwrap().len() == 3);
    sign_in(&window, &bench, "ana", "coder");
    let at = page(&bench, "TWICE");
    window.go(&at);
    let id = bench.hold("TWICE");
    let form = "form[action$='/override']";
    let (code, note, button) =
        (format!("{form} select"), format!("{form} textarea"), format!("{form} button"));
    // The browser asks for each before it sends anything.
    window.click(&button);
    assert_eq!(window.focused(), "code");
    window.choose(&code, "separate-service");
    window.click(&button);
    assert_eq!((window.focused(), window.address()), ("note".to_owned(), at.clone()));
    // What the browser lets through, the server does not.
    window.fill(&note, "   ");
    window.click_on(&button);
    window.see("Say why");
    window.run(&format!("document.querySelector(\"{form}\").noValidate = true"));
    window.choose(&code, "");
    window.fill(&note, "two visits that day");
    window.click_on(&button);
    window.see("\u{25b2}");
    assert_eq!(window.value(&note), "two visits that day");
    assert_eq!((&bench.show(&id)["version"], &bench.show(&id)["status"]), (&1.into(), &"open".into()));
    window.choose(&code, "separate-service");
    window.click_on(&button);
    window.see("Overridden");
    window.see("two visits that day");
    bench.site.until("it leaves", || has_left(&bench, "TWICE"));
}

#[test]
fn who_comes_second_is_told_and_finds_what_they_typed() {
    let (Some(mias), Some(anas)) = (driver::window(), driver::window()) else { return };
    let bench = bench("");
    sign_in(&mias, &bench, "mia", "biller");
    sign_in(&anas, &bench, "ana", "coder");
    let at = page(&bench, "CLAIM-TWO");
    mias.go(&at);
    anas.go(&at);
    anas.press_to('f', "value");
    anas.type_in("125");
    mias.press_to('a', "team");
    mias.type_in("c");
    mias.choose("#assign", "clinical");
    mias.click_on("form[action$='/assign'] button");
    mias.see("Given to Clinical");
    anas.press_on(ENTER);
    for said in ["Someone else changed this claim", "mia gave it to Clinical", "Nothing of yours was lost"] {
        anas.see(said);
    }
    assert_eq!(anas.value("[data-fix]"), "125");
    assert_eq!(bench.show(&bench.hold("CLAIM-TWO"))["version"], 2);
    anas.press_to('f', "value");
    anas.press_on(ENTER);
    anas.see("nothing stops this claim any more");
}

#[test]
fn a_session_that_ended_changes_nothing_and_says_so() {
    let Some(window) = driver::window() else { return };
    let bench = bench("session_idle = \"4s\"");
    let id = bench.hold("CLAIM-TWO");
    sign_in(&window, &bench, "mia", "biller");
    window.go(&page(&bench, "CLAIM-TWO"));
    window.press_to('f', "value");
    window.type_in("125");
    sleep(Duration::from_millis(4300));
    window.press_on(ENTER);
    window.see("Your session has ended");
    window.see("Nothing was changed.");
    assert_eq!(bench.show(&id)["version"], 1);
    // What was typed is still there while they sign in beside it.
    let here = window.beside();
    again(&window, &bench, "mia");
    window.turn_to(&here);
    assert_eq!(window.text_of(".typed"), "125");
}

/// Ten claims of the demo as a biller clears them, by what the pages say alone: docs/workbench.md tells the steps and counts the keys.
#[test]
fn ten_claims_of_the_demo_are_cleared_by_keys() {
    let Some(window) = driver::window() else { return };
    let demo = Demo::start();
    pages::let_in(&window, &demo.address, &demo.link, "demo");
    window.strokes.set(Strokes::default());
    window.press('j');
    window.press_on(ENTER);
    let (mut cleared, mut seen) = (0, 0);
    while cleared < 10 {
        seen += 1;
        assert!(seen <= 50, "{cleared} cleared of {seen}");
        let (name, why) = (window.text_of(".finding h3"), window.text_of(".finding p"));
        if name.contains("total differs from lines") {
            let sum = why.rsplit('$').next().unwrap().trim_end_matches('.').to_owned();
            window.press_to('f', "value");
            window.type_in(&sum);
        } else if name.contains("Frequency and payer control number") {
            let number = window.run("return document.querySelectorAll('[data-fix]')[1].value");
            window.press_to('f', "value");
            window.press(TAB);
            match number.as_str().unwrap() {
                "" => window.type_in("PCN12345"),
                // What stands there is marked.
                _ => window.press(DELETE),
            }
        } else if name.contains("birth date") {
            // As the registration has it.
            window.press_to('f', "value");
            window.type_in("01/02/1980");
        } else {
            // Not a biller's.
            window.press_on('n');
            continue;
        }
        window.press_on(ENTER);
        if !window.text().contains("nothing stops this claim any more") {
            window.press_on('n');
            continue;
        }
        window.press_to('r', "reason");
        window.type_in("corrected");
        window.press_on(ENTER);
        window.see("Released");
        cleared += 1;
        window.press_on('n');
    }
    let Strokes { keys, typed } = window.strokes.get();
    println!("ten claims cleared of {seen} looked at, with {keys} keys and {typed} characters typed");
    assert!(keys <= 110, "{keys}");
}
