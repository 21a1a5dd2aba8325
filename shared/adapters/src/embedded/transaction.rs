//! One transaction of the port, inside a transaction of the file that may hold many of them.

use super::codec::{push, push_value};
use super::tokens::{self, Known, Token};
use super::{codec, condition, keys, schema};
use crate::billing;
use domain::table::{Condition, Item, Key, Reason, TableError, Units, Write};
use jiff::Timestamp;
use redb::{ReadableTable, Table, WriteTransaction};
use sha2::{Digest, Sha256};

/// A transaction made ready by its caller, so that the one writer has little left to do.
#[derive(Debug)]
pub(super) struct Prepared {
    steps: Vec<Step>,
    token: Option<Token>,
}

#[derive(Debug)]
struct Step {
    key: Key,
    key_bytes: Vec<u8>,
    condition: Condition,
    change: Change,
}

#[derive(Debug)]
enum Change {
    Put { value: Vec<u8>, index: Option<Key>, size: usize },
    Delete,
    Nothing,
}

/// What came of a transaction that was evaluated. Its changes last only once the file's transaction is committed.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Done.
    Written(Units),
    /// Its token is known: it was done before.
    Repeated(Units),
    /// Not done.
    Refused(TableError),
}

/// A value in the file that this program did not write.
#[derive(Debug, thiserror::Error)]
#[error("an item of the table file cannot be read")]
pub(super) struct Unreadable;

/// The tables inside the file, open for writing.
pub(super) struct Tables<'t> {
    items: Table<'t, &'static [u8], &'static [u8]>,
    entries: Table<'t, &'static [u8], ()>,
    tokens: tokens::Tables<'t>,
}

impl Prepared {
    /// From writes that keep the rules of the port.
    pub(super) fn new(writes: &[Write], token: Option<&str>) -> Self {
        let steps: Vec<Step> = writes.iter().map(Step::new).collect();
        let token = token.map(|text| Token { text: text.to_owned(), digest: digest(&steps) });
        Self { steps, token }
    }

    /// Several writes, a check or a token make it a transaction, which is billed twice.
    fn is_transaction(&self) -> bool {
        self.token.is_some()
            || self.steps.len() > 1
            || self.steps.iter().any(|step| matches!(step.change, Change::Nothing))
    }
}

impl Step {
    fn new(write: &Write) -> Self {
        let change = match write {
            Write::Put(item, _) => {
                Change::Put { value: codec::encode(item), index: item.index.clone(), size: item.size() }
            }
            Write::Delete(..) => Change::Delete,
            Write::Check(..) => Change::Nothing,
        };
        Self {
            key: write.key().clone(),
            key_bytes: keys::of_item(write.key()),
            condition: write.condition().clone(),
            change,
        }
    }

    /// The bytes that it is billed by: the larger of what stood there and what will.
    fn billed_bytes(&self, old: Option<&Item>) -> usize {
        let new = if let Change::Put { size, .. } = self.change { size } else { 0 };
        new.max(old.map_or(0, Item::size))
    }
}

impl<'t> Tables<'t> {
    /// Opens them, making them where absent.
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, redb::Error> {
        Ok(Self {
            items: transaction.open_table(schema::ITEMS)?,
            entries: transaction.open_table(schema::ENTRIES)?,
            tokens: tokens::Tables::open(transaction)?,
        })
    }

    /// Evaluates the transaction's conditions on what the transactions before it left, and applies it whole or not
    /// at all.
    pub(super) fn perform(&mut self, prepared: &Prepared, now: Timestamp) -> Result<Outcome, StoreError> {
        if let Some(token) = &prepared.token {
            match self.tokens.find(token, now)? {
                Known::No => {}
                Known::SameWrites(units) => return Ok(Outcome::Repeated(units)),
                Known::OtherWrites => {
                    let refusal = TableError::Invalid("a token that was used for another transaction");
                    return Ok(Outcome::Refused(refusal));
                }
            }
        }
        let stored = prepared.steps.iter().map(|step| self.stored(step)).collect::<Result<Vec<_>, _>>()?;
        let held = |(step, old): (&Step, &Option<Item>)| condition::holds(&step.condition, old.as_ref());
        if !prepared.steps.iter().zip(&stored).all(held) {
            return Ok(Outcome::Refused(TableError::Cancelled(reasons(&prepared.steps, stored))));
        }
        let mut units = Units::default();
        let mut repeat = Units::default();
        let transaction = prepared.is_transaction();
        for (step, old) in prepared.steps.iter().zip(&stored) {
            let bytes = step.billed_bytes(old.as_ref());
            units += billing::write(bytes, transaction);
            units += self.apply(step, old.as_ref())?;
            repeat += billing::repeat(bytes);
        }
        if let Some(token) = &prepared.token {
            self.tokens.remember(token, repeat, now)?;
        }
        Ok(Outcome::Written(units))
    }

    fn stored(&self, step: &Step) -> Result<Option<Item>, StoreError> {
        let Some(value) = self.items.get(step.key_bytes.as_slice())? else { return Ok(None) };
        codec::decode(step.key.clone(), value.value()).map(Some).ok_or(StoreError::Unreadable(Unreadable))
    }

    /// Changes the item and its entry in the index; answers what the index is billed.
    fn apply(&mut self, step: &Step, old: Option<&Item>) -> Result<Units, StoreError> {
        let new_index = match &step.change {
            Change::Put { value, index, .. } => {
                self.items.insert(step.key_bytes.as_slice(), value.as_slice())?;
                index.as_ref()
            }
            Change::Delete => {
                self.items.remove(step.key_bytes.as_slice())?;
                None
            }
            Change::Nothing => return Ok(Units::default()),
        };
        let old_index = old.and_then(|old| old.index.as_ref());
        if old_index != new_index {
            if let Some(index) = old_index {
                self.entries.remove(keys::of_entry(index, &step.key).as_slice())?;
            }
            if let Some(index) = new_index {
                self.entries.insert(keys::of_entry(index, &step.key).as_slice(), ())?;
            }
        }
        Ok(billing::index(&step.key, old_index, new_index))
    }
}

/// Why the file did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    /// The store failed.
    #[error("the table file failed")]
    Redb(#[from] redb::Error),
    /// A value in the file that this program did not write.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The writer has ended: a bug, told on the standard error output when it happened.
    #[error("the writer of the table file has ended")]
    WriterEnded,
}

impl From<redb::StorageError> for StoreError {
    fn from(error: redb::StorageError) -> Self {
        Self::Redb(error.into())
    }
}

fn reasons(steps: &[Step], stored: Vec<Option<Item>>) -> Vec<Reason> {
    let reason = |(step, old): (&Step, Option<Item>)| {
        if condition::holds(&step.condition, old.as_ref()) {
            Reason::None
        } else {
            Reason::ConditionFailed(old)
        }
    };
    steps.iter().zip(stored).map(reason).collect()
}

/// Tells two transactions apart: keys, conditions and contents, in their order.
fn digest(steps: &[Step]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut bytes = Vec::new();
    for step in steps {
        bytes.clear();
        push(&mut bytes, &step.key_bytes);
        push_condition(&mut bytes, &step.condition);
        match &step.change {
            Change::Put { value, .. } => {
                bytes.push(0);
                push(&mut bytes, value);
            }
            Change::Delete => bytes.push(1),
            Change::Nothing => bytes.push(2),
        }
        hash.update(&bytes);
    }
    hash.finalize().into()
}

fn push_condition(bytes: &mut Vec<u8>, condition: &Condition) {
    match condition {
        Condition::Always => bytes.push(0),
        Condition::Absent => bytes.push(1),
        Condition::Present => bytes.push(2),
        Condition::Equals(name, value) => {
            bytes.push(3);
            push(bytes, name.as_bytes());
            push_value(bytes, value);
        }
        Condition::AbsentOrBelow(name, bound) => {
            bytes.push(4);
            push(bytes, name.as_bytes());
            bytes.extend_from_slice(&bound.to_le_bytes());
        }
    }
}
