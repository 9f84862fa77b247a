//! Commands that configure a server's certificate authority in the console, from where the cluster
//! stores it.
//!
//! The parts of a line run only if those before them succeeded: with a file that contains no
//! certificate, the console would not start.

use super::installation::Installation;
use crate::app::release::Release;
use crate::app::shell_command::{ShellCommand, ShellWord};

/// The ConfigMap that the template mounts at `/etc/registry-console/ca`.
const CA_CONFIG_MAP: &str = "registry-console-ca";

/// The name of a file of authorities in the commands about it.
struct CaFile {
    shell_redirect: &'static str,
    verify_command: &'static str,
    from_file: &'static str,
    variable: &'static str,
    mount_path: &'static str,
}

const OAUTH_CA_FILE: CaFile = CaFile {
    shell_redirect: "> oauth.crt",
    verify_command: "openssl x509 -noout -subject -enddate -in oauth.crt",
    from_file: "--from-file=oauth.crt",
    variable: "OAUTH_CA_FILE",
    mount_path: "/etc/registry-console/ca/oauth.crt",
};
const OIDC_CA_FILE: CaFile = CaFile {
    shell_redirect: "",
    verify_command: "openssl x509 -noout -subject -enddate -in oidc.crt",
    from_file: "--from-file=oidc.crt",
    variable: "OIDC_CA_FILE",
    mount_path: "/etc/registry-console/ca/oidc.crt",
};
const REGISTRY_CA_FILE: CaFile = CaFile {
    shell_redirect: "> registry.crt",
    verify_command: "openssl x509 -noout -subject -enddate -in registry.crt",
    from_file: "--from-file=registry.crt",
    variable: "REGISTRY_CA_FILE",
    mount_path: "/etc/registry-console/ca/registry.crt",
};
const STORAGE_CA_FILE: CaFile = CaFile {
    shell_redirect: "",
    verify_command: "openssl x509 -noout -subject -enddate -in storage.crt",
    from_file: "--from-file=storage.crt",
    variable: "REGISTRY_BLOB_CA_FILE",
    mount_path: "/etc/registry-console/ca/storage.crt",
};

/// On OpenShift 3 the OAuth server is the API server, at the address that `oc` uses.
pub(in crate::app) fn oauth_authority_commands(
    installation: &Installation,
    release: Release,
) -> Vec<ShellCommand> {
    let fetch = match release {
        Release::Three => show_api_server_authority(),
        Release::FourOrLater => {
            ShellCommand::new("oc get configmap oauth-serving-cert -n openshift-config-managed")
                .with_flag(r"-o 'jsonpath={.data.ca-bundle\.crt}'")
        }
    };
    install_ca_file(installation, release, &OAUTH_CA_FILE, Some(fetch))
}

/// The authority of the OIDC provider. Only its administrator knows where it is stored.
pub(in crate::app) fn oidc_authority_commands(installation: &Installation) -> Vec<ShellCommand> {
    install_ca_file(installation, Release::FourOrLater, &OIDC_CA_FILE, None)
}

/// On OpenShift 3, the registry's Secret contains its certificate, followed by the authority; on
/// OpenShift 4, the service CA issues it.
pub(in crate::app) fn registry_authority_commands(
    installation: &Installation,
    release: Release,
) -> Vec<ShellCommand> {
    let fetch = match release {
        Release::Three => ShellCommand::new("oc get secret registry-certificates -n default")
            .with_flag(r"-o 'jsonpath={.data.registry\.crt}'")
            .pipe_to(ShellCommand::new("base64 -d")),
        Release::FourOrLater => ShellCommand::new("oc get configmap openshift-service-ca.crt")
            .with_option("-n", &installation.project)
            .with_flag(r"-o 'jsonpath={.data.service-ca\.crt}'"),
    };
    install_ca_file(installation, release, &REGISTRY_CA_FILE, Some(fetch))
}

/// The authority of the registry's object storage. Only the administrator of the storage knows
/// where it is stored.
pub(in crate::app) fn storage_authority_commands(
    installation: &Installation,
    release: Release,
) -> Vec<ShellCommand> {
    install_ca_file(installation, release, &STORAGE_CA_FILE, None)
}

/// The authority with which `oc` itself verifies the API server.
pub(in crate::app) fn api_server_authority_command(installation: &Installation) -> ShellCommand {
    installation.set_env_command().with_operand(
        ShellWord::from_syntax("KUBERNETES_CA_DATA=")
            .append_output_of(&show_api_server_authority()),
    )
}

fn show_api_server_authority() -> ShellCommand {
    ShellCommand::new("oc config view --raw --minify --flatten")
        .with_option(
            "-o",
            "jsonpath={.clusters[0].cluster.certificate-authority-data}",
        )
        .pipe_to(ShellCommand::new("base64 -d"))
}

/// Updates the ConfigMap, which may already contain other files. `fetch` writes the authority to a
/// file; without it the file exists already.
fn install_ca_file(
    installation: &Installation,
    release: Release,
    file: &CaFile,
    fetch: Option<ShellCommand>,
) -> Vec<ShellCommand> {
    let project = installation.project.as_str();
    let map = |command: &'static str| {
        ShellCommand::new(command)
            .with_operand(CA_CONFIG_MAP)
            .with_option("-n", project)
    };
    let check = ShellCommand::new(file.verify_command);
    let checked = match fetch {
        Some(fetch) => fetch.with_shell_syntax(file.shell_redirect).and_then(check),
        None => check,
    };
    let add = match release {
        // `oc` of OpenShift 3 has no `oc set data`.
        Release::Three => {
            let object = map("oc create configmap")
                .with_flag(file.from_file)
                .with_flag("--dry-run -o json");
            map("oc patch configmap")
                .with_flag("--type=merge")
                .with_option("-p", ShellWord::default().append_output_of(&object))
        }
        Release::FourOrLater => map("oc set data configmap").with_flag(file.from_file),
    };
    let mount = installation
        .set_volume_command()
        .with_flag("--add --overwrite")
        .with_flag("--name=ca --type=configmap --configmap-name=registry-console-ca --mount-path=/etc/registry-console/ca");
    let set = installation.set_variable(file.variable, file.mount_path);
    vec![
        map("oc get configmap").or_else(map("oc create configmap")),
        checked.and_then(add).and_then(mount).and_then(set),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installation() -> Installation {
        Installation {
            project: "infra".to_owned(),
            ..Installation::default()
        }
    }

    /// The calls of `oc`, where its `get` and `config view` print `answer`, and whether the script
    /// succeeded. The script stops at the first failure, as with `set -e`.
    fn calls(commands: &[ShellCommand], answer: &str) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let lines: Vec<String> = commands
            .iter()
            .map(|command| command.to_line().unwrap())
            .collect();
        std::fs::write(folder.path().join("answer"), answer).unwrap();
        let script = format!(
            "set -e\noc() {{ printf '%s\\n' \"$*\" >> calls; case $1$2 in getconfigmap|getsecret|configview) cat answer;; esac; }}\n{}",
            lines.join("\n")
        );
        let done = std::process::Command::new("/bin/sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .output()
            .unwrap();
        (
            done.status.success(),
            std::fs::read_to_string(folder.path().join("calls")).unwrap(),
        )
    }

    #[test]
    fn unfetchable_authority_is_not_configured() {
        let certificate = rcgen::generate_simple_self_signed(vec!["ca.example".to_owned()])
            .unwrap()
            .cert
            .pem();
        let encoded =
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &certificate);
        let installation = installation();
        for (commands, good) in [
            (
                registry_authority_commands(&installation, Release::FourOrLater),
                &certificate,
            ),
            (
                oauth_authority_commands(&installation, Release::FourOrLater),
                &certificate,
            ),
            (
                registry_authority_commands(&installation, Release::Three),
                &encoded,
            ),
            (
                oauth_authority_commands(&installation, Release::Three),
                &encoded,
            ),
        ] {
            let (succeeded, calls_made) = calls(&commands, good);
            assert!(
                succeeded && calls_made.contains("set env dc/registry-console -n infra"),
                "{calls_made}"
            );
            assert!(
                calls_made.contains("--configmap-name=registry-console-ca"),
                "the template of OpenShift 3 mounts none: {calls_made}"
            );
            for nothing in ["", "bm8="] {
                let (succeeded, calls_made) = calls(&commands, nothing);
                let changes = ["set env", "set volume", "set data", "patch"]
                    .iter()
                    .any(|change| calls_made.contains(change));
                assert!(!succeeded && !changes, "{nothing:?}: {calls_made}");
            }
        }
    }

    #[test]
    fn openshift_3_gets_no_openshift_4_commands() {
        let installation = installation();
        let lines = |release| {
            let all = [
                registry_authority_commands(&installation, release),
                oauth_authority_commands(&installation, release),
                storage_authority_commands(&installation, release),
            ]
            .concat();
            all.iter()
                .map(|command| command.to_line().unwrap())
                .collect::<Vec<_>>()
                .join("\n")
        };
        let (three, four) = (lines(Release::Three), lines(Release::FourOrLater));
        for only_four in [
            "openshift-service-ca.crt",
            "oauth-serving-cert",
            "openshift-config-managed",
            "oc set data",
        ] {
            assert!(
                !three.contains(only_four) && four.contains(only_four),
                "{only_four}"
            );
        }
        assert!(!four.contains("registry-certificates") && three.contains("registry-certificates"));
    }
}
