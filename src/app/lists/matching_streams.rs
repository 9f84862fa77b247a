//! Which image streams match a list's query, project by project, and a page of them. What is not on
//! the page costs next to nothing.

use std::ops::Range;

use memchr::memmem::Finder;

use super::paging::{Paging, SortOrder, TopEntries};
use crate::app::lists::stream_list::{StreamCounts, StreamListQuery, StreamListSort, StreamState};
use crate::index::{IndexedProject, Snapshot, StreamEntry};

/// The image streams that match, in natural order.
pub(in crate::app) struct MatchingStreams<'a> {
    projects: Vec<ProjectMatches<'a>>,
    /// The positions of the matching streams, project after project: in one vector, as there may be
    /// hundreds of projects.
    stream_positions: Vec<usize>,
}

/// The matches of one project; at least one.
struct ProjectMatches<'a> {
    project: &'a IndexedProject,
    /// Their range in [`MatchingStreams::stream_positions`]. `None`: all image streams of the
    /// project.
    range: Option<Range<usize>>,
}

/// A position in the list: the sort key, then the natural order by project and by image stream.
type ListPosition = (i64, usize, usize);

impl<'a> MatchingStreams<'a> {
    /// The image streams that a list shows for `query`, in any state.
    pub(in crate::app) fn from_query(streams: &'a Snapshot, query: &StreamListQuery) -> Self {
        let mut matching = Self::with_text(streams, &query.text);
        let wanted = query.project_text.to_lowercase();
        if !wanted.is_empty() {
            let is_exact = streams
                .projects()
                .iter()
                .any(|project| project.name.as_str() == wanted);
            matching.projects.retain(|part| {
                let name = part.project.name.as_str();
                if is_exact {
                    name == wanted
                } else {
                    name.contains(&wanted)
                }
            });
        }
        matching
    }

    /// How many there are in each state.
    pub(in crate::app) fn counts(&self) -> StreamCounts {
        let mut counts = StreamCounts::default();
        for part in &self.projects {
            for (_, entry) in part.entries(&self.stream_positions) {
                let count = |state: StreamState| usize::from(state.includes(entry));
                counts.all += 1;
                counts.failing += count(StreamState::Failing);
                counts.importing += count(StreamState::Importing);
                counts.empty += count(StreamState::Empty);
            }
        }
        counts
    }

    /// Keeps only the image streams in this state.
    pub(in crate::app) fn retain_state(&mut self, state: StreamState) {
        self.projects
            .retain(|part| state != StreamState::Failing || part.project.failing_tag_count > 0);
        self.retain(|entry| state.includes(entry));
    }

    /// Keeps only the image streams for which `is_kept`.
    pub(in crate::app) fn retain(&mut self, is_kept: impl Fn(&StreamEntry) -> bool) {
        let mut streams = Vec::new();
        let parts = std::mem::take(&mut self.projects);
        self.projects = parts
            .into_iter()
            .filter_map(|part| {
                let start = streams.len();
                streams.extend(
                    part.entries(&self.stream_positions)
                        .filter(|(_, entry)| is_kept(entry))
                        .map(|(at, _)| at),
                );
                (start < streams.len()).then_some(ProjectMatches {
                    project: part.project,
                    range: Some(start..streams.len()),
                })
            })
            .collect();
        self.stream_positions = streams;
    }

    /// The image streams whose `project/name` or tags contain every word of `text`.
    fn with_text(streams: &'a Snapshot, text: &str) -> Self {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let words: Vec<Finder<'_>> = words
            .iter()
            .map(|word| Finder::new(word.as_bytes()))
            .collect();
        let mut matching = Self {
            projects: Vec::with_capacity(streams.projects().len()),
            stream_positions: Vec::new(),
        };
        let (mut marks, mut more) = (Vec::new(), Vec::new());
        for project in streams.projects() {
            let Some((first, others)) = words.split_first() else {
                matching.projects.push(ProjectMatches {
                    project,
                    range: None,
                });
                continue;
            };
            project
                .name_index()
                .mark_streams_mentioning(first, &mut marks);
            for word in others {
                project
                    .name_index()
                    .mark_streams_mentioning(word, &mut more);
                marks
                    .iter_mut()
                    .zip(&more)
                    .for_each(|(mark, more)| *mark &= *more);
            }
            let start = matching.stream_positions.len();
            matching.stream_positions.extend(
                marks
                    .iter()
                    .enumerate()
                    .filter(|(_, mark)| **mark)
                    .map(|(at, _)| at),
            );
            let some = start..matching.stream_positions.len();
            if !some.is_empty() {
                matching.projects.push(ProjectMatches {
                    project,
                    range: Some(some),
                });
            }
        }
        matching
    }

    /// A page of the matches. Those with equal keys stay in natural order.
    pub(in crate::app) fn page(&self, query: &StreamListQuery) -> (Vec<&'a StreamEntry>, Paging) {
        match query.sort {
            StreamListSort::Name => self.page_by_name(query),
            StreamListSort::Pushed => self.page_by_key(
                query,
                StreamEntry::last_push_micros,
                IndexedProject::last_push_micros,
            ),
            StreamListSort::Tags => self.page_by_key(
                query,
                |entry| saturating_i64(entry.tag_count),
                |project| saturating_i64(project.most_tags()),
            ),
        }
    }

    fn page_by_name(&self, query: &StreamListQuery) -> (Vec<&'a StreamEntry>, Paging) {
        let paging = Paging::new(
            self.projects.iter().map(ProjectMatches::count).sum(),
            query.page,
            query.page_size.entries(),
        );
        let mut before = paging.first().saturating_sub(1);
        let mut shown = Vec::with_capacity(paging.per_page.min(paging.total));
        for at in 0..self.projects.len() {
            let part = &self.projects[if query.order == SortOrder::Ascending {
                at
            } else {
                self.projects.len() - 1 - at
            }];
            if before >= part.count() {
                before -= part.count();
                continue;
            }
            let remaining = paging.per_page - shown.len();
            match query.order {
                SortOrder::Ascending => shown.extend(
                    part.entries(&self.stream_positions)
                        .skip(before)
                        .map(|(_, entry)| entry)
                        .take(remaining),
                ),
                SortOrder::Descending => shown.extend(
                    part.entries(&self.stream_positions)
                        .rev()
                        .skip(before)
                        .map(|(_, entry)| entry)
                        .take(remaining),
                ),
            }
            before = 0;
            if shown.len() == paging.per_page {
                break;
            }
        }
        (shown, paging)
    }

    /// A page sorted by `key` of the image streams, of which no image stream of a project has more
    /// than `most`.
    fn page_by_key(
        &self,
        query: &StreamListQuery,
        key: fn(&StreamEntry) -> i64,
        most: fn(&IndexedProject) -> i64,
    ) -> (Vec<&'a StreamEntry>, Paging) {
        let mut top: TopEntries<ListPosition, &StreamEntry> =
            TopEntries::new(query.page, query.page_size.entries());
        for (at, part) in self.projects.iter().enumerate() {
            // For most projects, no image stream has to be examined.
            if query.order == SortOrder::Descending
                && top.is_past_page(&(!most(part.project), at, 0))
            {
                top.count_skipped(part.count());
                continue;
            }
            for (stream, entry) in part.entries(&self.stream_positions) {
                let key = if query.order == SortOrder::Ascending {
                    key(entry)
                } else {
                    !key(entry)
                };
                top.push((key, at, stream), entry);
            }
        }
        top.into_page()
    }
}

impl<'a> ProjectMatches<'a> {
    fn count(&self) -> usize {
        self.range
            .as_ref()
            .map_or(self.project.streams.len(), Range::len)
    }

    /// The matching image streams of the project, each with its number in the project. `streams`
    /// are those of all projects.
    fn entries(
        &self,
        streams: &[usize],
    ) -> impl DoubleEndedIterator<Item = (usize, &'a StreamEntry)> {
        let streams = self.range.clone().map(|some| &streams[some]);
        (0..self.count())
            .map(move |at| streams.map_or(at, |streams| streams[at]))
            .map(|at| (at, &self.project.streams[at]))
    }
}

fn saturating_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use registry_model::{ImageStream, Tag, TagEvent};

    fn stream((project, name, tags): (u8, u8, Vec<(u8, i64)>)) -> ImageStream {
        const NAMES: [&str; 6] = ["api", "api-next", "web", "stream-7", "stream-17", "a.b"];
        const TAGS: [&str; 5] = ["latest", "1.0", "1.0-RC1", "V2", "next"];
        let tag = move |(name, when): (u8, i64)| Tag {
            history: vec![TagEvent {
                // The projects that come first in order are the newest: once a page is full, the
                // others are not examined.
                created: chrono::DateTime::from_timestamp(when + 100 * i64::from(project), 0),
                image: None,
                pull_spec: String::new(),
                generation: None,
            }],
            ..Tag::new_pushed(TAGS[usize::from(name) % TAGS.len()].parse().unwrap())
        };
        let tags: BTreeMap<u8, i64> = tags
            .into_iter()
            .map(|(name, when)| (name % 5, when))
            .collect();
        ImageStream {
            tags: tags.into_iter().map(tag).collect(),
            ..ImageStream::new(
                ["team-a", "team-b", "p10", "p9"][usize::from(project) % 4]
                    .parse()
                    .unwrap(),
                NAMES
                    .get(usize::from(name))
                    .map_or_else(|| format!("stream-{name}"), ToString::to_string)
                    .parse()
                    .unwrap(),
            )
        }
    }

    fn mentions(entry: &StreamEntry, word: &str) -> bool {
        let name = format!("{}/{}", entry.stream.project, entry.stream.name);
        name.contains(word)
            || entry
                .stream
                .tags()
                .any(|tag| tag.name().as_str().to_lowercase().contains(word))
    }

    proptest! {
        /// Equal to examining every image stream and sorting all of them, on the first page and on
        /// others.
        #[test]
        fn page_equals_brute_force_filtering(
            streams in proptest::collection::vec((0..4_u8, 0..60_u8, proptest::collection::vec((0..5_u8, 0..40_i64), 0..4)), 0..240),
            words in proptest::collection::vec(prop::sample::select(vec!["a", "api", "7", "team-a/", "a/w", "rc1", "v2", "latest", "zz", "p1", "-"]), 0..3),
            sort in prop::sample::select(vec![StreamListSort::Name, StreamListSort::Pushed, StreamListSort::Tags]),
            order in prop::sample::select(vec![SortOrder::Ascending, SortOrder::Descending]),
            page in 1_usize..4,
        ) {
            let snapshot = Snapshot::from_streams(streams.into_iter().map(stream).collect());
            let query = StreamListQuery { text: words.join(" "), sort, order, page, ..StreamListQuery::all(None) };
            let mut all: Vec<&StreamEntry> = snapshot.streams().filter(|entry| words.iter().all(|word| mentions(entry, word))).collect();
            match (sort, order) {
                (StreamListSort::Name, SortOrder::Ascending) => {}
                (StreamListSort::Name, SortOrder::Descending) => all.reverse(),
                (StreamListSort::Pushed, SortOrder::Ascending) => all.sort_by_key(|entry| entry.last_push()),
                (StreamListSort::Pushed, SortOrder::Descending) => all.sort_by_key(|entry| Reverse(entry.last_push())),
                (StreamListSort::Tags, SortOrder::Ascending) => all.sort_by_key(|entry| entry.tag_count),
                (StreamListSort::Tags, SortOrder::Descending) => all.sort_by_key(|entry| Reverse(entry.tag_count)),
            }
            let names = |(entries, paging): (Vec<&StreamEntry>, Paging)| {
                (entries.into_iter().map(|entry| format!("{}/{}", entry.stream.project, entry.stream.name)).collect::<Vec<_>>(), paging)
            };
            prop_assert_eq!(names(MatchingStreams::with_text(&snapshot, &query.text).page(&query)), names(Paging::paginate(all, page, query.page_size.entries())));
        }
    }
}
