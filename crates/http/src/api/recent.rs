//! Where nodes share a store: how new the state must be that answers a request, and how a client says what it has seen.
//!
//! An answer to a write carries `Onsale-Seq`, as a header and as a cookie: the store, the journal's number, and the
//! beginning of its hash. Whoever sends it back is answered from a state at least that new, by any node: polls, which are
//! else answered from memory, too. Lists, and what is refused without asking the engine, are from a state at least as new
//! as the request: one look at the journal's end does for all who wait. While the database is away lists go on from memory.

use std::time::Duration;

use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use onsale_node::Cluster;

use super::Route;
use crate::problem::{Code, Problem};
use crate::server::Body;

const SEQ: HeaderName = HeaderName::from_static("onsale-seq");
const STALENESS: HeaderName = HeaderName::from_static("onsale-staleness");
const COOKIE_NAME: &str = "onsale-seq=";
/// How long a request waits for its node to catch up.
const WAIT: Duration = Duration::from_millis(1_500);
/// How long it waits before it asks whether what it wants to see exists at all.
const WAIT_FIRST: Duration = Duration::from_millis(250);
/// Why a request that saw more elsewhere is refused.
const BEHIND: &str = "This server has not caught up with what this client has seen.";
/// From when on a view's age is told.
const SHOWN_FROM: Duration = Duration::from_millis(1_500);

/// How new the state must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Any that is not too old.
    Any,
    /// As new as the request.
    Now,
}

/// What a route needs. The engine decides what is not refused before it, in the order
/// of the journal.
pub(super) fn need(route: Route) -> Need {
    match route {
        Route::Token | Route::Check | Route::News | Route::Charge | Route::Cancel | Route::Pay | Route::Asset => {
            Need::Any
        }
        Route::Leave
        | Route::Stream
        | Route::Balance
        | Route::Schedules
        | Route::Seats
        | Route::Reserve
        | Route::Reservations
        | Route::Tickets
        | Route::Sections
        | Route::Other => Need::Now,
    }
}

/// Whether the answer is to carry what the client needs to see it again elsewhere.
pub(super) fn is_write(route: Route, method: &Method) -> bool {
    match route {
        Route::Token | Route::Leave | Route::Charge | Route::Reserve | Route::Cancel | Route::Pay => true,
        Route::Check
        | Route::Stream
        | Route::News
        | Route::Balance
        | Route::Schedules
        | Route::Seats
        | Route::Reservations
        | Route::Tickets
        | Route::Sections
        | Route::Asset => false,
        Route::Other => !method.is_safe(),
    }
}

/// Whether nothing is to be waited for.
pub(super) fn is_settled(cluster: &Cluster, parts: &Parts, need: Need, stale_max: Duration) -> bool {
    if cluster.staleness() > stale_max {
        return false;
    }
    need == Need::Any && seen(&parts.headers, cluster.store_id()).is_none_or(|seq| cluster.applied().seq >= seq)
}

/// Waits until this node's views are new enough. `writes`: an answer from an old state would be of no use.
pub(super) async fn settle(
    cluster: &Cluster,
    parts: &Parts,
    need: Need,
    writes: bool,
    stale_max: Duration,
) -> Result<(), Problem> {
    let staleness = cluster.staleness();
    if staleness > stale_max {
        return Err(away(format!("This server has not heard from its database for {} s.", staleness.as_secs())));
    }
    let seen = seen(&parts.headers, cluster.store_id());
    match (need, seen) {
        (Need::Any, None) => Ok(()),
        // A database that was replaced by an older copy may never come there: what it has now must do.
        (Need::Any, Some(seq)) => {
            let is_there = cluster.at_least(seq, WAIT_FIRST).await || cluster.fresh(WAIT).await;
            if is_there { Ok(()) } else { Err(away(BEHIND)) }
        }
        (Need::Now, _) if staleness < SHOWN_FROM && cluster.fresh(WAIT).await => Ok(()),
        (Need::Now, _) if writes => Err(away("The database cannot be reached at the moment.")),
        // What is known is shown, with its age.
        (Need::Now, Some(seq)) if cluster.applied().seq < seq => Err(away(BEHIND)),
        (Need::Now, Some(_) | None) => Ok(()),
    }
}

fn away(detail: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
    Problem::new(Code::Unavailable).with_detail(detail)
}

/// Tells what was shown, and how old it may be.
pub(super) fn stamp(cluster: &Cluster, write: bool, response: &mut Response<Body>) {
    let headers = response.headers_mut();
    let staleness = cluster.staleness();
    if staleness >= SHOWN_FROM {
        headers.insert(STALENESS, HeaderValue::from(staleness.as_millis() as u64));
    }
    if !write {
        return;
    }
    let applied = cluster.applied();
    let hash = &applied.hash.as_bytes()[..4];
    let value = format!(
        "{:016x}.{}.{:08x}",
        cluster.store_id(),
        applied.seq,
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
    );
    let cookie = format!("{COOKIE_NAME}{value}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax");
    for (name, value) in [(SEQ, value), (SET_COOKIE, cookie)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.append(name, value);
        }
    }
}

/// The newest number of this store that the client has seen. What cannot be read is not ours.
fn seen(headers: &HeaderMap, store_id: u64) -> Option<u64> {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let cookies = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().strip_prefix(COOKIE_NAME));
    let direct = headers.get_all(SEQ).into_iter().filter_map(|value| value.to_str().ok());
    cookies.chain(direct).filter_map(|value| read(value.trim(), store_id)).max()
}

fn read(value: &str, store_id: u64) -> Option<u64> {
    let mut parts = value.split('.');
    let (store, seq, _hash) = (parts.next()?, parts.next()?, parts.next()?);
    (u64::from_str_radix(store, 16) == Ok(store_id)).then(|| seq.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_what_was_seen_counts() {
        let mut headers = HeaderMap::new();
        let mut check = |name: HeaderName, value: &str, expected: Option<u64>| {
            headers.append(name, HeaderValue::from_str(value).expect("a value"));
            assert_eq!(seen(&headers, 0xab), expected, "{value}");
        };
        check(SEQ, "garbage", None);
        check(SEQ, "00000000000000ff.900.12345678", None);
        check(SEQ, "00000000000000ab.7.12345678", Some(7));
        check(COOKIE, "a=b; onsale-seq=00000000000000ab.9.12345678; c=d", Some(9));
        check(COOKIE, "onsale-seq=00000000000000ab.8.12345678", Some(9));
        check(SEQ, "00000000000000ab.-1.12345678", Some(9));
    }
}
