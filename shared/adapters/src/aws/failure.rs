//! What a failed request means: may it be repeated, and may it have been done?

// All services name the same types.
#[cfg(feature = "dynamodb")]
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
#[cfg(all(feature = "s3", not(feature = "dynamodb")))]
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
#[cfg(all(feature = "ses", not(any(feature = "dynamodb", feature = "s3"))))]
use aws_sdk_ses::error::{ProvideErrorMetadata, SdkError};
#[cfg(all(feature = "sqs", not(any(feature = "dynamodb", feature = "s3", feature = "ses"))))]
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};

/// Refusals that pass, and that mean that nothing was done.
const PASSING: [&str; 12] = [
    // DynamoDB.
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
    "ReplicatedWriteConflictException",
    "LimitExceededException",
    // S3.
    "SlowDown",
    "RequestTimeout",
    "OperationAborted",
    "ConditionalRequestConflict",
    // SES.
    "Throttling",
];

/// What to make of a failed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It will fail again.
    Final,
    /// It was not done, and may be repeated.
    NotDone,
    /// It may have been done: the answer was lost, or says nothing. It may be repeated, and a repetition may find
    /// its own traces.
    Unknown,
}

/// Judges a failure by its kind, its code and its status.
pub(crate) fn judge<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Verdict {
    match error {
        SdkError::ServiceError(refusal) => {
            if refusal.err().code().is_some_and(|code| PASSING.contains(&code)) {
                Verdict::NotDone
            } else if refusal.raw().status().as_u16() >= 500 {
                Verdict::Unknown
            } else {
                Verdict::Final
            }
        }
        // Not even sent for want of credentials or a valid address: another attempt would fare no better.
        SdkError::DispatchFailure(failure) if failure.is_user() => Verdict::Final,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            Verdict::Unknown
        }
        _ => Verdict::Final,
    }
}
