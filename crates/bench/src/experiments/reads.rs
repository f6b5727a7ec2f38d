//! The schedule list and a seat list of 50 seats, as clients ask for them: plain, compressed, and known already.

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

const GZIP: &str = "Accept-Encoding: gzip";
/// Schedules in the list: a small house.
const SCHEDULES: u64 = 12;
const SEATS: u64 = 50;
const USERS: u64 = 1_000;

struct Read {
    path: &'static str,
    /// The names of the rows: plain, compressed, 304.
    names: [&'static str; 3],
}

const READS: [Read; 2] = [
    Read { path: "/v1/api/concerts/schedule", names: ["schedule", "schedule, gzip", "schedule, 304"] },
    Read { path: "/v1/api/concerts/seat?scheduleId=1", names: ["seats (50)", "seats (50), gzip", "seats (50), 304"] },
];

pub(super) fn run(context: &Context) -> Result<Findings> {
    let service = inside::service(context, SCHEDULES, SEATS)?;
    let tokens = inside::admit(&service, 1, USERS)?;
    let mut findings = Findings::default();
    for read in &READS {
        let etag = etag(&service, read.path, &tokens)?;
        let known = format!("If-None-Match: {etag}");
        let variants: [(&[&str], u16); 3] = [(&[], 200), (&[GZIP], 200), (&[GZIP, &known], 304)];
        for (name, (headers, status)) in read.names.into_iter().zip(variants) {
            let trial = Trial { name, connections: 256, ratio_min: 0.90, latency: None };
            let template = Template::get(read.path, headers);
            let mut source = |_| -> Result<Box<dyn Source>> {
                Ok(Box::new(Repeat::new(template.clone(), Arc::clone(&tokens), status)))
            };
            findings.append(compare(context, trial, &service, &mut source)?.into());
        }
    }
    Ok(findings)
}

/// The tag of the compressed body.
fn etag(service: &Service, path: &str, tokens: &Tokens) -> Result<String> {
    let request = Template::get(path, &[GZIP]).with(tokens.get(0));
    let reply = http::call(service.address(), &request)?.success()?;
    let etag = reply.header("etag").with_context(|| format!("{path} has no ETag"))?;
    Ok(String::from_utf8(etag.to_vec())?)
}
