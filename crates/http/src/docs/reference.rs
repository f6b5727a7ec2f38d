//! The whole page: groups of operations, in the order of the document's tags.

use std::fmt::Write as _;

use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::operation;
use crate::pages::{document, escape};

/// The methods that an operation may have, in the order in which they are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page for a document.
pub(super) fn html(api: &OpenApi) -> String {
    let api = serde_json::to_value(api).expect("the document is made of what JSON has");
    let mut main = String::from("<h1>API reference</h1>\n");
    let _ = writeln!(main, "<p>{}</p>", prose(text(&api["info"]["description"])));
    main.push_str(
        "<p><strong><a href=\"/docs/start\">Quick start</a></strong>: from the queue to a ticket with curl or \
         JavaScript. <a href=\"/docs/start#guides\">Guides</a>: a shop of your own, the gate, operating, load tests.</p>\n",
    );
    main.push_str("<p>For programs: <a href=\"/openapi.json\">openapi.json</a>. Refusals: <a href=\"/problems\">problems</a>.</p>\n");
    for tag in list(&api["tags"]) {
        group(&mut main, &api, tag);
    }
    document("API reference", &main)
}

fn group(main: &mut String, api: &Value, tag: &Value) {
    let name = text(&tag["name"]);
    let _ = writeln!(main, "<h2>{}</h2>\n<p>{}</p>", escape(name), prose(text(&tag["description"])));
    for (path, methods) in api["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let Some(described) = methods.get(method) else { continue };
            if list(&described["tags"]).any(|own| own == name) {
                operation::write(main, api, method, path, described);
            }
        }
    }
}

/// A text of the document; empty where there is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The items of a list of the document; none where there is none.
pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Escaped, with what stands between backquotes as code.
pub(super) fn prose(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        let part = escape(part);
        if index % 2 == 1 {
            let _ = write!(html, "<code>{part}</code>");
        } else {
            html.push_str(&part);
        }
    }
    html
}
