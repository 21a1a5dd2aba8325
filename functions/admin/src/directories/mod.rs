//! Directories of a tenant, with their settings.

mod change;
mod create;
mod list;
mod settings;
mod show;

pub(crate) use change::{__path_change, change};
pub(crate) use create::{__path_create, create};
pub(crate) use list::{__path_list, list};
pub(crate) use show::{__path_show, show};

use domain::tenant::{Entry, ExcludeListsDocument, Settings};
use serde::Serialize;
use utoipa::ToSchema;

/// A population of a tenant, with its settings. Each member but the name can be changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Directory {
    /// 1 to 63 of `a-z`, `0-9` and `-`, beginning with a letter or a digit.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,62}$", examples("people"))]
    name: String,
    profile: Profile,
    policies: Policies,
    /// The roles that a role cell of an imported file may name.
    roles: Vec<String>,
    exclude_lists: ExcludeLists,
    /// Host names that lead to this directory and to no other.
    hosts: Vec<String>,
}

/// How a directory speaks SCIM: `standard` is tolerant to every client that is known; `entra` is the same, and a PATCH
/// of a group is answered with 204; `strict` has the refusals of the SCIM 2.0 Interoperability Profile.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Profile {
    Standard,
    Entra,
    Strict,
}

/// What users of a directory must fulfil when they come over SCIM.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Policies {
    /// SCIM paths of which every user needs a value, such as `name.givenName`.
    #[schema(required = false)]
    required: Vec<String>,
    /// Whether `userName` must be the work e-mail.
    #[schema(required = false)]
    user_name_equals_work_email: bool,
    /// The access level of users for whom none is sent; null for none.
    #[schema(required = false)]
    default_access_level: Option<String>,
}

/// Values that nobody may have, in any case.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExcludeLists {
    #[schema(required = false)]
    mail: Vec<String>,
    #[schema(required = false)]
    first_name: Vec<String>,
    #[schema(required = false)]
    last_name: Vec<String>,
}

impl From<Entry> for Directory {
    // Taken apart without a rest, so that no setting can be forgotten here.
    fn from(entry: Entry) -> Self {
        let Settings { profile, policies, roles, exclude_lists, hosts } = entry.settings;
        let domain::tenant::Policies { required, user_name_equals_work_email, default_access_level } =
            policies;
        let ExcludeListsDocument { mail, first_name, last_name } = exclude_lists;
        Self {
            name: entry.id.directory.into(),
            profile: profile.into(),
            policies: Policies { required, user_name_equals_work_email, default_access_level },
            roles,
            exclude_lists: ExcludeLists { mail, first_name, last_name },
            hosts,
        }
    }
}

impl From<domain::tenant::Profile> for Profile {
    fn from(profile: domain::tenant::Profile) -> Self {
        match profile {
            domain::tenant::Profile::Standard => Self::Standard,
            domain::tenant::Profile::Entra => Self::Entra,
            domain::tenant::Profile::Strict => Self::Strict,
        }
    }
}
