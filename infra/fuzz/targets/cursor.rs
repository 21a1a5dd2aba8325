//! Any text as a cursor: it is refused, whatever it is, as nobody but us can make one; one of ours is read only as it was
//! given out.
#![no_main]

use domain::directory::{Cursors, Position, Query};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let cursors = Cursors { key: [7; 32], bearer: "scim:token" };
    let query = Query { endpoint: "Users".to_owned(), filter: String::new(), sort: String::new() };
    let now = Timestamp::UNIX_EPOCH;
    assert!(cursors.unseal(&query, text, now).is_err());
    let position = Position::Seat(3, 5);
    let ours = cursors.seal(&query, 0, Some(&position), now, [9; 24]).expect("a cursor");
    assert_eq!(cursors.unseal(&query, &ours, now).expect("ours"), (0, Some(position)));
    let other = Query { filter: text.to_owned(), ..query };
    assert_eq!(cursors.unseal(&other, &ours, now).is_ok(), text.is_empty());
    assert!(cursors.unseal(&other, &(ours + text), now).is_err() || text.is_empty());
});
