//! Identities, and which user each stands for.
//!
//! Source: `pkg/user/apiserver/registry/useridentitymapping/rest.go` of origin, and the recordings
//! `identity-*` and `mapping*`.

use serde_json::{Value, json};

use super::accounts::{GROUP, invalid, refuse_identity};
use super::answer::Answer;
use super::asked::Asked;
use super::body;
use super::list::{self, Page};
use super::render::Render;
use crate::cluster::{Identity, Object, Reason, Refusal, State, User, Version};

/// `identities`.
pub(super) fn answer(asked: &Asked) -> Result<Answer, Refusal> {
    let missing = || {
        Refusal::from(Reason::NotFound(Object::new(
            GROUP,
            "identities",
            &asked.name,
        )))
    };
    match asked.verb {
        "list" => {
            list::shape(asked)?;
            let list = asked.cluster.read(|state| {
                let identities = state
                    .identities()
                    .map(|identity| item(asked, identity))
                    .collect();
                list::of(asked, state, "IdentityList", Page::of(identities))
            });
            Ok(Answer::ok(&list))
        }
        "get" => {
            let found = asked
                .cluster
                .read(|state| state.identity(&asked.name).cloned())
                .ok_or_else(missing)?;
            Ok(Answer::ok(&whole(asked, &found)))
        }
        "create" => create(asked),
        "delete" => {
            let removed = asked
                .cluster
                .write(|state| state.remove_identity(&asked.name))
                .ok_or_else(missing)?;
            Ok(Answer::deleted(
                &Object::new(GROUP, "identities", &asked.name),
                &removed.meta.uid,
            ))
        }
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

fn create(asked: &Asked) -> Result<Answer, Refusal> {
    let wanted = body::json(asked)?;
    let text = |field: &str| wanted[field].as_str().unwrap_or_default().to_owned();
    let (provider, provider_user) = (text("providerName"), text("providerUserName"));
    // Whatever the body says: the server makes the name of the two.
    let name = format!("{provider}:{provider_user}");
    refuse_identity("Identity", &name, "metadata.name", &name)?;
    let created = asked.cluster.write(|state| {
        if state.identity(&name).is_some() {
            return Err(Refusal::from(Reason::AlreadyExists(Object::new(
                GROUP,
                "identities",
                &name,
            ))));
        }
        let identity = Identity {
            meta: state.new_meta(None, &name),
            provider,
            provider_user,
            user: None,
        };
        state.put_identity(identity.clone());
        Ok(identity)
    })?;
    Ok(Answer::created(&whole(asked, &created)))
}

fn item(asked: &Asked, identity: &Identity) -> Value {
    let render = Render::for_request(asked);
    let user = identity.user.as_ref().map_or_else(
        || json!({}),
        |(name, uid)| json!({"name": name, "uid": uid}),
    );
    json!({"metadata": render.meta(&identity.meta, Some((GROUP, "identities"))), "providerName": identity.provider,
        "providerUserName": identity.provider_user, "user": user})
}

fn whole(asked: &Asked, identity: &Identity) -> Value {
    Render::for_request(asked).typed("Identity", GROUP, item(asked, identity))
}

/// `useridentitymappings`, which are not stored: both ends have to name each other.
pub(super) fn answer_mapping(asked: &Asked) -> Result<Answer, Refusal> {
    let missing = || {
        Refusal::from(Reason::NotFound(Object::new(
            GROUP,
            "useridentitymapping",
            &asked.name,
        )))
    };
    match asked.verb {
        "get" => {
            let found = asked
                .cluster
                .read(|state| mapping_of(asked, state, &asked.name))
                .ok_or_else(missing)?;
            Ok(Answer::ok(&found))
        }
        "create" => map(asked),
        "delete" => {
            asked.cluster.write(|state| {
                let (identity, mut user) = mapped(state, &asked.name).ok_or_else(missing)?;
                user.identities.retain(|name| *name != asked.name);
                state.update_user(user);
                state.update_identity(Identity {
                    user: None,
                    ..identity
                });
                Ok::<_, Refusal>(())
            })?;
            Ok(Answer::success())
        }
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

fn map(asked: &Asked) -> Result<Answer, Refusal> {
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
        if mapped(state, &name).is_some() {
            return Err(Refusal::from(Reason::AlreadyExists(Object::new(
                GROUP,
                "useridentitymapping",
                &name,
            ))));
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
        state.update_identity(Identity {
            user: Some((user.meta.name, user.meta.uid)),
            ..identity
        });
        Ok(mapping_of(asked, state, &name))
    })?;
    Ok(Answer::created(&made.unwrap_or_default()))
}

/// The identity and the user, if they name each other.
fn mapped(state: &State, name: &str) -> Option<(Identity, User)> {
    let identity = state.identity(name)?;
    let (of, uid) = identity.user.as_ref()?;
    let user = state.user(of).filter(|user| {
        user.meta.uid == *uid && user.identities.iter().any(|known| known == name)
    })?;
    Some((identity.clone(), user.clone()))
}

fn mapping_of(asked: &Asked, state: &State, name: &str) -> Option<Value> {
    let (identity, user) = mapped(state, name)?;
    let render = Render::for_request(asked);
    let mut meta = render.meta(&identity.meta, Some((GROUP, "useridentitymappings")));
    if asked.cluster.version() == Version::V3_9 {
        // The mapping is not stored, so it was never created (recorded in `mapping`).
        meta["creationTimestamp"] = Value::Null;
    }
    let object = json!({"metadata": meta,
        "identity": {"name": name, "uid": identity.meta.uid}, "user": {"name": user.meta.name, "uid": user.meta.uid}});
    Some(render.typed("UserIdentityMapping", GROUP, object))
}
