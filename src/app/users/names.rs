//! Which names of users, groups and identities the console accepts.

/// Whether the console uses this name for a user or group: the rule of the old console, in any
/// script. The API server accepts other names as well, but no `:`.
#[must_use]
pub fn is_valid_new_name(name: &str) -> bool {
    let ends = |c: char| c.is_alphanumeric() || "._:".contains(c);
    let starts = |c: char| c.is_alphanumeric() || "._".contains(c);
    let sound = name
        .chars()
        .all(|c| c.is_alphanumeric() || "- ,=@._:".contains(c));
    sound
        && name.starts_with(starts)
        && name.ends_with(ends)
        && !matches!(name, "." | "..")
        && name.len() <= 253
}

/// Whether this can be an identity: `provider:name` (source: `ValidateIdentityName` of origin).
#[must_use]
pub fn is_valid_identity_name(text: &str) -> bool {
    let sound = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_control() || "/%:".contains(c))
    };
    text.split_once(':')
        .is_some_and(|(provider, name)| sound(provider) && sound(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_name_validation_matches_the_old_console() {
        for good in [
            "foo@bar.com",
            "system:janitor:default",
            "Pro-Duction",
            "scruffy",
            "cn=a, dc=b",
            "_a",
            ".a",
            "a",
            "0",
            "王芳",
        ] {
            assert!(is_valid_new_name(good), "{good}");
        }
        for bad in [
            "foo ^ bar",
            "",
            "-a",
            "a-",
            ":a",
            "@a",
            "a@",
            " a",
            "<b>",
            "a/b",
            "a%2f",
            ".",
            "..",
            "~",
            "a\u{202e}b",
        ] {
            assert!(!is_valid_new_name(bad), "{bad}");
        }
    }

    #[test]
    fn identity_parses_into_provider_and_name() {
        assert!(is_valid_identity_name("htpasswd:dev") && is_valid_identity_name("ldap:Y249YQ=="));
        for bad in [
            "",
            "dev",
            ":dev",
            "htpasswd:",
            "a:b:c",
            "a:b/c",
            "a:%",
            "a:b\n",
        ] {
            assert!(!is_valid_identity_name(bad), "{bad}");
        }
    }
}
