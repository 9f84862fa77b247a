//! Commands about the console's own objects: pods, routes, certificate and session key.

use url::Url;

use super::installation::Installation;
use crate::app::shell_command::ShellCommand;

impl Installation {
    /// The routes of the console's project.
    pub(in crate::app) fn show_routes(&self) -> ShellCommand {
        ShellCommand::new("oc get routes").with_option("-n", &self.project)
    }

    /// Creates a route for the console's address. It has a name of its own: without one it would be
    /// `registry-console`, which usually exists for another host when this is printed.
    pub(in crate::app) fn create_route(&self, address: &Url) -> ShellCommand {
        ShellCommand::new(
            "oc create route passthrough console --service registry-console --port registry-console",
        )
        .with_option("--hostname", address.host_str().unwrap_or_default())
        .with_option("-n", &self.project)
    }

    /// Removes a variable of the console, written with a dash after its name: then the default
    /// applies.
    pub(in crate::app) fn unset_variable(&self, variable: &'static str) -> ShellCommand {
        self.set_env_command().with_flag(variable)
    }

    /// Mounts the token of the pod's service account.
    pub(in crate::app) fn mount_token(&self) -> ShellCommand {
        let patch = r#"{"spec":{"template":{"spec":{"automountServiceAccountToken":true}}}}"#;
        ShellCommand::new("oc patch dc registry-console")
            .with_option("-n", &self.project)
            .with_option("-p", patch)
    }

    /// Replaces the certificate of the console by `tls.crt` and `tls.key`, where the template
    /// mounts it. The secret exists if this was done before.
    pub(in crate::app) fn set_certificate(&self) -> ShellCommand {
        let remove = self.delete_secret("oc delete secret registry-console-tls");
        let secret = ShellCommand::new(
            "oc create secret tls registry-console-tls --cert=tls.crt --key=tls.key",
        )
        .with_option("-n", &self.project);
        let mount = self
            .set_volume_command()
            .with_flag("--add --overwrite")
            .with_flag("--name=certificate --type=secret --secret-name=registry-console-tls --mount-path=/var/run/secrets/ws-certs.d");
        remove.and_then(secret).and_then(mount)
    }

    /// Creates a session key for all replicas and restarts, without displaying it.
    pub(in crate::app) fn share_session_key(&self) -> Vec<ShellCommand> {
        let create = ShellCommand::new("oc create secret generic registry-console-session")
            .with_option("-n", &self.project);
        let random =
            ShellCommand::new("openssl rand -base64 64").with_shell_syntax("| tr -d '\\n'");
        vec![
            self.delete_secret("oc delete secret registry-console-session")
                .and_then(random.pipe_to(create.with_flag("--from-file=key=/dev/stdin"))),
            self.mount_secret(
                "--secret-name=registry-console-session",
                "--mount-path=/etc/session",
            ),
            self.set_variable("SESSION_KEY_FILE", "/etc/session/key"),
        ]
    }

    /// Shows where the console runs: the clock of its node is the console's.
    pub(in crate::app) fn show_pods(&self) -> ShellCommand {
        ShellCommand::new("oc get pods -l name=registry-console")
            .with_option("-n", &self.project)
            .with_flag("-o wide")
    }

    pub(in crate::app) fn show_log(&self) -> ShellCommand {
        ShellCommand::new("oc logs")
            .with_option("-n", &self.project)
            .with_operand(&self.workload)
            .with_flag("--tail=50")
    }
}
