//! People.

use chrono::{DateTime, Utc};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

/// A signed-in person, as the master names them (`GET users/~`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CurrentUser {
    /// The user name, unique in the cluster; may hold any characters (`system:serviceaccount:a:b`,
    /// `kube:admin`).
    pub name: String,
    /// What the person is called. Absent for virtual users, and often for others.
    pub full_name: Option<String>,
    /// Groups that the token is in. OpenShift 3.x leaves the virtual ones out.
    pub groups: Vec<String>,
}

/// A group of people that somebody keeps (`groups` of `user.openshift.io`); the virtual ones,
/// `system:…`, are not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name. Untrusted.
    pub name: String,
    /// The names of its members, whether or not such users exist. Untrusted.
    pub users: Vec<String>,
    /// Whether a sync from a directory (LDAP) made it: the next one overwrites what is changed
    /// here.
    pub synced: bool,
}

/// How many members of a group are in its JSON: a list has fifty groups, and a group can have all
/// people of a company.
const MAX_GROUP_MEMBERS_IN_JSON: usize = 100;

impl Serialize for Group {
    /// With the first 100 members, and how many more there are.
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

/// A user that the cluster keeps (`users` of `user.openshift.io`): somebody who signed in once, or
/// whom an administrator made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserAccount {
    /// The user name. Untrusted.
    pub name: String,
    /// What the person is called. Untrusted.
    pub full_name: Option<String>,
    /// Whom identity providers know the person as: `provider:name`. Untrusted.
    pub identities: Vec<String>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
}
