//! `muster tenant`, `muster directory` and `muster token`: requests to the admin API, made in this process or in the
//! server that has the data folder open. So these commands know no rule of their own.

mod administration;
mod reach;
mod request;
mod words;

pub(crate) use administration::{Administration, api};
pub(crate) use reach::Api;
pub(crate) use request::{Reply, Request};

use crate::cli::{Administer, Directory, Place, Tenant, Token};
use crate::failure::Failure;
use std::io::Write as _;
use std::process::ExitCode;

/// Does what the command says, and tells what came of it.
pub(crate) async fn administer(command: &Administer) -> ExitCode {
    match carry_out(command).await {
        Ok(text) => {
            // A closed stdout is the reader's decision: the exit code still says how it went.
            let _ = writeln!(std::io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(failure) => failure.tell(),
    }
}

async fn carry_out(command: &Administer) -> Result<String, Failure> {
    let request = Request::of(command);
    let place = place(command);
    let reply = Api::open(&place.data).await?.ask(&request).await?;
    if !reply.is_success() {
        return Err(words::refusal(command, &reply));
    }
    Ok(if place.json { reply.body.to_string() } else { words::done(command, &reply.body) })
}

fn place(command: &Administer) -> &Place {
    match command {
        Administer::Tenant(Tenant::Create { place, .. })
        | Administer::Directory(Directory::Create { place, .. } | Directory::Set { place, .. })
        | Administer::Token(
            Token::Create { place, .. } | Token::List { place, .. } | Token::Revoke { place, .. },
        ) => place,
    }
}
