//! The configuration: one table of keys, each with a default, a type and a range.

mod access;
mod effective;
mod gate;
mod layers;
mod login;
mod origin;
mod page;
mod reader;
mod sections;
mod suggest;
#[cfg(test)]
mod tests;
mod traces;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use onsale_http::rate::Limits;
use onsale_http::shared::BuyersPage;
use onsale_node::Overrides;

pub(crate) use access::{Access, Entry as EntryConfig, Keys as EntryKeys, Users as UsersDoor};
pub(crate) use effective::effective;
pub(crate) use layers::{Layers, Sources};
pub(crate) use login::{ClientSecret, Login};
pub(crate) use sections::{Http, Keys, Log, LogFormat, Store, Tls};
pub(crate) use traces::Traces;

use reader::Reader;

/// The default file, with a comment on every key. It is also the list of the keys that there are.
pub(crate) const DEFAULT: &str = include_str!("../../../../config/onsale.toml");

/// All settings, checked.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    /// Where operators are served, if not with the buyers.
    pub(crate) admin_listen: Option<SocketAddr>,
    pub(crate) data: PathBuf,
    pub(crate) keys: Keys,
    pub(crate) access: Access,
    /// The identity provider, where there is one.
    pub(crate) login: Option<Login>,
    pub(crate) http: Http,
    /// How often who may write.
    pub(crate) rates: Limits,
    /// The sites before which gates stand.
    pub(crate) gates: Option<onsale_http::gate::Settings>,
    /// How webhooks are sent.
    pub(crate) webhooks: onsale_http::webhooks::Settings,
    /// What the buyer's page shows of the shop.
    pub(crate) page: BuyersPage,
    pub(crate) tls: Option<Tls>,
    pub(crate) store: Store,
    pub(crate) log: Log,
    /// Where traces go, where they are wanted.
    pub(crate) traces: Option<Traces>,
    /// The most commands that may wait for the journal.
    pub(crate) pending_max: usize,
    pub(crate) batch_max: usize,
    /// How long requests in flight may take to end.
    pub(crate) shutdown_grace: std::time::Duration,
    /// Those of the settings that belong to the store which were given explicitly.
    pub(crate) overrides: Overrides,
}

/// What is wrong with a configuration: every key that is, and where its value came from.
#[derive(Debug)]
pub(crate) struct Error(pub(crate) Vec<String>);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        match self.0.as_slice() {
            [one] => write!(f, " {one}"),
            several => several.iter().try_for_each(|problem| write!(f, "\n  {problem}")),
        }
    }
}

impl std::error::Error for Error {}

impl Config {
    /// Reads all sources, the later ones over the earlier ones.
    ///
    /// # Errors
    /// Every unknown key, value that is no such value, and contradiction.
    pub(crate) fn load(sources: &Sources) -> Result<Self, Error> {
        Self::from_layers(&Layers::gather(sources)?)
    }

    /// # Errors
    /// As [`Config::load`].
    pub(crate) fn from_layers(layers: &Layers) -> Result<Self, Error> {
        let mut reader = Reader::new(layers);
        let overrides = sections::overrides(layers, &sections::settings(&mut reader));
        let http = Http::read(&mut reader);
        let rates = sections::rates(&mut reader, &http.trusted_proxies);
        let traces = traces::read(&mut reader, &http.trusted_proxies);
        let login = Login::read(&mut reader);
        let page = page::read(&mut reader);
        let config = Self {
            listen: reader.address("listen"),
            admin_listen: reader.optional_address("admin.listen"),
            data: reader.path("data"),
            keys: Keys::read(&mut reader),
            http,
            rates,
            access: Access::read(&mut reader, login.as_ref()),
            login,
            gates: gate::read(&mut reader, layers, &page),
            webhooks: sections::webhooks(&mut reader),
            page,
            tls: Tls::read(&mut reader),
            store: Store::read(&mut reader),
            log: Log::read(&mut reader),
            traces,
            pending_max: reader.integer("overload.pending_max", 1, 1 << 20) as usize,
            batch_max: reader.integer("overload.batch_max", 1, onsale_node::Options::BATCH_MAX as u64) as usize,
            shutdown_grace: reader.duration("shutdown.grace", std::time::Duration::ZERO),
            overrides,
        };
        reader.finish(config)
    }
}
