//! `GET /tenants/{tenant}/directories/{directory}/export.csv`

use crate::Api;
use crate::answer::csv;
use crate::configurations;
use crate::error::Problem;
use crate::parameters::Parameters;
use crate::place::DirectoryPlace;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use domain::Error;
use domain::directory::{Directory, Position};
use domain::error::Causes;
use domain::import::export::{Export, ExportPart};
use domain::store::Origin;
use futures::stream::{self, Stream};
use std::sync::Arc;

/// The users of a directory as a file that a configuration imports back unchanged
///
/// It comes in parts, so a directory of any size is exported in little memory. A cell that a spreadsheet would take for a
/// formula begins with an apostrophe, which an import takes away again, as the empty columns `_line` and `_code` tell it.
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/directories/{directory}/export.csv",
    operation_id = "exportUsers",
    tag = "configurations",
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("directory" = String, Path, description = "The directory's name"),
        ("configuration" = Option<String>, Query, description = "The configuration's name; `default` where it is left out"),
    ),
    responses((status = 200, description = "A header, and a row for each user", body = String, content_type = "text/csv")),
)]
pub(crate) async fn export(
    State(api): State<Api>,
    place: DirectoryPlace,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&["configuration"])?;
    let (id, name) = (&place.entry.id, parameters.configuration_or_default()?);
    let configuration = configurations::entry(&api, id, &name).await?.document;
    let opened = api.store.open(id).await?;
    let directory = Directory::new(Arc::clone(&api.store), opened, Origin::recovery(), "");
    let export = Export::new(configuration);
    // What goes wrong with the first part can still be told.
    let first = export.part(&directory, None).await?;
    Ok(csv("users.csv", Body::from_stream(parts(export, directory, first))))
}

/// How far an export is.
enum Next {
    Read(ExportPart),
    Behind(Position),
    End,
}

fn parts(
    export: Export,
    directory: Directory,
    first: ExportPart,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    stream::try_unfold((export, directory, Next::Read(first)), async |(export, directory, next)| {
        let part = match next {
            Next::Read(part) => part,
            Next::Behind(position) => export.part(&directory, Some(position)).await.inspect_err(|error| {
                tracing::error!(error = %Causes(error), "an export broke off");
            })?,
            Next::End => return Ok(None),
        };
        let next = part.next.map_or(Next::End, Next::Behind);
        Ok(Some((Bytes::from(part.text), (export, directory, next))))
    })
}
