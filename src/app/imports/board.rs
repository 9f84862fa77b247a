//! The list of all imports, grouped by registry.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::import_row::{ImportRow, ImportState, host_of, tag_of};
use super::retry::{ImportTarget, RetrySelection};
use crate::app::AppForUser;
use crate::app::failure::Failure;
use crate::app::lists::visible_streams::VisibleStreams;
use crate::app::lists::{MissingProject, Paging, StaleData};
use crate::app::live::PageRevision;
use crate::index::{IndexedImport, IndexedStream};
use crate::openshift::AccessRight;
use registry_model::{ProjectName, version_order};

/// How many imports a page shows.
const IMPORTS_PER_PAGE: usize = 50;

/// How many registries the overview shows.
const MAX_HOSTS_SHOWN: usize = 12;

/// The query of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportsQuery {
    /// Only imports whose image stream, tag or source contain all these words. Empty: all.
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub project: Option<ProjectName>,
    /// Only imports from this registry. Untrusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub state: Option<ImportState>,
    /// The page number, from 1.
    pub page: usize,
}

/// How many imports are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateCounts {
    pub failing: usize,
    pub never: usize,
    pub stale: usize,
    pub importing: usize,
    pub ok: usize,
}

impl StateCounts {
    /// How many are in this state.
    #[must_use]
    pub fn of(&self, state: ImportState) -> usize {
        match state {
            ImportState::Failing => self.failing,
            ImportState::Never => self.never,
            ImportState::Stale => self.stale,
            ImportState::Importing => self.importing,
            ImportState::Ok => self.ok,
        }
    }

    /// How many there are in all.
    #[must_use]
    pub fn total(&self) -> usize {
        ImportState::ALL
            .into_iter()
            .map(|state| self.of(state))
            .sum()
    }

    fn add(&mut self, state: ImportState) {
        *match state {
            ImportState::Failing => &mut self.failing,
            ImportState::Never => &mut self.never,
            ImportState::Stale => &mut self.stale,
            ImportState::Importing => &mut self.importing,
            ImportState::Ok => &mut self.ok,
        } += 1;
    }
}

/// A registry, and the states of what is imported from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HostHealth {
    /// The registry, or `?` for sources that are not valid.
    pub host: String,
    pub counts: StateCounts,
}

/// The imports of a page that are from one registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HostGroup {
    pub host: String,
    /// How many imports from this registry match the query, on all pages.
    pub matching: usize,
    pub rows: Vec<ImportRow>,
}

impl HostGroup {
    /// Whether the user may import any of the rows.
    #[must_use]
    pub fn may_import(&self) -> bool {
        self.rows.iter().any(|row| row.may_import)
    }
}

/// A page of the list of imports.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportsView {
    pub query: ImportsQuery,
    /// How many imports match everything in the query but the state.
    pub counts: StateCounts,
    /// The registries of the imports that match text and project of the query: those with the most
    /// failing imports first.
    pub hosts: Vec<HostHealth>,
    /// The imports of this page.
    pub groups: Vec<HostGroup>,
    pub paging: Paging,
    /// How many imports the user can see in all.
    pub visible: usize,
    /// The projects that the filter offers: those that import anything.
    pub projects: Vec<ProjectName>,
    /// Projects that could not be listed.
    pub missing: Vec<MissingProject>,
    /// How many objects of the API server were left out because they are malformed.
    pub unreadable: usize,
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// How old the values are. Set only where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stale: Option<StaleData>,
}

/// An import that matches text and project of a query.
struct Candidate<'a> {
    stream: &'a IndexedStream,
    import: &'a IndexedImport,
    state: ImportState,
    /// The position of its registry among those that occur.
    host: usize,
}

/// The imports that match text and project of a query, in natural order.
struct Candidates<'a> {
    entries: Vec<Candidate<'a>>,
    hosts: Vec<HostHealth>,
    visible: usize,
    projects: BTreeSet<&'a ProjectName>,
}

impl<'a> Candidates<'a> {
    fn new(visible: &'a VisibleStreams, query: &ImportsQuery, now: DateTime<Utc>) -> Self {
        let words: Vec<String> = query
            .text
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let mut found = Self {
            entries: Vec::new(),
            hosts: Vec::new(),
            visible: 0,
            projects: BTreeSet::new(),
        };
        let mut positions: HashMap<String, usize> = HashMap::new();
        for entry in visible.streams.streams() {
            let stream = &*entry.stream;
            if stream.imports.is_empty() {
                continue;
            }
            found.visible += stream.imports.len();
            found.projects.insert(&stream.project);
            if query
                .project
                .as_ref()
                .is_some_and(|only| *only != stream.project)
            {
                continue;
            }
            for import in &stream.imports {
                if !matches_words(&words, import, stream) {
                    continue;
                }
                let state = ImportState::new(import, stream, now);
                let host = host_of(&import.from);
                let host = *positions.entry(host).or_insert_with_key(|host| {
                    found.hosts.push(HostHealth {
                        host: host.clone(),
                        counts: StateCounts::default(),
                    });
                    found.hosts.len() - 1
                });
                found.hosts[host].counts.add(state);
                found.entries.push(Candidate {
                    stream,
                    import,
                    state,
                    host,
                });
            }
        }
        found
    }

    /// How many are in each state, of those from the registry of the query.
    fn counts(&self, query: &ImportsQuery) -> StateCounts {
        let mut counts = StateCounts::default();
        for candidate in &self.entries {
            if self.is_from_host(candidate, query) {
                counts.add(candidate.state);
            }
        }
        counts
    }

    fn is_from_host(&self, candidate: &Candidate<'_>, query: &ImportsQuery) -> bool {
        query
            .host
            .as_ref()
            .is_none_or(|host| *host == self.hosts[candidate.host].host)
    }

    /// Those that match the whole query: by registry, then by state; of those the order is kept.
    fn matching(&self, query: &ImportsQuery) -> Vec<&Candidate<'a>> {
        let mut ranks: Vec<usize> = (0..self.hosts.len()).collect();
        ranks.sort_by(|a, b| compare_hosts(&self.hosts[*a], &self.hosts[*b]));
        let mut rank_of = vec![0; ranks.len()];
        for (rank, host) in ranks.into_iter().enumerate() {
            rank_of[host] = rank;
        }
        let mut matching: Vec<&Candidate<'a>> = self
            .entries
            .iter()
            .filter(|candidate| query.state.is_none_or(|state| state == candidate.state))
            .filter(|candidate| self.is_from_host(candidate, query))
            .collect();
        matching.sort_by_key(|candidate| (rank_of[candidate.host], candidate.state));
        matching
    }
}

impl AppForUser<'_> {
    /// Everything that the user's image streams import from other registries.
    ///
    /// # Errors
    ///
    /// The failure of the list itself; projects that could not be listed are named in
    /// [`ImportsView::missing`].
    pub async fn imports(&self, query: ImportsQuery) -> Result<ImportsView, Failure> {
        let visible = self.visible_streams().await?;
        let mut view = ImportsView::new(query, &visible, self.app.clock.now());
        self.review_rows(&mut view).await;
        Ok(view)
    }

    /// The imports that match a query, on all pages, as far as the user may repeat them.
    ///
    /// # Errors
    ///
    /// The failure of the list itself.
    pub async fn matching_imports(&self, query: &ImportsQuery) -> Result<RetrySelection, Failure> {
        let visible = self.visible_streams().await?;
        let candidates = Candidates::new(&visible, query, self.app.clock.now());
        let mut targets: Vec<ImportTarget> = candidates
            .matching(query)
            .into_iter()
            .map(|candidate| ImportTarget {
                project: candidate.stream.project.clone(),
                stream: candidate.stream.name.clone(),
                tag: tag_of(candidate.import, candidate.stream).map(|tag| tag.name().clone()),
            })
            .collect();
        let matching = targets.len();
        let projects = targets
            .iter()
            .map(|target| target.project.clone())
            .collect();
        let rights = self
            .review_access_in(projects, |project| [AccessRight::import_streams(project)])
            .await;
        targets.retain(|target| rights.get(&target.project) == Some(&[true]));
        Ok(RetrySelection {
            not_allowed: matching - targets.len(),
            targets,
        })
    }

    /// Determines what the user may do with the rows of a page.
    async fn review_rows(&self, view: &mut ImportsView) {
        let projects: BTreeSet<ProjectName> = view
            .groups
            .iter()
            .flat_map(|group| &group.rows)
            .map(|row| row.project.clone())
            .collect();
        let rights = self
            .review_access_in(projects, |project| {
                [
                    AccessRight::import_streams(project),
                    AccessRight::update_streams(project),
                ]
            })
            .await;
        for row in view.groups.iter_mut().flat_map(|group| &mut group.rows) {
            [row.may_import, row.may_edit] = rights.get(&row.project).copied().unwrap_or_default();
        }
    }
}

impl ImportsView {
    fn new(query: ImportsQuery, visible: &VisibleStreams, now: DateTime<Utc>) -> Self {
        let candidates = Candidates::new(visible, &query, now);
        let matching = candidates.matching(&query);
        let mut per_host = vec![0; candidates.hosts.len()];
        for candidate in &matching {
            per_host[candidate.host] += 1;
        }
        let (shown, paging) = Paging::paginate(matching, query.page, IMPORTS_PER_PAGE);
        let mut groups: Vec<HostGroup> = Vec::new();
        for candidate in shown {
            let host = &candidates.hosts[candidate.host].host;
            let row = ImportRow::new(candidate.import, candidate.stream, candidate.state);
            match groups.last_mut().filter(|group| group.host == *host) {
                Some(group) => group.rows.push(row),
                None => groups.push(HostGroup {
                    host: host.clone(),
                    matching: per_host[candidate.host],
                    rows: vec![row],
                }),
            }
        }
        let counts = candidates.counts(&query);
        let mut projects: Vec<ProjectName> = candidates.projects.into_iter().cloned().collect();
        projects.sort_by(|a, b| version_order::compare(a.as_str(), b.as_str()));
        let mut hosts = candidates.hosts;
        hosts.sort_by(compare_hosts);
        Self {
            counts,
            hosts,
            groups,
            paging,
            visible: candidates.visible,
            projects,
            missing: visible.missing.clone(),
            unreadable: visible.malformed_count,
            page_revision: visible.page_revision.clone(),
            stale: visible.stale,
            query,
        }
    }

    /// The registries of the overview: the one of the query, otherwise the first ones.
    #[must_use]
    pub fn hosts_shown(&self) -> &[HostHealth] {
        &self.hosts[..self.hosts.len().min(MAX_HOSTS_SHOWN)]
    }

    /// How many registries the overview does not show.
    #[must_use]
    pub fn hidden_host_count(&self) -> usize {
        self.hosts.len() - self.hosts_shown().len()
    }

    /// The imports of this page that the user may repeat.
    #[must_use]
    pub fn importable(&self) -> Vec<ImportTarget> {
        let rows = self.groups.iter().flat_map(|group| &group.rows);
        rows.filter(|row| row.may_import)
            .map(ImportRow::target)
            .collect()
    }
}

/// The registry with the most failing imports first, then by name.
fn compare_hosts(a: &HostHealth, b: &HostHealth) -> std::cmp::Ordering {
    b.counts
        .failing
        .cmp(&a.counts.failing)
        .then_with(|| version_order::compare(&a.host, &b.host))
}

fn matches_words(words: &[String], import: &IndexedImport, stream: &IndexedStream) -> bool {
    if words.is_empty() {
        return true;
    }
    let tag = tag_of(import, stream);
    let tag = tag.as_ref().map_or("", |tag| tag.name().as_str());
    let text = format!("{}/{}:{tag} {}", stream.project, stream.name, import.from).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}
