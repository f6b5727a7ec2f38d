//! What a node decides: machines that wait for nothing, look at no clock, draw no chance of their own and end no process.
//! What has happened and the moment go in; what is to be done comes out, as a value. `crate::threads` drives them, and
//! so does the simulator, for which all of this is public.

pub mod applier;
pub mod clock;
pub mod entry;
pub mod fault;
pub mod follower;
pub mod interval;
pub mod now;
pub mod pause;
pub mod presence;
pub mod projector;
pub mod sequencer;

pub use crate::lane::{Answers, Message, ReplyTo};
pub use crate::threads::Timer;

/// What shapes the behaviour of a node's parts.
#[derive(Clone, Debug, Default)]
pub struct Knobs {
    pub sequencer: sequencer::Knobs,
    pub member: applier::Knobs,
    pub follower: follower::Knobs,
    pub projector: projector::Knobs,
}
