//! The command line: what can be asked for, and the help texts.

mod administer;

pub use administer::{Administer, Directory, Of, Place, Profile, Tenant, Token};

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::store::Name;
use std::net::SocketAddr;
use std::path::PathBuf;
use tracing_subscriber::filter::LevelFilter;

/// The data folder, where none is named.
pub(crate) const DEFAULT_DATA: &str = "./muster-data";

/// Puts the right people into your software and takes them out again: SCIM 2.0 and CSV into one directory.
///
/// Without a command it serves, and on an empty data folder it makes a demo to try things on.
#[derive(Debug, Parser)]
#[command(name = "muster", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
    /// How much is logged to stderr; no log line holds a person's data
    #[arg(long, global = true, value_name = "LEVEL", default_value = "warn")]
    pub log: Log,
}

impl Arguments {
    /// What is to be done: serving, unless something else is asked for.
    pub fn wanted(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

/// What the command can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer SCIM and admin requests and import files from the inbox folder (the default)
    Serve(Serve),
    /// Import a CSV file: plan it, apply it, and report what became of every row
    ///
    /// Works also while `muster serve` runs on the same data folder.
    ///
    /// Exit code: 0 every row was applied, 2 some rows were rejected, 3 the plan is held for a decision, 1 the import
    /// failed.
    /// With --dry-run: the same for what would happen.
    #[command(verbatim_doc_comment)]
    Import(Import),
    /// Write the users of a directory as a CSV file that imports back unchanged
    ///
    /// Works also while `muster serve` runs on the same data folder.
    Export(Export),
    /// Go the way to the file of a configuration step by step, and tell what was seen at each
    ///
    /// It is where the key of the server is shown, to be put into `host_keys`. It imports nothing, and works also while
    /// `muster serve` runs on the same data folder. Exit code: 0 every step went well, 1 one has failed.
    TestAccess(TestAccess),
    /// Tenants, directories and tokens.
    #[command(flatten)]
    Administer(Administer),
}

/// Options of `muster serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port to listen on; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The data folder.
    #[command(flatten)]
    pub data: Data,
    /// SCIM requests a second that a tenant may send, at least 25; further ones are answered with 429
    ///
    /// No limit where it is left out, unless the variable `MUSTER_REQUESTS_PER_SECOND` sets one.
    #[arg(long, value_name = "NUMBER")]
    pub requests_per_second: Option<u32>,
    /// Print the addresses and secrets as one line of JSON on stdout when ready
    #[arg(long)]
    pub json: bool,
}

/// Options of `muster import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The CSV file
    pub file: PathBuf,
    /// The data folder.
    #[command(flatten)]
    pub data: Data,
    /// The tenant whose users the file brings
    #[arg(long, value_name = "NAME", default_value = "acme")]
    pub tenant: Name,
    /// The directory of that tenant
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub directory: Name,
    /// The import configuration that says how the file is read
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub configuration: Name,
    /// Show what the file would do, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Carry the plan out even where it is over a limit and would be held for a decision
    #[arg(long, conflicts_with = "dry_run")]
    pub approve: bool,
    /// Let the deployment at this address import it; `MUSTER_ADMIN_KEY` is its key
    #[arg(long, value_name = "URL", conflicts_with_all = ["folder", "no_demo"])]
    pub url: Option<String>,
    /// End stdout with one line of JSON instead of the summary
    #[arg(long)]
    pub json: bool,
}

/// Options of `muster export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The data folder.
    #[command(flatten)]
    pub data: Data,
    /// Whose users they are.
    #[command(flatten)]
    pub of: Of,
    /// The import configuration whose columns and delimiter the file has
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub configuration: Name,
    /// The file to write, which is replaced when all is written; stdout if left out
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Options of `muster test-access`.
#[derive(Debug, Args)]
pub struct TestAccess {
    /// The import configuration
    pub configuration: Name,
    /// The data folder.
    #[command(flatten)]
    pub data: Data,
    /// Whose configuration it is.
    #[command(flatten)]
    pub of: Of,
    /// Print the answer of the admin API instead of a line for each step
    #[arg(long)]
    pub json: bool,
}

/// Where the data is; the same for every command.
#[derive(Debug, Args)]
pub struct Data {
    /// The data folder, made where there is none
    #[arg(long = "data", value_name = "FOLDER", default_value = DEFAULT_DATA)]
    pub folder: PathBuf,
    /// Make no demo (tenant acme, directory people) on an empty data folder
    #[arg(long)]
    pub no_demo: bool,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Log {
    /// Nothing
    Off,
    /// Faults of Muster itself
    Error,
    /// And what an operator should look at
    Warn,
    /// And a line for each request
    Info,
    /// And details
    Debug,
}

impl From<Log> for LevelFilter {
    fn from(log: Log) -> Self {
        match log {
            Log::Off => Self::OFF,
            Log::Error => Self::ERROR,
            Log::Warn => Self::WARN,
            Log::Info => Self::INFO,
            Log::Debug => Self::DEBUG,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[track_caller]
    fn check(line: &str, serves: Option<&str>) {
        let parsed = Arguments::try_parse_from(line.split(' ')).ok();
        let listen = parsed.and_then(|arguments| match arguments.wanted() {
            Command::Serve(serve) => Some(serve.listen.to_string()),
            Command::Import(_) | Command::Export(_) | Command::TestAccess(_) | Command::Administer(_) => None,
        });
        assert_eq!(listen.as_deref(), serves, "{line}");
    }

    #[test]
    fn serving_is_the_default() {
        check("muster", Some("127.0.0.1:8080"));
        check("muster --listen 0.0.0.0:1", Some("0.0.0.0:1"));
        check("muster serve --listen [::1]:2 --no-demo", Some("[::1]:2"));
        check("muster import x.csv", None);
        check("muster --listen 127.0.0.1:1 serve", None);
        check("muster import x.csv --tenant ACME", None);
        check("muster import", None);
        check("muster export --configuration nightly --output x.csv", None);
        check("muster test-access nightly --tenant acme", None);
        check("muster --requests-per-second 25", Some("127.0.0.1:8080"));
        check("muster --requests-per-second many", None);
    }

    #[track_caller]
    fn check_administers(line: &str, expect: bool) {
        let parsed = Arguments::try_parse_from(line.split(' ')).ok();
        let administers =
            parsed.is_some_and(|arguments| matches!(arguments.wanted(), Command::Administer(_)));
        assert_eq!(administers, expect, "{line}");
    }

    #[test]
    fn what_administers() {
        check_administers("muster tenant create acme", true);
        check_administers("muster tenant create Acme", false);
        check_administers("muster directory create acme people --profile entra --json", true);
        check_administers("muster directory set acme people --profile lenient", false);
        check_administers("muster directory set acme people", false);
        check_administers("muster token create", true);
        check_administers("muster token list --tenant acme --directory people --data x", true);
        check_administers("muster token revoke 0123abc", true);
        check_administers("muster token revoke ../x", false);
        check_administers("muster token revoke", false);
        check_administers("muster token", false);
    }
}
