//! A check of a gate before a site, by visitors who are inside.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::inside;
use crate::compare::{Trial, compare};
use crate::context::Context;
use crate::http::{self, Received};
use crate::load::Source;
use crate::process::Service;
use crate::report::Findings;
use crate::request::Template;
use crate::sources::{Repeat, Tokens};

/// Passes that are not renewed while it is measured.
const GATE: [(&str, &str); 4] = [
    ("gate.origin", "http://localhost:1"),
    ("gate.pass_ttl", "1h"),
    ("gate.sites.default.origin", "http://localhost:2"),
    ("gate.sites.default.queue", "default"),
];
/// How long somebody may wait who will be let in at once.
const ADMITTED_WITHIN: Duration = Duration::from_secs(60);

pub(super) fn run(context: &Context) -> Result<Findings> {
    let service = Service::start(&context.program()?, &[&inside::SETTINGS[..], &GATE].concat())?;
    let visitors = context.sized(1_000, 100);
    crate::progress!("letting {visitors} visitors in");
    let passes = (0..visitors).map(|_| pass(&service)).collect::<Result<Vec<_>>>()?;
    let passes = Arc::new(Tokens::collect(passes.iter().map(Vec::as_slice)));
    let trial = Trial { name: "gate, inside", connections: 256, ratio_min: 0.85, latency: None };
    let template = Template::with_cookie("/v1/gate/default", "onsale-pass", &["X-Original-URI: /seats?date=1"]);
    let mut source =
        |_| -> Result<Box<dyn Source>> { Ok(Box::new(Repeat::new(template.clone(), Arc::clone(&passes), 204))) };
    Ok(compare(context, trial, &service, &mut source)?.into())
}

/// Waits as a browser does, and comes in.
fn pass(service: &Service) -> Result<Vec<u8>> {
    let get = |path: &str, cookie: &[u8]| -> Result<Received> {
        let template = Template::with_cookie(path, "onsale-gate-default", &["Accept: text/html"]);
        http::call(service.address(), &template.with(cookie))
    };
    let mut visitor = value(&get("/gate/default", b"")?, "onsale-gate-default")?;
    let began = Instant::now();
    loop {
        let page = get("/gate/default?cookie=1", &visitor)?;
        let entrance = page.header("location").and_then(|to| std::str::from_utf8(to).ok()?.split_once("?code="));
        if let Some((_, code)) = entrance {
            let entered = get(&format!("/v1/gate/default/enter?code={code}"), b"")?;
            return value(&entered, "onsale-pass");
        }
        visitor = value(&page, "onsale-gate-default").unwrap_or(visitor);
        ensure!(began.elapsed() < ADMITTED_WITHIN, "a visitor is not let in: {}", page.status);
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a reply gives as a cookie.
fn value(reply: &Received, name: &str) -> Result<Vec<u8>> {
    let given = reply.header("set-cookie").with_context(|| format!("{} gives no {name}", reply.status))?;
    let value = given.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
    let value = value.with_context(|| format!("another cookie than {name}"))?;
    Ok(value.split(|byte| *byte == b';').next().unwrap_or_default().to_vec())
}
