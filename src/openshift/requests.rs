//! The requests to the API server, as values.
//!
//! Names in paths are parsed types that contain no characters with a meaning in a path (S33). Other
//! text is encoded.

pub(super) mod project_changes;
pub(super) mod quotas;
pub(super) mod registry_storage;
pub(super) mod role_bindings;
pub(super) mod service_accounts;
pub(super) mod streams;
pub(super) mod subject_names;
pub(super) mod tags;
pub(super) mod users_and_groups;
pub(super) mod workloads;

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::outbound::{ChangedObject, Request};
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

const IMAGE_API: &str = "/apis/image.openshift.io/v1";
/// The resource of tags.
pub(super) const IMAGE_STREAM_TAGS: &str = "imagestreamtags";
const PROJECTS_PATH: &str = "/apis/project.openshift.io/v1/projects";
const OAUTH_API: &str = "/apis/oauth.openshift.io/v1";
const AUTHORIZATION_API: &str = "/apis/authorization.openshift.io/v1";
const USER_API: &str = "/apis/user.openshift.io/v1";

/// All characters except those that RFC 3986 calls unreserved.
const PATH_ENCODE_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One object: enough for the largest image that an API server accepts (its manifest is at most 4
/// MiB).
const MAX_OBJECT_BYTES: usize = 8 << 20;
/// The blobs of 25,000 images with a dozen layers each.
const MAX_LAYERS_BYTES: usize = 32 << 20;
/// A review or a user.
const MAX_SMALL_OBJECT_BYTES: usize = 1 << 20;

/// The number of image streams in a chunk, if the API server supports `limit`.
const MAX_CHUNK_ITEMS: u32 = 500;

pub(super) fn whoami() -> Request<'static> {
    Request::get("who am I", format!("{USER_API}/users/~")).max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// The user of the token, without the API of OpenShift's users. `version` is v1 since Kubernetes 1.28.
pub(super) fn self_subject_review(version: &'static str) -> Request<'static> {
    let review = json!({
        "apiVersion": format!("authentication.k8s.io/{version}"),
        "kind": "SelfSubjectReview",
    });
    post(
        "who am I",
        format!("/apis/authentication.k8s.io/{version}/selfsubjectreviews"),
        &review,
    )
    .read_only()
}

/// The resources of version v1 of an API group.
pub(super) fn api_group(group: &'static str) -> Request<'static> {
    Request::get("look at an API group", format!("/apis/{group}/v1"))
        .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

pub(super) fn projects() -> Request<'static> {
    Request::get("list projects", PROJECTS_PATH)
}

pub(super) fn project(project: &ProjectName) -> Request<'static> {
    Request::get("get project", format!("{PROJECTS_PATH}/{project}"))
        .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

pub(super) fn image_streams(project: Option<&ProjectName>, next: Option<&str>) -> Request<'static> {
    let within = project
        .map(|project| format!("/namespaces/{project}"))
        .unwrap_or_default();
    let next = next
        .map(|next| format!("&continue={}", utf8_percent_encode(next, PATH_ENCODE_SET)))
        .unwrap_or_default();
    Request::get(
        "list image streams",
        format!("{IMAGE_API}{within}/imagestreams?limit={MAX_CHUNK_ITEMS}{next}"),
    )
}

/// All image streams in one response, which cannot expire midway as a list in chunks can.
pub(super) fn all_image_streams() -> Request<'static> {
    Request::get("list image streams", format!("{IMAGE_API}/imagestreams"))
}

/// The shortest possible list, for its resource version.
pub(super) fn first_image_stream() -> Request<'static> {
    Request::get(
        "ask for the revision",
        format!("{IMAGE_API}/imagestreams?limit=1"),
    )
}

pub(super) fn watch_image_streams(project: Option<&ProjectName>, from: &str) -> Request<'static> {
    let within = project
        .map(|project| format!("/namespaces/{project}"))
        .unwrap_or_default();
    let query = watch_query(from);
    Request::get(
        "watch image streams",
        format!("{IMAGE_API}{within}/imagestreams?{query}"),
    )
}

/// The query of a watch from a resource version on. Versions without bookmarks (3.x) send none
/// (recorded in `imagestreams-watch-bookmarks-asked`).
fn watch_query(from: &str) -> String {
    let (from, lasts) = (
        utf8_percent_encode(from, PATH_ENCODE_SET),
        super::watch::WATCH_TIMEOUT.as_secs(),
    );
    format!("watch=true&allowWatchBookmarks=true&timeoutSeconds={lasts}&resourceVersion={from}")
}

pub(super) fn image_stream(project: &ProjectName, stream: &ImageStreamName) -> Request<'static> {
    Request::get(
        "get image stream",
        format!("{IMAGE_API}/namespaces/{project}/imagestreams/{stream}"),
    )
    .max_bytes(MAX_OBJECT_BYTES)
}

pub(super) fn image_by_tag(
    project: &ProjectName,
    stream: &ImageStreamName,
    tag: &TagName,
) -> Request<'static> {
    Request::get(
        "get image of tag",
        format!("{IMAGE_API}/namespaces/{project}/imagestreamtags/{stream}:{tag}"),
    )
    .max_bytes(MAX_OBJECT_BYTES)
}

pub(super) fn image(
    project: &ProjectName,
    stream: &ImageStreamName,
    digest: &Digest,
) -> Request<'static> {
    Request::get(
        "get image",
        format!("{IMAGE_API}/namespaces/{project}/imagestreamimages/{stream}@{digest}"),
    )
    .max_bytes(MAX_OBJECT_BYTES)
}

/// The blobs of all images that a stream has ever referenced.
pub(super) fn image_stream_layers(
    project: &ProjectName,
    stream: &ImageStreamName,
) -> Request<'static> {
    Request::get(
        "get layers",
        format!("{IMAGE_API}/namespaces/{project}/imagestreams/{stream}/layers"),
    )
    .max_bytes(MAX_LAYERS_BYTES)
}

/// The resource that an access review is about: `resource` or `resource/subresource` of an API
/// group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ResourceAttributes {
    pub(super) verb: &'static str,
    pub(super) group: &'static str,
    pub(super) resource: &'static str,
    pub(super) subresource: Option<&'static str>,
}

pub(super) fn self_access_review(
    project: Option<&ProjectName>,
    reviewed: ResourceAttributes,
) -> Request<'static> {
    let mut attributes = json!({
        "namespace": project.map_or("", ProjectName::as_str),
        "verb": reviewed.verb,
        "group": reviewed.group,
        "resource": reviewed.resource,
    });
    if let Some(subresource) = reviewed.subresource {
        attributes["subresource"] = subresource.into();
    }
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": { "resourceAttributes": attributes },
    });
    post(
        "review own access",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews".to_owned(),
        &review,
    )
    .read_only()
}

/// The same review for OpenShift 3.6, in its own API: without a user and groups, the review is for
/// the caller.
pub(super) fn legacy_self_access_review(
    project: Option<&ProjectName>,
    reviewed: ResourceAttributes,
) -> Request<'static> {
    let (kind, path) = match project {
        Some(project) => (
            "LocalSubjectAccessReview",
            format!("{AUTHORIZATION_API}/namespaces/{project}/localsubjectaccessreviews"),
        ),
        None => (
            "SubjectAccessReview",
            format!("{AUTHORIZATION_API}/subjectaccessreviews"),
        ),
    };
    let mut review = legacy_review_body(kind, reviewed);
    review["user"] = "".into();
    review["groups"] = json!([]);
    review["scopes"] = Value::Null;
    post("review own access", path, &review).read_only()
}

pub(super) fn resource_access_review(
    project: &ProjectName,
    operation: &'static str,
    reviewed: ResourceAttributes,
) -> Request<'static> {
    let path = format!("{AUTHORIZATION_API}/namespaces/{project}/localresourceaccessreviews");
    post(
        operation,
        path,
        &legacy_review_body("LocalResourceAccessReview", reviewed),
    )
    .read_only()
}

/// The attributes of OpenShift's own reviews, all of which are required.
fn legacy_review_body(kind: &str, reviewed: ResourceAttributes) -> Value {
    let resource = match reviewed.subresource {
        Some(subresource) => format!("{}/{subresource}", reviewed.resource),
        None => reviewed.resource.to_owned(),
    };
    json!({
        "apiVersion": "authorization.openshift.io/v1",
        "kind": kind,
        "namespace": "",
        "verb": reviewed.verb,
        "resource": resource,
        "resourceName": "",
        "content": null,
        "resourceAPIGroup": reviewed.group,
        "resourceAPIVersion": "",
        "path": "",
        "isNonResourceURL": false,
    })
}

fn post(operation: &'static str, path: String, body: &Value) -> Request<'static> {
    Request::new(Method::POST, operation, path)
        .json(body)
        .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// Deletes one of the user's own tokens (OpenShift 4.6 and later).
pub(super) fn delete_user_token(name: &str) -> Request<'static> {
    delete(format!(
        "{OAUTH_API}/useroauthaccesstokens/{}",
        utf8_percent_encode(name, PATH_ENCODE_SET)
    ))
}

pub(super) fn delete_token(name: &str) -> Request<'static> {
    delete(format!(
        "{OAUTH_API}/oauthaccesstokens/{}",
        utf8_percent_encode(name, PATH_ENCODE_SET)
    ))
}

fn delete(path: String) -> Request<'static> {
    Request::new(Method::DELETE, "revoke token", path)
        .with_changed_object(ChangedObject::unnamed("oauthaccesstokens"))
        .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

pub(super) fn version() -> Request<'static> {
    Request::get("version of Kubernetes", "/version").max_bytes(64 << 10)
}

pub(super) fn openshift_version() -> Request<'static> {
    Request::get("version of OpenShift", "/version/openshift").max_bytes(64 << 10)
}

pub(super) fn oauth_client(name: &str) -> Request<'static> {
    Request::get(
        "get OAuth client",
        format!(
            "{OAUTH_API}/oauthclients/{}",
            utf8_percent_encode(name, PATH_ENCODE_SET)
        ),
    )
    .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

pub(super) fn routes(project: Option<&ProjectName>) -> Request<'static> {
    let path = match project {
        Some(project) => format!("/apis/route.openshift.io/v1/namespaces/{project}/routes"),
        None => format!("/apis/route.openshift.io/v1/routes?limit={MAX_CHUNK_ITEMS}"),
    };
    Request::get("list routes", path)
}

pub(super) fn oauth_discovery() -> Request<'static> {
    Request::get("discover OAuth", "/.well-known/oauth-authorization-server").max_bytes(64 << 10)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use http::Method;
    use registry_model::{TagSpec, TagSpecSource};
    use serde_json::Value;

    use super::{ImageStreamName, ProjectName, ResourceAttributes, TagName, streams, tags};
    use crate::openshift::StreamTagSource;

    /// A request of the image API without its changed project would leave its user with cached
    /// responses from before the change.
    #[test]
    fn image_api_changes_name_their_project() {
        let project: ProjectName = "team-a".parse().expect("a project name");
        let stream: &ImageStreamName = &"app".parse().expect("a stream name");
        let tag: &TagName = &"latest".parse().expect("a tag name");
        let other = "team-b".parse().expect("a project name");
        let source = StreamTagSource::Tag(other, stream.clone(), tag.clone());
        let spec = TagSpec {
            from: TagSpecSource::External("r.example/team/app:1".to_owned()),
            annotations: BTreeMap::new(),
            insecure: false,
            scheduled: false,
            local: false,
            reference: false,
            import_mode: None,
            without_annotations: false,
        };
        for request in [
            streams::create(&project, &Value::Null),
            streams::update(&project, stream, &Value::Null),
            streams::delete(&project, stream),
            streams::import(&project, stream, &Value::Null, None),
            tags::delete_tag(&project, stream, tag, None),
            tags::create_tag(&project, stream, tag, &spec),
            tags::point_tag(&project, stream, tag, &source, None, None),
        ] {
            assert!(request.is_change, "{request:?}");
            assert!(request.changed_object.is_some(), "{request:?}");
            assert_eq!(
                request.changed_project.as_ref(),
                Some(&project),
                "{request:?}"
            );
        }
    }

    #[test]
    fn access_reviews_are_no_changes() {
        let project = "team-a".parse().expect("a project name");
        let reviewed = ResourceAttributes {
            verb: "list",
            group: "image.openshift.io",
            resource: "imagestreams",
            subresource: None,
        };
        for request in [
            super::self_access_review(None, reviewed),
            super::legacy_self_access_review(None, reviewed),
            super::legacy_self_access_review(Some(&project), reviewed),
            super::resource_access_review(&project, "who may pull", reviewed),
        ] {
            assert_eq!(request.method, Method::POST);
            assert!(!request.is_change, "{request:?}");
        }
    }
}
