//! What happened, for programs.

use super::call::Call;
use crate::admin::events::{BATCH, CURSOR, CloudEvent, EVENTS_MAX, Type, WAIT_S_MAX};
use crate::problem::Code;

pub(super) fn calls() -> [Call; 2] {
    let list = asked(Call::get("/v1/admin/events", "listEvents", "What happened, in order"))
        .describe(&format!(
            "CloudEvents 1.0 of all that changed, in one order that is the same on every node and after every restart; each is there \
             exactly once, and nothing is left out. They are kept for `feed.keep`. docs/feed.md has the rest. From the store's level 8 \
             on.\n\n{}",
            types()
        ))
        .query_number("wait", 0, Some(WAIT_S_MAX), "How many seconds to wait for an event where there is none; 0 where it is left out.")
        .gives_batch::<CloudEvent>(BATCH, CURSOR);
    let follow = asked(Call::get("/v1/admin/events/stream", "followEvents", "Be told what happens"))
        .describe(
            "The same events as they come, each with its `id`. An event without data says how far was looked. A client that comes back \
             with `Last-Event-ID` goes on behind it.",
        )
        .gives_events::<CloudEvent>("Events, until one of the two has enough");
    [list, follow]
}

fn asked(call: Call) -> Call {
    call.query_text("after", "The `id` of the last event that is known; from the oldest that is kept where it is left out.")
        .query_text(
            "types",
            "Which, with commas between them: names, and families such as `onsale.hold.*`. All but `onsale.token.*` where it is left \
             out, and for a shop's key all but `onsale.lever.*` too.",
        )
        .query_number("limit", 1, Some(EVENTS_MAX), "The most events at a time; 100 where it is left out.")
        .refuses(&[
            Code::FeedOtherHistory,
            Code::FeedTrimmed,
            Code::LevelTooLow,
            Code::TooManyRequests,
            Code::Unavailable,
        ])
}

/// A list of all types.
fn types() -> String {
    let line = |one: &Type| format!("- `{}`: {}", one.name(), one.about());
    Type::ALL.iter().map(line).collect::<Vec<_>>().join("\n")
}
