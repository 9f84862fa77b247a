//! How to make each system trust the registry's authority.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::release::Release;
use crate::app::shell_command::{ShellCommand, ShellWord};

/// A system on which a certificate is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TrustStore {
    Docker,
    /// Podman, Buildah and Skopeo.
    Podman,
    Containerd,
    Crio,
    /// All nodes, builds and imports of OpenShift 4.
    Openshift,
    Redhat,
    Debian,
    Macos,
    Windows,
}

/// The instructions for one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrustInstructions {
    pub system: TrustStore,
    /// Commands, in the order in which they are run.
    pub lines: Vec<ShellCommand>,
    /// A file to write: its path and its content.
    pub file: Option<(String, String)>,
}

impl TrustStore {
    /// The product name, which is not translated.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Docker => "Docker (Linux)",
            Self::Podman => "Podman, Buildah, Skopeo",
            Self::Containerd => "containerd",
            Self::Crio => "CRI-O",
            Self::Openshift => "OpenShift 4",
            Self::Redhat => "RHEL, CentOS, Fedora",
            Self::Debian => "Debian, Ubuntu",
            Self::Macos => "macOS",
            Self::Windows => "Windows",
        }
    }
}

impl TrustStore {
    /// The id of its section of a page.
    #[must_use]
    pub fn section_id(self) -> &'static str {
        match self {
            Self::Docker => "trust-docker",
            Self::Podman => "trust-podman",
            Self::Containerd => "trust-containerd",
            Self::Crio => "trust-crio",
            Self::Openshift => "trust-openshift",
            Self::Redhat => "trust-redhat",
            Self::Debian => "trust-debian",
            Self::Macos => "trust-macos",
            Self::Windows => "trust-windows",
        }
    }
}

/// Commands that download the certificate with this fingerprint from the console. `curl` does not
/// verify the console's own certificate, which clients do not trust either where the service CA
/// issued it; the second command verifies the download and deletes anything else.
#[must_use]
pub(in crate::app) fn fetch_certificate_commands(
    address: &str,
    fingerprint: &str,
) -> Vec<ShellCommand> {
    vec![
        ShellCommand::new("curl -fsSk -o ca.crt").with_operand(address),
        ShellCommand::new("openssl x509 -in ca.crt -noout -fingerprint -sha256")
            .pipe_to(ShellCommand::new("grep -iF").with_operand(fingerprint))
            .with_shell_syntax("|| rm ca.crt"),
    ]
}

/// The instructions for a registry called `host`, each of which begins with `ca.crt` in the current
/// directory.
///
/// The directories of Docker, containers/image and containerd are named after the registry,
/// including its port.
#[must_use]
pub(in crate::app) fn trust_instructions(
    host: Option<&str>,
    release: Option<Release>,
) -> Vec<TrustInstructions> {
    let host = host.unwrap_or("REGISTRY");
    let steps = |system, lines: Vec<ShellCommand>| TrustInstructions {
        system,
        lines,
        file: None,
    };
    let install =
        |path: String| ShellCommand::new("sudo install -D -m 0644 ca.crt").with_operand(path);
    // The name of a file, and the key of a ConfigMap, cannot contain every character of a host with
    // a port.
    let file = host.replace([':', '[', ']'], "-");
    let mut all = vec![
        steps(
            TrustStore::Docker,
            vec![install(format!("/etc/docker/certs.d/{host}/ca.crt"))],
        ),
        steps(
            TrustStore::Podman,
            vec![
                install(format!("/etc/containers/certs.d/{host}/ca.crt")),
                ShellCommand::new("install -D -m 0644 ca.crt").with_operand(
                    ShellWord::from_syntax("~/.config/containers/certs.d/")
                        .append(format!("{host}/ca.crt")),
                ),
            ],
        ),
        containerd_instructions(
            host,
            install(format!("/etc/containerd/certs.d/{host}/ca.crt")),
        ),
        steps(
            TrustStore::Crio,
            vec![install(format!("/etc/containers/certs.d/{host}/ca.crt"))],
        ),
        steps(TrustStore::Openshift, openshift4_commands(host)),
        steps(
            TrustStore::Redhat,
            vec![
                install(format!("/etc/pki/ca-trust/source/anchors/{file}.crt")),
                ShellCommand::new("sudo update-ca-trust"),
            ],
        ),
        steps(
            TrustStore::Debian,
            vec![
                install(format!("/usr/local/share/ca-certificates/{file}.crt")),
                ShellCommand::new("sudo update-ca-certificates"),
            ],
        ),
        steps(
            TrustStore::Macos,
            vec![
                ShellCommand::new(
                    "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ca.crt",
                ),
                ShellCommand::new("osascript -e 'quit app \"Docker\"'; open -a Docker"),
            ],
        ),
        steps(
            TrustStore::Windows,
            vec![
                ShellCommand::new("certutil -addstore -f Root ca.crt"),
                ShellCommand::new(
                    "Import-Certificate -FilePath ca.crt -CertStoreLocation Cert:\\LocalMachine\\Root",
                ),
            ],
        ),
    ];
    all.retain(|steps| steps.system != TrustStore::Openshift || release != Some(Release::Three));
    all
}

/// There is one ConfigMap for the authorities of all registries. If one is in use already, the
/// authority is added to it: naming another would lose its content.
fn openshift4_commands(host: &str) -> Vec<ShellCommand> {
    let in_use = ShellCommand::new("oc get image.config.openshift.io/cluster")
        .with_option("-o", "jsonpath={.spec.additionalTrustedCA.name}");
    let from_file = || ShellWord::from(host.replace(':', "..")).append_syntax("=ca.crt");
    vec![
        in_use.clone(),
        ShellCommand::new("oc create configmap registry-cas -n openshift-config")
            .with_option("--from-file", from_file()),
        ShellCommand::new("test -z")
            .with_operand(ShellWord::default().append_output_of(&in_use))
            .and_then(
                ShellCommand::new("oc patch image.config.openshift.io/cluster --type=merge")
                    .with_option(
                        "-p",
                        r#"{"spec":{"additionalTrustedCA":{"name":"registry-cas"}}}"#,
                    ),
            ),
        ShellCommand::new("oc set data configmap/CONFIGMAP -n openshift-config")
            .with_option("--from-file", from_file()),
    ]
}

fn containerd_instructions(host: &str, install: ShellCommand) -> TrustInstructions {
    let folder = format!("/etc/containerd/certs.d/{host}");
    let text = format!(
        "server = \"https://{host}\"\n\n[host.\"https://{host}\"]\n  ca = \"{folder}/ca.crt\"\n"
    );
    TrustInstructions {
        system: TrustStore::Containerd,
        lines: vec![install],
        file: Some((format!("{folder}/hosts.toml"), text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(host: &str) -> String {
        trust_instructions(Some(host), None)
            .into_iter()
            .flat_map(|steps| steps.lines)
            .map(|line| line.to_line().unwrap())
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn certificate_directory_is_named_host_and_port() {
        let all = all("registry.example.com:5000");
        for path in [
            "/etc/docker/certs.d",
            "/etc/containers/certs.d",
            "/etc/containerd/certs.d",
        ] {
            assert!(
                all.contains(&format!("{path}/registry.example.com:5000/ca.crt")),
                "{path}: {all}"
            );
        }
        assert!(all.contains("/etc/pki/ca-trust/source/anchors/registry.example.com-5000.crt\nsudo update-ca-trust"), "{all}");
        assert!(
            all.contains("--from-file=registry.example.com..5000=ca.crt"),
            "the key of a ConfigMap holds no colon: {all}"
        );
    }

    #[test]
    fn bracketed_ipv6_host_is_quoted() {
        for line in all("[::1]:5000")
            .lines()
            .filter(|line| line.contains("[::1]"))
        {
            let at = line.find("[::1]").unwrap();
            assert_eq!(line[..at].matches('\'').count() % 2, 1, "{line}");
        }
    }

    /// Runs all but the last of the commands for OpenShift 4, where `oc` prints `in_use` for the
    /// setting, and returns the other calls of `oc`.
    fn run_for_all_nodes(in_use: &str) -> String {
        let commands = openshift4_commands("registry.example.com:5000");
        let lines: Vec<String> = commands[..3]
            .iter()
            .map(|command| command.to_line().unwrap())
            .collect();
        let script = format!(
            "oc() {{ case $1 in get) printf %s '{in_use}';; *) echo \"$*\" >&2;; esac; }}\n{}",
            lines.join("\n")
        );
        let done = std::process::Command::new("/bin/sh")
            .args(["-c", &script])
            .output()
            .unwrap();
        String::from_utf8(done.stderr).unwrap()
    }

    #[test]
    fn existing_registry_ca_config_map_is_not_replaced() {
        assert!(run_for_all_nodes("").contains("patch image.config.openshift.io/cluster"));
        let other = run_for_all_nodes("corporate-cas");
        assert!(
            other.contains("create configmap registry-cas") && !other.contains("patch"),
            "{other}"
        );
        let add = openshift4_commands("registry.example.com:5000")
            .pop()
            .unwrap();
        let line = "oc set data configmap/CONFIGMAP -n openshift-config --from-file=registry.example.com..5000=ca.crt";
        assert_eq!(add.to_line().unwrap(), line);
    }

    #[test]
    fn openshift_4_settings_are_hidden_on_3() {
        let has = |release| {
            trust_instructions(None, release)
                .iter()
                .any(|steps| steps.system == TrustStore::Openshift)
        };
        assert_eq!(
            [Some(Release::Three), Some(Release::FourOrLater), None].map(has),
            [false, true, true]
        );
    }
}
