//! The JSON of users, groups and identities.

use serde::Deserialize;

use crate::openshift::wire::object_meta::{WireObjectMeta, non_empty, null_to_default};

/// `user.openshift.io/v1` `User`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::openshift) struct WireUser {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    full_name: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    groups: Vec<String>,
    #[serde(deserialize_with = "null_to_default")]
    identities: Vec<String>,
}

/// The prefix of the labels and annotations that `oc adm groups sync` sets on groups.
const LDAP_SYNC_PREFIX: &str = "openshift.io/ldap.";

impl WireUser {
    /// The user with the object that it was decoded from.
    pub(in crate::openshift) fn into_account(self) -> Option<registry_model::UserAccount> {
        let created = self.metadata.created();
        let name = non_empty(Some(self.metadata.name))?;
        Some(registry_model::UserAccount {
            name,
            full_name: non_empty(self.full_name),
            identities: self.identities,
            created,
        })
    }

    /// `None` without a name.
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::CurrentUser> {
        let name = non_empty(Some(self.metadata.name))?;
        Some(registry_model::CurrentUser {
            name,
            full_name: non_empty(self.full_name),
            groups: self.groups,
        })
    }
}

/// `authentication.k8s.io` `SelfSubjectReview`: who the API server takes the token's owner for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::openshift) struct WireSelfSubjectReview {
    #[serde(deserialize_with = "null_to_default")]
    status: WireSelfSubjectReviewStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireSelfSubjectReviewStatus {
    #[serde(deserialize_with = "null_to_default")]
    user_info: WireUserInfo,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireUserInfo {
    username: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    groups: Vec<String>,
}

impl WireSelfSubjectReview {
    /// `None` without a name.
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::CurrentUser> {
        let user = self.status.user_info;
        Some(registry_model::CurrentUser {
            name: non_empty(user.username)?,
            full_name: None,
            groups: user.groups,
        })
    }
}

/// `user.openshift.io/v1` `Group`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireGroup {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    #[serde(deserialize_with = "null_to_default")]
    users: Vec<String>,
}

impl WireGroup {
    /// `None` without a name.
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::Group> {
        let mut notes = self
            .metadata
            .annotations
            .keys()
            .chain(self.metadata.labels.keys());
        let synced = notes.any(|key| key.starts_with(LDAP_SYNC_PREFIX));
        Some(registry_model::Group {
            name: non_empty(Some(self.metadata.name))?,
            users: self.users,
            synced,
        })
    }
}

/// An object of which only the name is used.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireNamedObject {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
}

impl WireNamedObject {
    /// `None` without a name.
    pub(in crate::openshift) fn into_name(self) -> Option<String> {
        non_empty(Some(self.metadata.name))
    }
}
