//! Role bindings of projects, in both API groups that serve them.

use serde_json::Value;

use super::body;
use super::list::{self, ListPage};
use super::render::Renderer;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    ClusterError, ClusterErrorReason, ClusterState, NamedResource, RBAC_GROUP, RoleBindingObject,
    Version, groups_of,
};
use registry_model::{Subject, SubjectKind};

/// `rolebindings`, and `clusterrolebindings`, which belong to no project.
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let found = || {
        request
            .cluster
            .read(|state| state.binding(&request.project, &request.name).cloned())
            .ok_or_else(|| missing(request))
    };
    match request.verb {
        "list" => {
            list::requested_list_kind(request)?;
            let list = request.cluster.read(|state| {
                let items = if is_cluster_binding(request) {
                    state
                        .bindings_of("")
                        .map(|binding| item(request, binding))
                        .collect()
                } else {
                    state
                        .listed_bindings(&request.project)
                        .map(|binding| item(request, binding))
                        .collect()
                };
                list::list_object(
                    request,
                    state,
                    &format!("{}List", kind(request)),
                    ListPage::from_items(items),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        "get" => Ok(ApiResponse::ok(&full_object(request, &found()?))),
        "create" => create(request),
        "update" => update(request, &found()?, &body::json(request)?),
        "patch" => {
            let current = found()?;
            update(
                request,
                &current,
                &body::patched(request, full_object(request, &current))?,
            )
        }
        "delete" => delete(request),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn object(request: &ApiRequest, name: &str) -> NamedResource {
    NamedResource::new(request.group, &request.resource, name)
}

fn is_cluster_binding(request: &ApiRequest) -> bool {
    request.resource == "clusterrolebindings"
}

fn kind(request: &ApiRequest) -> &'static str {
    if is_cluster_binding(request) {
        "ClusterRoleBinding"
    } else {
        "RoleBinding"
    }
}

/// The project of a binding; those of the cluster belong to none.
fn project(request: &ApiRequest) -> Option<&str> {
    Some(request.project.as_str()).filter(|project| !project.is_empty())
}

fn missing(request: &ApiRequest) -> ClusterError {
    ClusterErrorReason::NotFound(object(request, &request.name)).into()
}

fn item(request: &ApiRequest, binding: &RoleBindingObject) -> Value {
    let render = Renderer::from_request(request);
    if request.group == "authorization.openshift.io" {
        render.openshift_binding(binding)
    } else {
        render.rbac_binding(binding)
    }
}

fn full_object(request: &ApiRequest, binding: &RoleBindingObject) -> Value {
    Renderer::from_request(request).typed(kind(request), request.group, item(request, binding))
}

fn create(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let name = body::name(&body);
    let (role, own_role) = role(request, &body, name)?;
    let created = request.cluster.write(|state| {
        refuse_escalation(request, state, name, &role, own_role)?;
        if state.binding(&request.project, name).is_some() {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                object(request, name),
            )));
        }
        let binding = RoleBindingObject {
            meta: state.new_meta(project(request), name),
            role: role.clone(),
            is_project_role: own_role,
            subjects: subjects(request, &body),
        };
        state.put_binding(binding.clone());
        Ok(binding)
    })?;
    Ok(ApiResponse::created(&full_object(request, &created)))
}

fn update(
    request: &ApiRequest,
    current: &RoleBindingObject,
    body: &Value,
) -> Result<ApiResponse, ClusterError> {
    let (role, own_role) = role(request, body, &request.name)?;
    if (role.as_str(), own_role) != (current.role.as_str(), current.is_project_role) {
        return Err(invalid(
            request,
            &request.name,
            "roleRef",
            "Invalid value: cannot change roleRef".to_owned(),
        ));
    }
    let updated = request.cluster.write(|state| {
        // Compared under the write lock: of two edits of one revision, one is refused.
        let now = state
            .binding(&request.project, &request.name)
            .ok_or_else(|| missing(request))?;
        body::refuse_stale(body, &now.meta, object(request, &request.name))?;
        refuse_escalation(request, state, &request.name, &role, own_role)?;
        Ok::<_, ClusterError>(state.update_binding(RoleBindingObject {
            subjects: subjects(request, body),
            ..current.clone()
        }))
    })?;
    Ok(ApiResponse::ok(&full_object(request, &updated)))
}

/// Deletes a binding if it matches the preconditions. Preconditions on revisions came with
/// Kubernetes 1.14.
fn delete(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let options: Value = if request.body.is_empty() {
        Value::Null
    } else {
        body::json(request)?
    };
    let mut delete_options = serde_json::json!({"metadata": options["preconditions"]});
    if request.cluster.version() == Version::V3_9 {
        delete_options["metadata"]["resourceVersion"] = Value::Null;
    }
    let removed = request.cluster.write(|state| {
        let now = state
            .binding(&request.project, &request.name)
            .ok_or_else(|| missing(request))?;
        body::refuse_stale(&delete_options, &now.meta, object(request, &request.name))?;
        state
            .remove_binding(&request.project, &request.name)
            .ok_or_else(|| missing(request))
    })?;
    Ok(ApiResponse::success_deleted(
        &object(request, &request.name),
        &removed.meta.uid,
    ))
}

/// The role that a body names, and whether it is the project's own.
fn role(request: &ApiRequest, body: &Value, name: &str) -> Result<(String, bool), ClusterError> {
    if name.is_empty() {
        return Err(invalid(
            request,
            name,
            "metadata.name",
            "Required value: name or generateName is required".to_owned(),
        ));
    }
    let role = body["roleRef"]["name"]
        .as_str()
        .filter(|role| !role.is_empty());
    let own = body["roleRef"]["kind"] == "Role"
        || project(request).is_some_and(|project| body["roleRef"]["namespace"] == project);
    role.map(|role| (role.to_owned(), own))
        .ok_or_else(|| invalid(request, name, "roleRef.name", "Required value".to_owned()))
}

fn invalid(request: &ApiRequest, name: &str, field: &str, message: String) -> ClusterError {
    let cause = if message.starts_with("Required") {
        "FieldValueRequired"
    } else {
        "FieldValueInvalid"
    };
    ClusterErrorReason::Invalid {
        kind: kind(request),
        group: request.group,
        name: name.to_owned(),
        field: field.to_owned(),
        cause,
        message,
    }
    .into()
}

/// The subjects that a body names. In OpenShift's own group the lists of names are used if there
/// are any: subjects "is ignored if UserNames or GroupNames are specified" (its API's
/// documentation).
fn subjects(request: &ApiRequest, body: &Value) -> Vec<Subject> {
    let (users, groups) = (&body["userNames"], &body["groupNames"]);
    if request.group == RBAC_GROUP || (users.is_null() && groups.is_null()) {
        return body["subjects"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|raw| subject(request, raw))
            .collect();
    }
    let users = body::string_list(users)
        .into_iter()
        .map(|name| Subject::from_user_name(&name));
    users
        .chain(body::string_list(groups).into_iter().map(Subject::group))
        .collect()
}

fn subject(request: &ApiRequest, value: &Value) -> Option<Subject> {
    let kind = match value["kind"].as_str()? {
        "User" | "SystemUser" => SubjectKind::User,
        "Group" | "SystemGroup" => SubjectKind::Group,
        "ServiceAccount" => SubjectKind::ServiceAccount,
        _ => return None,
    };
    let project = || {
        value["namespace"]
            .as_str()
            .filter(|project| !project.is_empty())
            .unwrap_or(&request.project)
            .to_owned()
    };
    let project = (kind == SubjectKind::ServiceAccount).then(project);
    Some(Subject {
        kind,
        name: value["name"].as_str()?.to_owned(),
        project,
    })
}

/// Users may not grant rights that they do not have.
fn refuse_escalation(
    request: &ApiRequest,
    state: &ClusterState,
    name: &str,
    role: &str,
    own: bool,
) -> Result<(), ClusterError> {
    let missing = state.missing_rules(request.user(), &request.project, role, own)?;
    if missing.is_empty() {
        return Ok(());
    }
    let user = request.user().unwrap_or_default();
    let mut groups = groups_of(state, request.user());
    groups.sort_by_key(|group| group != "system:authenticated:oauth");
    let message = match request.cluster.version() {
        Version::V3_9 => {
            let uid = state
                .user(user)
                .map(|user| user.meta.uid.as_str())
                .unwrap_or_default();
            let (missing, groups) = (missing.join(" "), groups.join(" "));
            format!(
                "attempt to grant extra privileges: [{missing}] user=&{{{user} {uid} [{groups}] map[]}} ownerrules=[] ruleResolutionErrors=[]"
            )
        }
        Version::V4 => {
            let groups: Vec<String> = groups.iter().map(|group| format!("{group:?}")).collect();
            let (missing, groups) = (missing.join("\n"), groups.join(" "));
            format!(
                "user {user:?} (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n{missing}"
            )
        }
    };
    Err(ClusterErrorReason::Forbidden {
        object: object(request, name),
        message,
    }
    .into())
}
