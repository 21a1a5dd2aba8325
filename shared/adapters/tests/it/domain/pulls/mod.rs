//! Pulls on both stores, with a server in memory: what is due is fetched once, whatever happens to it on the way.

mod cost;
mod faults;
mod nights;
mod real;
mod shelf;
mod told;

use super::{World, on_both_stores};
use adapters::system::SystemRandom;
use domain::import::configuration::Configuration;
use domain::import::engine::Silent;
use domain::import::problem::Code;
use domain::import::run::{Run, State};
use domain::outbox::Mailer;
use domain::pgp::PgpAlgorithm;
use domain::pull::diagnosis::StepStatus;
use domain::pull::puller::{Attended, Puller, Reach};
use domain::remote::Step;
use domain::secret::{OwnKey, Vault};
use domain::store::Name;
use jiff::Timestamp;
use serde_json::{Value, json};
pub(crate) use shelf::{AtOnce, NoKeys, Plainly, Postbox, Remote};
use std::sync::Arc;
use zeroize::Zeroizing;

pub(crate) const FILE: &str =
    "status,mail,lastName\nactive,ann@acme.example,Keller\nactive,bo@acme.example,Berg\n";

/// A world with a server, a configuration that fetches from it every night at half past two, and a postbox.
pub(crate) struct Night {
    pub(crate) world: World,
    pub(crate) remote: Remote,
    pub(crate) post: Postbox,
    pub(crate) name: Name,
    vault: Vault,
}

impl Night {
    pub(crate) async fn new(world: World, change: Value) -> Self {
        let random = Arc::new(SystemRandom);
        let vault = Vault::new(Arc::new(OwnKey::new(Zeroizing::new([7; 32]), random.clone())), random);
        let name = Name::new("nightly").unwrap();
        let purpose = "nightly/password";
        let password = vault.seal(&world.id, purpose, b"correct horse").await.unwrap();
        let mut document = json!({
            "source": {
                "kind": "sftp",
                "url": "sftp://files.acme.example/out/users.csv",
                "authentication": { "kind": "password", "username": "acme", "password": password },
            },
            "schedule": { "time": "02:30", "timezone": "Europe/Berlin" },
            "notifications": { "recipients": ["it@acme.example"] },
        });
        for (member, value) in change.as_object().unwrap() {
            match member.split_once('.') {
                Some((outer, inner)) => document[outer][inner] = value.clone(),
                None => document[member] = value.clone(),
            }
        }
        let document = document.as_object().unwrap().clone();
        let configuration = Configuration::from_document(&name, document).unwrap();
        assert!(world.store.create_configuration(&world.id, &configuration).await.unwrap());
        Self { world, remote: Remote::default(), post: Postbox::default(), name, vault }
    }

    pub(crate) fn puller(&self) -> Puller {
        let reach = Reach {
            remote: Arc::new(self.remote.clone()),
            keys: Arc::new(NoKeys),
            pgp: Arc::new(Plainly),
            vault: self.vault.clone(),
            pause: Arc::new(AtOnce),
        };
        Puller::new(Arc::clone(&self.world.store), self.world.importer(), reach)
    }

    /// Moves the clock to the next time that the schedule names.
    pub(crate) async fn until_due(&self) {
        let state = self.world.store.pull_state(&self.world.id, &self.name).await.unwrap();
        let left = state.due.unwrap().duration_since(self.world.now()).as_secs();
        self.world.clock.advance(left.max(0) + 1);
    }

    pub(crate) async fn attend(&self) -> Attended {
        self.puller().attend(&self.world.id, &self.name).await.unwrap()
    }

    /// Attends until something has come of the night, and lets the engine import what was fetched.
    pub(crate) async fn night(&self) -> Run {
        self.until_due().await;
        loop {
            match self.attend().await {
                Attended::Fetched(run) | Attended::Failed(run, _) => return self.imported(&run).await,
                Attended::LookedFor(_) => self.world.clock.advance(15 * 60),
                Attended::Nothing => panic!("nothing was due"),
            }
        }
    }

    pub(crate) async fn imported(&self, run: &str) -> Run {
        self.world.importer().work(&self.world.id, &Silent).await.unwrap();
        self.world.store.run(&self.world.id, run).await.unwrap().unwrap()
    }

    /// Delivers what waits, and gives the subjects of what has come since the last time.
    pub(crate) async fn mail(&self) -> Vec<String> {
        let from = "muster@acme.example".to_owned();
        let mailer = Mailer::new(Arc::clone(&self.world.store), Arc::new(self.post.clone()), from, None);
        mailer.deliver().await.unwrap();
        let sent = std::mem::take(&mut *self.post.sent.lock().unwrap());
        sent.iter().map(|message| kind(message)).collect()
    }

    pub(crate) async fn runs(&self) -> Vec<Run> {
        self.world.store.latest_runs(&self.world.id, 100).await.unwrap()
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }
}

/// What a message is about, by its header of that name.
fn kind(message: &str) -> String {
    let line = message.lines().find_map(|line| line.strip_prefix("X-Muster-Notice: "));
    line.unwrap_or_else(|| panic!("{message}")).trim().to_owned()
}

#[track_caller]
pub(crate) fn expect(run: &Run, state: State, code: Option<Code>) {
    assert_eq!((run.state, run.problem.as_ref().map(|problem| problem.code)), (state, code), "{run:?}");
}

on_both_stores! {
    a_file_is_fetched_once
    a_pull_by_hand
    an_encrypted_file
    test_access
}

async fn a_file_is_fetched_once(world: World) {
    let night = Night::new(world, json!({})).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    assert_eq!(night.attend().await, Attended::Nothing);
    night.until_due().await;
    assert_eq!(night.world.store.due_pulls(night.world.now()).await.unwrap().len(), 1);
    // The event comes twice at the same moment, and once more afterwards.
    let (one, two) = (night.puller(), night.puller());
    let (id, name) = (&night.world.id, &night.name);
    let (one, two) = futures::join!(one.attend(id, name), two.attend(id, name));
    let both = [one.unwrap(), two.unwrap()];
    let fetched: Vec<&Attended> = both.iter().filter(|one| matches!(one, Attended::Fetched(_))).collect();
    assert_eq!(fetched.len(), 1, "{both:?}");
    assert_eq!(night.remote.0.lock().unwrap().logins, 1, "both went to the server");
    assert_eq!(night.attend().await, Attended::Nothing);
    let [run] = &night.runs().await[..] else { panic!("not one run") };
    let run = night.imported(&run.id).await;
    expect(&run, State::Finished, None);
    assert_eq!((run.counts.created, run.source.name.as_str()), (2, "users.csv"));
    let provenance = run.provenance.unwrap();
    assert_eq!(
        (provenance.path.as_str(), provenance.server.as_str()),
        ("/out/users.csv", "files.acme.example:22")
    );
    assert_eq!(provenance.modified, Timestamp::from_second(1_000).ok());
    assert!(provenance.due.is_some());
    // The same file the next night changes nobody.
    let run = night.night().await;
    expect(&run, State::Finished, None);
    assert_eq!((run.counts.created, run.counts.unchanged), (0, 2));
    assert!(night.mail().await.is_empty());
}

async fn a_pull_by_hand(world: World) {
    let night = Night::new(world, json!({ "source.url": "sftp://files.acme.example/out/users_*.csv" })).await;
    night.remote.put("/out/users_1.csv", FILE, 1_000);
    night.remote.put("/out/users_2.csv.part", "half", 2_000);
    let (store, id, name) = (&night.world.store, &night.world.id, &night.name);
    let begun = store.begin_pull(id, name).await.unwrap();
    assert_eq!(begun.state, State::Queued);
    let again = store.begin_pull(id, name).await.unwrap_err();
    assert!(again.to_string().ends_with(&begun.id), "{again}");
    // Whoever looks what is due finds it, were the word to the function lost.
    assert_eq!(night.puller().attend_all(|| false).await.unwrap(), [Attended::Fetched(begun.id.clone())]);
    let run = night.imported(&begun.id).await;
    expect(&run, State::Finished, None);
    assert_eq!(run.source.name, "users_1.csv");
    assert_eq!(run.provenance.unwrap().due, None);
    // A file that is missing is not looked for again: somebody waits for the answer.
    night.remote.take("/out/users_1.csv");
    let begun = store.begin_pull(id, name).await.unwrap();
    assert_eq!(night.attend().await, Attended::Failed(begun.id, Code::SftpFileMissing));
    let uploaded = store.begin_pull(id, &Name::new("default").unwrap()).await.unwrap_err();
    assert!(uploaded.to_string().contains("uploaded"));
    assert!(store.begin_pull(id, &Name::new("none").unwrap()).await.is_err());
}

async fn an_encrypted_file(world: World) {
    let night = Night::new(world, json!({ "decryption": "pgp" })).await;
    let (store, id, name) = (&night.world.store, &night.world.id, &night.name);
    night.remote.put("/out/users.csv", FILE, 1_000);
    expect(&night.night().await, State::Failed, Some(Code::PgpNoKeys));
    let make = || store.create_pgp_key(night.vault(), &Plainly, id, name, PgpAlgorithm::Curve25519);
    let old = make().await.unwrap();
    expect(&night.night().await, State::Failed, Some(Code::PgpNotEncrypted));
    night.remote.put("/out/users.csv", &format!("{}:{FILE}", old.fingerprint), 2_000);
    let run = night.night().await;
    expect(&run, State::Finished, None);
    assert_eq!(run.provenance.unwrap().pgp_key, Some(old.fingerprint.clone()));
    // A new key is offered, and the old one still opens files until it is retired.
    night.world.clock.advance(1);
    let new = make().await.unwrap();
    assert_eq!(store.pgp_keys(id, name).await.unwrap()[0].fingerprint, new.fingerprint);
    expect(&night.night().await, State::Finished, None);
    store.retire_pgp_key(id, name, &old.fingerprint).await.unwrap();
    expect(&night.night().await, State::Failed, Some(Code::PgpForOthers));
    assert!(store.retire_pgp_key(id, name, "AB").await.is_err());
    // The keys go with the configuration.
    store.remove_configuration(id, name, None).await.unwrap();
    assert!(store.pgp_keys(id, name).await.unwrap().is_empty());
    assert!(make().await.is_err());
}

async fn test_access(world: World) {
    let night = Night::new(world, json!({ "source.after": "archive" })).await;
    let told = async || {
        let diagnosis = night.puller().test_access(&night.world.id, &night.name).await.unwrap().unwrap();
        let bad = diagnosis.steps.iter().find(|step| step.status == StepStatus::Failed);
        assert_eq!(diagnosis.ok, bad.is_none());
        bad.map(|step| (step.name, step.fact.clone()))
    };
    let (step, fact) = told().await.unwrap();
    assert_eq!(step, Step::MatchFile);
    assert!(fact.starts_with("There is no such file (users.csv in /out). See whether"), "{fact}");
    night.remote.put("/out/users.csv", "status,mail\nactive,ann@acme.example\n", 1_000);
    assert_eq!(told().await.unwrap().0, Step::Mapping);
    night.remote.put("/out/users.csv", "\x00\x01\x02", 1_000);
    assert_eq!(told().await.unwrap().0, Step::Decode);
    night.remote.put("/out/users.csv", FILE, 1_000);
    assert_eq!(told().await, None);
    night.remote.refuse(Some((Step::Authenticate, Code::SftpCredentialsRefused)));
    assert_eq!(told().await.unwrap().0, Step::Authenticate);
    assert!(night.runs().await.is_empty() && night.mail().await.is_empty());
}
