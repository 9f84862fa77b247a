//! Requests for users, groups and identities: `user.openshift.io/v1` (recorded in `group*`,
//! `user*`, `identity-*` and `mapping*`).

use http::Method;
use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};

use super::{MAX_OBJECT_BYTES, MAX_SMALL_OBJECT_BYTES, PATH_ENCODE_SET, USER_API, post};
use crate::outbound::{ChangedObject, Request};

/// The kinds of objects.
#[derive(Clone, Copy, Debug)]
pub(in crate::openshift) enum UserObjectKind {
    User,
    Group,
    Identity,
    Mapping,
}

impl UserObjectKind {
    fn resource(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::Identity => "identities",
            Self::Mapping => "useridentitymappings",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Identity => "Identity",
            Self::Mapping => "UserIdentityMapping",
        }
    }

    fn path(self, name: &str) -> String {
        format!(
            "{USER_API}/{}/{}",
            self.resource(),
            utf8_percent_encode(name, PATH_ENCODE_SET)
        )
    }

    fn changed_object(self, name: &str) -> ChangedObject {
        ChangedObject::in_cluster(self.resource(), name)
    }

    /// Adds `kind` and `apiVersion`, which the items of a list do not have.
    pub(in crate::openshift) fn with_type_meta(self, mut object: Value) -> Value {
        object["apiVersion"] = "user.openshift.io/v1".into();
        object["kind"] = self.name().into();
        object
    }
}

pub(in crate::openshift) fn list_users() -> Request<'static> {
    Request::get("list users", format!("{USER_API}/users"))
}

pub(in crate::openshift) fn list_groups() -> Request<'static> {
    Request::get("list groups", format!("{USER_API}/groups"))
}

pub(in crate::openshift) fn get_user(name: &str) -> Request<'static> {
    Request::get("get user", UserObjectKind::User.path(name)).max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// With a higher limit: a group of a whole company is larger than other objects.
pub(in crate::openshift) fn get_group(name: &str) -> Request<'static> {
    Request::get("get group", UserObjectKind::Group.path(name)).max_bytes(MAX_OBJECT_BYTES)
}

/// A new user. An empty `full_name` is left out.
#[must_use]
pub fn user_json(name: &str, full_name: &str) -> Value {
    let mut user = UserObjectKind::User.with_type_meta(json!({ "metadata": { "name": name } }));
    if !full_name.is_empty() {
        user["fullName"] = full_name.into();
    }
    user
}

pub(in crate::openshift) fn create_user(name: &str, full_name: &str) -> Request<'static> {
    post(
        "create user",
        format!("{USER_API}/users"),
        &user_json(name, full_name),
    )
    .with_changed_object(UserObjectKind::User.changed_object(name))
}

pub(in crate::openshift) fn create_group(name: &str, users: &[String]) -> Request<'static> {
    let body = UserObjectKind::Group
        .with_type_meta(json!({ "metadata": { "name": name }, "users": users }));
    post("create group", format!("{USER_API}/groups"), &body)
        .with_changed_object(UserObjectKind::Group.changed_object(name))
        .max_bytes(MAX_OBJECT_BYTES)
}

/// A new identity. The API server generates its name.
#[must_use]
pub fn identity_json(provider: &str, name: &str) -> Value {
    UserObjectKind::Identity
        .with_type_meta(json!({ "providerName": provider, "providerUserName": name }))
}

pub(in crate::openshift) fn create_identity(provider: &str, name: &str) -> Request<'static> {
    post(
        "create identity",
        format!("{USER_API}/identities"),
        &identity_json(provider, name),
    )
    .with_changed_object(UserObjectKind::Identity.changed_object(&format!("{provider}:{name}")))
}

pub(in crate::openshift) fn map_identity(identity: &str, user: &str) -> Request<'static> {
    let body = UserObjectKind::Mapping
        .with_type_meta(json!({ "identity": { "name": identity }, "user": { "name": user } }));
    post(
        "map identity",
        format!("{USER_API}/useridentitymappings"),
        &body,
    )
    .with_changed_object(UserObjectKind::Mapping.changed_object(identity))
}

pub(in crate::openshift) fn get_mapping(identity: &str) -> Request<'static> {
    Request::get(
        "get identity mapping",
        UserObjectKind::Mapping.path(identity),
    )
    .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// Replaces an object, if it still has the resource version that was read.
pub(in crate::openshift) fn update(
    kind: UserObjectKind,
    name: &str,
    object: &Value,
) -> Request<'static> {
    let operation = if matches!(kind, UserObjectKind::Group) {
        "replace group"
    } else {
        "replace user"
    };
    Request::new(Method::PUT, operation, kind.path(name))
        .json(object)
        .with_changed_object(kind.changed_object(name))
        .max_bytes(MAX_OBJECT_BYTES)
}

pub(in crate::openshift) fn delete(kind: UserObjectKind, name: &str) -> Request<'static> {
    let operation = match kind {
        UserObjectKind::User => "delete user",
        UserObjectKind::Group => "delete group",
        UserObjectKind::Identity => "delete identity",
        UserObjectKind::Mapping => "unmap identity",
    };
    Request::new(Method::DELETE, operation, kind.path(name))
        .with_changed_object(kind.changed_object(name))
        .max_bytes(MAX_OBJECT_BYTES)
}
