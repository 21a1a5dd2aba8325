//! Whom rows are about: the users that they name, in the order that the configuration gives.

use super::configuration::MatchOn;
use super::desired::Desired;
use super::planner::Planner;
use crate::error::Error;
use crate::store::{Id, Kind, Lookup};
use futures::stream::{StreamExt as _, TryStreamExt as _};

/// Look-ups that are under way at the same time.
const LOOKUPS_AT_ONCE: usize = 32;

/// Where a row's search for its user stands.
#[derive(Debug, Clone, Default)]
pub(super) enum Found {
    #[default]
    Nobody,
    User(Id),
    Ambiguous,
}

impl Planner<'_> {
    /// The user of each of these rows.
    pub(super) async fn find(&self, rows: &[Desired<'_>]) -> Result<Vec<Found>, Error> {
        let mut found = vec![Found::Nobody; rows.len()];
        for by in &self.configuration.match_on {
            let open: Vec<usize> =
                (0..rows.len()).filter(|at| matches!(found.get(*at), Some(Found::Nobody))).collect();
            let wanted: Vec<&Desired<'_>> = open.iter().filter_map(|at| rows.get(*at)).collect();
            let answers = match by {
                MatchOn::UserName => self.find_by_name(&wanted).await?,
                MatchOn::ExternalId => {
                    self.find_each(&wanted, |row| row.external_id().map(Lookup::ExternalId)).await?
                }
                MatchOn::Mail => self.find_each(&wanted, |row| row.mail().map(Lookup::Mail)).await?,
            };
            for (at, answer) in open.into_iter().zip(answers) {
                if let Some(slot) = found.get_mut(at) {
                    *slot = answer;
                }
            }
        }
        Ok(found)
    }

    async fn find_by_name(&self, rows: &[&Desired<'_>]) -> Result<Vec<Found>, Error> {
        let names: Vec<&str> = rows.iter().map(|row| row.user_name()).collect();
        let holders = self.store.holders(self.directory, &names).await?;
        Ok(holders.into_iter().map(|holder| holder.map_or(Found::Nobody, Found::User)).collect())
    }

    async fn find_each<'r>(
        &self,
        rows: &[&Desired<'r>],
        by: impl Fn(&Desired<'r>) -> Option<Lookup<'r>>,
    ) -> Result<Vec<Found>, Error> {
        let lookups: Vec<Option<Lookup<'r>>> = rows.iter().map(|row| by(row)).collect();
        let answers: Vec<_> = lookups
            .into_iter()
            .map(|lookup| async move {
                let Some(lookup) = lookup else { return Ok::<_, Error>(Found::Nobody) };
                Ok(match self.store.find(self.directory, Kind::User, lookup).await?.as_slice() {
                    [] => Found::Nobody,
                    [id] => Found::User(*id),
                    _ => Found::Ambiguous,
                })
            })
            .collect();
        futures::stream::iter(answers).buffered(LOOKUPS_AT_ONCE).try_collect().await
    }
}

impl Found {
    /// The user, if there is one.
    pub(super) fn user(&self) -> Option<Id> {
        match self {
            Self::User(id) => Some(*id),
            Self::Nobody | Self::Ambiguous => None,
        }
    }
}
