//! What levers change, in the words of the record.

use crate::queue::Mode;
use crate::settings::{QueueSettings, Settings};

/// The names and values of what a lever may change.
pub(crate) type Fields = Vec<(&'static str, String)>;

pub(crate) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Open => "OPEN",
        Mode::Paused => "PAUSED",
        Mode::Draining => "DRAINING",
        Mode::Closed => "CLOSED",
    }
}

pub(crate) fn store(settings: &Settings) -> Fields {
    let Settings { hold_ttl_ms, hold_limit_per_user, charge_limit, queue: defaults } = settings;
    let mut fields = vec![
        ("holdTtl", duration(*hold_ttl_ms)),
        ("holdLimitPerUser", hold_limit_per_user.to_string()),
        ("chargeLimit", charge_limit.to_string()),
    ];
    fields.extend(queue(defaults));
    fields
}

pub(crate) fn queue(settings: &QueueSettings) -> Fields {
    let QueueSettings { active_limit, admit_per_second, session_ttl_ms, waiting_ttl_ms, waiting_grace_ms } = settings;
    vec![
        ("activeLimit", active_limit.to_string()),
        ("admitPerSecond", admit_per_second.map_or_else(|| "none".to_owned(), |rate| rate.to_string())),
        ("sessionTtl", duration(*session_ttl_ms)),
        ("waitingTtl", duration(*waiting_ttl_ms)),
        ("waitingGrace", duration(*waiting_grace_ms)),
    ]
}

pub(crate) fn duration(ms: u64) -> String {
    if ms.is_multiple_of(1_000) { format!("{}s", ms / 1_000) } else { format!("{ms}ms") }
}

/// The fields whose values differ, as texts.
pub(crate) fn differing(before: Fields, after: Option<Fields>) -> (String, String) {
    let (mut was, mut is) = (Vec::new(), Vec::new());
    for ((name, old), (_, new)) in before.into_iter().zip(after.unwrap_or_default()) {
        if old != new {
            was.push(format!("{name} {old}"));
            is.push(format!("{name} {new}"));
        }
    }
    (was.join(", "), is.join(", "))
}
