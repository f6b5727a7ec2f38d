use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientConfigKey, Error, GetOptions, ObjectMeta, ObjectStore as _, PutMode, PutOptions, RetryConfig,
    UpdateVersion,
};
use tokio::runtime::Runtime;
use url::Url;

use crate::failure::Hint;

use super::address::Address;
use super::failed;

/// The whole of a request; a part is eight megabytes.
const REQUEST: &str = "60s";
const CONNECT: &str = "5s";
/// A request that fails for no lasting reason is made again so often, and for so long.
const RETRIES: usize = 4;
const RETRYING: Duration = Duration::from_secs(60);
/// No object is larger: a segment has at least one entry, and none has more.
const OBJECT_BYTES_MAX: u64 = (onsale_journal::PAYLOAD_BYTES_MAX as u64) + (1 << 20);

/// The bucket of an address.
pub(crate) struct Bucket {
    address: Address,
    store: AmazonS3,
    runtime: Runtime,
}

/// Which of the objects that were at a name was read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version(UpdateVersion);

/// What there is of an object that may have changed.
pub(crate) enum Looked {
    Absent,
    Same,
    Found(Bytes, Version),
}

impl Bucket {
    /// # Errors
    /// Where the environment does not say how to get at it. Nothing is asked yet.
    pub(crate) fn open(address: &Address) -> anyhow::Result<Self> {
        check_endpoint()?;
        check_words()?;
        // Whoever else in this process has chosen already has chosen the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let backoff = BackoffConfig { init_backoff: Duration::from_millis(100), ..BackoffConfig::default() };
        let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRYING };
        let bounded = |key| AmazonS3ConfigKey::Client(key);
        let store = AmazonS3Builder::from_env()
            .with_bucket_name(&address.bucket)
            .with_config(bounded(ClientConfigKey::Timeout), REQUEST)
            .with_config(bounded(ClientConfigKey::ConnectTimeout), CONNECT)
            .with_retry(retry)
            .build()
            .map_err(|error| failed::describe(&format!("naming {address}"), &error))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { address: address.clone(), store, runtime })
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// What is at `name`; nothing where nothing is.
    pub(crate) fn get(&self, name: &str) -> anyhow::Result<Option<Bytes>> {
        match self.look(name, None)? {
            Looked::Found(bytes, _) => Ok(Some(bytes)),
            Looked::Absent | Looked::Same => Ok(None),
        }
    }

    /// What is at `name`, where it is another than `known`.
    pub(crate) fn look(&self, name: &str, known: Option<&Version>) -> anyhow::Result<Looked> {
        let if_none_match = known.and_then(|Version(version)| version.e_tag.clone());
        let options = GetOptions { if_none_match, ..GetOptions::default() };
        let read = self.runtime.block_on(async {
            let found = self.store.get_opts(&self.path(name), options).await?;
            let version = UpdateVersion { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
            if found.meta.size > OBJECT_BYTES_MAX {
                return Ok((Bytes::new(), version));
            }
            Ok((found.bytes().await?, version))
        });
        match read {
            Ok((bytes, version)) => Ok(Looked::Found(bytes, Version(version))),
            Err(Error::NotModified { .. }) => Ok(Looked::Same),
            Err(error @ Error::NotFound { .. }) if !failed::is_of_bucket(&error) => Ok(Looked::Absent),
            Err(error) => Err(self.failed("reading", name, &error)),
        }
    }

    /// Puts what was never there. The server holds what arrives against the sum that is signed.
    pub(crate) fn put(&self, name: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
        let path = self.path(name);
        let put = self.store.put_opts(&path, bytes.into(), PutOptions::default());
        self.runtime.block_on(put).map(drop).map_err(|error| self.failed("writing", name, &error))
    }

    /// Puts `bytes` in the place of what was `known`, or of nothing; `None` where something else is there by now. Where the server knows no
    /// such condition it is put in any case.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8], known: Option<&Version>) -> anyhow::Result<Option<Version>> {
        let path = self.path(name);
        let put = |mode: PutMode| self.runtime.block_on(self.store.put_opts(&path, bytes.to_vec().into(), mode.into()));
        let mode = match known {
            None => PutMode::Create,
            // A server that does not tell objects from each other knows no conditions on them.
            Some(Version(UpdateVersion { e_tag: None, .. })) => PutMode::Overwrite,
            Some(Version(version)) => PutMode::Update(version.clone()),
        };
        let put = match put(mode) {
            Err(Error::NotImplemented { .. }) => put(PutMode::Overwrite),
            Err(error) if is_unknown_condition(&error) => put(PutMode::Overwrite),
            done => done,
        };
        match put {
            Ok(put) => Ok(Some(Version(UpdateVersion { e_tag: put.e_tag, version: put.version }))),
            // It may be what was put here, where the answer to a first request was lost.
            Err(Error::Precondition { .. } | Error::AlreadyExists { .. }) => match self.look(name, None)? {
                Looked::Found(there, version) if there == bytes => Ok(Some(version)),
                _ => Ok(None),
            },
            Err(error) => Err(self.failed("writing", name, &error)),
        }
    }

    /// Removes what nothing names any more.
    pub(crate) fn remove(&self, names: &[String]) -> anyhow::Result<()> {
        let paths: Vec<_> = names.iter().map(|name| Ok(self.path(name))).collect();
        let removed = self.store.delete_stream(futures_util::stream::iter(paths).boxed()).try_collect::<Vec<_>>();
        self.runtime
            .block_on(removed)
            .map(drop)
            .map_err(|error| self.failed("removing", "what is not needed any more", &error))
    }

    /// Looks whether the bucket is there: some servers make one of whatever is put into it.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let prefix = self.path("");
        let first = self.runtime.block_on(async { self.store.list(Some(&prefix)).next().await.transpose() });
        first.map(drop).map_err(|error| self.failed("listing", "objects", &error))
    }

    /// All objects whose names begin with `name` and a slash, by what follows that, and when the server got them, in seconds since 1970.
    pub(crate) fn list(&self, name: &str) -> anyhow::Result<Vec<(String, i64)>> {
        let prefix = self.path(name);
        let listed = self.runtime.block_on(self.store.list(Some(&prefix)).try_collect::<Vec<_>>());
        let listed = listed.map_err(|error| self.failed("listing", name, &error))?;
        let below = format!("{prefix}/");
        let named = |meta: ObjectMeta| {
            Some((meta.location.as_ref().strip_prefix(&below)?.to_owned(), meta.last_modified.timestamp()))
        };
        Ok(listed.into_iter().filter_map(named).collect())
    }

    fn path(&self, name: &str) -> Path {
        Path::from(self.address.name(name))
    }

    fn failed(&self, doing: &str, name: &str, error: &Error) -> anyhow::Error {
        failed::describe(&format!("{doing} {} of {}", name.split('/').next().unwrap_or(name), self.address), error)
    }
}

/// Older servers answer so to a condition that they do not know.
fn is_unknown_condition(error: &Error) -> bool {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        said.push_str(&error.to_string());
        cause = error.source();
    }
    said.contains("501 Not Implemented") || said.contains("<Code>NotImplemented</Code>")
}

/// They go into heads of requests, where there is no room for the end of a line: one that was pasted with it is told of by name alone.
fn check_words() -> anyhow::Result<()> {
    const NAMES: [&str; 4] = ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"];
    for name in NAMES {
        let Some(word) = std::env::var_os(name) else { continue };
        let is_plain = word.as_encoded_bytes().iter().all(u8::is_ascii_graphic);
        ensure!(is_plain, "{name} has something in it that is no part of it, such as a space or the end of a line");
    }
    Ok(())
}

fn allows_http() -> bool {
    let is_yes = |said: String| ["1", "true", "on", "yes", "y"].contains(&said.to_ascii_lowercase().as_str());
    std::env::var("AWS_ALLOW_HTTP").is_ok_and(is_yes)
}

/// The keys of the store go there: in the clear only where somebody has said so.
fn check_endpoint() -> anyhow::Result<()> {
    for name in ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"] {
        let Ok(url) = std::env::var(name) else { continue };
        let (scheme, rest) = url.split_once("://").with_context(|| format!("{name} is not as https://HOST:PORT"))?;
        ensure!(!rest.contains('@'), "{name} is to name a server and nobody: who asks is told by AWS_ACCESS_KEY_ID");
        let names_server = Url::parse(&url).is_ok_and(|url| url.has_host());
        ensure!((scheme == "https" || scheme == "http") && names_server, "{name} is not as https://HOST:PORT");
        if scheme == "http" && !allows_http() {
            let hint = "what is copied has the store's keys; within a network of your own, set AWS_ALLOW_HTTP=true";
            return Err(anyhow::anyhow!("{name} is http, which everybody on the way reads"))
                .context(Hint(hint.to_owned()));
        }
    }
    Ok(())
}
