//! What to do about a failed import, by the kind of failure. Only the reason and the message of the
//! API server say which kind it is.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::shell_command::ShellCommand;
use crate::index::{FailedTag, IndexedStream};
use registry_model::pull_spec::PullSpec;

/// The kind of an import failure, as far as the remediation differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImportFailureKind {
    /// The registry requires credentials, or other ones.
    LoginRequired,
    /// The registry has no such repository or tag.
    NotFound,
    /// The API server does not trust the registry's certificate.
    UntrustedCertificate,
    /// The registry speaks HTTP without TLS.
    WithoutTls,
    /// The API server cannot reach the registry.
    Unreachable,
    /// The registry is not in the cluster's `allowedRegistriesForImport`.
    RegistryNotAllowed,
    /// The registry's pull rate limit is used up.
    RateLimit,
    /// A quota or a limit of the project does not allow more tags or images, or such a large image.
    OverLimit,
}

/// Parts of messages, in lower case. The first kind that matches is used: a registry may answer
/// `denied` and `toomanyrequests` at once.
const MESSAGE_PHRASES: [(ImportFailureKind, &[&str]); 8] = [
    (
        ImportFailureKind::OverLimit,
        &[
            "exceeds the maximum limit per openshift.io/",
            "exceeded quota: ",
            "exceeded cluster quota: ",
        ],
    ),
    (
        ImportFailureKind::RateLimit,
        &["toomanyrequests", "too many requests", "pull rate limit"],
    ),
    (
        ImportFailureKind::RegistryNotAllowed,
        &[
            "not allowed by whitelist",
            "not allowed by allowlist",
            "forbidden: importing images from registry",
        ],
    ),
    (
        ImportFailureKind::UntrustedCertificate,
        &["x509: ", "tls: failed to verify certificate"],
    ),
    (
        ImportFailureKind::WithoutTls,
        &["server gave http response to https client"],
    ),
    (
        ImportFailureKind::Unreachable,
        &[
            "no such host",
            "server misbehaving",
            "connection refused",
            "connection reset by peer",
            "connection timed out",
            "no route to host",
            "network is unreachable",
            "i/o timeout",
            "tls handshake timeout",
            "client.timeout exceeded",
            "context deadline exceeded",
        ],
    ),
    (
        ImportFailureKind::LoginRequired,
        &[
            "unauthorized",
            "authentication required",
            "you may not have access to the container image",
            "requested access to the resource is denied",
        ],
    ),
    (
        ImportFailureKind::NotFound,
        &[
            "manifest unknown",
            "name unknown",
            "repository name not known to registry",
        ],
    ),
];

impl ImportFailureKind {
    /// The kind according to the `reason` and `message` of a condition or a `Status`. `None` for
    /// any other failure.
    #[must_use]
    pub fn from_reason(reason: &str, message: &str) -> Option<Self> {
        let message = message.to_lowercase();
        let kind = MESSAGE_PHRASES
            .iter()
            .find(|(_, phrases)| phrases.iter().any(|phrase| message.contains(phrase)))
            .map(|(kind, _)| *kind);
        match reason {
            // The message quotes the name of the image, which can be any of the phrases.
            "NotFound" => Some(Self::NotFound),
            "Unauthorized" => kind
                .filter(|kind| *kind == Self::RateLimit)
                .or(Some(Self::LoginRequired)),
            "TooManyRequests" => Some(Self::RateLimit),
            _ => kind,
        }
    }
}

/// Why the import of a tag failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailureReason {
    /// The kind of failure, if it is known.
    pub kind: Option<ImportFailureKind>,
    /// The API's `reason`. May be empty.
    pub reason: String,
}

impl FailureReason {
    /// The reason why the import of `failed`, a tag of `stream`, failed.
    pub(in crate::app) fn of_tag(stream: &IndexedStream, failed: &FailedTag) -> Self {
        let import = stream.imports.iter().find(|import| {
            let tag = import.tag_index.and_then(|at| usize::try_from(at).ok());
            tag.is_some_and(|at| *stream.tag(at).name() == failed.name)
        });
        let reason = import
            .and_then(|import| import.failure.as_ref())
            .map(|failure| failure.reason.clone())
            .unwrap_or_default();
        Self {
            kind: ImportFailureKind::from_reason(&reason, &failed.message),
            reason,
        }
    }
}

/// What to do about a failed import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportAdvice {
    pub kind: ImportFailureKind,
    /// The command that creates a pull secret for the registry in the project, where that helps.
    #[schema(value_type = ShellCommand)]
    pub pull_secret: Option<ShellCommand>,
}

impl ImportAdvice {
    /// The advice on an import into `project` from the pull spec `source`. `None` for failures of
    /// an unknown kind.
    #[must_use]
    pub fn new(reason: &str, message: &str, project: &str, source: Option<&str>) -> Option<Self> {
        let kind = ImportFailureKind::from_reason(reason, message)?;
        let needs_secret = matches!(
            kind,
            ImportFailureKind::LoginRequired | ImportFailureKind::RateLimit
        );
        Some(Self {
            kind,
            pull_secret: needs_secret
                .then(|| create_pull_secret_command(&registry_host(source), project)),
        })
    }
}

/// The registry as a pull secret names it. Docker Hub has another name there.
fn registry_host(source: Option<&str>) -> String {
    let Some(spec) = source.and_then(|source| source.parse::<PullSpec>().ok()) else {
        return "HOST".to_owned();
    };
    match spec.host() {
        None | Some("docker.io" | "registry-1.docker.io") => {
            "https://index.docker.io/v1/".to_owned()
        }
        Some(host) => host.to_owned(),
    }
}

/// Imports use every secret of this type in the project, so none has to be linked to a service
/// account.
fn create_pull_secret_command(host: &str, project: &str) -> ShellCommand {
    ShellCommand::new("oc create secret docker-registry NAME")
        .with_option("--docker-server", host)
        .with_flag("--docker-username=USER")
        .with_flag("--docker-password=PASSWORD")
        .with_flag("--docker-email=unused")
        .with_option(
            "-n",
            if project.is_empty() {
                "PROJECT"
            } else {
                project
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_failure_kind_follows_reason_and_message() {
        use ImportFailureKind::*;
        for (reason, message, expected) in [
            (
                "Unauthorized",
                "you may not have access to the container image \"registry.example.com/team/app:1.0\"",
                Some(LoginRequired),
            ),
            (
                "InternalError",
                "Internal error occurred: Get \"https://r.example/v2/\": unauthorized: authentication required",
                Some(LoginRequired),
            ),
            (
                "NotFound",
                "dockerimage.image.openshift.io \"r.example/team/app:1\" not found",
                Some(NotFound),
            ),
            (
                "NotFound",
                "dockerimage.image.openshift.io \"r.example/toomanyrequests/unauthorized:1\" not found",
                Some(NotFound),
            ),
            (
                "InternalError",
                "Internal error occurred: r.example/team/app:1: manifest unknown: manifest unknown",
                Some(NotFound),
            ),
            (
                "InternalError",
                "Internal error occurred: registry.example.com: Get \"https://registry.example.com/v2/\": x509: certificate signed by unknown authority",
                Some(UntrustedCertificate),
            ),
            (
                "InternalError",
                "Internal error occurred: Get \"https://r.example:5000/v2/\": http: server gave HTTP response to HTTPS client",
                Some(WithoutTls),
            ),
            (
                "InternalError",
                "Internal error occurred: quay.io/nobody/none:1: Get \"https://quay.io/v2/\": dial tcp: lookup quay.io on 10.255.255.53:53: no such host",
                Some(Unreachable),
            ),
            (
                "InternalError",
                "Internal error occurred: Get \"https://r.example/v2/\": dial tcp 192.0.2.1:443: i/o timeout",
                Some(Unreachable),
            ),
            (
                "",
                "Get \"https://r.example/v2/\": dial tcp 192.0.2.1:443: connect: connection refused",
                Some(Unreachable),
            ),
            (
                "Invalid",
                "spec.images[0].from.name: Forbidden: importing images from registry \"quay.io\" is forbidden: registry \"quay.io\" not allowed by whitelist: \"r.example:443\"",
                Some(RegistryNotAllowed),
            ),
            (
                "InternalError",
                "Internal error occurred: docker.io/library/nginx:1: toomanyrequests: You have reached your pull rate limit.",
                Some(RateLimit),
            ),
            (
                "Unauthorized",
                "toomanyrequests: You have reached your unauthenticated pull rate limit.",
                Some(RateLimit),
            ),
            (
                "InternalError",
                "Internal error occurred: unexpected EOF",
                None,
            ),
            ("", "", None),
        ] {
            assert_eq!(
                ImportFailureKind::from_reason(reason, message),
                expected,
                "{reason}: {message}"
            );
        }
    }

    #[test]
    fn pull_secret_command_names_the_source_registry() {
        for (source, server) in [
            (
                Some("registry.example.com:5000/team/app:1"),
                "--docker-server=registry.example.com:5000 ",
            ),
            (
                Some("docker.io/library/nginx"),
                "--docker-server=https://index.docker.io/v1/ ",
            ),
            (
                Some("nginx:1"),
                "--docker-server=https://index.docker.io/v1/ ",
            ),
            (Some("r.example/$(reboot)/b"), "--docker-server=HOST "),
            (None, "--docker-server=HOST "),
        ] {
            let advice = ImportAdvice::new("Unauthorized", "", "team-a", source).unwrap();
            let line = advice.pull_secret.unwrap().to_line().unwrap();
            assert!(
                line.contains(server) && line.ends_with(" -n team-a"),
                "{line}"
            );
        }
        assert_eq!(
            ImportAdvice::new("NotFound", "", "team-a", None)
                .unwrap()
                .pull_secret,
            None
        );
    }
}
