//! Users and groups.

use chrono::{DateTime, Utc};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

/// The signed-in user, from the API server (`GET users/~`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CurrentUser {
    /// The user name, unique in the cluster. It can contain any characters
    /// (`system:serviceaccount:a:b`, `kube:admin`).
    pub name: String,
    /// The full name. Absent for virtual users, and often for others.
    pub full_name: Option<String>,
    /// The groups of the token. OpenShift 3.x omits virtual groups.
    pub groups: Vec<String>,
}

/// A group object (`groups` of `user.openshift.io`). Virtual groups, `system:…`, are not included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name. Untrusted.
    pub name: String,
    /// The names of its members, whether or not such users exist. Untrusted.
    pub users: Vec<String>,
    /// Whether the group is synchronised from a directory (LDAP): changes are overwritten by the
    /// next synchronisation.
    pub synced: bool,
}

/// The number of members of a group in JSON: a list has fifty groups, and a group can contain all
/// users of a company.
const MAX_GROUP_MEMBERS_IN_JSON: usize = 100;

impl Serialize for Group {
    /// Keeps the first 100 members and the number of the others.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let first = &self.users[..self.users.len().min(MAX_GROUP_MEMBERS_IN_JSON)];
        let mut group = serializer.serialize_struct("Group", 4)?;
        group.serialize_field("name", &self.name)?;
        group.serialize_field("users", first)?;
        group.serialize_field("more_users", &(self.users.len() - first.len()))?;
        group.serialize_field("synced", &self.synced)?;
        group.end()
    }
}

/// A user object (`users` of `user.openshift.io`): a user who has signed in before, or whom an
/// administrator created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserAccount {
    /// The user name. Untrusted.
    pub name: String,
    /// The full name. Untrusted.
    pub full_name: Option<String>,
    /// The user's identities: `provider:name`. Untrusted.
    pub identities: Vec<String>,
    /// When the object was created.
    pub created: Option<DateTime<Utc>>,
}
