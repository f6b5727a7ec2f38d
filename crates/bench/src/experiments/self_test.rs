//! The method against itself: two floors must come out alike.

use std::sync::Arc;

use anyhow::Result;

use crate::compare::{Trial, compare};
use crate::context::Context;
use crate::load::Source;
use crate::process::Floor;
use crate::report::{Figure, Findings, LatencyTarget};
use crate::request::Template;
use crate::sources::{Repeat, Tokens};

/// How far from 1 the ratio of two equal servers may lie before the method is not to be trusted.
const TOLERANCE: f64 = 0.05;
/// About as long as a real token.
const TOKEN_BYTES: usize = 200;

struct Case {
    name: &'static str,
    template: Template,
    connections: usize,
    body_bytes: usize,
}

fn cases() -> [Case; 4] {
    let seats = Template::get("/v1/api/concerts/seat?scheduleId=1", &[]);
    let case = |name, template, connections, body_bytes| Case { name, template, connections, body_bytes };
    [
        case("floor, tiny reply", Template::check(), 256, 250),
        case("floor, body read", Template::charge(1_000), 512, 70),
        case("floor, 0.5 MB", seats.clone(), 16, 500_000),
        case("floor, 5.6 MB", seats, 16, 5_600_000),
    ]
}

/// Compares a floor with a floor.
///
/// # Errors
/// When a floor fails.
pub(crate) fn self_test(context: &Context) -> Result<Findings> {
    let tokens = Arc::new(Tokens::collect(vec![&[b'a'; TOKEN_BYTES][..]; 1_000]));
    let mut findings = Findings::default();
    for case in cases() {
        let floor = Floor::start(&reply(case.body_bytes), &context.server_cores)?;
        let trial = Trial {
            name: case.name,
            connections: case.connections,
            ratio_min: 1.0 - TOLERANCE,
            latency: Some(LatencyTarget::TimesFloor(1.5)),
        };
        let mut source = |_| -> Result<Box<dyn Source>> {
            Ok(Box::new(Repeat::new(case.template.clone(), Arc::clone(&tokens), 200)))
        };
        let mut comparison = compare(context, trial, &floor, &mut source)?;
        let spread = comparison.ratio;
        comparison.notes.push(format!("noise of one pair: {:+.1} % to {:+.1} %", off(spread.min), off(spread.max)));
        let name = format!("{}: ratio off 1", case.name);
        findings.figures.push(Figure::at_most(&name, off(spread.median).abs(), "%", 100.0 * TOLERANCE, Vec::new()));
        findings.append(comparison.into());
    }
    Ok(findings)
}

/// By how many percent a ratio is off 1.
fn off(ratio: f64) -> f64 {
    (ratio - 1.0) * 100.0
}

fn reply(body_bytes: usize) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {body_bytes}\r\n\r\n");
    let mut reply = head.into_bytes();
    reply.resize(reply.len() + body_bytes, b' ');
    reply
}
