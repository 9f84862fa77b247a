//! A request to the API server, in the terms by which Kubernetes classifies requests.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;
use serde::Deserialize;

use crate::cluster::{
    AccessAttributes, Cluster, ClusterError, ClusterErrorReason, TokenHolder, Version,
};

/// The largest body that is read, in bytes: the limit of etcd.
const MAX_BODY_BYTES: usize = 1 << 20;

#[derive(Clone)]
pub(super) struct ApiRequest {
    pub(super) cluster: Cluster,
    /// The user of the token; `None`: unknown.
    pub(super) token_holder: Option<TokenHolder>,
    pub(super) path: String,
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub(super) verb: &'static str,
    /// Whether it uses `/oapi`.
    pub(super) legacy: bool,
    pub(super) group: &'static str,
    pub(super) api_version: String,
    pub(super) project: String,
    pub(super) resource: String,
    pub(super) name: String,
    pub(super) subresource: String,
    pub(super) query: ListWatchParams,
    pub(super) accept: String,
    pub(super) content_type: String,
    pub(super) body: Bytes,
    /// The revision at which the image stream to be changed was read.
    pub(super) read_revision: Option<u64>,
}

/// The parameters of lists and watches.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ListWatchParams {
    watch: String,
    pub(super) limit: Option<usize>,
    #[serde(rename = "continue")]
    pub(super) after: String,
    pub(super) resource_version: String,
    pub(super) label_selector: String,
    pub(super) timeout_seconds: Option<u64>,
}

impl ApiRequest {
    /// Parses a request: its user, its target, and its body.
    pub(super) async fn from_request(
        cluster: Cluster,
        request: Request,
    ) -> Result<Self, ClusterError> {
        let (parts, body) = request.into_parts();
        let path = percent_encoding::percent_decode_str(parts.uri.path())
            .decode_utf8_lossy()
            .into_owned();
        let holder = token_holder(&cluster, &parts.headers, &path)?;
        let query: ListWatchParams =
            serde_urlencoded::from_str(parts.uri.query().unwrap_or_default()).map_err(|error| {
                ClusterErrorReason::BadRequest(format!("invalid query: {error}"))
            })?;
        let body = axum::body::to_bytes(body, MAX_BODY_BYTES)
            .await
            .map_err(|_too_long| ClusterErrorReason::TooLarge)?;
        let text = |name| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let (accept, content_type) = (text(header::ACCEPT), text(header::CONTENT_TYPE));
        let target = ResourcePath::parse(&path);
        let verb = verb(&parts.method, !target.name.is_empty(), &query)?;
        let ResourcePath {
            legacy,
            group,
            api_version,
            mut project,
            resource,
            name,
            subresource,
        } = target;
        if resource == "projects" {
            project.clone_from(&name);
        }
        Ok(Self {
            cluster,
            token_holder: holder,
            path,
            verb,
            legacy,
            group,
            api_version,
            project,
            resource,
            name,
            subresource,
            query,
            accept,
            content_type,
            body,
            read_revision: None,
        })
    }

    pub(super) fn user(&self) -> Option<&str> {
        self.token_holder
            .as_ref()
            .map(|holder| holder.user.as_str())
    }

    pub(super) fn access(&self) -> AccessAttributes<'_> {
        AccessAttributes {
            project: &self.project,
            verb: self.verb,
            group: self.group,
            resource: &self.resource,
            subresource: &self.subresource,
            name: &self.name,
        }
    }

    /// The media type of the meta group in which the list is requested, such as `Table`.
    pub(super) fn requested_list_kind(&self) -> Option<&str> {
        let first = self.accept.split(',').next()?;
        first
            .split(';')
            .find_map(|parameter| parameter.trim().strip_prefix("as="))
    }

    /// Whether plain JSON is accepted.
    pub(super) fn accepts_json(&self) -> bool {
        self.accept.is_empty()
            || self
                .accept
                .split(',')
                .any(|range| matches!(range.trim(), "application/json" | "application/*" | "*/*"))
    }
}

/// The user of the bearer token. An invalid token is refused: on 4 on every path, on 3.9 not on
/// public ones.
fn token_holder(
    cluster: &Cluster,
    headers: &HeaderMap,
    path: &str,
) -> Result<Option<TokenHolder>, ClusterError> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let Some(bearer) = bearer else {
        return Ok(None);
    };
    match cluster.token_holder(bearer) {
        Some(holder) => Ok(Some(holder)),
        None if cluster.version() == Version::V3_9 && super::discovery::is_public_path(path) => {
            Ok(None)
        }
        None => Err(ClusterErrorReason::Unauthorized.into()),
    }
}

fn verb(
    method: &Method,
    named: bool,
    query: &ListWatchParams,
) -> Result<&'static str, ClusterError> {
    Ok(match (method.as_str(), named) {
        ("GET" | "HEAD", _) if matches!(query.watch.as_str(), "true" | "1") => "watch",
        ("GET" | "HEAD", true) => "get",
        ("GET" | "HEAD", false) => "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => return Err(ClusterErrorReason::MethodNotAllowed.into()),
    })
}

/// The target of a path: `/apis/GROUP/VERSION[/namespaces/PROJECT]/RESOURCE[/NAME[/SUBRESOURCE]]`.
#[derive(Debug, Default, PartialEq, Eq)]
struct ResourcePath {
    legacy: bool,
    group: &'static str,
    api_version: String,
    project: String,
    resource: String,
    name: String,
    subresource: String,
}

impl ResourcePath {
    fn parse(path: &str) -> Self {
        let mut segments = path
            .trim_matches('/')
            .split('/')
            .map(str::to_owned)
            .peekable();
        let mut target = Self::default();
        let group = match segments.next().as_deref() {
            Some("apis") => segments.next(),
            Some("api") => Some(String::new()),
            Some("oapi") => {
                target.legacy = true;
                Some(String::new())
            }
            _ => return target,
        };
        target.api_version = segments.next().unwrap_or_default();
        target.resource = segments.next().unwrap_or_default();
        if target.resource == "namespaces" {
            target.project = segments.next().unwrap_or_default();
            match segments.next() {
                Some(resource) => target.resource = resource,
                None => target.name.clone_from(&target.project),
            }
        }
        if target.name.is_empty() {
            target.name = segments.next().unwrap_or_default();
        }
        target.subresource = segments.next().unwrap_or_default();
        target.group = if target.legacy {
            legacy_group(&target.resource)
        } else {
            super::discovery::static_group_name(&group.unwrap_or_default())
        };
        target
    }
}

/// The group to which a resource of `/oapi` was moved.
fn legacy_group(resource: &str) -> &'static str {
    match resource {
        "projects" | "projectrequests" => "project.openshift.io",
        "users" | "groups" => "user.openshift.io",
        "oauthclients" | "oauthaccesstokens" => "oauth.openshift.io",
        "rolebindings" | "localresourceaccessreviews" => "authorization.openshift.io",
        "routes" => "route.openshift.io",
        "deploymentconfigs" => "apps.openshift.io",
        "buildconfigs" | "builds" => "build.openshift.io",
        "appliedclusterresourcequotas" | "clusterresourcequotas" => "quota.openshift.io",
        _ => "image.openshift.io",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_parses_into_group_project_resource_and_name() {
        let target = ResourcePath::parse(
            "/apis/image.openshift.io/v1/namespaces/team-a/imagestreams/api/layers",
        );
        assert_eq!(target.group, "image.openshift.io");
        assert_eq!(
            (target.project.as_str(), target.resource.as_str()),
            ("team-a", "imagestreams")
        );
        assert_eq!(
            (target.name.as_str(), target.subresource.as_str()),
            ("api", "layers")
        );
    }

    #[test]
    fn legacy_prefix_serves_the_same_resources() {
        let target = ResourcePath::parse("/oapi/v1/namespaces/team-a/imagestreams");
        assert!(target.legacy);
        assert_eq!(
            (target.group, target.project.as_str(), target.name.as_str()),
            ("image.openshift.io", "team-a", "")
        );
    }
}
