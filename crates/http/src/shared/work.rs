//! The work that a new place takes where its queue asks for some.

use onsale_node::QueueView;

use super::Shared;
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
}
