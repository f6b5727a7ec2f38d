//! A catalog into a running server, through its admin API.

use onsale_catalog::Document;

use crate::admin::Admin;

use super::{progress, upload_id};

/// Gives the most that one charge may add there.
pub(super) fn publish(document: Document, server: &str, key: &str) -> anyhow::Result<u64> {
    let admin = Admin::new(server, key)?;
    let upload = upload_id();
    let staged = stage(&admin, document, upload.0).and_then(|()| admin.publish(upload.0));
    if staged.is_err() {
        // What is staged shows nowhere; where even this fails, it takes only room.
        let _ = admin.discard(upload.0);
    }
    staged?;
    admin.charge_limit()
}

fn stage(admin: &Admin, document: Document, upload: u64) -> anyhow::Result<()> {
    let pieces = document.pieces();
    let bar = progress(pieces.len())?;
    for piece in &pieces {
        admin.stage(upload, piece)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}
