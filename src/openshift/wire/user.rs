//! People.

use serde::Deserialize;

use super::meta::{Meta, filled, or_default};

/// `user.openshift.io/v1` `User`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::openshift) struct User {
    #[serde(deserialize_with = "or_default")]
    metadata: Meta,
    full_name: Option<String>,
    #[serde(deserialize_with = "or_default")]
    groups: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    identities: Vec<String>,
}

/// How the labels and annotations begin that `oc adm groups sync` puts on groups.
const SYNCED: &str = "openshift.io/ldap.";

impl User {
    /// The same as an object that is kept.
    pub(in crate::openshift) fn into_account(self) -> Option<registry_model::Account> {
        let created = self.metadata.created();
        let name = filled(Some(self.metadata.name))?;
        Some(registry_model::Account {
            name,
            full_name: filled(self.full_name),
            identities: self.identities,
            created,
        })
    }

    /// Nothing without a name.
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::User> {
        let name = filled(Some(self.metadata.name))?;
        Some(registry_model::User {
            name,
            full_name: filled(self.full_name),
            groups: self.groups,
        })
    }
}

/// `user.openshift.io/v1` `Group`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct Group {
    #[serde(deserialize_with = "or_default")]
    metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    users: Vec<String>,
}

impl Group {
    /// Nothing without a name.
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::Group> {
        let mut notes = self
            .metadata
            .annotations
            .keys()
            .chain(self.metadata.labels.keys());
        let synced = notes.any(|key| key.starts_with(SYNCED));
        Some(registry_model::Group {
            name: filled(Some(self.metadata.name))?,
            users: self.users,
            synced,
        })
    }
}

/// Any object of which only the name matters.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct Named {
    #[serde(deserialize_with = "or_default")]
    metadata: Meta,
}

impl Named {
    /// Nothing without a name.
    pub(in crate::openshift) fn into_name(self) -> Option<String> {
        filled(Some(self.metadata.name))
    }
}
