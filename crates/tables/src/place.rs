//! Where tables are.

use std::path::PathBuf;

use onsale_postgres::Target;

use crate::error::Error;
use crate::fields::Query;
use crate::{postgres, sqlite};

/// A data directory, or a database.
#[derive(Clone, Debug)]
pub enum Place {
    Directory(PathBuf),
    Postgres(Target),
}

impl Place {
    /// Opens them for reading only. With `snapshot`, what is read is as of now.
    pub(crate) fn reader(&self, snapshot: bool) -> Result<Box<dyn Query + Send>, Error> {
        match self {
            Self::Directory(dir) => sqlite::open_reader(dir, snapshot),
            Self::Postgres(target) => postgres::open_reader(target, snapshot),
        }
    }
}
