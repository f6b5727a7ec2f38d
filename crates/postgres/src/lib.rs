//! Sessions with a PostgreSQL server that may be slow, restarted, replaced or gone.
//!
//! Every wait is bounded: a query that is not answered in time ends the session, since nobody can tell what became of it.
//! The journal and the tables, which use these sessions from threads of their own, decide what that means.

mod error;
mod hosts;
mod lasting;
mod libpq;
mod session;
mod target;
mod tls;

pub use error::{Error, Kind};
pub use lasting::{Ends, Lasting};
pub use session::{Session, Waited};
pub use target::{Bad, Target};
pub use tokio_postgres;
