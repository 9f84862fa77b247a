//! The API server of the embedded OpenShift: authentication, routing, authorization, and the
//! responses that real API servers were recorded to send.

mod authentication;
mod bindings;
mod body;
mod cluster_roles;
mod discovery;
mod groups;
mod identities;
mod image_signatures;
mod images;
mod imports;
mod json_patch;
mod list;
mod oauth_objects;
mod outages;
mod projects;
mod protobuf;
mod quotas;
mod registry_storage;
mod render;
mod request;
mod resources;
mod response;
mod reviews;
mod service_accounts;
mod streams;
mod tags;
mod users;
mod watch;
mod workloads;
mod write_conflicts;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;

use super::cluster::{
    AccessAttributes, Cluster, ClusterError, ClusterErrorReason, NamedResource, Version,
};
use request::ApiRequest;
use response::ApiResponse;

/// The API server of `cluster`, as a fallback: the routes of an OAuth server on the same host (3.9)
/// can be merged with it.
pub fn router(cluster: Cluster) -> Router {
    Router::new().fallback(serve).with_state(cluster)
}

async fn serve(State(cluster): State<Cluster>, request: Request) -> Response {
    let version = cluster.version();
    let answer = match ApiRequest::from_request(cluster, request).await {
        Ok(mut request) => {
            write_conflicts::read_stream(&mut request).await;
            answer(&request)
        }
        Err(refusal) => Err(refusal),
    };
    answer
        .unwrap_or_else(|refusal| response::status_response(version, &refusal))
        .into_response(version)
}

fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    if let Some(answer) = outages::answer(request)? {
        return Ok(answer);
    }
    if let Some(answer) = discovery::answer(request)? {
        return Ok(answer);
    }
    if request
        .cluster
        .read(|state| state.lacks_group(request.group))
    {
        // Rights are checked before paths: a user without the right does not learn whether the path
        // exists.
        authorize(request)?;
        return Err(ClusterErrorReason::NoSuchPath.into());
    }
    if request.cluster.read(|state| {
        state.lacks_oauth_group(request.group) || state.has_removed_group(request.group)
    }) {
        // Roles still name the groups that were removed.
        authorize(request)?;
        return Ok(ApiResponse::path_not_found());
    }
    let kind = workloads::requested_kind(request);
    if !is_served(request) {
        if kind.is_some() {
            return Ok(ApiResponse::path_not_found());
        }
        return Err(ClusterErrorReason::NoSuchPath.into());
    }
    request.cluster.finish_deletions();
    authorize(request)?;
    refuse_missing_project(request)?;
    if let Some(object) = registry_storage::answer(request)? {
        return Ok(object);
    }
    if let Some(object) = authentication::answer(request) {
        return Ok(object);
    }
    if let Some(kind) = kind {
        return workloads::answer(request, kind);
    }
    match (request.group, request.resource.as_str()) {
        ("image.openshift.io", "imagestreams") => streams::answer(request),
        ("image.openshift.io", "imagestreamtags") => tags::answer(request),
        ("image.openshift.io", "imagestreamimages") => images::answer_stream_images(request),
        ("image.openshift.io", "images") => images::answer(request),
        ("image.openshift.io", "imagesignatures") => image_signatures::answer(request),
        ("image.openshift.io", "imagestreamimports") => imports::answer(request),
        ("project.openshift.io", "projects") => projects::answer(request),
        ("project.openshift.io", "projectrequests") => projects::answer_request(request),
        ("user.openshift.io", "users") => users::answer_users(request),
        ("user.openshift.io", "groups") => groups::answer(request),
        ("user.openshift.io", "identities") => identities::answer(request),
        ("user.openshift.io", "useridentitymappings") => identities::answer_mapping(request),
        ("oauth.openshift.io", _) => oauth_objects::answer(request),
        (_, "rolebindings" | "clusterrolebindings") => bindings::answer(request),
        (_, "clusterroles") => cluster_roles::answer(request),
        ("authorization.k8s.io", "selfsubjectaccessreviews") => reviews::answer_self(request),
        ("authorization.k8s.io", "localsubjectaccessreviews") => {
            reviews::answer_local_subject_review(request)
        }
        ("authentication.k8s.io", "selfsubjectreviews") => reviews::answer_who_am_i(request),
        ("authorization.openshift.io", "localresourceaccessreviews") => {
            reviews::answer_who_can(request)
        }
        ("", "serviceaccounts") => service_accounts::answer(request),
        ("", "secrets") => service_accounts::answer_secrets(request),
        ("", "resourcequotas" | "limitranges")
        | ("quota.openshift.io", "appliedclusterresourcequotas" | "clusterresourcequotas") => {
            quotas::answer(request)
        }
        (_, "routes") => list::answer_routes(request),
        // Kinds of which there is at most one object, named `cluster`; this cluster has none
        // (recorded in `imagepruner`).
        ("config.openshift.io" | "imageregistry.operator.openshift.io", resource)
            if request.verb == "get" =>
        {
            Err(ClusterErrorReason::NotFound(NamedResource::new(
                request.group,
                resource,
                &request.name,
            ))
            .into())
        }
        _ => Err(ClusterErrorReason::NoSuchPath.into()),
    }
}

/// Whether this version serves that group and version. If it does not, the response is 404 for
/// every user.
fn is_served(request: &ApiRequest) -> bool {
    let legacy = !request.legacy || request.cluster.version() == Version::V3_9;
    legacy
        && !request.resource.is_empty()
        && discovery::serves_group(&request.cluster, request.group, &request.api_version)
}

/// Nothing can be created in a project that does not exist. Only users with all rights get this
/// far.
fn refuse_missing_project(request: &ApiRequest) -> Result<(), ClusterError> {
    let missing = request.verb == "create"
        && !request.project.is_empty()
        && request
            .cluster
            .read(|state| state.project(&request.project).is_none());
    if missing {
        Err(
            ClusterErrorReason::NotFound(NamedResource::new("", "namespaces", &request.project))
                .into(),
        )
    } else {
        Ok(())
    }
}

/// Checks the role bindings, then the scopes of the token.
fn authorize(request: &ApiRequest) -> Result<(), ClusterError> {
    let access = request.access();
    if !request.cluster.is_allowed(request.user(), &access) {
        return Err(forbidden(request, &access, ""));
    }
    let Some(holder) = &request.token_holder else {
        return Ok(());
    };
    let in_scope = holder.scopes.iter().any(|scope| match scope.as_str() {
        "user:full" => true,
        "user:info" => access.resource == "users" && access.name == "~",
        "user:list-projects" => {
            access.resource == "projects" && matches!(access.verb, "list" | "watch")
        }
        "user:check-access" => access.resource == "selfsubjectaccessreviews",
        _ => false,
    });
    if in_scope {
        return Ok(());
    }
    Err(forbidden(
        request,
        &access,
        &format!(": scopes [{}] prevent this action", holder.scopes.join(" ")),
    ))
}

fn forbidden(request: &ApiRequest, access: &AccessAttributes<'_>, suffix: &str) -> ClusterError {
    let object = NamedResource::new(request.group, access.resource, access.name);
    let message = match request.cluster.version() {
        Version::V3_9 => {
            format!(
                "{}: {}{suffix}",
                response::forbidden_message_v3_9(request.user(), access),
                response::forbidden_message_openshift_v3_9(request.user(), access)
            )
        }
        Version::V4 => format!(
            "{}{suffix}",
            response::forbidden_message_v4(request.user(), access)
        ),
    };
    ClusterErrorReason::Forbidden { object, message }.into()
}
