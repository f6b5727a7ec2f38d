//! The work that a new place takes where its queue asks for some.

use std::net::IpAddr;

use http::HeaderMap;
use onsale_node::QueueView;

use super::Shared;
use crate::arrivals::Network;
use crate::problem::{Code, Problem, Work};
use crate::token::Unproven;

impl Shared {
    /// Why somebody joins nothing new here: they have not shown the work that the queue asks for. `None` where none is asked for, or it is
    /// shown.
    pub(crate) fn unproven(&self, queue: &QueueView, proof: Option<&str>, person: &str) -> Option<Problem> {
        let bits = queue.rules().settings.proof_bits?;
        let (tokens, now_s) = (self.tokens.load(), self.now_s());
        let what = match proof.map(|proof| tokens.check_proof(proof, (&queue.name, person, bits), now_s)) {
            Some(Ok(())) => return None,
            None => "Nothing was shown.",
            Some(Err(Unproven::Malformed)) => "It has another form than `challenge.nonce`.",
            Some(Err(Unproven::Expired)) => "Its challenge is of another time.",
            Some(Err(Unproven::Foreign)) => "Its challenge is another queue's, or none.",
            Some(Err(Unproven::Unsolved)) => "It is another person's, or of less work.",
        };
        let work = Work::new(tokens.challenge(&queue.name, now_s), bits);
        Some(Problem::new(Code::ProofRequired).with_detail(what).with_work(work))
    }

    /// The tag of the network that somebody comes from who joins the queue, where it counts: each has so many places, and they are to be
    /// drawn. `None` where it is not known, too. Also while the pre-queue has not begun as far as this node knows: the engine says who takes
    /// part, and the first of them are what begins it.
    pub(crate) fn network(&self, queue: &QueueView, peer: IpAddr, headers: &HeaderMap) -> Option<u64> {
        let rules = queue.rules();
        rules.settings.network_places?;
        let draw = rules.draw.as_ref().filter(|draw| draw.drawn.is_none())?;
        let client = self.rates.client(peer, headers)?;
        Some(self.tokens.load().network(&queue.name, &draw.commitment, Network::of(client).octets()))
    }
}
