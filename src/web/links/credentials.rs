//! The credentials of a project.

use super::{project, with_query};
use registry_model::{ProjectName, ServiceAccountName};

/// The credentials of a project, and a form for a new one (POST).
#[must_use]
pub fn credentials(name: &ProjectName) -> String {
    format!("{}/logins", project(name))
}

/// Finishes creating a credential, and shows its token (POST).
#[must_use]
pub fn finish_credential(name: &ProjectName) -> String {
    format!("{}/finish", credentials(name))
}

/// A credential as a file (POST).
#[must_use]
pub fn credential_file(name: &ProjectName) -> String {
    format!("{}/file", credentials(name))
}

/// Revokes a credential (POST).
#[must_use]
pub fn revoke_credential(name: &ProjectName) -> String {
    format!("{}/take-back", credentials(name))
}

/// The confirmation before revoking this credential.
#[must_use]
pub fn confirm_revoke_credential(project: &ProjectName, name: &ServiceAccountName) -> String {
    with_query(&revoke_credential(project), &[("name", name.as_str())])
}
