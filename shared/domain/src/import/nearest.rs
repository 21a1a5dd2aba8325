//! The known name that is nearest to one that nobody knows.

use super::problem::Quoted;
use super::text::folded;

/// Names that are compared at most.
const MAX_COMPARED: usize = 10_000;
/// Characters of a name that are compared at most.
const MAX_CHARS: usize = 100;

/// The unknown name, and the known one that was most likely meant, if one is near enough.
pub(super) fn suggestion<'n>(unknown: &str, known: impl Iterator<Item = &'n str>) -> String {
    let wanted = folded(unknown);
    let near = known
        .take(MAX_COMPARED)
        .map(|name| (distance(&wanted, &folded(name)), name))
        .filter(|(distance, _)| *distance <= (wanted.chars().count() / 3).max(2))
        .min();
    match near {
        Some((_, name)) => format!("{}; {} is known", Quoted(unknown), Quoted(name)),
        None => Quoted(unknown).to_string(),
    }
}

/// How many characters are to be put in, taken out or exchanged (Levenshtein).
fn distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().take(MAX_CHARS).collect();
    let mut above: Vec<usize> = (0..=two.len()).collect();
    for (row, c) in one.chars().take(MAX_CHARS).enumerate() {
        let mut left = row + 1;
        let mut corner = row;
        if let Some(first) = above.first_mut() {
            *first = left;
        }
        for (other, cell) in two.iter().zip(above.iter_mut().skip(1)) {
            let exchanged = corner + usize::from(c != *other);
            corner = *cell;
            left = exchanged.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(unknown: &str, expected: &str) {
        assert_eq!(suggestion(unknown, ["Administrator", "User", "Ärzte"].into_iter()), expected);
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        check("Adminstrator", "\"Adminstrator\"; \"Administrator\" is known");
        check("user ", "\"user \"; \"User\" is known");
        check("Ärtze", "\"Ärtze\"; \"Ärzte\" is known");
        check("Owner", "\"Owner\"");
        check("", "\"\"");
    }

    #[test]
    fn distances_count_single_characters() {
        for (one, two, expected) in
            [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(distance(one, two), expected, "{one} {two}");
        }
    }
}
