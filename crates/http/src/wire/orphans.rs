//! Single seats between seats that are taken.

use onsale_domain::concert;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether holds may leave single seats, which hardly anybody buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Orphans {
    /// Nobody minds.
    Allow,
    /// `best` leaves none where that can be helped.
    Prefer,
    /// Whoever names seats must not leave one either, where that can be helped.
    Refuse,
}

impl From<Orphans> for concert::Orphans {
    fn from(orphans: Orphans) -> Self {
        match orphans {
            Orphans::Allow => Self::Allow,
            Orphans::Prefer => Self::Prefer,
            Orphans::Refuse => Self::Refuse,
        }
    }
}

impl From<concert::Orphans> for Orphans {
    fn from(orphans: concert::Orphans) -> Self {
        match orphans {
            concert::Orphans::Allow => Self::Allow,
            concert::Orphans::Prefer => Self::Prefer,
            concert::Orphans::Refuse => Self::Refuse,
        }
    }
}
