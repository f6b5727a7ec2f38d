//! `onsale import`.

mod to_server;
mod to_store;

use std::ffi::OsStr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use onsale_catalog::Document;
use onsale_domain::ids::{INTEGER_MAX, UploadId};

use crate::cli::{CatalogFormat, Import};
use crate::failure::Hint;

use super::output;

pub(super) fn run(arguments: &Import) -> anyhow::Result<ExitCode> {
    let document = read(&arguments.file, format(arguments)?)?;
    let count = document.count();
    let what = format!("{} concert(s), {} date(s) and {} seat(s)", count.concerts, count.schedules, count.seats);
    let done = match (&arguments.to.server, &arguments.to.data) {
        (Some(server), _) => {
            let key = arguments.admin_key.as_deref().context("--server needs --admin-key, or ONSALE_ADMIN__KEY")?;
            to_server::publish(document, server, key)?;
            format!("Published {what} to {server}.\n")
        }
        (None, Some(data)) => {
            to_store::publish(document, data)?;
            format!("Published {what} into {}.\n", data.display())
        }
        (None, None) => format!("{} is sound: {what}.\n", arguments.file.display()),
    };
    output::print(&done)?;
    Ok(ExitCode::SUCCESS)
}

fn format(arguments: &Import) -> anyhow::Result<CatalogFormat> {
    if let Some(format) = arguments.format {
        return Ok(format);
    }
    let extension = arguments.file.extension().map(OsStr::to_ascii_lowercase);
    match extension.as_ref().and_then(|extension| extension.to_str()) {
        Some("json") => Ok(CatalogFormat::Json),
        Some("csv") => Ok(CatalogFormat::Csv),
        _ => Err(anyhow::anyhow!("{} is neither .json nor .csv", arguments.file.display())
            .context(Hint("say which it is with --format".into()))),
    }
}

fn read(file: &Path, format: CatalogFormat) -> anyhow::Result<Document> {
    let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let document = match format {
        CatalogFormat::Json => Document::from_json(&bytes),
        CatalogFormat::Csv => Document::from_csv(&bytes),
    };
    match document {
        Ok(document) => Ok(document),
        Err(problems) => bail!("{} is refused, and nothing was imported:\n{problems}", file.display()),
    }
}

/// A name for this upload that no other has.
fn upload_id() -> UploadId {
    let now_us = u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap_or(0);
    UploadId(now_us & INTEGER_MAX)
}

/// Shown on a terminal only.
fn progress(parts: usize) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("staging {bar:40} {pos}/{len} parts, {eta} to go")?;
    Ok(ProgressBar::new(parts as u64).with_style(style))
}
