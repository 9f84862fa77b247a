//! Role bindings of projects, in the words of both API groups that have them.

use serde_json::Value;

use super::answer::Answer;
use super::asked::Asked;
use super::body;
use super::list::{self, Page};
use super::render::Render;
use crate::cluster::{Binding, Object, RBAC_GROUP, Reason, Refusal, State, Version, groups_of};
use registry_model::{Subject, SubjectKind};

/// `rolebindings`, and `clusterrolebindings`, which are in no project.
pub(super) fn answer(asked: &Asked) -> Result<Answer, Refusal> {
    let found = || {
        asked
            .cluster
            .read(|state| state.binding(&asked.project, &asked.name).cloned())
            .ok_or_else(|| missing(asked))
    };
    match asked.verb {
        "list" => {
            list::shape(asked)?;
            let list = asked.cluster.read(|state| {
                let items = if is_of_cluster(asked) {
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
                list::of(
                    asked,
                    state,
                    &format!("{}List", kind(asked)),
                    Page::of(items),
                )
            });
            Ok(Answer::ok(&list))
        }
        "get" => Ok(Answer::ok(&whole(asked, &found()?))),
        "create" => create(asked),
        "update" => update(asked, &found()?, &body::json(asked)?),
        "patch" => {
            let current = found()?;
            update(
                asked,
                &current,
                &body::patched(asked, whole(asked, &current))?,
            )
        }
        "delete" => delete(asked),
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

fn object(asked: &Asked, name: &str) -> Object {
    Object::new(asked.group, &asked.resource, name)
}

fn is_of_cluster(asked: &Asked) -> bool {
    asked.resource == "clusterrolebindings"
}

fn kind(asked: &Asked) -> &'static str {
    if is_of_cluster(asked) {
        "ClusterRoleBinding"
    } else {
        "RoleBinding"
    }
}

/// The project of a binding; the cluster's own are in none.
fn project(asked: &Asked) -> Option<&str> {
    Some(asked.project.as_str()).filter(|project| !project.is_empty())
}

fn missing(asked: &Asked) -> Refusal {
    Reason::NotFound(object(asked, &asked.name)).into()
}

fn item(asked: &Asked, binding: &Binding) -> Value {
    let render = Render::for_request(asked);
    if asked.group == "authorization.openshift.io" {
        render.openshift_binding(binding)
    } else {
        render.rbac_binding(binding)
    }
}

fn whole(asked: &Asked, binding: &Binding) -> Value {
    Render::for_request(asked).typed(kind(asked), asked.group, item(asked, binding))
}

fn create(asked: &Asked) -> Result<Answer, Refusal> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    let (role, own_role) = role(asked, &wanted, name)?;
    let created = asked.cluster.write(|state| {
        refuse_escalation(asked, state, name, &role, own_role)?;
        if state.binding(&asked.project, name).is_some() {
            return Err(Refusal::from(Reason::AlreadyExists(object(asked, name))));
        }
        let binding = Binding {
            meta: state.new_meta(project(asked), name),
            role: role.clone(),
            own_role,
            subjects: subjects(asked, &wanted),
        };
        state.put_binding(binding.clone());
        Ok(binding)
    })?;
    Ok(Answer::created(&whole(asked, &created)))
}

fn update(asked: &Asked, current: &Binding, wanted: &Value) -> Result<Answer, Refusal> {
    let (role, own_role) = role(asked, wanted, &asked.name)?;
    if (role.as_str(), own_role) != (current.role.as_str(), current.own_role) {
        return Err(invalid(
            asked,
            &asked.name,
            "roleRef",
            "Invalid value: cannot change roleRef".to_owned(),
        ));
    }
    let updated = asked.cluster.write(|state| {
        // Compared while nobody else can write: of two edits of one revision, one is refused.
        let now = state
            .binding(&asked.project, &asked.name)
            .ok_or_else(|| missing(asked))?;
        body::refuse_stale(wanted, &now.meta, object(asked, &asked.name))?;
        refuse_escalation(asked, state, &asked.name, &role, own_role)?;
        Ok::<_, Refusal>(state.update_binding(Binding {
            subjects: subjects(asked, wanted),
            ..current.clone()
        }))
    })?;
    Ok(Answer::ok(&whole(asked, &updated)))
}

/// Deletes a binding, where it is still the one that the preconditions name. Those on revisions
/// came with Kubernetes 1.14.
fn delete(asked: &Asked) -> Result<Answer, Refusal> {
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
    Ok(Answer::deleted(
        &object(asked, &asked.name),
        &removed.meta.uid,
    ))
}

/// The role that a body names, and whether it is the project's own.
fn role(asked: &Asked, wanted: &Value, name: &str) -> Result<(String, bool), Refusal> {
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

fn invalid(asked: &Asked, name: &str, field: &str, message: String) -> Refusal {
    let cause = if message.starts_with("Required") {
        "FieldValueRequired"
    } else {
        "FieldValueInvalid"
    };
    Reason::Invalid {
        kind: kind(asked),
        group: asked.group,
        name: name.to_owned(),
        field: field.to_owned(),
        cause,
        message,
    }
    .into()
}

/// The subjects that a body names. In OpenShift's own group the lists of names count where there
/// are any: subjects "is ignored if UserNames or GroupNames are specified" (its API's
/// documentation).
fn subjects(asked: &Asked, wanted: &Value) -> Vec<Subject> {
    let (users, groups) = (&wanted["userNames"], &wanted["groupNames"]);
    if asked.group == RBAC_GROUP || (users.is_null() && groups.is_null()) {
        return wanted["subjects"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|raw| subject(asked, raw))
            .collect();
    }
    let users = body::list_of_texts(users)
        .into_iter()
        .map(|name| Subject::of_user_name(&name));
    users
        .chain(body::list_of_texts(groups).into_iter().map(Subject::group))
        .collect()
}

fn subject(asked: &Asked, value: &Value) -> Option<Subject> {
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

/// Nobody may grant what they do not have.
fn refuse_escalation(
    asked: &Asked,
    state: &State,
    name: &str,
    role: &str,
    own: bool,
) -> Result<(), Refusal> {
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
    Err(Reason::Forbidden {
        object: object(asked, name),
        message,
    }
    .into())
}
