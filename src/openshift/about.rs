//! What a master and its OAuth server say of themselves to anybody: no token is sent.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Deserialize;

use super::{AsUser, Error, Master, error, requests, wire};
use registry_model::ProjectName;

/// What `/version` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The version of Kubernetes, where it is told. Untrusted.
    pub kubernetes: Option<String>,
    /// The master's time of day.
    pub date: Option<DateTime<Utc>>,
}

/// What the discovery document says (RFC 8414). Untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OauthServer {
    pub issuer: String,
    /// Where browsers go to sign in.
    pub authorization_endpoint: String,
    /// Where codes become tokens.
    pub token_endpoint: String,
    /// How the verifier of a login may be hidden in its challenge (RFC 7636): `S256`, it is hoped.
    pub code_challenge_methods_supported: Vec<String>,
}

/// A route, as far as hosts go. Untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteHost {
    pub project: String,
    pub name: String,
    /// The host that the router answers for.
    pub host: String,
    /// The service behind it.
    pub service: String,
}

/// `/version` of Kubernetes: more than is used, every field may be missing.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct KubernetesVersion {
    git_version: String,
}

impl Master {
    /// Which Kubernetes this is, and what time it is there.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn about(&self) -> Result<About, Error> {
        let answer = self.upstream.send(requests::version()).await?;
        let version: KubernetesVersion = error::decode(&answer)?;
        let kubernetes = Some(cut(&version.git_version)).filter(|version| !version.is_empty());
        Ok(About {
            kubernetes,
            date: answer.date(),
        })
    }

    /// Whether this is OpenShift 3: 4 has no `/version/openshift` (recorded as
    /// `version-openshift`).
    ///
    /// # Errors
    /// Any [`Error`]; that there is no such path is an answer.
    pub async fn is_openshift_three(&self) -> Result<bool, Error> {
        let answer = self.upstream.send(requests::openshift_version()).await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Ok(false),
            _ => error::done(&answer).map(|()| true),
        }
    }

    /// Whether the API server knows `importPolicy.importMode`: OpenShift 4.12 and later, which is
    /// Kubernetes 1.25. An older one drops the field without a word.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn knows_import_modes(&self) -> Result<bool, Error> {
        let version = self.about().await?.kubernetes;
        Ok(version
            .and_then(|version| release_of(&version))
            .is_some_and(|release| release >= (1, 25)))
    }

    /// What the discovery document says, whether or not it is of any use.
    ///
    /// # Errors
    /// Any [`Error`]; [`Error::NotFound`] where there is none.
    pub async fn oauth_server(&self) -> Result<OauthServer, Error> {
        let answer = self.upstream.send(requests::discovery()).await?;
        let found: OauthServer = error::decode(&answer)?;
        let methods = found
            .code_challenge_methods_supported
            .iter()
            .take(10)
            .map(|method| cut(method))
            .collect();
        let [issuer, authorization_endpoint, token_endpoint] = [
            &found.issuer,
            &found.authorization_endpoint,
            &found.token_endpoint,
        ]
        .map(|text| cut(text));
        Ok(OauthServer {
            issuer,
            authorization_endpoint,
            token_endpoint,
            code_challenge_methods_supported: methods,
        })
    }
}

impl AsUser<'_> {
    /// The redirect URIs of an OAuth client, and nothing else of it: the object holds the client's
    /// secret.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for nearly everybody; [`Error::NotFound`].
    pub async fn redirect_uris(&self, client: &str) -> Result<Vec<String>, Error> {
        #[derive(Deserialize)]
        struct Client {
            #[serde(default, rename = "redirectURIs")]
            redirect_uris: Option<Vec<String>>,
        }
        let found: Client = self.ask(requests::oauth_client(client)).await?;
        Ok(found
            .redirect_uris
            .unwrap_or_default()
            .iter()
            .take(100)
            .map(|uri| cut(uri))
            .collect())
    }

    /// The routes of a project, or the first 500 of the whole cluster.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn routes(&self, project: Option<&ProjectName>) -> Result<Vec<RouteHost>, Error> {
        let list: wire::List<wire::Route> = self.ask(requests::routes(project)).await?;
        let (routes, unreadable) = list.read(wire::Route::into_public);
        super::note_unreadable("routes", unreadable);
        Ok(routes)
    }
}

/// Major and minor version in `gitVersion`, such as `v1.36.2`.
fn release_of(version: &str) -> Option<(u32, u32)> {
    let (major, rest) = version.strip_prefix('v')?.split_once('.')?;
    let minor = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// As long as a URL with the longest host, and a little more.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(256).collect()
}

#[cfg(test)]
mod tests {
    use super::release_of;

    #[test]
    fn the_release_of_kubernetes_is_read_from_its_git_version() {
        for (version, release) in [
            ("v1.36.2", Some((1, 36))),
            ("v1.25.4+a34b9e9", Some((1, 25))),
            ("v1.9.1+a0ce1bc657", Some((1, 9))),
            ("v0.0.0-master+$Format:%h$", Some((0, 0))),
            ("1.36", None),
            ("", None),
        ] {
            assert_eq!(release_of(version), release, "{version}");
        }
    }
}
