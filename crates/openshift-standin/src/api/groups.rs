//! Groups of users.

use serde_json::{Value, json};

use super::accounts::{GROUP, described, refuse_name};
use super::answer::Answer;
use super::asked::Asked;
use super::body;
use super::list::{self, Page};
use super::render::Render;
use crate::cluster::{Group, Object, Reason, Refusal};

/// `groups`.
pub(super) fn answer(asked: &Asked) -> Result<Answer, Refusal> {
    let found = || {
        asked
            .cluster
            .read(|state| state.group(&asked.name).cloned())
            .ok_or_else(|| missing(asked))
    };
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
        "update" => update(asked, &body::json(asked)?),
        "patch" => update(asked, &body::patched(asked, whole(asked, &found()?))?),
        "delete" => {
            let removed = asked
                .cluster
                .write(|state| state.remove_group(&asked.name))
                .ok_or_else(|| missing(asked))?;
            Ok(Answer::deleted(
                &Object::new(GROUP, "groups", &asked.name),
                &removed.meta.uid,
            ))
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
    refuse_name("Group", name, "metadata.name", name)?;
    refuse_members(name, &wanted)?;
    let created = asked.cluster.write(|state| {
        if state.group(name).is_some() {
            return Err(Refusal::from(Reason::AlreadyExists(Object::new(
                GROUP, "groups", name,
            ))));
        }
        let meta = described(&state.new_meta(None, name), &wanted);
        let group = Group {
            meta,
            users: body::list_of_texts(&wanted["users"]),
        };
        state.put_group(group.clone());
        Ok(group)
    })?;
    Ok(Answer::created(&whole(asked, &created)))
}

fn update(asked: &Asked, wanted: &Value) -> Result<Answer, Refusal> {
    refuse_members(&asked.name, wanted)?;
    let updated = asked.cluster.write(|state| {
        // Compared while nobody else can write: of two edits of one revision, one is refused.
        let now = state.group(&asked.name).ok_or_else(|| missing(asked))?;
        body::refuse_stale(wanted, &now.meta, Object::new(GROUP, "groups", &asked.name))?;
        let group = Group {
            users: body::list_of_texts(&wanted["users"]),
            meta: described(&now.meta, wanted),
        };
        Ok::<_, Refusal>(state.update_group(group))
    })?;
    Ok(Answer::ok(&whole(asked, &updated)))
}

/// The server calls the field of a member `user[0]`, although it is in `users`.
fn refuse_members(group: &str, wanted: &Value) -> Result<(), Refusal> {
    let named = body::list_of_texts(&wanted["users"]);
    named
        .iter()
        .enumerate()
        .try_for_each(|(place, user)| refuse_name("Group", group, &format!("user[{place}]"), user))
}

fn item(asked: &Asked, group: &Group) -> Value {
    let users = if group.users.is_empty() {
        Value::Null
    } else {
        json!(group.users)
    };
    json!({"metadata": Render::for_request(asked).meta(&group.meta, Some((GROUP, "groups"))), "users": users})
}

fn whole(asked: &Asked, group: &Group) -> Value {
    Render::for_request(asked).typed("Group", GROUP, item(asked, group))
}
