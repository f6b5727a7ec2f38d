//! What a draw costs whoever polls: a check where places were drawn, against one in order of joining.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::waiting;
use crate::context::Context;
use crate::process::Service;
use crate::report::Findings;

pub(super) fn run(context: &Context) -> Result<Findings> {
    let count = context.sized(1_000_000, 100_000);
    let program = context.program()?;
    let ordered = waiting::service_with_waiting(&program, count)?;
    let drawn = waiting::empty_service(&program)?;
    set(&drawn, &json!({"order": "draw", "prequeueAt": from_now(-1)?, "opensAt": from_now(86_400)?}))?;
    let tokens = waiting::wait(&drawn, count)?;
    set(&drawn, &json!({"opensAt": from_now(0)?}))?;
    let name = "check, drawn, to one in order: CPU";
    waiting::compare_checks(context, name, &[ordered, (drawn, tokens)], ["in order", "drawn"])
}

fn set(service: &Service, change: &serde_json::Value) -> Result<()> {
    service.admin("PATCH", "/v1/admin/queues/default", &change.to_string())
}

/// A moment in so many seconds, as the wire has it.
fn from_now(seconds: i64) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("this machine's clock")?;
    Ok(jiff::Timestamp::from_second(i64::try_from(now.as_secs())? + seconds)?.to_string())
}
