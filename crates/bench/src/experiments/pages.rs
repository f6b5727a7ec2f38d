//! The start page and a script of it, as browsers ask for them: whole, and known already.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::inside;
use crate::compare::{Trial, compare};
use crate::context::Context;
use crate::http;
use crate::load::Source;
use crate::process::Service;
use crate::report::Findings;
use crate::request::Template;
use crate::sources::{Repeat, Tokens};

const ENCODINGS: &str = "Accept-Encoding: gzip, deflate, br, zstd";
const USERS: u64 = 1;

pub(super) fn run(context: &Context) -> Result<Findings> {
    let service = inside::service(context, 1, 50)?;
    // A page needs no token; the load's requests have one, as those of other paths do.
    let tokens = inside::admit(&service, 1, USERS)?;
    let (tag, script) = start_page(&service, &tokens)?;
    let known = format!("If-None-Match: {tag}");
    let mut findings = Findings::default();
    let trials: [(_, &str, &[&str], u16); 3] = [
        ("start page", "/", &[ENCODINGS], 200),
        ("start page, 304", "/", &[ENCODINGS, &known], 304),
        ("a script of it", &script, &[ENCODINGS], 200),
    ];
    for (name, path, headers, status) in trials {
        let trial = Trial { name, connections: 256, ratio_min: 0.90, latency: None };
        let template = Template::get(path, headers);
        let mut source =
            |_| -> Result<Box<dyn Source>> { Ok(Box::new(Repeat::new(template.clone(), Arc::clone(&tokens), status))) };
        findings.append(compare(context, trial, &service, &mut source)?.into());
    }
    Ok(findings)
}

/// The start page's tag, and the address of its first script.
fn start_page(service: &Service, tokens: &Tokens) -> Result<(String, String)> {
    let request = Template::get("/", &[]).with(tokens.get(0));
    let reply = http::call(service.address(), &request)?.success()?;
    let tag = reply.header("etag").context("the start page has no ETag")?;
    let page = String::from_utf8(reply.body.clone())?;
    let script = page.split('"').find(|part| part.starts_with("/assets/") && part.ends_with(".js"));
    Ok((String::from_utf8(tag.to_vec())?, script.context("the start page names no script")?.to_owned()))
}
