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
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let missing = || {
        ClusterError::from(ClusterErrorReason::NotFound(NamedResource::new(
            GROUP,
            "identities",
            &request.name,
        )))
    };
    match request.verb {
        "list" => {
            list::requested_list_kind(request)?;
            let list = request.cluster.read(|state| {
                let identities = state
                    .identities()
                    .map(|identity| item(request, identity))
                    .collect();
                list::list_object(
                    request,
                    state,
                    "IdentityList",
                    ListPage::from_items(identities),
                )
            });
            Ok(ApiResponse::ok(&list))
        }
        "get" => {
            let found = request
                .cluster
                .read(|state| state.identity(&request.name).cloned())
                .ok_or_else(missing)?;
            Ok(ApiResponse::ok(&full_object(request, &found)))
        }
        "create" => create(request),
        "delete" => {
            let removed = request
                .cluster
                .write(|state| state.remove_identity(&request.name))
                .ok_or_else(missing)?;
            Ok(ApiResponse::success_deleted(
                &NamedResource::new(GROUP, "identities", &request.name),
                &removed.meta.uid,
            ))
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn create(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    let (provider, provider_user) = (text("providerName"), text("providerUserName"));
    // Whatever the body says: the API server builds the name from the two.
    let name = format!("{provider}:{provider_user}");
    refuse_identity("Identity", &name, "metadata.name", &name)?;
    let created = request.cluster.write(|state| {
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
    Ok(ApiResponse::created(&full_object(request, &created)))
}

fn item(request: &ApiRequest, identity: &IdentityObject) -> Value {
    let render = Renderer::from_request(request);
    let user = identity.user.as_ref().map_or_else(
        || json!({}),
        |(name, uid)| json!({"name": name, "uid": uid}),
    );
    json!({"metadata": render.meta(&identity.meta, Some((GROUP, "identities"))), "providerName": identity.provider,
        "providerUserName": identity.provider_user, "user": user})
}

fn full_object(request: &ApiRequest, identity: &IdentityObject) -> Value {
    Renderer::from_request(request).typed("Identity", GROUP, item(request, identity))
}

/// `useridentitymappings`, which are not stored: identity and user have to name each other.
pub(super) fn answer_mapping(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let missing = || {
        ClusterError::from(ClusterErrorReason::NotFound(NamedResource::new(
            GROUP,
            "useridentitymapping",
            &request.name,
        )))
    };
    match request.verb {
        "get" => {
            let found = request
                .cluster
                .read(|state| mapping_object(request, state, &request.name))
                .ok_or_else(missing)?;
            Ok(ApiResponse::ok(&found))
        }
        "create" => create_mapping(request),
        "delete" => {
            request.cluster.write(|state| {
                let (identity, mut user) =
                    mapped_identity(state, &request.name).ok_or_else(missing)?;
                user.identities.retain(|name| *name != request.name);
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

fn create_mapping(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let text = |object: &str| body[object]["name"].as_str().unwrap_or_default().to_owned();
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
    let made = request.cluster.write(|state| {
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
        Ok(mapping_object(request, state, &name))
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

fn mapping_object(request: &ApiRequest, state: &ClusterState, name: &str) -> Option<Value> {
    let (identity, user) = mapped_identity(state, name)?;
    let render = Renderer::from_request(request);
    let mut meta = render.meta(&identity.meta, Some((GROUP, "useridentitymappings")));
    if request.cluster.version() == Version::V3_9 {
        // The mapping is not stored, so it was never created (recorded in `mapping`).
        meta["creationTimestamp"] = Value::Null;
    }
    let object = json!({"metadata": meta,
        "identity": {"name": name, "uid": identity.meta.uid}, "user": {"name": user.meta.name, "uid": user.meta.uid}});
    Some(render.typed("UserIdentityMapping", GROUP, object))
}
