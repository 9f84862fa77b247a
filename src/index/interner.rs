//! Shares the memory of names that occur often.

use std::collections::HashSet;
use std::sync::Arc;

use registry_model::{ProjectName, TagName};

/// The names in use. Ten thousand image streams have the tag `latest` and share one allocation.
#[derive(Debug, Default)]
pub(super) struct Interner {
    projects: HashSet<ProjectName>,
    tags: HashSet<TagName>,
    labels: HashSet<Arc<str>>,
    bytes: usize,
}

/// The memory that a name takes besides its text: an entry in the set, and its reference counts.
const NAME_OVERHEAD_BYTES: usize = 64;

impl Interner {
    pub(super) fn intern_project(&mut self, name: ProjectName) -> ProjectName {
        let length = name.as_str().len();
        intern(&mut self.projects, &mut self.bytes, name, length)
    }

    pub(super) fn intern_tag(&mut self, name: TagName) -> TagName {
        let length = name.as_str().len();
        intern(&mut self.tags, &mut self.bytes, name, length)
    }

    pub(super) fn intern_label(&mut self, text: &str) -> Arc<str> {
        match self.labels.get(text) {
            Some(known) => Arc::clone(known),
            None => intern(&mut self.labels, &mut self.bytes, text.into(), text.len()),
        }
    }

    /// The approximate memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many names there are, used or not.
    pub(super) fn len(&self) -> usize {
        self.projects.len() + self.tags.len() + self.labels.len()
    }
}

fn intern<T: Clone + Eq + std::hash::Hash>(
    known: &mut HashSet<T>,
    bytes: &mut usize,
    name: T,
    length: usize,
) -> T {
    if let Some(known) = known.get(&name) {
        return known.clone();
    }
    *bytes += length + NAME_OVERHEAD_BYTES;
    known.insert(name.clone());
    name
}
