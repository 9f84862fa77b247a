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
pub(super) fn answer(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let found = || {
        asked
            .cluster
            .read(|state| state.binding(&asked.project, &asked.name).cloned())
            .ok_or_else(|| missing(asked))
    };
    match asked.verb {
        "list" => {
            list::requested_list_kind(asked)?;
            let list = asked.cluster.read(|state| {
                let items = if is_cluster_binding(asked) {
                    state
                        .bindings_of("")
                        .map(|binding| item(asked, binding))
                        .collect()
                } else {
                    state
                        .listed_bindings(&asked.project)
                        .map(|binding| item(asked, binding))
                        .collect()
                };
                list::list_object(
                    asked,
                    state,
                    &format!("{}List", kind(asked)),
                    ListPage::from_items(items),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        "get" => Ok(ApiResponse::ok(&full_object(asked, &found()?))),
        "create" => create(asked),
        "update" => update(asked, &found()?, &body::json(asked)?),
        "patch" => {
            let current = found()?;
            update(
                asked,
                &current,
                &body::patched(asked, full_object(asked, &current))?,
            )
        }
        "delete" => delete(asked),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn object(asked: &ApiRequest, name: &str) -> NamedResource {
    NamedResource::new(asked.group, &asked.resource, name)
}

fn is_cluster_binding(asked: &ApiRequest) -> bool {
    asked.resource == "clusterrolebindings"
}

fn kind(asked: &ApiRequest) -> &'static str {
    if is_cluster_binding(asked) {
        "ClusterRoleBinding"
    } else {
        "RoleBinding"
    }
}

/// The project of a binding; those of the cluster belong to none.
fn project(asked: &ApiRequest) -> Option<&str> {
    Some(asked.project.as_str()).filter(|project| !project.is_empty())
}

fn missing(asked: &ApiRequest) -> ClusterError {
    ClusterErrorReason::NotFound(object(asked, &asked.name)).into()
}

fn item(asked: &ApiRequest, binding: &RoleBindingObject) -> Value {
    let render = Renderer::from_request(asked);
    if asked.group == "authorization.openshift.io" {
        render.openshift_binding(binding)
    } else {
        render.rbac_binding(binding)
    }
}

fn full_object(asked: &ApiRequest, binding: &RoleBindingObject) -> Value {
    Renderer::from_request(asked).typed(kind(asked), asked.group, item(asked, binding))
}

fn create(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    let (role, own_role) = role(asked, &wanted, name)?;
    let created = asked.cluster.write(|state| {
        refuse_escalation(asked, state, name, &role, own_role)?;
        if state.binding(&asked.project, name).is_some() {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                object(asked, name),
            )));
        }
        let binding = RoleBindingObject {
            meta: state.new_meta(project(asked), name),
            role: role.clone(),
            is_project_role: own_role,
            subjects: subjects(asked, &wanted),
        };
        state.put_binding(binding.clone());
        Ok(binding)
    })?;
    Ok(ApiResponse::created(&full_object(asked, &created)))
}

fn update(
    asked: &ApiRequest,
    current: &RoleBindingObject,
    wanted: &Value,
) -> Result<ApiResponse, ClusterError> {
    let (role, own_role) = role(asked, wanted, &asked.name)?;
    if (role.as_str(), own_role) != (current.role.as_str(), current.is_project_role) {
        return Err(invalid(
            asked,
            &asked.name,
            "roleRef",
            "Invalid value: cannot change roleRef".to_owned(),
        ));
    }
    let updated = asked.cluster.write(|state| {
        // Compared under the write lock: of two edits of one revision, one is refused.
        let now = state
            .binding(&asked.project, &asked.name)
            .ok_or_else(|| missing(asked))?;
        body::refuse_stale(wanted, &now.meta, object(asked, &asked.name))?;
        refuse_escalation(asked, state, &asked.name, &role, own_role)?;
        Ok::<_, ClusterError>(state.update_binding(RoleBindingObject {
            subjects: subjects(asked, wanted),
            ..current.clone()
        }))
    })?;
    Ok(ApiResponse::ok(&full_object(asked, &updated)))
}

/// Deletes a binding if it matches the preconditions. Preconditions on revisions came with
/// Kubernetes 1.14.
fn delete(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let options: Value = if asked.body.is_empty() {
        Value::Null
    } else {
        body::json(asked)?
    };
    let mut wanted = serde_json::json!({"metadata": options["preconditions"]});
    if asked.cluster.version() == Version::V3_9 {
        wanted["metadata"]["resourceVersion"] = Value::Null;
    }
    let removed = asked.cluster.write(|state| {
        let now = state
            .binding(&asked.project, &asked.name)
            .ok_or_else(|| missing(asked))?;
        body::refuse_stale(&wanted, &now.meta, object(asked, &asked.name))?;
        state
            .remove_binding(&asked.project, &asked.name)
            .ok_or_else(|| missing(asked))
    })?;
    Ok(ApiResponse::success_deleted(
        &object(asked, &asked.name),
        &removed.meta.uid,
    ))
}

/// The role that a body names, and whether it is the project's own.
fn role(asked: &ApiRequest, wanted: &Value, name: &str) -> Result<(String, bool), ClusterError> {
    if name.is_empty() {
        return Err(invalid(
            asked,
            name,
            "metadata.name",
            "Required value: name or generateName is required".to_owned(),
        ));
    }
    let role = wanted["roleRef"]["name"]
        .as_str()
        .filter(|role| !role.is_empty());
    let own = wanted["roleRef"]["kind"] == "Role"
        || project(asked).is_some_and(|project| wanted["roleRef"]["namespace"] == project);
    role.map(|role| (role.to_owned(), own))
        .ok_or_else(|| invalid(asked, name, "roleRef.name", "Required value".to_owned()))
}

fn invalid(asked: &ApiRequest, name: &str, field: &str, message: String) -> ClusterError {
    let cause = if message.starts_with("Required") {
        "FieldValueRequired"
    } else {
        "FieldValueInvalid"
    };
    ClusterErrorReason::Invalid {
        kind: kind(asked),
        group: asked.group,
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
fn subjects(asked: &ApiRequest, wanted: &Value) -> Vec<Subject> {
    let (users, groups) = (&wanted["userNames"], &wanted["groupNames"]);
    if asked.group == RBAC_GROUP || (users.is_null() && groups.is_null()) {
        return wanted["subjects"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|raw| subject(asked, raw))
            .collect();
    }
    let users = body::string_list(users)
        .into_iter()
        .map(|name| Subject::from_user_name(&name));
    users
        .chain(body::string_list(groups).into_iter().map(Subject::group))
        .collect()
}

fn subject(asked: &ApiRequest, value: &Value) -> Option<Subject> {
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
            .unwrap_or(&asked.project)
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
    asked: &ApiRequest,
    state: &ClusterState,
    name: &str,
    role: &str,
    own: bool,
) -> Result<(), ClusterError> {
    let missing = state.missing_rules(asked.user(), &asked.project, role, own)?;
    if missing.is_empty() {
        return Ok(());
    }
    let user = asked.user().unwrap_or_default();
    let mut groups = groups_of(state, asked.user());
    groups.sort_by_key(|group| group != "system:authenticated:oauth");
    let message = match asked.cluster.version() {
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
        object: object(asked, name),
        message,
    }
    .into())
}
