//! Users, of which `~` is that of the token.

use serde_json::{Value, json};

use super::body;
use super::list::{self, ListPage};
use super::render::Renderer;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    ClusterError, ClusterErrorReason, NamedResource, ObjectMetadata, UserObject, Version,
    groups_of, groups_of_user,
};

pub(super) const GROUP: &str = "user.openshift.io";

/// `users`.
pub(super) fn answer_users(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match (request.verb, request.name.as_str()) {
        ("list", _) => {
            list::requested_list_kind(request)?;
            let list = request.cluster.read(|state| {
                let users = state
                    .users()
                    .map(|user| item(request, user, &Value::Null))
                    .collect();
                list::list_object(request, state, "UserList", ListPage::from_items(users))
            });
            Ok(ApiResponse::ok(&list))
        }
        ("get", name) => get(request, name),
        ("create", _) => create(request),
        ("update", _) => update(request, &body::json(request)?),
        ("patch", name) => {
            let current = request
                .cluster
                .read(|state| state.user(name).cloned())
                .ok_or_else(|| missing(name))?;
            update(
                request,
                &body::patched(request, full_object(request, &current))?,
            )
        }
        ("delete", name) => {
            let removed = request
                .cluster
                .write(|state| state.remove_user(name))
                .ok_or_else(|| missing(name))?;
            Ok(ApiResponse::success_deleted(
                &NamedResource::new(GROUP, "users", name),
                &removed.meta.uid,
            ))
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn get(request: &ApiRequest, name: &str) -> Result<ApiResponse, ClusterError> {
    let myself = name == "~";
    let name = if myself {
        request.user().unwrap_or_default()
    } else {
        name
    };
    let user = request.cluster.read(|state| {
        let groups = if myself {
            own_groups(request.cluster.version(), groups_of_user(state, name))
        } else {
            Value::Null
        };
        let user = if myself {
            state.user_of_token(name)
        } else {
            state.user(name)
        };
        user.map(|user| item(request, user, &groups))
    });
    let user = user
        .or_else(|| virtual_service_account(request, name).filter(|_| myself))
        .ok_or_else(|| missing(name))?;
    Ok(ApiResponse::ok(
        &Renderer::from_request(request).typed("User", GROUP, user),
    ))
}

/// A service account has no `User` object: `users/~` then shows what the token says.
fn virtual_service_account(request: &ApiRequest, name: &str) -> Option<Value> {
    name.strip_prefix("system:serviceaccount:")?;
    let groups = request.cluster.read(|state| groups_of(state, Some(name)));
    Some(
        json!({"metadata": {"name": name, "creationTimestamp": null}, "identities": null, "groups": groups}),
    )
}

fn missing(name: &str) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new(GROUP, "users", name)).into()
}

fn create(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let name = body::name(&body).to_owned();
    refuse_user_name(request.cluster.version(), &name)?;
    refuse_identities(&name, &body)?;
    let created = request.cluster.write(|state| {
        if state.user(&name).is_some() {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                NamedResource::new(GROUP, "users", &name),
            )));
        }
        let user = with_body_fields(UserObject::new(state.new_meta(None, &name)), &body);
        state.put_user(user.clone());
        Ok(user)
    })?;
    Ok(ApiResponse::created(&full_object(request, &created)))
}

fn update(request: &ApiRequest, body: &Value) -> Result<ApiResponse, ClusterError> {
    let updated = request.cluster.write(|state| {
        // Compared under the write lock: of two edits of one revision, one is refused.
        let now = state
            .user(&request.name)
            .cloned()
            .ok_or_else(|| missing(&request.name))?;
        body::refuse_stale(
            body,
            &now.meta,
            NamedResource::new(GROUP, "users", &request.name),
        )?;
        refuse_identities(&request.name, body)?;
        Ok::<_, ClusterError>(state.update_user(with_body_fields(now, body)))
    })?;
    Ok(ApiResponse::ok(&full_object(request, &updated)))
}

fn with_body_fields(mut user: UserObject, body: &Value) -> UserObject {
    body["fullName"]
        .as_str()
        .unwrap_or_default()
        .clone_into(&mut user.full_name);
    user.identities = body::string_list(&body["identities"]);
    user.meta = with_labels_and_annotations(&user.meta, body);
    user
}

/// Labels and annotations are replaced by those of the body: one without them removes them.
pub(super) fn with_labels_and_annotations(meta: &ObjectMetadata, body: &Value) -> ObjectMetadata {
    let (labels, annotations) = (
        body::string_map(&body["metadata"]["labels"]),
        body::string_map(&body["metadata"]["annotations"]),
    );
    ObjectMetadata {
        labels,
        annotations,
        ..meta.clone()
    }
}

/// OpenShift 4 accepts names with a colon, encoded (recorded in `user-create-invalid`).
fn refuse_user_name(version: Version, name: &str) -> Result<(), ClusterError> {
    match (version, name.contains(':')) {
        (Version::V4, true) if name.starts_with("b64:") => Ok(()),
        (Version::V4, true) => {
            let message = format!(
                "Invalid value: {name:?}: usernames that contain \":\" must begin with \"b64:\""
            );
            Err(invalid(
                "User",
                name,
                "metadata.name",
                "FieldValueInvalid",
                message,
            ))
        }
        _ => refuse_name("User", name, "metadata.name", name),
    }
}

/// Source: `ValidateUserName` and `ValidateGroupName` of origin (`pkg/user/apis/user/validation`),
/// which are the same.
pub(super) fn refuse_name(
    kind: &'static str,
    object: &str,
    field: &str,
    name: &str,
) -> Result<(), ClusterError> {
    let why = match name {
        "" => {
            return Err(invalid(
                kind,
                object,
                field,
                "FieldValueRequired",
                "Required value: name or generateName is required".to_owned(),
            ));
        }
        "." | ".." | "~" => format!(
            "may not {} {name:?}",
            if name == "~" { "equal" } else { "be" }
        ),
        _ => match name.chars().find(|c| matches!(c, '/' | '%' | ':')) {
            Some(c) => format!("may not contain \"{c}\""),
            None => return Ok(()),
        },
    };
    Err(invalid(
        kind,
        object,
        field,
        "FieldValueInvalid",
        format!("Invalid value: {name:?}: {why}"),
    ))
}

/// Source: `ValidateIdentityName` of origin.
pub(super) fn refuse_identity(
    kind: &'static str,
    object: &str,
    field: &str,
    name: &str,
) -> Result<(), ClusterError> {
    let parts: Vec<&str> = name.split(':').collect();
    if parts.len() == 2 && parts.iter().all(|part| !part.is_empty()) && !name.contains(['/', '%']) {
        return Ok(());
    }
    let message =
        format!("Invalid value: {name:?}: must be in the format <providerName>:<providerUserName>");
    Err(invalid(kind, object, field, "FieldValueInvalid", message))
}

fn refuse_identities(user: &str, body: &Value) -> Result<(), ClusterError> {
    let named = body::string_list(&body["identities"]);
    named.iter().enumerate().try_for_each(|(place, identity)| {
        refuse_identity("User", user, &format!("identities[{place}]"), identity)
    })
}

pub(super) fn invalid(
    kind: &'static str,
    name: &str,
    field: &str,
    cause: &'static str,
    message: String,
) -> ClusterError {
    ClusterErrorReason::Invalid {
        kind,
        group: GROUP,
        name: name.to_owned(),
        field: field.to_owned(),
        cause,
        message,
    }
    .into()
}

/// The groups that `users/~` shows: 4 adds the virtual ones.
fn own_groups(version: Version, mut groups: Vec<String>) -> Value {
    if version == Version::V4 {
        groups.extend(["system:authenticated", "system:authenticated:oauth"].map(str::to_owned));
    }
    if groups.is_empty() {
        Value::Null
    } else {
        json!(groups)
    }
}

fn item(request: &ApiRequest, user: &UserObject, groups: &Value) -> Value {
    let mut shown = json!({"metadata": Renderer::from_request(request).meta(&user.meta, Some((GROUP, "users"))), "groups": groups});
    match (user.identities.as_slice(), request.cluster.version()) {
        ([], Version::V4) => {}
        ([], Version::V3_9) => shown["identities"] = Value::Null,
        (identities, _) => shown["identities"] = json!(identities),
    }
    if !user.full_name.is_empty() {
        shown["fullName"] = user.full_name.as_str().into();
    }
    shown
}

fn full_object(request: &ApiRequest, user: &UserObject) -> Value {
    Renderer::from_request(request).typed("User", GROUP, item(request, user, &Value::Null))
}
