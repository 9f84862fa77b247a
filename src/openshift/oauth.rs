//! Signing in: where the OAuth server is, and the authorization code flow with PKCE (RFC 6749, RFC
//! 7636); the implicit flow for a console that was not given its client's secret.

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

/// This console, as the OAuth server knows it.
#[derive(Debug)]
pub struct OauthClient {
    settings: config::OauthSettings,
    discovery: OauthDiscovery,
    /// The OAuth server at the address last used: discovery decides which host that is.
    server: Mutex<Option<Upstream>>,
}

/// The administrator that OpenShift 4 is installed with. Its session at the OAuth server outlives
/// an authorization, for an hour; everybody else's ends with it. No user can be created with this
/// name.
pub const KUBE_ADMIN: &str = "kube:admin";

/// What a browser sends to end its session at the OAuth server of OpenShift 4. Only a form of a
/// page can: the server takes nothing but POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOutForm {
    /// Where the form goes.
    pub action: Url,
    /// Its field `then`: where the OAuth server leads to afterwards. It must be a path of the OAuth
    /// server, so it is one that leads back here.
    pub then: String,
}

/// A login that has begun: what must be kept until the browser comes back.
#[derive(Debug)]
pub struct AuthorizationRequest {
    /// Where the browser goes.
    pub url: Url,
    /// 256 random bits that come back with the browser: proof that it was this login.
    pub state: String,
    /// The secret that only the beginner of this login has. None in the implicit flow, where
    /// nothing is exchanged that it could protect.
    pub verifier: Option<SecretString>,
}

/// What a login brings.
#[derive(Debug)]
pub struct OauthToken {
    pub token: UserToken,
    /// How long the console may use it: what the server says, a day at the most. A token that never
    /// expires is used for a day.
    pub expires_in: Duration,
}

/// Why a code could not be exchanged for a token, or a login not be tried. None of these holds any
/// text of the server.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// The client secret is wrong, the client unknown, or the code is unknown or was used before:
    /// the server says the same for all.
    #[error("the OAuth server does not accept the client's secret, or not this code")]
    WrongSecretOrCode,
    /// The code is too old, or the verifier is not the one that began the login.
    #[error("the OAuth server says that this login is too old or was begun elsewhere")]
    InvalidGrant,
    /// The server misses something, or the redirect URI differs from the one that began the login.
    #[error("the OAuth server finds the token request invalid")]
    InvalidRequest,
    #[error("the OAuth server gave no answer")]
    Transport(#[from] TransportError),
    /// An answer that is no token: not JSON, too large, without a token, or with a lifetime that is
    /// none. Its text is not kept.
    #[error("the OAuth server's answer is no token")]
    InvalidResponse,
    /// 5xx: the OAuth server, or the router in front of it, says that it does not work.
    #[error("the OAuth server answered {0}")]
    ServerError(StatusCode),
    /// 429.
    #[error("the OAuth server is busy")]
    Busy(Option<Duration>),
    /// 403 or 404 in place of a sign-in: what answers there has no OAuth endpoint.
    #[error("what answers at the OAuth server's address is no OAuth server")]
    NotAnOauthServer,
    /// The console has no secret to exchange a code with.
    #[error("the console was not given the secret of its OAuth client")]
    NoSecret,
    /// The server cannot even be asked.
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

    /// Where the OAuth server is, as far as that is known now.
    pub async fn endpoints(&self) -> OauthEndpoints {
        self.discovery.endpoints().await
    }

    /// How people sign in.
    #[must_use]
    pub fn flow(&self) -> OauthFlow {
        self.settings.flow()
    }

    /// The name of our OAuth client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.settings.client_id
    }

    /// The variable that the client's secret came from, if there is one.
    #[must_use]
    pub fn secret_variable(&self) -> Option<&'static str> {
        match self.settings.client_secret {
            ClientSecret::Known {
                variable: setting, ..
            } => Some(setting),
            ClientSecret::Unknown => None,
        }
    }

    /// Begins a login with a random state and, in the code flow, a random verifier.
    pub async fn authorization_request(&self, redirect_uri: &Url) -> AuthorizationRequest {
        self.authorization_request_at(&self.endpoints().await, redirect_uri)
    }

    /// Where the browser begins a login with this state and PKCE verifier (43 to 128 characters;
    /// none in the implicit flow). Nothing is asked of the OAuth server: the browser goes there.
    pub async fn authorization_url(
        &self,
        redirect_uri: &Url,
        state: String,
        verifier: Option<&SecretString>,
    ) -> Url {
        self.authorization_url_at(&self.endpoints().await, redirect_uri, state, verifier)
    }

    /// How a browser ends its session at the OAuth server and comes back to `redirect_uri`, with
    /// `state` in the query.
    ///
    /// The OAuth server hands an error that is in a request on to the redirect URI at once, without
    /// a login: that is the way back.
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
        // Disabled: nobody is sent there, but a check asks all the same.
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

    /// A token that the browser brought (implicit flow), for as long as it says: a day at the most.
    /// Whose it is, and whether it is one, only the master can tell.
    #[must_use]
    pub fn token_from_implicit_flow(token: &str, expires_in: Option<Duration>) -> OauthToken {
        OauthToken {
            token: UserToken::from(token),
            expires_in: exchange::token_lifetime(expires_in),
        }
    }

    /// Asks the OAuth server whether a login that leads back to `redirect_uri` would begin well:
    /// the same question that the browser would bring, without cookies, and no redirect is
    /// followed.
    ///
    /// # Errors
    /// There is no answer ([`OauthError::Transport`]), or none of those that an OAuth server gives
    /// to a request that it can serve.
    pub async fn preflight(&self, redirect_uri: &Url) -> Result<PreflightResult, OauthError> {
        let endpoints = self.endpoints().await;
        let authorize = self.authorization_request_at(&endpoints, redirect_uri).url;
        let server = self.server_at(&authorize)?;
        preflight::run(&server, &endpoints, &authorize).await
    }

    /// Exchanges the code that the browser brought for the person's token.
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

    /// The OAuth server at the host of `endpoint`. Its connections are kept as long as the host
    /// stays the same.
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
