//! What a word is like among the streams of one project.

use std::collections::BTreeMap;

use super::likeness::Word;
use crate::index::Project;

/// How well one word fits what is in a project.
pub(super) struct Look {
    /// The name of the project itself.
    project: Option<u32>,
    /// The names of its streams, one after the other; none where it fits none of them.
    streams: Vec<Option<u32>>,
    /// Which streams' names it fits; none where it fits none of them.
    pub(super) named: Vec<bool>,
    /// Names of tags, by their number among the project's words.
    pub(super) tags: BTreeMap<usize, u32>,
}

impl Look {
    /// Nothing where it fits nothing.
    pub(super) fn at(project: &Project, word: &Word) -> Option<Self> {
        let known = project.words();
        let mut look = Self { project: word.rank(project.name.as_str()), streams: Vec::new(), named: Vec::new(), tags: BTreeMap::new() };
        let size = project.streams.len();
        known.streams_with(word.finder()).for_each(|(stream, name)| look.take_stream(stream, word.rank(name), size));
        known.tags_with(word.finder()).for_each(|(tag, name)| look.take_tag(tag, word.rank(name)));
        if let Some((shape, wrong)) = word.forgives() {
            known.streams_like(shape, wrong).for_each(|(stream, part)| look.take_stream(stream, word.rank_of_slip(part), size));
            known.tags_like(shape, wrong).for_each(|(tag, part)| look.take_tag(tag, word.rank_of_slip(part)));
        }
        (look.project.is_some() || !look.named.is_empty() || !look.tags.is_empty()).then_some(look)
    }

    fn take_stream(&mut self, stream: usize, rank: Option<u32>, size: usize) {
        let Some(rank) = rank else { return };
        self.streams.resize(size, None);
        self.named.resize(size, false);
        let best = self.streams[stream].map_or(rank, |before| before.min(rank));
        (self.streams[stream], self.named[stream]) = (Some(best), true);
    }

    fn take_tag(&mut self, tag: usize, rank: Option<u32>) {
        if let Some(rank) = rank {
            self.tags.entry(tag).and_modify(|before| *before = rank.min(*before)).or_insert(rank);
        }
    }

    /// How well it fits the name of the stream or of its project.
    pub(super) fn around(&self, stream: usize) -> Option<u32> {
        self.streams.get(stream).copied().flatten().into_iter().chain(self.project).min()
    }
}
