//! The user of a request, and the rights that it needs (A8).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, header};

use super::blobs::Repository;
use crate::cluster::{AccessAttributes, Cluster, Version};
use crate::registry::error::{DistributionError, RequiredAccess};

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Caller {
    User(String),
    Anonymous,
}

impl Caller {
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::User(name) => Some(name),
            Self::Anonymous => None,
        }
    }
}

/// The credentials of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Credentials {
    None,
    Token(String),
    /// The literal token `anonymous`, which the token endpoint issues without credentials.
    Anonymous,
    Unreadable,
}

impl Credentials {
    /// Bearer token, or Basic with any user name and the token as password.
    pub(super) fn from_headers(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return Self::None;
        };
        let Some((scheme, rest)) = value.to_str().ok().and_then(|text| text.split_once(' ')) else {
            return Self::Unreadable;
        };
        let token = if scheme.eq_ignore_ascii_case("bearer") {
            Some(rest.trim().to_owned())
        } else if scheme.eq_ignore_ascii_case("basic") {
            let decoded = STANDARD
                .decode(rest.trim())
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            decoded.and_then(|pair| {
                pair.split_once(':')
                    .map(|(_, password)| password.to_owned())
            })
        } else {
            None
        };
        match token.as_deref() {
            None => Self::Unreadable,
            Some("") => Self::None,
            Some("anonymous") => Self::Anonymous,
            Some(token) => Self::Token(token.to_owned()),
        }
    }
}

/// The user of a request, or the refusal that names `needs`.
pub(super) fn identify_caller(
    cluster: &Cluster,
    headers: &HeaderMap,
    needs: &[RequiredAccess],
) -> Result<Caller, DistributionError> {
    match Credentials::from_headers(headers) {
        Credentials::None => Err(DistributionError::TokenRequired(needs.to_vec())),
        Credentials::Unreadable => Err(DistributionError::Denied(needs.to_vec())),
        Credentials::Anonymous => Ok(Caller::Anonymous),
        Credentials::Token(token) => cluster
            .authenticate(&token)
            .map(Caller::User)
            .ok_or_else(|| DistributionError::Denied(needs.to_vec())),
    }
}

/// The user of a request with all rights in `needs`.
pub(super) fn authorize(
    cluster: &Cluster,
    headers: &HeaderMap,
    needs: &[RequiredAccess],
) -> Result<Caller, DistributionError> {
    let caller = identify_caller(cluster, headers, needs)?;
    check_access(cluster, &caller, needs)?;
    Ok(caller)
}

/// Whether a user has all rights in `needs`.
pub(super) fn check_access(
    cluster: &Cluster,
    caller: &Caller,
    needs: &[RequiredAccess],
) -> Result<(), DistributionError> {
    for need in needs {
        if !has_access(cluster, caller, need)? {
            return Err(DistributionError::Denied(needs.to_vec()));
        }
    }
    Ok(())
}

/// Asks the API server for one right. A name that does not have the form `project/stream` cannot be
/// reviewed.
fn has_access(
    cluster: &Cluster,
    caller: &Caller,
    need: &RequiredAccess,
) -> Result<bool, DistributionError> {
    let may = |access: AccessAttributes<'_>| {
        cluster.is_allowed(
            caller.name(),
            &AccessAttributes {
                group: "image.openshift.io",
                ..access
            },
        )
    };
    if need.is_catalog() {
        return Ok(may(AccessAttributes {
            verb: "list",
            resource: "imagestreams",
            ..AccessAttributes::default()
        }));
    }
    let Repository { project, stream } = repository(&need.name)?;
    let (project, name) = (project.as_str(), stream.as_str());
    let layers = AccessAttributes {
        project,
        resource: "imagestreams",
        subresource: "layers",
        name,
        ..AccessAttributes::default()
    };
    Ok(may(match need.action {
        "pull" => AccessAttributes {
            verb: "get",
            ..layers
        },
        "push" => AccessAttributes {
            verb: "update",
            ..layers
        },
        "sign" => AccessAttributes {
            verb: "create",
            resource: "imagesignatures",
            ..AccessAttributes::default()
        },
        _ => AccessAttributes {
            verb: "delete",
            resource: "images",
            ..AccessAttributes::default()
        },
    }))
}

/// The repository of that name; exactly two parts, otherwise it is not a name that the registry
/// could have reviewed.
pub(super) fn repository(name: &str) -> Result<Repository, DistributionError> {
    let (project, stream) = name
        .split_once('/')
        .ok_or(DistributionError::AuthorizationUnavailable)?;
    Ok(Repository {
        project: project
            .parse()
            .map_err(|_| DistributionError::AuthorizationUnavailable)?,
        stream: stream
            .parse()
            .map_err(|_| DistributionError::AuthorizationUnavailable)?,
    })
}

/// The rights that a method needs in a repository. 3.x calls the right to delete `*`.
pub(super) fn required_access(
    version: Version,
    method: &Method,
    name: &str,
) -> Vec<RequiredAccess> {
    let need = |action| RequiredAccess::repository(name, action);
    match *method {
        Method::GET | Method::HEAD => vec![need("pull")],
        Method::DELETE => vec![need(match version {
            Version::V3_9 => "*",
            Version::V4 => "delete",
        })],
        _ => vec![need("pull"), need("push")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn with(value: &str) -> Credentials {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        Credentials::from_headers(&headers)
    }

    #[test]
    fn token_is_read_from_bearer_or_basic_password() {
        let token = || Credentials::Token("t0ken".to_owned());
        assert_eq!(with("Bearer t0ken"), token());
        assert_eq!(
            with(&format!("Basic {}", STANDARD.encode("whoever:t0ken"))),
            token()
        );
        assert_eq!(with("Bearer anonymous"), Credentials::Anonymous);
        assert_eq!(with("Basic !!"), Credentials::Unreadable);
        assert_eq!(with("Digest x"), Credentials::Unreadable);
        assert_eq!(
            Credentials::from_headers(&HeaderMap::new()),
            Credentials::None
        );
    }

    #[test]
    fn repository_has_exactly_two_segments() {
        assert!(repository("team-a/api").is_ok());
        for bad in ["api", "a/b/c", "A/b", ""] {
            assert!(
                matches!(
                    repository(bad),
                    Err(DistributionError::AuthorizationUnavailable)
                ),
                "{bad}"
            );
        }
    }
}
