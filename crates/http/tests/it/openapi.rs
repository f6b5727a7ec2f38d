//! The description of the API, against the routes and against the copy in the repository.

use std::collections::BTreeSet;
use std::path::Path;

use onsale_http::api::ROUTES;
use onsale_http::openapi;
use onsale_http::problem::Code;
use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&openapi::json()).expect("the document is JSON")
}

/// Every operation: its method, its path and what is said of it.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let methods = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().expect("methods").iter().map(move |(method, operation)| (path, method, operation))
    });
    methods.map(|(path, method, operation)| (method.to_uppercase(), path.clone(), operation)).collect()
}

#[test]
fn the_copy_in_the_repository_is_what_is_generated() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let generated = openapi::json();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &generated).expect("docs/openapi.json can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == generated,
        "docs/openapi.json is not what the code says; write it anew with `UPDATE=1 cargo test --release -p onsale-http \
         --test openapi`, and look at what changed"
    );
}

#[test]
fn the_hot_routes_are_the_operations_under_v1_api() {
    let document = document();
    let described: Vec<String> = operations(&document)
        .into_iter()
        .filter(|(_, path, _)| path.starts_with("/v1/api/"))
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    let routes: BTreeSet<&str> = ROUTES.iter().copied().filter(|route| route.contains(" /v1/api/")).collect();
    assert_eq!(described.iter().map(String::as_str).collect::<BTreeSet<_>>(), routes);
    assert_eq!(described.len(), routes.len(), "each once");
}

#[test]
fn every_reference_leads_to_a_component_and_every_component_is_referred_to() {
    let document = document();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    let names: BTreeSet<String> = ["schemas", "responses"]
        .into_iter()
        .flat_map(|kind| {
            let components = document["components"][kind].as_object().expect("components");
            components.keys().map(move |name| format!("#/components/{kind}/{name}"))
        })
        .collect();
    assert_eq!(references, names);
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_and_an_answer() {
    let document = document();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no name"));
        assert!(names.insert(name.to_owned()), "{name} is used twice");
        let has_answer = ["200", "303"].iter().any(|status| operation["responses"][status].is_object());
        assert!(has_answer, "{method} {path}");
        assert_eq!(operation["responses"]["405"]["$ref"], "#/components/responses/MethodNotAllowed", "{method} {path}");
    }
    assert!(document["components"]["responses"]["MethodNotAllowed"]["headers"]["Allow"].is_object());
    assert_eq!(document["openapi"], "3.1.0");
}

/// A generated client makes a type of each schema that stands in an operation: only what an operation alone has does.
#[test]
fn operations_refer_to_the_refusals_that_they_share() {
    let document = document();
    for (method, path, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().expect("responses") {
            assert!(status.as_str() < "400" || response["$ref"].is_string(), "{method} {path}: {status}");
        }
    }
    assert_eq!(document["servers"][0]["url"], "/");
}

#[test]
fn every_code_is_described_somewhere() {
    let text = openapi::json();
    for code in Code::ALL {
        assert!(text.contains(&format!("\"{}\"", code.as_str())), "{} is nowhere", code.as_str());
    }
}
