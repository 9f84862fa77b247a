//! What to run where signing in fails because console, route and OAuth client do not fit together.
//!
//! Everything here may be read by anybody: names and addresses, never a secret.

use serde::Serialize;
use serde_json::json;
use url::Url;

use super::App;
use super::context::Context;
use crate::config::Flow;
use crate::console::{Oc, quoted};
use crate::i18n::{Lang, Message};

/// One thing to do, and the command that does it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    /// What it does, and when it helps.
    pub(crate) what: String,
    /// A line for a POSIX shell.
    pub(crate) command: String,
}

/// The names that the commands are about.
pub(super) struct Mend<'a> {
    lang: Lang,
    client: &'a str,
    /// Scheme, host and port of the console, where they are known.
    origin: Option<String>,
    configured: Option<&'a Url>,
    flow: Flow,
    /// The variable that the secret came from.
    setting: Option<&'static str>,
}

/// Stands in a quoted text where the shell is to put what was typed.
const TYPED: &str = "@TYPED@";

impl<'a> Mend<'a> {
    pub(super) fn new(app: &'a App, context: &Context) -> Self {
        Self {
            lang: context.lang,
            client: app.oauth.client_id(),
            origin: context.home.as_ref().map(origin),
            configured: app.address.configured(),
            flow: app.oauth.flow(),
            setting: app.oauth.secret_setting(),
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
        let registered = Oc::new(["get", "oauthclient", self.client, "-o", "jsonpath={.redirectURIs}"]);
        steps.push(step(&self.lang.msg("mend-registered"), &registered));
        if let Some(origin) = &self.origin {
            // Appends: another console may live from the others.
            let patch = json!([{"op": "add", "path": "/redirectURIs/-", "value": origin}]).to_string();
            let append = Oc::new(["patch", "oauthclient", self.client, "--type=json", "-p", &patch]);
            steps.push(step(&self.lang.msg("mend-append"), &append));
        }
        steps.extend(self.own_address());
        steps
    }

    /// There is no such client, or it has no redirect URIs.
    pub(super) fn client(&self) -> Vec<Step> {
        let look = Oc::new(["get", "oauthclient", self.client]);
        let mut steps = vec![step(&self.lang.msg("mend-client-look"), &look)];
        let Some(origin) = &self.origin else { return steps };
        let patch = json!({"redirectURIs": [origin]}).to_string();
        let uris = Oc::new(["patch", "oauthclient", self.client, "--type=merge", "-p", &patch]);
        steps.push(step(&self.lang.msg("mend-client-uris"), &uris));
        steps.push(self.create(origin));
        steps
    }

    /// The client's secret is another one, or the code was.
    pub(super) fn secret(&self) -> Vec<Step> {
        let look = Oc::new(["get", "secret", "-l", "name=registry-console", "-n", "default"]);
        let patch = typed(&json!({"secret": TYPED}).to_string());
        let patch = format!("read -rs SECRET && {} {patch}", Oc::new(["patch", "oauthclient", self.client, "--type=merge", "-p"]));
        vec![
            step(&self.lang.msg("mend-secret-look"), &look),
            step(&self.lang.msg("mend-secret-patch").arg("setting", self.setting()), &patch),
        ]
    }

    /// The browser came by another name than the configured one.
    pub(super) fn host(&self) -> Vec<Step> {
        self.route().into_iter().chain(self.own_address()).collect()
    }

    fn route(&self) -> Vec<Step> {
        vec![step(
            &self.lang.msg("mend-route"),
            &Oc::new(["get", "route", "registry-console", "-n", "default", "-o", "jsonpath={.spec.host}"]),
        )]
    }

    /// Takes the route's host for the console's own, where configuration names one.
    fn own_address(&self) -> Option<Step> {
        let host = Oc::new(["get", "route", "registry-console", "-n", "default", "-o", "jsonpath={.spec.host}"]);
        let set = format!("{} COCKPIT_KUBE_URL=\"https://$({host})\"", Oc::new(["set", "env", "dc/registry-console", "-n", "default"]));
        self.configured.map(|_| step(&self.lang.msg("mend-own-address"), &set))
    }

    fn create(&self, origin: &str) -> Step {
        let mut client = json!({
            "apiVersion": "oauth.openshift.io/v1",
            "kind": "OAuthClient",
            "metadata": {"name": self.client},
            "grantMethod": "auto",
            "redirectURIs": [origin],
        });
        let Some(setting) = self.setting.filter(|_| self.flow == Flow::Code) else {
            return step(&self.lang.msg("mend-client-create"), &format!("echo {} | oc create -f -", quoted(&client.to_string())));
        };
        client["secret"] = TYPED.into();
        let command = format!("read -rs SECRET && echo {} | oc create -f -", typed(&client.to_string()));
        step(&self.lang.msg("mend-client-create-secret").arg("setting", setting), &command)
    }
}

/// Scheme, host and port, as OAuth clients have them registered.
pub(super) fn origin(home: &Url) -> String {
    home.origin().ascii_serialization()
}

fn step(what: &Message, command: &impl ToString) -> Step {
    Step { what: what.to_string(), command: command.to_string() }
}

/// One word for a shell that puts what was typed before (`read -rs SECRET`) in the place of [`TYPED`]: so no secret is on the screen, nor in the
/// history of commands.
fn typed(text: &str) -> String {
    quoted(text).replace(TYPED, "'\"$SECRET\"'")
}
