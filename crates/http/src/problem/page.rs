//! The pages behind `type`: what a code means, for the developer who follows the address. They have the style
//! sheet of the other pages and no script, so a strict content policy fits them.

use std::fmt::Write as _;

use super::Code;
use crate::negotiate::Language;

/// The page of one code, in every language.
#[must_use]
pub fn page(code: Code) -> String {
    let mut html = head(code.as_str());
    let _ = write!(html, "<h1>{} {}</h1>", code.status().as_u16(), code.as_str());
    for language in Language::ALL {
        let text = code.text(language);
        let _ = write!(html, r#"<section lang="{}"><h2>{}</h2>"#, language.tag(), escape(text.title));
        let _ = write!(html, "<blockquote>{}</blockquote><p>{}</p></section>", escape(text.message), prose(text.page));
    }
    html.push_str(r#"<p><a href="/problems">All problems</a></p></main></body></html>"#);
    html
}

/// The list of all codes.
#[must_use]
pub fn index() -> String {
    let mut html = head("Problems");
    html.push_str("<h1>Problems</h1><div class=\"scroll\"><table><thead><tr><th>HTTP</th><th>code</th><th>English</th><th lang=\"ko\">한국어</th></tr></thead><tbody>");
    for &code in Code::ALL {
        let _ = write!(
            html,
            r#"<tr><td>{}</td><td><a href="{}">{}</a></td><td>{}</td><td lang="ko">{}</td></tr>"#,
            code.status().as_u16(),
            code.address(),
            code.as_str(),
            escape(code.text(Language::En).title),
            escape(code.text(Language::Ko).title),
        );
    }
    html.push_str("</tbody></table></div></main></body></html>");
    html
}

fn head(title: &str) -> String {
    format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"><title>{title}</title></head><body><main>"#
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Escaped, with what stands between backquotes as code.
fn prose(text: &str) -> String {
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
