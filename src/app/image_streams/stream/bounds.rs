//! How much of an image stream a page shows (S37).

use super::{StreamView, TagRow};
use crate::app::bounds::TextBudget;
use crate::app::lists::paging::{Paging, RowLimit};
use crate::app::section::Section;
use registry_model::{InternalRepository, TagSource, TruncatedMap};

/// How many history rows are kept for all tags of a page together, and for one tag at least and at
/// most. The others are on the pages of the tag's own history.
const MAX_HISTORY_ROWS: usize = 600;
const MIN_HISTORY_ROWS_PER_TAG: usize = 10;
const HISTORY_PER_PAGE: usize = 50;
/// The bytes of the texts in history rows and tag sources.
const MAX_HISTORY_BYTES: usize = 96 << 10;
const MAX_SOURCE_BYTES: usize = 64 << 10;
/// The bytes of the messages of failed imports.
const MAX_FAILURE_BYTES: usize = 128 << 10;
/// The bytes of the names of platforms.
const MAX_PLATFORM_BYTES: usize = 64 << 10;
/// The bytes and the number of annotations.
const MAX_ANNOTATION_BYTES: usize = 64 << 10;
const MAX_ANNOTATIONS: usize = 500;
/// The bytes of the names of its repositories.
const MAX_REPOSITORY_BYTES: usize = 16 << 10;

impl StreamView {
    /// The image stream, cut to what a page can show.
    pub(super) fn bounded(mut self) -> Self {
        let mut annotations = TruncatedMap {
            items: std::mem::take(&mut self.annotations),
            ..TruncatedMap::default()
        };
        TextBudget::new(MAX_ANNOTATION_BYTES).truncate_pairs(&mut annotations, MAX_ANNOTATIONS);
        (self.annotations, self.more_annotations) = (annotations.items, annotations.more);
        let mut repositories = TextBudget::new(MAX_REPOSITORY_BYTES);
        if let InternalRepository::Named(name) = &mut self.internal_repository {
            repositories.truncate(name);
        }
        repositories.truncate_each([&mut self.public_repository, &mut self.follows]);
        if let (Some(_), [tag]) = (&self.query.history, self.tags.as_mut_slice()) {
            self.history_paging = Some(tag.retain_history_page(self.query.page));
        }
        TextBudget::new(MAX_FAILURE_BYTES).truncate_each([&mut self.repository_failure]);
        bound_tags(&mut self.tags, RowLimit::of_page(self.query.page));
        self
    }
}

impl TagRow {
    /// Keeps this page of the history. A page past the end is the last one.
    fn retain_history_page(&mut self, page: usize) -> Paging {
        let (shown, paging) =
            Paging::paginate(std::mem::take(&mut self.history), page, HISTORY_PER_PAGE);
        self.newer_history = (paging.page - 1) * HISTORY_PER_PAGE;
        self.more_history = paging.total - self.newer_history - shown.len();
        self.history = shown;
        paging
    }
}

/// Cuts the history and the texts of `tags` to what a page can show.
pub(in crate::app) fn bound_tags(tags: &mut [TagRow], limit: RowLimit) {
    let each =
        (MAX_HISTORY_ROWS / tags.len().max(1)).clamp(MIN_HISTORY_ROWS_PER_TAG, HISTORY_PER_PAGE);
    let (mut history, mut sources, mut failures) = (
        TextBudget::new(MAX_HISTORY_BYTES),
        TextBudget::new(limit.bytes(MAX_SOURCE_BYTES)),
        TextBudget::new(limit.bytes(MAX_FAILURE_BYTES)),
    );
    let mut platforms = TextBudget::new(MAX_PLATFORM_BYTES);
    for tag in tags {
        tag.more_history += tag.history.len().saturating_sub(each);
        tag.history.truncate(each);
        tag.history.shrink_to_fit();
        for item in &mut tag.history {
            history.truncate(&mut item.pull_spec);
        }
        if let Some(
            TagSource::External(name)
            | TagSource::StreamTag(name)
            | TagSource::StreamImage(name)
            | TagSource::Unknown(name),
        ) = &mut tag.source
        {
            sources.truncate(name);
        }
        if let Some(failure) = &mut tag.import_failure {
            failures.truncate(&mut failure.reason);
            failures.truncate(&mut failure.message);
        }
        if let Some(image) = tag.image.as_mut().and_then(Section::ready_mut) {
            for name in image
                .architectures
                .iter_mut()
                .chain(image.platforms.iter_mut().map(|row| &mut row.platform))
            {
                platforms.truncate(name);
            }
        }
    }
}
