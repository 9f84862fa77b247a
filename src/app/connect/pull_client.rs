//! The clients that the pull command of an image stream can be shown for.

use serde::Serialize;

use crate::app::connect::RegistryClient;
use crate::app::release::Release;
use crate::app::shell_command::ShellCommand;

/// A client that pulls an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PullClient {
    #[default]
    Podman,
    Docker,
    /// `oc` of OpenShift 4, which writes the files of an image to a directory. That of 3.x has no
    /// `oc image extract`.
    Oc,
    /// Skopeo, which copies an image without a daemon.
    Skopeo,
}

impl PullClient {
    /// All clients, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Podman, Self::Docker, Self::Oc, Self::Skopeo];

    /// The name of its program, which is also the form used in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Podman => "podman",
            Self::Docker => "docker",
            Self::Oc => "oc",
            Self::Skopeo => "skopeo",
        }
    }

    /// The product name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Podman => "Podman",
            Self::Docker => "Docker",
            Self::Oc => "oc",
            Self::Skopeo => "Skopeo",
        }
    }

    /// The client whose commands sign in and push: `oc` signs in Podman.
    #[must_use]
    pub fn registry_client(self) -> RegistryClient {
        match self {
            Self::Podman | Self::Oc => RegistryClient::Podman,
            Self::Docker => RegistryClient::Docker,
            Self::Skopeo => RegistryClient::Skopeo,
        }
    }

    /// The client with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.as_str() == name)
    }

    /// Whether the client of a cluster of this release has a command that pulls: `oc` of 3.x has
    /// none.
    #[must_use]
    pub fn pulls_from(self, release: Option<Release>) -> bool {
        self != Self::Oc || release != Some(Release::Three)
    }

    /// The command that pulls `image`, a pull spec.
    #[must_use]
    pub fn pull_command(self, image: &str) -> ShellCommand {
        match self {
            Self::Podman => ShellCommand::new("podman pull").with_operand(image),
            Self::Docker => ShellCommand::new("docker pull").with_operand(image),
            // It writes only to a directory that exists.
            Self::Oc => ShellCommand::new("mkdir -p MY-DIRECTORY").and_then(
                ShellCommand::new("oc image extract")
                    .with_operand(image)
                    .with_flag("--path /:MY-DIRECTORY"),
            ),
            Self::Skopeo => ShellCommand::new("skopeo copy")
                .with_operand(format!("docker://{image}"))
                .with_operand("dir:MY-DIRECTORY"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_is_found_by_its_name_and_pulls() {
        let lines = [
            "podman pull r.example/shop/cart:1.0",
            "docker pull r.example/shop/cart:1.0",
            "mkdir -p MY-DIRECTORY && oc image extract r.example/shop/cart:1.0 --path /:MY-DIRECTORY",
            "skopeo copy docker://r.example/shop/cart:1.0 dir:MY-DIRECTORY",
        ];
        for (client, line) in PullClient::ALL.into_iter().zip(lines) {
            assert_eq!(PullClient::from_name(client.as_str()), Some(client));
            let command = client.pull_command("r.example/shop/cart:1.0");
            assert_eq!(command.to_line().unwrap(), line);
        }
        assert_eq!(PullClient::from_name("PODMAN"), None);
    }
}
