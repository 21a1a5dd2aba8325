//! The table port on a table of DynamoDB.

use super::item::Unreadable;
use crate::aws::{Retries, Verdict, judge};
use crate::table_rules::{self, Range};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use domain::ports::Random;
use domain::table::{Consistency, Item, Key, Page, Query, Read, Table, TableError, Units, Write};
use std::sync::Arc;

/// The table port on a table of DynamoDB. What a retry can mend is retried for up to ten seconds.
#[derive(Clone)]
pub struct DynamoTable {
    pub(super) client: Client,
    pub(super) name: String,
    pub(super) random: Arc<dyn Random>,
    pub(super) retries: Retries,
}

impl std::fmt::Debug for DynamoTable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DynamoTable").field("name", &self.name).finish_non_exhaustive()
    }
}

impl DynamoTable {
    /// On the table of this name, with the configuration of [`crate::aws`]. `random` spreads retries and makes tokens.
    pub fn new(config: &SdkConfig, name: impl Into<String>, random: Arc<dyn Random>) -> Self {
        Self { client: Client::new(config), name: name.into(), random, retries: Retries::STANDARD }
    }

    /// With another policy of retries.
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }
}

#[async_trait]
impl Table for DynamoTable {
    async fn get(&self, key: &Key, consistency: Consistency) -> Result<Read<Option<Item>>, TableError> {
        table_rules::check_key(key)?;
        self.get_item(key, consistency).await
    }

    async fn batch_get(
        &self,
        keys: &[Key],
        consistency: Consistency,
    ) -> Result<Read<Vec<Option<Item>>>, TableError> {
        table_rules::check_batch(keys)?;
        self.get_items(keys, consistency).await
    }

    async fn query(&self, query: &Query) -> Result<Read<Page>, TableError> {
        match table_rules::check_query(query)? {
            Range::Nothing => Ok(table_rules::empty_page()),
            Range::Between(from, to) => self.query_page(query, from, to).await,
        }
    }

    async fn write(&self, writes: &[Write], token: Option<&str>) -> Result<Units, TableError> {
        table_rules::check_writes(writes, token)?;
        match (writes, token) {
            ([Write::Put(item, condition)], None) => self.put_item(item, condition).await,
            ([Write::Delete(key, condition)], None) => self.delete_item(key, condition).await,
            _ => self.transact(writes, token).await,
        }
    }
}

/// Whether another attempt may be made at a failed request.
pub(super) fn may_repeat<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    judge(error) != Verdict::Final
}

/// A failure beyond retries, as the port tells it.
pub(super) fn unavailable<E: std::error::Error + Send + Sync + 'static>(error: E) -> TableError {
    TableError::Unavailable(Box::new(error))
}

/// An answer without its items is none of ours.
pub(super) fn unreadable() -> TableError {
    Unreadable.into()
}
