//! Somebody, as forms and addresses name them.

use registry_model::{ProjectName, Subject as Who, SubjectKind};

/// Somebody, by what a form or an address says. A service account of another project is
/// `project:name`.
pub(in crate::web::pages) fn parse_subject(
    kind: &str,
    name: &str,
    project: &ProjectName,
) -> Option<Who> {
    if name.is_empty() {
        return None;
    }
    match kind {
        "user" => Some(Who::user(name)),
        "group" => Some(Who::group(name)),
        "service-account" => {
            let (project, name) = name.split_once(':').unwrap_or((project.as_str(), name));
            (!project.is_empty() && !name.is_empty()).then(|| Who::service_account(project, name))
        }
        _ => None,
    }
}

/// The name in forms and addresses: what [`parse_who`] reads.
pub(in crate::web::pages) fn qualified_name(who: &Who) -> String {
    match &who.project {
        Some(project) => format!("{project}:{}", who.name),
        None => who.name.clone(),
    }
}

pub(in crate::web::pages) fn kind_value(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::User => "user",
        SubjectKind::Group => "group",
        SubjectKind::ServiceAccount => "service-account",
    }
}

/// Whether somebody of that name can be given a role. For users it is the old console's rule.
/// Groups from a directory may hold spaces; the master allows them no `/` and no `%`. A service
/// account is named as other objects are.
pub(in crate::web::pages) fn is_valid_member_name(who: &Who) -> bool {
    let name = who.name.as_str();
    let inner = |c: char| c.is_ascii_alphanumeric() || "-@._:".contains(c);
    match who.kind {
        SubjectKind::User => {
            name.chars().all(inner)
                && !name.starts_with(['-', '@', ':'])
                && !name.ends_with(['-', '@'])
        }
        SubjectKind::Group => !name.chars().any(|c| c.is_control() || "/%^".contains(c)),
        SubjectKind::ServiceAccount => {
            let lawful = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
            let project = who
                .project
                .as_deref()
                .is_some_and(|project| project.parse::<ProjectName>().is_ok());
            project
                && !name.is_empty()
                && name.chars().all(lawful)
                && !name.starts_with(['-', '.'])
                && !name.ends_with(['-', '.'])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proper(kind: &str, name: &str) -> bool {
        parse_subject(kind, name, &"team-a".parse().unwrap())
            .is_some_and(|who| is_valid_member_name(&who))
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
