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
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let found = || {
        request
            .cluster
            .read(|state| state.group(&request.name).cloned())
            .ok_or_else(|| missing(request))
    };
    match request.verb {
        "list" => {
            list::requested_list_kind(request)?;
            let list = request.cluster.read(|state| {
                let groups = state.groups().map(|group| item(request, group)).collect();
                list::list_object(request, state, "GroupList", ListPage::from_items(groups))
            });
            Ok(ApiResponse::ok(&list))
        }
        "get" => Ok(ApiResponse::ok(&full_object(request, &found()?))),
        "create" => create(request),
        "update" => update(request, &body::json(request)?),
        "patch" => update(
            request,
            &body::patched(request, full_object(request, &found()?))?,
        ),
        "delete" => {
            let removed = request
                .cluster
                .write(|state| state.remove_group(&request.name))
                .ok_or_else(|| missing(request))?;
            Ok(ApiResponse::success_deleted(
                &NamedResource::new(GROUP, "groups", &request.name),
                &removed.meta.uid,
            ))
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn missing(request: &ApiRequest) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new(GROUP, "groups", &request.name)).into()
}

fn create(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let name = body::name(&body);
    refuse_name("Group", name, "metadata.name", name)?;
    refuse_members(name, &body)?;
    let created = request.cluster.write(|state| {
        if state.group(name).is_some() {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                NamedResource::new(GROUP, "groups", name),
            )));
        }
        let meta = with_labels_and_annotations(&state.new_meta(None, name), &body);
        let group = GroupObject {
            meta,
            users: body::string_list(&body["users"]),
        };
        state.put_group(group.clone());
        Ok(group)
    })?;
    Ok(ApiResponse::created(&full_object(request, &created)))
}

fn update(request: &ApiRequest, body: &Value) -> Result<ApiResponse, ClusterError> {
    refuse_members(&request.name, body)?;
    let updated = request.cluster.write(|state| {
        // Compared under the write lock: of two edits of one revision, one is refused.
        let now = state.group(&request.name).ok_or_else(|| missing(request))?;
        body::refuse_stale(
            body,
            &now.meta,
            NamedResource::new(GROUP, "groups", &request.name),
        )?;
        let group = GroupObject {
            users: body::string_list(&body["users"]),
            meta: with_labels_and_annotations(&now.meta, body),
        };
        Ok::<_, ClusterError>(state.update_group(group))
    })?;
    Ok(ApiResponse::ok(&full_object(request, &updated)))
}

/// The API server calls the field of a member `user[0]`, although it is in `users`.
fn refuse_members(group: &str, body: &Value) -> Result<(), ClusterError> {
    let named = body::string_list(&body["users"]);
    named
        .iter()
        .enumerate()
        .try_for_each(|(place, user)| refuse_name("Group", group, &format!("user[{place}]"), user))
}

fn item(request: &ApiRequest, group: &GroupObject) -> Value {
    let users = if group.users.is_empty() {
        Value::Null
    } else {
        json!(group.users)
    };
    json!({"metadata": Renderer::from_request(request).meta(&group.meta, Some((GROUP, "groups"))), "users": users})
}

fn full_object(request: &ApiRequest, group: &GroupObject) -> Value {
    Renderer::from_request(request).typed("Group", GROUP, item(request, group))
}
