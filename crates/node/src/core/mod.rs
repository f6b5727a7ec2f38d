//! What a node decides: machines that wait for nothing, look at no clock, draw no chance of their own and end no process.
//! What has happened and the moment go in; what is to be done comes out, as a value. `crate::threads` drives them.

pub(crate) mod applier;
pub(crate) mod clock;
pub(crate) mod entry;
pub(crate) mod fault;
pub(crate) mod follower;
mod interval;
pub(crate) mod now;
mod pause;
pub(crate) mod presence;
pub(crate) mod projector;
pub(crate) mod sequencer;

/// What shapes the behaviour of a node's parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knobs {
    pub(crate) sequencer: sequencer::Knobs,
    pub(crate) member: applier::Knobs,
    pub(crate) follower: follower::Knobs,
    pub(crate) projector: projector::Knobs,
}

#[cfg(test)]
mod world;
