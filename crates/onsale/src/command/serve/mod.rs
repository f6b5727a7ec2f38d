//! `onsale serve`.

mod demo;
mod doors;
mod edge;
mod fetching;
mod keys;
mod limits;
mod login;
mod memory;
mod nodes;
mod ready;
mod signals;
mod sockets;
mod supervisor;
mod traces;
mod webhooks;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use onsale_http::server;
use onsale_node::{Node, OpenError, Options, Progress, Store};

use crate::config::{self, Config};
use crate::failure::Hint;
use crate::{cli, log};

use super::{data, output, secret};

pub(super) fn run(arguments: cli::Serve) -> anyhow::Result<ExitCode> {
    let config = Config::load(&arguments.settings.sources())?;
    config.access.check_said(config.listen, arguments.demo)?;
    log::init(&config.log);
    memory::take_as_touched();
    if config.store.target.is_none() {
        data::make_directory(&config.data)?;
        data::check_private(&config.data)?;
        data::check_not_moved(&config.data)?;
    }
    if let Some(tls) = &config.tls {
        data::check_key(&tls.key);
    }
    if let Some(what) = secret::exposed(std::env::args()) {
        tracing::warn!("{what}");
    }
    limits::warn_of_file_size();
    let supervisor = Arc::new(supervisor::Supervisor::of_environment()?);
    let signals = signals::Signals::catch(config.shutdown_grace, &supervisor).context("signals cannot be caught")?;
    let (tracer, sending) = traces::traces(config.traces.as_ref())?.unzip();
    let (doors, fetching) = doors::doors(&config, tracer.as_ref())?;
    doors::tell(&doors);
    let (login, learning) = login::login(config.login.as_ref(), tracer.as_ref())?.unzip();
    // The port first: a server that cannot have it leaves no trace in the store.
    let listeners = edge::bind(&config).context("the server cannot start")?;
    let node = Arc::new(open(&config, arguments.force_settings, &supervisor)?);
    let (key_store, mut keys) = keys::load(&config, &node, arguments.new_keys)?;
    if arguments.demo {
        demo::publish_into_empty(&node, config.store.target.as_ref())?;
    }
    let admin_made = keys.admin_made.take();
    let edge::Serving { buyers, operators, watches } =
        edge::serve(listeners, &config, &node, (keys, key_store), (doors, login, tracer), arguments.demo, &supervisor)?;
    let handles = std::iter::once(&buyers).chain(&operators).map(server::Running::shutdown_handle);
    signals.shut_down(handles.collect());
    let ready = ready::Ready {
        address: buyers.address(),
        operators: operators.as_ref().map(server::Running::address),
        tls: config.tls.is_some(),
        demo: arguments.demo,
        admin_set: config.keys.admin.is_some(),
    };
    output::print(&ready.text(admin_made.as_ref(), &keys::shown(&config)))?;
    tracing::info!(address = %buyers.address(), "serving");
    supervisor.ready(buyers.address());
    let mut cut_off = buyers.join().context("serving failed")?;
    if let Some(operators) = operators {
        cut_off += operators.join().context("serving operators failed")?;
    }
    signals.end();
    drop((watches, fetching, learning));
    node.stop();
    drop(sending);
    tracing::info!(cut_off, "stopped");
    Ok(ExitCode::SUCCESS)
}

fn store(config: &Config) -> Store {
    match &config.store.target {
        Some(target) => Store::Postgres(target.clone()),
        None => Store::Directory(config.data.clone()),
    }
}

fn open(config: &Config, force_settings: bool, supervisor: &supervisor::Supervisor) -> anyhow::Result<Node> {
    let options = Options {
        store: store(config),
        pending_max: config.pending_max,
        batch_max: config.batch_max,
        commit_interval: config.store.commit_interval,
        trust_clock: config.store.trust_clock,
        overrides: config.overrides.clone(),
        level_max: config.store.level_max,
        force_settings,
        currency: config.store.currency.clone(),
        feed_keep_ms: config.store.feed_keep.as_millis() as u64,
    };
    let mut progress = |Progress { seq, seq_last, .. }: Progress| {
        tracing::info!(seq, seq_last, "verifying the journal");
        supervisor.starting(&format!("verifying the journal: entry {seq} of {seq_last}"));
    };
    Node::open(&options, &mut progress).map_err(|error| {
        if matches!(error, OpenError::Currency { .. }) {
            return config::Error(vec![error.to_string()]).into();
        }
        let hint = hint(&error, &options.store);
        let error = anyhow::Error::new(error).context("the store cannot be opened");
        match hint {
            Some(hint) => error.context(Hint(hint)),
            None => error,
        }
    })
}

/// The way back, where there is one that can be told.
fn hint(error: &OpenError, store: &Store) -> Option<String> {
    use onsale_tables::Error as Tables;
    let Store::Directory(directory) = store else { return None };
    match error {
        OpenError::Journal(onsale_journal::Error::Locked { .. }) => {
            Some("one server owns a data directory; choose another with --data".to_owned())
        }
        OpenError::TablesMissing { checkpoint } => {
            Some(copy_back(directory, &directory.join(format!("checkpoint-{checkpoint}"))))
        }
        OpenError::Tables(Tables::Foreign { .. }) => Some(
            "if journal.db was deleted or is another store's, put the store back from a backup, all of it; a new journal was begun \
             here, and the tables are still those of the old one"
                .to_owned(),
        ),
        OpenError::Tables(error) if !error.is_damage() => None,
        OpenError::Tables(_) | OpenError::State(_) => Some(match newest_checkpoint(directory) {
            Some(kept) => copy_back(directory, &kept),
            None => format!(
                "move onsale.db, and onsale.db-wal where it is, out of {}: they are made again from the journal",
                directory.display()
            ),
        }),
        _ => None,
    }
}

/// The state that was kept when the journal was cut stands in for the tables.
fn copy_back(directory: &Path, kept: &Path) -> String {
    // A log that is left beside it would be taken for the copy's own.
    let (kept, place) =
        (kept.join("onsale.db").display().to_string(), directory.join("onsale.db").display().to_string());
    format!("rm -f {place} {place}-wal {place}-shm && cp {kept} {place}: the journal goes on from there")
}

fn newest_checkpoint(directory: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(directory).ok()?.flatten();
    let numbered = entries.filter_map(|entry| {
        let number = entry.file_name().to_str()?.strip_prefix("checkpoint-")?.parse::<u64>().ok()?;
        entry.path().join("onsale.db").is_file().then(|| (number, entry.path()))
    });
    numbered.max().map(|(_, path)| path)
}
