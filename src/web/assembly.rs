//! Assembles the state of the web layer from the settings.

use axum_extra::extract::cookie::Key;
use secrecy::ExposeSecret as _;

use super::session::Sessions;
use super::sign_in::SignInClient;
use super::{AppState, links};
use crate::app::App;
use crate::app::doctor::{Doctor, Settings};
use crate::config::{Config, SessionSettings, SignInSettings};
use crate::index::IndexReader;
use crate::openshift::oauth::{OauthClient, OauthDiscovery};
use crate::openshift::oidc::OidcClient;
use crate::outbound::{SetupError, TimeLimits, Upstream};
use registry_model::Clock;

impl AppState {
    /// The pages of a console with these settings. No upstream is called.
    ///
    /// # Errors
    /// The address or the certificates of an upstream cannot be used.
    pub fn from_config(
        config: &Config,
        index: IndexReader,
        clock: Clock,
        limits: TimeLimits,
    ) -> Result<Self, SetupError> {
        let api_server = Upstream::for_api_server(&config.cluster, limits)?;
        let sign_in_client = match &config.sign_in {
            SignInSettings::Oauth(oauth) => {
                let provider = oauth.provider.clone();
                let discovery = OauthDiscovery::new(api_server.clone(), provider, clock.clone());
                SignInClient::Oauth(Box::new(OauthClient::new(oauth.clone(), discovery)))
            }
            SignInSettings::Oidc(oidc) => {
                SignInClient::Oidc(Box::new(OidcClient::new(oidc.clone(), clock.clone())))
            }
        };
        let app = App::from_config(config, api_server, index, &clock, limits)?;
        let settings = Settings::from_config(config, links::OAUTH_CALLBACK);
        let doctor = Doctor::new(settings, clock.clone());
        let address = config.listen.public_url.clone();
        let sessions = Sessions::new(session_keys(&config.session), config.session.limits);
        Ok(
            Self::new(app, sign_in_client, doctor, clock, address, sessions)
                .with_page_settings(config.pages),
        )
    }
}

/// The configured keys, otherwise a key that exists as long as the process.
fn session_keys(settings: &SessionSettings) -> Vec<Key> {
    let keys: Vec<Key> = settings
        .keys
        .iter()
        .map(|key| Key::from(key.expose_secret()))
        .collect();
    if keys.is_empty() {
        vec![Key::generate()]
    } else {
        keys
    }
}
