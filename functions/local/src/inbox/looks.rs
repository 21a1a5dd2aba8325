//! Tells complete files from files that are being copied, by comparing one look at the inbox with the last.

use super::files::{InboxFile, Stamp};
use std::collections::HashMap;

/// What is remembered from look to look.
#[derive(Debug, Default)]
pub(super) struct Looks {
    count: u64,
    seen: HashMap<String, Stamp>,
    aside: HashMap<String, Aside>,
}

#[derive(Debug)]
struct Aside {
    stamp: Stamp,
    until: u64,
}

impl Looks {
    /// The files that are as they were at the last look, and not set aside, in the order found.
    pub(super) fn complete(&mut self, found: Vec<InboxFile>) -> Vec<InboxFile> {
        self.count += 1;
        let before = std::mem::take(&mut self.seen);
        self.seen = found.iter().map(|file| (file.key.clone(), file.stamp)).collect();
        self.aside.retain(|key, aside| self.seen.get(key) == Some(&aside.stamp));
        let due = |file: &InboxFile| self.aside.get(&file.key).is_none_or(|aside| aside.until <= self.count);
        found.into_iter().filter(|file| before.get(&file.key) == Some(&file.stamp) && due(file)).collect()
    }

    /// Leaves a file alone for so many looks, unless it changes. Whether that is new: worth telling once.
    pub(super) fn set_aside(&mut self, file: &InboxFile, looks: u64) -> bool {
        let aside = Aside { stamp: file.stamp, until: self.count + looks };
        self.aside.insert(file.key.clone(), aside).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks at `key@time:size` words, one list for each look; what each look finds complete.
    #[track_caller]
    fn check(looks: &[&str], expect: &[&str]) {
        let mut memory = Looks::default();
        let complete: Vec<String> = looks.iter().map(|look| keys(memory.complete(files(look)))).collect();
        assert_eq!(complete, expect, "{looks:?}");
    }

    fn files(look: &str) -> Vec<InboxFile> {
        let file = |word: &str| {
            let (key, stamp) = word.split_once('@')?;
            let (time, size) = stamp.split_once(':')?;
            Some(InboxFile { key: key.to_owned(), stamp: Stamp::new(time.parse().ok()?, size.parse().ok()?) })
        };
        look.split_whitespace().map(|word| file(word).unwrap()).collect()
    }

    fn keys(files: Vec<InboxFile>) -> String {
        files.into_iter().map(|file| file.key).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_file_is_complete_when_two_looks_agree() {
        check(&["a@1:5", "a@1:5"], &["", "a"]);
        check(&["a@1:5", "a@1:9", "a@1:9"], &["", "", "a"]);
        check(&["a@1:5", "a@2:5", "a@2:5"], &["", "", "a"]);
        check(&["a@1:5", "", "a@1:5", "a@1:5"], &["", "", "", "a"]);
        check(&["a@1:5", "b@1:5 a@1:5", "b@1:5 a@1:5"], &["", "a", "b a"]);
    }

    #[test]
    fn a_file_set_aside_waits_until_its_time_or_a_change() {
        let mut looks = Looks::default();
        let file = files("a@1:5").remove(0);
        looks.complete(files("a@1:5"));
        assert!(looks.set_aside(&file, 2));
        assert_eq!(keys(looks.complete(files("a@1:5"))), "");
        assert_eq!(keys(looks.complete(files("a@1:5"))), "a");
        assert!(!looks.set_aside(&file, 9), "told already");
        assert_eq!(keys(looks.complete(files("a@2:5"))), "");
        assert_eq!(keys(looks.complete(files("a@2:5"))), "a", "it was changed");
    }
}
