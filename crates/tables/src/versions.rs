//! The schema's versions. A version that was released is never edited: the next one changes it.
//!
//! A version belongs to a feature level (`onsale_domain::level`). It only adds, so that programs that do not know it can
//! go on with the tables as long as the store has not reached that level: until then it stands in `schema_coming`, where
//! they pass it over, and moves to `schema_version`, by which they are refused, in the transaction that stores the level.
//! Programs up to level 8 know `schema_ahead` alone, and are refused by whatever they do not know there, so what they do know stays there.

/// One version: what leads to it from the one before, for each database.
pub(crate) struct Version {
    pub(crate) name: &'static str,
    /// The store's level from which on programs that do not know this version are refused.
    pub(crate) level: u32,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

macro_rules! version {
    ($file:literal, $name:literal, $level:literal) => {
        Version {
            name: $name,
            level: $level,
            sqlite: include_str!(concat!("../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../migrations/postgres/", $file)),
        }
    };
}

/// All versions, the first being version 1.
pub(crate) const VERSIONS: &[Version] = &[
    version!("0001_state.sql", "state", 0),
    version!("0002_views.sql", "views", 0),
    version!("0003_operator.sql", "operator", 0),
    version!("0004_nodes.sql", "nodes", 0),
    version!("0005_level.sql", "level", 1),
    version!("0006_currency.sql", "currency", 1),
    version!("0007_amounts.sql", "amounts", 2),
    version!("0008_revoked.sql", "revoked", 2),
    version!("0009_sums.sql", "sums", 2),
    version!("0010_limits.sql", "limits", 3),
    version!("0011_operators.sql", "operators", 4),
    version!("0012_people.sql", "people", 4),
    version!("0013_offers.sql", "offers", 5),
    version!("0014_opening.sql", "opening", 5),
    version!("0015_desk.sql", "desk", 5),
    version!("0016_orphans.sql", "orphans", 5),
    version!("0017_standing.sql", "standing", 5),
    version!("0018_currency_again.sql", "currency again", 5),
    version!("0019_draw.sql", "draw", 5),
    version!("0020_tiers.sql", "tiers", 6),
    version!("0021_idle.sql", "idle", 7),
    version!("0022_feed.sql", "feed", 8),
    version!("0023_ranks.sql", "ranks", 8),
    version!("0024_codes.sql", "codes", 9),
    version!("0025_webhooks.sql", "webhooks", 9),
    version!("0026_restored.sql", "restored", 9),
    version!("0027_proofs.sql", "proofs", 9),
    version!("0028_sessions.sql", "sessions", 9),
    version!("0029_privacy.sql", "privacy", 9),
    version!("0030_networks.sql", "networks", 10),
];

/// The last level whose versions stand in `schema_ahead` until it is reached.
const AHEAD_LAST: u32 = 8;

/// Where a version of this level stands until the store has reached it.
pub(crate) fn table_of(level: u32) -> &'static str {
    if level > AHEAD_LAST { "schema_coming" } else { "schema_ahead" }
}

/// The tables that have versions, and the last that counts in each: one of a level that has yet to come, and that only a newer program
/// knows, is nothing to this one.
pub(crate) fn tables() -> [(&'static str, u32); 3] {
    [("schema_version", u32::MAX), ("schema_ahead", u32::MAX), ("schema_coming", known())]
}

/// The newest version that this program knows.
pub(crate) fn known() -> u32 {
    u32::try_from(VERSIONS.len()).unwrap_or(u32::MAX)
}
