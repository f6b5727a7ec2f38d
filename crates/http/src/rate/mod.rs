//! How often who may ask for what costs an entry of the journal: by where requests come from, and by the user of a token.
//!
//! Polls and lists cost nothing of the kind, and do not come here. Each node counts for itself.

mod buckets;
mod client;

use std::net::IpAddr;
use std::time::{Duration, Instant};

use http::HeaderMap;

use buckets::{Buckets, SETS};

pub use client::Header;
pub(crate) use client::network;

/// Keys of operators that are none, of one client.
const GUESSES: Rate = Rate { per_minute: 10, burst: 10 };
/// For 8,192 clients, in 144 KB: what is forgotten of one is how often they guessed.
const GUESSES_SETS: usize = 1_024;

/// How often, as a bucket that fills: so many at once, and then one for each that has come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests in a minute, at least 1.
    pub per_minute: u32,
    /// Requests at once, at least 1.
    pub burst: u32,
}

/// What the configuration says. Without a limit nothing is counted.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Of a client: an IPv4 address, or an IPv6 network of 64 bits.
    pub client: Option<Rate>,
    /// Of a user, by their token.
    pub user: Option<Rate>,
    /// Codes that are none: of a client, or of a person where entry tokens name them.
    pub codes: Option<Rate>,
    /// Whose word of a request's client counts, beside that of this machine.
    pub proxies: Vec<IpAddr>,
    /// The header that they say it in.
    pub header: Header,
}

/// Who had too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Client,
    User,
    /// By keys that are none.
    Guesses,
    /// By codes that are none.
    Codes,
}

/// Who tries codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Guesser {
    Client(IpAddr),
    User(u64),
    Subject([u8; 32]),
}

/// A request that came too early, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooEarly {
    pub(crate) by: By,
    pub(crate) wait: Duration,
}

/// What is counted of one kind, for those who watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Requests that were refused.
    pub(crate) refused: u64,
    /// Buckets that gave way to others before they were full again: that many had one request more than they should.
    pub(crate) forgotten: u64,
    /// Buckets that are not full.
    pub(crate) buckets: usize,
    /// The most that there can be.
    pub(crate) buckets_max: usize,
}

/// The limits at work.
#[derive(Debug)]
pub(crate) struct Rates {
    client: Option<Buckets>,
    user: Option<Buckets>,
    guesses: Buckets,
    codes: Option<Buckets>,
    proxies: Vec<IpAddr>,
    header: Header,
    began: Instant,
}

impl Rates {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            client: limits.client.map(|rate| Buckets::new(rate, SETS)),
            user: limits.user.map(|rate| Buckets::new(rate, SETS)),
            guesses: Buckets::new(GUESSES, GUESSES_SETS),
            codes: limits.codes.map(|rate| Buckets::new(rate, SETS)),
            proxies: limits.proxies.iter().map(IpAddr::to_canonical).collect(),
            header: limits.header,
            began: Instant::now(),
        }
    }

    /// Counts one request from `peer`, and of `user` where a token names one, or refuses it: then nothing is counted.
    #[inline]
    pub(crate) fn take(&self, peer: IpAddr, headers: &HeaderMap, user: Option<u64>) -> Result<(), TooEarly> {
        if self.client.is_none() && self.user.is_none() {
            return Ok(());
        }
        let client = || client::of(peer, headers, self.header, &self.proxies);
        self.take_at(self.began.elapsed(), client, user)
    }

    /// Who sends from `peer`, where the proxies that are trusted say it.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        client::of(peer, headers, self.header, &self.proxies)
    }

    /// Says where this one has tried too many codes that are none: another, be it right, is not looked at then.
    pub(crate) fn look_at_codes(&self, who: &Guesser) -> Result<(), TooEarly> {
        let codes = self.codes.as_ref();
        codes
            .map_or(Ok(()), |codes| codes.look(who, self.began.elapsed()))
            .map_err(|wait| TooEarly { by: By::Codes, wait })
    }

    /// Counts a code that is none.
    pub(crate) fn wrong_code(&self, who: &Guesser) {
        if let Some(codes) = &self.codes {
            codes.owe(who, self.began.elapsed());
        }
    }

    /// Counts an operator's key of this client that is none, or says that there were too many.
    pub(crate) fn guess(&self, client: IpAddr) -> Result<(), TooEarly> {
        self.guess_at(self.began.elapsed(), client)
    }

    fn guess_at(&self, now: Duration, client: IpAddr) -> Result<(), TooEarly> {
        self.guesses.take(&client, now).map_err(|wait| TooEarly { by: By::Guesses, wait })
    }

    fn take_at(
        &self,
        now: Duration,
        client: impl FnOnce() -> Option<IpAddr>,
        user: Option<u64>,
    ) -> Result<(), TooEarly> {
        let user = self.user.as_ref().zip(user);
        if let Some((buckets, user)) = user {
            buckets.take(&user, now).map_err(|wait| TooEarly { by: By::User, wait })?;
        }
        let Some((buckets, client)) = self.client.as_ref().and_then(|buckets| Some((buckets, client()?))) else {
            return Ok(());
        };
        buckets.take(&client, now).map_err(|wait| {
            if let Some((buckets, user)) = user {
                buckets.give_back(&user, now);
            }
            TooEarly { by: By::Client, wait }
        })
    }

    /// What is counted, by kind, where there is a limit.
    pub(crate) fn figures(&self) -> Vec<(&'static str, Figures)> {
        let now = self.began.elapsed();
        let of = |(name, buckets): (&'static str, &Option<Buckets>)| Some((name, buckets.as_ref()?.figures(now)));
        [("client", &self.client), ("user", &self.user), ("codes", &self.codes)].into_iter().filter_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1);

    fn rates(client: Option<Rate>, user: Option<Rate>) -> Rates {
        Rates::new(&Limits { client, user, ..Limits::default() })
    }

    fn take(rates: &Rates, client: &str, user: Option<u64>) -> Option<By> {
        let client = client.parse().expect("an address");
        rates.take_at(NOW, || Some(client), user).err().map(|early| early.by)
    }

    #[test]
    fn users_behind_one_address_have_a_limit_each_and_one_together() {
        let rates = rates(Some(Rate { per_minute: 60, burst: 5 }), Some(Rate { per_minute: 60, burst: 2 }));
        let mut asked = [1, 1, 1, 2, 2, 2, 3].into_iter().map(|user| take(&rates, "192.0.2.1", Some(user)));
        let outcomes = [None, None, Some(By::User), None, None, Some(By::User), None];
        assert!(asked.by_ref().eq(outcomes), "what a user had too much costs the address nothing");
        assert_eq!(take(&rates, "192.0.2.1", None), Some(By::Client));
        // And what the address had too much costs a user nothing.
        for _ in 0..10 {
            assert_eq!(take(&rates, "192.0.2.1", Some(4)), Some(By::Client));
        }
        assert_eq!([take(&rates, "192.0.2.2", Some(4)), take(&rates, "192.0.2.2", Some(4))], [None, None]);
        let refused = rates.figures().into_iter().map(|(name, figures)| (name, figures.refused)).collect::<Vec<_>>();
        assert_eq!(refused, [("client", 11), ("user", 2)]);
    }

    #[test]
    fn guesses_are_counted_by_client_and_with_no_limit_of_writes() {
        let rates = rates(None, None);
        let guess = |client: &str, after_s| {
            rates.guess_at(NOW + Duration::from_secs(after_s), client.parse().expect("an address")).is_ok()
        };
        assert!((0..10).all(|_| guess("192.0.2.1", 0)));
        assert!(!guess("192.0.2.1", 0) && !guess("192.0.2.1", 5) && guess("192.0.2.2", 0));
        assert!(guess("192.0.2.1", 6) && !guess("192.0.2.1", 6), "one more in six seconds");
        assert!(take(&rates, "192.0.2.1", None).is_none() && rates.figures().is_empty());
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let rates = rates(None, None);
        assert!((0..10_000).all(|_| take(&rates, "192.0.2.1", Some(1)).is_none()));
        assert!(rates.figures().is_empty());
    }
}
