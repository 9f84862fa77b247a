//! Sign-in through OAuth: discovery of the OAuth server, and the authorization code flow with PKCE
//! (RFC 6749, RFC 7636), or the implicit flow for a console without the secret of its OAuth client.

mod discovery;
mod exchange;
mod preflight;

use std::sync::Mutex;
use std::time::Duration;

use http::StatusCode;
use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::config::{self, ClientSecret, OauthFlow};
use crate::outbound::{SetupError, TimeLimits, TransportError, Upstream, UpstreamName, UserToken};

pub use discovery::{DiscoveryResult, OauthDiscovery, OauthEndpoints};
pub use preflight::PreflightResult;

/// This console as a client of the OAuth server.
#[derive(Debug)]
pub struct OauthClient {
    settings: config::OauthSettings,
    discovery: OauthDiscovery,
    /// The OAuth server at the address last used. Discovery determines the host.
    server: Mutex<Option<Upstream>>,
}

/// The administrator of a new OpenShift 4 cluster. Its session at the OAuth server continues for an
/// hour after an authorization; the sessions of other users end with it. No user can be created
/// with this name.
pub const KUBE_ADMIN: &str = "kube:admin";

/// The form with which a browser ends its session at the OAuth server of OpenShift 4. Only a form
/// can do this: the server accepts only POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOutForm {
    /// The address that the form is sent to.
    pub action: Url,
    /// The field `then`: where the OAuth server redirects afterwards. It must be a path of the
    /// OAuth server, so it is one that redirects back to the console.
    pub then: String,
}

/// A sign-in that has started: what must be kept until the browser returns.
#[derive(Debug)]
pub struct AuthorizationRequest {
    /// The address of the OAuth server that the browser is redirected to.
    pub url: Url,
    /// 256 random bits that the browser returns, which prove that the response belongs to this
    /// sign-in.
    pub state: String,
    /// The PKCE verifier, which only the starter of this sign-in has. `None` in the implicit flow,
    /// which has no code exchange to protect.
    pub verifier: Option<SecretString>,
}

/// The result of a sign-in.
#[derive(Debug)]
pub struct OauthToken {
    pub token: UserToken,
    /// How long the console may use the token: the lifetime from the server, at most a day. A token
    /// that never expires is used for a day.
    pub expires_in: Duration,
}

/// Why a code could not be exchanged for a token, or a preflight failed. None of these contains
/// text of the server.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// The client secret is wrong, the client is unknown, or the code is unknown or was used
    /// before. The server sends the same error for all of these.
    #[error("the OAuth server does not accept the client's secret, or not this code")]
    WrongSecretOrCode,
    /// The code has expired, or the verifier is not that of the sign-in.
    #[error("the OAuth server says that this login is too old or was begun elsewhere")]
    InvalidGrant,
    /// A parameter is missing, or the redirect URI differs from that of the sign-in.
    #[error("the OAuth server finds the token request invalid")]
    InvalidRequest,
    #[error("the OAuth server gave no answer")]
    Transport(#[from] TransportError),
    /// A response that is not a valid token response: not JSON, too large, without a token, or with
    /// an invalid lifetime. Its text is not kept.
    #[error("the OAuth server's answer is no token")]
    InvalidResponse,
    /// 5xx from the OAuth server, or from the router in front of it.
    #[error("the OAuth server answered {0}")]
    ServerError(StatusCode),
    /// 429.
    #[error("the OAuth server is busy")]
    Busy(Option<Duration>),
    /// 403 or 404 for a sign-in: the server at the address has no OAuth endpoint.
    #[error("what answers at the OAuth server's address is no OAuth server")]
    NotAnOauthServer,
    /// The console has no client secret to exchange a code with.
    #[error("the console was not given the secret of its OAuth client")]
    NoSecret,
    /// The client for the server could not be set up.
    #[error("the OAuth server cannot be asked")]
    Setup(#[from] SetupError),
}

impl OauthClient {
    /// A client with these settings that finds the server through `discovery`.
    #[must_use]
    pub fn new(settings: config::OauthSettings, discovery: OauthDiscovery) -> Self {
        Self {
            settings,
            discovery,
            server: Mutex::new(None),
        }
    }

    /// The addresses of the OAuth server, as currently known.
    pub async fn endpoints(&self) -> OauthEndpoints {
        self.discovery.endpoints().await
    }

    /// The OAuth flow that users sign in with.
    #[must_use]
    pub fn flow(&self) -> OauthFlow {
        self.settings.flow()
    }

    /// The name of the console's OAuth client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.settings.client_id
    }

    /// The environment variable that the client's secret was read from, if there is one.
    #[must_use]
    pub fn secret_variable(&self) -> Option<&'static str> {
        match self.settings.client_secret {
            ClientSecret::Known {
                variable: setting, ..
            } => Some(setting),
            ClientSecret::Unknown => None,
        }
    }

    /// Starts a sign-in with a random state and, in the code flow, a random verifier.
    pub async fn authorization_request(&self, redirect_uri: &Url) -> AuthorizationRequest {
        self.authorization_request_at(&self.endpoints().await, redirect_uri)
    }

    /// The address at which the browser starts a sign-in with this state and PKCE verifier (43 to
    /// 128 characters; none in the implicit flow). No request is sent to the OAuth server.
    pub async fn authorization_url(
        &self,
        redirect_uri: &Url,
        state: String,
        verifier: Option<&SecretString>,
    ) -> Url {
        self.authorization_url_at(&self.endpoints().await, redirect_uri, state, verifier)
    }

    /// The form with which a browser ends its session at the OAuth server and returns to
    /// `redirect_uri`, with `state` in the query.
    ///
    /// The OAuth server passes an error in a request to the redirect URI immediately, without a
    /// sign-in, which returns the browser to the console.
    pub async fn sign_out_form(&self, redirect_uri: &Url, state: &str) -> SignOutForm {
        let endpoints = self.endpoints().await;
        let mut logout = endpoints.issuer.clone();
        logout.set_path(&format!(
            "{}/logout",
            endpoints.issuer.path().trim_end_matches('/')
        ));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("client_id", self.client_id()),
                ("redirect_uri", redirect_uri.as_str()),
                ("response_type", "code"),
                ("error", "signed_out"),
                ("state", state),
            ])
            .finish();
        SignOutForm {
            action: logout,
            then: format!("{}?{query}", endpoints.authorize.path()),
        }
    }

    fn authorization_request_at(
        &self,
        endpoints: &OauthEndpoints,
        redirect_uri: &Url,
    ) -> AuthorizationRequest {
        let state = CsrfToken::new_random_len(32).into_secret();
        // Also where the flow is disabled: no browser is redirected then, but the doctor runs the
        // preflight.
        let verifier = (self.flow() != OauthFlow::Implicit).then(|| {
            PkceCodeChallenge::new_random_sha256()
                .1
                .into_secret()
                .into()
        });
        let url =
            self.authorization_url_at(endpoints, redirect_uri, state.clone(), verifier.as_ref());
        AuthorizationRequest {
            url,
            state,
            verifier,
        }
    }

    fn authorization_url_at(
        &self,
        endpoints: &OauthEndpoints,
        redirect_uri: &Url,
        state: String,
        verifier: Option<&SecretString>,
    ) -> Url {
        let client = BasicClient::new(ClientId::new(self.settings.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(endpoints.authorize.clone()))
            .set_redirect_uri(RedirectUrl::from_url(redirect_uri.clone()));
        let request = client
            .authorize_url(|| CsrfToken::new(state))
            .add_scope(Scope::new("user:full".to_owned()));
        let request = match verifier {
            Some(verifier) => {
                let verifier = PkceCodeVerifier::new(verifier.expose_secret().to_owned());
                request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            }
            None => request.use_implicit_flow(),
        };
        request.url().0
    }

    /// A token that the browser received (implicit flow), for the stated lifetime, at most a day.
    /// Only the API server can check whether it is valid and which user it belongs to.
    #[must_use]
    pub fn token_from_implicit_flow(token: &str, expires_in: Option<Duration>) -> OauthToken {
        OauthToken {
            token: UserToken::from(token),
            expires_in: exchange::token_lifetime(expires_in),
        }
    }

    /// Checks whether a sign-in that returns to `redirect_uri` would start: sends the request that
    /// the browser would send, without cookies, and follows no redirect.
    ///
    /// # Errors
    /// There is no response ([`OauthError::Transport`]), or one that an OAuth server does not send
    /// for a valid request.
    pub async fn preflight(&self, redirect_uri: &Url) -> Result<PreflightResult, OauthError> {
        let endpoints = self.endpoints().await;
        let authorize = self.authorization_request_at(&endpoints, redirect_uri).url;
        let server = self.server_at(&authorize)?;
        preflight::run(&server, &endpoints, &authorize).await
    }

    /// Exchanges the code that the browser received for the user's token.
    ///
    /// # Errors
    /// Any [`OauthError`].
    pub async fn exchange_code(
        &self,
        code: &SecretString,
        verifier: &SecretString,
        redirect_uri: &Url,
    ) -> Result<OauthToken, OauthError> {
        let endpoints = self.endpoints().await;
        let server = self.server_at(&endpoints.token)?;
        exchange::exchange(
            &server,
            &self.settings,
            endpoints.token,
            code,
            verifier,
            redirect_uri,
        )
        .await
    }

    /// The client for the OAuth server at the host of `endpoint`. Its connections are kept while
    /// the host stays the same.
    fn server_at(&self, endpoint: &Url) -> Result<Upstream, SetupError> {
        let mut kept = self
            .server
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(server) = kept
            .as_ref()
            .filter(|server| server.base().origin() == endpoint.origin())
        {
            return Ok(server.clone());
        }
        let server = Upstream::new(
            UpstreamName::Oauth,
            endpoint,
            &self.settings.trust,
            TimeLimits::default(),
        )?;
        *kept = Some(server.clone());
        Ok(server)
    }
}
