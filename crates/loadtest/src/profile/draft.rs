//! A first draft of a profile, from an OpenAPI document: what the names of its paths and fields suggest. Whoever knows the
//! service goes over it, and has `--check` show what it is good for.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::check::is_known;
use super::{Act, Blank};

/// Words that speak for a call, in its path, its name and its summary, and words that speak against it.
fn words(act: Act) -> (&'static [&'static str], &'static [&'static str], &'static [&'static str]) {
    match act {
        Act::Token => {
            (&["post"], &["token", "queue", "ticket", "enter", "waiting"], &["status", "check", "leave", "exit"])
        }
        Act::Check => (&["get", "post"], &["status", "check", "position", "rank"], &["seat", "pay", "reserv", "gate"]),
        Act::Charge => {
            (&["post", "patch", "put"], &["charge", "point", "amount", "balance", "wallet", "cash"], &["pay"])
        }
        Act::Balance => (&["get"], &["balance", "point", "amount", "wallet", "cash"], &["histor"]),
        Act::Schedule => (&["get"], &["schedule", "date", "performance", "concert"], &["seat", "queue", "token"]),
        Act::Seat => (&["get"], &["seat"], &["reserv"]),
        Act::Reserve => {
            (&["post"], &["reserv", "hold", "booking", "book", "seat"], &["pay", "cancel", "queue", "token"])
        }
        Act::Payment => (&["post"], &["payment", "pay", "purchase", "checkout"], &["cancel", "refund"]),
        Act::Leave => (&["post", "delete"], &["leave", "exit"], &[]),
        Act::Register => {
            (&["post"], &["users", "register", "signup", "members"], &["point", "amount", "login", "token", "charge"])
        }
        Act::Cancel => (&["post", "delete", "patch"], &["cancel", "release"], &["payment"]),
    }
}

/// One operation of the document.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    details: &'a Value,
}

/// The draft of a profile of the service that this OpenAPI document describes.
///
/// # Errors
/// When it is no such document.
pub fn draft(document: &Value) -> Result<String> {
    let paths = document
        .get("paths")
        .and_then(Value::as_object)
        .context("an OpenAPI document has `paths`, and this has none")?;
    let operations: Vec<Operation<'_>> = paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, details)| Operation { method, path, details })
        })
        .collect();
    let title = document.pointer("/info/title").and_then(Value::as_str).unwrap_or("a service");
    let mut text = format!(
        "# A draft from the names in an OpenAPI document. Go over each call, say what refusals mean, and try it:\n\
         #   onsale loadtest profile --check FILE --target URL\n\
         profile = 1\nname = {}\n\n[wire]\nsuccess = [200, 201, 204]\n\n\
         [words.status]                       # their words = ours\nWAITING = \"WAITING\"\nACTIVE = \"PROGRESS\"\n\n\
         [words.seat]\nAVAILABLE = \"AVAILABLE\"\n\n[stage]\nprice = 1000                         # where nothing tells it\n",
        Value::from(title)
    );
    let mut registers = false;
    for act in Act::ALL {
        let found =
            operations.iter().map(|operation| (score(act, operation), operation)).max_by_key(|(score, _)| *score);
        match found.filter(|(score, _)| *score > 0) {
            Some((_, operation)) => {
                call(document, act, operation, &mut text)?;
                registers |= act == Act::Register;
            }
            None if matches!(act, Act::Leave | Act::Cancel | Act::Register) => {}
            None => write!(text, "\n# call.{act}: no path of the document looks like it\n")?,
        }
    }
    text.push_str("\n[queue]\nadmits_within = \"0s\"\nsession_ends = [\"payment\"]\n\n[hold]\nttl = \"5m\"\n\n[promises]\nidempotency = false\n");
    if registers {
        text.push_str("\n[users]\nprepare = 1000                       # so many are made before the first part\n");
    }
    Ok(text)
}

/// How much speaks for it: the path counts most, and its last part more.
fn score(act: Act, operation: &Operation<'_>) -> i32 {
    let (methods, for_it, against) = words(act);
    if !methods.contains(&operation.method) {
        return 0;
    }
    let path = operation.path.to_lowercase();
    let last = path.rsplit('/').find(|part| !part.starts_with('{')).unwrap_or_default();
    let told = |name: &str| operation.details.get(name).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let name = told("operationId") + &told("summary");
    let count = |text: &str, words: &[&str]| words.iter().filter(|word| text.contains(**word)).count() as i32;
    4 * count(last, for_it) + 2 * count(&path, for_it) + count(&name, for_it)
        - 6 * count(&path, against)
        - 20 * count(&path, &["/admin"])
}

fn call(document: &Value, act: Act, operation: &Operation<'_>, text: &mut String) -> Result<()> {
    write!(text, "\n[call.{act}]\nmethod = \"{}\"\n", operation.method.to_uppercase())?;
    let parameters: Vec<&Value> =
        operation.details.get("parameters").and_then(Value::as_array).into_iter().flatten().collect();
    let of_place = |place: &str| {
        let named = parameters.iter().map(|parameter| resolve(document, parameter));
        // What may be left out is, but for the key of a retry.
        let is_key = |parameter: &Value| {
            is_known(act, Blank::Key) && blank(parameter["name"].as_str().unwrap_or_default(), "") == "${key}"
        };
        let there =
            named.filter(|parameter| parameter["in"] == place && (parameter["required"] == true || is_key(parameter)));
        there.filter_map(|parameter| parameter["name"].as_str()).map(str::to_owned).collect::<Vec<String>>()
    };
    let mut path = String::new();
    let mut rest = operation.path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').context("a path with `{` and no `}`")?;
        write!(path, "{before}{}", blank(name, operation.path))?;
        rest = behind;
    }
    path.push_str(rest);
    for (index, name) in of_place("query").iter().enumerate() {
        write!(path, "{}{name}={}", if index == 0 { '?' } else { '&' }, blank(name, operation.path))?;
    }
    writeln!(text, "path = {}", Value::from(path))?;
    let secured = operation.details.get("security").or_else(|| document.get("security")).is_some();
    let mut headers: Vec<String> =
        of_place("header").iter().map(|name| format!("{name} = \"{}\"", blank(name, operation.path))).collect();
    let has_token = headers.iter().any(|header| header.contains("${token}"));
    if secured && !has_token && act != Act::Token {
        headers.push("Authorization = \"Bearer ${token}\"".to_owned());
    }
    if !headers.is_empty() {
        writeln!(text, "headers = {{ {} }}", headers.join(", "))?;
    }
    let body = operation.details.pointer("/requestBody/content/application~1json/schema");
    if let Some(schema) = body.map(|schema| resolve(document, schema)) {
        let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let needed = schema.get("required").and_then(Value::as_array);
        let fields: Vec<String> = fields
            .filter(|(name, _)| needed.is_none_or(|needed| needed.iter().any(|other| other == name.as_str())))
            .map(|(name, field)| {
                let (blank, is_text) = (blank(name, operation.path), resolve(document, field)["type"] == "string");
                if is_text { format!("\"{name}\":\"{blank}\"") } else { format!("\"{name}\":{blank}") }
            })
            .collect();
        if fields.is_empty() {
            writeln!(text, "# body: the document does not tell its fields")?;
        }
        writeln!(text, "body = '{{{}}}'", fields.join(","))?;
    }
    answer(document, act, operation, text)
}

/// Where the answer seems to keep what.
fn answer(document: &Value, act: Act, operation: &Operation<'_>, text: &mut String) -> Result<()> {
    let reply_of = |status: &str| Some(resolve(document, operation.details.get("responses")?.get(status)?));
    let replies = || ["200", "201", "default"].into_iter().filter_map(reply_of);
    let content = replies().find_map(|reply| reply.get("content")?.as_object()?.values().next());
    let schema = content.and_then(|content| content.get("schema")).map(|schema| resolve(document, schema));
    let mut found = Vec::new();
    let mut list = None;
    if let Some(schema) = schema {
        walk(document, schema, "", &mut found, &mut list, 0);
    }
    // Who writes no schema often writes an example.
    let example = content.into_iter().chain(schema).find_map(|told| told.get("example"));
    if let Some(example) = example.filter(|_| found.is_empty() && list.is_none()) {
        walk_example(example, "", &mut found, &mut list);
    }
    let headers = replies().find_map(|reply| reply.get("headers")?.as_object());
    found.extend(headers.into_iter().flat_map(|headers| headers.keys()).map(|name| format!("header:{name}")));
    let wanted: &[(&str, &[&str])] = match act {
        Act::Token => &[
            ("token", &["token", "uid", "ticket"]),
            ("position", &["position", "rank", "waiting"]),
            ("status", &["status", "state"]),
        ],
        Act::Check => &[("status", &["status", "state"]), ("position", &["position", "rank", "waiting", "ahead"])],
        Act::Charge | Act::Balance => &[("amount", &["amount", "balance", "point", "cash"])],
        Act::Schedule => {
            &[("schedule", &["scheduleid", "performanceid", "dateid", "id"]), ("available", &["available", "remain"])]
        }
        Act::Seat => &[
            ("seat", &["seatid", "seatno", "id", "number"]),
            ("price", &["price", "amount"]),
            ("status", &["status", "state"]),
        ],
        Act::Reserve => &[("reservation", &["reservationid", "holdid", "id"]), ("price", &["price", "amount"])],
        Act::Payment => &[("amount", &["amount", "price"]), ("payment", &["paymentid", "id"])],
        Act::Register => &[("user", &["userid", "memberid", "id"])],
        Act::Leave | Act::Cancel => &[],
    };
    let is_list = matches!(act, Act::Schedule | Act::Seat);
    let prefix = list.clone().unwrap_or_default();
    let mut out = Vec::new();
    for (field, names) in wanted {
        let candidates = found.iter().filter(|pointer| !is_list || pointer.starts_with(&format!("{prefix}/*/")));
        let last = |pointer: &str| pointer.rsplit('/').next().unwrap_or_default().to_lowercase();
        let best = names.iter().find_map(|name| {
            let ends = candidates.clone().find(|pointer| last(pointer).ends_with(name));
            ends.or_else(|| candidates.clone().find(|pointer| last(pointer).contains(name)))
        });
        match best {
            Some(pointer) if is_list => out.push(format!("{field} = \"{}\"", &pointer[prefix.len() + 2..])),
            Some(pointer) if !pointer.contains("/*") => out.push(format!("{field} = \"{pointer}\"")),
            Some(_) | None => writeln!(text, "# {field}: the document does not tell where the answer keeps it")?,
        }
    }
    if is_list {
        match &list {
            Some(list) => writeln!(text, "list = \"{list}\"")?,
            None => writeln!(text, "# list: the document does not tell where the list is")?,
        }
    }
    if !out.is_empty() {
        writeln!(text, "{} = {{ {} }}", if is_list { "item" } else { "out" }, out.join(", "))?;
    }
    Ok(())
}

/// All places of a schema, with `*` for the entries of a list, and the first list.
fn walk(document: &Value, schema: &Value, at: &str, found: &mut Vec<String>, list: &mut Option<String>, depth: u32) {
    const DEPTH_MAX: u32 = 6;
    let schema = resolve(document, schema);
    if depth > DEPTH_MAX {
        return;
    }
    if let Some(items) = schema.get("items") {
        list.get_or_insert_with(|| at.to_owned());
        walk(document, items, &format!("{at}/*"), found, list, depth + 1);
    }
    for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|name| schema.get(*name)?.as_array()).flatten() {
        walk(document, part, at, found, list, depth + 1);
    }
    for (name, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let place = format!("{at}/{name}");
        found.push(place.clone());
        walk(document, field, &place, found, list, depth + 1);
    }
}

/// The same of an example.
fn walk_example(example: &Value, at: &str, found: &mut Vec<String>, list: &mut Option<String>) {
    match example {
        Value::Array(entries) => {
            list.get_or_insert_with(|| at.to_owned());
            entries.first().into_iter().for_each(|entry| walk_example(entry, &format!("{at}/*"), found, list));
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let place = format!("{at}/{name}");
                found.push(place.clone());
                walk_example(field, &place, found, list);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a `$ref` stands for.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    target.and_then(|target| document.pointer(target)).unwrap_or(value)
}

/// What a name of a parameter or a field seems to ask for.
fn blank(name: &str, path: &str) -> String {
    let lower = name.to_lowercase();
    let knows = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let blank = if knows(&["idempotency"]) {
        "key"
    } else if knows(&["token", "authorization", "uid"]) {
        "token"
    } else if knows(&["user", "member", "customer"]) {
        "user"
    } else if knows(&["seat"]) {
        "seat"
    } else if knows(&["reservation", "hold", "booking"]) {
        "reservation"
    } else if knows(&["schedule", "performance", "date"]) {
        "schedule"
    } else if knows(&["amount", "price", "point", "balance"]) {
        "amount"
    } else if lower == "id" && path.to_lowercase().contains("user") {
        "user"
    } else {
        // Most often there is one of it.
        return "1".to_owned();
    };
    format!("${{{blank}}}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    /// The whole contract as its own document tells it: what comes out can be read, and has the eight.
    #[test]
    fn our_own_document_gives_a_profile_of_our_contract() {
        let document = serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap();
        let text = draft(&document).unwrap();
        let own = Profile::own().unwrap();
        let drafted = Profile::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        for act in Act::ALL {
            assert_eq!(drafted.has(act), own.has(act), "{act}\n{text}");
            let Some((theirs, ours)) = drafted.call.get(act).zip(own.call.get(act)) else { continue };
            assert_eq!(theirs.method, ours.method, "{act}\n{text}");
            assert_eq!(theirs.path, ours.path, "{act}\n{text}");
        }
        assert_eq!(drafted.call.token.out.token, own.call.token.out.token, "{text}");
        assert_eq!(drafted.call.seat.list, own.call.seat.list, "{text}");
    }

    #[test]
    fn users_who_must_be_made_are_drafted_with_how_many() {
        let mut document: Value = serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap();
        let made = serde_json::json!({"post": {
            "requestBody": {"content": {"application/json": {"schema": {"properties": {"userId": {"type": "string"}}}}}},
            "responses": {"201": {"content": {"application/json": {"schema": {"properties": {"id": {"type": "string"}}}}}}},
        }});
        document["paths"]["/v1/users"] = made;
        let text = draft(&document).unwrap();
        let drafted = Profile::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert!(drafted.has(Act::Register) && drafted.users.prepare.is_some(), "{text}");
    }

    /// As a published service has it: examples instead of schemas, and the token in a header.
    #[test]
    fn examples_and_headers_are_read_where_there_is_no_schema() {
        let document = serde_json::json!({"paths": {
            "/queue/token": {"post": {
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"201": {"headers": {"X-Token": {}}, "content": {"application/json": {
                    "schema": {"example": {"tokenState": "WAITING"}}}}}},
            }},
            "/seats": {"get": {"responses": {"200": {"content": {"application/json": {
                "example": {"seats": [{"seatNo": 7, "price": 5}]}}}}}}},
        }});
        let text = draft(&document).unwrap();
        assert!(text.contains("out = { token = \"header:X-Token\", status = \"/tokenState\" }"), "{text}");
        assert!(text.contains("# body: the document does not tell its fields"), "{text}");
        assert!(
            text.contains("list = \"/seats\"") && text.contains("seat = \"/seatNo\", price = \"/price\""),
            "{text}"
        );
    }

    #[test]
    fn what_is_no_document_is_refused() {
        assert!(draft(&Value::Null).unwrap_err().to_string().contains("`paths`"));
    }
}
