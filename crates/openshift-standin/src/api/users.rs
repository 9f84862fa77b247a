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
pub(super) fn answer_users(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match (asked.verb, asked.name.as_str()) {
        ("list", _) => {
            list::requested_list_kind(asked)?;
            let list = asked.cluster.read(|state| {
                let users = state
                    .users()
                    .map(|user| item(asked, user, &Value::Null))
                    .collect();
                list::list_object(asked, state, "UserList", ListPage::from_items(users))
            });
            Ok(ApiResponse::ok(&list))
        }
        ("get", name) => get(asked, name),
        ("create", _) => create(asked),
        ("update", _) => update(asked, &body::json(asked)?),
        ("patch", name) => {
            let current = asked
                .cluster
                .read(|state| state.user(name).cloned())
                .ok_or_else(|| missing(name))?;
            update(asked, &body::patched(asked, full_object(asked, &current))?)
        }
        ("delete", name) => {
            let removed = asked
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

fn get(asked: &ApiRequest, name: &str) -> Result<ApiResponse, ClusterError> {
    let myself = name == "~";
    let name = if myself {
        asked.user().unwrap_or_default()
    } else {
        name
    };
    let user = asked.cluster.read(|state| {
        let groups = if myself {
            own_groups(asked.cluster.version(), groups_of_user(state, name))
        } else {
            Value::Null
        };
        let user = if myself {
            state.user_of_token(name)
        } else {
            state.user(name)
        };
        user.map(|user| item(asked, user, &groups))
    });
    let user = user
        .or_else(|| virtual_service_account(asked, name).filter(|_| myself))
        .ok_or_else(|| missing(name))?;
    Ok(ApiResponse::ok(
        &Renderer::from_request(asked).typed("User", GROUP, user),
    ))
}

/// A service account has no `User` object: `users/~` then shows what the token says.
fn virtual_service_account(asked: &ApiRequest, name: &str) -> Option<Value> {
    name.strip_prefix("system:serviceaccount:")?;
    let groups = asked.cluster.read(|state| groups_of(state, Some(name)));
    Some(
        json!({"metadata": {"name": name, "creationTimestamp": null}, "identities": null, "groups": groups}),
    )
}

fn missing(name: &str) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new(GROUP, "users", name)).into()
}

fn create(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted).to_owned();
    refuse_user_name(asked.cluster.version(), &name)?;
    refuse_identities(&name, &wanted)?;
    let created = asked.cluster.write(|state| {
        if state.user(&name).is_some() {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                NamedResource::new(GROUP, "users", &name),
            )));
        }
        let user = with_body_fields(UserObject::new(state.new_meta(None, &name)), &wanted);
        state.put_user(user.clone());
        Ok(user)
    })?;
    Ok(ApiResponse::created(&full_object(asked, &created)))
}

fn update(asked: &ApiRequest, wanted: &Value) -> Result<ApiResponse, ClusterError> {
    let updated = asked.cluster.write(|state| {
        // Compared under the write lock: of two edits of one revision, one is refused.
        let now = state
            .user(&asked.name)
            .cloned()
            .ok_or_else(|| missing(&asked.name))?;
        body::refuse_stale(
            wanted,
            &now.meta,
            NamedResource::new(GROUP, "users", &asked.name),
        )?;
        refuse_identities(&asked.name, wanted)?;
        Ok::<_, ClusterError>(state.update_user(with_body_fields(now, wanted)))
    })?;
    Ok(ApiResponse::ok(&full_object(asked, &updated)))
}

fn with_body_fields(mut user: UserObject, wanted: &Value) -> UserObject {
    wanted["fullName"]
        .as_str()
        .unwrap_or_default()
        .clone_into(&mut user.full_name);
    user.identities = body::string_list(&wanted["identities"]);
    user.meta = with_labels_and_annotations(&user.meta, wanted);
    user
}

/// Labels and annotations are replaced by those of the body: one without them removes them.
pub(super) fn with_labels_and_annotations(meta: &ObjectMetadata, wanted: &Value) -> ObjectMetadata {
    let (labels, annotations) = (
        body::string_map(&wanted["metadata"]["labels"]),
        body::string_map(&wanted["metadata"]["annotations"]),
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

fn refuse_identities(user: &str, wanted: &Value) -> Result<(), ClusterError> {
    let named = body::string_list(&wanted["identities"]);
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

fn item(asked: &ApiRequest, user: &UserObject, groups: &Value) -> Value {
    let mut shown = json!({"metadata": Renderer::from_request(asked).meta(&user.meta, Some((GROUP, "users"))), "groups": groups});
    match (user.identities.as_slice(), asked.cluster.version()) {
        ([], Version::V4) => {}
        ([], Version::V3_9) => shown["identities"] = Value::Null,
        (identities, _) => shown["identities"] = json!(identities),
    }
    if !user.full_name.is_empty() {
        shown["fullName"] = user.full_name.as_str().into();
    }
    shown
}

fn full_object(asked: &ApiRequest, user: &UserObject) -> Value {
    Renderer::from_request(asked).typed("User", GROUP, item(asked, user, &Value::Null))
}
