//! What random tests rarely reach: size, bounds, and the far ends of time.

mod areas;
mod bounds;
mod codes;
mod draw;
mod erased;
mod extended;
mod idle;
mod limits;
mod line;
mod money;
mod networks;
mod offers;
mod opening;
mod operator;
mod orphans;
mod passed_over;
mod proofs;
mod ranks;
mod rate;
mod reissued;
mod renamed;
mod renewal;
mod revoked;
mod silence;
mod sliding;
mod tiers;
mod visit;
mod waiting;
mod withheld;

use onsale_domain::settings::QueueSettings;

/// Settings under which nothing happens by itself for a year.
fn patient(active_limit: u32) -> QueueSettings {
    let year_ms = 366 * 24 * 3_600_000;
    QueueSettings {
        active_limit,
        admit_per_second: None,
        session_ttl_ms: year_ms,
        waiting_ttl_ms: year_ms,
        waiting_grace_ms: year_ms,
        session_idle_ms: None,
        proof_bits: None,
        network_places: None,
        session_max_ms: None,
    }
}
