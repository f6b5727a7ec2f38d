//! Every line of the wire contract, over real HTTP against the real binary.

mod absence;
mod admin;
mod admission;
mod areas;
mod assets;
mod auth;
mod beside;
mod best;
mod cancel;
mod charge;
mod codes;
mod concert;
mod config;
mod demo;
mod documents;
mod doors;
mod draw;
mod entry;
mod envelope;
mod erased;
mod etag;
mod export;
mod exported;
mod extended;
mod fairness;
mod feed;
mod files;
mod free;
mod gate;
mod group;
mod heads;
mod hostile;
mod idempotency;
mod idle;
mod input;
mod keepsake;
mod listeners;
mod login;
mod modes;
mod networks;
mod night;
mod offers;
mod opening;
mod operator;
mod operators;
mod orphans;
mod partner;
mod payment;
mod people;
mod proof;
mod queue;
mod rate;
mod reservation;
mod revoked;
mod session;
mod silence;
mod sliding;
mod status;
mod stream;
mod ticket;
mod tiers;
mod token;
mod wallets;
mod webhooks;
mod withheld;

/// The largest integer that the contract allows.
pub(crate) const INTEGER_MAX: u64 = (1 << 53) - 1;

/// The eight endpoints, as method and path.
pub(crate) const EIGHT: [(&str, &str); 8] = [
    ("POST", "/v1/api/queue/token"),
    ("POST", "/v1/api/queue/token/check"),
    ("POST", "/v1/api/user/amount"),
    ("GET", "/v1/api/user/amount"),
    ("GET", "/v1/api/concerts/schedule"),
    ("GET", "/v1/api/concerts/seat"),
    ("POST", "/v1/api/concerts/reserve"),
    ("POST", "/v1/api/concerts/payment"),
];

/// A server of the binary under test.
pub(crate) fn setup() -> onsale_testkit::Setup {
    onsale_testkit::Setup::new(env!("CARGO_BIN_EXE_onsale"))
}
