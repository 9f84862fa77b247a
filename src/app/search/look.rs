//! What a word is like among the streams of one project.

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
    /// Names of tags, by their number among the project's words, each once and in order.
    tags: Vec<(usize, u32)>,
}

impl Look {
    /// Nothing where it fits nothing.
    pub(super) fn at(project: &Project, word: &Word) -> Option<Self> {
        let known = project.words();
        let mut look = Self {
            project: word.rank(project.name.as_str()),
            streams: Vec::new(),
            named: Vec::new(),
            tags: Vec::new(),
        };
        let size = project.streams.len();
        known
            .streams_with(word.finder())
            .for_each(|(stream, name)| look.take_stream(stream, word.rank(name), size));
        look.tags.extend(
            known
                .tags_with(word.finder())
                .filter_map(|(tag, name)| Some((tag, word.rank(name)?))),
        );
        if let Some((shape, wrong)) = word.forgives() {
            known
                .streams_like(shape, wrong)
                .for_each(|(stream, part)| look.take_stream(stream, word.rank_of_slip(part), size));
            look.tags.extend(
                known
                    .tags_like(shape, wrong)
                    .filter_map(|(tag, part)| Some((tag, word.rank_of_slip(part)?))),
            );
            // Of a name that fits in several ways the best stays.
            look.tags.sort_unstable();
            look.tags.dedup_by_key(|(tag, _)| *tag);
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

    /// The names of tags that it fits, in order.
    pub(super) fn tags(&self) -> impl Iterator<Item = usize> {
        self.tags.iter().map(|(tag, _)| *tag)
    }

    /// How well it fits the name of a tag.
    fn tag(&self, tag: usize) -> Option<u32> {
        self.tags
            .binary_search_by_key(&tag, |(tag, _)| *tag)
            .ok()
            .map(|at| self.tags[at].1)
    }

    /// How well it fits the name of a tag, or what is around every stream that has it.
    pub(super) fn tag_anywhere(&self, tag: usize) -> Option<u32> {
        self.tag(tag).into_iter().chain(self.project).min()
    }

    /// How well it fits the name of a tag, or of the stream that has it, or of their project.
    pub(super) fn tag_in(&self, tag: usize, stream: usize) -> Option<u32> {
        self.tag(tag).into_iter().chain(self.around(stream)).min()
    }

    /// How well it fits the name of the stream or of its project.
    pub(super) fn around(&self, stream: usize) -> Option<u32> {
        self.streams
            .get(stream)
            .copied()
            .flatten()
            .into_iter()
            .chain(self.project)
            .min()
    }
}
