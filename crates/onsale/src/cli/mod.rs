//! The command line.

mod running;
mod store;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::Sources;

pub(crate) use running::{Codes, Keys, Name, Operators, Person, Role, Running, Whom};
pub(crate) use store::{Audit, Authority, Backup, Compact, CopyPlace, MigrateStore, Restore, Where};

/// Sells a concert out without falling over: a waiting room, seats, wallets and payments in one program.
#[derive(Debug, Parser)]
#[command(name = "onsale", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  it failed, or the answer is no (an audit that found something, a catalog that is refused)
  2  the command line or the configuration cannot be used; nothing was begun";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the store in a data directory, which is made where there is none
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Serve),
    /// Publish a catalog of concerts, dates and seats from a JSON or CSV file, as a whole or not at all
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// Check a store: the journal, the tables against a replay, seats, money, admissions
    #[command(after_help = store::AUDIT_EXAMPLES)]
    Audit(Audit),
    /// Copy the store in a data directory, to another or into a bucket, while a server serves it
    #[command(after_help = store::BACKUP_EXAMPLES)]
    Backup(Backup),
    /// Make a store of a copy, in which no number of what is lost is given out again, and say what that is
    #[command(after_help = store::RESTORE_EXAMPLES)]
    Restore(Restore),
    /// Shorten the journal: the state as it is becomes its new beginning
    #[command(after_help = store::COMPACT_EXAMPLES)]
    Compact(Compact),
    /// Write reservations, payments, the ledger or tickets as CSV or JSON
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// Write who joined a queue when, which places were drawn and who was let in, for everybody to check
    #[command(after_help = FAIRNESS_EXAMPLES)]
    Fairness(Fairness),
    /// Move the store of a stopped server into a PostgreSQL database, for many servers to share
    #[command(after_help = store::MIGRATE_EXAMPLES)]
    MigrateStore(MigrateStore),
    /// Load test an on-sale: choose the APIs, test them, sell a stadium out, and say whether it would hold
    #[command(after_help = LOADTEST_EXAMPLES)]
    Loadtest(Box<LoadTest>),
    /// Become a server that is pinned and ends with its parent
    #[command(hide = true)]
    Launch(onsale_loadtest::process::Launch),
    /// Print the default configuration file, or the values that rule
    Config(ShowConfig),
    /// Manage the keys of a running server
    #[command(subcommand)]
    Keys(Keys),
    /// Make codes that open a queue, and add them to a campaign of a running server
    #[command(subcommand)]
    Codes(Codes),
    /// Give operators keys of their own, and take them away
    #[command(subcommand)]
    Operators(Operators),
    /// Show what is kept of a person, and erase them
    #[command(subcommand)]
    Person(Person),
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  onsale completions bash > ~/.local/share/bash-completion/completions/onsale")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const SERVE_EXAMPLES: &str = "\
Examples:
  onsale serve --demo                             try it, with invented concerts
  onsale serve --data /var/lib/onsale --listen 0.0.0.0:8080 --set access.users=open --set access.charge=off
  onsale serve --store postgres://onsale@db/onsale   one of many servers
  onsale serve --config onsale.toml --set queue.active_limit=500 --set hold.ttl=3m
  ONSALE_QUEUE__ADMIT_PER_SECOND=50 onsale serve

`onsale config` prints all keys with their defaults. Logs go to stderr. SIGTERM and SIGINT end it in good order.";

const IMPORT_EXAMPLES: &str = "\
Examples:
  onsale import catalog.json --check              only look for mistakes
  onsale import seats.csv --server http://127.0.0.1:8080 --admin-key-file admin.key
  onsale import catalog.json --data onsale-data   while no server runs on it";

const EXPORT_EXAMPLES: &str = "\
Examples:
  onsale export --data onsale-data --table payments --format csv --output payments.csv
  onsale export --data onsale-data --table ledger --format json | jq '.[0]'

A server may run meanwhile; the export is of one moment, and says of which.";

const FAIRNESS_EXAMPLES: &str = "\
Examples:
  onsale fairness --data onsale-data --output fairness.jsonl
  onsale fairness --store postgres://onsale@db/onsale --queue gold | gzip > gold.jsonl.gz

There are no names in it, and no numbers of users; docs/fairness.md says how anybody checks it. A server that owns the
directory must be stopped; those that share a database may run.";

const LOADTEST_EXAMPLES: &str = "\
Examples:
  onsale loadtest --quick                         every check at reduced size, within a minute
  onsale loadtest                                 the whole plan, against servers of its own, within 20 minutes
  onsale loadtest --plan mine.toml --report out   one's own arrivals, seats, think times and thresholds
  onsale loadtest --target http://127.0.0.1:8080 --allow-writes
  onsale loadtest --target https://tickets.example --nodes http://10.0.0.1:8080,http://10.0.0.2:8080 --allow-writes

Exit codes:
  0  pass: nothing was wrong, and a whole run missed no limit. A quick run judges no speed: it may say
     \"Correct; speed not shown\", which is 0 too
  1  fail: something was wrong, or a whole run missed a limit
  2  the command line or the plan cannot be used; nothing was begun
  3  invalid: the load was late in a whole run, the machine cannot do what the plan asks for, the target cannot
     be reached, or a signal cut the run short";

/// Where settings come from, beside the environment.
#[derive(Args, Debug, Default)]
pub(crate) struct Settings {
    /// A configuration file
    #[arg(long, value_name = "FILE", env = "ONSALE_CONFIG")]
    config: Option<PathBuf>,
    /// One setting, over all other sources; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Short for --set listen=ADDRESS
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Short for --set data=DIR
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// Short for --set store.url=URL: a PostgreSQL database that servers share, instead of a directory
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    store: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// Publish the demo catalog where there is no catalog yet
    #[arg(long)]
    pub(crate) demo: bool,
    /// Make new keys for a store that has lost its own: every token and every ticket that is out is worthless then
    #[arg(long)]
    pub(crate) new_keys: bool,
    /// Bring the store's own settings (queue.*, hold.*, limit.*, wallet.*) to those given here, whatever operators have changed
    #[arg(long)]
    pub(crate) force_settings: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The catalog; docs/catalog.md describes both forms
    pub(crate) file: PathBuf,
    /// The file's form, where its name does not end in .json or .csv
    #[arg(long)]
    pub(crate) format: Option<CatalogFormat>,
    #[command(flatten)]
    pub(crate) to: Target,
    /// The admin key, which --server needs
    #[arg(long, value_name = "KEY", env = "ONSALE_ADMIN__KEY", hide_env_values = true)]
    pub(crate) admin_key: Option<String>,
    /// A file that holds it, for nobody else to read; - for stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) admin_key_file: Option<PathBuf>,
}

/// Where a catalog goes.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Target {
    /// A running server, through its admin API
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// The data directory of a stopped server
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Nowhere: only say what is wrong with the file
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CatalogFormat {
    Json,
    Csv,
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) of: Where,
    #[command(flatten)]
    pub(crate) authority: Authority,
    /// What to write
    #[arg(long)]
    pub(crate) table: Table,
    /// The form to write it in: CSV with a header line, or a JSON array of objects
    #[arg(long)]
    pub(crate) format: ExportFormat,
    /// The file to write, instead of stdout; it must not exist
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Begin CSV with a byte order mark, by which Excel knows UTF-8; a file that --output names has one anyway
    #[arg(long, conflicts_with = "no_bom")]
    pub(crate) bom: bool,
    /// No byte order mark, in a file either
    #[arg(long)]
    pub(crate) no_bom: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Fairness {
    #[command(flatten)]
    pub(crate) of: Where,
    #[command(flatten)]
    pub(crate) authority: Authority,
    /// The queue's name
    #[arg(long, value_name = "NAME", default_value = onsale_domain::queue::DEFAULT_NAME)]
    pub(crate) queue: String,
    /// The file to write, instead of stdout; it must not exist
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Table {
    Reservations,
    Payments,
    Ledger,
    Adjustments,
    Tickets,
    Levers,
    News,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Csv,
    Json,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct LoadTest {
    #[command(subcommand)]
    pub(crate) instead: Option<InsteadOfLoad>,
    /// Every check at reduced size; speed decides nothing
    #[arg(long)]
    pub(crate) quick: bool,
    /// A plan that gives what differs from the default one, loadtest/plan.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// A server that runs already, instead of servers of its own
    #[arg(long, value_name = "URL", requires = "allow_writes")]
    pub(crate) target: Option<String>,
    /// What the target speaks and promises: a profile (docs/load-testing.md). Without it, it is asked for its catalog, and
    /// else taken for a server with the eight endpoints
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(crate) profile: Option<PathBuf>,
    /// The nodes behind the target, whose /metrics are added up; without it, what answers at the target is asked
    #[arg(long, value_name = "URL", requires = "target", num_args = 1.., value_delimiter = ',')]
    pub(crate) nodes: Vec<String>,
    /// PEM certificates of whoever signed that of an https:// target, instead of those that the system trusts
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(crate) ca: Option<PathBuf>,
    /// Yes, tokens, charges, reservations and payments may be made there
    #[arg(long, requires = "target")]
    pub(crate) allow_writes: bool,
    /// Yes, the commands of the profile ([hooks]) may be run here
    #[arg(long, requires = "profile")]
    pub(crate) allow_commands: bool,
    /// The cores of the generator, and after a colon those of a server of its own: 1 or 2,3:0,1
    #[arg(long, value_name = "GENERATOR[:SERVER]")]
    pub(crate) cores: Option<onsale_loadtest::cores::Placing>,
    /// Only these parts
    #[arg(long, value_name = "PART", value_enum, num_args = 1.., value_delimiter = ',')]
    pub(crate) only: Vec<onsale_loadtest::run::Part>,
    /// Seed of everything random, instead of the plan's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The directory to write the report to
    #[arg(long, value_name = "DIR", default_value = "report")]
    pub(crate) report: PathBuf,
}

/// What is done with plans and reports, without any load.
#[derive(Debug, Subcommand)]
pub(crate) enum InsteadOfLoad {
    /// Compare two reports: what became better, what became worse, and what is within the noise
    #[command(after_help = "Example:\n  onsale loadtest compare before/report.json after/report.json")]
    Compare {
        /// The report.json of the earlier run
        before: PathBuf,
        /// The report.json of the later run
        after: PathBuf,
        /// Exit with 1 where a figure became worse by more than this many percent
        #[arg(long, value_name = "PERCENT")]
        worse_max: Option<f64>,
    },
    /// Write the page of a report again
    #[command(after_help = "Example:\n  onsale loadtest render report/report.json --output report/index.html")]
    Render {
        /// A report.json
        report: PathBuf,
        /// The page to write
        #[arg(long, value_name = "FILE", default_value = "index.html")]
        output: PathBuf,
    },
    /// Try a profile of a service that is not ours, or print what profiles look like
    #[command(
        after_help = "Example:\n  onsale loadtest profile --check mine.toml --target http://127.0.0.1:3000\n  onsale loadtest profile --from-openapi http://127.0.0.1:3000/api-docs-json > draft.toml\n  onsale loadtest profile --schema > profile.schema.json",
        group(clap::ArgGroup::new("what").required(true).args(["check", "from_openapi", "schema"]))
    )]
    Profile {
        /// Make one call of each, and show what was understood, with what was not first; it buys one seat
        #[arg(long, value_name = "FILE", requires = "target")]
        check: Option<PathBuf>,
        /// The server to try it on
        #[arg(long, value_name = "URL", requires = "check")]
        target: Option<String>,
        /// Yes, the commands of the profile ([hooks]) may be run here
        #[arg(long, requires = "check")]
        allow_commands: bool,
        /// PEM certificates of whoever signed that of an https:// server
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// Print a draft, from what the names in an OpenAPI document (JSON) suggest
        #[arg(long, value_name = "URL|FILE")]
        from_openapi: Option<String>,
        /// Print the JSON Schema of profiles
        #[arg(long)]
        schema: bool,
    },
    /// Print the plan that a run would have
    #[command(
        after_help = "Example:\n  onsale loadtest plan --plan mine.toml --json > mine.json\n  k6 run -e PLAN=$PWD/mine.json loadtest/k6/journey.js"
    )]
    Plan {
        /// A plan that gives what differs from the default one
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
        /// As a quick run would have it
        #[arg(long)]
        quick: bool,
        /// As JSON, for the k6 scripts
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args, Debug)]
pub(crate) struct ShowConfig {
    /// Print, for each key, the value that rules and where it came from
    #[arg(long)]
    pub(crate) effective: bool,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

impl Settings {
    /// The sources, with the environment of this process.
    pub(crate) fn sources(self) -> Sources {
        let mut flags: Vec<_> = self.set.into_iter().map(|(key, value)| ("--set", key, value)).collect();
        flags.extend(self.listen.map(|value| ("--listen", "listen".to_owned(), value)));
        flags.extend(self.data.map(|value| ("--data", "data".to_owned(), value)));
        flags.extend(self.store.map(|value| ("--store", "store.url".to_owned(), value)));
        // A variable that is no text cannot be one of ours.
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Sources { file: self.config, environment: std::env::vars_os().filter_map(text).collect(), flags }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE, such as queue.active_limit=500")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_fixed_form_of_serve_is_taken() {
        let line = "onsale serve --listen 127.0.0.1:8080 --data DIR --demo --config FILE --set hold.ttl=5m --set token.key=a=b";
        let Command::Serve(serve) = Cli::try_parse_from(line.split(' ')).expect("it is sound").command else {
            panic!("it is serve");
        };
        assert!(serve.demo);
        let sources = serve.settings.sources();
        assert_eq!(sources.file, Some("FILE".into()));
        let expected = [
            ("--set", "hold.ttl", "5m"),
            ("--set", "token.key", "a=b"),
            ("--listen", "listen", "127.0.0.1:8080"),
            ("--data", "data", "DIR"),
        ];
        assert_eq!(sources.flags, expected.map(|(flag, key, value)| (flag, key.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let check = |line: &str| assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        check("onsale import a.json");
        check("onsale import a.json --check --data d");
        check("onsale import a.json --data d --server http://s");
        check("onsale export --data d --table seats --format csv");
        check("onsale serve --set hold.ttl");
    }
}
