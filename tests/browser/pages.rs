//! Every page there is, out of the table the server is built from: one that is new is looked at, too.

use claimloop::web::access::{Action, Method, ROUTES, Route};
use serde_json::Value;

use crate::driver::{ENTER, Window};
use crate::workbench::PASSWORD;

/// A page, and where it is.
pub struct Page {
    pub action: Action,
    pub path: &'static str,
    pub address: String,
}

impl Page {
    /// What it is called by: `work-list`.
    pub fn name(&self) -> String {
        let mut name = String::new();
        for letter in format!("{:?}", self.action).trim_end_matches("Page").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }
}

/// Chooses a password by a one-time link and signs in with it.
pub fn let_in(window: &Window, host: &str, link: &str, name: &str) {
    window.go(&format!("http://{host}{link}"));
    window.fill("input[name=password]", PASSWORD);
    window.fill("input[name=again]", PASSWORD);
    window.click_on("button");
    window.fill("input[name=name]", name);
    window.fill("input[name=password]", PASSWORD);
    window.click_on("button");
    window.see("Sign out");
}

/// Pages of a workbench whose window is signed in, `link` being a one-time link that nobody used.
pub fn all(window: &Window, host: &str, link: &str) -> Vec<Page> {
    // A stream of events has no end and is no page.
    let is_asked = |route: &&Route| route.method == Method::Get && route.action != Action::Live;
    let mut left: Vec<&Route> = ROUTES.iter().filter(is_asked).collect();
    let (mut pages, mut links): (_, Vec<String>) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        let before = left.len();
        left.retain(|route| {
            let Some(at) = address(route, window, host, link, &links) else { return true };
            let address = format!("http://{host}{at}");
            if window.is_page(&address) {
                window.go(&address);
                let found = window.run(
                    "return [...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href'))",
                );
                let found = found.as_array().unwrap().iter().filter_map(Value::as_str).map(str::to_owned);
                links.splice(0..0, found);
                pages.push(Page { action: route.action, path: route.path, address });
            }
            false
        });
        let paths: Vec<&str> = left.iter().map(|route| route.path).collect();
        assert!(left.len() < before, "no page that was seen leads to {paths:?}: say here where one is");
    }
    pages
}

/// Where a route leads, if that is known by now: what its path leaves open is taken from the links of pages
/// seen so far, the latest page first.
fn address(route: &Route, window: &Window, host: &str, link: &str, links: &[String]) -> Option<String> {
    match route.path {
        "/password/{link}" => Some(link.to_owned()),
        // Where somebody searched before.
        "/work/{filter}" => {
            window.go(&format!("http://{host}/"));
            window.press_to('/', "text");
            window.type_in("E3-001");
            window.press_on(ENTER);
            window.address().strip_prefix(&format!("http://{host}")).map(str::to_owned)
        }
        "/reference/found/{filter}" => {
            window.go(&format!("http://{host}/reference"));
            window.fill("input[type=search]", "E3-001");
            window.press_on(ENTER);
            window.address().strip_prefix(&format!("http://{host}")).map(str::to_owned)
        }
        path if !path.contains('{') => Some(path.to_owned()),
        path => links.iter().find(|link| fits(path, link)).cloned(),
    }
}

/// True of an address of a path: part by part the same, where the path does not leave one open.
fn fits(path: &str, address: &str) -> bool {
    let (path, address) = (path.split('/'), address.split(['?', '#']).next().unwrap_or_default().split('/'));
    path.clone().count() == address.clone().count()
        && path
            .zip(address)
            .all(|(wanted, part)| if wanted.starts_with('{') { !part.is_empty() } else { wanted == part })
}
