//! Recursive descent over the grammar of RFC 7644 figure 1; every recursion is counted against a limit.

use super::{
    MAX_DEPTH, MAX_LENGTH, MAX_TERMS,
    lexer::{Token, failure, tokens},
    node::{Comparison, Literal, Node, Operator},
};
use crate::{
    body::describe_unknown,
    error::{Error, ErrorKind},
    fold::{fold, fold_part},
    schema::{Attribute, AttributeRef, Kind, Resolved, ResourceType, Returned, nearest},
    tolerance::{Quirk, Tolerances},
    value::scalar::{boolean, instant},
};
use serde_json::Number;
use std::sync::Arc;

/// Reads one filter, or one path with a filter in it.
pub(crate) struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(usize, Token<'t>)>,
    next: usize,
    resource_type: &'t ResourceType,
    /// Types whose attributes may be named as well.
    others: &'t [ResourceType],
    /// The attribute whose value path is being read: names are its sub-attributes.
    element: Option<Arc<Attribute>>,
    depth: usize,
    terms: usize,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(text: &'t str, resource_type: &'t ResourceType) -> Result<Self, Error> {
        if text.len() > MAX_LENGTH {
            let detail = format!("the filter has {} bytes; at most {MAX_LENGTH} are read", text.len());
            return Err(Error::new(ErrorKind::InvalidFilter, detail));
        }
        let tokens = tokens(text)?;
        Ok(Self { text, tokens, next: 0, resource_type, others: &[], element: None, depth: 0, terms: 0 })
    }

    /// The same, where attributes of these types may be named too.
    pub(crate) fn beside(self, others: &'t [ResourceType]) -> Self {
        Self { others, ..self }
    }

    /// Alternatives, each a conjunction: `or` binds less than `and`.
    pub(crate) fn expression(&mut self) -> Result<Node, Error> {
        let mut parts = vec![self.conjunction()?];
        while self.take_word("or") {
            parts.push(self.conjunction()?);
        }
        Ok(single_or(parts, Node::Or))
    }

    /// Refuses whatever is left.
    pub(crate) fn end(&self, expected: &str) -> Result<(), Error> {
        if *self.peek() == Token::End { Ok(()) } else { Err(self.fail(expected)) }
    }

    fn conjunction(&mut self) -> Result<Node, Error> {
        let mut parts = vec![self.term()?];
        while self.take_word("and") {
            parts.push(self.term()?);
        }
        Ok(single_or(parts, Node::And))
    }

    fn term(&mut self) -> Result<Node, Error> {
        if *self.peek() == Token::OpenParenthesis {
            return self.group();
        }
        let negated = matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case("not"))
            && self.tokens.get(self.next + 1).is_some_and(|(_, token)| *token == Token::OpenParenthesis);
        if negated {
            self.advance();
            return Ok(Node::Not(Box::new(self.group()?)));
        }
        self.attribute_term()
    }

    fn group(&mut self) -> Result<Node, Error> {
        self.advance();
        self.nested(|parser| {
            let inner = parser.expression()?;
            parser.expect(&Token::CloseParenthesis, "\"and\", \"or\" or \")\"")?;
            Ok(inner)
        })
    }

    /// Counts a level of nesting: this is what keeps the stack bounded, here and wherever a tree is walked.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == MAX_DEPTH {
            return Err(self.fail(&format!("at most {MAX_DEPTH} levels of nesting")));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn attribute_term(&mut self) -> Result<Node, Error> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(self.fail(&format!("at most {MAX_TERMS} comparisons")));
        }
        let target = self.attribute()?;
        self.check_returned(&target)?;
        if *self.peek() == Token::OpenBracket {
            return self.value_path(target);
        }
        self.comparison(target)
    }

    /// `emails[…]`, and behind it perhaps `.value eq "x"`, which is then one more condition on the same element.
    fn value_path(&mut self, target: AttributeRef) -> Result<Node, Error> {
        let inner = self.selection(&target)?;
        let Token::Word(word) = *self.peek() else { return Ok(Node::Element(target, Box::new(inner))) };
        let Some(name) = word.strip_prefix('.') else { return Ok(Node::Element(target, Box::new(inner))) };
        let Some(sub) = target.attribute.sub_attribute(name).cloned() else {
            return Err(self.fail(&format!("a sub-attribute of {target}")));
        };
        self.advance();
        let condition = self.comparison(AttributeRef { extension: None, attribute: sub, sub: None })?;
        let mut parts = match inner {
            Node::And(parts) => parts,
            other => vec![other],
        };
        parts.push(condition);
        Ok(Node::Element(target, Box::new(Node::And(parts))))
    }

    /// The filter between brackets, over the sub-attributes of the target.
    pub(crate) fn selection(&mut self, target: &AttributeRef) -> Result<Node, Error> {
        if self.element.is_some() || target.sub.is_some() || target.attribute.kind != Kind::Complex {
            return Err(self.fail("an operator: only a complex attribute has values to select"));
        }
        self.advance();
        self.element = Some(Arc::clone(&target.attribute));
        let inner = self.nested(|parser| {
            let inner = parser.expression()?;
            parser.expect(&Token::CloseBracket, "\"and\", \"or\" or \"]\"")?;
            Ok(inner)
        });
        self.element = None;
        inner
    }

    fn attribute(&mut self) -> Result<AttributeRef, Error> {
        let &Token::Word(word) = self.peek() else { return Err(self.fail("the name of an attribute")) };
        let found = match &self.element {
            Some(element) => element.sub_attribute(word).map(|sub| AttributeRef {
                extension: None,
                attribute: Arc::clone(sub),
                sub: None,
            }),
            None => [self.resource_type].into_iter().chain(self.others).find_map(|t| match t.resolve(word) {
                Some(Resolved::Attribute(found)) => Some(found),
                _ => None,
            }),
        };
        let Some(found) = found else { return Err(self.unknown(word)) };
        self.advance();
        Ok(found)
    }

    fn unknown(&self, word: &str) -> Error {
        let hint = if let Some(element) = &self.element {
            let near = nearest(word, element.sub_attributes.iter().map(|sub| sub.name.as_str()));
            let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
            format!("a sub-attribute of {}{hint}", element.name)
        } else {
            format!("an attribute ({})", describe_unknown(self.resource_type, word))
        };
        self.fail(&hint)
    }

    /// What is never returned could be found out by searching for it, letter by letter.
    fn check_returned(&self, target: &AttributeRef) -> Result<(), Error> {
        if [&target.attribute, target.leaf()].iter().any(|part| part.returned == Returned::Never) {
            return Err(self.fail("another attribute: this one is never returned, and so never searched,"));
        }
        Ok(())
    }

    fn comparison(&mut self, target: AttributeRef) -> Result<Node, Error> {
        if self.take_word("pr") {
            return Ok(Node::Present(target));
        }
        let operator = match self.peek() {
            Token::Word(word) => Operator::from_word(word),
            _ => None,
        };
        let Some(operator) = operator else {
            return Err(self.fail("an operator (eq ne co sw ew gt ge lt le pr)"));
        };
        let target = self.comparable(target)?;
        self.check_returned(&target)?;
        self.check_operator(&target, operator)?;
        self.advance();
        let literal = self.literal(&target, operator)?;
        Ok(Node::Compare(Comparison { target, operator, literal }))
    }

    /// The target itself, or its `value` if it is complex and has one.
    fn comparable(&self, target: AttributeRef) -> Result<AttributeRef, Error> {
        if target.leaf().kind != Kind::Complex {
            return Ok(target);
        }
        match target.attribute.sub_attribute("value") {
            Some(value) => Ok(AttributeRef { sub: Some(Arc::clone(value)), ..target }),
            None => Err(self.fail(&format!("\"pr\" or a sub-attribute: {target} is complex"))),
        }
    }

    /// RFC 7644 table 3: booleans and binary values have no order; only text has parts.
    fn check_operator(&self, target: &AttributeRef, operator: Operator) -> Result<(), Error> {
        let kind = target.leaf().kind;
        let fits = match kind {
            Kind::Boolean => !operator.is_order() && !operator.is_substring(),
            Kind::Binary => !operator.is_order(),
            Kind::Integer | Kind::Decimal => !operator.is_substring(),
            _ => true,
        };
        if fits {
            return Ok(());
        }
        Err(self.fail(&format!("an operator that fits {target}, which is {}", kind.as_str())))
    }

    fn literal(&mut self, target: &AttributeRef, operator: Operator) -> Result<Literal, Error> {
        let tolerances = self.resource_type.tolerances;
        let leaf = target.leaf();
        let literal = match self.peek() {
            Token::Text(text) => from_text(leaf, text, operator, tolerances),
            Token::Word(word) => from_word(leaf, word, operator, tolerances),
            _ => None,
        };
        let Some(literal) = literal else {
            return Err(self.fail(&format!("{} to compare {target} with", expected(leaf.kind))));
        };
        self.advance();
        Ok(literal)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(next) if next.eq_ignore_ascii_case(word));
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, token: &Token<'_>, expected: &str) -> Result<(), Error> {
        if self.peek() != token {
            return Err(self.fail(expected));
        }
        self.advance();
        Ok(())
    }

    fn peek(&self) -> &Token<'t> {
        self.tokens.get(self.next).map_or(&Token::End, |(_, token)| token)
    }

    fn advance(&mut self) {
        self.next += 1;
    }

    /// The word that comes next, taken; for paths, which begin and end with one.
    pub(crate) fn word(&mut self) -> Option<&'t str> {
        let &Token::Word(word) = self.peek() else { return None };
        self.advance();
        Some(word)
    }

    /// Whether a filter in brackets comes next.
    pub(crate) fn at_selection(&self) -> bool {
        *self.peek() == Token::OpenBracket
    }

    fn fail(&self, expected: &str) -> Error {
        let at = self.tokens.get(self.next).map_or(self.text.len(), |(at, _)| *at);
        failure(self.text, at, expected, &self.peek().describe())
    }
}

fn single_or(mut parts: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

fn from_text(leaf: &Attribute, text: &str, operator: Operator, tolerances: Tolerances) -> Option<Literal> {
    match leaf.kind {
        Kind::String | Kind::Reference | Kind::Binary => {
            let form = if operator.is_substring() { fold_part } else { fold };
            Some(Literal::Text { written: text.to_owned(), folded: (!leaf.case_exact).then(|| form(text)) })
        }
        Kind::DateTime | Kind::Instant if operator.is_substring() => {
            Some(Literal::Text { written: text.to_owned(), folded: None })
        }
        Kind::DateTime | Kind::Instant => {
            instant(text).map(|at| Literal::Instant { written: text.to_owned(), at })
        }
        Kind::Boolean if tolerances.allows(Quirk::BooleanText) => boolean(text).map(Literal::Boolean),
        Kind::Boolean | Kind::Integer | Kind::Decimal | Kind::Complex => None,
    }
}

/// A literal without quotes: null, a boolean, a number, or text of which the quotes were forgotten.
fn from_word(leaf: &Attribute, word: &str, operator: Operator, tolerances: Tolerances) -> Option<Literal> {
    let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    if word.eq_ignore_ascii_case("null") {
        return equality.then_some(Literal::Null);
    }
    let number: Option<Number> = serde_json::from_str(word).ok();
    match leaf.kind {
        Kind::Boolean => boolean(word).map(Literal::Boolean),
        Kind::Integer | Kind::Decimal => number.map(Literal::Number),
        _ if number.is_some() || boolean(word).is_some() || word.starts_with('\'') => None,
        _ if tolerances.allows(Quirk::BareLiteral) => from_text(leaf, word, operator, tolerances),
        _ => None,
    }
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "true or false",
        Kind::Integer | Kind::Decimal => "a number",
        Kind::DateTime | Kind::Instant => "a dateTime in quotes, such as \"2026-01-31T08:30:00Z\",",
        Kind::String | Kind::Reference | Kind::Binary | Kind::Complex => "a text in quotes",
    }
}
