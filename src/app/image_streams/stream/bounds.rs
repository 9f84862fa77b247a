//! What is kept of an image stream for a page (S37).

use super::{StreamView, TagRow};
use crate::app::bounds::TextBudget;
use crate::app::lists::paging::Paging;
use crate::app::section::Section;
use registry_model::{InternalRepository, KeptTexts, TagSource};

/// How many items of history are kept of all tags of a page together, and of one tag at the least
/// and at the most. The others are on the pages of the tag's own history.
const MOST_HISTORY: usize = 600;
const LEAST_HISTORY: usize = 10;
const HISTORY_PER_PAGE: usize = 50;
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
        let mut annotations = KeptTexts {
            items: std::mem::take(&mut self.annotations),
            ..KeptTexts::default()
        };
        TextBudget::new(ANNOTATIONS).pairs(&mut annotations, MOST_ANNOTATIONS);
        (self.annotations, self.more_annotations) = (annotations.items, annotations.more);
        let mut repositories = TextBudget::new(REPOSITORIES);
        if let InternalRepository::Named(name) = &mut self.internal_repository {
            repositories.fit(name);
        }
        repositories.fit_each([&mut self.public_repository, &mut self.follows]);
        if let (Some(_), [tag]) = (&self.query.history, self.tags.as_mut_slice()) {
            self.history_paging = Some(tag.keep_page_of_history(self.query.page));
        }
        TextBudget::new(FAILURES).fit_each([&mut self.repository_failure]);
        bound_tags(&mut self.tags);
        self
    }
}

impl TagRow {
    /// Keeps this page of the history; a page past the end is the last one.
    fn keep_page_of_history(&mut self, page: usize) -> Paging {
        let (shown, paging) =
            Paging::cut(std::mem::take(&mut self.history), page, HISTORY_PER_PAGE);
        self.newer_history = (paging.page - 1) * HISTORY_PER_PAGE;
        self.more_history = paging.total - self.newer_history - shown.len();
        self.history = shown;
        paging
    }
}

/// Cuts the history and the texts of `tags` to what a page can show.
pub(in crate::app) fn bound_tags(tags: &mut [TagRow]) {
    let each = (MOST_HISTORY / tags.len().max(1)).clamp(LEAST_HISTORY, HISTORY_PER_PAGE);
    let (mut history, mut sources, mut failures) = (
        TextBudget::new(HISTORY_TEXTS),
        TextBudget::new(SOURCES),
        TextBudget::new(FAILURES),
    );
    let mut platforms = TextBudget::new(PLATFORMS);
    for tag in tags {
        tag.more_history += tag.history.len().saturating_sub(each);
        tag.history.truncate(each);
        tag.history.shrink_to_fit();
        for item in &mut tag.history {
            history.fit(&mut item.pull_spec);
        }
        if let Some(
            TagSource::External(name)
            | TagSource::StreamTag(name)
            | TagSource::StreamImage(name)
            | TagSource::Unknown(name),
        ) = &mut tag.source
        {
            sources.fit(name);
        }
        if let Some(failure) = &mut tag.import_failure {
            failures.fit(&mut failure.reason);
            failures.fit(&mut failure.message);
        }
        if let Some(image) = tag.image.as_mut().and_then(Section::ready_mut) {
            for name in image
                .architectures
                .iter_mut()
                .chain(image.platforms.iter_mut().map(|row| &mut row.platform))
            {
                platforms.fit(name);
            }
        }
    }
}
