//! Carrying an operator's changes out, one at a time.

use std::sync::Arc;

use onsale_catalog::{shows_nothing, turns_text};
use onsale_domain::concert::{REASON_CHARS_MAX, is_reason};
use onsale_node::Views;

use crate::problem::{Code, Problem};
use crate::shared::Shared;

/// Runs a change that is made of a look at the state and commands that follow from it. No other one runs meanwhile, so
/// that of two changes to one thing none is lost; and it runs to its end even if the operator hangs up, so that the
/// next one sees what it did.
pub(super) async fn alone<T, F>(shared: &Arc<Shared>, change: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Problem>> + Send + 'static,
{
    let shared = shared.clone();
    let task = tokio::spawn(async move {
        let _turn = shared.edits.lock().await;
        change.await
    });
    // A task ends without a result when it panics, or with its thread: then what it did is not known here.
    task.await.unwrap_or_else(|_| Err(Problem::new(Code::OutcomeUnknown)))
}

/// Refuses what nodes of an older version could not read, below the store's level that brings it.
pub(super) fn from_level(views: &Views, level: u32, what: &str) -> Result<(), Problem> {
    if views.level() >= level { Ok(()) } else { Err(Problem::below_level(level, what)) }
}

/// Refuses what nobody could read on record.
pub(super) fn check_reason(reason: &str) -> Result<(), Problem> {
    check_text("reason", reason)
}

/// The same of any text that is to be on record.
pub(super) fn check_text(name: &'static str, text: &str) -> Result<(), Problem> {
    if is_reason(text) && !shows_nothing(text) && !text.chars().any(turns_text) {
        return Ok(());
    }
    let what = format!(
        "{name} must be a text of 1 to {REASON_CHARS_MAX} characters that can be seen, none of which turns the text beside it round."
    );
    Err(Problem::field(name, what))
}
