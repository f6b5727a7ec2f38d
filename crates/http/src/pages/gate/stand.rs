//! How somebody stands in the queue of a site.

use onsale_domain::ids::TicketId;
use onsale_domain::queue::State;
use onsale_node::{QueueView, Views};

use crate::app::App;
use crate::gate::Site;
use crate::place::place_in;
use crate::token::Claims;
use crate::wire::Place;

/// Where the owner of a ticket is.
#[derive(Clone, Copy)]
#[expect(clippy::large_enum_variant, reason = "one at a time, and nothing is allocated for it")]
pub(super) enum Stand {
    Waiting(Place),
    /// Their turn passed while they were silent: only the engine can take them back.
    Absent(TicketId),
    /// Until when, in seconds since 1970.
    Inside {
        until_s: u64,
    },
    /// Their time is over, or they have none here.
    Over,
}

impl Stand {
    /// As the views have it. Whoever asks is there, and that is noted.
    pub(super) fn of(app: &App, site: &Site, claims: &Claims) -> Self {
        let views = app.shared.node.views();
        let queues = views.queues();
        let Some((queue, state)) = theirs(views, &queues, site, claims) else { return Self::Over };
        let number = claims.ticket.number;
        match state {
            State::Progress { until } => {
                queue.hear(number);
                Self::Inside { until_s: until.0 / 1_000 }
            }
            State::Waiting | State::Returned { .. } => {
                queue.hear(number);
                Self::Waiting(place_in(queue, number, queue.ticket(number), app.shared.load.stretch()))
            }
            State::Absent { .. } => Self::Absent(claims.ticket),
            State::Done { .. } | State::Expired { .. } => Self::Over,
        }
    }
}

/// The queue and the state of a ticket that is in a queue of the site's, and still its owner's.
fn theirs<'q>(
    views: &Views,
    queues: &'q [std::sync::Arc<QueueView>],
    site: &Site,
    claims: &Claims,
) -> Option<(&'q QueueView, State)> {
    let queue = queues.get(usize::from(claims.ticket.queue.0)).filter(|queue| site.is_entered_by(&queue.name))?;
    let (owner, state) = queue.owner(claims.ticket.number)?;
    let is_revoked = views.revoked.since(claims.user).0 / 1_000 > claims.issued_at_s;
    (owner == claims.owner() && !is_revoked).then_some((&**queue, state))
}
