//! Access reviews: what a user may do, and which users may do something.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::body;
use super::render::{Renderer, user_name};
use crate::api::request::ApiRequest;
use crate::api::response;
use crate::api::response::ApiResponse;
use crate::cluster::{
    AccessAttributes, ClusterError, ClusterErrorReason, MatchedBinding, Version, groups_of, rfc3339,
};
use registry_model::{Subject, SubjectKind};

/// `selfsubjectaccessreviews`: whether the user has a right.
pub(super) fn answer_self(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    if request.verb != "create" {
        return Err(ClusterErrorReason::MethodNotAllowed.into());
    }
    let body = body::json(request)?;
    let review = review(request, request.user(), &body["spec"]["resourceAttributes"]);
    Ok(ApiResponse::created(
        &Renderer::from_request(request).typed(
            "SelfSubjectAccessReview",
            "authorization.k8s.io",
            review,
        ),
    ))
}

/// `localsubjectaccessreviews`: whether another user has a right in a project. (Recorded in
/// `local-subject-access-review`.)
pub(super) fn answer_local_subject_review(
    request: &ApiRequest,
) -> Result<ApiResponse, ClusterError> {
    if request.verb != "create" {
        return Err(ClusterErrorReason::MethodNotAllowed.into());
    }
    let body = body::json(request)?;
    let mut attributes = body["spec"]["resourceAttributes"].clone();
    attributes["namespace"] = request.project.as_str().into();
    let user = body["spec"]["user"].as_str().unwrap_or_default();
    let mut review = review(
        request,
        Some(user).filter(|user| !user.is_empty()),
        &attributes,
    );
    review["metadata"]["namespace"] = request.project.as_str().into();
    review["spec"]["user"] = user.into();
    Ok(ApiResponse::created(
        &Renderer::from_request(request).typed(
            "LocalSubjectAccessReview",
            "authorization.k8s.io",
            review,
        ),
    ))
}

/// `selfsubjectreviews`: the user of the token. (OpenShift 4, recorded in `selfsubjectreview`; for
/// an ID token as kubernetes has it, `pkg/registry/authentication/selfsubjectreview/rest.go`.)
pub(super) fn answer_who_am_i(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    if request.verb != "create" || request.cluster.version() == Version::V3_9 {
        return Err(ClusterErrorReason::NoSuchPath.into());
    }
    let Some(holder) = &request.token_holder else {
        return Err(ClusterErrorReason::Unauthorized.into());
    };
    let user = request.cluster.read(|state| {
        let groups = groups_of(state, Some(&holder.user));
        if let Some(user) = &holder.id_token {
            let mut shown = json!({"username": user.name, "uid": user.uid, "groups": groups});
            if let Some(id) = &user.credential_id {
                shown["extra"] = json!({"authentication.kubernetes.io/credential-id": [id]});
            }
            return shown;
        }
        let uid = state
            .user_of_token(&holder.user)
            .map(|user| user.meta.uid.clone());
        json!({"username": holder.user, "uid": uid, "groups": groups,
            "extra": {"scopes.authorization.openshift.io": holder.scopes}})
    });
    let review = json!({"metadata": {"creationTimestamp": rfc3339(request.cluster.clock().now())}, "status": {"userInfo": user}});
    Ok(ApiResponse::created(
        &Renderer::from_request(request).typed(
            "SelfSubjectReview",
            "authentication.k8s.io",
            review,
        ),
    ))
}

/// The review of `user`, without its kind.
fn review(request: &ApiRequest, user: Option<&str>, attributes: &Value) -> Value {
    let text = |field: &str| attributes[field].as_str().unwrap_or_default();
    let access = AccessAttributes {
        project: text("namespace"),
        verb: text("verb"),
        group: text("group"),
        resource: text("resource"),
        subresource: text("subresource"),
        name: text("name"),
    };
    let status = request.cluster.read(|state| {
        status(
            request,
            user,
            &access,
            state.matching_binding(user, &access).as_ref(),
        )
    });
    let mut shown_attributes = attributes.clone();
    if let Some(fields) = shown_attributes.as_object_mut() {
        fields.retain(|_, value| value != "");
    }
    let meta = if request.cluster.version() == Version::V3_9 {
        json!({"creationTimestamp": null})
    } else {
        json!({})
    };
    json!({"metadata": meta, "spec": {"resourceAttributes": shown_attributes}, "status": status})
}

fn status(
    request: &ApiRequest,
    user: Option<&str>,
    access: &AccessAttributes<'_>,
    grant: Option<&MatchedBinding<'_>>,
) -> Value {
    match (grant, request.cluster.version()) {
        (Some(_), Version::V3_9) => {
            json!({"allowed": true, "reason": "allowed by openshift authorizer"})
        }
        (None, Version::V3_9) => {
            json!({"allowed": false, "reason": response::forbidden_message_openshift_v3_9(user, access)})
        }
        (Some(grant), Version::V4) => json!({"allowed": true, "reason": allowed_reason(grant)}),
        (None, Version::V4) => json!({"allowed": false}),
    }
}

/// `RBAC: allowed by RoleBinding "admin/team-a" of ClusterRole "admin" to User "dev"`.
fn allowed_reason(MatchedBinding { binding, subject }: &MatchedBinding<'_>) -> String {
    let (kind, name) = match &binding.meta.namespace {
        Some(project) => ("RoleBinding", format!("{}/{project}", binding.meta.name)),
        None => ("ClusterRoleBinding", binding.meta.name.clone()),
    };
    let user = match subject.kind {
        SubjectKind::User => "User",
        SubjectKind::Group => "Group",
        SubjectKind::ServiceAccount => "ServiceAccount",
    };
    format!(
        "RBAC: allowed by {kind} {name:?} of ClusterRole {:?} to {user} {:?}",
        binding.role, subject.name
    )
}

/// `localresourceaccessreviews`: the subjects that have a right in a project.
pub(super) fn answer_who_can(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    if request.verb != "create" {
        return Err(ClusterErrorReason::MethodNotAllowed.into());
    }
    let body = body::json(request)?;
    let text = |field: &str| body[field].as_str().unwrap_or_default();
    let (resource, subresource) = text("resource")
        .split_once('/')
        .unwrap_or((text("resource"), ""));
    let access = AccessAttributes {
        project: &request.project,
        verb: text("verb"),
        group: text("resourceAPIGroup"),
        resource,
        subresource,
        name: text("resourceName"),
    };
    let (users, groups) = request.cluster.read(|state| {
        let subjects: Vec<&Subject> = state
            .bindings_that_allow(&access)
            .flat_map(|binding| &binding.subjects)
            .collect();
        let users: BTreeSet<String> = subjects
            .iter()
            .filter_map(|subject| user_name(subject))
            .collect();
        let groups = subjects
            .iter()
            .filter(|subject| subject.kind == SubjectKind::Group)
            .map(|subject| subject.name.clone());
        (users, groups.collect::<BTreeSet<String>>())
    });
    // "evalutionError" is the spelling of the real API.
    let answer = json!({"namespace": request.project, "users": users, "groups": groups, "evalutionError": ""});
    Ok(ApiResponse::created(
        &Renderer::from_request(request).typed(
            "ResourceAccessReviewResponse",
            "authorization.openshift.io",
            answer,
        ),
    ))
}
