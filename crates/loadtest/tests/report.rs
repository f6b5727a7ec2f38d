//! The form of `report.json`: what was written by this version can be read, and an error names its field.

use std::path::Path;

use onsale_loadtest::report::Report;
use serde_json::Value;

const SAMPLE: &str = include_str!("data/report.json");

#[test]
fn a_report_reads_back_as_it_was_written() {
    let report = Report::from_json(SAMPLE).unwrap();
    let again = Report::from_json(&report.to_json().unwrap()).unwrap();
    assert_eq!(again, report);
}

#[test]
fn another_version_is_refused_by_name() {
    let other = SAMPLE.replace("onsale-loadtest/1", "onsale-loadtest/2");
    let error = Report::from_json(&other).unwrap_err().to_string();
    assert!(error.contains("schema") && error.contains("onsale-loadtest/2"), "{error}");
}

#[test]
fn a_wrong_field_is_named() {
    let wrong = SAMPLE.replacen("\"exit_status\": 0", "\"exit_status\": \"zero\"", 1);
    let error = Report::from_json(&wrong).unwrap_err().to_string();
    assert!(error.starts_with("verdict.exit_status"), "{error}");
}

#[test]
fn the_documented_schema_is_that_of_the_types() {
    let generated = format!("{:#}\n", Report::json_schema());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/loadtest-report.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &generated).expect("the schema can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == generated,
        "docs/loadtest-report.schema.json is not what the code says; write it anew with `UPDATE=1 cargo test --release -p \
         onsale-loadtest --test report`"
    );
}

#[test]
fn the_schema_describes_every_field_of_a_report() {
    let schema = Report::json_schema();
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let mut fields = 0;
    assert_described(&schema, &schema, &sample, "", &mut fields);
    assert!(fields > 1_000, "{fields} fields were looked at");
}

/// Every field is described, every field that is described is there, and no type is another.
fn assert_described(root: &Value, schema: &Value, value: &Value, path: &str, fields: &mut u64) {
    *fields += 1;
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{path}: {reference}"));
        return assert_described(root, target, value, path, fields);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let of_null = |choice: &&Value| (choice["type"] == "null") == value.is_null();
        let choice = choices.iter().find(of_null).unwrap_or_else(|| panic!("{path}: {value} is not among {choices:?}"));
        return assert_described(root, choice, value, path, fields);
    }
    match value {
        Value::Object(members) => {
            let known = schema["properties"].as_object().unwrap_or_else(|| panic!("{path} should be no object"));
            for (name, member) in members {
                let path = format!("{path}.{name}");
                assert_described(
                    root,
                    known.get(name).unwrap_or_else(|| panic!("{path} is not described")),
                    member,
                    &path,
                    fields,
                );
            }
            assert!(known.keys().all(|name| members.contains_key(name)), "{path} lacks a field");
        }
        Value::Array(items) => {
            let item = if schema["items"].is_object() { &schema["items"] } else { &schema["prefixItems"][0] };
            items.iter().for_each(|one| assert_described(root, item, one, path, fields));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let types = schema["type"].to_string();
            let named = match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(number) if number.is_f64() => "number",
                Value::Number(_) => "\"",
                Value::String(_) if schema["oneOf"].is_array() => return,
                Value::String(_) | Value::Array(_) | Value::Object(_) => "string",
            };
            assert!(types.contains(named), "{path}: {value} is not of type {types}");
        }
    }
}
