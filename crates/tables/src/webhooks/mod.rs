//! Who is sent what happened, and how far each has got.
//!
//! It is no state, and no projection: no entry of the journal says it, so whoever makes the tables anew must not lose it. In a data
//! directory it has a file of its own; in a database it has a table that no projection touches. What is written here is text to this
//! module: what it says is known to whoever sends.

mod database;
mod file;

use crate::error::Error;
use crate::place::Place;

pub use file::{FILE_NAME, copy_into};

/// The most of a store.
pub const WEBHOOKS_MAX: usize = 16;

/// A webhook as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: u64,
    /// Counts what operators, and whoever stops it, have changed of the next two.
    pub version: u64,
    /// What it is.
    pub definition: String,
    /// Whether it is sent to.
    pub state: String,
    /// Counts how often operators have put it elsewhere.
    pub moved: u64,
    /// How far it has got.
    pub progress: String,
    /// What was tried last.
    pub log: String,
    /// The node that sends, and says so from time to time.
    pub holder: Option<u64>,
}

/// What an operator has changed.
#[derive(Clone, Copy, Debug)]
pub struct Changed<'a> {
    pub definition: &'a str,
    pub state: &'a str,
    /// Where it goes on from, if elsewhere.
    pub progress: Option<&'a str>,
}

/// How far a webhook has got.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    pub id: u64,
    /// As it was known to whoever sends: where an operator has put it elsewhere since, nothing is kept.
    pub moved: u64,
    pub progress: &'a str,
    pub log: &'a str,
}

/// The webhooks of a store, for one thread. A session, or a file, of its own: whoever writes the tables never waits for it.
pub struct Webhooks(Engine);

enum Engine {
    File(file::Webhooks),
    Database(database::Webhooks),
}

macro_rules! engine {
    ($self:expr, $engine:ident => $call:expr) => {
        match &mut $self.0 {
            Engine::File($engine) => $call,
            Engine::Database($engine) => $call,
        }
    };
}

impl Webhooks {
    /// Nothing is opened yet, nor made. What one for whom `is_durable` is false writes may be taken back by a crash of the database or of
    /// the machine: then something is sent twice.
    #[must_use]
    pub fn new(place: &Place, is_durable: bool) -> Self {
        Self(match place {
            Place::Directory(directory) => Engine::File(file::Webhooks::new(directory, is_durable)),
            Place::Postgres(target) => Engine::Database(database::Webhooks::new(target, is_durable)),
        })
    }

    /// All of them, by their numbers.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn all(&mut self) -> Result<Vec<Stored>, Error> {
        engine!(self, engine => engine.all())
    }

    /// Adds one, and gives its number; `None` where there are [`WEBHOOKS_MAX`]. A number is never given twice.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, definition: &str, state: &str, progress: &str) -> Result<Option<u64>, Error> {
        engine!(self, engine => engine.add(definition, state, progress))
    }

    /// Changes one that has this version; false where it has another by now, or is not there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn change(&mut self, id: u64, version: u64, changed: Changed<'_>) -> Result<bool, Error> {
        engine!(self, engine => engine.change(id, version, changed))
    }

    /// Takes one away; false where there is none.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remove(&mut self, id: u64) -> Result<bool, Error> {
        engine!(self, engine => engine.remove(id))
    }

    /// Takes those for `node`, for so long, that nobody else has, and gives all of them.
    ///
    /// # Errors
    /// When they cannot be written or read.
    pub fn claim(&mut self, node: u64, lease_ms: u64) -> Result<Vec<Stored>, Error> {
        engine!(self, engine => engine.claim(node, lease_ms))
    }

    /// Keeps how far those have got that `node` has; says of each whether it still has it, and where it was.
    ///
    /// # Errors
    /// When it cannot be written: all or nothing of it.
    pub fn keep(&mut self, node: u64, kept: &[Kept<'_>]) -> Result<Vec<bool>, Error> {
        engine!(self, engine => engine.keep(node, kept))
    }

    /// Puts down why `node` sends one no more; false where it has another version by now, or another node has it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn halt(&mut self, node: u64, id: u64, version: u64, state: &str) -> Result<bool, Error> {
        engine!(self, engine => engine.halt(node, id, version, state))
    }

    /// Lets go of those that `node` has: it stops.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn release(&mut self, node: u64) -> Result<(), Error> {
        engine!(self, engine => engine.release(node))
    }

    /// Puts all that another store's have in here, with their numbers, where there are none yet.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn take_over(&mut self, all: &[Stored]) -> Result<(), Error> {
        engine!(self, engine => engine.take_over(all))
    }
}
