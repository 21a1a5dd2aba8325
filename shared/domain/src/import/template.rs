//! The template of a configuration: the columns that it takes, in one order (P2), and whether a file keeps to them
//! (P3).

use super::format::Format;
use super::header::{key, list};
use super::mapping::{Mapping, Target};
use super::preamble::CANDIDATES;
use super::problem::{Code, Problem};
use super::report::protected;
use super::rules::Rules;

/// `template.csv`: the header line in the configuration's delimiter (a comma where it is detected), and no row, as an
/// example row would be a user if somebody left it in.
///
/// The columns are those of the S and P rules in the order in which the rules name them, then what else is mapped or
/// mandatory; each bears the name that the mapping has for it.
pub fn template(format: &Format, mapping: &Mapping, rules: &Rules) -> String {
    let delimiter = char::from(format.delimiter.byte().unwrap_or(CANDIDATES[0]));
    let mut text = String::new();
    for (at, (_, name)) in columns(mapping, &rules.mandatory).iter().enumerate() {
        if at > 0 {
            text.push(delimiter);
        }
        push_cell(&mut text, &protected(name), delimiter);
    }
    text.push_str("\r\n");
    // Spreadsheet programs know UTF-8 by the mark.
    if text.is_ascii() { text } else { format!("\u{FEFF}{text}") }
}

fn push_cell(text: &mut String, cell: &str, delimiter: char) {
    if cell.contains([delimiter, '"', '\r', '\n']) || cell.trim() != cell {
        text.push('"');
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(cell);
    }
}

/// The template's columns: what they mean, and their names.
pub(super) fn columns(mapping: &Mapping, mandatory: &[Target]) -> Vec<(Target, String)> {
    let mapped = |target: Target| mapping.entries().find(|(_, to)| *to == target).map(|(name, _)| name);
    let taken: Vec<String> = mapping.entries().map(|(name, _)| key(name)).collect();
    let wanted =
        Target::ALL.iter().copied().filter(|target| target.is_of_a_rule() || mandatory.contains(target));
    let named = |target: Target| {
        // A column of this name that is mapped to something else is not this one, which goes by another name then.
        let names = std::iter::once(target.name()).chain(target.aliases().iter().copied());
        names.into_iter().find(|name| !taken.contains(&key(name)))
    };
    let others =
        Target::ALL.iter().copied().filter(|target| !target.is_of_a_rule() && !mandatory.contains(target));
    wanted
        .filter_map(|target| Some((target, mapped(target).or_else(|| named(target))?)))
        .chain(others.filter_map(|target| Some((target, mapped(target)?))))
        .map(|(target, name)| (target, name.to_owned()))
        .collect()
}

/// That a header has the template's columns in the template's order, those of a report left out.
pub(super) fn demand<'a>(
    header: impl Iterator<Item = &'a str>,
    mapping: &Mapping,
    mandatory: &[Target],
    line: u64,
) -> Result<(), Problem> {
    let header: Vec<&str> = header.collect();
    let wanted: Vec<String> = columns(mapping, mandatory).into_iter().map(|(_, name)| name).collect();
    if header.iter().map(|name| key(name)).eq(wanted.iter().map(|name| key(name))) {
        return Ok(());
    }
    let detail = format!(
        "the template has {}; the file has {}",
        list(wanted.iter().map(String::as_str)),
        list(header.into_iter())
    );
    Err(Problem::new(Code::ColumnOrder, line).about(detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "status,loginName,mail,firstName,lastName,language,validFrom,validTo,spCustomAttribute1,\
        spCustomAttribute2,spCustomAttribute3,spCustomAttribute4,spCustomAttribute5,groups,uid,role,location,division";

    #[track_caller]
    fn check(format: &str, mapping: &str, expected: &str) {
        let (format, mapping) =
            (serde_json::from_str(format).unwrap(), serde_json::from_str(mapping).unwrap());
        assert_eq!(template(&format, &mapping, &Rules::default()), expected);
    }

    #[test]
    fn the_template_has_the_configurations_names_and_delimiter() {
        check("{}", "{}", &format!("{WHOLE}\r\n"));
        check(r#"{"delimiter":";"}"#, "{}", &format!("{}\r\n", WHOLE.replace(',', ";")));
        let renamed = WHOLE.replace("mail", "\"E, Mail\"").replace("lastName", "Größe") + ",Dept";
        let mapping = r#"{"E, Mail":"mail","Größe":"lastName","Dept":
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"}"#;
        check("{}", mapping, &format!("\u{FEFF}{renamed}\r\n"));
        check("{}", r#"{"=uid":"uid"}"#, &format!("{}\r\n", WHOLE.replace("uid", "'=uid")));
        // What is called `language` is the title here.
        check(
            "{}",
            r#"{"Language":"title"}"#,
            &format!("{},Language\r\n", WHOLE.replace("language", "preferredLanguage")),
        );
    }
}
