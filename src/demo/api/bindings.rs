//! Role bindings of projects, in the words of both API groups that have them.

use serde_json::Value;

use super::answer::Answer;
use super::asked::Asked;
use super::body;
use super::list::{self, Page};
use super::render::Render;
use crate::demo::cluster::{Binding, Object, Reason, Refusal, State, Version, groups_of};
use crate::model::{Subject, SubjectKind};

/// `rolebindings`.
pub(super) fn answer(asked: &Asked) -> Result<Answer, Refusal> {
    let found = || asked.cluster.read(|state| state.binding(&asked.project, &asked.name).cloned()).ok_or_else(|| missing(asked));
    match asked.verb {
        "list" => {
            list::shape(asked)?;
            let list = asked.cluster.read(|state| {
                let items = state.listed_bindings(&asked.project).map(|binding| item(asked, binding)).collect();
                list::of(asked, state, "RoleBindingList", Page::of(items))
            });
            Ok(Answer::ok(&list))
        }
        "get" => Ok(Answer::ok(&whole(asked, &found()?))),
        "create" => create(asked),
        "update" => update(asked, &found()?, &body::json(asked)?),
        "patch" => {
            let current = found()?;
            update(asked, &current, &body::patched(asked, whole(asked, &current))?)
        }
        "delete" => {
            let removed = asked.cluster.write(|state| state.remove_binding(&asked.project, &asked.name)).ok_or_else(|| missing(asked))?;
            Ok(Answer::deleted(&object(asked, &asked.name), &removed.meta.uid))
        }
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

fn object(asked: &Asked, name: &str) -> Object {
    Object::new(asked.group, "rolebindings", name)
}

fn missing(asked: &Asked) -> Refusal {
    Reason::NotFound(object(asked, &asked.name)).into()
}

fn item(asked: &Asked, binding: &Binding) -> Value {
    let render = Render::for_request(asked);
    if asked.group == "authorization.openshift.io" { render.openshift_binding(binding) } else { render.rbac_binding(binding) }
}

fn whole(asked: &Asked, binding: &Binding) -> Value {
    Render::for_request(asked).typed("RoleBinding", asked.group, item(asked, binding))
}

fn create(asked: &Asked) -> Result<Answer, Refusal> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    let role = role(asked, &wanted, name)?;
    let created = asked.cluster.write(|state| {
        refuse_escalation(asked, state, name, &role)?;
        if state.binding(&asked.project, name).is_some() {
            return Err(Refusal::from(Reason::AlreadyExists(object(asked, name))));
        }
        let binding = Binding { meta: state.new_meta(Some(&asked.project), name), role: role.clone(), subjects: subjects(&wanted) };
        state.put_binding(binding.clone());
        Ok(binding)
    })?;
    Ok(Answer::created(&whole(asked, &created)))
}

fn update(asked: &Asked, current: &Binding, wanted: &Value) -> Result<Answer, Refusal> {
    let role = role(asked, wanted, &asked.name)?;
    if role != current.role {
        return Err(invalid(asked, &asked.name, "roleRef", "Invalid value: cannot change roleRef".to_owned()));
    }
    let updated = asked.cluster.write(|state| {
        // Compared while nobody else can write: of two edits of one revision, one is refused.
        let now = state.binding(&asked.project, &asked.name).ok_or_else(|| missing(asked))?;
        body::refuse_stale(wanted, &now.meta, object(asked, &asked.name))?;
        refuse_escalation(asked, state, &asked.name, &role)?;
        Ok::<_, Refusal>(state.update_binding(Binding { subjects: subjects(wanted), ..current.clone() }))
    })?;
    Ok(Answer::ok(&whole(asked, &updated)))
}

fn role(asked: &Asked, wanted: &Value, name: &str) -> Result<String, Refusal> {
    if name.is_empty() {
        return Err(invalid(asked, name, "metadata.name", "Required value: name or generateName is required".to_owned()));
    }
    let role = wanted["roleRef"]["name"].as_str().filter(|role| !role.is_empty());
    role.map(str::to_owned).ok_or_else(|| invalid(asked, name, "roleRef.name", "Required value".to_owned()))
}

fn invalid(asked: &Asked, name: &str, field: &str, message: String) -> Refusal {
    let cause = if message.starts_with("Required") { "FieldValueRequired" } else { "FieldValueInvalid" };
    Reason::Invalid { kind: "RoleBinding", group: asked.group, name: name.to_owned(), field: field.to_owned(), cause, message }.into()
}

/// The subjects that a body names: as `subjects`, or in the older lists of names.
fn subjects(wanted: &Value) -> Vec<Subject> {
    let listed: Vec<Subject> = wanted["subjects"].as_array().into_iter().flatten().filter_map(subject).collect();
    if !listed.is_empty() {
        return listed;
    }
    let named = |kind, names: &Value| body::list_of_texts(names).into_iter().map(move |name| Subject { kind, name, project: None });
    named(SubjectKind::User, &wanted["userNames"]).chain(named(SubjectKind::Group, &wanted["groupNames"])).collect()
}

fn subject(value: &Value) -> Option<Subject> {
    let kind = match value["kind"].as_str()? {
        "User" | "SystemUser" => SubjectKind::User,
        "Group" | "SystemGroup" => SubjectKind::Group,
        "ServiceAccount" => SubjectKind::ServiceAccount,
        _ => return None,
    };
    Some(Subject { kind, name: value["name"].as_str()?.to_owned(), project: value["namespace"].as_str().map(str::to_owned) })
}

/// Nobody may grant what they do not have.
fn refuse_escalation(asked: &Asked, state: &State, name: &str, role: &str) -> Result<(), Refusal> {
    let missing = state.missing_rules(asked.user(), &asked.project, role)?;
    if missing.is_empty() {
        return Ok(());
    }
    let user = asked.user().unwrap_or_default();
    let mut groups = groups_of(state, asked.user());
    groups.sort_by_key(|group| group != "system:authenticated:oauth");
    let message = match asked.cluster.version() {
        Version::V3_9 => {
            let uid = state.user(user).map(|user| user.meta.uid.as_str()).unwrap_or_default();
            let (missing, groups) = (missing.join(" "), groups.join(" "));
            format!(
                "attempt to grant extra privileges: [{missing}] user=&{{{user} {uid} [{groups}] map[]}} ownerrules=[] ruleResolutionErrors=[]"
            )
        }
        Version::V4 => {
            let groups: Vec<String> = groups.iter().map(|group| format!("{group:?}")).collect();
            let (missing, groups) = (missing.join("\n"), groups.join(" "));
            format!("user {user:?} (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n{missing}")
        }
    };
    Err(Reason::Forbidden { object: object(asked, name), message }.into())
}
