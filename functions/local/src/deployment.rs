//! A running deployment, over its admin API.

use crate::failure::Failure;
use axum::http::Uri;
use axum::http::uri::Authority;
use rustls::crypto::ring;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, SendBody};

/// Time for reaching the deployment, and for the beginning of an answer.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_mins(1);
/// Bytes of an answer that are read; a page of a plan has far fewer.
const MAX_ANSWER_BYTES: u64 = 64 * 1024 * 1024;
/// Characters of an answer that nobody expects which are shown.
const SHOWN_CHARS: usize = 200;

/// Where it is, and the key that opens it.
pub(crate) struct Deployment {
    agent: Agent,
    /// Scheme and authority, without a slash at the end.
    origin: String,
    base: String,
    authorization: String,
}

impl Deployment {
    /// The deployment at this address, with or without the path of its admin API.
    ///
    /// # Errors
    /// For what is no address of HTTP, and for one that would send the key in the clear over a network.
    pub(crate) fn at(url: &str, key: &str) -> Result<Self, Failure> {
        let unfit =
            |why: &str| Failure::new(format!("--url {url}: {why}, such as https://muster.example.com"));
        let address: Uri = url.parse().map_err(|_| unfit("write an address"))?;
        let (Some(scheme), Some(authority)) = (address.scheme_str(), address.authority()) else {
            return Err(unfit("write a whole address"));
        };
        if scheme != "https" && !(scheme == "http" && is_here(authority)) {
            return Err(unfit("the key is sent to https addresses only"));
        }
        let path = address.path().trim_end_matches('/');
        let path = path.strip_suffix(admin::BASE).unwrap_or(path);
        let origin = format!("{scheme}://{authority}");
        let base = format!("{origin}{path}{}", admin::BASE);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .tls_config(trusted());
        Ok(Self { agent: config.build().into(), origin, base, authorization: format!("Bearer {key}") })
    }

    /// The address of a path of the admin API.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What a GET answers.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let request = self.agent.get(self.address(path)).header("authorization", &self.authorization);
        read(self.sent(request.call())?)
    }

    /// Copies what a GET answers.
    pub(crate) fn fetch(&self, path: &str, to: &mut File) -> Result<(), Failure> {
        let request = self.agent.get(self.address(path)).header("authorization", &self.authorization);
        let mut answer = accepted(self.sent(request.call())?)?;
        let mut body = answer.body_mut().with_config().limit(u64::MAX).reader();
        let copied = io::copy(&mut body, to);
        copied.map(drop).map_err(|error| Failure::caused("the answer broke off", error))
    }

    /// What a POST of this document answers.
    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, document: &Value) -> Result<T, Failure> {
        let request = self.agent.post(self.address(path)).header("authorization", &self.authorization);
        let request = request.content_type("application/json");
        read(self.sent(request.send(document.to_string()))?)
    }

    /// What a POST of a file answers.
    pub(crate) fn post_file<T: DeserializeOwned>(
        &self,
        path: &str,
        name: &str,
        file: File,
    ) -> Result<T, Failure> {
        let size = size_of(&file)?;
        let request = self.agent.post(self.address(path)).header("authorization", &self.authorization);
        let request = request
            .content_type("application/octet-stream")
            .header("content-length", size)
            .header("content-disposition", disposition(name));
        read(self.sent(request.send(SendBody::from_owned_reader(file)))?)
    }

    /// Puts a file to an address that the deployment gave out; it wants no key.
    pub(crate) fn put(&self, url: &str, file: File) -> Result<(), Failure> {
        let size = size_of(&file)?;
        let url = if url.starts_with('/') { format!("{}{url}", self.origin) } else { url.to_owned() };
        let request = self.agent.put(url).header("content-length", size);
        accepted(self.sent(request.send(SendBody::from_owned_reader(file)))?).map(drop)
    }

    fn sent(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, Failure> {
        answer.map_err(|error| Failure::caused(&format!("{} cannot be reached", self.origin), error))
    }
}

fn is_here(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What the system trusts, so that a company's own authority counts too.
fn trusted() -> TlsConfig {
    let known = rustls_native_certs::load_native_certs();
    let roots: Vec<_> =
        known.certs.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build()
}

fn size_of(file: &File) -> Result<u64, Failure> {
    let metadata = file.metadata().map_err(|error| Failure::caused("the file cannot be read", error))?;
    Ok(metadata.len())
}

/// RFC 8187 §3.2, so that any name comes through.
fn disposition(name: &str) -> String {
    let name: String = name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    });
    format!("attachment; filename*=UTF-8''{name}")
}

fn accepted(mut answer: Response<Body>) -> Result<Response<Body>, Failure> {
    let status = answer.status().as_u16();
    if answer.status().is_success() {
        return Ok(answer);
    }
    let mut text = String::new();
    let _ = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).reader().read_to_string(&mut text);
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    let detail =
        document["detail"].as_str().map_or_else(|| text.chars().take(SHOWN_CHARS).collect(), str::to_owned);
    Err(Failure::new(match status {
        401 => "the deployment refuses the key; set MUSTER_ADMIN_KEY to the one that it has".to_owned(),
        _ => format!("the deployment answers {status}: {detail}"),
    }))
}

fn read<T: DeserializeOwned>(answer: Response<Body>) -> Result<T, Failure> {
    let mut answer = accepted(answer)?;
    let body = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).reader();
    serde_json::from_reader(body)
        .map_err(|error| Failure::caused("the deployment speaks another version of the admin API", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, base: &str) {
        let found = Deployment::at(url, "key").map(|deployment| deployment.base);
        match found {
            Ok(found) => assert_eq!(found, base, "{url}"),
            Err(failure) => {
                assert!(failure.to_string().contains(base) && !base.is_empty(), "{url}: {failure}");
            }
        }
    }

    #[test]
    fn the_key_goes_nowhere_in_the_clear() {
        check("https://muster.example.com", "https://muster.example.com/api/v1");
        check("https://muster.example.com/api/v1/", "https://muster.example.com/api/v1");
        check("https://example.com:8443/muster", "https://example.com:8443/muster/api/v1");
        check("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v1");
        check("http://[::1]:8080/", "http://[::1]:8080/api/v1");
        check("http://muster.example.com", "https addresses only");
        check("ftp://muster.example.com", "https addresses only");
        check("http://127.0.0.1.example.com", "https addresses only");
        check("muster.example.com", "a whole address");
        check("", "an address");
    }

    #[test]
    fn any_name_of_a_file_comes_through() {
        assert_eq!(disposition("März 1.csv"), "attachment; filename*=UTF-8''M%C3%A4rz%201.csv");
    }
}
