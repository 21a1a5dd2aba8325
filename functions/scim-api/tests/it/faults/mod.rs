//! The faults of HTTP and of tenancy that are sure to come, each as a test that bears its number.
//!
//! | fault | where |
//! |---|---|
//! | 1 connection cut after the commit, 2 one name twice, 3 one version twice, 10 throttling | `store` |
//! | 4 wrong sizes, 5 JSON bombs | `bombs`, and `bad_input`; slow bodies in `functions/local/tests` |
//! | 6 filter bombs, 7 PATCH bombs | `bombs` |
//! | 8 absurd numbers, false cursors | `numbers` |
//! | 9 dialects | `lives` |
//! | 11 foreign tokens | `reach` |
//! | 12 comparison of secrets, 13 tokens that are no longer good, 14 names that look like paths | `tenancy` |
//!
//! Of all of them: no acknowledged write is lost, nobody is there twice, tenants never mix.

mod bombs;
mod numbers;
mod store;
mod tenancy;
