//! Errors of the cluster.

use std::fmt;

/// The object of a refusal: a resource, and usually one object of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedResource {
    pub(crate) group: &'static str,
    pub(crate) resource: String,
    pub(crate) name: String,
}

impl NamedResource {
    pub(crate) fn new(group: &'static str, resource: &str, name: &str) -> Self {
        Self {
            group,
            resource: resource.to_owned(),
            name: name.to_owned(),
        }
    }

    pub(crate) fn stream(name: &str) -> Self {
        Self::new("image.openshift.io", "imagestreams", name)
    }

    /// `imagestreams.image.openshift.io`, or `pods` in the core group.
    pub(crate) fn qualified(&self) -> String {
        if self.group.is_empty() {
            self.resource.clone()
        } else {
            format!("{}.{}", self.resource, self.group)
        }
    }
}

impl fmt::Display for NamedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.qualified(), self.name)
    }
}

/// A refusal of the cluster, which the API shows as a `Status`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ClusterError(pub(crate) ClusterErrorReason);

/// The kinds of refusals, each with what its message needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClusterErrorReason {
    #[error("Unauthorized")]
    Unauthorized,
    /// The API builds the message, which differs between the versions.
    #[error("{object} is forbidden: {message}")]
    Forbidden {
        object: NamedResource,
        message: String,
    },
    #[error("{0} not found")]
    NotFound(NamedResource),
    #[error("the server could not find the requested resource")]
    NoSuchPath,
    #[error("{0} already exists")]
    AlreadyExists(NamedResource),
    #[error(
        "Operation cannot be fulfilled on {0}: the object has been modified; please apply your changes to the latest version and try again"
    )]
    Conflict(NamedResource),
    /// A conflict that the API server turns into a plain text.
    #[error(
        "cannot remove tag from image stream: Operation cannot be fulfilled on {0}: the object has been modified; please apply your changes to the latest version and try again"
    )]
    RemovalConflict(NamedResource),
    /// `group` is empty if the real API server leaves it out.
    #[error("{kind} {name:?} is invalid: {field}: {message}")]
    Invalid {
        kind: &'static str,
        group: &'static str,
        name: String,
        field: String,
        cause: &'static str,
        message: String,
    },
    #[error("{0}")]
    BadRequest(String),
    #[error(
        "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf"
    )]
    NotAcceptable,
    #[error("the body of the request was in an unknown format - accepted media types include: {0}")]
    UnsupportedMediaType(&'static str),
    /// A JSON patch that cannot be applied.
    #[error("the server rejected our request due to an error in our request")]
    PatchFailed,
    #[error("the server does not allow this method on the requested resource")]
    MethodNotAllowed,
    #[error("{0}")]
    Expired(String),
    #[error("limit is 1048576 bytes")]
    TooLarge,
}

impl From<ClusterErrorReason> for ClusterError {
    fn from(reason: ClusterErrorReason) -> Self {
        Self(reason)
    }
}
