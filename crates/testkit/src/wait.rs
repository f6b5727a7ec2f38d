//! Waiting for something to come true, with a deadline that only a failure reaches.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long something that must come true may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks again and again until `look` finds something.
///
/// # Panics
/// When it has found nothing for a minute; `what` is in the message.
pub async fn eventually_some<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "it never came true: {what}");
        sleep(PAUSE).await;
    }
}

/// Looks again and again until `look` says yes.
///
/// # Panics
/// When it has not for a minute; `what` is in the message.
pub async fn eventually(what: &str, mut look: impl AsyncFnMut() -> bool) {
    eventually_some(what, async || look().await.then_some(())).await;
}
