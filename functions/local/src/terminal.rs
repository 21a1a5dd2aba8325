//! Makes what strangers chose (names of files, headers, values) safe to print: on a terminal, control characters
//! could hide or forge lines, and on a log they could begin new ones.

/// Stands for what is not printed.
const REPLACED: char = '\u{FFFD}';

/// The text on one line: line breaks, escape sequences and marks that turn the direction of writing are replaced.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if steers(c) { REPLACED } else { c }).collect()
}

/// The bidirectional marks are those of Unicode's UAX #9; the others are line breaks beyond the control characters.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_steers_a_terminal_is_replaced() {
        for (text, printed) in [
            ("März 2026 — 社員.csv", "März 2026 — 社員.csv"),
            ("a\nImported b", "a\u{FFFD}Imported b"),
            ("\u{1b}[2Ja\u{9b}1m\r\t\u{7f}", "\u{FFFD}[2Ja\u{FFFD}1m\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("a\u{202E}vsc.b\u{2028}", "a\u{FFFD}vsc.b\u{FFFD}"),
        ] {
            assert_eq!(one_line(text), printed);
        }
    }
}
