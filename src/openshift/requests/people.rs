//! Users, groups and identities: `user.openshift.io/v1` (recorded in `group*`, `user*`,
//! `identity-*` and `mapping*`).

use http::Method;
use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};

use super::{ENCODED, OBJECT_BYTES, SMALL_BYTES, USER, post};
use crate::outbound::Request;

/// The kinds of objects.
#[derive(Clone, Copy, Debug)]
pub(in crate::openshift) enum Kind {
    User,
    Group,
    Identity,
    Mapping,
}

impl Kind {
    fn resource(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::Identity => "identities",
            Self::Mapping => "useridentitymappings",
        }
    }

    fn object(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Identity => "Identity",
            Self::Mapping => "UserIdentityMapping",
        }
    }

    fn at(self, name: &str) -> String {
        format!(
            "{USER}/{}/{}",
            self.resource(),
            utf8_percent_encode(name, ENCODED)
        )
    }

    /// With what every object says of itself. The items of a list do not.
    pub(in crate::openshift) fn typed(self, mut object: Value) -> Value {
        object["apiVersion"] = "user.openshift.io/v1".into();
        object["kind"] = self.object().into();
        object
    }
}

pub(in crate::openshift) fn users() -> Request<'static> {
    Request::get("list users", format!("{USER}/users"))
}

pub(in crate::openshift) fn groups() -> Request<'static> {
    Request::get("list groups", format!("{USER}/groups"))
}

pub(in crate::openshift) fn user(name: &str) -> Request<'static> {
    Request::get("get user", Kind::User.at(name)).max_bytes(SMALL_BYTES)
}

/// A group of a whole company is longer than other objects.
pub(in crate::openshift) fn group(name: &str) -> Request<'static> {
    Request::get("get group", Kind::Group.at(name)).max_bytes(OBJECT_BYTES)
}

pub(in crate::openshift) fn create_user(name: &str, full_name: &str) -> Request<'static> {
    let mut body = Kind::User.typed(json!({ "metadata": { "name": name } }));
    if !full_name.is_empty() {
        body["fullName"] = full_name.into();
    }
    post("create user", format!("{USER}/users"), &body)
}

pub(in crate::openshift) fn create_group(name: &str, users: &[String]) -> Request<'static> {
    let body = Kind::Group.typed(json!({ "metadata": { "name": name }, "users": users }));
    post("create group", format!("{USER}/groups"), &body).max_bytes(OBJECT_BYTES)
}

/// The server makes the name of the identity.
pub(in crate::openshift) fn create_identity(provider: &str, name: &str) -> Request<'static> {
    let body = Kind::Identity.typed(json!({ "providerName": provider, "providerUserName": name }));
    post("create identity", format!("{USER}/identities"), &body)
}

pub(in crate::openshift) fn map_identity(identity: &str, user: &str) -> Request<'static> {
    let body =
        Kind::Mapping.typed(json!({ "identity": { "name": identity }, "user": { "name": user } }));
    post(
        "map identity",
        format!("{USER}/useridentitymappings"),
        &body,
    )
}

pub(in crate::openshift) fn mapping(identity: &str) -> Request<'static> {
    Request::get("get identity mapping", Kind::Mapping.at(identity)).max_bytes(SMALL_BYTES)
}

/// Puts an object in the place of the revision that it was read as.
pub(in crate::openshift) fn replace(kind: Kind, name: &str, object: &Value) -> Request<'static> {
    let operation = if matches!(kind, Kind::Group) {
        "replace group"
    } else {
        "replace user"
    };
    Request::new(Method::PUT, operation, kind.at(name))
        .json(object)
        .max_bytes(OBJECT_BYTES)
}

pub(in crate::openshift) fn delete(kind: Kind, name: &str) -> Request<'static> {
    let operation = match kind {
        Kind::User => "delete user",
        Kind::Group => "delete group",
        Kind::Identity => "delete identity",
        Kind::Mapping => "unmap identity",
    };
    Request::new(Method::DELETE, operation, kind.at(name)).max_bytes(OBJECT_BYTES)
}
