//! What a schema says, in a table.

use std::fmt::Write as _;

use serde_json::Value;

use super::reference::{list, prose, text};
use crate::pages::escape;

/// How deep objects in objects are shown.
const DEPTH_MAX: usize = 6;

/// A line for each field, those of inner objects indented by their path.
pub(super) fn table(out: &mut String, api: &Value, schema: &Value) {
    let mut rows = String::new();
    let (object, is_list) = element(api, schema);
    fields(&mut rows, api, object, "", 0);
    if is_list {
        out.push_str("<p>A list of:</p>\n");
    }
    if rows.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", kind(object));
    } else {
        let _ = writeln!(out, "<div class=\"scroll\"><table><tbody>\n{rows}</tbody></table></div>");
    }
}

fn fields(rows: &mut String, api: &Value, object: &Value, prefix: &str, depth: usize) {
    let required: Vec<_> = list(&object["required"]).filter_map(Value::as_str).collect();
    for (name, field) in object["properties"].as_object().into_iter().flatten() {
        let (inner, is_list) = element(api, field);
        let path = format!("{prefix}{name}{}", if is_list { "[]" } else { "" });
        let description = [text(&field["description"]), text(&inner["description"])];
        let description = description.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
        let _ = writeln!(
            rows,
            "<tr><td><code>{}</code></td><td>{}{}</td><td>{}</td></tr>",
            escape(&path),
            kind(inner),
            if required.contains(&name.as_str()) { "" } else { ", optional" },
            prose(description),
        );
        if depth < DEPTH_MAX {
            fields(rows, api, inner, &format!("{path}."), depth + 1);
        }
    }
}

/// The schema behind references and alternatives with `null`, and behind a list, its items'.
fn element<'a>(api: &'a Value, schema: &'a Value) -> (&'a Value, bool) {
    let schema = resolved(api, schema);
    if schema["items"].is_object() { (resolved(api, &schema["items"]), true) } else { (schema, false) }
}

fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(name) = text(&schema["$ref"]).strip_prefix("#/components/schemas/") {
        return &api["components"]["schemas"][name];
    }
    match list(&schema["oneOf"]).find(|part| part["$ref"].is_string()) {
        Some(part) => resolved(api, part),
        None => schema,
    }
}

/// The type in a few words: of numbers their range, of words the choice.
pub(super) fn kind(schema: &Value) -> String {
    let choice: Vec<_> = list(&schema["enum"]).filter_map(Value::as_str).map(escape).collect();
    if !choice.is_empty() {
        return choice.join(" · ");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        other => text(other).to_owned(),
    };
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(minimum), Value::Number(maximum)) => format!("{types} {minimum} to {maximum}"),
        (Value::Number(minimum), _) => format!("{types} from {minimum}"),
        _ => types,
    }
}
