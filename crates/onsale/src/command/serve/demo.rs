//! `--demo`: a catalog for a store that has none.

use onsale_domain::ids::UploadId;
use onsale_node::Node;

use crate::command::publish;

/// The demo's upload: always the same, so that a start that was killed in the middle leaves nothing for ever.
const UPLOAD: UploadId = UploadId(1);

pub(super) fn publish_into_empty(node: &Node) -> anyhow::Result<()> {
    if !node.views().catalog().concerts.is_empty() {
        return Ok(());
    }
    let document = onsale_catalog::demo(jiff::ZonedDateTime::now().date());
    let count = document.count();
    publish::blocking(node, UPLOAD, document.parts(), || {})?;
    tracing::info!(concerts = count.concerts, schedules = count.schedules, seats = count.seats, "published the demo");
    Ok(())
}
