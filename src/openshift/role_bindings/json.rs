//! The JSON of role bindings in both API groups.

use serde_json::{Value, json};

use crate::openshift::{BindingApiGroup, wire};
use registry_model::{ProjectName, Subject, SubjectKind};

/// A binding to a cluster role, without subjects.
pub(super) fn new_role_binding(
    group: BindingApiGroup,
    project: &ProjectName,
    name: &str,
    role: &str,
) -> Value {
    let metadata = json!({ "name": name, "namespace": project.as_str() });
    match group {
        BindingApiGroup::Rbac => json!({
            "metadata": metadata,
            "roleRef": { "apiGroup": group.name(), "kind": "ClusterRole", "name": role },
            "subjects": [],
        }),
        // A role reference with a namespace would be to a role that the project defines.
        BindingApiGroup::Openshift => json!({
            "metadata": metadata,
            "userNames": null,
            "groupNames": null,
            "roleRef": { "name": role },
            "subjects": [],
        }),
    }
}

/// Removes the subjects `gone` from a binding, and adds `come`.
pub(super) fn change_subjects(
    group: BindingApiGroup,
    raw: &mut Value,
    gone: &[Subject],
    come: &[&Subject],
) {
    let project = raw["metadata"]["namespace"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let is_removed = |raw: &Value| {
        wire::parse_subject(raw, &project).is_some_and(|subject| gone.contains(&subject))
    };
    let mut subjects = raw["subjects"].as_array().cloned().unwrap_or_default();
    subjects.retain(|raw| !is_removed(raw));
    subjects.extend(come.iter().map(|subject| subject_json(group, subject)));
    raw["subjects"] = subjects.into();
    if group == BindingApiGroup::Openshift {
        // "Subjects … is ignored if UserNames or GroupNames are specified": the lists of names must
        // match the subjects.
        for (field, of_groups) in [("userNames", false), ("groupNames", true)] {
            raw[field] = changed_names(&raw[field], of_groups, gone, come);
        }
    }
}

/// The changed list of names; `null` where it is empty, as the API server writes it.
fn changed_names(now: &Value, of_groups: bool, gone: &[Subject], come: &[&Subject]) -> Value {
    let named = |subject: &&Subject| (subject.kind == SubjectKind::Group) == of_groups;
    let is_removed = |name: &Value| {
        gone.iter()
            .filter(named)
            .any(|subject| *name == *subject.qualified_name())
    };
    let mut names: Vec<Value> = now
        .as_array()
        .into_iter()
        .flatten()
        .filter(|name| !is_removed(name))
        .cloned()
        .collect();
    for subject in come.iter().copied().filter(|subject| named(subject)) {
        let name = Value::from(&*subject.qualified_name());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        Value::Null
    } else {
        names.into()
    }
}

fn subject_json(group: BindingApiGroup, subject: &Subject) -> Value {
    let name = &subject.name;
    let kind = match subject.kind {
        SubjectKind::User => "User",
        SubjectKind::Group => "Group",
        SubjectKind::ServiceAccount => {
            return json!({ "kind": "ServiceAccount", "name": name, "namespace": subject.project });
        }
    };
    match group {
        BindingApiGroup::Rbac => json!({ "apiGroup": group.name(), "kind": kind, "name": name }),
        // The older API treats names with a colon as names of the system, which have kinds of their
        // own.
        BindingApiGroup::Openshift if name.contains(':') => {
            json!({ "kind": format!("System{kind}"), "name": name })
        }
        BindingApiGroup::Openshift => json!({ "kind": kind, "name": name }),
    }
}
