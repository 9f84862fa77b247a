//! Users, groups and identities of the cluster, for users with the rights to manage them.

use serde_json::Value;

use super::{ApiError, UserApi, error, log_unreadable_objects, wire};
use crate::openshift::requests::users_and_groups as requests;
use crate::openshift::requests::users_and_groups::UserObjectKind;
use registry_model::{Group, UserAccount};

/// A user as the API server sent it. Unknown fields are kept when it is sent back.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredUser {
    raw: Value,
    account: UserAccount,
}

impl StoredUser {
    fn from_json(raw: Value) -> Option<Self> {
        let read = serde_json::from_value::<wire::WireUser>(raw.clone())
            .ok()?
            .into_account()?;
        Some(Self { raw, account: read })
    }

    #[must_use]
    pub fn account(&self) -> &UserAccount {
        &self.account
    }

    /// `metadata.resourceVersion`: opaque.
    #[must_use]
    pub fn resource_version(&self) -> &str {
        self.raw["metadata"]["resourceVersion"]
            .as_str()
            .unwrap_or_default()
    }

    /// The changed user. `version` is the resource version that the user of the console saw: the
    /// API server refuses to change another one.
    #[must_use]
    pub fn with_changes(mut self, full_name: &str, identities: &[String], version: &str) -> Self {
        self.raw["fullName"] = full_name.into();
        self.raw["identities"] = identities.into();
        self.raw["metadata"]["resourceVersion"] = version.into();
        self
    }
}

/// A group as the API server sent it. Unknown fields are kept when it is sent back.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredGroup {
    raw: Value,
    group: Group,
}

impl StoredGroup {
    fn from_json(raw: Value) -> Option<Self> {
        let read = serde_json::from_value::<wire::WireGroup>(raw.clone())
            .ok()?
            .into_model()?;
        Some(Self { raw, group: read })
    }

    #[must_use]
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// The group with some members removed and others added. `None` if nothing changes.
    #[must_use]
    pub fn with_members_changed(mut self, gone: &[String], come: &[String]) -> Option<Self> {
        let mut users: Vec<String> = self
            .group
            .users
            .iter()
            .filter(|user| !gone.contains(user))
            .cloned()
            .collect();
        let new: Vec<String> = come
            .iter()
            .filter(|user| !users.contains(user))
            .cloned()
            .collect();
        users.extend(new);
        if users == self.group.users {
            return None;
        }
        self.raw["users"] = users.as_slice().into();
        self.group.users = users;
        Some(self)
    }
}

impl UserApi<'_> {
    /// The users of the cluster.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for most users: a cluster role is required. Or any other.
    pub async fn list_users(&self) -> Result<Vec<UserAccount>, ApiError> {
        let list: wire::List<wire::WireUser> = self.request(requests::list_users()).await?;
        let (users, unreadable) = list.into_models(wire::WireUser::into_account);
        log_unreadable_objects("users", unreadable);
        Ok(users)
    }

    /// The groups of the cluster with their members.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for most users: a cluster role is required. Or any other.
    pub async fn list_groups(&self) -> Result<Vec<Group>, ApiError> {
        let list: wire::List<wire::WireGroup> = self.request(requests::list_groups()).await?;
        let (groups, unreadable) = list.into_models(wire::WireGroup::into_model);
        log_unreadable_objects("groups", unreadable);
        Ok(groups)
    }

    /// A user, to be changed.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`], [`ApiError::NotFound`], or any other.
    pub async fn get_user(&self, name: &str) -> Result<StoredUser, ApiError> {
        StoredUser::from_json(self.request(requests::get_user(name)).await?)
            .ok_or_else(|| ApiError::malformed("a user without a name"))
    }

    /// A group, to be changed.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`], [`ApiError::NotFound`], or any other.
    pub async fn get_group(&self, name: &str) -> Result<StoredGroup, ApiError> {
        StoredGroup::from_json(self.request(requests::get_group(name)).await?)
            .ok_or_else(|| ApiError::malformed("a group without a name"))
    }

    /// Creates a user without identities.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the name is taken, [`ApiError::Invalid`] (a name must not
    /// contain `:`), [`ApiError::Forbidden`], or any other.
    pub async fn create_user(&self, name: &str, full_name: &str) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::create_user(name, full_name)).await?)
    }

    /// Creates a group.
    ///
    /// # Errors
    /// As for [`UserApi::create_user`].
    pub async fn create_group(&self, name: &str, users: &[String]) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::create_group(name, users)).await?)
    }

    /// Replaces a user, if it still has the resource version that `user` states.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the user was changed meanwhile, [`ApiError::Invalid`],
    /// [`ApiError::Forbidden`], or any other.
    pub async fn update_user(&self, user: StoredUser) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::update(
                    UserObjectKind::User,
                    &user.account.name,
                    &UserObjectKind::User.with_type_meta(user.raw),
                ))
                .await?,
        )
    }

    /// Replaces a group, if it still has the resource version that was read.
    ///
    /// # Errors
    /// As for [`UserApi::update_user`].
    pub async fn update_group(&self, group: StoredGroup) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::update(
                    UserObjectKind::Group,
                    &group.group.name,
                    &UserObjectKind::Group.with_type_meta(group.raw),
                ))
                .await?,
        )
    }

    /// Deletes a user. Groups, role bindings and identities still name the user afterwards.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`], [`ApiError::NotFound`], or any other.
    pub async fn delete_user(&self, name: &str) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::delete(UserObjectKind::User, name))
                .await?,
        )
    }

    /// Deletes a group. Role bindings still name the group afterwards.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`], [`ApiError::NotFound`], or any other.
    pub async fn delete_group(&self, name: &str) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::delete(UserObjectKind::Group, name))
                .await?,
        )
    }

    /// Creates an identity of an identity provider: `provider:name`.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the identity exists, [`ApiError::Invalid`],
    /// [`ApiError::Forbidden`], or any other.
    pub async fn create_identity(&self, identity: &str) -> Result<(), ApiError> {
        let (provider, name) = identity.split_once(':').unwrap_or((identity, ""));
        error::check_success(&self.send(requests::create_identity(provider, name)).await?)
    }

    /// Deletes an identity. Its account at the provider has no user at the next sign-in.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`], [`ApiError::NotFound`], or any other.
    pub async fn delete_identity(&self, identity: &str) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::delete(UserObjectKind::Identity, identity))
                .await?,
        )
    }

    /// Maps an identity to a user. Each then refers to the other.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the identity is mapped already, [`ApiError::Invalid`] where the
    /// identity or user does not exist, or any other.
    pub async fn map_identity(&self, identity: &str, user: &str) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::map_identity(identity, user)).await?)
    }

    /// The user that an identity is mapped to.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where the identity is not mapped, or any other.
    pub async fn get_mapped_user(&self, identity: &str) -> Result<String, ApiError> {
        let mapping: Value = self.request(requests::get_mapping(identity)).await?;
        let name = mapping["user"]["name"]
            .as_str()
            .filter(|name| !name.is_empty());
        name.map(str::to_owned)
            .ok_or_else(|| ApiError::malformed("a mapping without a user"))
    }

    /// Removes the mapping of an identity. The identity is kept.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where the identity is not mapped, [`ApiError::Forbidden`], or any
    /// other.
    pub async fn unmap_identity(&self, identity: &str) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::delete(UserObjectKind::Mapping, identity))
                .await?,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn changed_group_and_user_keep_unknown_fields() {
        let group = StoredGroup::from_json(json!({
            "metadata": { "name": "ops", "resourceVersion": "7", "labels": { "openshift.io/ldap.host": "ldap.example.com" }, "new": [1] },
            "users": ["ann", "bob"],
            "more": { "a": 1 },
        }));
        let group = group.unwrap();
        assert!(group.group().synced);
        let (bob, cy) = (["bob".to_owned()], ["cy".to_owned()]);
        let changed = group.clone().with_members_changed(&bob, &cy).unwrap();
        assert_eq!(changed.raw["users"], json!(["ann", "cy"]));
        assert_eq!(
            (&changed.raw["more"], &changed.raw["metadata"]),
            (&group.raw["more"], &group.raw["metadata"])
        );
        assert_eq!(changed.with_members_changed(&bob, &cy), None);

        let user = StoredUser::from_json(json!({ "metadata": { "name": "ann", "resourceVersion": "7" }, "groups": null, "more": 1 })).unwrap();
        let changed = user.with_changes("Ann", &bob, "6");
        assert_eq!(
            (
                &changed.raw["more"],
                changed.resource_version(),
                &changed.raw["identities"]
            ),
            (&json!(1), "6", &json!(["bob"]))
        );
    }
}
