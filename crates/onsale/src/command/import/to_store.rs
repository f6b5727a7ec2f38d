//! A catalog into the data directory of a stopped server.

use std::path::Path;

use onsale_catalog::Document;
use onsale_domain::level;
use onsale_node::{Node, Options, Store};

use crate::command::{data, publish};
use crate::failure::Hint;

use super::{progress, upload_id};

/// One part at a time is on its way.
const PENDING_MAX: usize = 16;

/// Gives the most that one charge may add there.
pub(super) fn publish(document: Document, directory: &Path) -> anyhow::Result<u64> {
    data::make_directory(directory)?;
    data::check_not_moved(directory)?;
    let options = Options { pending_max: PENDING_MAX, ..Options::new(Store::Directory(directory.to_owned())) };
    let node = Node::open(&options, &mut |_| {}).map_err(with_hint)?;
    let needed = [(document.has_sale_times(), level::OFFERS), (document.has_ranks(), level::RANKS)];
    let needed = needed.into_iter().filter_map(|(is_needed, level)| is_needed.then_some(level)).max();
    let too_new = needed.filter(|level| node.views().level() < *level);
    let parts = document.parts();
    let bar = progress(parts.len())?;
    let published = if let Some(level) = too_new {
        Err(anyhow::anyhow!(
            "sales that begin and end by themselves, or ranks, are taken from the store's level {level} on"
        ))
    } else {
        publish::blocking(&node, upload_id(), parts, || bar.inc(1))
    };
    bar.finish_and_clear();
    let charge_limit = node.views().settings().charge_limit;
    node.stop();
    published.map(|()| charge_limit)
}

fn with_hint(error: onsale_node::OpenError) -> anyhow::Error {
    let locked = matches!(error, onsale_node::OpenError::Journal(onsale_journal::Error::Locked { .. }));
    let error = anyhow::Error::new(error).context("the store cannot be opened");
    if !locked {
        return error;
    }
    error.context(Hint("send the catalog to that server: onsale import FILE --server URL --admin-key-file FILE".into()))
}
