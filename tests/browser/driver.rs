//! Chromium, driven over WebDriver: a window with a session of its own, real keys, real clicks.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

pub const TAB: char = '\u{e004}';
pub const DELETE: char = '\u{e017}';
pub const ENTER: char = '\u{e007}';
const SHIFT: char = '\u{e008}';
/// By what an answer names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const PATIENCE: Duration = Duration::from_secs(20);

/// What hands did at the keyboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strokes {
    /// Keys that do something.
    pub keys: usize,
    /// Characters typed into fields.
    pub typed: usize,
}

/// A window of a browser that nobody used before.
pub struct Window {
    driver: Child,
    /// Kept, for it writes on.
    _said: BufReader<ChildStdout>,
    agent: Agent,
    session: String,
    scripts: bool,
    pub strokes: Cell<Strokes>,
    _profile: TempDir,
}

impl Drop for Window {
    fn drop(&mut self) {
        let _gone = self.agent.delete(&self.session).call();
        let _gone = self.driver.kill();
        let _gone = self.driver.wait();
    }
}

/// A window; none where there is no Chromium, which `REQUIRE_ALL` forbids.
pub fn window() -> Option<Window> {
    open(true)
}

/// One that runs no script of a page.
pub fn window_without_scripts() -> Option<Window> {
    open(false)
}

fn open(scripts: bool) -> Option<Window> {
    let mut command = Command::new("chromedriver");
    // It keeps some of its own there, beside the profile.
    let profile = TempDir::new().unwrap();
    command.arg("--port=0").env("TMPDIR", profile.path()).stdin(Stdio::null());
    let Ok(mut driver) = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn() else {
        assert!(
            std::env::var_os("REQUIRE_ALL").is_none(),
            "chromedriver must be here: .ci/tools installs it"
        );
        println!("not run: there is no chromedriver here");
        return None;
    };
    let mut said = BufReader::new(driver.stdout.take().unwrap());
    let port = said.by_ref().lines().map_while(Result::ok).find_map(|line| port(&line));
    let folder = profile.path().join("profile");
    let mut args = vec!["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
    let (folder, size) = (format!("--user-data-dir={}", folder.display()), "--window-size=1280,800");
    args.extend([folder.as_str(), size, "--hide-scrollbars", "--no-first-run"]);
    let allowed = if scripts { 1 } else { 2 };
    let chrome = json!({
        "args": args,
        "prefs": { "profile.managed_default_content_settings.javascript": allowed },
    });
    let wanted = json!({ "alwaysMatch": {
        "browserName": "chrome", "unhandledPromptBehavior": "ignore", "goog:chromeOptions": chrome,
    }});
    let agent =
        Agent::config_builder().http_status_as_error(false).timeout_global(Some(3 * PATIENCE)).build();
    let session = format!("http://127.0.0.1:{}/session", port.expect("a port of chromedriver"));
    let mut window = Window {
        driver,
        _said: said,
        agent: agent.into(),
        session,
        scripts,
        strokes: Cell::default(),
        _profile: profile,
    };
    let begun = window.ask("", &json!({ "capabilities": wanted }));
    window.session = format!("{}/{}", window.session, begun["sessionId"].as_str().unwrap());
    window.size(1280, 800);
    Some(window)
}

/// The port that chromedriver says it has; first it says which it was asked for, 0.
fn port(line: &str) -> Option<u16> {
    line.rsplit_once("on port ")?.1.trim_end_matches('.').parse().ok().filter(|port| *port != 0)
}

impl Window {
    /// One command; what went wrong with it.
    fn asked(&self, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let at = format!("{}{path}", self.session);
        let answer = match body {
            Some(body) => self.agent.post(&at).send(body.to_string()),
            None => self.agent.get(&at).call(),
        };
        let mut answer = answer.map_err(|e| format!("{path}: {e}"))?;
        // A picture is longer than what is read unless asked for.
        let text = answer.body_mut().with_config().limit(100 << 20).read_to_string().unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        if answer.status().is_success() {
            Ok(value["value"].clone())
        } else {
            Err(format!("{path}: {}", value["value"]))
        }
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        self.asked(path, Some(body)).unwrap_or_else(|e| panic!("{e}"))
    }

    fn get(&self, path: &str) -> Value {
        self.asked(path, None).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Makes what is seen of a page so large.
    pub fn size(&self, width: u64, height: u64) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask(
            "/goog/cdp/execute",
            &json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics }),
        );
    }

    pub fn go(&self, address: &str) {
        self.ask("/url", &json!({ "url": address }));
        self.painted();
    }

    /// Waits until the page is there to be seen: until then keys and clicks go nowhere.
    fn painted(&self) {
        if !self.scripts {
            self.picture();
            return;
        }
        let script = "const done = arguments[0];
            const look = () => performance.getEntriesByName('first-contentful-paint').length ? done() : setTimeout(look, 5);
            look();";
        // A page may lead to another at once.
        let _gone = self.asked("/execute/async", Some(&json!({ "script": script, "args": [] })));
    }

    pub fn address(&self) -> String {
        self.get("/url").as_str().unwrap().to_owned()
    }

    /// True where a page is at an address, as whoever is signed in here is shown it; false of a file.
    pub fn is_page(&self, address: &str) -> bool {
        let cookies = self.get("/cookie");
        let one = |c: &Value| format!("{}={}", c["name"].as_str().unwrap(), c["value"].as_str().unwrap());
        let cookies: Vec<String> = cookies.as_array().unwrap().iter().map(one).collect();
        let mut answer = self.agent.get(address).header("Cookie", cookies.join("; ")).call().unwrap();
        assert_eq!(answer.status(), 200, "{address}");
        // What is downloaded is shown nowhere, a part of a page is none.
        answer.headers().get("content-disposition").is_none()
            && answer.body_mut().read_to_vec().unwrap().starts_with(b"<!DOCTYPE html>")
    }

    /// What a script gives that is run in the page as if it were its own.
    pub fn run(&self, script: &str) -> Value {
        self.ask("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// What a script gives to the function it is handed last.
    pub fn run_until(&self, script: &str) -> Value {
        let script = format!("const done = arguments[0]; {script}");
        self.ask("/execute/async", &json!({ "script": script, "args": [] }))
    }

    fn found(&self, css: &str) -> Option<String> {
        let found = self.asked("/element", Some(&json!({ "using": "css selector", "value": css }))).ok()?;
        Some(format!("/element/{}", found[ELEMENT].as_str()?))
    }

    fn element(&self, css: &str) -> String {
        self.found(css).unwrap_or_else(|| panic!("no {css} in {}", self.text()))
    }

    /// What somebody reads on the page.
    pub fn text(&self) -> String {
        let Some(body) = self.found("body") else { return String::new() };
        // The page may go while it is read.
        let read = self.asked(&format!("{body}/text"), None).unwrap_or_default();
        read.as_str().unwrap_or_default().to_owned()
    }

    pub fn text_of(&self, css: &str) -> String {
        self.get(&format!("{}/text", self.element(css))).as_str().unwrap().to_owned()
    }

    /// What stands in a field.
    pub fn value(&self, css: &str) -> String {
        self.get(&format!("{}/property/value", self.element(css))).as_str().unwrap().to_owned()
    }

    /// Waits until a field has the focus, by its name.
    pub fn ready(&self, name: &str) {
        let begun = Instant::now();
        while self.focused() != name {
            assert!(begun.elapsed() < PATIENCE, "{name} has not the focus: {}", self.text());
            sleep(Duration::from_millis(10));
        }
    }

    /// Presses a key that leads to a field, by its name.
    pub fn press_to(&self, key: char, name: &str) {
        self.press(key);
        self.ready(name);
    }

    /// Opens a tab beside this one and goes there; gives the way back.
    pub fn beside(&self) -> Value {
        let here = self.get("/window");
        let tab = self.ask("/window/new", &json!({ "type": "tab" }));
        self.turn_to(&tab["handle"]);
        here
    }

    pub fn turn_to(&self, tab: &Value) {
        self.ask("/window", &json!({ "handle": tab }));
    }

    /// Name of the field that has the focus.
    pub fn focused(&self) -> String {
        let active = self.get("/element/active");
        let name = self.get(&format!("/element/{}/attribute/name", active[ELEMENT].as_str().unwrap()));
        name.as_str().unwrap_or_default().to_owned()
    }

    pub fn click(&self, css: &str) {
        self.ask(&format!("{}/click", self.element(css)), &json!({}));
    }

    /// Puts something else into a field, by the mouse and the keyboard.
    pub fn fill(&self, css: &str, text: &str) {
        let field = self.element(css);
        self.ask(&format!("{field}/clear"), &json!({}));
        self.ask(&format!("{field}/value"), &json!({ "text": text }));
    }

    /// Chooses of a list.
    pub fn choose(&self, css: &str, value: &str) {
        self.click(&format!("{css} option[value=\"{value}\"]"));
    }

    fn keys(&self, keys: impl Iterator<Item = char>) {
        let down_and_up =
            |key| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })];
        let actions: Vec<Value> = keys.flat_map(down_and_up).collect();
        self.ask(
            "/actions",
            &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }),
        );
    }

    /// Presses a key that does something.
    pub fn press(&self, key: char) {
        self.press_each(&[key]);
    }

    pub fn press_each(&self, keys: &[char]) {
        let strokes = self.strokes.get();
        self.strokes.set(Strokes { keys: strokes.keys + keys.len(), ..strokes });
        self.keys(keys.iter().copied());
    }

    /// Goes one back by shift and tab.
    pub fn press_back(&self) {
        let down = |key| json!({ "type": "keyDown", "value": key });
        let up = |key| json!({ "type": "keyUp", "value": key });
        let actions = [down(SHIFT), down(TAB), up(TAB), up(SHIFT)];
        self.ask(
            "/actions",
            &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }),
        );
    }

    /// Types into the field that has the focus.
    pub fn type_in(&self, text: &str) {
        let strokes = self.strokes.get();
        self.strokes.set(Strokes { typed: strokes.typed + text.chars().count(), ..strokes });
        self.keys(text.chars());
    }

    /// Presses a key that leads to another page, and waits for it.
    pub fn press_on(&self, key: char) {
        self.leave(|| self.press(key));
    }

    /// Clicks what leads to another page, and waits for it.
    pub fn click_on(&self, css: &str) {
        self.leave(|| self.click(css));
    }

    fn leave(&self, how: impl FnOnce()) {
        let page = self.element("html");
        how();
        let begun = Instant::now();
        while self.asked(&format!("{page}/name"), None).is_ok() {
            assert!(begun.elapsed() < PATIENCE, "no other page came: {}", self.text());
            sleep(Duration::from_millis(10));
        }
        self.painted();
    }

    /// Waits until a page says something.
    pub fn see(&self, text: &str) {
        let begun = Instant::now();
        while !self.text().contains(text) {
            assert!(
                begun.elapsed() < PATIENCE,
                "{text:?} is not to be seen at {}: {}",
                self.address(),
                self.text()
            );
            sleep(Duration::from_millis(20));
        }
    }

    /// True while a page's own message covers it.
    pub fn is_alarmed(&self) -> bool {
        self.asked("/alert/text", None).is_ok()
    }

    /// Goes into the first frame of the page.
    pub fn enter_frame(&self) {
        self.ask("/frame", &json!({ "id": 0 }));
    }

    /// What is seen, as base64 of a PNG.
    pub fn picture(&self) -> String {
        self.get("/screenshot").as_str().unwrap().to_owned()
    }
}
