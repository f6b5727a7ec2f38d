//! What must hold in the tables, asked in SQL, apart from the engine that filled them.

mod check;
mod codes;
mod money;
mod people;
mod queues;
mod seats;

use std::path::Path;

use crate::error::Error;
use crate::fields::Query;
use crate::mark;
use crate::place::Place;

pub use check::Finding;

/// The tables at one batch, opened for reading only.
pub struct Audit {
    query: Box<dyn Query>,
    seq: u64,
}

impl Audit {
    /// Opens the tables in `dir` and stays at the batch that they are at now, whatever is projected meanwhile.
    ///
    /// # Errors
    /// When there are none, or they are a newer program's.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        Self::of(&Place::Directory(dir.to_owned()))
    }

    /// As [`Self::open`], of tables wherever they are.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn of(place: &Place) -> Result<Self, Error> {
        let query = place.reader(true)?;
        let seq = mark::seq(&*query)?;
        Ok(Self { query, seq })
    }

    /// The batch that the tables are at; 0 before the first projection.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// All checks, one after the other.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn all(&self) -> Result<Vec<Finding>, Error> {
        Ok(vec![
            self.balances()?,
            self.wallets()?,
            self.seats()?,
            self.payments()?,
            self.adjustments()?,
            self.subjects()?,
            self.queues()?,
            self.draws()?,
            self.codes()?,
            self.erased()?,
        ])
    }

    /// Every account holds what its transfers add up to, cash and sales included, and no transfer is odd.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn balances(&self) -> Result<Finding, Error> {
        check::run(&*self.query, &money::BALANCES)
    }

    /// No wallet is below zero, now or after any transfer of its history.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn wallets(&self) -> Result<Finding, Error> {
        check::run(&*self.query, &money::WALLETS)
    }

    /// No seat is held or sold twice, or while an operator holds it back, and every one that is exists.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn seats(&self) -> Result<Finding, Error> {
        check::run(&*self.query, &seats::SEATS)
    }

    /// Every paid reservation has exactly one payment, every payment exactly one transfer, of the same amount and
    /// from the same user; and no payment is without its reservation.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn payments(&self) -> Result<Finding, Error> {
        check::run(&*self.query, &money::PAYMENTS)
    }

    /// Every credit and debit is the one transfer that it says, and nothing else takes money out of a wallet to where it came
    /// from.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn adjustments(&self) -> Result<Finding, Error> {
        check::run(&*self.query, &money::ADJUSTMENTS)
    }

    /// No two subjects share a user number, and each number was given out in its turn.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn subjects(&self) -> Result<Finding, Error> {
        people::subjects(&*self.query)
    }

    /// Each code is used as often as people have it, or bought with it, and whoever has one has a place or a hold.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn codes(&self) -> Result<Finding, Error> {
        check::run(&*self.query, &codes::CODES)
    }

    /// Whoever was erased has nothing that goes on, and no name leads to their number.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn erased(&self) -> Result<Finding, Error> {
        check::run(&*self.query, &people::ERASED)
    }

    /// Each queue is in the phase that its times make of the moment at which the tables are.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn queues(&self) -> Result<Finding, Error> {
        check::run(&*self.query, &queues::QUEUES)
    }

    /// Each queue's draw is of the tickets that took part in it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn draws(&self) -> Result<Finding, Error> {
        queues::draws(&*self.query)
    }
}
