//! Rules on Rust sources: their length, and what each crate may name.

use crate::paths::{Named, named};
use crate::{Fault, at};
use proc_macro2::TokenStream;
use syn::visit::{self, Visit};

/// Lines of a file.
const FILE_LINES: usize = 450;
/// Lines of a function.
const FUNCTION_LINES: usize = 100;

/// What may be named in some places only.
struct Territory {
    /// The path, or the beginning of its first segment where it ends in `*`.
    path: &'static [&'static str],
    /// Where it is forbidden: the beginnings of paths of files.
    not_in: &'static [&'static str],
    /// Exceptions to that.
    but_in: &'static [&'static str],
    reason: &'static str,
}

const TERRITORIES: [Territory; 7] = [
    pure(&["std", "env"], "the environment is read by `adapters::config`"),
    pure(&["SystemTime"], "take a `Clock`"),
    pure(&["time", "Instant"], "take a `Clock`"),
    pure(&["tokio", "time"], "take a `Clock`; who waits is not pure"),
    Territory {
        path: &["StatusCode"],
        not_in: &["shared/"],
        // SFTP calls its own answers so.
        but_in: &["shared/adapters/src/sftp/"],
        reason: "only functions know a status code",
    },
    of_aws(&["aws_sdk*"]),
    of_aws(&["aws_config*"]),
];

/// Forbidden in `scim` and `domain`.
const fn pure(path: &'static [&'static str], reason: &'static str) -> Territory {
    Territory { path, not_in: &["shared/scim/src/", "shared/domain/src/"], but_in: &[], reason }
}

/// Forbidden outside `adapters`.
const fn of_aws(path: &'static [&'static str]) -> Territory {
    Territory {
        path,
        not_in: &["shared/", "functions/"],
        but_in: &["shared/adapters/"],
        reason: "only `adapters` names AWS",
    }
}

/// The faults of a source at `path`. `tables` are the files that may be long, each with the reason.
pub fn check(path: &str, text: &str, tables: &[(&str, &str)]) -> Vec<Fault> {
    let (tokens, syntax) = match (text.parse::<TokenStream>(), syn::parse_file(text)) {
        (Ok(tokens), Ok(syntax)) => (tokens, syntax),
        (Err(error), _) => return vec![at(0, error.to_string())],
        (_, Err(error)) => return vec![at(0, error.to_string())],
    };
    let mut faults = Vec::new();
    let lines = text.lines().count();
    if lines > FILE_LINES && !tables.iter().any(|(table, _)| *table == path) {
        faults.push(at(0, format!("{lines} lines; split a file of more than {FILE_LINES} by operation")));
    }
    let mut lengths = Lengths(&mut faults);
    lengths.visit_file(&syntax);
    faults.extend(strangers(path, &named(tokens)));
    faults
}

fn strangers<'a>(path: &'a str, named: &'a [Named]) -> impl Iterator<Item = Fault> + 'a {
    let here = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
    TERRITORIES.iter().filter(move |territory| here(territory.not_in) && !here(territory.but_in)).flat_map(
        move |territory| {
            named
                .iter()
                .filter(|named| territory.holds(named))
                .map(|named| at(named.line, format!("`{}`: {}", named.segments.join("::"), territory.reason)))
        },
    )
}

impl Territory {
    /// Whether this path is the one meant, by its last segments, so that each mention counts once.
    fn holds(&self, named: &Named) -> bool {
        match self.path {
            [prefix] if prefix.ends_with('*') => {
                let prefix = prefix.trim_end_matches('*');
                matches!(named.segments.as_slice(), [only] if only.starts_with(prefix))
            }
            path => {
                named.segments.len() >= path.len()
                    && named.segments.iter().rev().zip(path.iter().rev()).all(|(one, two)| one == two)
            }
        }
    }
}

struct Lengths<'a>(&'a mut Vec<Fault>);

impl Lengths<'_> {
    fn measure(&mut self, name: &syn::Ident, body: &syn::Block) {
        let (first, last) = (name.span().start().line, body.brace_token.span.close().end().line);
        let lines = last + 1 - first;
        if lines > FUNCTION_LINES {
            self.0.push(at(
                first,
                format!("`{name}` has {lines} lines; none may have more than {FUNCTION_LINES}"),
            ));
        }
    }
}

impl<'ast> Visit<'ast> for Lengths<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.measure(&function.sig.ident, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig.ident, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.measure(&function.sig.ident, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn expect(path: &str, text: &str, lines: &[usize]) {
        let found = check(path, text, &[("shared/table.rs", "a table")]);
        assert_eq!(found.iter().map(|fault| fault.line).collect::<Vec<_>>(), lines, "{path}: {found:?}");
    }

    #[test]
    fn long_files_and_functions_are_refused() {
        let long = "const A: u8 = 1;\n".repeat(451);
        expect("shared/scim/src/x.rs", &long, &[0]);
        expect("shared/table.rs", &long, &[]);
        let body = "    call();\n".repeat(99);
        expect("shared/scim/src/x.rs", &format!("fn short() {{\n{}}}\n", "    call();\n".repeat(98)), &[]);
        expect("shared/scim/src/x.rs", &format!("\nfn long() {{\n{body}}}\n"), &[2]);
        expect("shared/scim/src/x.rs", &format!("struct S;\nimpl S {{\nfn long() {{\n{body}}}\n}}\n"), &[3]);
        expect("shared/scim/src/x.rs", &format!("trait T {{\nfn long() {{\n{body}}}\n}}\n"), &[2]);
        expect("shared/scim/src/x.rs", &format!("mod m {{\nfn long() {{\n{body}}}\n}}\n"), &[2]);
        expect("shared/scim/src/x.rs", "fn broken(", &[0]);
    }

    #[test]
    fn each_crate_keeps_to_its_territory() {
        let environment = "use std::env;\nfn f() { std::env::var(\"A\"); }\n";
        expect("shared/scim/src/x.rs", environment, &[1, 2]);
        expect("shared/domain/src/x.rs", environment, &[1, 2]);
        expect("shared/adapters/src/config.rs", environment, &[]);
        expect("shared/domain/src/x.rs", "use std::time::{Duration, SystemTime};", &[1]);
        expect("shared/domain/src/x.rs", "async fn f() { tokio::time::sleep(d).await }", &[1]);
        expect("shared/domain/src/x.rs", "use http::StatusCode;", &[1]);
        expect("functions/scim-api/src/error.rs", "use http::StatusCode;", &[]);
        expect("shared/adapters/src/sftp/session.rs", "use russh_sftp::protocol::StatusCode;", &[]);
        expect("shared/adapters/src/s3/objects.rs", "use http::StatusCode;", &[1]);
        expect("functions/scim-api/src/main.rs", "use aws_sdk_s3::Client;", &[1]);
        expect("functions/scim-api/src/main.rs", "fn f() { aws_config::load(); }", &[1]);
        expect("shared/adapters/src/s3.rs", "use aws_sdk_s3::Client;", &[]);
        expect(
            "shared/domain/src/x.rs",
            "//! Like `aws_sdk_s3`, StatusCode and SystemTime.\nconst A: &str = \"std::env\";",
            &[],
        );
    }
}
