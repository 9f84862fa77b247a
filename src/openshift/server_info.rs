//! Public information of an API server and its OAuth server.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Deserialize;

use super::{ApiError, ApiServer, UserApi, error, requests, wire};
use registry_model::ProjectName;

/// The response of `/version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVersion {
    /// The version of Kubernetes, if the response contains it. Untrusted.
    pub kubernetes: Option<String>,
    /// The time of the API server's clock.
    pub date: Option<DateTime<Utc>>,
}

/// The OAuth discovery document (RFC 8414). Untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OauthServerMetadata {
    pub issuer: String,
    /// The authorization endpoint, where users sign in.
    pub authorization_endpoint: String,
    /// The token endpoint, where codes are exchanged for tokens.
    pub token_endpoint: String,
    /// The PKCE challenge methods (RFC 7636), which should include `S256`.
    pub code_challenge_methods_supported: Vec<String>,
}

/// The hosts and the service of a route. Untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteHost {
    pub project: String,
    pub name: String,
    /// The host that the router serves the route at.
    pub host: String,
    /// The service that the route forwards to.
    pub service: String,
}

/// `/version` of Kubernetes. Every field may be missing.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct KubernetesVersion {
    git_version: String,
}

impl ApiServer {
    /// The version of Kubernetes, and the time of the API server's clock.
    ///
    /// # Errors
    /// Any [`ApiError`].
    pub async fn get_version(&self) -> Result<ServerVersion, ApiError> {
        let response = self.upstream.send(requests::version()).await?;
        let version: KubernetesVersion = error::decode(&response)?;
        let kubernetes =
            Some(truncate_text(&version.git_version)).filter(|version| !version.is_empty());
        Ok(ServerVersion {
            kubernetes,
            date: response.date(),
        })
    }

    /// Whether this is OpenShift 3: 4 has no `/version/openshift` (recorded as
    /// `version-openshift`).
    ///
    /// # Errors
    /// Any [`ApiError`]. A missing path is `Ok(false)`.
    pub async fn is_openshift_3(&self) -> Result<bool, ApiError> {
        let response = self.upstream.send(requests::openshift_version()).await?;
        match response.status {
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Ok(false),
            _ => error::check_success(&response).map(|()| true),
        }
    }

    /// Whether the API server supports `importPolicy.importMode`: OpenShift 4.12 and later, which
    /// is Kubernetes 1.25. An older one drops the field silently.
    ///
    /// # Errors
    /// Any [`ApiError`].
    pub async fn supports_import_modes(&self) -> Result<bool, ApiError> {
        let release = self.get_kubernetes_release().await?;
        Ok(release.is_some_and(|release| release >= (1, 25)))
    }

    /// The major and minor version of Kubernetes, if the API server says them.
    ///
    /// # Errors
    /// Any [`ApiError`].
    pub async fn get_kubernetes_release(&self) -> Result<Option<(u32, u32)>, ApiError> {
        let version = self.get_version().await?.kubernetes;
        Ok(version.and_then(|version| parse_release(&version)))
    }

    /// The OAuth discovery document, whether or not its content is usable.
    ///
    /// # Errors
    /// Any [`ApiError`]. [`ApiError::NotFound`] where there is no document.
    pub async fn get_oauth_metadata(&self) -> Result<OauthServerMetadata, ApiError> {
        let response = self.upstream.send(requests::oauth_discovery()).await?;
        let found: OauthServerMetadata = error::decode(&response)?;
        let methods = found
            .code_challenge_methods_supported
            .iter()
            .take(10)
            .map(|method| truncate_text(method))
            .collect();
        let [issuer, authorization_endpoint, token_endpoint] = [
            &found.issuer,
            &found.authorization_endpoint,
            &found.token_endpoint,
        ]
        .map(|text| truncate_text(text));
        Ok(OauthServerMetadata {
            issuer,
            authorization_endpoint,
            token_endpoint,
            code_challenge_methods_supported: methods,
        })
    }
}

impl UserApi<'_> {
    /// The redirect URIs of an OAuth client. Its other fields are dropped: the object contains the
    /// client's secret.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for most users, [`ApiError::NotFound`], or any other.
    pub async fn get_redirect_uris(&self, client: &str) -> Result<Vec<String>, ApiError> {
        #[derive(Deserialize)]
        struct OauthClientRedirects {
            #[serde(default, rename = "redirectURIs")]
            redirect_uris: Option<Vec<String>>,
        }
        let found: OauthClientRedirects = self.request(requests::oauth_client(client)).await?;
        Ok(found
            .redirect_uris
            .unwrap_or_default()
            .iter()
            .take(100)
            .map(|uri| truncate_text(uri))
            .collect())
    }

    /// The routes of a project, or the first 500 of the whole cluster.
    ///
    /// # Errors
    /// Any [`ApiError`].
    pub async fn list_routes(
        &self,
        project: Option<&ProjectName>,
    ) -> Result<Vec<RouteHost>, ApiError> {
        let list: wire::List<wire::WireRoute> = self.request(requests::routes(project)).await?;
        let (routes, unreadable) = list.into_models(wire::WireRoute::into_public);
        super::log_unreadable_objects("routes", unreadable);
        Ok(routes)
    }
}

/// Major and minor version in `gitVersion`, such as `v1.36.2`.
fn parse_release(version: &str) -> Option<(u32, u32)> {
    let (major, rest) = version.strip_prefix('v')?.split_once('.')?;
    let minor = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The text, truncated to slightly more than the length of a URL with the longest host.
pub(super) fn truncate_text(text: &str) -> String {
    text.chars().take(256).collect()
}

#[cfg(test)]
mod tests {
    use super::parse_release;

    #[test]
    fn kubernetes_version_is_read_from_git_version() {
        for (version, release) in [
            ("v1.36.2", Some((1, 36))),
            ("v1.25.4+a34b9e9", Some((1, 25))),
            ("v1.9.1+a0ce1bc657", Some((1, 9))),
            ("v0.0.0-master+$Format:%h$", Some((0, 0))),
            ("1.36", None),
            ("", None),
        ] {
            assert_eq!(parse_release(version), release, "{version}");
        }
    }
}
