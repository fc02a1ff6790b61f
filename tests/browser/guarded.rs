//! What other sites and hostile claims can't do in a browser whose user is signed in.

use serde_json::Value;

use crate::driver::{self, Window};
use crate::elsewhere::Elsewhere;
use crate::site::sample;
use crate::workbench::NAME;
use crate::{bench, page, sign_in};

/// What a spreadsheet would run.
const FORMULA: &str = "=cmd|' /C calc'!A0";

#[test]
fn other_sites_can_neither_send_forms_nor_frame_pages() {
    let Some(window) = driver::window() else { return };
    let bench = bench("");
    sign_in(&window, &bench, "mia", "biller");
    let (at, id) = (page(&bench, "CLAIM-TWO"), bench.hold("CLAIM-TWO"));
    window.go(&at);
    // Even with a token that was stolen somehow.
    let token = window.value("input[name=csrf]");
    let form = |token: &str| {
        format!(
            "<form method=post action='{at}/void'><input name=csrf value='{token}'><input name=version value=1>\
             <input name=void-reason value='theirs'></form><script>document.forms[0].submit()</script>"
        )
    };
    let quiet = format!(
        "<p>theirs</p><script>fetch('{at}/void', {{ method: 'POST', mode: 'no-cors', credentials: 'include', \
         body: new URLSearchParams({{ csrf: '{token}', version: 1, 'void-reason': 'theirs' }}) }}).then(() => document.title = 'sent')</script>"
    );
    let elsewhere = Elsewhere::serving(vec![
        ("/form", form("guessed")),
        ("/stolen", form(&token)),
        ("/quiet", quiet),
        ("/frame", format!("<p>theirs</p><iframe src='{at}'></iframe>")),
    ]);
    for path in ["/form", "/stolen"] {
        window.go(&format!("{}{path}", elsewhere.address));
        window.see("This form was not sent by a page of the workbench. Nothing was changed.");
        assert_eq!(bench.show(&id)["version"], 1, "{path}");
    }
    window.go(&format!("{}/quiet", elsewhere.address));
    bench.site.until("it was sent", || window.run("return document.title") == "sent");
    assert_eq!((&bench.show(&id)["version"], &bench.show(&id)["status"]), (&1.into(), &"open".into()));
    window.go(&format!("{}/frame", elsewhere.address));
    window.enter_frame();
    let framed = window.text();
    assert!(!framed.contains("CLAIM-TWO") && !framed.contains("claimloop"), "{framed}");
    // Who is signed in still is.
    window.go(&at);
    window.see("CLAIM-TWO");
}

#[test]
fn nothing_from_elsewhere_runs_or_is_loaded() {
    let Some(window) = driver::window() else { return };
    let bench = bench("");
    sign_in(&window, &bench, "mia", "biller");
    let elsewhere = Elsewhere::serving(Vec::new());
    window.go(&page(&bench, "CLAIM-TWO"));
    let theirs = &elsewhere.address;
    let script = format!(
        "const refused = new Set();
         document.addEventListener('securitypolicyviolation', (e) => refused.add(e.effectiveDirective));
         const add = (name, given) => document.body.append(Object.assign(document.createElement(name), given));
         add('script', {{ textContent: 'window.marked = true' }});
         add('script', {{ src: '{theirs}/script.js' }});
         add('link', {{ rel: 'stylesheet', href: '{theirs}/style.css' }});
         add('style', {{ textContent: 'body {{ display: none }}' }});
         add('img', {{ src: '{theirs}/image.png' }});
         add('iframe', {{ src: '{theirs}/frame' }});
         add('object', {{ data: '{theirs}/object' }});
         add('a', {{ id: 'inline' }});
         document.getElementById('inline').setAttribute('onclick', 'window.marked = true');
         document.getElementById('inline').click();
         add('form', {{ id: 'theirs', action: '{theirs}/form' }});
         document.getElementById('theirs').submit();
         const fetched = fetch('{theirs}/fetch').then(() => 'fetched', () => 'refused');
         setTimeout(() => fetched.then((f) => done({{ fetched: f, refused: [...refused].sort(), marked: !!window.marked }})), 500);"
    );
    let found = window.run_until(&script);
    assert_eq!((&found["fetched"], &found["marked"]), (&"refused".into(), &false.into()), "{found}");
    let refused: Vec<&str> = found["refused"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let wanted = [
        "connect-src",
        "form-action",
        "frame-src",
        "img-src",
        "object-src",
        "script-src-attr",
        "script-src-elem",
        "style-src-elem",
    ];
    assert_eq!(refused, wanted);
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
    window.see("CLAIM-TWO");
}

/// The page shows it as text: it made no element and ran nothing.
fn is_harmless(window: &Window) {
    assert!(!window.is_alarmed(), "a script of a claim ran");
    let scripts =
        window.run("return [...document.scripts].map((s) => s.getAttribute('src') + s.textContent)");
    assert_eq!(scripts, serde_json::json!(["/assets/workbench.js"]), "at {}", window.address());
}

#[test]
fn what_a_claim_says_is_shown_and_never_run() {
    let Some(window) = driver::window() else { return };
    let bench = bench("");
    let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    let text = text.replace("CLM*CLAIM-TWO*", &format!("CLM*{FORMULA}*"));
    bench.site.drop_file("outbound", "formula.edi", text.as_bytes());
    bench.site.until("it is held", || bench.site.held().as_array().unwrap().len() == 3);
    sign_in(&window, &bench, "mia", "biller");
    window.see(FORMULA);
    is_harmless(&window);
    window.fill("#search", NAME);
    window.click_on(".search button");
    assert_eq!(window.value("#search"), NAME);
    is_harmless(&window);
    window.go(&page(&bench, FORMULA));
    assert_eq!(window.text_of(".strip .number"), FORMULA);
    window.go(&page(&bench, "CLAIM-TWO"));
    window.see(&format!("{NAME}, BRUNO"));
    is_harmless(&window);
    for typed in [FORMULA, NAME, "\"><img src=x onerror=alert(1)>"] {
        window.fill("[data-fix]", typed);
        window.click_on("form[action$='/fix'] button.main");
        window.see("\u{25b2}");
        assert_eq!(window.value("[data-fix]"), typed);
        is_harmless(&window);
    }
}
