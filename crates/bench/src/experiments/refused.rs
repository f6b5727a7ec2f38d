//! A hot seat: everybody wants it, and somebody has it.

use std::sync::Arc;

use anyhow::Result;

use super::inside;
use crate::compare::{Trial, compare};
use crate::context::Context;
use crate::http;
use crate::load::Source;
use crate::report::Findings;
use crate::request::Template;
use crate::sources::Repeat;

const USERS: u64 = 10_000;

pub(super) fn run(context: &Context) -> Result<Findings> {
    let service = inside::service(context, 1, 50)?;
    let holder = inside::admit(&service, 1, 1)?;
    let tokens = inside::admit(&service, 2, USERS)?;
    let template = Template::reserve(1, 1);
    http::call(service.address(), &template.with(holder.get(0)))?.success()?;
    let trial = Trial { name: "reserve, refused", connections: 256, ratio_min: 0.75, latency: None };
    let mut source =
        |_| -> Result<Box<dyn Source>> { Ok(Box::new(Repeat::new(template.clone(), Arc::clone(&tokens), 409))) };
    Ok(compare(context, trial, &service, &mut source)?.into())
}
