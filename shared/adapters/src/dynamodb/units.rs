//! What DynamoDB says that a request cost.

use aws_sdk_dynamodb::types::ConsumedCapacity;
use domain::table::Units;

/// Of a read.
pub(super) fn read<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) -> Units {
    consumed.into_iter().map(|consumed| Units::read(consumed.capacity_units().unwrap_or_default())).sum()
}

/// Of a write; or, for a transaction that had been done before, of reading what it wrote.
pub(super) fn write<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) -> Units {
    let units = |consumed: &ConsumedCapacity| match consumed.read_capacity_units() {
        Some(reads) if consumed.write_capacity_units().is_none() => Units::read(reads),
        _ => Units::write(consumed.capacity_units().unwrap_or_default()),
    };
    consumed.into_iter().map(units).sum()
}
