//! A ticket's row, and its part of the fingerprint.

use crate::fingerprint::{Hash, Kind};
use crate::ids::{QueueId, TicketId};
use crate::row::Row;
use crate::time::Time;

use super::tickets::Ticket;
use super::{Queue, State, TicketRow, Tier};

/// What a ticket is, and what is kept of it beside its owner.
#[derive(Clone, Copy)]
pub(super) struct Traits {
    pub(super) state: State,
    /// When its owner joined, where that is not when it was issued.
    pub(super) joined_at: Option<Time>,
    pub(super) tier: Option<Tier>,
    /// When its owner was let in, where the session may become longer.
    pub(super) admitted_at: Option<Time>,
}

impl Queue {
    pub(super) fn ticket_row(&self, number: u32, state: State) -> Row {
        let ticket = self.tickets.get(number).expect("only remembered tickets change");
        ticket_row(self.id, number, ticket, self.traits_of(number, state))
    }

    pub(super) fn ticket_hash(&self, number: u32, state: State) -> u64 {
        let ticket = self.tickets.get(number).expect("only remembered tickets change");
        ticket_hash(self.id, number, ticket, self.traits_of(number, state))
    }

    /// What a ticket's hash counts that is not kept beside its owner.
    pub(super) fn traits_of(&self, number: u32, state: State) -> Traits {
        let admitted_at = self.admitted_at(number, state);
        Traits { state, joined_at: self.joined_at(number), tier: self.line.tier(number), admitted_at }
    }

    pub(super) fn admitted_at(&self, number: u32, state: State) -> Option<Time> {
        let is_inside = matches!(state, State::Progress { .. });
        self.admitted.get(&number).copied().filter(|_| is_inside)
    }
}

pub(super) fn ticket_row(
    queue: QueueId,
    number: u32,
    &Ticket { user, key, issued_at, .. }: &Ticket,
    Traits { state, joined_at, tier, admitted_at }: Traits,
) -> Row {
    let ticket = TicketId { queue, number };
    Row::Ticket(TicketRow { ticket, user, key, issued_at, joined_at, tier, admitted_at, state })
}

pub(super) fn ticket_hash(queue: QueueId, number: u32, ticket: &Ticket, traits: Traits) -> u64 {
    let Traits { state, joined_at, tier, admitted_at } = traits;
    let hash = Hash::new(Kind::Ticket)
        .words([u64::from(queue.0) << 32 | u64::from(number), ticket.user.0, ticket.issued_at.0])
        .words([u64::from(ticket.key.0) << 32 | u64::from(ticket.seen), state.pack()]);
    let hash = joined_at.map_or(hash, |joined_at| hash.word(joined_at.0));
    let hash = tier.map_or(hash, |tier| hash.words([u64::MAX, u64::from(tier.number())]));
    // What is not kept leaves the hash as it was before it could be.
    admitted_at.map_or(hash, |at| hash.words([u64::MAX - 1, at.0])).finish()
}
