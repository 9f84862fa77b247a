//! Pull specs: the names of images in commands and configuration.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::{Digest, ImageStreamName, ProjectName, TagName};

/// A pull spec: `[host[:port]/]path[:tag][@digest]` (the grammar of Docker's references; OCI
/// distribution specification, "Pulling manifests").
///
/// A parsed pull spec contains no characters with a special meaning in a shell or URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullSpec {
    host: Option<String>,
    path: String,
    tag: Option<TagName>,
    digest: Option<Digest>,
}

/// Text that is not a pull spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a pull spec: [host[:port]/]path[:tag][@digest]")]
pub struct ParsePullSpecError;

/// The tag of a pull spec without a tag and digest.
pub(crate) const DEFAULT_TAG: &str = "latest";

/// The longest path (Docker's limit for host and path together).
const MAX_PATH_BYTES: usize = 255;

/// The longest host name with port (RFC 1035, 253 characters; a colon and five digits).
const MAX_HOST_BYTES: usize = 259;

impl PullSpec {
    /// The pull spec of an image stream of the registry at `host`.
    ///
    /// # Errors
    /// [`ParsePullSpecError`] if `host` is not a host, or the names are too long for a path.
    pub fn new(
        host: &str,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<Self, ParsePullSpecError> {
        let path = format!("{project}/{stream}");
        let fits = is_host(host) && path.len() <= MAX_PATH_BYTES;
        fits.then(|| Self {
            host: Some(host.to_owned()),
            path,
            tag: None,
            digest: None,
        })
        .ok_or(ParsePullSpecError)
    }

    /// The registry, with its port. Absent: the client's default.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The repository without the host.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    #[must_use]
    pub fn tag(&self) -> Option<&TagName> {
        self.tag.as_ref()
    }

    /// The tag, or `latest`, which clients take without a tag and digest.
    #[must_use]
    pub fn tag_or_latest(&self) -> TagName {
        self.tag
            .clone()
            .unwrap_or_else(|| DEFAULT_TAG.parse().expect("a valid tag name"))
    }

    /// The digest. It takes precedence over a tag.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The image stream that the path names, if the registry is an integrated one.
    #[must_use]
    pub fn image_stream(&self) -> Option<(ProjectName, ImageStreamName)> {
        let (project, stream) = self.path.split_once('/')?;
        Some((project.parse().ok()?, stream.parse().ok()?))
    }

    /// The same repository with a tag.
    #[must_use]
    pub fn with_tag(&self, tag: TagName) -> Self {
        Self {
            tag: Some(tag),
            digest: None,
            ..self.clone()
        }
    }

    /// The same repository with a digest.
    #[must_use]
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self {
            tag: None,
            digest: Some(digest),
            ..self.clone()
        }
    }

    #[must_use]
    pub fn repository(&self) -> Self {
        Self {
            tag: None,
            digest: None,
            ..self.clone()
        }
    }
}

impl FromStr for PullSpec {
    type Err = ParsePullSpecError;

    /// Reads a pull spec as users enter it: surrounding whitespace and a leading `docker://` are
    /// ignored.
    fn from_str(text: &str) -> Result<Self, ParsePullSpecError> {
        let text = text.trim();
        let text = text.strip_prefix("docker://").unwrap_or(text);
        let (text, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse().map_err(|_| ParsePullSpecError)?)),
            None => (text, None),
        };
        let (host, rest) = match text.split_once('/') {
            Some((first, rest)) if is_registry_host(first) => (Some(first), rest),
            _ => (None, text),
        };
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag.parse().map_err(|_| ParsePullSpecError)?)),
            None => (rest, None),
        };
        if !host.is_none_or(is_host) || !is_path(path) {
            return Err(ParsePullSpecError);
        }
        Ok(Self {
            host: host.map(str::to_owned),
            path: path.to_owned(),
            tag,
            digest,
        })
    }
}

/// Whether the first component of a reference is a host and not part of the path, by Docker's rule.
fn is_registry_host(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':']) || part.bytes().any(|b| b.is_ascii_uppercase())
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.rfind(':') {
        Some(colon) if !text.ends_with(']') => (&text[..colon], Some(&text[colon + 1..])),
        _ => (text, None),
    };
    let named = |host: &str| host.split('.').all(is_host_label);
    let literal = |host: &str| {
        host.strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok())
    };
    text.len() <= MAX_HOST_BYTES && (named(host) || literal(host)) && port.is_none_or(is_port)
}

fn is_host_label(label: &str) -> bool {
    !label.is_empty()
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// The components of a path follow the same rule as names of image streams.
fn is_path(path: &str) -> bool {
    path.len() <= MAX_PATH_BYTES
        && path
            .split('/')
            .all(|component| component.parse::<ImageStreamName>().is_ok())
}

impl fmt::Display for PullSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(host) = &self.host {
            write!(f, "{host}/")?;
        }
        f.write_str(&self.path)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest
            .as_ref()
            .map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

impl Serialize for PullSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DIGEST: &str = "sha256:111d6f485a6cab9dbf2e38a5e9fb32bcd68f72b1ec796eaf8576d57eb783eb57";

    #[test]
    fn a_pull_spec_parses_into_host_stream_tag_and_digest() {
        let spec: PullSpec =
            format!(" docker://registry.example.com:5000/team-a/api:v1@{DIGEST}\n")
                .parse()
                .unwrap();
        assert_eq!(spec.host(), Some("registry.example.com:5000"));
        let (project, stream) = spec.image_stream().unwrap();
        assert_eq!((project.as_str(), stream.as_str()), ("team-a", "api"));
        assert_eq!(spec.tag().unwrap().as_str(), "v1");
        assert_eq!(spec.digest().unwrap().to_string(), DIGEST);
        assert_eq!(
            spec.repository().to_string(),
            "registry.example.com:5000/team-a/api"
        );
        assert_eq!(
            spec.with_tag("v2".parse().unwrap()).to_string(),
            "registry.example.com:5000/team-a/api:v2"
        );
        let digest = spec.digest().unwrap().clone();
        assert_eq!(
            spec.with_digest(digest).to_string(),
            format!("registry.example.com:5000/team-a/api@{DIGEST}")
        );
    }

    #[test]
    fn the_first_component_is_a_host_by_dockers_rule() {
        for (text, host, path) in [
            ("busybox", None, "busybox"),
            ("busybox:1.36", None, "busybox"),
            ("library/busybox", None, "library/busybox"),
            ("localhost/team-a/api", Some("localhost"), "team-a/api"),
            (
                "docker.io/library/busybox",
                Some("docker.io"),
                "library/busybox",
            ),
            ("10.0.0.1:5000/a/b:c", Some("10.0.0.1:5000"), "a/b"),
            ("[::1]:5000/a/b", Some("[::1]:5000"), "a/b"),
            ("REGISTRY/a", Some("REGISTRY"), "a"),
            (
                "docker-registry.default.svc:5000/team-a/api",
                Some("docker-registry.default.svc:5000"),
                "team-a/api",
            ),
        ] {
            let spec: PullSpec = text.parse().unwrap();
            assert_eq!((spec.host(), spec.path()), (host, path), "{text}");
        }
    }

    /// S33, S40: characters that could change a command line, a path or the host.
    #[test]
    fn ambiguous_pull_specs_are_refused() {
        let project: ProjectName = "team-a".parse().unwrap();
        let stream: ImageStreamName = "api".parse().unwrap();
        for bad in [
            "",
            "/",
            "a/",
            "/a",
            "a//b",
            "docker.io/x; rm -rf",
            "user:password@docker.io/x",
            "https://docker.io/x",
            "a b",
            "a:b:c",
            "a@b",
            "a/../b",
            "a.example:0/b",
            "a.example:99999/b",
            "a.example:+1/b",
            "[::1/a",
            "-a.example/b",
            "a.example/b\n--privileged",
            "a:$(id)",
            "é/b",
            "a/B",
        ] {
            assert_eq!(bad.parse::<PullSpec>(), Err(ParsePullSpecError), "{bad}");
        }
        for bad in [
            "",
            "a.example/b",
            "https://a.example",
            "a.example:",
            "a b",
            "a.example:5000\n",
            "user@a.example",
        ] {
            assert_eq!(
                PullSpec::new(bad, &project, &stream),
                Err(ParsePullSpecError),
                "{bad}"
            );
        }
    }

    proptest! {
        #[test]
        fn parsed_pull_specs_display_unchanged(
            text in "([a-z]{1,5}\\.[a-z]{1,5}(:[1-9][0-9]{0,3})?/)?[a-z0-9]{1,8}([._-][a-z0-9]{1,4})?(/[a-z0-9]{1,8}){0,2}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,9})?(@sha256:[0-9a-f]{64})?"
        ) {
            prop_assert_eq!(text.parse::<PullSpec>().unwrap().to_string(), text);
        }

        #[test]
        fn parse_never_panics_and_round_trips(text in "[a-zA-Z0-9:/@.\\[\\]é _-]{0,40}") {
            if let Ok(spec) = text.parse::<PullSpec>() {
                prop_assert_eq!(spec.to_string().parse::<PullSpec>(), Ok(spec));
            }
        }
    }
}
