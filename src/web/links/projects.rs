//! Projects, their members and their settings.

use super::with_query;
use registry_model::ProjectName;

#[must_use]
pub fn project(project: &ProjectName) -> String {
    format!("/projects/{project}")
}

/// The image streams of a project.
#[must_use]
pub fn project_images(name: &ProjectName) -> String {
    project(name)
}

/// What changed in a project.
#[must_use]
pub fn project_activity(name: &ProjectName) -> String {
    format!("{}/activity", project(name))
}

/// Who has access to a project, and forms to change it (POST).
#[must_use]
pub fn project_access(name: &ProjectName) -> String {
    format!("{}/access", project(name))
}

/// The same, with the form open that gives `name` the role.
#[must_use]
pub fn grant_role(project: &ProjectName, kind: &str, name: &str, role: &str) -> String {
    let pairs = [("add", name), ("kind", kind), ("role", role)];
    with_query(&project_access(project), &pairs) + "#add"
}

/// Changes the members of a project (POST). `GET` redirects to [`project_access`].
#[must_use]
pub fn members(name: &ProjectName) -> String {
    format!("{}/members", project(name))
}

/// Removes a role from a member (POST).
#[must_use]
pub fn remove_member(name: &ProjectName) -> String {
    format!("{}/remove", members(name))
}

/// The confirmation before removing this role from this member.
#[must_use]
pub fn confirm_remove_member(project: &ProjectName, kind: &str, name: &str, role: &str) -> String {
    with_query(
        &remove_member(project),
        &[("kind", kind), ("name", name), ("role", role)],
    )
}

/// The confirmation before replacing this role of this member by another one.
#[must_use]
pub fn confirm_role_change(
    project: &ProjectName,
    kind: &str,
    name: &str,
    role: &str,
    to: &str,
) -> String {
    with_query(
        &remove_member(project),
        &[("kind", kind), ("name", name), ("role", role), ("to", to)],
    )
}

/// Changes the texts of a project (GET form, POST).
#[must_use]
pub fn edit_project(name: &ProjectName) -> String {
    format!("{}/edit", project(name))
}

/// Deletes a project (GET confirmation, POST).
#[must_use]
pub fn delete_project(name: &ProjectName) -> String {
    format!("{}/delete", project(name))
}
