//! Users, groups and identities, for those who may.

use serde_json::Value;

use super::{ApiError, UserApi, error, log_unreadable_objects, wire};
use crate::openshift::requests::users_and_groups as requests;
use crate::openshift::requests::users_and_groups::UserObjectKind;
use registry_model::{Group, UserAccount};

/// A user as the master sent it: what nobody here knows stays when it is sent back.
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

    /// The same as it is to be; `version` is the one that the person saw: if it is no longer that
    /// one, the master refuses.
    #[must_use]
    pub fn with_changes(mut self, full_name: &str, identities: &[String], version: &str) -> Self {
        self.raw["fullName"] = full_name.into();
        self.raw["identities"] = identities.into();
        self.raw["metadata"]["resourceVersion"] = version.into();
        self
    }
}

/// A group as the master sent it: what nobody here knows stays when it is sent back.
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

    /// The same without who is to go and with who is to come. Nothing where that is how it is.
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
    /// [`ApiError::Forbidden`] for nearly everybody: it takes a cluster role.
    pub async fn list_users(&self) -> Result<Vec<UserAccount>, ApiError> {
        let list: wire::List<wire::WireUser> = self.request(requests::list_users()).await?;
        let (users, unreadable) = list.into_models(wire::WireUser::into_account);
        log_unreadable_objects("users", unreadable);
        Ok(users)
    }

    /// The groups of the cluster with their members.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for nearly everybody: it takes a cluster role.
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

    /// Creates a user, whom no identity stands for yet.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the name is taken, [`ApiError::Invalid`] (a `:` is too much),
    /// [`ApiError::Forbidden`], or any other.
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

    /// Puts a changed user in the place of the revision that it names.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where somebody else changed it meanwhile, [`ApiError::Invalid`],
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

    /// Puts a changed group in the place of the revision that it was made from.
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

    /// Deletes a user; groups, bindings and identities go on naming them.
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

    /// Deletes a group; bindings go on naming it.
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

    /// Makes an identity known that a provider will vouch for: `provider:name`.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where it is known, [`ApiError::Invalid`], [`ApiError::Forbidden`], or
    /// any other.
    pub async fn create_identity(&self, identity: &str) -> Result<(), ApiError> {
        let (provider, name) = identity.split_once(':').unwrap_or((identity, ""));
        error::check_success(&self.send(requests::create_identity(provider, name)).await?)
    }

    /// Forgets an identity: whoever the provider vouches for is a stranger at the next sign-in.
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

    /// Lets an identity stand for a user; both know of each other then.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where it stands for somebody already, [`ApiError::Invalid`] where
    /// there is no such identity or user, or any other.
    pub async fn map_identity(&self, identity: &str, user: &str) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::map_identity(identity, user)).await?)
    }

    /// Whom an identity stands for.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] for nobody, or any other.
    pub async fn get_mapped_user(&self, identity: &str) -> Result<String, ApiError> {
        let mapping: Value = self.request(requests::get_mapping(identity)).await?;
        let name = mapping["user"]["name"]
            .as_str()
            .filter(|name| !name.is_empty());
        name.map(str::to_owned)
            .ok_or_else(|| ApiError::malformed("a mapping without a user"))
    }

    /// Lets an identity stand for nobody; it stays known.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where it stands for nobody, [`ApiError::Forbidden`], or any other.
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
