//! Which image streams a list holds, project by project, and a page of them: what is not on the
//! page costs next to nothing.

use std::ops::Range;

use memchr::memmem::Finder;

use super::image_list::{ListQuery, ListSort, PER_PAGE, StreamState};
use super::paging::{Order, Paging, Top};
use crate::index::{Entry, Project, Snapshot};

/// The streams that a list holds, in natural order.
pub(in crate::app) struct Matching<'a> {
    parts: Vec<Part<'a>>,
    /// Which of their streams, part after part: in one piece, as there may be hundreds of parts.
    streams: Vec<usize>,
}

/// Those of one project; at least one.
struct Part<'a> {
    project: &'a Project,
    /// Where they stand among [`Matching::streams`]; all of the project without.
    some: Option<Range<usize>>,
}

/// A place in the list: what it is sorted by, then the natural order by project and by stream.
type Place = (i64, usize, usize);

impl<'a> Matching<'a> {
    /// The streams that mention every word of `text` somewhere in `project/name` or in the name of
    /// a tag, and are in the state.
    pub(in crate::app) fn of(
        streams: &'a Snapshot,
        text: &str,
        state: Option<StreamState>,
    ) -> Self {
        let mut matching = Self::of_text(streams, text);
        if let Some(state) = state {
            matching.retain(state);
        }
        matching
    }

    fn retain(&mut self, state: StreamState) {
        let mut streams = Vec::new();
        let parts = std::mem::take(&mut self.parts);
        self.parts = parts
            .into_iter()
            .filter(|part| match state {
                StreamState::Failing => part.project.failing > 0,
            })
            .filter_map(|part| {
                let start = streams.len();
                let is_in = |entry: &Entry| match state {
                    StreamState::Failing => entry.stream.failures.is_some(),
                };
                streams.extend(
                    part.entries(&self.streams)
                        .filter(|(_, entry)| is_in(entry))
                        .map(|(at, _)| at),
                );
                (start < streams.len()).then_some(Part {
                    project: part.project,
                    some: Some(start..streams.len()),
                })
            })
            .collect();
        self.streams = streams;
    }

    fn of_text(streams: &'a Snapshot, text: &str) -> Self {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let words: Vec<Finder<'_>> = words
            .iter()
            .map(|word| Finder::new(word.as_bytes()))
            .collect();
        let mut matching = Self {
            parts: Vec::with_capacity(streams.projects().len()),
            streams: Vec::new(),
        };
        let (mut marks, mut more) = (Vec::new(), Vec::new());
        for project in streams.projects() {
            let Some((first, others)) = words.split_first() else {
                matching.parts.push(Part {
                    project,
                    some: None,
                });
                continue;
            };
            project.words().mentioning(first, &mut marks);
            for word in others {
                project.words().mentioning(word, &mut more);
                marks
                    .iter_mut()
                    .zip(&more)
                    .for_each(|(mark, more)| *mark &= *more);
            }
            let start = matching.streams.len();
            matching.streams.extend(
                marks
                    .iter()
                    .enumerate()
                    .filter(|(_, mark)| **mark)
                    .map(|(at, _)| at),
            );
            let some = start..matching.streams.len();
            if !some.is_empty() {
                matching.parts.push(Part {
                    project,
                    some: Some(some),
                });
            }
        }
        matching
    }

    /// A page of them; where they are alike, they stay in natural order.
    pub(in crate::app) fn page(&self, query: &ListQuery) -> (Vec<&'a Entry>, Paging) {
        match query.sort {
            ListSort::Name => self.by_name(query),
            ListSort::Pushed => self.by(query, Entry::order_of_push, Project::order_of_push),
            ListSort::Tags => self.by(
                query,
                |entry| number(entry.tags),
                |project| number(project.most_tags()),
            ),
        }
    }

    fn by_name(&self, query: &ListQuery) -> (Vec<&'a Entry>, Paging) {
        let paging = Paging::of(
            self.parts.iter().map(Part::count).sum(),
            query.page,
            PER_PAGE,
        );
        let mut before = paging.first().saturating_sub(1);
        let mut shown = Vec::with_capacity(PER_PAGE);
        for at in 0..self.parts.len() {
            let part = &self.parts[if query.order == Order::Ascending {
                at
            } else {
                self.parts.len() - 1 - at
            }];
            if before >= part.count() {
                before -= part.count();
                continue;
            }
            let room = PER_PAGE - shown.len();
            match query.order {
                Order::Ascending => shown.extend(
                    part.entries(&self.streams)
                        .skip(before)
                        .map(|(_, entry)| entry)
                        .take(room),
                ),
                Order::Descending => shown.extend(
                    part.entries(&self.streams)
                        .rev()
                        .skip(before)
                        .map(|(_, entry)| entry)
                        .take(room),
                ),
            }
            before = 0;
            if shown.len() == PER_PAGE {
                break;
            }
        }
        (shown, paging)
    }

    /// By a `key` of the streams, of which no stream of a project has more than `most`.
    fn by(
        &self,
        query: &ListQuery,
        key: fn(&Entry) -> i64,
        most: fn(&Project) -> i64,
    ) -> (Vec<&'a Entry>, Paging) {
        let mut top: Top<Place, &Entry> = Top::new(query.page, PER_PAGE);
        for (at, part) in self.parts.iter().enumerate() {
            // Most projects need no look at their streams.
            if query.order == Order::Descending && top.is_beyond(&(!most(part.project), at, 0)) {
                top.skip(part.count());
                continue;
            }
            for (stream, entry) in part.entries(&self.streams) {
                let key = if query.order == Order::Ascending {
                    key(entry)
                } else {
                    !key(entry)
                };
                top.offer((key, at, stream), entry);
            }
        }
        top.cut()
    }
}

impl<'a> Part<'a> {
    fn count(&self) -> usize {
        self.some
            .as_ref()
            .map_or(self.project.streams.len(), Range::len)
    }

    /// Its streams, each with its number in the project, of all that `streams` are of the matching.
    fn entries(&self, streams: &[usize]) -> impl DoubleEndedIterator<Item = (usize, &'a Entry)> {
        let streams = self.some.clone().map(|some| &streams[some]);
        (0..self.count())
            .map(move |at| streams.map_or(at, |streams| streams[at]))
            .map(|at| (at, &self.project.streams[at]))
    }
}

fn number(count: usize) -> i64 {
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
                // others are not looked into.
                created: chrono::DateTime::from_timestamp(when + 100 * i64::from(project), 0),
                image: None,
                pull_spec: String::new(),
                generation: None,
            }],
            ..Tag::pushed(TAGS[usize::from(name) % TAGS.len()].parse().unwrap())
        };
        let tags: BTreeMap<u8, i64> = tags
            .into_iter()
            .map(|(name, when)| (name % 5, when))
            .collect();
        ImageStream {
            project: ["team-a", "team-b", "p10", "p9"][usize::from(project) % 4]
                .parse()
                .unwrap(),
            name: NAMES
                .get(usize::from(name))
                .map_or_else(|| format!("stream-{name}"), ToString::to_string)
                .parse()
                .unwrap(),
            resource_version: None,
            created: None,
            annotations: BTreeMap::new(),
            labels: BTreeMap::new(),
            internal_repository: registry_model::InternalRepository::Unknown,
            public_repository: None,
            follows: None,
            local_lookup: false,
            tags: tags.into_iter().map(tag).collect(),
            unreadable_tags: 0,
        }
    }

    fn mentions(entry: &Entry, word: &str) -> bool {
        let name = format!("{}/{}", entry.stream.project, entry.stream.name);
        name.contains(word)
            || entry
                .stream
                .tags()
                .any(|tag| tag.name().as_str().to_lowercase().contains(word))
    }

    proptest! {
        /// The same as looking at every stream and sorting them all, on the first page and on
        /// others.
        #[test]
        fn a_page_is_the_one_that_a_plain_look_at_all_streams_gives(
            streams in proptest::collection::vec((0..4_u8, 0..60_u8, proptest::collection::vec((0..5_u8, 0..40_i64), 0..4)), 0..240),
            words in proptest::collection::vec(prop::sample::select(vec!["a", "api", "7", "team-a/", "a/w", "rc1", "v2", "latest", "zz", "p1", "-"]), 0..3),
            sort in prop::sample::select(vec![ListSort::Name, ListSort::Pushed, ListSort::Tags]),
            order in prop::sample::select(vec![Order::Ascending, Order::Descending]),
            page in 1_usize..4,
        ) {
            let snapshot = Snapshot::of(streams.into_iter().map(stream).collect());
            let query = ListQuery { text: words.join(" "), project: None, state: None, sort, order, page };
            let mut all: Vec<&Entry> = snapshot.streams().filter(|entry| words.iter().all(|word| mentions(entry, word))).collect();
            match (sort, order) {
                (ListSort::Name, Order::Ascending) => {}
                (ListSort::Name, Order::Descending) => all.reverse(),
                (ListSort::Pushed, Order::Ascending) => all.sort_by_key(|entry| entry.last_push()),
                (ListSort::Pushed, Order::Descending) => all.sort_by_key(|entry| Reverse(entry.last_push())),
                (ListSort::Tags, Order::Ascending) => all.sort_by_key(|entry| entry.tags),
                (ListSort::Tags, Order::Descending) => all.sort_by_key(|entry| Reverse(entry.tags)),
            }
            let names = |(entries, paging): (Vec<&Entry>, Paging)| {
                (entries.into_iter().map(|entry| format!("{}/{}", entry.stream.project, entry.stream.name)).collect::<Vec<_>>(), paging)
            };
            prop_assert_eq!(names(Matching::of(&snapshot, &query.text, None).page(&query)), names(Paging::cut(all, page, PER_PAGE)));
        }
    }
}
