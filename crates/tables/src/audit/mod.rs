//! What must hold in the tables, asked in SQL, apart from the engine that filled them.

mod check;
mod money;
mod seats;

use std::path::Path;

use rusqlite::Connection;

use crate::error::Error;
use crate::{mark, migrate, store};

pub use check::Finding;

/// The tables at one batch, opened for reading only.
pub struct Audit {
    conn: Connection,
    seq: u64,
}

impl Audit {
    /// Opens the tables in `dir` and stays at the batch that they are at now, whatever is projected meanwhile.
    ///
    /// # Errors
    /// When there are none, or they are a newer program's.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let conn = store::open_reader(dir)?;
        // Never ended: a reader's transaction is its snapshot, and closing the connection ends it.
        conn.execute_batch("BEGIN")?;
        migrate::check(&conn, dir)?;
        let seq = mark::seq(&conn)?;
        Ok(Self { conn, seq })
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
        Ok(vec![self.balances()?, self.wallets()?, self.seats()?, self.payments()?])
    }

    /// Every account holds what its transfers add up to, cash and sales included, and no transfer is odd.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn balances(&self) -> Result<Finding, Error> {
        check::run(&self.conn, &money::BALANCES)
    }

    /// No wallet is below zero, now or after any transfer of its history.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn wallets(&self) -> Result<Finding, Error> {
        check::run(&self.conn, &money::WALLETS)
    }

    /// No seat is held or sold twice, and every one that is exists.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn seats(&self) -> Result<Finding, Error> {
        check::run(&self.conn, &seats::SEATS)
    }

    /// Every paid reservation has exactly one payment, every payment exactly one transfer, of the same amount and
    /// from the same user; and no payment is without its reservation.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn payments(&self) -> Result<Finding, Error> {
        check::run(&self.conn, &money::PAYMENTS)
    }
}
