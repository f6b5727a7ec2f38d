//! What one node of a store does while the others wait: they may all start at the same moment.

use std::time::Duration;

use onsale_postgres::{Session, Target};

use crate::error::Error;

/// How long whoever is before this node may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Held by whose turn it is ("onsd").
const LOCK: i64 = 0x6f6e_7364;

/// A turn, until this is dropped or the database has lost sight of its node.
pub struct Turn {
    _session: Session,
}

impl Turn {
    /// Waits until it is this node's turn.
    ///
    /// # Errors
    /// When the database does not answer, or somebody else's turn lasts longer than a minute.
    pub fn wait(target: &Target) -> Result<Self, Error> {
        let session = target.connect("turn", PATIENCE)?;
        let client = session.client();
        // A lock of a transaction's: one of the session's would outlive it behind a pooler. Nothing runs in it for as long as the
        // turn lasts, and whoever has the turn is not to lose it before the others give up.
        let begin = format!("BEGIN; SET LOCAL idle_in_transaction_session_timeout = '{}s'", PATIENCE.as_secs());
        session.block(async {
            client.batch_execute(&begin).await?;
            client.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await
        })?;
        Ok(Self { _session: session })
    }
}
