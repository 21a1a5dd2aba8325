//! The part of the server that lets guests in.

use super::files::{Disk, Files};
use super::{Quirk, SFTP_USER, SftpSetup, lock};
use russh::keys::PublicKey;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, Response, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, Disconnect, Error, MethodKind, MethodSet};
use std::borrow::Cow;
use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex};

/// A connection.
pub(super) struct Guest {
    setup: Arc<SftpSetup>,
    disk: Arc<Mutex<Disk>>,
    channels: HashMap<ChannelId, Channel<Msg>>,
    /// Whether the key was right where a password is wanted too.
    key_was_right: bool,
}

impl Guest {
    pub(super) fn new(setup: Arc<SftpSetup>, disk: Arc<Mutex<Disk>>) -> Self {
        Self { setup, disk, channels: HashMap::new(), key_was_right: false }
    }

    fn is(&self, quirk: &Quirk) -> bool {
        self.setup.quirk.as_ref() == Some(quirk)
    }

    async fn tried(&self) {
        lock(&self.disk).logins += 1;
        if self.is(&Quirk::StallsAtLogin) {
            pending::<()>().await;
        }
    }

    fn judge_password(&self, user: &str, password: &[u8]) -> Auth {
        let right = self.setup.password.as_ref().is_some_and(|right| right.as_bytes() == password);
        let complete = !self.setup.wants_both || self.key_was_right;
        if user == SFTP_USER && right && complete { Auth::Accept } else { Auth::reject() }
    }
}

impl Handler for Guest {
    type Error = Error;

    async fn auth_none(&mut self, _: &str) -> Result<Auth, Error> {
        if self.is(&Quirk::HangsUpAtLogin) { Err(Error::Disconnect) } else { Ok(Auth::reject()) }
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Error> {
        self.tried().await;
        if self.is(&Quirk::HangsUpOnPassword) {
            return Err(Error::Disconnect);
        }
        Ok(self.judge_password(user, password.as_bytes()))
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Error> {
        self.tried().await;
        let right = self.setup.public_key.as_deref().and_then(|line| PublicKey::from_openssh(line).ok());
        let right = right.is_some_and(|right| right.key_data() == key.public_key.key_data());
        if user != SFTP_USER || !right {
            return Ok(Auth::reject());
        }
        if !self.setup.wants_both {
            return Ok(Auth::Accept);
        }
        self.key_was_right = true;
        let mut left = MethodSet::empty();
        left.push(MethodKind::Password);
        Ok(Auth::Reject { proceed_with_methods: Some(left), partial_success: true })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Error> {
        let Some(mut answers) = response else {
            let questions: Vec<_> =
                self.setup.questions.iter().map(|(words, seen)| (Cow::Borrowed(*words), *seen)).collect();
            return Ok(Auth::Partial {
                name: Cow::Borrowed(""),
                instructions: Cow::Borrowed(""),
                prompts: Cow::Owned(questions),
            });
        };
        self.tried().await;
        let first = answers.next().unwrap_or_default();
        Ok(self.judge_password(user, &first))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Result<(), Error> {
        if self.is(&Quirk::StallsAtSubsystem) {
            return Ok(());
        }
        let channel =
            self.channels.remove(&id).filter(|_| name == "sftp" && !self.is(&Quirk::RefusesSubsystem));
        let Some(channel) = channel else {
            return session.channel_failure(id);
        };
        session.channel_success(id)?;
        if let Some(Quirk::SaysInsteadOfSftp(words)) = self.setup.quirk {
            return session.data(id, words).map(drop);
        }
        let files = Files::new(Arc::clone(&self.setup), Arc::clone(&self.disk), session.handle());
        russh_sftp::server::run(channel.into_stream(), files).await;
        Ok(())
    }
}

/// Ends a connection from within SFTP.
pub(super) async fn hang_up(session: &russh::server::Handle) {
    // It may be gone already.
    let _ = session.disconnect(Disconnect::ByApplication, "restarting".to_owned(), String::new()).await;
    pending::<()>().await;
}
