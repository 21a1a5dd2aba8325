//! Imports: read -> plan -> apply.
