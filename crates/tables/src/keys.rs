//! The secrets of a store that nodes share, as one text. In a data directory they are in a file of their own.

use onsale_postgres::{Lasting, Session, Target};

use crate::error::Error;
use crate::postgres;

/// The keys in a database.
pub struct Keys {
    target: Target,
    session: Lasting<Session>,
}

impl Keys {
    /// Keys in the database that these tables are in. Nothing is opened yet.
    #[must_use]
    pub fn new(target: &Target) -> Self {
        Self { target: target.clone(), session: Lasting::default() }
    }

    /// The text, if there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&mut self) -> Result<Option<String>, Error> {
        let session = self.session()?;
        let client = session.client();
        let found = session.block(async { client.query_opt("SELECT document FROM secrets", &[]).await })?;
        Ok(found.map(|found| found.get(0)))
    }

    /// Puts `after` in the place of `before`; false where another text is there by now.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn replace(&mut self, before: Option<&str>, after: &str) -> Result<bool, Error> {
        const CHANGE: &str = "UPDATE secrets SET document = $2 WHERE document = $1";
        const MAKE: &str = "INSERT INTO secrets (one, document) VALUES (1, $1) ON CONFLICT DO NOTHING";
        let session = self.session()?;
        let client = session.client();
        let changed = session.block(async {
            match before {
                Some(before) => client.execute(CHANGE, &[&before, &after]).await,
                None => client.execute(MAKE, &[&after]).await,
            }
        })?;
        Ok(changed > 0)
    }

    fn session(&mut self) -> Result<&Session, Error> {
        Ok(self.session.get(|| self.target.connect("keys", postgres::PATIENCE))?)
    }
}
