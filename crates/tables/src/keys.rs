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

    /// What pseudonyms of people are made with, where it was changed another number of times than `known`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn people(&mut self, known: u64) -> Result<Option<String>, Error> {
        const FIND: &str = "SELECT people FROM secrets WHERE people_version <> $1";
        let session = self.session()?;
        let client = session.client();
        let found = session.block(async { client.query_opt(FIND, &[&known.cast_signed()]).await })?;
        Ok(found.and_then(|found| found.get(0)))
    }

    /// Puts `after` in the place of what was changed `before` times; false where it was changed more often by now.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn replace_people(&mut self, before: u64, after: &str) -> Result<bool, Error> {
        const CHANGE: &str =
            "UPDATE secrets SET people = $2, people_version = people_version + 1 WHERE people_version = $1";
        let session = self.session()?;
        let client = session.client();
        let changed = session.block(async { client.execute(CHANGE, &[&before.cast_signed(), &after]).await })?;
        Ok(changed > 0)
    }

    fn session(&mut self) -> Result<&Session, Error> {
        Ok(self.session.get(|| self.target.connect("keys", postgres::PATIENCE))?)
    }
}
