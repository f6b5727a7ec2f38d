//! What is asked of a server that runs.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make a new key for the tokens of tickets to come; tokens that are out stay valid
    #[command(after_help = "Example:\n  onsale keys rotate --server http://127.0.0.1:8080 --admin-key-file admin.key")]
    Rotate(Running),
}

/// A server that runs, and the way in.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// The running server
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,
    /// Its admin key
    #[arg(long, value_name = "KEY", env = "ONSALE_ADMIN__KEY", hide_env_values = true)]
    pub(crate) admin_key: Option<String>,
    /// A file that holds it, for nobody else to read; - for stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) admin_key_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Operators {
    /// Show who has a key
    #[command(
        after_help = "Example:\n  onsale operators list --server http://127.0.0.1:8080 --admin-key-file admin.key"
    )]
    List(Running),
    /// Make a key for somebody, and show it this once
    #[command(
        after_help = "Example:\n  onsale operators add Kim --role desk --server http://127.0.0.1:8080 --admin-key-file admin.key"
    )]
    Add {
        /// As the record of levers will show it
        name: String,
        /// What the key opens
        #[arg(long, value_enum)]
        role: Role,
        #[command(flatten)]
        running: Running,
    },
    /// Take somebody's key away
    #[command(
        after_help = "Example:\n  onsale operators remove Kim --server http://127.0.0.1:8080 --admin-key-file admin.key"
    )]
    Remove {
        /// Whose key
        name: String,
        #[command(flatten)]
        running: Running,
    },
}

/// What an operator's key opens
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Role {
    /// Figures, queues, seats, holds, the record of levers: to look at
    Viewer,
    /// A person's tickets
    Gate,
    /// A person's tickets, wallet and reservations; holds, tokens, the silent, messages
    Desk,
    /// A person's wallet and reservations
    Finance,
    /// Everything
    Admin,
    /// What a shop's server does for its buyers, and nothing else: their tickets, reservations and wallets
    Shop,
}
