//! Tenants: the customers.

mod create;
mod list;
mod show;

pub(crate) use create::{__path_create, create};
pub(crate) use list::{__path_list, list};
pub(crate) use show::{__path_show, show};

use domain::store::Name;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A customer.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct Tenant {
    /// 1 to 63 of `a-z`, `0-9` and `-`, beginning with a letter or a digit.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,62}$", examples("acme"))]
    name: String,
}

impl From<Name> for Tenant {
    fn from(name: Name) -> Self {
        Self { name: name.into() }
    }
}
