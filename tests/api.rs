//! The workbench's API over HTTP, with the real binary: who is let in, what it describes, and that its answers are what it describes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;
mod workbench;

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use claimloop::web::access::Method;
use claimloop::web::api::{ENTRIES, Entry};
use claimloop::web::tokens::Scope;
use serde_json::{Value, json};
use workbench::Bench;

struct Answer {
    status: u16,
    head: String,
    text: String,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.to_lowercase().starts_with(&format!("{name}:"));
        self.head.lines().find(named).map(|line| line.split_once(':').unwrap().1.trim())
    }
}

/// One request. Whatever is answered must be as safe as a page, and what is no answer a problem that repeats nothing.
fn send(bench: &Bench, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        text.push_str(&format!("Host: {}\r\n", bench.address));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = body {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    let mut stream = TcpStream::connect(&bench.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(format!("{text}\r\n{}", body.unwrap_or_default()).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = serde_json::from_str(text).unwrap_or(Value::Null);
    let answer = Answer { status, head: head.to_owned(), text: text.to_owned(), body };
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{method} {path}: {head}");
    }
    assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"));
    if status >= 400 {
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}: {head}");
        assert_eq!(answer.body["status"], status, "{path}");
        for part in ["type", "title", "detail"] {
            assert!(answer.body[part].as_str().is_some_and(|said| !said.is_empty()), "{path}: {part}");
        }
        assert!(!answer.text.contains("SECRET"), "what was sent is repeated: {}", answer.text);
    }
    answer
}

fn token(bench: &Bench, args: &[&str]) -> String {
    let args = [&["tokens", "add"], args, &["--config", "claimloop.toml"]].concat();
    let done = bench.site.command(&args).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let said = String::from_utf8(done.stdout).unwrap();
    format!("Bearer {}", said.lines().nth(1).unwrap().trim())
}

fn get(bench: &Bench, token: &str, path: &str) -> Answer {
    send(bench, "GET", path, &[("Authorization", token)], None)
}

fn post(bench: &Bench, token: &str, path: &str, body: &Value) -> Answer {
    let headers = [("Authorization", token), ("Content-Type", "application/json")];
    send(bench, "POST", path, &headers, Some(&body.to_string()))
}

fn name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
    }
}

#[test]
fn every_route_for_every_scope() {
    let bench = Bench::new("");
    let id = bench.hold("CLAIM-TWO");
    let path = |entry: &Entry| {
        let path = entry.path.replace("{hold}", &id).replace("{alert}", "none");
        path.replace("{action}", "none")
    };
    let json = ("Content-Type", "application/json");
    for scope in Scope::ALL {
        let own = token(&bench, &[scope.name(), "--scope", scope.name()]);
        for entry in ENTRIES {
            // Nothing is decided: the body is empty.
            let body = (entry.method == Method::Post).then_some("{}");
            let answer =
                send(&bench, name(entry.method), &path(entry), &[("Authorization", &own), json], body);
            let may = entry.scope.is_none_or(|wanted| wanted == scope);
            assert_eq!(answer.status != 403, may, "{scope:?} {}: {}", entry.path, answer.text);
            assert!(answer.status < 500, "{scope:?} {}: {}", entry.path, answer.text);
        }
    }
    let mia = bench.person("mia", "admin");
    for entry in ENTRIES.iter().filter(|entry| entry.scope.is_some()) {
        for headers in
            [vec![], vec![("Cookie", mia.cookie.as_str())], vec![("Authorization", "Basic bWlhOm1pYQ==")]]
        {
            let answer = send(&bench, name(entry.method), &path(entry), &headers, None);
            assert_eq!(answer.status, 401, "{} {headers:?}", entry.path);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    for (method, nowhere) in [
        ("GET", "/api"),
        ("GET", "/api/v1/nothing"),
        ("DELETE", "/api/v1/claims"),
        ("POST", "/api/v1/openapi.json"),
    ] {
        assert_eq!(send(&bench, method, nowhere, &[], None).status, 401, "{method} {nowhere}");
    }
    assert_eq!(bench.show(&id)["version"], 1, "nothing was decided by any of it");

    let read = token(&bench, &["reader", "--scope", "read"]);
    assert_eq!(get(&bench, &read, "/api/v1/nothing").status, 404);
    assert_eq!(send(&bench, "DELETE", "/api/v1/claims", &[("Authorization", &read)], None).status, 405);
    let elsewhere = [("Authorization", read.as_str()), ("Host", "claims.example:80")];
    assert_eq!(send(&bench, "GET", "/api/v1/claims", &elsewhere, None).status, 421);

    // Who guesses waits; who has a token doesn't.
    let wrong = || get(&bench, "Bearer claimloop_SECRET", "/api/v1/claims");
    (0..5).for_each(|_| assert_eq!(wrong().status, 401));
    let waits = wrong();
    assert_eq!(waits.status, 429);
    assert!(waits.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    assert_eq!(get(&bench, &read, "/api/v1/claims").status, 200);
    let done = bench.site.command(&["tokens", "remove", "reader"]).output().unwrap();
    assert!(done.status.success());
    assert_eq!(get(&bench, &read, "/api/v1/claims").status, 429, "removed");
}

#[test]
fn claims_are_listed_page_by_page_and_each_view_is_journalled() {
    let bench = Bench::new("");
    let read = token(&bench, &["reader", "--scope", "read"]);
    let whole = get(&bench, &read, "/api/v1/claims").body;
    assert_eq!((whole["found"].as_u64(), whole["next"].clone()), (Some(2), Value::Null));
    assert!(!whole.to_string().contains("BRUNO"), "a list doesn't say whom a claim is for");
    let first = get(&bench, &read, "/api/v1/claims?limit=1").body;
    let next = first["next"].as_str().unwrap();
    let second = get(&bench, &read, &format!("/api/v1/claims?limit=1&cursor={next}")).body;
    assert_eq!(second["next"], Value::Null);
    assert_eq!(json!([first["claims"][0], second["claims"][0]]), whole["claims"]);
    let found = |path: &str| get(&bench, &read, &format!("/api/v1/claims?{path}")).body["found"].clone();
    assert_eq!(found("team=clinical"), 0);
    assert_eq!(found("charge=100000"), 0);
    assert_eq!(found("days=0&which=all"), 2);
    for wrong in [
        "limit=0",
        "limit=201",
        "which=SECRET",
        "nothing=SECRET",
        "cursor=SECRET",
        "text=SECRET",
        "charge=SECRET",
    ] {
        assert_eq!(get(&bench, &read, &format!("/api/v1/claims?{wrong}")).status, 400, "{wrong}");
    }
    let search = |body: Value| post(&bench, &read, "/api/v1/claims/search", &body);
    assert_eq!(search(json!({ "text": "claim-two" })).body["claims"][0]["claim"], "CLAIM-TWO");
    assert_eq!(search(json!({ "text": "bruno" })).body["found"], 1);
    assert_eq!(search(json!({ "txt": "SECRET" })).status, 400);
    let headers = [("Authorization", read.as_str()), ("Content-Type", "text/plain")];
    assert_eq!(send(&bench, "POST", "/api/v1/claims/search", &headers, Some("{}")).status, 415);
    let headers = [("Authorization", read.as_str()), ("Content-Type", "application/json")];
    assert_eq!(send(&bench, "POST", "/api/v1/claims/search", &headers, Some("{")).status, 400);
    let long = format!("{{\"text\": \"{}\"}}", "x".repeat(300 << 10));
    assert_eq!(send(&bench, "POST", "/api/v1/claims/search", &headers, Some(&long)).status, 413);

    let id = bench.hold("CLAIM-TWO");
    let views = || {
        let journal = bench.site.command(&["journal", "export", "--state", "state"]).output().unwrap();
        let said = String::from_utf8(journal.stdout).unwrap();
        said.lines().filter(|line| line.contains("viewed") && line.contains("token reader")).count()
    };
    let before = views();
    let shown = get(&bench, &read, &format!("/api/v1/claims/{id}")).body;
    assert_eq!(shown["patient"].as_str().map(|name| name.contains("BRUNO")), Some(true));
    assert!(shown["x12"].as_str().unwrap().starts_with("CLM*CLAIM-TWO*"));
    assert_eq!(get(&bench, &read, &format!("/api/v1/claims/{id}/checklist")).status, 200);
    assert_eq!(views(), before + 2);

    let other = token(&bench, &["other", "--scope", "read", "--scope", "reports", "--channel", "main"]);
    assert_eq!(get(&bench, &other, "/api/v1/claims").body["found"], 2);
    assert_eq!(get(&bench, &other, "/api/v1/metrics").status, 403, "of every channel");
    // Of a channel that is gone by now.
    let tokens = bench.site.path("state/workbench/tokens.json");
    let text = std::fs::read_to_string(&tokens).unwrap().replace("\"main\"", "\"gone\"");
    std::fs::write(&tokens, text).unwrap();
    assert_eq!(get(&bench, &other, "/api/v1/claims").body["found"], 0);
    assert_eq!(get(&bench, &other, &format!("/api/v1/claims/{id}")).status, 404);
    assert_eq!(get(&bench, &other, &format!("/api/v1/claims?cursor={id}")).status, 400);
    let decide = token(&bench, &["foreign", "--scope", "decide", "--channel", "main"]);
    let text = std::fs::read_to_string(&tokens).unwrap().replace("\"main\"", "\"gone\"");
    std::fs::write(&tokens, text).unwrap();
    let void = json!({ "version": 1, "decision": "void", "reason": "not theirs" });
    assert_eq!(post(&bench, &decide, &format!("/api/v1/claims/{id}/decisions"), &void).status, 404);
    let void = json!({ "holds": [{ "id": id, "version": 1 }], "decision": "void", "reason": "not theirs" });
    let several = post(&bench, &decide, "/api/v1/decisions", &void).body;
    assert_eq!(several[0]["problem"]["status"], 404);
    assert_eq!(bench.show(&id)["version"], 1);
}

#[test]
fn a_claim_is_corrected_released_and_leaves() {
    let bench = Bench::new("");
    let decide = token(&bench, &["clerk", "--scope", "decide"]);
    let id = bench.hold("CLAIM-TWO");
    let at = format!("/api/v1/claims/{id}/decisions");
    let ask = |body: Value| post(&bench, &decide, &at, &body);
    for (wrong, status) in [
        (json!({ "decision": "release", "reason": "SECRET" }), 400),
        (json!({ "version": 1, "decision": "SECRET" }), 400),
        (json!({ "version": 1, "decision": "release", "reason": "x", "resaon": "SECRET" }), 400),
        (json!({ "version": 7, "decision": "release", "reason": "x" }), 409),
        (json!({ "version": 1, "decision": "release", "reason": "still stopped" }), 422),
        (json!({ "version": 1, "decision": "override", "code": "SECRET", "note": "SECRET" }), 422),
        (json!({ "version": 1, "decision": "fix", "changes": [["SECRET", "SECRET"]] }), 422),
        (json!({ "version": 1, "decision": "assign", "owner": "SECRET" }), 422),
    ] {
        assert_eq!(ask(wrong.clone()).status, status, "{wrong}");
    }
    assert_eq!(bench.show(&id)["version"], 1);
    let fixed = ask(json!({ "version": 1, "decision": "fix", "changes": [["2300/CLM02", "125"]] }));
    assert_eq!((fixed.status, fixed.body["edits"].clone()), (200, json!([])), "{}", fixed.text);
    assert!(!fixed.text.contains("BRUNO") && !fixed.text.contains("CLAIM-TWO"), "decide doesn't read");
    assert_eq!(ask(json!({ "version": 1, "decision": "release", "reason": "fixed" })).status, 409);
    let body = json!({ "holds": [{ "id": id, "version": 2 }, { "id": "none", "version": 1 }],
        "decision": "release", "reason": "fixed" });
    let several = post(&bench, &decide, "/api/v1/decisions", &body).body;
    assert_eq!(
        (several[0]["decided"]["version"].as_u64(), several[1]["problem"]["status"].as_u64()),
        (Some(3), Some(404))
    );
    bench.site.until("the claim has left", || bench.show(&id)["status"] == "sent");
    let trail = bench.show(&id)["trail"].clone();
    assert!(trail.as_array().unwrap().iter().all(|step| step["actor"] == "token clerk"), "{trail}");
}

#[test]
fn it_describes_itself() {
    let bench = Bench::new("");
    let answer = send(&bench, "GET", "/api/v1/openapi.json", &[], None);
    assert_eq!(answer.status, 200);
    let api = answer.body;
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1."));
    for entry in ENTRIES {
        let operation = &api["paths"][entry.path][name(entry.method).to_lowercase()];
        assert!(operation.is_object(), "{} is not described", entry.path);
        let scopes = entry.scope.map(|scope| json!([{ "token": [scope.name()] }]));
        assert_eq!(operation.get("security"), scopes.as_ref(), "{}", entry.path);
        for parameter in entry.path.split('/').filter_map(|part| part.strip_prefix('{')) {
            let named = parameter.trim_end_matches('}');
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|p| p["name"] == named && p["in"] == "path"), "{}", entry.path);
        }
        if entry.scope.is_some() {
            assert!(operation["responses"]["401"]["content"]["application/problem+json"].is_object());
        }
    }
    let described: usize =
        api["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    assert_eq!(described, ENTRIES.len(), "nothing is described that isn't there");
    assert_eq!(api["components"]["securitySchemes"]["token"]["scheme"], "bearer");

    // What is answered is what is described.
    let all = ["--scope", "read", "--scope", "decide", "--scope", "reports", "--scope", "admin"];
    let all = token(&bench, &[&["all"][..], &all[..]].concat());
    bench.person("mia", "biller");
    let id = bench.hold("CLAIM-TWO");
    let wrong = RefCell::new(Vec::new());
    let conforms = |schema: &Value, value: &Value, at: &str| {
        wrong.borrow_mut().extend(held_against(&api, schema, value, at).err());
    };
    let answered = |entry: &Entry, path: &str, body: Option<Value>| {
        let answer = match &body {
            None => get(&bench, &all, path),
            Some(body) => post(&bench, &all, path, body),
        };
        let operation = &api["paths"][entry.path][name(entry.method).to_lowercase()];
        if let Some(body) = &body {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            conforms(schema, body, &format!("the body of {path}"));
        }
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{path}");
        conforms(schema, &answer.body, path);
    };
    for entry in
        ENTRIES.iter().filter(|entry| entry.method == Method::Get && entry.path != "/api/v1/alerts/{alert}")
    {
        answered(entry, &entry.path.replace("{hold}", &id).replace("{filter}", ""), None);
    }
    let entry = |path: &str| ENTRIES.iter().find(|entry| entry.path == path).unwrap();
    let decisions = entry("/api/v1/claims/{hold}/decisions");
    let decided = |version: u64, body: Value| {
        let mut body = body;
        body["version"] = version.into();
        answered(decisions, &format!("/api/v1/claims/{id}/decisions"), Some(body));
    };
    decided(1, json!({ "decision": "fix", "changes": [["2300/CLM02", "125"]] }));
    decided(2, json!({ "decision": "escalate", "reason": "look" }));
    decided(3, json!({ "decision": "query", "element": "time", "question": "how long?" }));
    decided(4, json!({ "decision": "answer", "answer": "an hour" }));
    decided(5, json!({ "decision": "assign", "owner": "coding" }));
    answered(entry("/api/v1/claims/{hold}"), &format!("/api/v1/claims/{id}"), None);
    answered(
        entry("/api/v1/claims/search"),
        "/api/v1/claims/search",
        Some(json!({ "text": "two", "limit": 3 })),
    );
    let several = json!({ "holds": [{ "id": id, "version": 6 }, { "id": "none", "version": 1 }],
        "decision": "void", "reason": "a copy" });
    answered(entry("/api/v1/decisions"), "/api/v1/decisions", Some(several));
    let about = json!({ "claim": "CLAIM-TWO" });
    answered(entry("/api/v1/history/claims/search"), "/api/v1/history/claims/search", Some(about));
    answered(entry("/api/v1/export"), "/api/v1/export", Some(json!({})));
    let action = json!({ "owner": "billing", "what": "call them", "about": { "payer": "P1" } });
    answered(entry("/api/v1/actions"), "/api/v1/actions", Some(action));
    let action = get(&bench, &all, "/api/v1/actions").body[0]["id"].as_str().unwrap().to_owned();
    let close = entry("/api/v1/actions/{action}/close");
    answered(close, &format!("/api/v1/actions/{action}/close"), Some(json!({ "note": "done" })));
    assert_eq!(wrong.take(), Vec::<String>::new());
}

/// Holds a value against a schema, as far as schemas are used here: what is required is there, and everything is of its kind.
fn held_against(api: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        let there = api.pointer(pointer).ok_or_else(|| format!("{at}: there is no {name}"))?;
        return held_against(api, there, value, at);
    }
    for any in ["oneOf", "anyOf"] {
        if let Some(some) = schema[any].as_array() {
            let tried: Vec<_> = some.iter().map(|one| held_against(api, one, value, at)).collect();
            return match tried.iter().any(Result::is_ok) {
                true => Ok(()),
                false => Err(format!("{at}: none of {some:?}: {tried:?}")),
            };
        }
    }
    if let Some(all) = schema["allOf"].as_array() {
        return all.iter().try_for_each(|one| held_against(api, one, value, at));
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        // What may be anything.
        _ => return Ok(()),
    };
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    if !kinds.iter().any(|kind| is(kind)) {
        return Err(format!("{at}: {value} is no {kinds:?}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{at}: {value} is none of {words:?}"));
    }
    if let Some(required) = schema["required"].as_array() {
        for name in required.iter().filter_map(Value::as_str) {
            value.get(name).ok_or_else(|| format!("{at}: {name} is missing"))?;
        }
    }
    if let (Some(known), Some(object)) = (schema["properties"].as_object(), value.as_object()) {
        for (name, value) in object {
            if let Some(schema) = known.get(name) {
                held_against(api, schema, value, &format!("{at}/{name}"))?;
            }
        }
    }
    if let Some(list) = value.as_array() {
        for (n, one) in list.iter().enumerate() {
            held_against(api, &schema["items"], one, &format!("{at}/{n}"))?;
        }
    }
    Ok(())
}
