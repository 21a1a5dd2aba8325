//! The paths (`std::env::var`) that a Rust source names, wherever it names them: in expressions, in types, in macros and
//! in the groups of a `use`. Comments and strings do not count.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path, with the line of its last segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The segments.
    pub segments: Vec<String>,
    /// Where the last of them stands, counted from 1.
    pub line: usize,
}

impl Named {
    /// Whether the path contains these segments in a row.
    pub fn contains(&self, wanted: &[&str]) -> bool {
        self.segments.windows(wanted.len()).any(|window| window == wanted)
    }
}

/// The paths of a token stream, every one also in its shorter forms (`std`, `std::env`, `std::env::var`).
pub fn named(tokens: TokenStream) -> Vec<Named> {
    let mut found = Vec::new();
    collect(tokens, &[], &mut found);
    found
}

fn collect(tokens: TokenStream, prefix: &[String], found: &mut Vec<Named>) {
    let mut path: Vec<String> = prefix.to_vec();
    // Two colons in a row go on with the path; one does not.
    let mut colons = if prefix.is_empty() { 0 } else { 2 };
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    path = prefix.to_vec();
                }
                path.push(ident.to_string());
                found.push(Named { segments: path.clone(), line: ident.span().start().line });
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                let within_use = group.delimiter() == Delimiter::Brace && colons == 2;
                collect(group.stream(), if within_use { &path } else { &[] }, found);
                (path, colons) = (prefix.to_vec(), 0);
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                (path, colons) = (prefix.to_vec(), if prefix.is_empty() { 0 } else { 2 });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, wanted: &[&str], lines: &[usize]) {
        let found: Vec<usize> = named(source.parse().unwrap())
            .iter()
            .filter(|path| {
                path.segments.ends_with(&wanted.iter().map(ToString::to_string).collect::<Vec<_>>())
            })
            .map(|path| path.line)
            .collect();
        assert_eq!(found, lines, "{source}");
    }

    #[test]
    fn paths_are_found_wherever_they_stand() {
        check("fn f() { std::env::var(\"A\"); }", &["std", "env"], &[1]);
        check("use std::{\n fs, env,\n};", &["std", "env"], &[2]);
        check("use std::{io::{self, Read}, env::{self, var}};", &["std", "env"], &[1]);
        check("fn f() {\n println!(\"{}\", std::env::args().count());\n}", &["std", "env"], &[2]);
        check("type T = Vec<std :: env :: Vars>;", &["std", "env"], &[1]);
        check("// std::env\nconst A: &str = \"std::env\";", &["std", "env"], &[]);
        check("use std::{fs, io}; fn f(env: u8) -> u8 { env }", &["std", "env"], &[]);
        check("struct S { std: env }", &["std", "env"], &[]);
    }
}
