//! Where files come from, and when, as it is shown.

use domain::import::configuration::{self as kept, After, AuthenticationKind};
use domain::pgp::Signatures;
use serde::Serialize;
use utoipa::ToSchema;

/// Where files come from: `upload`, they are put into the inbox; `sftp`, they are fetched from a server, and the other
/// members say how.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Source {
    /// `upload`, `sftp`.
    #[schema(examples("upload"))]
    kind: &'static str,
    /// Where the file lies: `sftp://host:port/folder/name`. Dates stand in braces, such as `{yyyyMMdd}`; in the name, `*`
    /// and `?` stand for what varies, and the latest file counts. A path below the account's home begins with `/~/`.
    #[schema(required = false, examples("sftp://files.acme.example/out/users_{yyyyMMdd}.csv"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[schema(required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication: Option<Authentication>,
    /// What the server may prove to be: lines of `known_hosts`, public keys, or `SHA256:…`. Without any, nothing is fetched.
    #[schema(required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    host_keys: Option<Vec<String>>,
    /// Whether old algorithms (SHA-1, CBC) may be used as well.
    #[schema(required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    legacy_algorithms: Option<bool>,
    /// What the name of a marker has behind the name of the file, such as `.done`; null where files come without.
    #[schema(required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[expect(
        clippy::option_option,
        reason = "null is a value of it, and an upload has no such member at all"
    )]
    marker: Option<Option<String>>,
    /// What is done with a file that was fetched: `leave`, `archive`, `delete`.
    #[schema(value_type = String, required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<After>,
    /// How many days before (below 0) or after the day of the run the dates in the URL are.
    #[schema(required = false, minimum = -366, maximum = 366)]
    #[serde(skip_serializing_if = "Option::is_none")]
    date_offset_days: Option<i16>,
}

/// Who asks for files. Secrets are taken and never shown; left out or null, those before stay, as long as server and
/// account do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Authentication {
    /// `password`, `private-key`.
    #[schema(value_type = String)]
    kind: AuthenticationKind,
    username: String,
    /// Beside a private key for servers that want both.
    #[schema(required = false, write_only)]
    password: Option<String>,
    /// OpenSSH, PKCS#1, PKCS#8, SEC1 or PPK; `ssh-key` generates one.
    #[schema(required = false, write_only)]
    private_key: Option<String>,
    #[schema(required = false, write_only)]
    passphrase: Option<String>,
    #[schema(read_only)]
    password_set: bool,
    #[schema(read_only)]
    private_key_set: bool,
    #[schema(read_only)]
    passphrase_set: bool,
    /// The public half of the private key.
    #[schema(read_only)]
    public_key: Option<String>,
    /// `SHA256:…` of it.
    #[schema(read_only)]
    key_fingerprint: Option<String>,
}

/// How files are decrypted with PGP.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PgpPolicy {
    /// `ignore`; `verify`: that of a signer who is known must be right; `require`: there must be one.
    #[schema(value_type = String, required = false)]
    signatures: Signatures,
    /// Armoured public keys.
    #[schema(required = false)]
    signers: Vec<String>,
}

/// When files are fetched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Schedule {
    /// `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`; all of them where they are left out.
    #[schema(value_type = Vec<String>, required = false)]
    days: Vec<kept::Day>,
    /// In the zone, such as `02:30`.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    time: kept::TimeOfDay,
    /// A name of the IANA database, such as `Europe/Berlin`.
    #[schema(value_type = String)]
    timezone: kept::Zone,
    #[schema(required = false)]
    enabled: bool,
    /// Nothing is fetched before this date.
    #[schema(value_type = Option<String>, required = false, format = Date)]
    paused_until: Option<jiff::civil::Date>,
    /// Nothing is fetched on these dates.
    #[schema(value_type = Vec<String>, required = false)]
    except: Vec<jiff::civil::Date>,
}

impl From<kept::Source> for Source {
    fn from(source: kept::Source) -> Self {
        let kept::Source::Sftp(source) = source else { return Self { kind: "upload", ..Self::default() } };
        let kept::SftpSource {
            url,
            authentication,
            host_keys,
            legacy_algorithms,
            marker,
            after,
            date_offset_days,
        } = *source;
        Self {
            kind: "sftp",
            url: Some(url.into()),
            authentication: Some(authentication.into()),
            host_keys: Some(host_keys),
            legacy_algorithms: Some(legacy_algorithms),
            marker: Some(marker),
            after: Some(after),
            date_offset_days: Some(date_offset_days),
        }
    }
}

impl From<kept::Authentication> for Authentication {
    fn from(account: kept::Authentication) -> Self {
        let kept::Authentication { kind, username, password, private_key, passphrase } = account;
        let about = private_key.map(|key| key.about);
        Self {
            kind,
            username,
            password: None,
            private_key: None,
            passphrase: None,
            password_set: password.is_some(),
            private_key_set: about.is_some(),
            passphrase_set: passphrase.is_some(),
            public_key: about.as_ref().map(|about| about.public_key.clone()),
            key_fingerprint: about.map(|about| about.fingerprint),
        }
    }
}

impl From<kept::PgpPolicy> for PgpPolicy {
    fn from(policy: kept::PgpPolicy) -> Self {
        let kept::PgpPolicy { signatures, signers } = policy;
        Self { signatures, signers }
    }
}

impl From<kept::Schedule> for Schedule {
    fn from(schedule: kept::Schedule) -> Self {
        let kept::Schedule { days, time, timezone, enabled, paused_until, except } = schedule;
        Self { days, time, timezone, enabled, paused_until, except }
    }
}
