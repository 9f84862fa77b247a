//! What to run where signing in fails because console, route and OAuth client do not fit together.
//!
//! Everything here may be read by anybody: names and addresses, never a secret.

use serde::Serialize;
use url::Url;

use super::AppState;
use super::context::RequestContext;
use crate::app::doctor::Installation;
use crate::app::shell_command::ShellCommand;
use crate::config::OauthFlow;
use crate::i18n::{Lang, Message};

/// One thing to do, and the command that does it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    /// What it does, and when it helps.
    pub(crate) what: String,
    pub(crate) command: ShellCommand,
}

/// The names that the commands are about.
pub(super) struct Mend<'a> {
    lang: Lang,
    client: &'a str,
    installation: Installation,
    /// The address of the console, where it is known.
    home: Option<Url>,
    configured: Option<&'a Url>,
    flow: OauthFlow,
    /// The variable that the secret came from.
    setting: Option<&'static str>,
}

impl<'a> Mend<'a> {
    pub(super) fn new(app: &'a AppState, context: &RequestContext) -> Self {
        Self {
            lang: context.lang,
            client: app.oauth.client_id(),
            installation: app.doctor.installation(),
            home: context.console_url.clone(),
            configured: app.address.configured_url(),
            flow: app.oauth.flow(),
            setting: app.oauth.secret_variable(),
        }
    }

    /// The address that configuration gives the console.
    pub(super) fn configured(&self) -> Option<&'a Url> {
        self.configured
    }

    /// The name of the OAuth client.
    pub(super) fn client_id(&self) -> &'a str {
        self.client
    }

    /// The variable that gives the console the client's secret, or would.
    pub(super) fn setting(&self) -> &'static str {
        self.setting.unwrap_or("OPENSHIFT_OAUTH_CLIENT_SECRET")
    }

    /// The redirect URI is not registered.
    pub(super) fn redirect(&self) -> Vec<Step> {
        let mut steps = self.route();
        steps.push(step(
            &self.lang.msg("mend-registered"),
            self.installation.show_redirect_uris(),
        ));
        if let Some(home) = &self.home {
            steps.push(step(
                &self.lang.msg("mend-append"),
                self.installation.add_redirect_uri(home),
            ));
        }
        steps.extend(self.own_address());
        steps
    }

    /// There is no such client, or it has no redirect URIs.
    pub(super) fn client(&self) -> Vec<Step> {
        let mut steps = vec![step(
            &self.lang.msg("mend-client-look"),
            self.installation.show_oauth_client(),
        )];
        let Some(home) = &self.home else { return steps };
        steps.push(step(
            &self.lang.msg("mend-client-uris"),
            self.installation.set_redirect_uri(home),
        ));
        steps.push(self.create(home));
        steps
    }

    /// The console has not got the client's secret.
    pub(super) fn client_secret(&self) -> Vec<Step> {
        let words = [
            self.lang.msg("mend-secret-copy"),
            self.lang.msg("mend-secret-mount"),
            self.lang.msg("mend-secret-set"),
        ];
        words
            .iter()
            .zip(self.installation.use_client_secret())
            .map(|(what, command)| step(what, command))
            .collect()
    }

    /// The client's secret is another one, or the code was.
    pub(super) fn secret(&self) -> Vec<Step> {
        vec![
            step(
                &self.lang.msg("mend-secret-look"),
                self.installation.list_secrets(),
            ),
            step(
                &self
                    .lang
                    .msg("mend-secret-patch")
                    .arg("setting", self.setting()),
                self.installation.set_client_secret(),
            ),
        ]
    }

    /// The browser came by another name than the configured one.
    pub(super) fn host(&self) -> Vec<Step> {
        self.route().into_iter().chain(self.own_address()).collect()
    }

    fn route(&self) -> Vec<Step> {
        vec![step(
            &self.lang.msg("mend-route"),
            self.installation.show_route_host(),
        )]
    }

    /// Takes the route's host for the console's own, where configuration names one.
    fn own_address(&self) -> Option<Step> {
        self.configured.map(|_| {
            step(
                &self.lang.msg("mend-own-address"),
                self.installation.set_address_from_route(),
            )
        })
    }

    fn create(&self, home: &Url) -> Step {
        match self.setting.filter(|_| self.flow == OauthFlow::Code) {
            None => step(
                &self.lang.msg("mend-client-create"),
                self.installation.create_oauth_client(home),
            ),
            Some(setting) => {
                let what = self
                    .lang
                    .msg("mend-client-create-secret")
                    .arg("setting", setting);
                step(
                    &what,
                    self.installation.create_oauth_client_with_secret(home),
                )
            }
        }
    }
}

/// Scheme, host and port, as OAuth clients have them registered.
pub(super) fn origin(home: &Url) -> String {
    home.origin().ascii_serialization()
}

pub(super) fn step(what: &Message, command: ShellCommand) -> Step {
    Step {
        what: what.to_string(),
        command,
    }
}
