//! The page of one project with its image streams; its members and its access policy, which other
//! pages show.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::outage::StaleData;
use crate::app::lists::paging::Paging;
use crate::app::lists::stream_list::{StreamListQuery, StreamListView, StreamRow};
use crate::app::lists::visible_streams::VisibleStreams;
use crate::app::live::PageRevision;
use crate::app::projects::facts::{ProjectCounts, ProjectFacts};
use crate::app::section::{Section, optional};
use registry_model::{
    AccessPolicy, Project, ProjectName, RoleBinding, Subject, SubjectKind, version_order,
};

pub(super) const MAX_CONCURRENT_PROJECTS: usize = 8;

/// A project and a page of its image streams.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectView {
    pub project: Project,
    /// Who may pull from it.
    pub access: Section<AccessPolicy>,
    /// The image streams that the query asks for. In JSON the rows of the page.
    #[serde(serialize_with = "serialize_rows")]
    #[schema(value_type = Section<Vec<StreamRow>>)]
    pub streams: Section<StreamListView>,
    /// The position of the page among all image streams that match the query.
    pub paging: Option<Paging>,
    /// How many of all its image streams have a tag that could not be imported.
    pub failing_streams: usize,
    /// How many tags all its image streams have.
    pub tags: usize,
    /// What the header shows.
    #[serde(skip)]
    pub facts: ProjectFacts,
    /// The revision that the page shows, from which its live updates start. `None` without an
    /// index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// How old the values are. Set only where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stale: Option<StaleData>,
}

fn serialize_rows<S: Serializer>(
    streams: &Section<StreamListView>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match streams {
        Section::Ready(list) => list.rows.serialize(serializer),
        Section::Missing { .. } => streams.serialize(serializer),
    }
}

/// A subject with a role in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Member {
    pub who: Subject,
    /// The roles that the subject has.
    pub roles: Vec<MemberRole>,
}

/// A role of a member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct MemberRole {
    /// The name of the role. Untrusted where a project defines its own.
    pub role: String,
    /// The binding that grants it.
    pub binding: String,
    /// Whether the role is the cluster's, not one that the project defines.
    #[serde(skip)]
    pub cluster_role: bool,
}

impl Member {
    /// Whether this is a service account, or a subject of the cluster itself (`system:…`).
    #[must_use]
    pub fn is_system_subject(&self) -> bool {
        self.who.kind == SubjectKind::ServiceAccount || self.who.name.starts_with("system:")
    }
}

impl MemberRole {
    /// What the role grants on images, for the roles that every cluster has: `admin`, `push`,
    /// `pull`, or to `see` them.
    ///
    /// Nothing is known of a role that a project defines itself, whatever its name is.
    ///
    /// Source: the bootstrap policy of origin 3.6 to 4; that of `view` does not include pulling.
    #[must_use]
    pub fn image_right(&self) -> Option<&'static str> {
        if !self.cluster_role {
            return None;
        }
        match self.role.as_str() {
            "admin" | "registry-admin" | "cluster-admin" => Some("admin"),
            "edit" | "registry-editor" | "system:image-builder" | "system:image-pusher" => {
                Some("push")
            }
            "registry-viewer" | "system:image-puller" => Some("pull"),
            "view" => Some("see"),
            _ => None,
        }
    }
}

impl AppForUser<'_> {
    /// One project, and the image streams that `query` asks for.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself: forbidden also if it does not exist, since the API
    /// server does not distinguish the two.
    pub async fn project(
        &self,
        name: &ProjectName,
        query: StreamListQuery,
    ) -> Result<ProjectView, Failure> {
        let (found, access, usage, use_answer) = tokio::join!(
            self.project_with_streams(name),
            self.access_policy(name),
            self.usage_for_list(&query),
            self.expected_use_answer(std::slice::from_ref(name))
        );
        let ((project, streams), usage) = (found?, usage?);
        let visible = streams.ready();
        let counts = visible.map(|visible| ProjectCounts::from_streams(visible, name));
        let page_revision = visible.and_then(|visible| visible.page_revision.clone());
        let stale = visible.and_then(|visible| visible.stale);
        let streams = streams.map(|visible| {
            let mut list = StreamListView::new(query, &visible, usage.as_ref());
            if usage.is_none() {
                list.use_answer = use_answer;
            }
            list
        });
        Ok(ProjectView {
            facts: ProjectFacts {
                project: project.clone(),
                access: access.clone(),
                counts,
            },
            project,
            access,
            paging: streams.ready().map(|list| list.paging),
            streams,
            failing_streams: counts.unwrap_or_default().failing_streams,
            tags: counts.unwrap_or_default().tags,
            page_revision,
            stale,
        })
    }

    /// One project with all its image streams; while the API server is not available, as far as the
    /// index contains them.
    ///
    /// # Errors
    ///
    /// The failure to read the project.
    pub(in crate::app) async fn project_with_streams(
        &self,
        name: &ProjectName,
    ) -> Result<(Project, Section<VisibleStreams>), Failure> {
        let (project, streams) = tokio::join!(
            self.api_server.get_project(name),
            optional(self.streams_of_existing_project(name))
        );
        match project.map_err(|error| Failure::from_api_error(error, PageSubject::Project)) {
            Ok(project) => Ok((project, streams)),
            Err(failure) if failure.is_outage() => {
                let held = self.stale_project_streams(name, failure).await?;
                let known = held.projects.iter().find(|known| known.name == *name);
                let project = known
                    .cloned()
                    .ok_or(Failure::NotFound(PageSubject::Project))?;
                Ok((project, Section::Ready(held)))
            }
            Err(failure) => Err(failure),
        }
    }

    /// The image streams of a project that the API server has, although the list of projects may
    /// not contain it yet.
    async fn streams_of_existing_project(
        &self,
        name: &ProjectName,
    ) -> Result<VisibleStreams, Failure> {
        match self.project_streams(name).await {
            Err(Failure::NotFound(PageSubject::Project)) => Ok(VisibleStreams::default()),
            found => found,
        }
    }

    /// Who may pull from each of these projects, reviewed concurrently.
    pub(in crate::app) async fn access_policies<'p>(
        &self,
        names: impl Iterator<Item = &'p ProjectName>,
    ) -> Vec<Section<AccessPolicy>> {
        let names: Vec<ProjectName> = names.cloned().collect();
        stream::iter(names)
            .map(|name| async move { self.access_policy(&name).await })
            .buffered(MAX_CONCURRENT_PROJECTS)
            .collect()
            .await
    }

    pub(in crate::app) async fn access_policy(&self, name: &ProjectName) -> Section<AccessPolicy> {
        let cached = self.app.user_caches.policies.get_or_default(self.token);
        if let Some(policy) = cached.get(name) {
            return policy;
        }
        let policy = optional(self.api_server.review_pull_access(name))
            .await
            .map(|allowed| allowed.access_policy());
        if policy.is_answered() && self.app.index.current_snapshot().is_some() {
            cached.insert(name.clone(), policy.clone());
        }
        policy
    }
}

/// The subjects of all bindings, without duplicates, users first.
pub(in crate::app) fn members_from_bindings(bindings: &[RoleBinding]) -> Vec<Member> {
    let mut roles: BTreeMap<&Subject, Vec<MemberRole>> = BTreeMap::new();
    for binding in bindings {
        for subject in &binding.subjects {
            roles.entry(subject).or_default().push(MemberRole {
                role: binding.role.clone(),
                binding: binding.name.clone(),
                cluster_role: binding.cluster_role,
            });
        }
    }
    let mut members: Vec<Member> = roles
        .into_iter()
        .map(|(subject, mut roles)| {
            roles.sort();
            roles.dedup();
            Member {
                who: subject.clone(),
                roles,
            }
        })
        .collect();
    members.sort_by_key(|member| (member.who.kind, member.is_system_subject()));
    members
}

/// Sorts by name, in natural order.
pub(in crate::app) fn sort_by_name(projects: &mut [Project]) {
    projects.sort_by(|a, b| version_order::compare(a.name.as_str(), b.name.as_str()));
}
