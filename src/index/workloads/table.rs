//! The workloads of one kind: the latest snapshot, and how changes are applied to it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::record::{IndexedWorkload, SharedPartsSet};
use crate::openshift::{
    ListedObject as _, MalformedObject, WatchEventKind, WorkloadItem, WorkloadList,
};
use registry_model::{ObjectName, ProjectName, WorkloadKind};

/// All workloads of a kind. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct KindSnapshot {
    projects: Arc<HashMap<ProjectName, Arc<ProjectObjects>>>,
    /// How many malformed objects name no project.
    unplaced: usize,
}

/// The workloads of a kind in a project.
#[derive(Clone, Debug, Default)]
pub struct ProjectObjects {
    /// By name.
    workloads: Vec<Arc<IndexedWorkload>>,
    /// The names of objects that are malformed. Untrusted.
    malformed: BTreeSet<Box<str>>,
}

/// The latest snapshot of a kind, and what its workloads share.
#[derive(Debug)]
pub(super) struct KindTable {
    kind: WorkloadKind,
    pub(super) snapshot: KindSnapshot,
    shared: SharedPartsSet,
    /// The memory of the workloads without what they share.
    bytes: usize,
    len: usize,
}

/// A list that is being read. It replaces the content of the table once it is complete.
#[derive(Debug)]
pub(super) struct PendingWorkloads {
    projects: HashMap<ProjectName, ProjectObjects>,
    unplaced: usize,
    shared: SharedPartsSet,
    bytes: usize,
    len: usize,
    max_bytes: usize,
}

impl KindSnapshot {
    /// The workloads of a project. `None`: it has none.
    #[must_use]
    pub fn project(&self, project: &ProjectName) -> Option<&Arc<ProjectObjects>> {
        self.projects.get(project)
    }

    /// The projects that have workloads of the kind, in no order.
    pub fn projects(&self) -> impl Iterator<Item = &ProjectName> {
        self.projects.keys()
    }

    /// The workloads of a project, or of all projects, as a list of the API server.
    #[must_use]
    pub fn to_list(&self, kind: WorkloadKind, project: Option<&ProjectName>) -> WorkloadList {
        let projects = self.projects.iter();
        let projects = projects.filter(|(name, _)| project.is_none_or(|wanted| wanted == *name));
        let mut list = WorkloadList {
            workloads: Vec::new(),
            unreadable_count: self.unplaced,
        };
        for (name, objects) in projects {
            let workloads = objects.workloads.iter();
            list.workloads
                .extend(workloads.map(|workload| workload.to_model(name, kind)));
            list.unreadable_count += objects.malformed_count();
        }
        list
    }

    /// How many malformed objects there are of which the project is not known.
    #[must_use]
    pub fn unplaced_count(&self) -> usize {
        self.unplaced
    }
}

impl ProjectObjects {
    /// By name.
    #[must_use]
    pub fn workloads(&self) -> &[Arc<IndexedWorkload>] {
        &self.workloads
    }

    #[must_use]
    pub fn malformed_count(&self) -> usize {
        self.malformed.len()
    }

    fn is_empty(&self) -> bool {
        self.workloads.is_empty() && self.malformed.is_empty()
    }

    fn position(&self, name: &ObjectName) -> Result<usize, usize> {
        self.workloads
            .binary_search_by(|known| known.name.cmp(name))
    }

    fn is_same_as(&self, other: &Self) -> bool {
        let pairs = || self.workloads.iter().zip(&other.workloads);
        self.workloads.len() == other.workloads.len()
            && self.malformed == other.malformed
            && pairs().all(|(one, other)| one.is_same_as(other))
    }

    fn memory_bytes(&self) -> usize {
        let workloads = self.workloads.iter();
        let workloads: usize = workloads.map(|workload| workload.memory_bytes()).sum();
        let malformed: usize = self.malformed.iter().map(|name| name.len() + 32).sum();
        workloads + malformed
    }
}

impl PendingWorkloads {
    pub(super) fn push(&mut self, item: WorkloadItem) {
        if self.is_too_large() {
            self.projects.clear();
            return;
        }
        let revision = revision(&item);
        match item {
            WorkloadItem::Workload(workload, _) => {
                let project = workload.project.clone();
                let record = IndexedWorkload::from_model(*workload, revision, &mut self.shared);
                self.bytes += record.memory_bytes();
                self.len += 1;
                let objects = self.projects.entry(project).or_default();
                objects.workloads.push(Arc::new(record));
            }
            WorkloadItem::Malformed(MalformedObject { project, name, .. }) => match project {
                Some(project) => {
                    self.bytes += name.len() + 32;
                    let objects = self.projects.entry(project).or_default();
                    objects.malformed.insert(name.into());
                }
                None => self.unplaced += 1,
            },
        }
    }

    /// Whether the list exceeded the memory limit.
    pub(super) fn is_too_large(&self) -> bool {
        self.bytes + self.shared.bytes() > self.max_bytes
    }
}

impl KindTable {
    pub(super) fn new(kind: WorkloadKind) -> Self {
        Self {
            kind,
            snapshot: KindSnapshot::default(),
            shared: SharedPartsSet::default(),
            bytes: 0,
            len: 0,
        }
    }

    /// A list that may take about so many bytes of memory.
    pub(super) fn begin_list(&self, max_bytes: usize) -> PendingWorkloads {
        PendingWorkloads {
            projects: HashMap::new(),
            unplaced: 0,
            shared: self.shared.clone(),
            bytes: 0,
            len: 0,
            max_bytes,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The approximate memory in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.bytes + self.shared.bytes()
    }

    /// Replaces the whole content by a list. Projects that are as before stay the same values.
    pub(super) fn replace_all(&mut self, listing: PendingWorkloads) {
        let before = std::mem::take(&mut self.snapshot);
        let projects = listing.projects.into_iter().map(|(name, mut objects)| {
            objects.workloads.sort_by(|a, b| a.name.cmp(&b.name));
            // An API server may repeat the last object of a chunk; the later one is newer.
            objects.workloads.reverse();
            objects.workloads.dedup_by(|a, b| a.name == b.name);
            objects.workloads.reverse();
            let same = before.project(&name);
            let same = same.filter(|known| known.is_same_as(&objects)).cloned();
            (name, same.unwrap_or_else(|| Arc::new(objects)))
        });
        self.snapshot = KindSnapshot {
            projects: Arc::new(projects.collect()),
            unplaced: listing.unplaced,
        };
        drop(before);
        self.shared = listing.shared;
        self.shared.drop_unused();
        (self.bytes, self.len) = (listing.bytes, listing.len);
    }

    /// Applies a batch of changes in order. Each affected project is copied once; a change of
    /// nothing that is stored affects none.
    pub(super) fn apply(&mut self, batch: Vec<(WatchEventKind, WorkloadItem)>) {
        let mut touched: HashMap<ProjectName, ProjectObjects> = HashMap::new();
        for (change, item) in batch {
            let is_gone = change == WatchEventKind::Deleted;
            let revision = revision(&item);
            match item {
                WorkloadItem::Workload(workload, _) => {
                    let (project, name) = (workload.project.clone(), workload.id.name.clone());
                    let record = (!is_gone).then(|| {
                        IndexedWorkload::from_model(*workload, revision, &mut self.shared)
                    });
                    self.apply_change(&mut touched, project, &name, revision, record);
                }
                WorkloadItem::Malformed(MalformedObject { project, name, .. }) => {
                    let Some(project) = project else {
                        self.snapshot.unplaced += usize::from(!is_gone);
                        continue;
                    };
                    if let Ok(valid) = name.parse() {
                        self.apply_change(&mut touched, project.clone(), &valid, revision, None);
                    }
                    if !is_gone {
                        let objects = self.touch(&mut touched, project);
                        objects.malformed.insert(name.into());
                    }
                }
            }
        }
        self.publish(touched);
        self.shared.drop_unused();
    }

    /// Stores `record` under its name, or removes what is stored there. A change that is older than
    /// the known state (a later chunk of a list may have contained it already) has no effect.
    fn apply_change(
        &self,
        touched: &mut HashMap<ProjectName, ProjectObjects>,
        project: ProjectName,
        name: &ObjectName,
        revision: u64,
        record: Option<IndexedWorkload>,
    ) {
        let current = touched
            .get(&project)
            .or_else(|| self.snapshot.project(&project).map(|objects| &**objects));
        let known = current.and_then(|objects| {
            let position = objects.position(name).ok()?;
            Some(&objects.workloads[position])
        });
        let is_malformed = current.is_some_and(|objects| objects.malformed.contains(name.as_str()));
        let has_effect = match (known, &record) {
            (Some(known), _) if known.revision > revision => return,
            (Some(known), Some(record)) => !known.is_same_as(record),
            (None, None) => false,
            _ => true,
        };
        if !has_effect && !is_malformed {
            return;
        }
        let objects = self.touch(touched, project);
        objects.malformed.remove(name.as_str());
        match (objects.position(name), record) {
            (Ok(at), Some(record)) => objects.workloads[at] = Arc::new(record),
            (Ok(at), None) => drop(objects.workloads.remove(at)),
            (Err(at), Some(record)) => objects.workloads.insert(at, Arc::new(record)),
            (Err(_), None) => {}
        }
    }

    /// The copy of a project to which changes are applied.
    fn touch<'t>(
        &self,
        touched: &'t mut HashMap<ProjectName, ProjectObjects>,
        project: ProjectName,
    ) -> &'t mut ProjectObjects {
        touched.entry(project).or_insert_with_key(|project| {
            let known = self.snapshot.project(project);
            known.map_or_else(ProjectObjects::default, |known| known.as_ref().clone())
        })
    }

    fn publish(&mut self, touched: HashMap<ProjectName, ProjectObjects>) {
        if touched.is_empty() {
            return;
        }
        let projects = Arc::make_mut(&mut self.snapshot.projects);
        for (project, objects) in touched {
            self.bytes += objects.memory_bytes();
            self.len += objects.workloads.len();
            let before = if objects.is_empty() {
                projects.remove(&project)
            } else {
                projects.insert(project, Arc::new(objects))
            };
            if let Some(before) = before {
                self.bytes = self.bytes.saturating_sub(before.memory_bytes());
                self.len -= before.workloads.len();
            }
        }
    }

    /// Discards the content.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.kind);
    }
}

/// The resource version, if it is a number; otherwise 0.
fn revision(item: &WorkloadItem) -> u64 {
    let version = item.resource_version();
    version
        .and_then(|version| version.parse().ok())
        .unwrap_or_default()
}
