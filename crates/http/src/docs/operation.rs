//! One operation: what it takes, gives and refuses.

use std::fmt::Write as _;

use serde_json::Value;

use super::reference::{list, prose, text};
use super::shape;
use crate::pages::escape;

pub(super) fn write(out: &mut String, api: &Value, method: &str, path: &str, operation: &Value) {
    let _ = writeln!(
        out,
        "<details id=\"{}\"><summary><code><span class=\"method\">{}</span> {}</code> {}</summary><div>",
        escape(text(&operation["operationId"])),
        method.to_uppercase(),
        escape(path),
        escape(text(&operation["summary"])),
    );
    let description = text(&operation["description"]);
    if !description.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", prose(description));
    }
    credentials(out, operation);
    parameters(out, operation);
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        out.push_str("<h3>Body</h3>\n");
        shape::table(out, api, body);
    }
    responses(out, api, &operation["responses"]);
    out.push_str("</div></details>\n");
}

fn credentials(out: &mut String, operation: &Value) {
    let schemes = list(&operation["security"]).filter_map(Value::as_object).flat_map(|scheme| scheme.keys());
    for scheme in schemes {
        let words = match scheme.as_str() {
            "queueToken" => "the queue token, as it is or after <code>Bearer</code>",
            _ => "<code>Bearer</code> and the admin key",
        };
        let _ = writeln!(out, "<p class=\"quiet\"><code>Authorization</code>: {words}</p>");
    }
}

fn parameters(out: &mut String, operation: &Value) {
    let mut parameters = list(&operation["parameters"]).peekable();
    if parameters.peek().is_none() {
        return;
    }
    out.push_str("<h3>Parameters</h3>\n<div class=\"scroll\"><table><tbody>\n");
    for parameter in parameters {
        let required = if parameter["required"] == true { "required" } else { "optional" };
        let _ = writeln!(
            out,
            "<tr><td><code>{}</code></td><td>{}, {required}</td><td>{}</td><td>{}</td></tr>",
            escape(text(&parameter["name"])),
            escape(text(&parameter["in"])),
            shape::kind(&parameter["schema"]),
            prose(text(&parameter["description"])),
        );
    }
    out.push_str("</tbody></table></div>\n");
}

fn responses(out: &mut String, api: &Value, responses: &Value) {
    let data = &responses["200"]["content"]["application/json"]["schema"]["properties"]["data"];
    if !data.is_null() {
        out.push_str("<h3>200: data</h3>\n");
        shape::table(out, api, data);
    }
    out.push_str("<h3>Answers</h3>\n<div class=\"scroll\"><table><tbody>\n");
    for (status, response) in responses.as_object().into_iter().flatten() {
        let response = resolve(api, response);
        let codes: Vec<_> = codes(api, response).map(link).collect();
        let words = if codes.is_empty() { prose(text(&response["description"])) } else { codes.join(", ") };
        let headers: Vec<_> =
            response["headers"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let _ = writeln!(out, "<tr><td>{status}</td><td>{words}</td><td>{}</td></tr>", headers.join(", "));
    }
    out.push_str("</tbody></table></div>\n");
}

/// What is referred to, or the value itself.
fn resolve<'a>(api: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|reference| api.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(value)
}

fn codes<'a>(api: &'a Value, response: &'a Value) -> impl Iterator<Item = &'a str> {
    let parts = list(&resolve(api, &response["content"]["application/problem+json"]["schema"])["allOf"]);
    parts.flat_map(|part| list(&part["properties"]["code"]["enum"])).filter_map(Value::as_str)
}

/// To the page of a code: its name in small letters, with dashes.
fn link(code: &str) -> String {
    format!("<a href=\"/problems/{}\"><code>{code}</code></a>", code.to_lowercase().replace('_', "-"))
}
