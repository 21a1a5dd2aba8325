//! Tenants, their directories, and the tokens that open them.

mod directory;
mod exclude;
mod opened;
mod remembered;
mod repeated;
mod schemas;
mod settings;
mod token;

pub use directory::Entry;
pub use exclude::{ExcludeList, ExcludeLists, ExcludeListsDocument};
pub use opened::Opened;
pub use remembered::REMEMBERED_SECONDS;
pub(crate) use remembered::Remembered;
pub use repeated::{REPEATABLE_SECONDS, Repeatable, Repetition, Turn};
pub use schemas::{Undeclarable, declared_name};
pub use settings::{InvalidSetting, Policies, Profile, Settings};
pub use token::{Bearer, NewToken, Token, TokenTerms};
