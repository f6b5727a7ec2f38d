//! Where nodes share a store: how new the state must be that answers a request, and how a client says what it has seen (its bookmarks).
//!
//! An answer to a write, and to a poll, carries `Onsale-Seq`, as a header and as a cookie: the store, the journal's number,
//! and the beginning of its hash. Whoever sends it back is answered from a state at least that new, by any node: polls, which are
//! else answered from memory, too. Lists, and what is refused without asking the engine, are from a state at least as new
//! as the request: one look at the journal's end does for all who wait, and who is not refused does not wait. While the
//! database is away lists go on from memory.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use http::header::{CONNECTION, COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use onsale_node::{Bookmark, Cluster, Standing};

use super::route::{Effect, Need};
use crate::body::Body;
use crate::problem::{Code, Problem};

const SEQ: HeaderName = HeaderName::from_static("onsale-seq");
const STALENESS: HeaderName = HeaderName::from_static("onsale-staleness");
const COOKIE_NAME: &str = "onsale-seq=";
/// How long a request waits for its node to catch up.
const WAIT: Duration = Duration::from_millis(1_500);
/// How long it waits before it asks whether what it wants to see exists at all.
const WAIT_FIRST: Duration = Duration::from_millis(250);
/// How the header is named to those who send it wrong.
const SEQ_SHOWN: &str = "Onsale-Seq";
/// Why a request that saw more elsewhere is refused.
const BEHIND: &str = "This server has not caught up with what this client has seen.";
/// Why a request is refused, once, that saw what no node has.
const LOST: &str = "What this client has seen is not in the store any more: the database was replaced by one that lacks \
                    it. The Onsale-Seq of this answer is where the store stands now.";
/// From when on a view's age is told.
const SHOWN_FROM: Duration = Duration::from_millis(1_500);

/// From when on a node that cannot look at the journal keeps nobody: streams end there, and connections.
const KEPT_MAX: Duration = Duration::from_secs(5);

/// Whether an answer says where the journal stood. So does a poll: who has seen a place sees no older one elsewhere.
pub(super) fn tells_seq(effect: Effect, refusal: Option<&Problem>) -> bool {
    match refusal {
        None => effect != Effect::None,
        // It may be for what this node has not heard of.
        Some(problem) if problem.code() == Code::Unavailable => is_lost(problem),
        Some(_) => effect == Effect::Write,
    }
}

/// Whether others had better be asked than this node, which has not been able to look at the journal for a while.
pub(super) fn keeps_nobody(cluster: &Cluster) -> bool {
    cluster.staleness() >= KEPT_MAX && cluster.is_cut_off()
}

/// Whether the views are new enough as they are: nothing is to be waited for.
pub(super) fn is_recent(cluster: &Cluster, parts: &Parts, need: Need, stale_max: Duration) -> bool {
    let staleness = cluster.staleness();
    if staleness > stale_max || need != Need::Any {
        return false;
    }
    if staleness >= SHOWN_FROM && !cluster.is_cut_off() {
        return false;
    }
    bookmarks(&parts.headers, cluster.store_id()).is_ok_and(|bookmarks| stands(cluster, &bookmarks))
}

/// Waits until this node's views are new enough. `only_fresh`: an answer from an old state would be of no use.
pub(super) async fn wait(
    cluster: &Cluster,
    parts: &Parts,
    need: Need,
    only_fresh: bool,
    stale_max: Duration,
) -> Result<(), Problem> {
    let bookmarks = bookmarks(&parts.headers, cluster.store_id())?;
    if need == Need::Any && cluster.staleness() < SHOWN_FROM {
        let newest = bookmarks.iter().map(|bookmark| bookmark.seq).max().unwrap_or(0);
        let is_there = cluster.at_least(newest, WAIT_FIRST).await || cluster.fresh(WAIT).await;
        return if is_there { check(cluster, &bookmarks).await } else { Err(away(BEHIND)) };
    }
    // A node that stood still is old and does not know it: it asks, polls too, before it says anything.
    if !cluster.is_cut_off() && cluster.fresh(WAIT).await {
        return check(cluster, &bookmarks).await;
    }
    let staleness = cluster.staleness();
    if staleness > stale_max {
        return Err(away(format!("This server has not heard from its database for {} s.", staleness.as_secs())));
    }
    if need == Need::Now && only_fresh {
        return Err(away("The database cannot be reached at the moment."));
    }
    // What is known is shown, with its age.
    if stands(cluster, &bookmarks) { Ok(()) } else { Err(away(BEHIND)) }
}

/// Waits until this node is as new as this moment; false where it cannot tell.
pub(super) async fn catch_up(cluster: &Cluster) -> bool {
    !cluster.is_cut_off() && cluster.fresh(WAIT).await
}

/// Whether all that was seen is in the history that this node has followed.
fn stands(cluster: &Cluster, bookmarks: &[Bookmark]) -> bool {
    bookmarks.iter().all(|bookmark| cluster.standing(*bookmark) == Standing::Behind)
}

/// Refuses who has seen another history. One look at the journal tells whose it is: where it is the database's, this
/// node has followed a fork, finds out in that look, and ends. So whoever is answered here has seen what is lost.
async fn check(cluster: &Cluster, bookmarks: &[Bookmark]) -> Result<(), Problem> {
    if stands(cluster, bookmarks) {
        return Ok(());
    }
    match cluster.fresh(WAIT).await {
        true if stands(cluster, bookmarks) => Ok(()),
        true => Err(away(LOST)),
        false => Err(away(BEHIND)),
    }
}

/// Whether a client is refused for what it has seen, and goes on once it knows where the store stands.
fn is_lost(problem: &Problem) -> bool {
    problem.detail() == Some(LOST)
}

fn away(detail: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
    Problem::new(Code::Unavailable).with_detail(detail)
}

/// What says where the journal stood, made once for each entry: one thread's polls between two entries share it.
#[derive(Default)]
pub(super) struct Stamp(ArcSwapOption<Stamped>);

struct Stamped {
    newest: u64,
    seq: HeaderValue,
    cookie: HeaderValue,
}

impl Stamp {
    /// Tells what was shown, and how old it may be.
    pub(super) fn put(&self, cluster: &Cluster, tells_seq: bool, response: &mut Response<Body>) {
        let headers = response.headers_mut();
        let staleness = cluster.staleness();
        if staleness >= SHOWN_FROM {
            headers.insert(STALENESS, HeaderValue::from(staleness.as_millis() as u64));
            if keeps_nobody(cluster) {
                // A balancer that only looks where a new connection goes takes another node.
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
        }
        if !tells_seq {
            return;
        }
        let newest = cluster.newest();
        let made = self.0.load();
        match &*made {
            Some(stamped) if stamped.newest == newest => stamped.add_to(headers),
            _ => {
                let stamped = Stamped::new(cluster, newest);
                stamped.add_to(headers);
                self.0.store(Some(Arc::new(stamped)));
            }
        }
    }
}

impl Stamped {
    fn new(cluster: &Cluster, newest: u64) -> Self {
        let Bookmark { seq, prefix } = Bookmark::from(&cluster.applied());
        let value = format!("{:016x}.{seq}.{prefix:08x}", cluster.store_id());
        let cookie = format!("{COOKIE_NAME}{value}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax");
        let [seq, cookie] =
            [value, cookie].map(|text| HeaderValue::try_from(text).expect("digits and words make a header"));
        Self { newest, seq, cookie }
    }

    fn add_to(&self, headers: &mut HeaderMap) {
        headers.append(SEQ, self.seq.clone());
        headers.append(SET_COOKIE, self.cookie.clone());
    }
}

/// What the client has seen of this store. Another store's are nobody's business here. A cookie that cannot be
/// read is not ours; a header that cannot is a mistake, which its sender should hear of.
fn bookmarks(headers: &HeaderMap, store_id: u64) -> Result<Vec<Bookmark>, Problem> {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let cookies = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().strip_prefix(COOKIE_NAME));
    let mut bookmarks: Vec<(u64, Bookmark)> = cookies.filter_map(|value| read(value.trim())).collect();
    for value in headers.get_all(SEQ) {
        let read = value.to_str().ok().and_then(|value| read(value.trim()));
        bookmarks.push(read.ok_or_else(|| {
            let wrong =
                "The header Onsale-Seq is none that this service has sent: send back what an answer had, or none.";
            Problem::field(SEQ_SHOWN, wrong)
        })?);
    }
    Ok(bookmarks.into_iter().filter(|(store, _)| *store == store_id).map(|(_, bookmark)| bookmark).collect())
}

/// The store, and the place in it.
fn read(value: &str) -> Option<(u64, Bookmark)> {
    let mut parts = value.split('.');
    let (store, seq, prefix) = (parts.next()?, parts.next()?, parts.next()?);
    let hexadecimal = |text: &str, digits: usize| {
        let is_one = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| u64::from_str_radix(text, 16).ok()).flatten()
    };
    let is_number = parts.next().is_none() && seq.bytes().all(|byte| byte.is_ascii_digit());
    let seq = is_number.then(|| seq.parse().ok()).flatten()?;
    Some((hexadecimal(store, 16)?, Bookmark { seq, prefix: u32::try_from(hexadecimal(prefix, 8)?).ok()? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_was_seen_of_this_store_counts() {
        let mut headers = HeaderMap::new();
        let mut check = |name: HeaderName, value: &str, expected: &[u64]| {
            headers.append(name, HeaderValue::from_str(value).expect("a value"));
            let expected = expected.iter().map(|seq| Bookmark { seq: *seq, prefix: 0x1234_5678 }).collect();
            assert_eq!(bookmarks(&headers, 0xab), Ok(expected), "{value}");
        };
        check(SEQ, "00000000000000ff.900.12345678", &[]);
        check(COOKIE, "onsale-seq=garbage", &[]);
        check(SEQ, "00000000000000ab.7.12345678", &[7]);
        check(COOKIE, "a=b; onsale-seq=00000000000000ab.9.12345678; c=d", &[9, 7]);
    }

    #[test]
    fn a_header_that_cannot_be_read_is_named() {
        let many = "00000000000000ab.99999999999999999999999.12345678";
        for wrong in [
            "",
            "x",
            "00000000000000ab.7",
            "ab.7.12345678",
            "00000000000000ab.-1.12345678",
            "00000000000000ab.7.1234567g",
            "00000000000000ab.7.12345678.1",
            many,
        ] {
            let mut headers = HeaderMap::new();
            headers.append(SEQ, HeaderValue::from_str(wrong).expect("a value"));
            let problem = bookmarks(&headers, 0xab).expect_err(wrong);
            assert_eq!(problem.code(), Code::BadRequest);
            assert!(problem.detail().is_some_and(|detail| detail.contains("Onsale-Seq")), "{problem:?}");
        }
    }
}
