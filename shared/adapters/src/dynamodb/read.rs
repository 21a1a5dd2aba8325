//! `GetItem`, `BatchGetItem` and `Query`.

use super::item::{Map, cursor_from_map, cursor_to_map, from_map, key_to_map};
use super::table::{DynamoTable, may_repeat, unavailable};
use super::{expression, units};
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity};
use domain::table::{Consistency, Item, Key, Page, Query, Read, Source, TableError, Units};
use std::collections::HashMap;

/// The name of the table's one index.
const INDEX: &str = "index";

/// Keys that DynamoDB left unprocessed beyond the retries.
#[derive(Debug, thiserror::Error)]
#[error("{0} keys of a batch were left unprocessed")]
struct Unprocessed(usize);

impl DynamoTable {
    /// One item.
    pub(super) async fn get_item(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Read<Option<Item>>, TableError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_to_map(key)))
            .consistent_read(consistency == Consistency::Strong)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut pauses = self.retries.begin(self.random.as_ref());
        let answer = loop {
            match request.clone().send().await {
                Ok(answer) => break answer,
                Err(error) if may_repeat(&error) && pauses.wait().await => {}
                Err(error) => return Err(unavailable(error)),
            }
        };
        let units = units::read(answer.consumed_capacity());
        let item = answer.item.map(from_map).transpose()?;
        Ok(Read { value: item, units })
    }

    /// Many items, in the order of their keys.
    pub(super) async fn get_items(
        &self,
        keys: &[Key],
        consistency: Consistency,
    ) -> Result<Read<Vec<Option<Item>>>, TableError> {
        let mut found: HashMap<Key, Item> = HashMap::with_capacity(keys.len());
        let mut wanted: Vec<Map> = keys.iter().map(key_to_map).collect();
        let mut total = Units::default();
        let mut pauses = self.retries.begin(self.random.as_ref());
        while !wanted.is_empty() {
            let request = self.batch_of(wanted.clone(), consistency)?;
            let answer = match request.send().await {
                Ok(answer) => answer,
                Err(error) if may_repeat(&error) && pauses.wait().await => continue,
                Err(error) => return Err(unavailable(error)),
            };
            total += units::read(answer.consumed_capacity());
            for map in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                let item = from_map(map)?;
                found.insert(item.key.clone(), item);
            }
            wanted = answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, rest)| rest.keys).collect();
            if !wanted.is_empty() && !pauses.wait().await {
                return Err(unavailable(Unprocessed(wanted.len())));
            }
        }
        let items = keys.iter().map(|key| found.remove(key)).collect();
        Ok(Read { value: items, units: total })
    }

    fn batch_of(
        &self,
        wanted: Vec<Map>,
        consistency: Consistency,
    ) -> Result<aws_sdk_dynamodb::operation::batch_get_item::builders::BatchGetItemFluentBuilder, TableError>
    {
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(wanted))
            .consistent_read(consistency == Consistency::Strong)
            .build()
            .map_err(unavailable)?;
        Ok(self
            .client
            .batch_get_item()
            .request_items(&self.name, wanted)
            .return_consumed_capacity(ReturnConsumedCapacity::Total))
    }

    /// A page of a range.
    pub(super) async fn query_page(
        &self,
        query: &Query,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<Read<Page>, TableError> {
        let range = expression::range(query, from, to);
        let of_table = query.source == Source::Table;
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name((!of_table).then(|| INDEX.to_owned()))
            .set_key_condition_expression(range.text)
            .set_expression_attribute_names(range.names)
            .set_expression_attribute_values(range.values)
            .scan_index_forward(!query.descending)
            .set_limit(query.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(query.after.as_ref().map(cursor_to_map))
            .consistent_read(of_table && query.consistency == Consistency::Strong)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut pauses = self.retries.begin(self.random.as_ref());
        let answer = loop {
            match request.clone().send().await {
                Ok(answer) => break answer,
                Err(error) if may_repeat(&error) && pauses.wait().await => {}
                Err(error) => return Err(unavailable(error)),
            }
        };
        let units = units::read(answer.consumed_capacity());
        let next = answer.last_evaluated_key.map(cursor_from_map).transpose()?;
        let items = answer.items.into_iter().flatten().map(from_map).collect::<Result<_, _>>()?;
        Ok(Read { value: Page { items, next }, units })
    }
}
