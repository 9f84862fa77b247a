//! Subjects in forms and URLs.

use registry_model::{ProjectName, Subject, SubjectKind};

/// Parses the subject in a form or a URL.
pub(in crate::web) fn parse_subject(
    kind: &str,
    name: &str,
    project: &ProjectName,
) -> Option<Subject> {
    Subject::parse(kind.parse().ok()?, name, project).ok()
}

/// Whether a subject of that name can get a role. The rule for users is that of the old console.
/// Groups from a directory may contain spaces; the API server does not allow `/` and `%` in them.
/// The name of a service account is already validated.
pub(in crate::web) fn is_valid_member_name(subject: &Subject) -> bool {
    let name = subject.name.as_str();
    let inner = |c: char| c.is_ascii_alphanumeric() || "-@._:".contains(c);
    match subject.kind {
        SubjectKind::User => {
            name.chars().all(inner)
                && !name.starts_with(['-', '@', ':'])
                && !name.ends_with(['-', '@'])
        }
        SubjectKind::Group => !name.chars().any(|c| c.is_control() || "/%^".contains(c)),
        SubjectKind::ServiceAccount => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proper(kind: &str, name: &str) -> bool {
        parse_subject(kind, name, &"team-a".parse().unwrap())
            .is_some_and(|caller| is_valid_member_name(&caller))
    }

    #[test]
    fn member_name_validation_matches_the_old_console() {
        for good in [
            "foo@bar.com",
            "system:janitor:default",
            "Dev",
            "_a",
            ".a",
            "a",
            "0",
        ] {
            assert!(proper("user", good), "{good}");
        }
        for bad in ["foo ^ bar", "", "-a", "a-", ":a", "@a", "a@", "<b>", "a/b"] {
            assert!(!proper("user", bad), "{bad}");
        }
        assert!(
            proper("group", "Domain Users") && !proper("group", "a/b") && !proper("nobody", "a")
        );
        assert!(
            proper("service-account", "builder") && proper("service-account", "team-b:builder")
        );
        assert!(
            !proper("service-account", "No:builder")
                && !proper("service-account", "a:b:c")
                && !proper("service-account", "a:")
        );
    }
}
