//! A start beside nodes that live: the store's time is what they count, whatever the database's clock shows.
//!
//! A journal alone cannot tell a clock that has stepped from a store that was shut. Nodes that live can: once a second each says
//! what the store's time is, by its monotonic clock.

use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use onsale_journal::{Journal as _, postgres};
use onsale_tables::{Nodes, Word};

use crate::open_error::OpenError;

/// Whoever has spoken within so long lives, or did until just now: its word of the time is as good.
const FRESH: Duration = Duration::from_secs(3);
/// Within so long a node that lives has spoken again.
const LISTENED: Duration = Duration::from_millis(2_500);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// A clock that is no further from the journal's end has nothing to do harm with.
const NEAR_MS: u64 = 2_000;

/// Has `journal` go on with the time of the nodes that live, where there are any. Whether there are.
pub(crate) fn join(journal: &mut postgres::Journal, nodes: &mut Nodes) -> Result<bool, OpenError> {
    let (head, source_ms) = (journal.head(), journal.time().source_ms);
    if head.time_ms == 0 {
        return Ok(false);
    }
    let patience = if source_ms.abs_diff(head.time_ms) > NEAR_MS { LISTENED } else { Duration::ZERO };
    let Some(theirs_ms) = listen(patience, || nodes.words())? else { return Ok(false) };
    journal.join(theirs_ms)?;
    if source_ms.abs_diff(theirs_ms) > NEAR_MS {
        tracing::error!(
            clock = shown(source_ms),
            theirs = shown(theirs_ms),
            "the database's clock is not what the nodes count that live: the store's time goes on as theirs"
        );
    }
    Ok(true)
}

/// What the nodes count that live, in milliseconds since 1970. Where none that is known of has spoken just now, one may be about
/// to: a clock that has stepped ahead makes all look silent. The one that is furthest counts, as the journal never goes back.
fn listen<E>(patience: Duration, mut words: impl FnMut() -> Result<Vec<Word>, E>) -> Result<Option<u64>, E> {
    let began = Instant::now();
    loop {
        let heard = words()?;
        let fresh = heard.iter().filter(|word| word.age <= FRESH);
        let furthest_ms = fresh.map(|word| word.now_ms + word.age.as_millis() as u64).max();
        if furthest_ms.is_some() || heard.is_empty() || began.elapsed() >= patience {
            return Ok(furthest_ms);
        }
        thread::sleep(PAUSE);
    }
}

fn shown(ms: u64) -> String {
    let time = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    time.map_or_else(|| format!("{ms} ms since 1970"), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(age_s: u64, now_ms: u64) -> Word {
        Word { age: Duration::from_secs(age_s), now_ms }
    }

    fn heard(patience: Duration, looks: &[&[Word]]) -> Option<u64> {
        let mut looks = looks.iter();
        let mut last: &[Word] = &[];
        listen(patience, || {
            last = looks.next().unwrap_or(&last);
            Ok::<_, ()>(last.to_vec())
        })
        .unwrap()
    }

    #[test]
    fn the_furthest_of_those_who_live_counts() {
        assert_eq!(heard(LISTENED, &[&[word(1, 5_000), word(0, 5_500), word(600, 90_000)]]), Some(6_000));
    }

    #[test]
    fn a_store_that_was_shut_is_not_waited_for() {
        assert_eq!(heard(Duration::MAX, &[&[]]), None);
        assert_eq!(heard(Duration::ZERO, &[&[word(60, 5_000)]]), None);
    }

    #[test]
    fn who_looks_silent_by_a_clock_that_has_stepped_may_speak_again() {
        let silent = &[word(18_000, 5_000)];
        assert_eq!(heard(Duration::MAX, &[silent, silent, &[word(0, 6_000)]]), Some(6_000));
    }
}
