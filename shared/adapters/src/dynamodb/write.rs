//! `PutItem`, `DeleteItem` and `TransactWriteItems`.
//!
//! A reply can be lost after the write was done. A transaction has a token, so that repeating it is harmless. A single
//! write has none (it would cost twice); where its repetition finds the condition broken, but the item exactly as the
//! write would leave it, the first attempt is taken to have done that.

use super::expression::{self, Expression};
use super::item::{from_map, key_to_map, to_map};
use super::table::{DynamoTable, may_repeat, unavailable, unreadable};
use super::units;
use crate::aws::{Verdict, judge};
use crate::billing;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use domain::ports::Random;
use domain::table::{Condition, Item, Key, Reason, TableError, Units, Write};
use std::fmt::Write as _;

const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

impl DynamoTable {
    /// One put.
    pub(super) async fn put_item(&self, item: &Item, condition: &Condition) -> Result<Units, TableError> {
        let Expression { text, names, values } = expression::condition(condition);
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(to_map(item)))
            .set_condition_expression(text)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ALL_OLD)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut pauses = self.retries.begin(self.random.as_ref());
        let mut perhaps_done = false;
        loop {
            let error = match request.clone().send().await {
                Ok(answer) => return Ok(units::write(answer.consumed_capacity())),
                Err(error) => error,
            };
            if let SdkError::ServiceError(refusal) = &error
                && let PutItemError::ConditionalCheckFailedException(failed) = refusal.err()
            {
                let stored = failed.item.clone().map(from_map).transpose()?;
                if perhaps_done && stored.as_ref() == Some(item) {
                    return Ok(billing::write(item.size(), false));
                }
                return Err(TableError::Cancelled(vec![Reason::ConditionFailed(stored)]));
            }
            perhaps_done |= judge(&error) == Verdict::Unknown;
            if !may_repeat(&error) || !pauses.wait().await {
                return Err(unavailable(error));
            }
        }
    }

    /// One delete.
    pub(super) async fn delete_item(&self, key: &Key, condition: &Condition) -> Result<Units, TableError> {
        let Expression { text, names, values } = expression::condition(condition);
        let request = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key_to_map(key)))
            .set_condition_expression(text)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ALL_OLD)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut pauses = self.retries.begin(self.random.as_ref());
        let mut perhaps_done = false;
        loop {
            let error = match request.clone().send().await {
                Ok(answer) => return Ok(units::write(answer.consumed_capacity())),
                Err(error) => error,
            };
            if let SdkError::ServiceError(refusal) = &error
                && let DeleteItemError::ConditionalCheckFailedException(failed) = refusal.err()
            {
                let stored = failed.item.clone().map(from_map).transpose()?;
                if perhaps_done && stored.is_none() {
                    return Ok(billing::write(0, false));
                }
                return Err(TableError::Cancelled(vec![Reason::ConditionFailed(stored)]));
            }
            perhaps_done |= judge(&error) == Verdict::Unknown;
            if !may_repeat(&error) || !pauses.wait().await {
                return Err(unavailable(error));
            }
        }
    }

    /// Several writes, or one with a token.
    pub(super) async fn transact(&self, writes: &[Write], token: Option<&str>) -> Result<Units, TableError> {
        let token = token.map_or_else(|| fresh_token(self.random.as_ref()), str::to_owned);
        let actions = writes
            .iter()
            .map(|write| self.action(write))
            .collect::<Result<Vec<_>, _>>()
            .map_err(unavailable)?;
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(actions))
            .client_request_token(token)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut pauses = self.retries.begin(self.random.as_ref());
        loop {
            let error = match request.clone().send().await {
                Ok(answer) => return Ok(units::write(answer.consumed_capacity())),
                Err(error) => error,
            };
            let again = match error.as_service_error() {
                Some(TransactWriteItemsError::IdempotentParameterMismatchException(_)) => {
                    return Err(TableError::Invalid("a token that was used for another transaction"));
                }
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    if let Some(reasons) = broken_conditions(cancelled, writes.len())? {
                        return Err(TableError::Cancelled(reasons));
                    }
                    is_passing(cancelled)
                }
                _ => may_repeat(&error),
            };
            if !again || !pauses.wait().await {
                return Err(unavailable(error));
            }
        }
    }

    fn action(&self, write: &Write) -> Result<TransactWriteItem, aws_sdk_dynamodb::error::BuildError> {
        let Expression { text, names, values } = expression::condition(write.condition());
        let action = TransactWriteItem::builder();
        Ok(match write {
            Write::Put(item, _) => action.put(
                Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(to_map(item)))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(ALL_OLD)
                    .build()?,
            ),
            Write::Delete(key, _) => action.delete(
                Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(key_to_map(key)))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(ALL_OLD)
                    .build()?,
            ),
            Write::Check(key, _) => action.condition_check(
                ConditionCheck::builder()
                    .table_name(&self.name)
                    .set_key(Some(key_to_map(key)))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(ALL_OLD)
                    .build()?,
            ),
        }
        .build())
    }
}

/// The reasons, if a condition among them did not hold: then no repetition can help.
fn broken_conditions(
    cancelled: &TransactionCanceledException,
    writes: usize,
) -> Result<Option<Vec<Reason>>, TableError> {
    let reasons = cancelled.cancellation_reasons();
    if !reasons.iter().any(|reason| reason.code() == Some(CONDITION)) {
        return Ok(None);
    }
    if reasons.len() != writes {
        return Err(unreadable());
    }
    reasons.iter().map(reason).collect::<Result<_, _>>().map(Some)
}

const CONDITION: &str = "ConditionalCheckFailed";

fn reason(reason: &CancellationReason) -> Result<Reason, TableError> {
    Ok(match reason.code() {
        None | Some("None") => Reason::None,
        Some(CONDITION) => Reason::ConditionFailed(reason.item.clone().map(from_map).transpose()?),
        // In conflict, or throttled: not looked at.
        Some(_) => Reason::Conflict,
    })
}

/// Whether every reason is one that passes.
fn is_passing(cancelled: &TransactionCanceledException) -> bool {
    const PASSING: [&str; 4] =
        ["None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let reasons = cancelled.cancellation_reasons();
    !reasons.is_empty()
        && reasons.iter().all(|reason| reason.code().is_none_or(|code| PASSING.contains(&code)))
}

/// A token for a transaction of which the caller named none: its own repetitions must be harmless, too.
fn fresh_token(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    let mut token = String::with_capacity(32);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    token
}
