//! Lists and searches (RFC 7644 §3.4.2, §3.4.3): the same question, asked by GET or by POST, of one type or of all.

use crate::answer::{View, text};
use crate::call::{Call, kind_at};
use crate::error::Failure;
use crate::request::{Body, Parameters};
use axum::http::StatusCode;
use axum::response::Response;
use domain::directory::{Directory, Page, Paging, Position, Query, Resource, Wanted};
use domain::store::Kind;
use scim::filter::Filter;
use scim::list::{PageFacts, Paging as Asked, write_list};
use scim::schema::ResourceType;
use scim::sort::Sort;

/// Resources on a page for which no `count` was asked.
pub const DEFAULT_PAGE: usize = 100;
/// Resources on a page at most: with users of 2 KB well below what one answer may carry.
pub const MAX_PAGE: usize = 500;

type Answer = Result<Response, Failure>;

/// `/.search` at the root: all types, one after the other.
pub(crate) async fn search_all(call: Call, body: Body) -> Answer {
    call.for_all()?;
    let parameters = Parameters::of_search(&body.of(&call.directory)?)?;
    let types = call.directory.opened().registry.resource_types();
    let kinds: Vec<Kind> = types.iter().filter_map(Kind::of).collect();
    answer(&kinds, &call.directory, "", &parameters).await
}

/// `/Users/.search` and the like.
pub(crate) async fn search_one(call: Call, body: Body) -> Answer {
    call.for_all()?;
    let parameters = Parameters::of_search(&body.of(&call.directory)?)?;
    let kind = kind_at(&call.directory, &call.endpoint)?;
    answer(&[kind], &call.directory, &call.endpoint, &parameters).await
}

/// What a list is asked for of one type.
struct Part {
    kind: Kind,
    filter: Option<Filter>,
    sort: Option<Sort>,
    view: View,
}

impl Part {
    /// That of one type, beside `others`: where it lacks an attribute that one of them has, no resource of it has
    /// a value (RFC 7644 §3.4.2.1).
    fn new(
        kind: Kind,
        others: &[ResourceType],
        directory: &Directory,
        parameters: &Parameters,
    ) -> Result<Self, Failure> {
        let resource_type = directory.resource_type(kind)?;
        let text = parameters.get("filter").filter(|text| !text.trim().is_empty());
        Ok(Self {
            kind,
            filter: text.map(|text| Filter::parse_beside(text, resource_type, others)).transpose()?,
            sort: Self::sort(resource_type, others, parameters)?,
            view: View::new(
                directory,
                kind,
                parameters.get("attributes"),
                parameters.get("excludedAttributes"),
            )?,
        })
    }

    fn sort(
        resource_type: &ResourceType,
        others: &[ResourceType],
        parameters: &Parameters,
    ) -> Result<Option<Sort>, Failure> {
        let of = |one| Sort::parse(parameters.get("sortBy"), parameters.get("sortOrder"), one);
        match of(resource_type) {
            Err(_) if others.iter().any(|other| of(other).is_ok()) => Ok(None),
            sort => Ok(sort?),
        }
    }

    async fn page(&self, directory: &Directory, paging: Paging) -> Result<Page, Failure> {
        let (filter, sort) = (self.filter.as_ref(), self.sort.as_ref());
        Ok(directory.list(self.kind, &Wanted { filter, sort, paging, shown: self.view.shown() }).await?)
    }
}

/// The list response over these types, one after the other.
pub(crate) async fn answer(
    kinds: &[Kind],
    directory: &Directory,
    endpoint: &str,
    parameters: &Parameters,
) -> Answer {
    let asked = Asked::parse(
        parameters.get("startIndex"),
        parameters.get("count"),
        parameters.get("cursor"),
        DEFAULT_PAGE,
        MAX_PAGE,
    )?;
    let parts = understood(kinds, directory, parameters)?;
    match asked {
        Asked::Index { start_index, count } => by_index(directory, &parts, start_index, count).await,
        Asked::Cursor { cursor, count } => {
            let query = query(&parts, endpoint, parameters);
            by_cursor(directory, &parts, &query, cursor.as_deref(), count).await
        }
    }
}

/// The question as each type understands it.
fn understood(kinds: &[Kind], directory: &Directory, parameters: &Parameters) -> Result<Vec<Part>, Failure> {
    let others = match kinds {
        [_] => &[],
        _ => directory.opened().registry.resource_types(),
    };
    kinds.iter().map(|kind| Part::new(*kind, others, directory, parameters)).collect()
}

async fn by_index(directory: &Directory, parts: &[Part], start_index: usize, count: usize) -> Answer {
    let mut offset = start_index.saturating_sub(1);
    let (mut total, mut shown) = (0, Vec::new());
    for part in parts {
        let page = part.page(directory, Paging::Offset { offset, count: count - shown.len() }).await?;
        let of_kind = page.total.unwrap_or_default();
        total += of_kind;
        offset = offset.saturating_sub(of_kind);
        shown.extend(page.resources.into_iter().map(|resource| (part, resource)));
    }
    let facts = PageFacts { total: Some(total), start_index: Some(start_index), next_cursor: None };
    written(directory, &facts, &shown)
}

async fn by_cursor(
    directory: &Directory,
    parts: &[Part],
    query: &Query,
    cursor: Option<&str>,
    count: usize,
) -> Answer {
    let (first, mut position) = match cursor {
        Some(cursor) => directory.place(query, cursor)?,
        None => (0, None),
    };
    let (mut shown, mut total, mut next): (_, _, Option<(usize, Option<Position>)>) =
        (Vec::new(), None, None);
    for (number, part) in parts.iter().enumerate().skip(first) {
        if shown.len() == count {
            next = Some((number, None));
            break;
        }
        let paging = Paging::After { position: position.take(), count: count - shown.len() };
        let page = part.page(directory, paging).await?;
        // Only of one type is the total that of the list.
        total = page.total.filter(|_| parts.len() == 1);
        shown.extend(page.resources.into_iter().map(|resource| (part, resource)));
        if let Some(position) = page.next {
            next = Some((number, Some(position)));
            break;
        }
    }
    let next_cursor = match next {
        Some((number, position)) => Some(directory.cursor(query, number, position.as_ref())?),
        None => None,
    };
    written(directory, &PageFacts { total, start_index: None, next_cursor }, &shown)
}

fn written(directory: &Directory, facts: &PageFacts, shown: &[(&Part, Resource)]) -> Answer {
    let mut body = Vec::with_capacity(256 + 1024 * shown.len());
    write_list(&mut body, facts, shown, |(part, resource), out| part.view.write(directory, resource, out))?;
    Ok(text(StatusCode::OK, body))
}

/// What the pages of one list have in common: filter and order in their canonical spelling.
fn query(parts: &[Part], endpoint: &str, parameters: &Parameters) -> Query {
    let printed = |part: &Part| part.filter.as_ref().map(ToString::to_string).unwrap_or_default();
    let sort =
        [parameters.get("sortBy"), parameters.get("sortOrder")].map(Option::unwrap_or_default).join(" ");
    Query {
        endpoint: endpoint.to_owned(),
        filter: parts.iter().map(printed).collect::<Vec<_>>().join("\n"),
        sort: sort.to_ascii_lowercase(),
    }
}
