//! Who asks, and what they may (A8).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, header};

use super::blobs::Repository;
use super::refusal::{Need, Refusal};
use crate::cluster::{Access, Cluster, Version};

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

/// What came as credentials.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Credentials {
    None,
    Token(String),
    /// The literal token `anonymous`, which the token endpoint gives out without credentials.
    Anonymous,
    Unreadable,
}

impl Credentials {
    /// Bearer token, or Basic with any user name and the token as password.
    pub(super) fn of(headers: &HeaderMap) -> Self {
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

/// Who asks, or the refusal that names `needs`.
pub(super) fn caller(
    cluster: &Cluster,
    headers: &HeaderMap,
    needs: &[Need],
) -> Result<Caller, Refusal> {
    match Credentials::of(headers) {
        Credentials::None => Err(Refusal::TokenRequired(needs.to_vec())),
        Credentials::Unreadable => Err(Refusal::Denied(needs.to_vec())),
        Credentials::Anonymous => Ok(Caller::Anonymous),
        Credentials::Token(token) => cluster
            .authenticate(&token)
            .map(Caller::User)
            .ok_or_else(|| Refusal::Denied(needs.to_vec())),
    }
}

/// Who asks, if they have all rights in `needs`.
pub(super) fn authorize(
    cluster: &Cluster,
    headers: &HeaderMap,
    needs: &[Need],
) -> Result<Caller, Refusal> {
    let caller = caller(cluster, headers, needs)?;
    allowed(cluster, &caller, needs)?;
    Ok(caller)
}

/// Whether somebody has all rights in `needs`.
pub(super) fn allowed(cluster: &Cluster, caller: &Caller, needs: &[Need]) -> Result<(), Refusal> {
    for need in needs {
        if !has(cluster, caller, need)? {
            return Err(Refusal::Denied(needs.to_vec()));
        }
    }
    Ok(())
}

/// Asks the master about one need. A name that is not of the form `project/stream` cannot be asked
/// about.
fn has(cluster: &Cluster, caller: &Caller, need: &Need) -> Result<bool, Refusal> {
    let may = |access: Access<'_>| {
        cluster.may(
            caller.name(),
            &Access {
                group: "image.openshift.io",
                ..access
            },
        )
    };
    if need.is_catalog() {
        return Ok(may(Access {
            verb: "list",
            resource: "imagestreams",
            ..Access::default()
        }));
    }
    let Repository { project, stream } = repository(&need.name)?;
    let (project, name) = (project.as_str(), stream.as_str());
    let layers = Access {
        project,
        resource: "imagestreams",
        subresource: "layers",
        name,
        ..Access::default()
    };
    Ok(may(match need.action {
        "pull" => Access {
            verb: "get",
            ..layers
        },
        "push" => Access {
            verb: "update",
            ..layers
        },
        "sign" => Access {
            verb: "create",
            resource: "imagesignatures",
            ..Access::default()
        },
        _ => Access {
            verb: "delete",
            resource: "images",
            ..Access::default()
        },
    }))
}

/// The repository of that name; exactly two parts, or it is no name that the registry could ask
/// about.
pub(super) fn repository(name: &str) -> Result<Repository, Refusal> {
    let (project, stream) = name.split_once('/').ok_or(Refusal::CannotAsk)?;
    Ok(Repository {
        project: project.parse().map_err(|_| Refusal::CannotAsk)?,
        stream: stream.parse().map_err(|_| Refusal::CannotAsk)?,
    })
}

/// The rights that a method needs in a repository. 3.x calls the right to delete `*`.
pub(super) fn needs(version: Version, method: &Method, name: &str) -> Vec<Need> {
    let need = |action| Need::repository(name, action);
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
        Credentials::of(&headers)
    }

    #[test]
    fn a_token_comes_as_bearer_or_as_the_password_of_any_user() {
        let token = || Credentials::Token("t0ken".to_owned());
        assert_eq!(with("Bearer t0ken"), token());
        assert_eq!(
            with(&format!("Basic {}", STANDARD.encode("whoever:t0ken"))),
            token()
        );
        assert_eq!(with("Bearer anonymous"), Credentials::Anonymous);
        assert_eq!(with("Basic !!"), Credentials::Unreadable);
        assert_eq!(with("Digest x"), Credentials::Unreadable);
        assert_eq!(Credentials::of(&HeaderMap::new()), Credentials::None);
    }

    #[test]
    fn a_repository_has_exactly_two_parts() {
        assert!(repository("team-a/api").is_ok());
        for bad in ["api", "a/b/c", "A/b", ""] {
            assert!(matches!(repository(bad), Err(Refusal::CannotAsk)), "{bad}");
        }
    }
}
