//! One contract for each port, held by every adapter of it; and what each adapter must do beyond its port.

mod contract;
mod domain;
mod dynamodb_faults;
mod embedded;
mod model;
mod objects;
mod stores;
