//! A catalog into a store that this process owns.

use onsale_domain::command::{CatalogPart, Command};
use onsale_domain::ids::UploadId;
use onsale_node::{Error, Lane, Node};

use super::refusal;

/// Stages all parts and publishes them, on a runtime of its own. `staged` hears of each part.
pub(super) fn blocking(
    node: &Node,
    upload: UploadId,
    parts: Vec<CatalogPart>,
    staged: impl FnMut(),
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(all(node, upload, parts, staged))
}

/// Forgets what was staged under this name.
pub(super) fn discard(node: &Node, upload: UploadId) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let discarded = runtime.block_on(async { node.lane().submit(Command::Discard { upload }).await });
    discarded.map(drop).map_err(refusal::describe)
}

async fn all(node: &Node, upload: UploadId, parts: Vec<CatalogPart>, staged: impl FnMut()) -> anyhow::Result<()> {
    let lane = node.lane();
    let published = in_order(&lane, upload, parts, staged).await;
    if published.is_err() {
        // What is staged shows nowhere; where even this fails, it takes only room.
        let _ = lane.submit(Command::Discard { upload }).await;
    }
    published.map_err(refusal::describe)
}

async fn in_order(
    lane: &Lane,
    upload: UploadId,
    parts: Vec<CatalogPart>,
    mut staged: impl FnMut(),
) -> Result<(), Error> {
    // What a process that was killed has staged under the same name would be published too.
    lane.submit(Command::Discard { upload }).await?;
    for part in parts {
        lane.submit(Command::Stage { upload, part }).await?;
        staged();
    }
    lane.submit(Command::Publish { upload }).await?;
    Ok(())
}
