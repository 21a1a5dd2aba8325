//! Options of the commands that do what the admin API does.

use super::Data;
use clap::{Args, Subcommand, ValueEnum};
use domain::store::Name;

/// Commands on tenants, directories and tokens. They work also while `muster serve` runs on the same data folder.
#[derive(Debug, Subcommand)]
pub enum Administer {
    /// Create tenants, the customers
    #[command(subcommand)]
    Tenant(Tenant),
    /// Create directories of a tenant, or change how they speak SCIM
    #[command(subcommand)]
    Directory(Directory),
    /// Create, list or revoke the tokens with which identity providers open a directory
    #[command(subcommand)]
    Token(Token),
}

/// `muster tenant`
#[derive(Debug, Subcommand)]
pub enum Tenant {
    /// Create a tenant
    Create {
        /// 1 to 63 of a-z, 0-9 and -, beginning with a letter or a digit
        name: Name,
        /// Where it is kept, and how the answer looks.
        #[command(flatten)]
        place: Place,
    },
}

/// `muster directory`
#[derive(Debug, Subcommand)]
pub enum Directory {
    /// Create a directory of a tenant
    Create {
        /// The tenant
        tenant: Name,
        /// 1 to 63 of a-z, 0-9 and -, beginning with a letter or a digit
        name: Name,
        /// How it speaks SCIM
        #[arg(long, value_name = "PROFILE")]
        profile: Option<Profile>,
        /// Where it is kept, and how the answer looks.
        #[command(flatten)]
        place: Place,
    },
    /// Change a directory; the admin API changes its other settings
    Set {
        /// The tenant
        tenant: Name,
        /// The directory
        name: Name,
        /// How it speaks SCIM
        #[arg(long, value_name = "PROFILE")]
        profile: Profile,
        /// Where it is kept, and how the answer looks.
        #[command(flatten)]
        place: Place,
    },
}

/// `muster token`
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Create a token; its secret is shown once
    Create {
        /// Whose token it is.
        #[command(flatten)]
        of: Of,
        /// The id of a user: the token then opens /Me and nothing else
        #[arg(long, value_name = "ID")]
        user: Option<String>,
        /// From when on it opens nothing, such as 2030-01-31T12:00:00Z
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// Where it is kept, and how the answer looks.
        #[command(flatten)]
        place: Place,
    },
    /// List the tokens of a directory, without their secrets
    List {
        /// Whose tokens they are.
        #[command(flatten)]
        of: Of,
        /// Where they are kept, and how the answer looks.
        #[command(flatten)]
        place: Place,
    },
    /// Revoke a token: it opens nothing from then on
    Revoke {
        /// Its id, which `muster token list` shows
        #[arg(value_parser = token_id)]
        id: String,
        /// Whose token it is.
        #[command(flatten)]
        of: Of,
        /// Where it is kept, and how the answer looks.
        #[command(flatten)]
        place: Place,
    },
}

/// A directory, the demo's unless another one is named.
#[derive(Debug, Args)]
pub struct Of {
    /// The tenant
    #[arg(long, value_name = "NAME", default_value = "acme")]
    pub tenant: Name,
    /// The directory of that tenant
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub directory: Name,
}

/// Where the data is, and how the answer looks.
#[derive(Debug, Args)]
pub struct Place {
    /// The data folder.
    #[command(flatten)]
    pub data: Data,
    /// Print what the admin API answers, as one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// How a directory speaks SCIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Tolerant to every client that is known
    Standard,
    /// The same, as Entra ID prefers it
    Entra,
    /// With the refusals of the SCIM 2.0 Interoperability Profile
    Strict,
}

impl Profile {
    /// As settings name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Entra => "entra",
            Self::Strict => "strict",
        }
    }
}

/// Ids stand in paths as they are.
fn token_id(text: &str) -> Result<String, &'static str> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(text.to_owned());
    }
    Err("an id consists of letters and digits; `muster token list` shows it")
}
