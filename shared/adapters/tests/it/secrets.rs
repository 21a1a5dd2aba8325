//! One contract for those who keep the key of the deployment: KMS, and a file.

use adapters::embedded::{KeyFileError, open_key_file};
use adapters::kms::KmsKeys;
use adapters::system::SystemRandom;
use domain::secret::{KeyKeeper, Vault};
use domain::store::{DirectoryId, Name};
use emulator::{Fault, Kms};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

fn directory(name: &str) -> DirectoryId {
    DirectoryId::new(Name::new("acme").unwrap(), Name::new(name).unwrap())
}

async fn kms(kms: &Kms) -> Arc<dyn KeyKeeper> {
    let config = adapters::aws::at_endpoint(&kms.endpoint(), "test", "test").await;
    Arc::new(KmsKeys::new(&config, "alias/muster", Arc::new(SystemRandom)))
}

async fn check(keys: Arc<dyn KeyKeeper>) {
    let (people, others) = (directory("people"), directory("advocates"));
    let (one, two) = (keys.fresh(&people).await.unwrap(), keys.fresh(&people).await.unwrap());
    assert_ne!((&one.key, &one.wrapped), (&two.key, &two.wrapped));
    assert_eq!(keys.unwrap(&people, &one.wrapped).await.unwrap(), Some(one.key.clone()));
    assert_eq!(keys.unwrap(&others, &one.wrapped).await.unwrap(), None, "wrapped for another directory");
    for broken in [&one.wrapped[1..], b"", b"something else that nobody has wrapped"] {
        assert_eq!(keys.unwrap(&people, broken).await.unwrap(), None);
    }
    let vault = Vault::new(keys, Arc::new(SystemRandom));
    let sealed = vault.seal(&people, "nightly/password", b"correct horse").await.unwrap();
    let opened = vault.open(&people, "nightly/password", &sealed).await.unwrap();
    assert_eq!(opened.as_deref().map(Vec::as_slice), Some(b"correct horse".as_slice()));
    assert!(vault.open(&others, "nightly/password", &sealed).await.unwrap().is_none());
}

#[tokio::test]
async fn kms_keeps_the_contract() {
    check(kms(&Kms::start()).await).await;
}

#[tokio::test]
async fn a_key_file_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.key");
    check(Arc::new(open_key_file(&path, Arc::new(SystemRandom)).unwrap())).await;
}

#[tokio::test]
async fn kms_is_asked_again_where_that_may_help() {
    let emulated = Kms::start();
    let keys = kms(&emulated).await;
    for fault in [Fault::Throttle, Fault::LostReply, Fault::ServerError] {
        emulated.inject(fault, 2);
        let key = keys.fresh(&directory("people")).await.unwrap();
        emulated.inject(fault, 2);
        assert_eq!(keys.unwrap(&directory("people"), &key.wrapped).await.unwrap(), Some(key.key));
    }
    assert_eq!(emulated.requests(), 3 * 2 * 3);
}

#[tokio::test]
async fn a_key_file_is_private_and_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.key");
    let people = directory("people");
    let key = open_key_file(&path, Arc::new(SystemRandom)).unwrap().fresh(&people).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = open_key_file(&path, Arc::new(SystemRandom)).unwrap();
    assert_eq!(again.unwrap(&people, &key.wrapped).await.unwrap(), Some(key.key));
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(open_key_file(&path, Arc::new(SystemRandom)), Err(KeyFileError::Open)));
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "short").unwrap();
    assert!(matches!(open_key_file(&path, Arc::new(SystemRandom)), Err(KeyFileError::Damaged)));
    assert_eq!(fs::read(&path).unwrap(), b"short");
}
