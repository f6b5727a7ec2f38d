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
    let is_too_new = document.has_sale_times() && node.views().level() < level::OFFERS;
    let parts = document.parts();
    let bar = progress(parts.len())?;
    let published = if is_too_new {
        Err(anyhow::anyhow!("sales begin and end by themselves from the store's level {} on", level::OFFERS))
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
