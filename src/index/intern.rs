//! Names that occur often are kept once.

use std::collections::HashSet;
use std::sync::Arc;

use crate::model::{ProjectName, TagName};

/// The names in use. Ten thousand streams have the tag `latest`, all in one place.
#[derive(Debug, Default)]
pub(super) struct Interner {
    projects: HashSet<ProjectName>,
    tags: HashSet<TagName>,
    labels: HashSet<Arc<str>>,
}

impl Interner {
    pub(super) fn project(&mut self, name: ProjectName) -> ProjectName {
        one(&mut self.projects, name)
    }

    pub(super) fn tag(&mut self, name: TagName) -> TagName {
        one(&mut self.tags, name)
    }

    pub(super) fn label(&mut self, text: &str) -> Arc<str> {
        match self.labels.get(text) {
            Some(known) => Arc::clone(known),
            None => one(&mut self.labels, text.into()),
        }
    }

    /// How many names there are, in use or not.
    pub(super) fn len(&self) -> usize {
        self.projects.len() + self.tags.len() + self.labels.len()
    }
}

fn one<T: Clone + Eq + std::hash::Hash>(known: &mut HashSet<T>, name: T) -> T {
    if let Some(known) = known.get(&name) {
        return known.clone();
    }
    known.insert(name.clone());
    name
}
