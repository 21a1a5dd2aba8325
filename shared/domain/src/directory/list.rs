//! Listing and filtering (RFC 7644 §3.4.2).

use super::{Directory, Resource};
use crate::error::Error;
use crate::store::{Id, Kind, Listing, Lookup, Record};
use scim::error::{Error as Refusal, ErrorKind};
use scim::filter::Filter;

/// Records read at once on a walk.
const STRIDE: usize = 250;

/// What a client wants to see.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Only resources that match.
    pub filter: Option<&'a Filter>,
    /// How many of those to leave out at the front: `startIndex` less one.
    pub offset: usize,
    /// How many to show at most.
    pub count: usize,
    /// Whether the members of groups are shown.
    pub with_members: bool,
}

/// A page of resources.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many there are on all pages.
    pub total: usize,
    /// Those of this page.
    pub resources: Vec<Resource>,
}

impl Directory {
    /// A page of the resources that match. Without a filter, or with one that a claim or a look-up answers,
    /// the cost does not grow with the directory; any other filter walks all of it.
    pub async fn list(&self, kind: Kind, wanted: &Wanted<'_>) -> Result<Page, Error> {
        let Some(filter) = wanted.filter else {
            let Listing { total, records } =
                self.store.page(&self.id, kind, wanted.offset, wanted.count).await?;
            let mut resources = Vec::with_capacity(records.len());
            for record in records {
                resources.push(self.show(kind, record, wanted.with_members).await?);
            }
            return Ok(Page { total, resources });
        };
        if kind == Kind::User && filter.mentions("groups") {
            let detail =
                "groups of users cannot be asked for yet; ask for groups by members.value".to_owned();
            return Err(Refusal { kind: ErrorKind::InvalidFilter, detail }.into());
        }
        let mut matches = Matches { page: Page { total: 0, resources: Vec::new() }, wanted, filter };
        match self.candidates(kind, filter).await? {
            Some(records) => self.sift(kind, records, &mut matches).await?,
            None => {
                let mut walk = self.store.walk(&self.id, kind).await?;
                while let Some(records) = self.store.stride(&self.id, kind, &mut walk, STRIDE).await? {
                    self.sift(kind, records, &mut matches).await?;
                }
            }
        }
        Ok(matches.page)
    }

    /// The only records that can match, if the filter names a value that a claim or a look-up knows.
    async fn candidates(&self, kind: Kind, filter: &Filter) -> Result<Option<Vec<Record>>, Error> {
        for (attribute, value) in filter.equalities() {
            let ids = match (kind, attribute.as_str()) {
                (_, "id") => Id::parse(value).into_iter().collect(),
                (Kind::User, "username") | (Kind::Group, "displayname") => {
                    self.store.find(&self.id, kind, Lookup::Name(value)).await?
                }
                (_, "externalid") => self.store.find(&self.id, kind, Lookup::ExternalId(value)).await?,
                (Kind::User, "emails.value") => self.store.find(&self.id, kind, Lookup::Mail(value)).await?,
                (Kind::Group, "members.value") => match Id::parse(value) {
                    Some(member) => self.groups_of(member).await?,
                    None => Vec::new(),
                },
                _ => continue,
            };
            return self.store.existing(&self.id, kind, &ids).await.map(Some);
        }
        Ok(None)
    }

    async fn sift(&self, kind: Kind, records: Vec<Record>, matches: &mut Matches<'_>) -> Result<(), Error> {
        let needs_members = kind == Kind::Group && matches.filter.mentions("members");
        for record in records {
            let mut resource = self.show(kind, record, needs_members).await?;
            if !matches.filter.matches(&resource.document) {
                continue;
            }
            matches.page.total += 1;
            if !matches.on_this_page() {
                continue;
            }
            if kind == Kind::Group && matches.wanted.with_members != needs_members {
                resource = self.show(kind, resource.record, matches.wanted.with_members).await?;
            }
            matches.page.resources.push(resource);
        }
        Ok(())
    }
}

/// What has matched so far.
struct Matches<'a> {
    page: Page,
    wanted: &'a Wanted<'a>,
    filter: &'a Filter,
}

impl Matches<'_> {
    fn on_this_page(&self) -> bool {
        self.page.total > self.wanted.offset && self.page.resources.len() < self.wanted.count
    }
}
