//! How each system is made to trust the registry's authority.

use serde::Serialize;

use super::shell_command::{ShellCommand, ShellWord};

/// Where a certificate is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// Docker on Linux.
    Docker,
    /// Podman, Buildah and Skopeo.
    Podman,
    /// containerd.
    Containerd,
    /// CRI-O, and OpenShift 4 as a whole.
    Crio,
    /// RHEL, CentOS, Fedora.
    Redhat,
    /// Debian, Ubuntu.
    Debian,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

/// What to run there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrustSteps {
    /// Where.
    pub system: System,
    /// One command after the other.
    pub lines: Vec<ShellCommand>,
    /// A file to write: its path and its text.
    pub file: Option<(String, String)>,
}

impl System {
    /// Its name, which no language translates.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Docker => "Docker (Linux)",
            Self::Podman => "Podman, Buildah, Skopeo",
            Self::Containerd => "containerd",
            Self::Crio => "CRI-O, OpenShift 4",
            Self::Redhat => "RHEL, CentOS, Fedora",
            Self::Debian => "Debian, Ubuntu",
            Self::Macos => "macOS",
            Self::Windows => "Windows",
        }
    }
}

impl System {
    /// The id of its part of a page.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Docker => "trust-docker",
            Self::Podman => "trust-podman",
            Self::Containerd => "trust-containerd",
            Self::Crio => "trust-crio",
            Self::Redhat => "trust-redhat",
            Self::Debian => "trust-debian",
            Self::Macos => "trust-macos",
            Self::Windows => "trust-windows",
        }
    }
}

/// Fetching the certificate, and looking which one it is.
#[must_use]
pub(super) fn fetch(address: &str) -> Vec<ShellCommand> {
    vec![
        ShellCommand::new("curl -fsS -o ca.crt").operand(address),
        ShellCommand::new("openssl x509 -in ca.crt -noout -subject -fingerprint -sha256"),
    ]
}

/// The steps for a registry called `host`, each beginning with `ca.crt` in the present directory.
///
/// The directories of Docker, containers/image and containerd are named after the registry with its port, as people write it.
#[must_use]
pub(super) fn trust_steps(host: Option<&str>) -> Vec<TrustSteps> {
    let host = host.unwrap_or("REGISTRY");
    let steps = |system, lines: Vec<ShellCommand>| TrustSteps { system, lines, file: None };
    let install = |path: String| ShellCommand::new("sudo install -D -m 0644 ca.crt").operand(path);
    // A file's name, and the key of a ConfigMap, cannot hold every character of a host with a port.
    let file = host.replace([':', '[', ']'], "-");
    vec![
        steps(System::Docker, vec![install(format!("/etc/docker/certs.d/{host}/ca.crt"))]),
        steps(
            System::Podman,
            vec![
                install(format!("/etc/containers/certs.d/{host}/ca.crt")),
                ShellCommand::new("install -D -m 0644 ca.crt")
                    .operand(ShellWord::syntax("~/.config/containers/certs.d/").and(format!("{host}/ca.crt"))),
            ],
        ),
        containerd(host, install(format!("/etc/containerd/certs.d/{host}/ca.crt"))),
        steps(
            System::Crio,
            vec![
                install(format!("/etc/containers/certs.d/{host}/ca.crt")),
                ShellCommand::new("oc create configmap registry-cas -n openshift-config")
                    .option("--from-file", ShellWord::from(host.replace(':', "..")).and_syntax("=ca.crt")),
                ShellCommand::new("oc patch image.config.openshift.io/cluster --type=merge")
                    .option("-p", r#"{"spec":{"additionalTrustedCA":{"name":"registry-cas"}}}"#),
            ],
        ),
        steps(
            System::Redhat,
            vec![install(format!("/etc/pki/ca-trust/source/anchors/{file}.crt")), ShellCommand::new("sudo update-ca-trust")],
        ),
        steps(
            System::Debian,
            vec![install(format!("/usr/local/share/ca-certificates/{file}.crt")), ShellCommand::new("sudo update-ca-certificates")],
        ),
        steps(
            System::Macos,
            vec![
                ShellCommand::new("sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ca.crt"),
                ShellCommand::new("osascript -e 'quit app \"Docker\"'; open -a Docker"),
            ],
        ),
        steps(
            System::Windows,
            vec![
                ShellCommand::new("certutil -addstore -f Root ca.crt"),
                ShellCommand::new("Import-Certificate -FilePath ca.crt -CertStoreLocation Cert:\\LocalMachine\\Root"),
            ],
        ),
    ]
}

fn containerd(host: &str, install: ShellCommand) -> TrustSteps {
    let folder = format!("/etc/containerd/certs.d/{host}");
    let text = format!("server = \"https://{host}\"\n\n[host.\"https://{host}\"]\n  ca = \"{folder}/ca.crt\"\n");
    TrustSteps { system: System::Containerd, lines: vec![install], file: Some((format!("{folder}/hosts.toml"), text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(host: &str) -> String {
        trust_steps(Some(host)).into_iter().flat_map(|steps| steps.lines).map(|line| line.line().unwrap()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn directories_are_named_after_the_host_with_its_port() {
        let all = all("registry.example.com:5000");
        for path in ["/etc/docker/certs.d", "/etc/containers/certs.d", "/etc/containerd/certs.d"] {
            assert!(all.contains(&format!("{path}/registry.example.com:5000/ca.crt")), "{path}: {all}");
        }
        assert!(all.contains("/etc/pki/ca-trust/source/anchors/registry.example.com-5000.crt\nsudo update-ca-trust"), "{all}");
        assert!(all.contains("--from-file=registry.example.com..5000=ca.crt"), "the key of a ConfigMap holds no colon: {all}");
    }

    #[test]
    fn an_address_in_brackets_is_one_word_for_a_shell() {
        for line in all("[::1]:5000").lines().filter(|line| line.contains("[::1]")) {
            let at = line.find("[::1]").unwrap();
            assert_eq!(line[..at].matches('\'').count() % 2, 1, "{line}");
        }
    }
}
