//! The API server of the embedded OpenShift: authentication, routing, authorization, and the
//! responses that real API servers were recorded to send.

mod bindings;
mod body;
mod cluster_roles;
mod discovery;
mod groups;
mod identities;
mod image_signatures;
mod images;
mod imports;
mod list;
mod oauth_objects;
mod outages;
mod projects;
mod protobuf;
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
        Ok(mut asked) => {
            write_conflicts::read_stream(&mut asked).await;
            answer(&asked)
        }
        Err(refusal) => Err(refusal),
    };
    answer
        .unwrap_or_else(|refusal| response::status_response(version, &refusal))
        .into_response(version)
}

fn answer(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    if let Some(answer) = outages::answer(asked)? {
        return Ok(answer);
    }
    if let Some(answer) = discovery::answer(asked)? {
        return Ok(answer);
    }
    if asked.cluster.read(|state| state.lacks_group(asked.group)) {
        // Rights are checked before paths: a user without the right does not learn whether the path
        // exists.
        authorize(asked)?;
        return Err(ClusterErrorReason::NoSuchPath.into());
    }
    if asked
        .cluster
        .read(|state| state.lacks_oauth_group(asked.group))
    {
        // Roles still name the groups that were removed.
        authorize(asked)?;
        return Ok(ApiResponse::path_not_found());
    }
    if !is_served(asked) {
        return Err(ClusterErrorReason::NoSuchPath.into());
    }
    asked.cluster.finish_deletions();
    authorize(asked)?;
    refuse_missing_project(asked)?;
    match (asked.group, asked.resource.as_str()) {
        ("image.openshift.io", "imagestreams") => streams::answer(asked),
        ("image.openshift.io", "imagestreamtags") => tags::answer(asked),
        ("image.openshift.io", "imagestreamimages") => images::answer_stream_images(asked),
        ("image.openshift.io", "images") => images::answer(asked),
        ("image.openshift.io", "imagesignatures") => image_signatures::answer(asked),
        ("image.openshift.io", "imagestreamimports") => imports::answer(asked),
        ("project.openshift.io", "projects") => projects::answer(asked),
        ("project.openshift.io", "projectrequests") => projects::answer_request(asked),
        ("user.openshift.io", "users") => users::answer_users(asked),
        ("user.openshift.io", "groups") => groups::answer(asked),
        ("user.openshift.io", "identities") => identities::answer(asked),
        ("user.openshift.io", "useridentitymappings") => identities::answer_mapping(asked),
        ("oauth.openshift.io", _) => oauth_objects::answer(asked),
        (_, "rolebindings" | "clusterrolebindings") => bindings::answer(asked),
        (_, "clusterroles") => cluster_roles::answer(asked),
        ("authorization.k8s.io", "selfsubjectaccessreviews") => reviews::answer_self(asked),
        ("authorization.k8s.io", "localsubjectaccessreviews") => {
            reviews::answer_local_subject_review(asked)
        }
        ("authentication.k8s.io", "selfsubjectreviews") => reviews::answer_who_am_i(asked),
        ("authorization.openshift.io", "localresourceaccessreviews") => {
            reviews::answer_who_can(asked)
        }
        ("", "serviceaccounts") => service_accounts::answer(asked),
        ("", "secrets") => service_accounts::answer_secrets(asked),
        (_, "pods" | "routes") => list::answer_empty(asked),
        // Kinds of which there is at most one object, named `cluster`; this cluster has none
        // (recorded in `imagepruner`).
        ("config.openshift.io" | "imageregistry.operator.openshift.io", resource)
            if asked.verb == "get" =>
        {
            Err(ClusterErrorReason::NotFound(NamedResource::new(
                asked.group,
                resource,
                &asked.name,
            ))
            .into())
        }
        _ => Err(ClusterErrorReason::NoSuchPath.into()),
    }
}

/// Whether this version serves that group and version. If it does not, the response is 404 for
/// every user.
fn is_served(asked: &ApiRequest) -> bool {
    let legacy = !asked.legacy || asked.cluster.version() == Version::V3_9;
    legacy
        && !asked.resource.is_empty()
        && discovery::serves_group(asked.cluster.version(), asked.group, &asked.api_version)
}

/// Nothing can be created in a project that does not exist. Only users with all rights get this
/// far.
fn refuse_missing_project(asked: &ApiRequest) -> Result<(), ClusterError> {
    let missing = asked.verb == "create"
        && !asked.project.is_empty()
        && asked
            .cluster
            .read(|state| state.project(&asked.project).is_none());
    if missing {
        Err(
            ClusterErrorReason::NotFound(NamedResource::new("", "namespaces", &asked.project))
                .into(),
        )
    } else {
        Ok(())
    }
}

/// Checks the role bindings, then the scopes of the token.
fn authorize(asked: &ApiRequest) -> Result<(), ClusterError> {
    let access = asked.access();
    if !asked.cluster.is_allowed(asked.user(), &access) {
        return Err(forbidden(asked, &access, ""));
    }
    let Some(holder) = &asked.token_holder else {
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
        asked,
        &access,
        &format!(": scopes [{}] prevent this action", holder.scopes.join(" ")),
    ))
}

fn forbidden(asked: &ApiRequest, access: &AccessAttributes<'_>, suffix: &str) -> ClusterError {
    let object = NamedResource::new(asked.group, access.resource, access.name);
    let message = match asked.cluster.version() {
        Version::V3_9 => {
            format!(
                "{}: {}{suffix}",
                response::forbidden_message_v3_9(asked.user(), access),
                response::forbidden_message_openshift_v3_9(asked.user(), access)
            )
        }
        Version::V4 => format!(
            "{}{suffix}",
            response::forbidden_message_v4(asked.user(), access)
        ),
    };
    ClusterErrorReason::Forbidden { object, message }.into()
}
