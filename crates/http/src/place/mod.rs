//! What a ticket's owner is told of its place, and how a node hears from them.

mod polls;

use onsale_domain::queue::{State, Status, Tier};
use onsale_node::{QueueView, TicketView};

use crate::shared::Stretch;
use crate::times;
use crate::wire::{DrawnPlace, Place};
use polls::Pace;

/// Whether it was enough to note that a ticket was heard from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Noted,
    /// Its turn passed while it was silent: only the engine can take it back.
    Absent,
}

pub(crate) fn hear(queue: &QueueView, number: u32) -> Heard {
    match queue.state(number) {
        Some(State::Waiting | State::Returned { .. } | State::Progress { .. }) => queue.hear(number),
        Some(State::Absent { .. }) => return Heard::Absent,
        Some(State::Done { .. } | State::Expired { .. }) | None => {}
    }
    Heard::Noted
}

/// All that a check answers of a ticket.
pub(crate) fn place_in(queue: &QueueView, number: u32, view: TicketView, stretch: Stretch) -> Place {
    let status = view.state.map_or(Status::Expired, State::status);
    let rules = queue.rules();
    let estimate =
        (status == Status::Waiting && rules.admits()).then(|| queue.estimate(view.position, &rules.settings));
    let likely_s = estimate.map(|estimate| estimate.likely_seconds);
    let pace = Pace { waiting_ttl_ms: rules.settings.waiting_ttl_ms, stretch };
    Place {
        queue_position: view.position,
        status: status.into(),
        estimated_wait_seconds: likely_s,
        estimated_wait_max_seconds: estimate.map(|estimate| estimate.most_seconds),
        poll_after_millis: match status {
            Status::Waiting if rules.phase.is_before_opening() => Some(pace.before_opening_ms()),
            Status::Waiting => Some(pace.waiting_ms(likely_s.unwrap_or(u64::from(view.position)), number)),
            Status::Progress => Some(pace.inside_ms(number)),
            Status::Done | Status::Expired => None,
        },
        session_expires_at: match view.state {
            Some(State::Progress { until }) => Some(times::utc(until)),
            _ => None,
        },
        session_idle_at: match view.state {
            Some(State::Progress { until }) if rules.settings.session_idle_ms.is_some() => {
                queue.idle_at(number).filter(|at| *at < until).map(times::utc)
            }
            _ => None,
        },
        session_max_at: match view.state {
            Some(State::Progress { until }) if rules.settings.session_max_ms.is_some() => {
                queue.session_max_at(number).filter(|at| *at > until).map(times::utc)
            }
            _ => None,
        },
        draw: view.drawn.map(|(place, of)| DrawnPlace { place, of, number }),
        // Who is surplus is seen in the list of those who took part, once the places are drawn, and in no answer before.
        tier: queue.tier(number).filter(|tier| *tier != Tier::SURPLUS).map(Tier::number),
    }
}
