//! Why a declaration was not taken, in the words of the body that was sent.

use crate::error::Problem;
use axum::http::StatusCode;
use domain::tenant::Undeclarable;
use scim::schema::DeclarationError;

/// How a body has its documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It is one.
    One,
    /// It is a list of them.
    Several,
    /// It has none.
    Nothing,
}

/// The problem of a request that sent so many documents in this form.
pub(super) fn problem(error: Undeclarable, sent: Sent, documents: usize) -> Problem {
    match error {
        Undeclarable::Document(error) if error.document < documents => {
            let detail = format!("{} {}", named(&error, sent), error.detail);
            let field = field(&error, sent);
            let problem = Problem::new(StatusCode::BAD_REQUEST, detail);
            if field.is_empty() { problem } else { problem.at(field) }
        }
        // The place is one in a document that was declared before.
        Undeclarable::Document(error) => {
            let detail = format!(
                "a document that is declared already would no longer be right: {} {}; send both, or take both back, at \
                 once, with a PUT of all documents that are to stay",
                error.path, error.detail
            );
            Problem::new(StatusCode::CONFLICT, detail)
        }
        Undeclarable::InUse { .. } => {
            Problem::new(StatusCode::CONFLICT, format!("{error}; delete these resources first"))
        }
        Undeclarable::Setting(_) => {
            Problem::new(StatusCode::CONFLICT, format!("{error}; change that setting first"))
        }
        Undeclarable::Other(error) => error.into(),
    }
}

fn field(error: &DeclarationError, sent: Sent) -> String {
    match sent {
        Sent::Several if error.path.is_empty() => format!("[{}]", error.document),
        Sent::Several => format!("[{}].{}", error.document, error.path),
        Sent::One | Sent::Nothing => error.path.clone(),
    }
}

fn named(error: &DeclarationError, sent: Sent) -> String {
    match field(error, sent) {
        field if field.is_empty() => "the document".to_owned(),
        field => field,
    }
}
