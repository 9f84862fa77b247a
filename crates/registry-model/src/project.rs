//! Projects.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ProjectName;

/// A project: a namespace with a description, which contains image streams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Project {
    pub name: ProjectName,
    /// Annotation `openshift.io/display-name`, if set and not empty. Untrusted.
    pub display_name: Option<String>,
    /// Annotation `openshift.io/description`, if set and not empty. Untrusted.
    pub description: Option<String>,
    /// Annotation `openshift.io/requester`: who created it. Untrusted.
    pub requester: Option<String>,
    /// Whether it is being deleted.
    pub phase: ProjectPhase,
    /// When it was created.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created: Option<DateTime<Utc>>,
}

/// The phase of a project's namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProjectPhase {
    Active,
    /// Being deleted, including its contents.
    Terminating,
    /// A phase that the console does not know.
    Unknown,
}
