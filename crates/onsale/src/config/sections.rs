//! The sections of the configuration, each with the ranges of its keys.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use onsale_domain::ids::INTEGER_MAX;
use onsale_domain::level;
use onsale_domain::settings::{PROOF_BITS_MAX, QueueSettings, Settings};
use onsale_http::rate::{Header, Limits, Rate};
use onsale_http::token::Secret;
use onsale_http::webhooks::{self, Private};
use onsale_node::{Currency, Overrides, Target};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::layers::Layers;
use super::reader::{Reader, integer};

/// The least of the durations that outcomes depend on: no deadline is kept more exactly.
const DEADLINE_MIN: Duration = Duration::from_millis(100);
/// The least of the timeouts of connections.
const TIMEOUT_MIN: Duration = Duration::from_millis(100);
/// Whoever reads the feed is to have some time for it.
const FEED_KEEP_MIN: Duration = Duration::from_secs(1);
/// A message is to be tried more than once.
const RETRY_FOR_MIN: Duration = Duration::from_secs(1);
/// Whoever writes waits for so long.
const COMMIT_INTERVAL_MAX: Duration = Duration::from_secs(1);
const U32_MAX: u64 = u32::MAX as u64;

/// The settings that belong to the store.
pub(super) fn settings(reader: &mut Reader<'_>) -> Settings {
    Settings {
        hold_ttl_ms: deadline_ms(reader, "hold.ttl"),
        hold_limit_per_user: reader.integer("hold.limit_per_user", 1, U32_MAX) as u32,
        charge_limit: reader.integer("wallet.charge_limit", 1, INTEGER_MAX),
        queue: queue(reader),
        seats_per_user: limit(reader, "limit.seats_per_user"),
        seats_per_user_per_concert: limit(reader, "limit.seats_per_user_per_concert"),
        hold_extend_ms: ms_or_none(reader, "hold.extend"),
    }
}

/// Nothing for 0: then nobody makes a hold longer, and nobody's slot is freed for idleness, and no session becomes longer.
fn ms_or_none(reader: &mut Reader<'_>, key: &'static str) -> Option<u64> {
    let given = reader.duration(key, Duration::ZERO);
    if !given.is_zero() && given < DEADLINE_MIN {
        reader.refuse(key, "must be 0s, or at least 100ms");
    }
    Some(given.as_millis() as u64).filter(|&ms| ms > 0)
}

fn limit(reader: &mut Reader<'_>, key: &'static str) -> Option<u32> {
    reader.read(key, None, |text| match text {
        "none" => Ok(None),
        _ => integer(text, 1, U32_MAX).map(|n| Some(n as u32)).map_err(|what| what + "; \"none\" for no limit"),
    })
}

fn queue(reader: &mut Reader<'_>) -> QueueSettings {
    QueueSettings {
        active_limit: reader.integer("queue.active_limit", 1, U32_MAX) as u32,
        admit_per_second: limit(reader, "queue.admit_per_second"),
        session_ttl_ms: deadline_ms(reader, "queue.session_ttl"),
        waiting_ttl_ms: deadline_ms(reader, "queue.waiting_ttl"),
        waiting_grace_ms: reader.duration("queue.waiting_grace", Duration::from_millis(1)).as_millis() as u64,
        session_idle_ms: ms_or_none(reader, "queue.session_idle"),
        proof_bits: Some(reader.integer("queue.proof_bits", 0, PROOF_BITS_MAX.into()) as u32).filter(|&bits| bits > 0),
        session_max_ms: ms_or_none(reader, "queue.session_max"),
        network_places: Some(reader.integer("queue.network_places", 0, U32_MAX) as u32).filter(|&places| places > 0),
    }
}

fn deadline_ms(reader: &mut Reader<'_>, key: &'static str) -> u64 {
    reader.duration(key, DEADLINE_MIN).as_millis() as u64
}

/// Secrets; `None` where the data directory's are to be used.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) admin: Option<Secret>,
    pub(crate) token: Option<Secret>,
    /// How long a token opens what its user has, after its place has ended.
    pub(crate) token_ttl: Duration,
}

impl Keys {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            admin: reader.secret("admin.key"),
            token: reader.secret("token.key"),
            token_ttl: reader.duration("token.ttl", Duration::from_secs(1)),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Http {
    pub(crate) threads: usize,
    pub(crate) connections_max: usize,
    pub(crate) connections_per_address_max: usize,
    pub(crate) trusted_proxies: Vec<IpAddr>,
    pub(crate) streams_max: usize,
    pub(crate) head_timeout: Duration,
    pub(crate) body_timeout: Duration,
    pub(crate) write_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) bytes_per_second_min: u64,
}

impl Http {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let threads = reader.integer("http.threads", 0, 1_024) as usize;
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            threads: if threads == 0 { cores() } else { threads },
            connections_max: reader.integer("http.connections_max", 1, 10_000_000) as usize,
            connections_per_address_max: reader.integer("http.connections_per_address_max", 0, 10_000_000) as usize,
            trusted_proxies: reader.addresses("http.trusted_proxies"),
            streams_max: reader.integer("http.streams_max", 0, 10_000_000) as usize,
            head_timeout: reader.duration("http.head_timeout", TIMEOUT_MIN),
            body_timeout: reader.duration("http.body_timeout", TIMEOUT_MIN),
            write_timeout: reader.duration("http.write_timeout", TIMEOUT_MIN),
            idle_timeout: reader.duration("http.idle_timeout", TIMEOUT_MIN),
            bytes_per_second_min: reader.integer("http.bytes_per_second_min", 1, 1 << 40),
        }
    }
}

/// How often who may write.
pub(super) fn rates(reader: &mut Reader<'_>, proxies: &[IpAddr]) -> Limits {
    let header = reader.read("rate.client_header", Header::default(), |text| match text {
        "x-forwarded-for" => Ok(Header::XForwardedFor),
        "forwarded" => Ok(Header::Forwarded),
        _ => Err(format!("must be \"x-forwarded-for\" or \"forwarded\", whichever the proxy writes, but is {text:?}")),
    });
    let client = rate(reader, "rate.client_per_minute", "rate.client_burst");
    let user = rate(reader, "rate.user_per_minute", "rate.user_burst");
    let codes = rate(reader, "rate.wrong_codes_per_minute", "rate.wrong_codes_burst");
    Limits { client, user, codes, proxies: proxies.to_vec(), header }
}

fn rate(reader: &mut Reader<'_>, per_minute: &'static str, burst: &'static str) -> Option<Rate> {
    let burst = reader.integer(burst, 1, U32_MAX) as u32;
    limit(reader, per_minute).map(|per_minute| Rate { per_minute, burst })
}

#[derive(Clone, Debug)]
pub(crate) struct Tls {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

impl Tls {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let (cert, key) = (reader.text("tls.cert"), reader.text("tls.key"));
        match (cert.is_empty(), key.is_empty()) {
            (true, true) => return None,
            (false, false) => {}
            (false, true) => reader.refuse("tls.cert", "is given without tls.key"),
            (true, false) => reader.refuse("tls.key", "is given without tls.cert"),
        }
        Some(Self { cert: cert.into(), key: key.into() })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) currency: Currency,
    /// The database, where the store is in one.
    pub(crate) target: Option<Target>,
    /// How old the state may be that is shown while the database is away.
    pub(crate) stale_max: Duration,
    /// The pace of journal entries.
    pub(crate) commit_interval: Duration,
    /// The highest feature level that this node raises the store to.
    pub(crate) level_max: u32,
    /// Start whatever the clock shows.
    pub(crate) trust_clock: bool,
    /// How long what happened is kept to be read.
    pub(crate) feed_keep: Duration,
}

impl Store {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let currency = reader.read("store.currency", String::new(), |text| {
            if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
                Err(format!("must be three capital letters such as KRW, but is {text:?}"))
            } else if onsale_catalog::is_currency(text) {
                Ok(text.to_owned())
            } else {
                Err(format!("must be a currency of ISO 4217 that is in use, such as KRW, but is {text:?}"))
            }
        });
        let currency =
            if reader.is_explicit("store.currency") { Currency::Given(currency) } else { Currency::Default(currency) };
        let ca = reader.text("store.ca");
        let ca = (!ca.is_empty()).then(|| Path::new(ca));
        let target = reader.read("store.url", None, |text| {
            if text.is_empty() {
                return Ok(None);
            }
            Target::parse(text, ca).map(Some).map_err(|error| error.to_string())
        });
        if ca.is_some() && reader.text("store.url").is_empty() {
            reader.refuse("store.ca", "is given without store.url");
        }
        // As a flag it rules over a database that is named elsewhere, and its store would stay closed without a word.
        if target.is_some() && reader.is_flag("data") && !reader.is_flag("store.url") {
            reader.refuse("store.url", "names a database, and --data a directory: leave one of them out");
        }
        let stale_max = reader.duration("store.stale_max", TIMEOUT_MIN);
        let commit_interval = reader.duration("store.commit_interval", Duration::ZERO);
        if commit_interval > COMMIT_INTERVAL_MAX {
            reader.refuse("store.commit_interval", "must be at most 1s: whoever writes waits so long");
        }
        let level_max = reader.read("store.level_max", level::NEWEST, |text| match text {
            "newest" => Ok(level::NEWEST),
            _ => integer(text, 0, u64::from(level::NEWEST)).map(|n| n as u32).map_err(|what| what + ", or \"newest\""),
        });
        let trust_clock = reader.read("store.trust_clock", false, |text| {
            text.parse().map_err(|_| format!("must be true or false, but is {text:?}"))
        });
        let feed_keep = reader.duration("feed.keep", FEED_KEEP_MIN);
        Self { currency, target, stale_max, commit_interval, level_max, trust_clock, feed_keep }
    }
}

/// How webhooks are sent.
pub(super) fn webhooks(reader: &mut Reader<'_>) -> webhooks::Settings {
    let private = reader.read("webhooks.private", Private::Refuse, |text| match text {
        "refuse" => Ok(Private::Refuse),
        "allow" => Ok(Private::Allow),
        _ => Err(format!("must be refuse or allow, but is {text:?}")),
    });
    webhooks::Settings { private, tried_for: reader.duration("webhooks.retry_for", RETRY_FOR_MIN) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    /// A filter that was found to be one.
    pub(crate) level: String,
}

impl Log {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let format = reader.read("log.format", LogFormat::Text, |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err(format!("must be text or json, but is {text:?}")),
        });
        let level = reader.read("log.level", String::new(), |text| match EnvFilter::try_new(text) {
            // A single word that is no level would be taken for a module, and silence everything else.
            Ok(_) if text.contains('=') || text.parse::<LevelFilter>().is_ok() => Ok(text.to_owned()),
            _ => Err(format!("must be off, error, warn, info, debug or trace, or a list by module, but is {text:?}")),
        });
        Self { format, level }
    }
}

/// Those of the store's settings that somebody gave.
pub(super) fn overrides(layers: &Layers, settings: &Settings) -> Overrides {
    fn given<T>(layers: &Layers, key: &str, value: T) -> Option<T> {
        layers.is_explicit(key).then_some(value)
    }
    let queue = &settings.queue;
    Overrides {
        hold_ttl_ms: given(layers, "hold.ttl", settings.hold_ttl_ms),
        hold_limit_per_user: given(layers, "hold.limit_per_user", settings.hold_limit_per_user),
        charge_limit: given(layers, "wallet.charge_limit", settings.charge_limit),
        seats_per_user: given(layers, "limit.seats_per_user", settings.seats_per_user),
        seats_per_user_per_concert: given(
            layers,
            "limit.seats_per_user_per_concert",
            settings.seats_per_user_per_concert,
        ),
        hold_extend_ms: given(layers, "hold.extend", settings.hold_extend_ms),
        active_limit: given(layers, "queue.active_limit", queue.active_limit),
        admit_per_second: given(layers, "queue.admit_per_second", queue.admit_per_second),
        session_ttl_ms: given(layers, "queue.session_ttl", queue.session_ttl_ms),
        waiting_ttl_ms: given(layers, "queue.waiting_ttl", queue.waiting_ttl_ms),
        waiting_grace_ms: given(layers, "queue.waiting_grace", queue.waiting_grace_ms),
        session_idle_ms: given(layers, "queue.session_idle", queue.session_idle_ms),
        proof_bits: given(layers, "queue.proof_bits", queue.proof_bits),
        session_max_ms: given(layers, "queue.session_max", queue.session_max_ms),
        network_places: given(layers, "queue.network_places", queue.network_places),
    }
}
