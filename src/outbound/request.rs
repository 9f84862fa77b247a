//! Requests to upstreams, as values.

use std::fmt;
use std::time::Duration;

use http::{HeaderValue, Method};
use secrecy::SecretString;
use serde::Serialize;
use url::Url;

use super::{ChangedObject, UserToken};
use registry_model::ProjectName;

/// The body of a request.
#[derive(Debug)]
pub enum UpstreamRequestBody {
    Empty,
    /// JSON, with the media type that names its kind (`application/json`, a patch type).
    Json {
        /// The `Content-Type`.
        media_type: &'static str,
        bytes: Vec<u8>,
    },
    /// A form, already encoded as `application/x-www-form-urlencoded`. It contains codes and client
    /// secrets, so it is kept as a secret.
    Form(SecretString),
}

/// A request: a plain value, built without I/O.
///
/// `Debug` omits the path, because signing out of OpenShift 3.x requires the raw token in the path.
pub struct Request<'a> {
    pub method: Method,
    /// What the request is for, in a few fixed words (`list projects`): the label of its metrics
    /// and log lines.
    pub operation: &'static str,
    /// Path and query, starting with `/`. Segments and values are already percent-encoded.
    pub path_and_query: String,
    /// The `Accept` header.
    pub accept: &'static str,
    /// The token of the user. Absent for an anonymous request.
    pub bearer: Option<&'a UserToken>,
    /// Another `Authorization` header: the credentials of a client of an OIDC provider.
    pub authorization: Option<HeaderValue>,
    pub body: UpstreamRequestBody,
    /// The maximum size of the response body in bytes.
    pub max_bytes: usize,
    /// A total time limit in place of the upstream's.
    pub timeout: Option<Duration>,
    /// Whether the request changes data of the upstream. True by default for every method except
    /// GET.
    pub is_change: bool,
    /// The project whose image streams the request changes.
    pub changed_project: Option<ProjectName>,
    /// The object that the request changes. `None` for a request that changes nothing.
    pub changed_object: Option<ChangedObject>,
}

/// 16 MiB: several thousand image streams in one list.
const DEFAULT_MAX_BYTES: usize = 16 << 20;

impl<'a> Request<'a> {
    /// An anonymous request without a body that accepts JSON of at most 16 MiB.
    #[must_use]
    pub fn new(method: Method, operation: &'static str, path_and_query: impl Into<String>) -> Self {
        Self {
            is_change: method != Method::GET,
            method,
            operation,
            path_and_query: path_and_query.into(),
            accept: "application/json",
            bearer: None,
            authorization: None,
            body: UpstreamRequestBody::Empty,
            max_bytes: DEFAULT_MAX_BYTES,
            timeout: None,
            changed_project: None,
            changed_object: None,
        }
    }

    /// [`Request::new`] with GET.
    #[must_use]
    pub fn get(operation: &'static str, path_and_query: impl Into<String>) -> Self {
        Self::new(Method::GET, operation, path_and_query)
    }

    /// Sends the request with this token.
    #[must_use]
    pub fn bearer(self, token: &'a UserToken) -> Self {
        Self {
            bearer: Some(token),
            ..self
        }
    }

    /// Sets an `Authorization` header that is not a user's token.
    #[must_use]
    pub fn authorization(self, authorization: Option<HeaderValue>) -> Self {
        Self {
            authorization,
            ..self
        }
    }

    /// Sets the `Accept` header.
    #[must_use]
    pub fn accept(self, accept: &'static str) -> Self {
        Self { accept, ..self }
    }

    /// Limits the body of the response to `max_bytes`.
    #[must_use]
    pub fn max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    /// Limits the time of the whole response.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self {
            timeout: Some(timeout),
            ..self
        }
    }

    /// Marks a request that changes nothing although its method is not GET, such as an access
    /// review.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self {
            is_change: false,
            ..self
        }
    }

    /// Marks a request that changes image streams of `project`.
    #[must_use]
    pub fn with_changed_project(self, project: &ProjectName) -> Self {
        Self {
            changed_project: Some(project.clone()),
            ..self
        }
    }

    /// Names the object that the request changes, for the audit log.
    #[must_use]
    pub fn with_changed_object(self, object: ChangedObject) -> Self {
        Self {
            changed_object: Some(object),
            ..self
        }
    }

    /// Sends `value` as `application/json`.
    #[must_use]
    pub fn json(self, value: &impl Serialize) -> Self {
        self.json_with_media_type("application/json", value)
    }

    /// Sends `value` as JSON of another media type, such as
    /// `application/strategic-merge-patch+json`.
    #[must_use]
    pub fn json_with_media_type(self, media_type: &'static str, value: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(value)
            .expect("our own request bodies have text keys and cannot fail");
        Self {
            body: UpstreamRequestBody::Json { media_type, bytes },
            ..self
        }
    }

    /// Sends a form, already encoded.
    #[must_use]
    pub fn form(self, fields: SecretString) -> Self {
        Self {
            body: UpstreamRequestBody::Form(fields),
            ..self
        }
    }

    /// The URL at `base`. `None` if the path is invalid, or if a URL parser would interpret it
    /// otherwise (`/..`, `\`, a raw `#`): the request must reach exactly the intended path (S33),
    /// and never another host.
    pub(super) fn url(&self, base: &Url) -> Option<Url> {
        if !self.path_and_query.starts_with('/') {
            return None;
        }
        let origin = base.as_str().trim_end_matches('/');
        let url = Url::parse(&format!("{origin}{}", self.path_and_query)).ok()?;
        let read = url.as_str().strip_prefix(origin)?;
        (read == self.path_and_query && url.fragment().is_none() && url.origin() == base.origin())
            .then_some(url)
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("operation", &self.operation)
            .field("signed_in", &self.bearer.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(path: &str) -> Option<String> {
        let base = Url::parse("https://master.example:8443/").expect("a URL");
        Request::get("test", path).url(&base).map(String::from)
    }

    #[test]
    fn path_is_sent_verbatim_to_the_configured_host() {
        assert_eq!(
            url_of("/apis?limit=500&continue=a%2Fb").as_deref(),
            Some("https://master.example:8443/apis?limit=500&continue=a%2Fb")
        );
        assert_eq!(
            url_of("/v2/a/b/manifests/sha256:00").as_deref(),
            Some("https://master.example:8443/v2/a/b/manifests/sha256:00")
        );
    }

    #[test]
    fn path_to_another_host_is_rejected() {
        // S33, S36.
        for path in [
            "",
            "apis",
            "https://evil.example/",
            ".evil.example/",
            "@evil.example/",
            ":1/",
            "/a/../secrets",
            "/a/%2e%2e/secrets",
            "/a\\b",
            "/a#b",
            "/a\nb",
            "/a b",
        ] {
            assert_eq!(url_of(path), None, "{path:?}");
        }
    }

    #[test]
    fn debug_output_omits_the_path() {
        // S44.
        let request = Request::new(
            Method::DELETE,
            "revoke",
            "/apis/oauth.openshift.io/v1/oauthaccesstokens/very-secret",
        );
        assert!(!format!("{request:?}").contains("very-secret"));
    }
}
