//! Filters against a second opinion: an evaluation of RFC 7644 §3.4.2.2 written anew, slow and plain.

use crate::{ENTERPRISE, stored, users};
use proptest::prelude::*;
use scim::filter::Filter;
use serde_json::{Value, json};

/// A filter as the test makes it up.
#[derive(Debug, Clone)]
enum Made {
    And(Vec<Made>),
    Or(Vec<Made>),
    Not(Box<Made>),
    Present(Name),
    Compare(Name, &'static str, Value),
    Element(Box<Made>),
}

/// An attribute: its path in a filter, where it stands in the JSON, and whether case distinguishes its texts.
#[derive(Debug, Clone, Copy)]
struct Name {
    path: &'static str,
    place: &'static [&'static str],
    exact: bool,
}

const fn name(path: &'static str, place: &'static [&'static str], exact: bool) -> Name {
    Name { path, place, exact }
}

const TEXTS: [Name; 6] = [
    name("userName", &["userName"], false),
    name("title", &["title"], false),
    name("externalId", &["externalId"], true),
    name("name.givenName", &["name", "givenName"], false),
    name("emails", &["emails", "value"], false),
    name(
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        &[ENTERPRISE, "department"],
        false,
    ),
];
const OF_ELEMENTS: [Name; 2] = [name("value", &["value"], false), name("type", &["type"], false)];
const BOOLEANS: [Name; 1] = [name("active", &["active"], false)];
const INSTANTS: [Name; 1] = [name("meta.lastModified", &["meta", "lastModified"], false)];
const WORDS: [&str; 9] = ["a", "A", "ab", "Ba", "aBa", "Ä", "ä", "", "work"];
const TIMES: [&str; 4] = [
    "2026-01-31T08:30:00Z",
    "2026-01-31T09:30:00+01:00",
    "2026-01-31T08:30:00.001Z",
    "2025-01-31T23:00:00-02:00",
];

impl Made {
    fn text(&self) -> String {
        let all = |parts: &[Made], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| format!("({})", part.text())).collect();
            parts.join(word)
        };
        match self {
            Self::And(parts) => all(parts, " and "),
            Self::Or(parts) => all(parts, " or "),
            Self::Not(inner) => format!("not ({})", inner.text()),
            Self::Present(name) => format!("{} pr", name.path),
            Self::Compare(name, operator, literal) => format!("{} {operator} {literal}", name.path),
            Self::Element(inner) => format!("emails[{}]", inner.text()),
        }
    }

    fn holds(&self, resource: &Value) -> bool {
        match self {
            Self::And(parts) => !parts.iter().any(|part| !part.holds(resource)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(resource)),
            Self::Not(inner) => !inner.holds(resource),
            Self::Present(name) => values(resource, name.place).iter().any(|value| **value != json!("")),
            Self::Compare(name, operator, literal) => compare(*name, operator, literal, resource),
            Self::Element(inner) => {
                resource["emails"].as_array().is_some_and(|elements| elements.iter().any(|e| inner.holds(e)))
            }
        }
    }
}

/// All values at the place; arrays are gone through.
fn values<'v>(value: &'v Value, place: &[&str]) -> Vec<&'v Value> {
    if let Some(elements) = value.as_array() {
        return elements.iter().flat_map(|element| values(element, place)).collect();
    }
    match place {
        [] => vec![value],
        [first, rest @ ..] => value.get(first).map(|part| values(part, rest)).unwrap_or_default(),
    }
}

fn compare(name: Name, operator: &str, literal: &Value, resource: &Value) -> bool {
    let found = values(resource, name.place);
    if literal.is_null() {
        let empty = found.iter().all(|value| **value == json!(""));
        return empty == (operator == "eq");
    }
    if operator == "ne" {
        return found.is_empty() || found.iter().any(|value| !one(name, "eq", literal, value));
    }
    found.iter().any(|value| one(name, operator, literal, value))
}

fn one(name: Name, operator: &str, literal: &Value, value: &Value) -> bool {
    let (Some(literal), Some(value)) = (literal.as_str(), value.as_str()) else { return literal == value };
    if let (true, Ok(literal), Ok(value)) =
        (name.path.starts_with("meta"), literal.parse::<jiff::Timestamp>(), value.parse::<jiff::Timestamp>())
    {
        return in_order(operator, value.cmp(&literal));
    }
    let form = |text: &str| if name.exact { text.to_owned() } else { text.to_lowercase() };
    let (literal, value) = (form(literal), form(value));
    match operator {
        "co" => value.contains(&literal),
        "sw" => value.starts_with(&literal),
        "ew" => value.ends_with(&literal),
        _ => in_order(operator, value.cmp(&literal)),
    }
}

fn in_order(operator: &str, order: std::cmp::Ordering) -> bool {
    match operator {
        "eq" => order.is_eq(),
        "gt" => order.is_gt(),
        "ge" => order.is_ge(),
        "lt" => order.is_lt(),
        "le" => order.is_le(),
        _ => panic!("{operator} is no order"),
    }
}

fn texts(names: &'static [Name]) -> impl Strategy<Value = Made> {
    let operators = vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
    prop_oneof![
        8 => (prop::sample::select(names), prop::sample::select(operators), prop::sample::select(&WORDS[..]))
            .prop_map(|(name, operator, word)| Made::Compare(name, operator, json!(word))),
        1 => (prop::sample::select(names), prop::sample::select(vec!["eq", "ne"]))
            .prop_map(|(name, operator)| Made::Compare(name, operator, Value::Null)),
        1 => prop::sample::select(names).prop_map(Made::Present),
    ]
}

fn joined(leaf: impl Strategy<Value = Made> + 'static) -> impl Strategy<Value = Made> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Made::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Made::Or),
            inner.prop_map(|inner| Made::Not(Box::new(inner))),
        ]
    })
}

fn made() -> impl Strategy<Value = Made> {
    let equality = || prop::sample::select(vec!["eq", "ne"]);
    joined(prop_oneof![
        6 => texts(&TEXTS),
        2 => joined(texts(&OF_ELEMENTS)).prop_map(|inner| Made::Element(Box::new(inner))),
        1 => (prop::sample::select(&BOOLEANS[..]), equality(), any::<bool>())
            .prop_map(|(name, operator, value)| Made::Compare(name, operator, json!(value))),
        1 => (
            prop::sample::select(&INSTANTS[..]),
            prop::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"]),
            prop::sample::select(&TIMES[..]),
        )
            .prop_map(|(name, operator, time)| Made::Compare(name, operator, json!(time))),
    ])
}

fn resource() -> impl Strategy<Value = Value> {
    let word = || prop::option::of(prop::sample::select(&WORDS[..]));
    let mails = prop::collection::vec((prop::sample::select(&WORDS[..]), word(), any::<bool>()), 0..4);
    let mails = mails.prop_map(|mails| {
        let mail = |(value, kind, primary)| json!({"value": value, "type": kind, "primary": primary});
        mails.into_iter().map(mail).collect::<Vec<_>>()
    });
    let time = prop::sample::select(&TIMES[..]);
    (word(), word(), word(), word(), prop::option::of(any::<bool>()), mails, time).prop_map(
        |(title, id, given, department, active, mails, time)| {
            let mut user = stored(
                users(),
                json!({"userName": "aB", "title": title, "externalId": id, "name": {"givenName": given},
                       "active": active, "emails": mails, (ENTERPRISE): {"department": department}}),
            );
            user["meta"]["lastModified"] = json!(time);
            Value::Object(user)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn both_opinions_agree(made in made(), resource in resource()) {
        let text = made.text();
        let filter = Filter::parse(&text, users()).expect("built to be valid");
        let document = resource.as_object().expect("an object");
        prop_assert_eq!(filter.matches(document), made.holds(&resource), "{}", text);
        let again = Filter::parse(&filter.to_string(), users()).expect("printed to be valid");
        prop_assert_eq!(&again, &filter);
    }
}
