//! Users, groups and identities, for those who may.

use serde_json::Value;

use super::requests::people::{self as requests, Kind};
use super::{AsUser, Error, error, note_unreadable, wire};
use registry_model::{Account, Group};

/// A user as the master sent it: what nobody here knows stays when it is sent back.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredUser {
    raw: Value,
    read: Account,
}

impl StoredUser {
    fn of(raw: Value) -> Option<Self> {
        let read = serde_json::from_value::<wire::User>(raw.clone())
            .ok()?
            .into_account()?;
        Some(Self { raw, read })
    }

    #[must_use]
    pub fn read(&self) -> &Account {
        &self.read
    }

    /// `metadata.resourceVersion`: opaque.
    #[must_use]
    pub fn version(&self) -> &str {
        self.raw["metadata"]["resourceVersion"]
            .as_str()
            .unwrap_or_default()
    }

    /// The same as it is to be; `version` is the one that the person saw: if it is no longer that
    /// one, the master refuses.
    #[must_use]
    pub fn changed(mut self, full_name: &str, identities: &[String], version: &str) -> Self {
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
    read: Group,
}

impl StoredGroup {
    fn of(raw: Value) -> Option<Self> {
        let read = serde_json::from_value::<wire::Group>(raw.clone())
            .ok()?
            .into_model()?;
        Some(Self { raw, read })
    }

    #[must_use]
    pub fn read(&self) -> &Group {
        &self.read
    }

    /// The same without who is to go and with who is to come. Nothing where that is how it is.
    #[must_use]
    pub fn changed(mut self, gone: &[String], come: &[String]) -> Option<Self> {
        let mut users: Vec<String> = self
            .read
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
        if users == self.read.users {
            return None;
        }
        self.raw["users"] = users.as_slice().into();
        self.read.users = users;
        Some(self)
    }
}

impl AsUser<'_> {
    /// The users of the cluster.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for nearly everybody: it takes a cluster role.
    pub async fn users(&self) -> Result<Vec<Account>, Error> {
        let list: wire::List<wire::User> = self.ask(requests::users()).await?;
        let (users, unreadable) = list.read(wire::User::into_account);
        note_unreadable("users", unreadable);
        Ok(users)
    }

    /// The groups of the cluster with their members.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for nearly everybody: it takes a cluster role.
    pub async fn groups(&self) -> Result<Vec<Group>, Error> {
        let list: wire::List<wire::Group> = self.ask(requests::groups()).await?;
        let (groups, unreadable) = list.read(wire::Group::into_model);
        note_unreadable("groups", unreadable);
        Ok(groups)
    }

    /// A user, to be changed.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], or any other.
    pub async fn user(&self, name: &str) -> Result<StoredUser, Error> {
        StoredUser::of(self.ask(requests::user(name)).await?)
            .ok_or_else(|| Error::unreadable("a user without a name"))
    }

    /// A group, to be changed.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], or any other.
    pub async fn group(&self, name: &str) -> Result<StoredGroup, Error> {
        StoredGroup::of(self.ask(requests::group(name)).await?)
            .ok_or_else(|| Error::unreadable("a group without a name"))
    }

    /// Creates a user, whom no identity stands for yet.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the name is taken, [`Error::Invalid`] (a `:` is too much),
    /// [`Error::Forbidden`], or any other.
    pub async fn create_user(&self, name: &str, full_name: &str) -> Result<(), Error> {
        error::done(&self.send(requests::create_user(name, full_name)).await?)
    }

    /// Creates a group.
    ///
    /// # Errors
    /// As for [`AsUser::create_user`].
    pub async fn create_group(&self, name: &str, users: &[String]) -> Result<(), Error> {
        error::done(&self.send(requests::create_group(name, users)).await?)
    }

    /// Puts a changed user in the place of the revision that it names.
    ///
    /// # Errors
    /// [`Error::Conflict`] where somebody else changed it meanwhile, [`Error::Invalid`],
    /// [`Error::Forbidden`], or any other.
    pub async fn replace_user(&self, user: StoredUser) -> Result<(), Error> {
        error::done(
            &self
                .send(requests::replace(
                    Kind::User,
                    &user.read.name,
                    &Kind::User.typed(user.raw),
                ))
                .await?,
        )
    }

    /// Puts a changed group in the place of the revision that it was made from.
    ///
    /// # Errors
    /// As for [`AsUser::replace_user`].
    pub async fn replace_group(&self, group: StoredGroup) -> Result<(), Error> {
        error::done(
            &self
                .send(requests::replace(
                    Kind::Group,
                    &group.read.name,
                    &Kind::Group.typed(group.raw),
                ))
                .await?,
        )
    }

    /// Deletes a user; groups, bindings and identities go on naming them.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], or any other.
    pub async fn delete_user(&self, name: &str) -> Result<(), Error> {
        error::done(&self.send(requests::delete(Kind::User, name)).await?)
    }

    /// Deletes a group; bindings go on naming it.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], or any other.
    pub async fn delete_group(&self, name: &str) -> Result<(), Error> {
        error::done(&self.send(requests::delete(Kind::Group, name)).await?)
    }

    /// Makes an identity known that a provider will vouch for: `provider:name`.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is known, [`Error::Invalid`], [`Error::Forbidden`], or any
    /// other.
    pub async fn create_identity(&self, identity: &str) -> Result<(), Error> {
        let (provider, name) = identity.split_once(':').unwrap_or((identity, ""));
        error::done(&self.send(requests::create_identity(provider, name)).await?)
    }

    /// Forgets an identity: whoever the provider vouches for is a stranger at the next sign-in.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], or any other.
    pub async fn delete_identity(&self, identity: &str) -> Result<(), Error> {
        error::done(
            &self
                .send(requests::delete(Kind::Identity, identity))
                .await?,
        )
    }

    /// Lets an identity stand for a user; both know of each other then.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it stands for somebody already, [`Error::Invalid`] where there is
    /// no such identity or user, or any other.
    pub async fn map_identity(&self, identity: &str, user: &str) -> Result<(), Error> {
        error::done(&self.send(requests::map_identity(identity, user)).await?)
    }

    /// Whom an identity stands for.
    ///
    /// # Errors
    /// [`Error::NotFound`] for nobody, or any other.
    pub async fn mapped_user(&self, identity: &str) -> Result<String, Error> {
        let mapping: Value = self.ask(requests::mapping(identity)).await?;
        let name = mapping["user"]["name"]
            .as_str()
            .filter(|name| !name.is_empty());
        name.map(str::to_owned)
            .ok_or_else(|| Error::unreadable("a mapping without a user"))
    }

    /// Lets an identity stand for nobody; it stays known.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it stands for nobody, [`Error::Forbidden`], or any other.
    pub async fn unmap_identity(&self, identity: &str) -> Result<(), Error> {
        error::done(&self.send(requests::delete(Kind::Mapping, identity)).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_here_knows_stays_in_a_changed_group_and_user() {
        let group = StoredGroup::of(json!({
            "metadata": { "name": "ops", "resourceVersion": "7", "labels": { "openshift.io/ldap.host": "ldap.example.com" }, "new": [1] },
            "users": ["ann", "bob"],
            "more": { "a": 1 },
        }));
        let group = group.unwrap();
        assert!(group.read().synced);
        let (bob, cy) = (["bob".to_owned()], ["cy".to_owned()]);
        let changed = group.clone().changed(&bob, &cy).unwrap();
        assert_eq!(changed.raw["users"], json!(["ann", "cy"]));
        assert_eq!(
            (&changed.raw["more"], &changed.raw["metadata"]),
            (&group.raw["more"], &group.raw["metadata"])
        );
        assert_eq!(changed.changed(&bob, &cy), None);

        let user = StoredUser::of(json!({ "metadata": { "name": "ann", "resourceVersion": "7" }, "groups": null, "more": 1 })).unwrap();
        let changed = user.changed("Ann", &bob, "6");
        assert_eq!(
            (
                &changed.raw["more"],
                changed.version(),
                &changed.raw["identities"]
            ),
            (&json!(1), "6", &json!(["bob"]))
        );
    }
}
