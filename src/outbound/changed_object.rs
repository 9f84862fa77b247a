//! The object that a request changes.

use registry_model::{Digest, ProjectName};

/// The object that a request changes, as the audit log names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedObject {
    /// The resource in the API: `imagestreamtags`.
    pub resource: &'static str,
    /// `None` for a resource of the cluster.
    pub project: Option<ProjectName>,
    /// `None` if the API server chooses the name, or if the name is a secret.
    pub name: Option<String>,
    /// What the object is to contain: role and subjects of a role binding.
    pub detail: Option<String>,
    /// The image that a tag pointed to before.
    pub digest_before: Option<Digest>,
    /// The image that a tag is to point to.
    pub digest_after: Option<Digest>,
}

impl ChangedObject {
    /// An object of a project.
    #[must_use]
    pub fn in_project(
        resource: &'static str,
        project: &ProjectName,
        name: impl Into<String>,
    ) -> Self {
        Self {
            project: Some(project.clone()),
            ..Self::in_cluster(resource, name)
        }
    }

    /// An object of the cluster.
    #[must_use]
    pub fn in_cluster(resource: &'static str, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::unnamed(resource)
        }
    }

    /// An object of the cluster without a name.
    #[must_use]
    pub fn unnamed(resource: &'static str) -> Self {
        Self {
            resource,
            project: None,
            name: None,
            detail: None,
            digest_before: None,
            digest_after: None,
        }
    }

    /// Sets the image that a tag pointed to before.
    #[must_use]
    pub fn with_digest_before(self, digest: Option<&Digest>) -> Self {
        Self {
            digest_before: digest.cloned(),
            ..self
        }
    }

    /// Sets the image that a tag is to point to.
    #[must_use]
    pub fn with_digest_after(self, digest: Option<&Digest>) -> Self {
        Self {
            digest_after: digest.cloned(),
            ..self
        }
    }
}
