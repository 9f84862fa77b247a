//! Sign-in through an external OIDC provider: the authorization code flow with PKCE and a nonce
//! (OpenID Connect Core, section 3.1), refresh tokens (section 12) and the provider's end-session
//! endpoint (RP-Initiated Logout 1.0).
//!
//! The ID token is the user's token for the API server and the registry: it is what the API server of
//! a cluster with external OIDC accepts.

mod fault;
mod id_token;
mod provider;

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope,
    TokenResponse as _,
};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreTokenResponse,
};
use openidconnect::{
    ClientSecret as OidcClientSecret, LogoutRequest, Nonce, PostLogoutRedirectUrl,
    TokenResponse as _,
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

pub use fault::{IdTokenFault, OidcError, OidcFault};

use crate::config::{ClientSecret, OidcSettings};
use crate::outbound::UserToken;
use id_token::{Claims, Expected, IdTokenRefusal};
use provider::{Provider, ProviderCache};
use registry_model::Clock;

/// The longest ID token that an address contains: many servers accept request lines of 8 KiB.
const MAX_HINT_BYTES: usize = 7 << 10;

/// A client with the endpoints that discovery found.
type DiscoveredClient = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// This console as a client of the OIDC provider.
#[derive(Debug)]
pub struct OidcClient {
    settings: OidcSettings,
    provider: ProviderCache,
    /// Whether the provider accepted the secret in the header the last time.
    sends_basic: AtomicBool,
    clock: Clock,
}

/// The tokens of a sign-in or a refresh. The ID token is valid.
#[derive(Clone, Debug)]
pub struct OidcTokens {
    pub id_token: UserToken,
    /// `None` if the provider does not renew this session.
    pub refresh_token: Option<SecretString>,
    /// The user at the provider (`sub`).
    pub subject: String,
    /// The claim `name`. Untrusted.
    pub full_name: Option<String>,
    /// When the ID token expires.
    pub expires_at: DateTime<Utc>,
}

impl OidcClient {
    /// A client with these settings. No request is sent before the first sign-in (R6).
    #[must_use]
    pub fn new(settings: OidcSettings, clock: Clock) -> Self {
        Self {
            provider: ProviderCache::new(&settings, clock.clone()),
            settings,
            sends_basic: AtomicBool::new(false),
            clock,
        }
    }

    /// The provider's issuer and the console's client.
    #[must_use]
    pub fn settings(&self) -> &OidcSettings {
        &self.settings
    }

    /// The address at which the browser starts a sign-in with this state, nonce and PKCE verifier.
    ///
    /// # Errors
    /// The provider's description cannot be loaded.
    pub async fn authorization_url(
        &self,
        redirect_uri: &Url,
        state: String,
        nonce: String,
        verifier: &SecretString,
    ) -> Result<Url, OidcError> {
        let provider = self.provider.get().await?;
        let client = self
            .client(&provider)
            .set_redirect_uri(RedirectUrl::from_url(redirect_uri.clone()));
        let verifier = PkceCodeVerifier::new(verifier.expose_secret().to_owned());
        // The crate adds `openid` itself.
        let scopes = self.settings.scopes.iter().skip(1).cloned().map(Scope::new);
        let (url, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// Exchanges the code that the browser received for the user's tokens.
    ///
    /// # Errors
    /// Any [`OidcError`].
    pub async fn exchange_code(
        &self,
        code: &SecretString,
        verifier: &SecretString,
        nonce: String,
        redirect_uri: &Url,
    ) -> Result<OidcTokens, OidcError> {
        let provider = self.provider.get().await?;
        let http = &self.provider.token_client("exchange code");
        let response = self
            .request_tokens(&provider, |client| async move {
                let tokens = client
                    .set_redirect_uri(RedirectUrl::from_url(redirect_uri.clone()))
                    .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
                    .map_err(|_| OidcFault::NotAProvider)?
                    .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
                    .request_async(http)
                    .await?;
                Ok::<_, OidcError>(tokens)
            })
            .await?;
        let nonce = Nonce::new(nonce);
        self.read_tokens(&provider, &response, Expected::Nonce(&nonce))
            .await
    }

    /// Exchanges a refresh token for newer tokens of the same user, whose `sub` is `subject`. If
    /// the provider sends no new refresh token, the old one stays valid.
    ///
    /// # Errors
    /// Any [`OidcError`]. [`OidcFault::GrantRefused`]: the provider ended the session, or the
    /// refresh token was used before.
    pub async fn refresh(
        &self,
        refresh_token: &SecretString,
        subject: &str,
    ) -> Result<OidcTokens, OidcError> {
        let provider = self.provider.get().await?;
        let http = &self.provider.token_client("refresh token");
        let refresh = &RefreshToken::new(refresh_token.expose_secret().to_owned());
        let response = self
            .request_tokens(&provider, |client| async move {
                let tokens = client
                    .exchange_refresh_token(refresh)
                    .map_err(|_| OidcFault::NotAProvider)?
                    .request_async(http)
                    .await?;
                Ok::<_, OidcError>(tokens)
            })
            .await?;
        let tokens = self
            .read_tokens(&provider, &response, Expected::Subject(subject))
            .await?;
        Ok(OidcTokens {
            refresh_token: tokens.refresh_token.or_else(|| Some(refresh_token.clone())),
            ..tokens
        })
    }

    /// The address at which a browser ends its session at the provider and returns to `back` with
    /// `state` in the query. `None` if the provider has no such endpoint, or cannot be reached.
    ///
    /// `hint` is the user's ID token ([`Self::id_token_hint`]). Without it, a provider may ask the
    /// user first.
    pub async fn end_session_url(
        &self,
        back: &Url,
        state: &str,
        hint: Option<&UserToken>,
    ) -> Option<Url> {
        let provider = self.provider.get().await.ok()?;
        let endpoint = provider
            .metadata
            .additional_metadata()
            .end_session_endpoint
            .clone()
            .filter(|endpoint| endpoint.url().scheme() == "https")?;
        let hint = hint.and_then(|token| token.expose().parse::<CoreIdToken>().ok());
        let request = match &hint {
            Some(token) => LogoutRequest::from(endpoint).set_id_token_hint(token),
            None => LogoutRequest::from(endpoint),
        };
        let request = request
            .set_client_id(ClientId::new(self.settings.client_id.clone()))
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(back.clone()))
            .set_state(CsrfToken::new(state.to_owned()));
        Some(request.http_get_url())
    }

    /// The `id_token_hint` for ending the session of the user with this ID token (RP-Initiated
    /// Logout, section 2). `None` unless the settings allow it: an ID token is a bearer token of
    /// the API server, and addresses are kept in histories and logs. `None` as well for a token
    /// that no address can contain.
    #[must_use]
    pub fn id_token_hint<'a>(&self, id_token: &'a UserToken) -> Option<&'a UserToken> {
        (self.settings.sends_id_token_hint && id_token.expose().len() <= MAX_HINT_BYTES)
            .then_some(id_token)
    }

    fn client(&self, provider: &Provider) -> DiscoveredClient {
        let secret = match &self.settings.client_secret {
            ClientSecret::Known { secret, .. } => {
                Some(OidcClientSecret::new(secret.expose_secret().to_owned()))
            }
            ClientSecret::Unknown => None,
        };
        CoreClient::from_provider_metadata(
            provider.metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            secret,
        )
    }

    /// Sends a request to the token endpoint. If the provider refuses the client, and says that it
    /// accepts its secret in another way as well, the request is sent once more in that way: a
    /// provider can accept only the one that is registered for the client, and describes only all
    /// that it knows.
    async fn request_tokens<R>(
        &self,
        provider: &Provider,
        send: impl Fn(DiscoveredClient) -> R,
    ) -> Result<CoreTokenResponse, OidcError>
    where
        R: Future<Output = Result<CoreTokenResponse, OidcError>>,
    {
        let (first, second) = self.secret_methods(provider);
        let mut used = first.clone();
        let mut response = send(self.client(provider).set_auth_type(first)).await;
        let is_refused = matches!(&response, Err(error) if error.fault == OidcFault::ClientRefused);
        if let (true, Some(second)) = (is_refused, second) {
            used = second.clone();
            response = send(self.client(provider).set_auth_type(second)).await;
        }
        if response.is_ok() {
            let is_basic = matches!(used, AuthType::BasicAuth);
            self.sends_basic.store(is_basic, Ordering::Relaxed);
        }
        response
    }

    /// How to send the client's secret, and how if the client is refused.
    fn secret_methods(&self, provider: &Provider) -> (AuthType, Option<AuthType>) {
        let methods = provider.metadata.token_endpoint_auth_methods_supported();
        let has = |method| methods.is_some_and(|methods| methods.contains(&method));
        let has_secret = matches!(self.settings.client_secret, ClientSecret::Known { .. });
        // Core, section 9: Basic is the default. The body comes first, because servers decode Basic
        // credentials differently.
        match (
            has(CoreClientAuthMethod::ClientSecretPost),
            has(CoreClientAuthMethod::ClientSecretBasic),
        ) {
            (true, true) if self.sends_basic.load(Ordering::Relaxed) => {
                (AuthType::BasicAuth, Some(AuthType::RequestBody))
            }
            (true, true) if has_secret => (AuthType::RequestBody, Some(AuthType::BasicAuth)),
            (true, _) => (AuthType::RequestBody, None),
            (false, _) => (AuthType::BasicAuth, None),
        }
    }

    async fn read_tokens(
        &self,
        provider: &Provider,
        response: &CoreTokenResponse,
        expected: Expected<'_>,
    ) -> Result<OidcTokens, OidcError> {
        let id_token = response.id_token().ok_or(OidcFault::NoIdToken)?;
        let (client_id, now) = (
            ClientId::new(self.settings.client_id.clone()),
            self.clock.now(),
        );
        let verify =
            |provider: &Provider| id_token::verify(provider, &client_id, id_token, expected, now);
        let Claims {
            subject,
            full_name,
            expires_at,
        } = match verify(provider) {
            Ok(claims) => claims,
            Err(IdTokenRefusal {
                may_have_new_key: true,
                ..
            }) => {
                let renewed = self.provider.with_newer_keys(provider).await?;
                verify(&renewed).map_err(|refusal| refusal.fault)?
            }
            Err(refusal) => return Err(refusal.fault.into()),
        };
        Ok(OidcTokens {
            id_token: UserToken::from(id_token.to_string().as_str()),
            refresh_token: response
                .refresh_token()
                .map(|token| token.secret().clone().into()),
            subject,
            full_name,
            expires_at,
        })
    }
}
