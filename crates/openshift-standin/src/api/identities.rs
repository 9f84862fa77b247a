//! Identities, and the users to which they are mapped.
//!
//! Source: `pkg/user/apiserver/registry/useridentitymapping/rest.go` of origin, and the recordings
//! `identity-*` and `mapping*`.

use serde_json::{Value, json};

use super::body;
use super::list::{self, ListPage};
use super::render::Renderer;
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::api::users::{GROUP, invalid, refuse_identity};
use crate::cluster::{
    ClusterError, ClusterErrorReason, ClusterState, IdentityObject, NamedResource, UserObject,
    Version,
};

/// `identities`.
pub(super) fn answer(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let missing = || {
        ClusterError::from(ClusterErrorReason::NotFound(NamedResource::new(
            GROUP,
            "identities",
            &asked.name,
        )))
    };
    match asked.verb {
        "list" => {
            list::requested_list_kind(asked)?;
            let list = asked.cluster.read(|state| {
                let identities = state
                    .identities()
                    .map(|identity| item(asked, identity))
                    .collect();
                list::list_object(
                    asked,
                    state,
                    "IdentityList",
                    ListPage::from_items(identities),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        "get" => {
            let found = asked
                .cluster
                .read(|state| state.identity(&asked.name).cloned())
                .ok_or_else(missing)?;
            Ok(ApiResponse::ok(&full_object(asked, &found)))
        }
        "create" => create(asked),
        "delete" => {
            let removed = asked
                .cluster
                .write(|state| state.remove_identity(&asked.name))
                .ok_or_else(missing)?;
            Ok(ApiResponse::success_deleted(
                &NamedResource::new(GROUP, "identities", &asked.name),
                &removed.meta.uid,
            ))
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn create(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let wanted = body::json(asked)?;
    let text = |field: &str| wanted[field].as_str().unwrap_or_default().to_owned();
    let (provider, provider_user) = (text("providerName"), text("providerUserName"));
    // Whatever the body says: the API server builds the name from the two.
    let name = format!("{provider}:{provider_user}");
    refuse_identity("Identity", &name, "metadata.name", &name)?;
    let created = asked.cluster.write(|state| {
        if state.identity(&name).is_some() {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                NamedResource::new(GROUP, "identities", &name),
            )));
        }
        let identity = IdentityObject {
            meta: state.new_meta(None, &name),
            provider,
            provider_user,
            user: None,
        };
        state.put_identity(identity.clone());
        Ok(identity)
    })?;
    Ok(ApiResponse::created(&full_object(asked, &created)))
}

fn item(asked: &ApiRequest, identity: &IdentityObject) -> Value {
    let render = Renderer::from_request(asked);
    let user = identity.user.as_ref().map_or_else(
        || json!({}),
        |(name, uid)| json!({"name": name, "uid": uid}),
    );
    json!({"metadata": render.meta(&identity.meta, Some((GROUP, "identities"))), "providerName": identity.provider,
        "providerUserName": identity.provider_user, "user": user})
}

fn full_object(asked: &ApiRequest, identity: &IdentityObject) -> Value {
    Renderer::from_request(asked).typed("Identity", GROUP, item(asked, identity))
}

/// `useridentitymappings`, which are not stored: identity and user have to name each other.
pub(super) fn answer_mapping(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let missing = || {
        ClusterError::from(ClusterErrorReason::NotFound(NamedResource::new(
            GROUP,
            "useridentitymapping",
            &asked.name,
        )))
    };
    match asked.verb {
        "get" => {
            let found = asked
                .cluster
                .read(|state| mapping_object(asked, state, &asked.name))
                .ok_or_else(missing)?;
            Ok(ApiResponse::ok(&found))
        }
        "create" => create_mapping(asked),
        "delete" => {
            asked.cluster.write(|state| {
                let (identity, mut user) =
                    mapped_identity(state, &asked.name).ok_or_else(missing)?;
                user.identities.retain(|name| *name != asked.name);
                state.update_user(user);
                state.update_identity(IdentityObject {
                    user: None,
                    ..identity
                });
                Ok::<_, ClusterError>(())
            })?;
            Ok(ApiResponse::success())
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn create_mapping(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let wanted = body::json(asked)?;
    let text = |object: &str| {
        wanted[object]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let (name, user) = (text("identity"), text("user"));
    let refused = |field: &str, value: &str, why: &str| {
        invalid(
            "UserIdentityMapping",
            &name,
            field,
            "FieldValueInvalid",
            format!("Invalid value: {value:?}: referenced {why} does not exist"),
        )
    };
    let made = asked.cluster.write(|state| {
        if mapped_identity(state, &name).is_some() {
            return Err(ClusterError::from(ClusterErrorReason::AlreadyExists(
                NamedResource::new(GROUP, "useridentitymapping", &name),
            )));
        }
        let identity = state
            .identity(&name)
            .cloned()
            .ok_or_else(|| refused("identity.name", &name, "identity"))?;
        let mut user = state
            .user(&user)
            .cloned()
            .ok_or_else(|| refused("user.name", &user, "user"))?;
        if !user.identities.contains(&name) {
            user.identities.push(name.clone());
            user.identities.sort();
        }
        let user = state.update_user(user);
        state.update_identity(IdentityObject {
            user: Some((user.meta.name, user.meta.uid)),
            ..identity
        });
        Ok(mapping_object(asked, state, &name))
    })?;
    Ok(ApiResponse::created(&made.unwrap_or_default()))
}

/// The identity and the user, if they name each other.
fn mapped_identity(state: &ClusterState, name: &str) -> Option<(IdentityObject, UserObject)> {
    let identity = state.identity(name)?;
    let (of, uid) = identity.user.as_ref()?;
    let user = state.user(of).filter(|user| {
        user.meta.uid == *uid && user.identities.iter().any(|known| known == name)
    })?;
    Some((identity.clone(), user.clone()))
}

fn mapping_object(asked: &ApiRequest, state: &ClusterState, name: &str) -> Option<Value> {
    let (identity, user) = mapped_identity(state, name)?;
    let render = Renderer::from_request(asked);
    let mut meta = render.meta(&identity.meta, Some((GROUP, "useridentitymappings")));
    if asked.cluster.version() == Version::V3_9 {
        // The mapping is not stored, so it was never created (recorded in `mapping`).
        meta["creationTimestamp"] = Value::Null;
    }
    let object = json!({"metadata": meta,
        "identity": {"name": name, "uid": identity.meta.uid}, "user": {"name": user.meta.name, "uid": user.meta.uid}});
    Some(render.typed("UserIdentityMapping", GROUP, object))
}
