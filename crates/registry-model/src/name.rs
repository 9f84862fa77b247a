//! Names that are used in URLs and requests.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// Text that is not a valid name of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}")]
pub struct ParseNameError {
    pub(crate) kind: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $kind:literal, $pattern:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
        #[schema(value_type = String, pattern = $pattern)]
        pub struct $type(Arc<str>);

        impl $type {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = ParseNameError;

            fn from_str(text: &str) -> Result<Self, ParseNameError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.into())) } else { Err(ParseNameError { kind: $kind }) }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

name!(
    /// The name of a project: a DNS label (RFC 1123) of at most 63 characters, as required for
    /// namespaces.
    ProjectName,
    "project name",
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
    |text| {
        (1..=63).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
    }
);

name!(
    /// The name of a service account: a DNS subdomain (RFC 1123) of at most 253 characters, as the
    /// Kubernetes API reference requires.
    ServiceAccountName,
    "service account name",
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$",
    is_dns_subdomain
);

name!(
    /// The name of a workload or of a container: a DNS subdomain (RFC 1123) of at most 253
    /// characters. Names of containers are DNS labels.
    ObjectName,
    "object name",
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$",
    is_dns_subdomain
);

name!(
    /// The name of an image stream: lower-case letters and digits, separated by single `.`, `_`,
    /// `-` (or runs of `-`, or `__`), as the distribution specification defines a component of a
    /// repository path. At most 253 characters.
    // The API server requires `[a-z0-9]+(?:[._-][a-z0-9]+)*` (recorded in
    // `imagestream-create-invalid`).
    ImageStreamName,
    "image stream name",
    r"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$",
    |text| (1..=253).contains(&text.len()) && is_path_component(text)
);

name!(
    /// The name of a tag: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}` (OCI distribution specification,
    /// "Pulling manifests").
    TagName,
    "tag name",
    r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
    |text| {
        (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
            && !text.starts_with(['.', '-'])
    }
);

/// Whether this is a valid name of an object that the API server validates only as a path segment,
/// such as a user or a group: not empty, `.` or `..`, without `/` and `%`
/// (`ValidatePathSegmentName`), and not `~`, which stands for the user of the request. Control
/// characters are not allowed either.
#[must_use]
pub fn is_path_segment_name(text: &str) -> bool {
    !matches!(text, "" | "." | ".." | "~")
        && !text.contains(|c: char| c.is_control() || matches!(c, '/' | '%'))
}

fn is_dns_subdomain(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=253).contains(&text.len())
        && text.split('.').all(|part| {
            !part.is_empty()
                && part.bytes().all(inner)
                && !part.starts_with('-')
                && !part.ends_with('-')
        })
}

fn is_path_component(text: &str) -> bool {
    let mut separator = String::new();
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' => separator.clear(),
            '.' | '_' | '-' => {
                separator.push(c);
                let lawful = matches!(separator.as_str(), "." | "_" | "__")
                    || separator.bytes().all(|b| b == b'-');
                if !lawful {
                    return false;
                }
            }
            _ => return false,
        }
    }
    separator.is_empty() && !text.starts_with(['.', '_', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_stream_name_follows_the_api_servers_rule() {
        for good in [
            "a",
            "aa_bb_cc",
            "aa-bb_cc.dd",
            "app",
            "a--b",
            "a__b",
            "0",
            "nodejs-10.1",
        ] {
            assert!(good.parse::<ImageStreamName>().is_ok(), "{good}");
        }
        for bad in [
            "", "__aaa__", "_aaa", "-aaa", ".aaa", "aaa_", "aaa-", "aaa.", "a_ a", "Aa_Bb_Cc",
            "a..b", "a._b", "a/b", "..", "a\0", "é",
        ] {
            assert!(bad.parse::<ImageStreamName>().is_err(), "{bad}");
        }
    }

    /// S33: names that would change the path of a request.
    #[test]
    fn names_never_contain_path_separators() {
        for bad in [
            "../secrets",
            "a/b",
            "a?x",
            "a#x",
            "a%2fb",
            "a\u{0}",
            "a b",
            ".",
            "..",
            "",
        ] {
            assert!(bad.parse::<ProjectName>().is_err(), "{bad}");
            assert!(bad.parse::<ImageStreamName>().is_err(), "{bad}");
            assert!(bad.parse::<TagName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn path_segment_name_follows_the_api_servers_rule() {
        for good in [
            "dev",
            "Domain Users",
            "system:admin",
            "a@b",
            "CN=dev,O=x",
            "é",
        ] {
            assert!(is_path_segment_name(good), "{good}");
        }
        for bad in ["", ".", "..", "~", "a/b", "a%2fb", "a\nb"] {
            assert!(!is_path_segment_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn service_account_name_is_a_dns_subdomain() {
        for good in ["builder", "a.b-c", "0", "a1"] {
            assert!(good.parse::<ServiceAccountName>().is_ok(), "{good}");
        }
        for bad in [
            "", "-a", "a-", ".a", "a.", "a..b", "A", "a_b", "a:b", "a.-b",
        ] {
            assert!(bad.parse::<ServiceAccountName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tag_name_allows_dots_and_dashes_except_at_the_start() {
        assert!("v1.2.3-RC_1".parse::<TagName>().is_ok());
        assert!("_x".parse::<TagName>().is_ok());
        assert!(".x".parse::<TagName>().is_err());
        assert!("-x".parse::<TagName>().is_err());
        assert!("x".repeat(129).parse::<TagName>().is_err());
    }
}
