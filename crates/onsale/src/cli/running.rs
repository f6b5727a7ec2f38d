//! What is asked of a server that runs.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make a new key for the tokens of tickets to come; tokens that are out stay valid
    #[command(after_help = "Example:\n  onsale keys rotate --server http://127.0.0.1:8080 --admin-key-file admin.key")]
    Rotate(Running),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Codes {
    /// Print codes of chance, one a line: 12 characters, 60 bits each
    #[command(after_help = "Example:\n  onsale codes make 5000 > fan-club.txt")]
    Make {
        /// How many
        #[arg(value_parser = clap::value_parser!(u32).range(1..=4_194_304))]
        count: u32,
    },
    /// Add the codes of a file to a campaign; what is there already is passed over, so after a failure it is run again
    #[command(
        after_help = "Example:\n  onsale codes add fan-club fan-club.txt --server http://127.0.0.1:8080 --admin-key-file admin.key"
    )]
    Add {
        /// The campaign's name
        campaign: String,
        /// A file with a code a line; a first line \"code\" is passed over
        file: PathBuf,
        /// The number of the file's first code: one more than the campaign has, for a second file
        #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=4_194_304))]
        first: u32,
        #[command(flatten)]
        running: Running,
    },
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

#[derive(Debug, Subcommand)]
pub(crate) enum Person {
    /// Print all that is kept of somebody, as JSON
    #[command(
        after_help = "Example:\n  onsale person export --user 4711 --server http://127.0.0.1:8080 --admin-key-file admin.key > 4711.json"
    )]
    Export {
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        running: Running,
    },
    /// Forget what leads from somebody to their number, and end what they have that goes on
    #[command(
        after_help = "Example:\n  onsale person erase --subject-file anna.txt --server http://127.0.0.1:8080 --admin-key-file admin.key"
    )]
    Erase {
        #[command(flatten)]
        whom: Whom,
        /// Also where they have money, or tickets for dates that are not over
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        running: Running,
    },
}

/// One person
#[derive(Args, Debug)]
pub(crate) struct Whom {
    #[command(flatten)]
    pub(crate) name: Name,
    /// Who signs what calls them so; whoever signs first of all, where it is left out
    #[arg(long, value_name = "ISSUER", conflicts_with = "user")]
    pub(crate) issuer: Option<String>,
}

/// What they are known by
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Name {
    /// The number that the shop has given them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=9_007_199_254_740_991))]
    pub(crate) user: Option<u64>,
    /// A file with what their entry token calls them, its sub, so that it is in no list of processes; - for stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) subject_file: Option<PathBuf>,
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
