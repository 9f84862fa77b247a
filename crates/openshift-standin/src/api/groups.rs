//! Groups of users.

use serde_json::{Value, json};

use super::body;
use super::list::{self, ListPage};
use super::render::Renderer;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::api::users::{GROUP, refuse_name, with_labels_and_annotations};
use crate::cluster::{ClusterError, ClusterErrorReason, GroupObject, NamedResource};

/// `groups`.
pub(super) fn answer(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let found = || {
        asked
            .cluster
            .read(|state| state.group(&asked.name).cloned())
            .ok_or_else(|| missing(asked))
    };
    match asked.verb {
        "list" => {
            list::requested_list_kind(asked)?;
            let list = asked.cluster.read(|state| {
                let groups = state.groups().map(|group| item(asked, group)).collect();
                list::list_object(asked, state, "GroupList", ListPage::from_items(groups))
            });
            Ok(ApiResponse::ok(&list))
        }
        "get" => Ok(ApiResponse::ok(&full_object(asked, &found()?))),
        "create" => create(asked),
        "update" => update(asked, &body::json(asked)?),
        "patch" => update(asked, &body::patched(asked, full_object(asked, &found()?))?),
        "delete" => {
            let removed = asked
                .cluster
                .write(|state| state.remove_group(&asked.name))
                .ok_or_else(|| missing(asked))?;
            Ok(ApiResponse::success_deleted(
                &NamedResource::new(GROUP, "groups", &asked.name),
                &removed.meta.uid,
            ))
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn missing(asked: &ApiRequest) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new(GROUP, "groups", &asked.name)).into()
}

fn create(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    refuse_name("Group", name, "metadata.name", name)?;
    refuse_members(name, &wanted)?;
    let created = asked.cluster.write(|state| {
        if state.group(name).is_some() {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                NamedResource::new(GROUP, "groups", name),
            )));
        }
        let meta = with_labels_and_annotations(&state.new_meta(None, name), &wanted);
        let group = GroupObject {
            meta,
            users: body::string_list(&wanted["users"]),
        };
        state.put_group(group.clone());
        Ok(group)
    })?;
    Ok(ApiResponse::created(&full_object(asked, &created)))
}

fn update(asked: &ApiRequest, wanted: &Value) -> Result<ApiResponse, ClusterError> {
    refuse_members(&asked.name, wanted)?;
    let updated = asked.cluster.write(|state| {
        // Compared under the write lock: of two edits of one revision, one is refused.
        let now = state.group(&asked.name).ok_or_else(|| missing(asked))?;
        body::refuse_stale(
            wanted,
            &now.meta,
            NamedResource::new(GROUP, "groups", &asked.name),
        )?;
        let group = GroupObject {
            users: body::string_list(&wanted["users"]),
            meta: with_labels_and_annotations(&now.meta, wanted),
        };
        Ok::<_, ClusterError>(state.update_group(group))
    })?;
    Ok(ApiResponse::ok(&full_object(asked, &updated)))
}

/// The API server calls the field of a member `user[0]`, although it is in `users`.
fn refuse_members(group: &str, wanted: &Value) -> Result<(), ClusterError> {
    let named = body::string_list(&wanted["users"]);
    named
        .iter()
        .enumerate()
        .try_for_each(|(place, user)| refuse_name("Group", group, &format!("user[{place}]"), user))
}

fn item(asked: &ApiRequest, group: &GroupObject) -> Value {
    let users = if group.users.is_empty() {
        Value::Null
    } else {
        json!(group.users)
    };
    json!({"metadata": Renderer::from_request(asked).meta(&group.meta, Some((GROUP, "groups"))), "users": users})
}

fn full_object(asked: &ApiRequest, group: &GroupObject) -> Value {
    Renderer::from_request(asked).typed("Group", GROUP, item(asked, group))
}
