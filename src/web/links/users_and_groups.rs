//! Users and groups: their names may contain nearly any character, and are encoded (S33).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::with_query;

/// The users of the cluster.
pub const USERS: &str = "/users";
/// The groups of the cluster.
pub const GROUPS: &str = "/groups";
/// Creates a user (GET form, POST).
pub const NEW_USER: &str = "/new-user";
/// Creates a group (GET form, POST).
pub const NEW_GROUP: &str = "/new-group";

/// The characters that a segment of a path may contain besides letters and digits, and that are
/// frequent in names.
const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':')
    .remove(b'@');

/// A user (POST adds the user to a group or project).
#[must_use]
pub fn user(name: &str) -> String {
    format!("{USERS}/{}", utf8_percent_encode(name, PATH_SEGMENT))
}

/// Changes a user (GET form, POST).
#[must_use]
pub fn edit_user(name: &str) -> String {
    user(name) + "/edit"
}

/// Deletes a user (GET confirmation, POST).
#[must_use]
pub fn delete_user(name: &str) -> String {
    user(name) + "/delete"
}

/// A group (POST changes its members and roles).
#[must_use]
pub fn group(name: &str) -> String {
    format!("{GROUPS}/{}", utf8_percent_encode(name, PATH_SEGMENT))
}

/// Deletes a group (GET confirmation, POST).
#[must_use]
pub fn delete_group(name: &str) -> String {
    group(name) + "/delete"
}

/// Removes a member from a group (POST).
#[must_use]
pub fn remove_from_group(name: &str) -> String {
    group(name) + "/remove"
}

/// The confirmation before removing this member from this group.
#[must_use]
pub fn confirm_remove_from_group(name: &str, user: &str) -> String {
    with_query(&remove_from_group(name), &[("user", user)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_name_is_one_path_segment() {
        assert_eq!(
            user("system:janitor:default"),
            "/users/system:janitor:default"
        );
        assert_eq!(
            group("cn=a, dc=b/..?#%\\"),
            "/groups/cn%3Da%2C%20dc%3Db%2F..%3F%23%25%5C"
        );
        assert_eq!(
            confirm_remove_from_group("a b", "c&d=e"),
            "/groups/a%20b/remove?user=c%26d%3De"
        );
    }
}
