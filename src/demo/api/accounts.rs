//! Users and groups.

use serde_json::{Value, json};

use super::answer::Answer;
use super::asked::Asked;
use super::body;
use super::list::{self, Page};
use super::render::Render;
use crate::demo::cluster::{Group, Object, Reason, Refusal, User, Version, groups_of_user};

const GROUP: &str = "user.openshift.io";

/// `users`, of which `~` is oneself.
pub(super) fn answer_users(asked: &Asked) -> Result<Answer, Refusal> {
    let render = Render::for_request(asked);
    match (asked.verb, asked.name.as_str()) {
        ("list", _) => {
            list::shape(asked)?;
            let list = asked.cluster.read(|state| {
                let users = state.users().map(|user| user_object(asked, user, &Value::Null)).collect();
                list::of(asked, state, "UserList", Page::of(users))
            });
            Ok(Answer::ok(&list))
        }
        ("get", name) => {
            let myself = name == "~";
            let name = if myself { asked.user().unwrap_or_default() } else { name };
            let user = asked.cluster.read(|state| {
                let groups = if myself { own_groups(asked.cluster.version(), groups_of_user(state, name)) } else { Value::Null };
                state.user(name).map(|user| user_object(asked, user, &groups))
            });
            let user = user.ok_or_else(|| Reason::NotFound(Object::new(GROUP, "users", name)))?;
            Ok(Answer::ok(&render.typed("User", GROUP, user)))
        }
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

/// What `users/~` says of one's groups: 4 adds the virtual ones.
fn own_groups(version: Version, mut groups: Vec<String>) -> Value {
    if version == Version::V4 {
        groups.extend(["system:authenticated", "system:authenticated:oauth"].map(str::to_owned));
    }
    if groups.is_empty() { Value::Null } else { json!(groups) }
}

fn user_object(asked: &Asked, user: &User, groups: &Value) -> Value {
    let provider = if asked.cluster.version() == Version::V4 { "htpasswd" } else { "anypassword" };
    json!({"metadata": Render::for_request(asked).meta(&user.meta, Some((GROUP, "users"))),
        "identities": [format!("{provider}:{}", user.meta.name)], "groups": groups})
}

/// `groups`.
pub(super) fn answer_groups(asked: &Asked) -> Result<Answer, Refusal> {
    let found = || asked.cluster.read(|state| state.group(&asked.name).cloned()).ok_or_else(|| missing(asked));
    match asked.verb {
        "list" => {
            list::shape(asked)?;
            let list = asked.cluster.read(|state| {
                let groups = state.groups().map(|group| item(asked, group)).collect();
                list::of(asked, state, "GroupList", Page::of(groups))
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
            let removed = asked.cluster.write(|state| state.remove_group(&asked.name)).ok_or_else(|| missing(asked))?;
            Ok(Answer::deleted(&Object::new(GROUP, "groups", &asked.name), &removed.meta.uid))
        }
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

fn missing(asked: &Asked) -> Refusal {
    Reason::NotFound(Object::new(GROUP, "groups", &asked.name)).into()
}

fn create(asked: &Asked) -> Result<Answer, Refusal> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    if name.is_empty() || name.contains(['/', '%', ':']) || name == "~" {
        let message = format!("Invalid value: {name:?}: must be a name without \"/\", \"%\", \":\"");
        let field = "metadata.name".to_owned();
        return Err(
            Reason::Invalid { kind: "Group", group: GROUP, name: name.to_owned(), field, cause: "FieldValueInvalid", message }.into()
        );
    }
    let created = asked.cluster.write(|state| {
        if state.group(name).is_some() {
            return Err(Refusal::from(Reason::AlreadyExists(Object::new(GROUP, "groups", name))));
        }
        let group = Group { meta: state.new_meta(None, name), users: body::list_of_texts(&wanted["users"]) };
        state.put_group(group.clone());
        Ok(group)
    })?;
    Ok(Answer::created(&whole(asked, &created)))
}

fn update(asked: &Asked, current: &Group, wanted: &Value) -> Result<Answer, Refusal> {
    body::refuse_stale(wanted, &current.meta, Object::new(GROUP, "groups", &asked.name))?;
    let group = Group { users: body::list_of_texts(&wanted["users"]), ..current.clone() };
    let updated = asked.cluster.write(|state| state.update_group(group));
    Ok(Answer::ok(&whole(asked, &updated)))
}

fn item(asked: &Asked, group: &Group) -> Value {
    let users = if group.users.is_empty() { Value::Null } else { json!(group.users) };
    json!({"metadata": Render::for_request(asked).meta(&group.meta, Some((GROUP, "groups"))), "users": users})
}

fn whole(asked: &Asked, group: &Group) -> Value {
    Render::for_request(asked).typed("Group", GROUP, item(asked, group))
}
