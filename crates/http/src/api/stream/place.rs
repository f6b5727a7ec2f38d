//! A ticket's place as an event.

use onsale_domain::queue::{State, Status};
use onsale_domain::time::Time;
use onsale_node::{Estimate, QueueView, TicketView};

use crate::place::place_in;
use crate::shared::Stretch;
use crate::wire::Place;

/// What a stream was told last, to know when there is something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    view: TicketView,
    estimate: Option<Estimate>,
    idle_at: Option<Time>,
    max_at: Option<Time>,
}

impl Said {
    /// Whether nothing more will come of this ticket.
    pub(super) fn ended(self) -> bool {
        match self.view.state.map(State::status) {
            Some(Status::Waiting | Status::Progress) => false,
            Some(Status::Done | Status::Expired) | None => true,
        }
    }
}

/// What there is to say of a ticket now.
pub(super) fn now(queue: &QueueView, number: u32) -> Said {
    let view = queue.ticket(number);
    let waits = view.state.map(State::status) == Some(Status::Waiting);
    let rules = queue.rules();
    let estimate = (waits && rules.admits()).then(|| queue.estimate(view.position, &rules.settings));
    Said { view, estimate, idle_at: queue.idle_at(number), max_at: queue.session_max_at(number) }
}

/// The event that says it: the object that a check answers.
pub(super) fn write(queue: &QueueView, number: u32, said: Said, out: &mut Vec<u8>) {
    // Who has a stream polls only once it is lost, and the load of then is not known.
    event(out, &place_in(queue, number, said.view, Stretch::NONE));
}

/// The event of a ticket that is not this store's.
pub(super) fn write_foreign(out: &mut Vec<u8>) {
    event(out, &Place::UNKNOWN);
}

fn event(out: &mut Vec<u8>, place: &Place) {
    out.reserve(256);
    out.extend_from_slice(b"event: place\ndata: ");
    place.write(out);
    out.extend_from_slice(b"\n\n");
}
