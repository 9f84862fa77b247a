//! What is kept of an image stream for a page (S37).

use super::super::bounds::TextBudget;
use super::super::section::Section;
use super::{StreamView, TagRow};
use crate::model::{InternalRepository, KeptTexts, TagSource};

/// How many items of history are kept of all tags of a page together, and of one tag at the least.
const MOST_HISTORY: usize = 600;
const LEAST_HISTORY: usize = 10;
/// The bytes of the texts in them, and of where the tags come from.
const HISTORY_TEXTS: usize = 96 << 10;
const SOURCES: usize = 64 << 10;
/// The bytes of the reasons why imports failed.
const FAILURES: usize = 128 << 10;
/// The bytes of the names of platforms.
const PLATFORMS: usize = 64 << 10;
/// The bytes and the number of annotations.
const ANNOTATIONS: usize = 64 << 10;
const MOST_ANNOTATIONS: usize = 500;
/// The bytes of the names of its repositories.
const REPOSITORIES: usize = 16 << 10;

impl StreamView {
    /// The same with no more than a page can show.
    pub(super) fn bounded(mut self) -> Self {
        let mut annotations = KeptTexts { items: std::mem::take(&mut self.annotations), ..KeptTexts::default() };
        TextBudget::new(ANNOTATIONS).pairs(&mut annotations, MOST_ANNOTATIONS);
        (self.annotations, self.more_annotations) = (annotations.items, annotations.more);
        let mut repositories = TextBudget::new(REPOSITORIES);
        if let InternalRepository::Named(name) = &mut self.internal_repository {
            repositories.fit(name);
        }
        repositories.fit_each([&mut self.public_repository, &mut self.follows]);
        bound_tags(&mut self.tags);
        self
    }
}

/// Cuts the history and the texts of `tags` to what a page can show.
pub(in crate::console) fn bound_tags(tags: &mut [TagRow]) {
    let each = (MOST_HISTORY / tags.len().max(1)).max(LEAST_HISTORY);
    let (mut history, mut sources, mut failures) = (TextBudget::new(HISTORY_TEXTS), TextBudget::new(SOURCES), TextBudget::new(FAILURES));
    let mut platforms = TextBudget::new(PLATFORMS);
    for tag in tags {
        tag.more_history = tag.history.len().saturating_sub(each);
        tag.history.truncate(each);
        tag.history.shrink_to_fit();
        for item in &mut tag.history {
            history.fit(&mut item.pull_spec);
        }
        if let Some(TagSource::External(name) | TagSource::StreamTag(name) | TagSource::StreamImage(name) | TagSource::Unknown(name)) =
            &mut tag.source
        {
            sources.fit(name);
        }
        if let Some(failure) = &mut tag.import_failure {
            failures.fit(&mut failure.reason);
            failures.fit(&mut failure.message);
        }
        if let Some(image) = tag.image.as_mut().and_then(Section::ready_mut) {
            for name in image.architectures.iter_mut().chain(image.platforms.iter_mut().map(|row| &mut row.platform)) {
                platforms.fit(name);
            }
        }
    }
}
