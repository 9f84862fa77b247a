//! Users and groups.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

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
        let group = GroupInJson {
            name: &self.name,
            users: first,
            more_users: self.users.len() - first.len(),
            synced: self.synced,
        };
        group.serialize(serializer)
    }
}

/// A group object of the user API. Virtual groups, `system:…`, are not included.
#[derive(Serialize, ToSchema)]
#[schema(as = Group)]
struct GroupInJson<'g> {
    name: &'g str,
    /// The names of the first 100 members, whether or not such users exist.
    users: &'g [String],
    /// The number of other members.
    more_users: usize,
    /// Whether the group is synchronized from a directory (LDAP).
    synced: bool,
}

impl PartialSchema for Group {
    fn schema() -> RefOr<Schema> {
        GroupInJson::schema()
    }
}

impl ToSchema for Group {}

/// A user object (`users` of `user.openshift.io`): a user who has signed in before, or whom an
/// administrator created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserAccount {
    /// The user name. Untrusted.
    pub name: String,
    /// The full name. Untrusted.
    pub full_name: Option<String>,
    /// The user's identities: `provider:name`. Untrusted.
    pub identities: Vec<String>,
    /// When the object was created.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created: Option<DateTime<Utc>>,
}
