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
use onsale_domain::settings::Settings;

use crate::cli::{CatalogFormat, Import};
use crate::failure::Hint;

use super::{bounded, output, secret};

/// Half a million seats that are named one by one are some 60 MB.
const FILE_BYTES_MAX: u64 = 256 << 20;

pub(super) fn run(arguments: &Import) -> anyhow::Result<ExitCode> {
    secret::warn();
    let document = read(&arguments.file, format(arguments)?)?;
    let count = document.count();
    let what = format!("{} concert(s), {} date(s) and {} seat(s)", count.concerts, count.schedules, count.seats);
    let dearest = document.dearest();
    let (done, charge_limit) = match (&arguments.to.server, &arguments.to.data) {
        (Some(server), _) => {
            let key = secret::admin_key(arguments.admin_key.as_deref(), arguments.admin_key_file.as_deref())?;
            let charge_limit = to_server::publish(document, server, &key)?;
            (format!("Published {what} to {server}.\n"), charge_limit)
        }
        (None, Some(data)) => {
            let charge_limit = to_store::publish(document, data)?;
            (format!("Published {what} into {}.\n", data.display()), charge_limit)
        }
        (None, None) => (format!("{} is sound: {what}.\n", arguments.file.display()), Settings::default().charge_limit),
    };
    output::print(&done)?;
    if dearest > charge_limit {
        eprintln!(
            "warning: the dearest seat costs {dearest}, and one charge adds at most {charge_limit} (wallet.charge_limit): \
             whoever buys it has to charge several times"
        );
    }
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
    let bytes = bounded::read(file, FILE_BYTES_MAX).with_context(|| format!("{} cannot be read", file.display()))?;
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
