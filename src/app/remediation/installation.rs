//! Commands about the objects of an installation: deployment configuration, route, secrets and
//! OAuth client.
//!
//! The doctor and the pages about failed sign-ins show the same commands. They are readable without
//! a session: they contain names and addresses, never a secret.

use serde_json::{Value, json};
use url::Url;

use super::origin;
use crate::app::shell_command::{ShellCommand, ShellWord};
use crate::config::{ClientSecret, OauthFlow};

/// The names of the objects of this installation.
#[derive(Clone, Debug)]
pub struct Installation {
    pub project: String,
    /// What makes the console's pods, as `oc` names it: `dc/registry-console`.
    pub workload: String,
    /// The name of its OAuth client.
    pub oauth_client: String,
    /// The path of the redirect URI.
    pub callback_path: &'static str,
    /// The OAuth flow of sign-ins.
    pub oauth_flow: OauthFlow,
    /// The variable that contains the secret of the OAuth client, or that would.
    pub client_secret_variable: &'static str,
    /// Whether `COCKPIT_KUBE_URL` contains the address of the console.
    pub is_address_configured: bool,
}

/// The project in which the templates of OpenShift 3 create the console.
const DEFAULT_PROJECT: &str = "default";
/// What these templates create.
const DEFAULT_WORKLOAD: &str = "dc/registry-console";

impl Default for Installation {
    /// The names that the templates of OpenShift 3 use.
    fn default() -> Self {
        Self {
            project: DEFAULT_PROJECT.to_owned(),
            workload: DEFAULT_WORKLOAD.to_owned(),
            oauth_client: "cockpit-oauth-client".to_owned(),
            callback_path: "/oauth/callback",
            oauth_flow: OauthFlow::Code,
            client_secret_variable: "OPENSHIFT_OAUTH_CLIENT_SECRET",
            is_address_configured: false,
        }
    }
}

/// Lists the variables of the console, in `project` if it is known: for a console whose settings
/// cannot be read.
pub(in crate::app) fn list_variables(project: Option<&str>) -> ShellCommand {
    ShellCommand::new("oc set env")
        .with_operand(DEFAULT_WORKLOAD)
        .with_option("-n", project.unwrap_or(DEFAULT_PROJECT))
        .with_flag("--list")
}

/// The lifetime of the OAuth client's tokens in seconds: a working day, as in the template.
const TOKEN_LIFETIME_SECONDS: u32 = 36_000;

/// The shell variable that holds what was typed, as part of a word.
const TYPED_SECRET_VARIABLE: &str = "\"$SECRET\"";

impl Installation {
    /// Shows the OAuth client, including its secret.
    #[must_use]
    pub fn show_oauth_client(&self) -> ShellCommand {
        ShellCommand::new("oc get oauthclient").with_operand(&self.oauth_client)
    }

    fn oauth_client_field(&self, jsonpath: &str) -> ShellCommand {
        self.show_oauth_client().with_option("-o", jsonpath)
    }

    /// Shows only the registered redirect URIs of the OAuth client.
    #[must_use]
    pub fn show_redirect_uris(&self) -> ShellCommand {
        self.oauth_client_field("jsonpath={.redirectURIs}")
    }

    /// Registers one more redirect URI and keeps the others, which another console may need.
    #[must_use]
    pub fn add_redirect_uri(&self, address: &Url) -> ShellCommand {
        let patch =
            json!([{"op": "add", "path": "/redirectURIs/-", "value": self.redirect_uri(address)}]);
        self.patch_oauth_client("--type=json", &patch)
    }

    /// Replaces all redirect URIs of the OAuth client by this one.
    #[must_use]
    pub fn set_redirect_uri(&self, address: &Url) -> ShellCommand {
        self.patch_oauth_client(
            "--type=merge",
            &json!({"redirectURIs": [self.redirect_uri(address)]}),
        )
    }

    /// Narrows the redirect URI at this index of the list to the callback, if the list is still the
    /// one that was read.
    #[must_use]
    pub(in crate::app) fn narrow_redirect_uri(
        &self,
        place: usize,
        registered: &str,
        address: &Url,
    ) -> ShellCommand {
        let path = format!("/redirectURIs/{place}");
        let patch = json!([
            {"op": "test", "path": path, "value": registered},
            {"op": "replace", "path": path, "value": self.redirect_uri(address)},
        ]);
        self.patch_oauth_client("--type=json", &patch)
    }

    /// The URI that is registered for sign-ins: only the path of the callback, not the whole
    /// console.
    fn redirect_uri(&self, address: &Url) -> String {
        format!("{}{}", origin(address), self.callback_path)
    }

    fn patch_oauth_client(&self, kind: &'static str, patch: &Value) -> ShellCommand {
        ShellCommand::new("oc patch oauthclient")
            .with_operand(&self.oauth_client)
            .with_flag(kind)
            .with_option("-p", patch.to_string())
    }

    /// Creates the OAuth client: for the implicit flow without a secret, otherwise with one that is
    /// typed in, which appears neither on the screen nor in the shell's history, nor as an
    /// argument.
    #[must_use]
    pub fn create_oauth_client(&self, address: &Url) -> ShellCommand {
        let object = self.oauth_client_object(address).to_string();
        if self.oauth_flow == OauthFlow::Implicit {
            return ShellCommand::new("oc create -f -").with_input(object);
        }
        let open = format!("{},\"secret\":\"", object.trim_end_matches('}'));
        let object = ShellWord::from(open)
            .append_syntax(TYPED_SECRET_VARIABLE)
            .append("\"}");
        ShellCommand::new("oc create -f -")
            .with_input(object)
            .with_secret_prompt("SECRET")
    }

    /// The last of its values is a list, to which items are appended.
    fn oauth_client_object(&self, address: &Url) -> Value {
        json!({
            "accessTokenMaxAgeSeconds": TOKEN_LIFETIME_SECONDS,
            "apiVersion": "oauth.openshift.io/v1",
            "grantMethod": "auto",
            "kind": "OAuthClient",
            "metadata": {"name": self.oauth_client},
            "redirectURIs": [self.redirect_uri(address)],
        })
    }

    /// Sets the secret of the OAuth client to one that is typed in. `oc patch` takes the patch as
    /// an argument, which the list of processes shows.
    #[must_use]
    pub fn set_client_secret(&self) -> ShellCommand {
        let replaced =
            r#"| { grep -v '^secret:'; printf 'secret: "%s"\n' "$SECRET"; } | oc replace -f -"#;
        self.show_oauth_client()
            .with_flag("-o yaml")
            .with_shell_syntax(replaced)
            .with_secret_prompt("SECRET")
    }

    /// Compares the secret of the OAuth client with the console's, which is read from the console
    /// itself.
    #[must_use]
    pub fn compare_secret(&self, secret: &ClientSecret) -> ShellCommand {
        let read = match secret {
            ClientSecret::Known {
                variable: "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE",
                ..
            } => r#"sh -c 'cat "$OPENSHIFT_OAUTH_CLIENT_SECRET_FILE"'"#,
            _ => r#"sh -c 'printf %s "$OPENSHIFT_OAUTH_CLIENT_SECRET"'"#,
        };
        let console_secret = ShellCommand::new("oc rsh -T")
            .with_option("-n", &self.project)
            .with_operand(&self.workload)
            .with_flag(read);
        let client_secret = self.oauth_client_field("jsonpath={.secret}");
        ShellCommand::new("test")
            .with_operand(ShellWord::default().append_output_of(&client_secret))
            .with_flag("=")
            .with_operand(ShellWord::default().append_output_of(&console_secret))
            .with_shell_syntax("&& echo same || echo different")
    }

    /// Copies the secret of the OAuth client to the console, without displaying it.
    #[must_use]
    pub fn use_client_secret(&self) -> Vec<ShellCommand> {
        let create = ShellCommand::new("oc create secret generic registry-console-oauth")
            .with_option("-n", &self.project);
        let copy = self
            .oauth_client_field("jsonpath={.secret}")
            .pipe_to(create.with_flag("--from-file=secret=/dev/stdin"));
        vec![
            self.delete_secret("oc delete secret registry-console-oauth")
                .and_then(copy),
            self.mount_secret(
                "--secret-name=registry-console-oauth",
                "--mount-path=/etc/registry-console/oauth",
            ),
            self.set_variable(
                "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE",
                "/etc/registry-console/oauth/secret",
            ),
        ]
    }

    /// Deletes a secret of an earlier attempt, so that it can be created again. `delete` names it.
    #[must_use]
    pub(super) fn delete_secret(&self, delete: &'static str) -> ShellCommand {
        ShellCommand::new(delete)
            .with_option("-n", &self.project)
            .with_flag("--ignore-not-found")
    }

    /// Mounts a secret into the console.
    #[must_use]
    pub(super) fn mount_secret(&self, name: &'static str, path: &'static str) -> ShellCommand {
        self.set_volume_command()
            .with_flag("--add")
            .with_flag("--type=secret")
            .with_flag(name)
            .with_flag(path)
    }

    /// Lists the secrets that the console's template created.
    #[must_use]
    pub fn list_secrets(&self) -> ShellCommand {
        ShellCommand::new("oc get secret -l name=registry-console").with_option("-n", &self.project)
    }

    /// Shows the host of the console's route.
    #[must_use]
    pub fn show_route_host(&self) -> ShellCommand {
        ShellCommand::new("oc get route registry-console")
            .with_option("-n", &self.project)
            .with_option("-o", "jsonpath={.spec.host}")
    }

    /// Sets the console's address to the route's host.
    #[must_use]
    pub fn set_address_from_route(&self) -> ShellCommand {
        self.set_env_command().with_operand(
            ShellWord::from_syntax("COCKPIT_KUBE_URL=https://")
                .append_output_of(&self.show_route_host()),
        )
    }

    /// Makes users sign in at the OIDC provider of the cluster.
    pub(in crate::app) fn use_oidc_provider(&self) -> ShellCommand {
        let issuer = ShellCommand::new(
            "oc get authentication.config.openshift.io cluster -o 'jsonpath={.spec.oidcProviders[0].issuer.issuerURL}'",
        );
        self.set_env_command()
            .with_flag("OPENSHIFT_OAUTH_PROVIDER_URL-")
            .with_operand(ShellWord::from_syntax("OIDC_ISSUER_URL=").append_output_of(&issuer))
            .with_operand(ShellWord::assignment("OIDC_CLIENT_ID", "registry-console"))
    }

    /// `oc set env` of the console, without any variable.
    #[must_use]
    pub(super) fn set_env_command(&self) -> ShellCommand {
        ShellCommand::new("oc set env")
            .with_operand(&self.workload)
            .with_option("-n", &self.project)
    }

    /// `oc set volume` of the console, without any volume.
    #[must_use]
    pub(super) fn set_volume_command(&self) -> ShellCommand {
        ShellCommand::new("oc set volume")
            .with_operand(&self.workload)
            .with_option("-n", &self.project)
    }

    /// Sets a variable of the console.
    #[must_use]
    pub fn set_variable(&self, variable: &'static str, value: &str) -> ShellCommand {
        self.set_env_command()
            .with_operand(ShellWord::assignment(variable, value))
    }
}

#[cfg(test)]
mod tests;
