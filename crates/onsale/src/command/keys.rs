//! `onsale keys`.

use std::process::ExitCode;

use crate::admin::Admin;
use crate::cli::Keys;

use super::{output, secret};

pub(super) fn run(keys: &Keys) -> anyhow::Result<ExitCode> {
    match keys {
        Keys::Rotate { server, admin_key, admin_key_file } => {
            secret::warn();
            let admin_key = secret::admin_key(admin_key.as_deref(), admin_key_file.as_deref())?;
            Admin::new(server, &admin_key)?.rotate_keys()?;
            output::print("A new key signs from now on; tokens that are out stay valid.\n")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
