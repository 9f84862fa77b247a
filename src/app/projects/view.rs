//! Projects: the list, and the page of one project with its members.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::app::AppForUser;
use crate::app::bounds::{MAX_TABLE_ROWS, truncate_counting};
use crate::app::connect::commands::ConnectCommands;
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::lists::outage::StaleData;
use crate::app::lists::paging::Paging;
use crate::app::lists::stream_list::StreamRow;
use crate::app::live::PageRevision;
use crate::app::section::{OPTIONAL_TIMEOUT, Section, UnavailableReason, with_timeout};
use crate::index::Snapshot;
use crate::openshift::AccessRight;
use registry_model::{
    AccessPolicy, ImageStream, Project, ProjectName, RoleBinding, Subject, SubjectKind,
    version_order,
};

const PROJECTS_PER_PAGE: usize = 50;
const TAGS_PER_ROW: usize = 3;
const MAX_CONCURRENT_PROJECTS: usize = 8;

/// A page of the list of projects.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectList {
    /// Only projects whose name, display name or description contains this. Empty: all.
    pub text: String,
    /// The projects of this page.
    pub rows: Vec<ProjectRow>,
    /// The position of the page among all that match.
    pub paging: Paging,
    /// How old the values are. Set only where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleData>,
}

/// A project in the list.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectRow {
    pub project: Project,
    /// Who may pull from it.
    pub access: Section<AccessPolicy>,
    /// How many image streams it has.
    pub streams: Section<usize>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ProjectView {
    pub project: Project,
    /// Who may pull from it.
    pub access: Section<AccessPolicy>,
    /// Its image streams, by name. At most 200.
    pub streams: Section<Vec<StreamRow>>,
    /// How many more there are.
    pub more_streams: usize,
    /// How many of all its image streams have a tag that could not be imported.
    pub failing_streams: usize,
    /// Its members, as far as the user may see them. At most 200.
    pub members: Section<Vec<Member>>,
    /// How many more there are.
    pub more_members: usize,
    /// Whether the user may push to its streams.
    pub can_push: Section<bool>,
    /// Commands that sign in, push and pull.
    pub connect: ConnectCommands,
    /// The revision that the page shows, from which its live updates start. `None` without an
    /// index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// How old the values are. Set only where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleData>,
}

/// A subject with a role in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    pub who: Subject,
    /// The roles that the subject has.
    pub roles: Vec<MemberRole>,
}

/// A role of a member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
    /// The projects of the user.
    ///
    /// # Errors
    ///
    /// The failure to list them.
    pub async fn project_list(&self, text: &str, page: usize) -> Result<ProjectList, Failure> {
        let (projects, held) = match self.list_projects().await {
            Ok(projects) => (projects, None),
            Err(failure) if failure.is_outage() => {
                let held = self.stale_streams(failure).await?;
                (Arc::clone(&held.projects), Some(held))
            }
            Err(failure) => return Err(failure),
        };
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let matching: Vec<&Project> = projects
            .iter()
            .filter(|project| project_matches(project, &words))
            .collect();
        let (shown, paging) = Paging::paginate(matching, page, PROJECTS_PER_PAGE);
        let shown: Vec<Project> = shown.into_iter().cloned().collect();
        let counts = async {
            match &held {
                Some(held) => shown
                    .iter()
                    .map(|project| Section::Ready(held.streams.stream_count(&project.name)))
                    .collect(),
                None => self.stream_counts(&shown).await,
            }
        };
        let (access, streams) = tokio::join!(
            self.access_policies(shown.iter().map(|project| &project.name)),
            counts
        );
        let rows = shown
            .iter()
            .cloned()
            .zip(access)
            .zip(streams)
            .map(|((project, access), streams)| ProjectRow {
                project,
                access,
                streams,
            })
            .collect();
        Ok(ProjectList {
            text: text.to_owned(),
            rows,
            paging,
            stale: held.and_then(|held| held.stale),
        })
    }

    async fn list_projects(&self) -> Result<Arc<[Project]>, Failure> {
        if let Some((visible, _)) = self.visible_snapshot().await? {
            return Ok(Arc::clone(&visible.projects));
        }
        let mut projects = self
            .api_server
            .list_projects()
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::List))?;
        sort_by_name(&mut projects);
        Ok(projects.into())
    }

    /// One project with its image streams and members.
    ///
    /// # Errors
    ///
    /// The failure to read the project itself: forbidden also if it does not exist, since the API
    /// server does not distinguish the two.
    pub async fn project(
        &self,
        name: &ProjectName,
        user: Option<&str>,
    ) -> Result<ProjectView, Failure> {
        let push = AccessRight::push_to(name.clone());
        let (project, access, streams, members, can_push) = tokio::join!(
            self.api_server.get_project(name),
            self.access_policy(name),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                self.list_streams(Some(name))
            ),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                self.api_server.list_role_bindings(name)
            ),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                self.api_server.is_allowed(&push)
            ),
        );
        let (project, held) =
            match project.map_err(|error| Failure::from_api_error(error, PageSubject::Project)) {
                Ok(project)
                    if streams
                        .missing()
                        .is_some_and(|missing| missing.why.is_outage()) =>
                {
                    (
                        project,
                        self.stale_project_streams(
                            name,
                            Failure::api_server_unavailable(PageSubject::Project),
                        )
                        .await
                        .ok(),
                    )
                }
                Ok(project) => (project, None),
                Err(failure) if failure.is_outage() => {
                    let held = self.stale_project_streams(name, failure).await?;
                    let known = held
                        .projects
                        .iter()
                        .find(|known| known.name == *name)
                        .cloned();
                    (
                        known.ok_or(Failure::NotFound(PageSubject::Project))?,
                        Some(held),
                    )
                }
                Err(failure) => return Err(failure),
            };
        let page_revision =
            self.page_revision_at(streams.ready().and_then(|found| found.resource_version));
        let streams = match &held {
            Some(held) => Section::Ready(held.streams.clone()),
            None => streams.map(|found| Snapshot::from(found.streams)),
        };
        let more_streams = streams
            .ready()
            .map_or(0, |found| found.len().saturating_sub(MAX_TABLE_ROWS));
        let failing = |found: &Snapshot| {
            found
                .streams()
                .filter(|entry| entry.stream.failures.is_some())
                .count()
        };
        let failing_streams = streams.ready().map_or(0, failing);
        let rows = |found: Snapshot| {
            found
                .streams()
                .take(MAX_TABLE_ROWS)
                .map(|entry| StreamRow::from_entry(entry, TAGS_PER_ROW))
                .collect()
        };
        let streams = streams.map(rows);
        let connect = if self.has_no_registry().await {
            ConnectCommands::without_registry()
        } else {
            ConnectCommands::new(self.app.registry_host.as_deref(), user, Some(name))
        };
        let mut members = members.map(|bindings| members_from_bindings(&bindings));
        let more_members = members
            .ready_mut()
            .map_or(0, |members| truncate_counting(members, MAX_TABLE_ROWS));
        let stale = held.and_then(|held| held.stale);
        Ok(ProjectView {
            project,
            access,
            streams,
            more_streams,
            failing_streams,
            members,
            more_members,
            can_push,
            connect,
            page_revision,
            stale,
        })
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
        let policy = with_timeout(
            OPTIONAL_TIMEOUT,
            Upstream::ApiServer,
            self.api_server.review_pull_access(name),
        )
        .await
        .map(|allowed| allowed.access_policy());
        // What the API server could not answer now, it may answer soon.
        let is_answer = policy
            .missing()
            .is_none_or(|missing| missing.why == UnavailableReason::NotAllowed);
        if is_answer && self.app.index.current_snapshot().is_some() {
            cached.insert(name.clone(), policy.clone());
        }
        policy
    }

    async fn stream_counts(&self, projects: &[Project]) -> Vec<Section<usize>> {
        if let Ok(Some((visible, snapshot))) = self.visible_snapshot().await
            && self.api_server.recently_changed_projects().is_empty()
            && projects
                .iter()
                .all(|project| visible.can_list(&project.name))
        {
            return projects
                .iter()
                .map(|project| Section::Ready(snapshot.stream_count(&project.name)))
                .collect();
        }
        if self
            .api_server
            .is_allowed(&AccessRight::list_streams(None))
            .await
            .unwrap_or(false)
        {
            let count = |counts: &mut HashMap<ProjectName, usize>, stream: ImageStream| {
                *counts.entry(stream.project).or_default() += 1
            };
            let listed = with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::ApiServer,
                self.api_server.list_streams_into(None, count),
            )
            .await;
            let counts = listed.map(|counted| counted.streams);
            return projects
                .iter()
                .map(|project| {
                    counts
                        .clone()
                        .map(|counts| counts.get(&project.name).copied().unwrap_or_default())
                })
                .collect();
        }
        let names: Vec<ProjectName> = projects
            .iter()
            .map(|project| project.name.clone())
            .collect();
        stream::iter(names)
            .map(|name| async move {
                let count = |count: &mut usize, _| *count += 1;
                with_timeout(
                    OPTIONAL_TIMEOUT,
                    Upstream::ApiServer,
                    self.api_server.list_streams_into(Some(&name), count),
                )
                .await
                .map(|counted| counted.streams)
            })
            .buffered(MAX_CONCURRENT_PROJECTS)
            .collect()
            .await
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

fn project_matches(project: &Project, words: &[String]) -> bool {
    let shown = [
        Some(project.name.as_str()),
        project.display_name.as_deref(),
        project.description.as_deref(),
    ];
    words.iter().all(|word| {
        shown
            .iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(word))
    })
}
