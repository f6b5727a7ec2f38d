//! `--demo`: a catalog for a store that has none.

use onsale_domain::ids::UploadId;
use onsale_node::{Node, Target};
use onsale_tables::Turn;

use crate::command::publish;

/// The demo's upload: always the same, so that a start that was killed in the middle leaves nothing for ever.
const UPLOAD: UploadId = UploadId(1);

/// `shared` is where other nodes may start at the same moment: one of them publishes, and the others find it done.
pub(super) fn publish_into_empty(node: &Node, shared: Option<&Target>) -> anyhow::Result<()> {
    if has_catalog(node) {
        return Ok(());
    }
    let turn = shared.map(Turn::wait).transpose()?;
    // Its place in the journal is behind whatever another has published meanwhile, and so are the views then.
    publish::discard(node, UPLOAD)?;
    if has_catalog(node) {
        return Ok(());
    }
    let document = onsale_catalog::demo(jiff::ZonedDateTime::now().date());
    let count = document.count();
    publish::blocking(node, UPLOAD, document.parts(), || {})?;
    drop(turn);
    tracing::info!(concerts = count.concerts, schedules = count.schedules, seats = count.seats, "published the demo");
    Ok(())
}

fn has_catalog(node: &Node) -> bool {
    !node.views().catalog().concerts.is_empty()
}
