//! Responses that need no object: API groups and resources, versions, health, the OAuth discovery
//! document.

use serde_json::{Value, json};

use super::resources::{self, ALL_VERBS, VERBS_WITHOUT_WATCH};
use crate::api::request::ApiRequest;
use crate::api::response;
use crate::api::response::ApiResponse;
use crate::cluster::{
    Cluster, ClusterError, ClusterErrorReason, ClusterState, ExternalOidc, NamedResource, Version,
};

/// RFC 8414.
const DISCOVERY_DOCUMENT: &str = "/.well-known/oauth-authorization-server";

/// The API groups with their versions, the preferred one first (recorded in `api-groups`).
type Groups = &'static [(&'static str, &'static [&'static str])];

const GROUPS_3_9: Groups = &[
    ("apiregistration.k8s.io", &["v1beta1"]),
    ("extensions", &["v1beta1"]),
    ("apps", &["v1", "v1beta1", "v1beta2"]),
    ("events.k8s.io", &["v1beta1"]),
    ("authentication.k8s.io", &["v1", "v1beta1"]),
    ("authorization.k8s.io", &["v1", "v1beta1"]),
    ("autoscaling", &["v1", "v2beta1"]),
    ("batch", &["v1", "v1beta1", "v2alpha1"]),
    ("certificates.k8s.io", &["v1beta1"]),
    ("networking.k8s.io", &["v1"]),
    ("policy", &["v1beta1"]),
    ("authorization.openshift.io", &["v1"]),
    ("rbac.authorization.k8s.io", &["v1", "v1beta1"]),
    ("storage.k8s.io", &["v1", "v1beta1"]),
    ("admissionregistration.k8s.io", &["v1beta1"]),
    ("apiextensions.k8s.io", &["v1beta1"]),
    ("apps.openshift.io", &["v1"]),
    ("build.openshift.io", &["v1"]),
    ("image.openshift.io", &["v1"]),
    ("network.openshift.io", &["v1"]),
    ("oauth.openshift.io", &["v1"]),
    ("project.openshift.io", &["v1"]),
    ("quota.openshift.io", &["v1"]),
    ("route.openshift.io", &["v1"]),
    ("security.openshift.io", &["v1"]),
    ("template.openshift.io", &["v1"]),
    ("user.openshift.io", &["v1"]),
];

const GROUPS_4: Groups = &[
    ("apiregistration.k8s.io", &["v1"]),
    ("apps", &["v1"]),
    ("events.k8s.io", &["v1"]),
    ("authentication.k8s.io", &["v1"]),
    ("authorization.k8s.io", &["v1"]),
    ("autoscaling", &["v2", "v1"]),
    ("batch", &["v1"]),
    ("certificates.k8s.io", &["v1"]),
    ("networking.k8s.io", &["v1"]),
    ("policy", &["v1"]),
    ("rbac.authorization.k8s.io", &["v1"]),
    ("storage.k8s.io", &["v1"]),
    ("admissionregistration.k8s.io", &["v1"]),
    ("apiextensions.k8s.io", &["v1"]),
    ("scheduling.k8s.io", &["v1"]),
    ("coordination.k8s.io", &["v1"]),
    ("node.k8s.io", &["v1"]),
    ("discovery.k8s.io", &["v1"]),
    ("resource.k8s.io", &["v1"]),
    ("flowcontrol.apiserver.k8s.io", &["v1"]),
    ("apps.openshift.io", &["v1"]),
    ("authorization.openshift.io", &["v1"]),
    ("build.openshift.io", &["v1"]),
    ("image.openshift.io", &["v1"]),
    ("oauth.openshift.io", &["v1"]),
    ("project.openshift.io", &["v1"]),
    ("quota.openshift.io", &["v1"]),
    ("route.openshift.io", &["v1"]),
    ("security.openshift.io", &["v1"]),
    ("template.openshift.io", &["v1"]),
    ("user.openshift.io", &["v1"]),
    ("config.openshift.io", &["v1"]),
    ("operator.openshift.io", &["v1", "v1alpha1"]),
    ("apiserver.openshift.io", &["v1"]),
    ("console.openshift.io", &["v1"]),
    ("imageregistry.operator.openshift.io", &["v1"]),
];

/// What OpenShift 3.6 and 3.7 have of the groups of workloads.
const OLDER_WORKLOAD_GROUPS: Groups = &[
    ("apps", &["v1beta1"]),
    ("batch", &["v1", "v2alpha1"]),
    ("extensions", &["v1beta1"]),
];

/// A resource of `image.openshift.io`.
struct ImageResource {
    name: &'static str,
    kind: &'static str,
    verbs: &'static [&'static str],
    short: &'static [&'static str],
    stored_as: Option<&'static str>,
    only_on_4: bool,
}

const fn resource(
    name: &'static str,
    kind: &'static str,
    verbs: &'static [&'static str],
) -> ImageResource {
    ImageResource {
        name,
        kind,
        verbs,
        short: &[],
        stored_as: None,
        only_on_4: false,
    }
}

/// Recorded in `api-image-resources`.
const IMAGE_RESOURCES: &[ImageResource] = &[
    ImageResource {
        stored_as: Some("FX/i8Tt+3Fc="),
        ..resource("images", "Image", ALL_VERBS)
    },
    resource("imagesignatures", "ImageSignature", &["create", "delete"]),
    ImageResource {
        short: &["isimage"],
        ..resource("imagestreamimages", "ImageStreamImage", &["get"])
    },
    resource("imagestreamimports", "ImageStreamImport", &["create"]),
    resource("imagestreammappings", "ImageStreamMapping", &["create"]),
    ImageResource {
        short: &["is"],
        stored_as: Some("mwmf9lCqOiA="),
        ..resource("imagestreams", "ImageStream", ALL_VERBS)
    },
    ImageResource {
        only_on_4: true,
        ..resource("imagestreams/layers", "ImageStreamLayers", &["get"])
    },
    resource("imagestreams/secrets", "SecretList", &["get"]),
    resource(
        "imagestreams/status",
        "ImageStream",
        &["get", "patch", "update"],
    ),
    ImageResource {
        short: &["istag"],
        ..resource("imagestreamtags", "ImageStreamTag", VERBS_WITHOUT_WATCH)
    },
    ImageResource {
        short: &["itag"],
        only_on_4: true,
        ..resource("imagetags", "ImageTag", VERBS_WITHOUT_WATCH)
    },
];

/// The groups of a cluster with their versions.
fn groups(
    cluster: &Cluster,
) -> impl Iterator<Item = (&'static str, &'static [&'static str])> + use<> {
    let groups = match cluster.version() {
        Version::V3_9 => GROUPS_3_9,
        Version::V4 => GROUPS_4,
    };
    let is_older = cluster.read(ClusterState::is_before_3_9);
    groups.iter().map(move |&(name, versions)| {
        let older = OLDER_WORKLOAD_GROUPS
            .iter()
            .find(|(older, _)| is_older && *older == name);
        (name, older.map_or(versions, |(_, versions)| *versions))
    })
}

/// Whether the cluster has that group in that version.
pub(super) fn serves_group(cluster: &Cluster, group: &str, api_version: &str) -> bool {
    if group.is_empty() {
        return api_version == "v1";
    }
    groups(cluster).any(|(name, versions)| name == group && versions.contains(&api_version))
}

/// The static name of a group; one that no version has becomes `unknown`.
pub(super) fn static_group_name(name: &str) -> &'static str {
    if name.is_empty() {
        return "";
    }
    GROUPS_4
        .iter()
        .chain(GROUPS_3_9)
        .find(|(known, _)| *known == name)
        .map_or("unknown", |(known, _)| known)
}

/// Whether a path needs no right, whatever token the request has.
pub(super) fn is_public_path(path: &str) -> bool {
    matches!(
        path,
        "/healthz" | "/readyz" | "/livez" | "/version" | "/version/openshift" | DISCOVERY_DOCUMENT
    )
}

/// The response to a path that names no resource; `None` if it names one.
pub(super) fn answer(request: &ApiRequest) -> Result<Option<ApiResponse>, ClusterError> {
    let version = request.cluster.version();
    if let Some(answers) = request.cluster.read(ClusterState::external_oidc)
        && matches!(
            request.path.as_str(),
            DISCOVERY_DOCUMENT | "/oauth/authorize" | "/oauth/token"
        )
    {
        return answer_without_oauth_server(request, answers).map(Some);
    }
    if is_public_path(&request.path) {
        return answer_public(request).map(Some);
    }
    let path = request.path.trim_end_matches('/');
    let known = matches!(path, "" | "/api" | "/apis" | "/apis/image.openshift.io/v1");
    if known && request.token_holder.is_none() && version == Version::V4 {
        return Err(anonymous_forbidden(request.verb, &request.path));
    }
    Ok(match path {
        "" => Some(ApiResponse::ok(
            &json!({"paths": ["/api", "/apis", "/healthz", "/version"]}),
        )),
        "/api" => Some(ApiResponse::ok(
            &json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": null}),
        )),
        "/apis" => Some(ApiResponse::ok(&group_list(request))),
        "/apis/image.openshift.io/v1" => Some(ApiResponse::ok(&image_resources(version))),
        path => resources_of(path, &request.cluster)
            .or_else(|| group_for_path(request, path))
            .map(|found| ApiResponse::ok(&found)),
    })
}

/// The response where the OAuth discovery document would be, without an OAuth server. Without a
/// token it may be forbidden.
fn answer_without_oauth_server(
    request: &ApiRequest,
    answers: ExternalOidc,
) -> Result<ApiResponse, ClusterError> {
    let open = request.path == DISCOVERY_DOCUMENT && answers == ExternalOidc::DocumentMissing;
    if request.token_holder.is_none() && !open {
        return Err(anonymous_forbidden("get", &request.path));
    }
    Ok(ApiResponse::path_not_found())
}

fn anonymous_forbidden(verb: &str, path: &str) -> ClusterError {
    let message = format!("User \"system:anonymous\" cannot {verb} path {path:?}");
    ClusterErrorReason::Forbidden {
        object: NamedResource::new("", "", ""),
        message,
    }
    .into()
}

/// The list of resources of an API group.
fn resources_of(path: &str, cluster: &Cluster) -> Option<Value> {
    let (group, api_version) = match path.strip_prefix("/apis/") {
        Some(named) => named.split_once('/')?,
        None => ("", path.strip_prefix("/api/")?),
    };
    let served = !api_version.contains('/')
        && serves_group(cluster, group, api_version)
        && !cluster.read(|state| state.has_removed_group(group));
    served.then(|| resources::resource_list(cluster, group, api_version))
}

fn answer_public(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let version = request.cluster.version();
    Ok(match (request.path.as_str(), version) {
        ("/version", _) => ApiResponse::ok(&kubernetes_version(version)),
        ("/version/openshift", Version::V3_9) => ApiResponse::ok(
            &json!({"major": "", "minor": "", "gitCommit": "", "gitVersion": "", "buildDate": ""}),
        ),
        ("/version/openshift", Version::V4) => {
            response::status_response(version, &ClusterErrorReason::NoSuchPath.into())
        }
        (DISCOVERY_DOCUMENT, _) => ApiResponse::ok(&oauth_server(&request.cluster.hosts().oauth)),
        _ => ApiResponse::text("ok"),
    })
}

/// The API groups that are served, each with its versions.
fn served_groups(request: &ApiRequest) -> impl Iterator<Item = Value> {
    let version = request.cluster.version();
    let shown = move |(name, versions): (&str, &[&str])| {
        let versions: Vec<Value> = versions
            .iter()
            .map(|v| json!({"groupVersion": format!("{name}/{v}"), "version": v}))
            .collect();
        let mut group =
            json!({"name": name, "preferredVersion": versions.first(), "versions": versions});
        if version == Version::V3_9 {
            group["serverAddressByClientCIDRs"] = Value::Null;
        }
        group
    };
    let served = |(name, _): &(&str, &[&str])| {
        !request.cluster.read(|state| {
            state.lacks_group(name)
                || state.lacks_oauth_group(name)
                || state.has_removed_group(name)
        })
    };
    groups(&request.cluster).filter(served).map(shown)
}

fn group_list(request: &ApiRequest) -> Value {
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": served_groups(request).collect::<Vec<_>>()})
}

/// The group of `/apis/GROUP` (recorded in `batch-groups`).
fn group_for_path(request: &ApiRequest, path: &str) -> Option<Value> {
    let name = path.strip_prefix("/apis/")?;
    let mut group = served_groups(request).find(|group| group["name"] == name)?;
    group["kind"] = "APIGroup".into();
    group["apiVersion"] = "v1".into();
    Some(group)
}

fn image_resources(version: Version) -> Value {
    let shown = |resource: &ImageResource| {
        let singular = if version == Version::V4 && !resource.name.contains('/') {
            resource.name.trim_end_matches('s')
        } else {
            ""
        };
        let mut value = json!({"name": resource.name, "singularName": singular, "kind": resource.kind, "verbs": resource.verbs,
            "namespaced": !matches!(resource.name, "images" | "imagesignatures")});
        if !resource.short.is_empty() {
            value["shortNames"] = json!(resource.short);
        }
        if resource.name == "imagestreams" {
            value["categories"] = json!(["all"]);
        }
        if let (Version::V4, Some(hash)) = (version, resource.stored_as) {
            value["storageVersionHash"] = hash.into();
        }
        value
    };
    let resources = IMAGE_RESOURCES
        .iter()
        .filter(|resource| version == Version::V4 || !resource.only_on_4);
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "image.openshift.io/v1", "resources": resources.map(shown).collect::<Vec<_>>()})
}

fn kubernetes_version(version: Version) -> Value {
    match version {
        Version::V3_9 => {
            json!({"major": "1", "minor": "9", "gitVersion": "v1.9.1+a0ce1bc657", "gitCommit": "a0ce1bc", "gitTreeState": "clean",
            "buildDate": "1970-01-01T00:00:00Z", "goVersion": "go1.9", "compiler": "gc", "platform": "linux/amd64"})
        }
        Version::V4 => {
            json!({"major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
            "minCompatibilityMinor": "35", "gitVersion": "v1.36.2", "gitCommit": "demo", "gitTreeState": "", "buildDate": "2026-08-21T00:00:00Z",
            "goVersion": "go1.27.3", "compiler": "gc", "platform": "linux/amd64"})
        }
    }
}

fn oauth_server(host: &str) -> Value {
    json!({
        "issuer": format!("https://{host}"),
        "authorization_endpoint": format!("https://{host}/oauth/authorize"),
        "token_endpoint": format!("https://{host}/oauth/token"),
        "scopes_supported": ["user:check-access", "user:full", "user:info", "user:list-projects", "user:list-scoped-projects"],
        "response_types_supported": ["code", "token"],
        "grant_types_supported": ["authorization_code", "implicit"],
        "code_challenge_methods_supported": ["plain", "S256"],
    })
}
