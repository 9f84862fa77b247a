//! The matches of a word among the names of one project.

use crate::app::search::search_word::SearchWord;
use crate::index::IndexedProject;

/// The ranks of one word for the names in a project.
pub(super) struct WordMatches {
    /// The rank of the project's own name.
    project_rank: Option<u32>,
    /// The ranks of the image streams' names, in order; empty if the word matches none of them.
    stream_ranks: Vec<Option<u32>>,
    /// Whether each image stream's name matches; empty if the word matches none of them.
    pub(super) is_named: Vec<bool>,
    /// The ranks of tag names, by their number in the project's name index, sorted and without
    /// duplicates.
    tag_ranks: Vec<(usize, u32)>,
}

impl WordMatches {
    /// `None` if the word matches no name in the project.
    pub(super) fn in_project(project: &IndexedProject, word: &SearchWord) -> Option<Self> {
        let name_index = project.name_index();
        let mut matches = Self {
            project_rank: word.rank(project.name.as_str()),
            stream_ranks: Vec::new(),
            is_named: Vec::new(),
            tag_ranks: Vec::new(),
        };
        let size = project.streams.len();
        name_index
            .streams_containing(word.finder())
            .for_each(|(stream, name)| matches.add_stream(stream, word.rank(name), size));
        matches.tag_ranks.extend(
            name_index
                .tags_containing(word.finder())
                .filter_map(|(tag, name)| Some((tag, word.rank(name)?))),
        );
        if let Some((shape, wrong)) = word.typo_tolerance() {
            name_index
                .streams_resembling(shape, wrong)
                .for_each(|(stream, part)| matches.add_stream(stream, word.typo_rank(part), size));
            matches.tag_ranks.extend(
                name_index
                    .tags_resembling(shape, wrong)
                    .filter_map(|(tag, part)| Some((tag, word.typo_rank(part)?))),
            );
            // Of a name that matches in several ways, the best rank is kept.
            matches.tag_ranks.sort_unstable();
            matches.tag_ranks.dedup_by_key(|(tag, _)| *tag);
        }
        (matches.project_rank.is_some()
            || !matches.is_named.is_empty()
            || !matches.tag_ranks.is_empty())
        .then_some(matches)
    }

    fn add_stream(&mut self, stream: usize, rank: Option<u32>, size: usize) {
        let Some(rank) = rank else { return };
        self.stream_ranks.resize(size, None);
        self.is_named.resize(size, false);
        let best = self.stream_ranks[stream].map_or(rank, |before| before.min(rank));
        (self.stream_ranks[stream], self.is_named[stream]) = (Some(best), true);
    }

    /// The tag names that match, in order.
    pub(super) fn matching_tags(&self) -> impl Iterator<Item = usize> {
        self.tag_ranks.iter().map(|(tag, _)| *tag)
    }

    /// The rank of a tag's name.
    fn tag_rank(&self, tag: usize) -> Option<u32> {
        self.tag_ranks
            .binary_search_by_key(&tag, |(tag, _)| *tag)
            .ok()
            .map(|at| self.tag_ranks[at].1)
    }

    /// The rank of a tag's name, or of a name that all of its image streams share.
    pub(super) fn tag_rank_in_any_stream(&self, tag: usize) -> Option<u32> {
        self.tag_rank(tag)
            .into_iter()
            .chain(self.project_rank)
            .min()
    }

    /// The best rank of the names of a tag, of the image stream that has it, and of their project.
    pub(super) fn tag_rank_in_stream(&self, tag: usize, stream: usize) -> Option<u32> {
        self.tag_rank(tag)
            .into_iter()
            .chain(self.stream_rank(stream))
            .min()
    }

    /// The best rank of the names of an image stream and of its project.
    pub(super) fn stream_rank(&self, stream: usize) -> Option<u32> {
        self.stream_ranks
            .get(stream)
            .copied()
            .flatten()
            .into_iter()
            .chain(self.project_rank)
            .min()
    }
}
