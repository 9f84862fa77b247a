//! Going through what a person may see.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::asked::Asked;
use super::likeness::Word;
use super::look::Look;
use super::{AT_A_GLANCE, Hit, HitGroup, HitKind, PER_PAGE, SearchQuery};
use crate::app::lists::paging::Top;
use crate::index::{Entry, Event, Snapshot, Stream, Tag};
use registry_model::{Digest, Project, TagName};

/// The best first: by how well it fits, then the latest, then in natural order by project, stream
/// and what is in it.
type Place = (u32, Reverse<i64>, (usize, usize, usize));

/// Something that fits, not yet copied: most of what fits is never shown.
enum What<'a> {
    Project(&'a Project),
    Stream(&'a Entry),
    Tag(&'a Stream, Tag<'a>),
    Image(&'a Stream, &'a Digest, TagsOf<'a>),
}

/// The tags that point at an image, and those that once did.
struct TagsOf<'a> {
    now: Vec<&'a TagName>,
    past: Vec<&'a TagName>,
    /// When one last came to point there.
    latest: &'a Event,
}

/// Everything that fits, by kind.
pub(super) struct Found<'a> {
    projects: Top<Place, What<'a>>,
    streams: Top<Place, What<'a>>,
    tags: Top<Place, What<'a>>,
    images: Top<Place, What<'a>>,
    only: Option<HitKind>,
}

impl<'a> Found<'a> {
    /// What fits the first of several readings that anything fits.
    ///
    /// # Panics
    ///
    /// Where there is no reading.
    pub(super) fn of_any(
        readings: &[Asked],
        query: &SearchQuery,
        projects: &'a [Project],
        streams: &'a Snapshot,
        typos: bool,
    ) -> Self {
        let (first, others) = readings.split_first().expect("a question has a reading");
        let found = Self::of(first, query, projects, streams, typos);
        if !found.is_empty() {
            return found;
        }
        let others = others
            .iter()
            .map(|asked| Self::of(asked, query, projects, streams, typos));
        others
            .into_iter()
            .find(|found| !found.is_empty())
            .unwrap_or(found)
    }

    /// What fits, and of it the best of each kind, or a page of the one that was asked for. With
    /// `typos`, also what is called nearly that.
    pub(super) fn of(
        asked: &Asked,
        query: &SearchQuery,
        projects: &'a [Project],
        streams: &'a Snapshot,
        typos: bool,
    ) -> Self {
        let (page, per_page) = if query.kind.is_some() {
            (query.page, PER_PAGE)
        } else {
            (1, AT_A_GLANCE)
        };
        let top = || Top::new(page, per_page);
        let mut found = Self {
            projects: top(),
            streams: top(),
            tags: top(),
            images: top(),
            only: query.kind,
        };
        if let Some((name, value)) = &asked.label {
            found.labelled(streams, name, value);
            return found;
        }
        let words: Vec<Word> = asked
            .words
            .iter()
            .map(|word| Word::new(word, typos))
            .collect();
        for (at, project) in streams.projects().iter().enumerate() {
            if let Some(digits) = &asked.digest {
                for stream in project.words().streams_with_image(digits) {
                    let entry = &project.streams[stream];
                    if !asked.only_digest || in_stream(&entry.stream, &words) {
                        found.images_of(&entry.stream, (at, stream), digits);
                    }
                }
            }
            if !asked.only_digest
                && let Some(looks) = words
                    .iter()
                    .map(|word| Look::at(project, word))
                    .collect::<Option<Vec<_>>>()
            {
                found.streams_of(at, &project.streams, &looks);
                found.tags_of(at, project, &looks);
            }
        }
        if !asked.only_digest {
            for (at, project) in projects.iter().enumerate() {
                if let Some(rank) = rank_of_project(project, &words) {
                    found.projects.offer(
                        (rank, Reverse(i64::MIN), (at, 0, 0)),
                        What::Project(project),
                    );
                }
            }
        }
        found
    }

    pub(super) fn is_empty(&self) -> bool {
        [&self.projects, &self.streams, &self.tags, &self.images]
            .into_iter()
            .all(Top::is_empty)
    }

    fn labelled(&mut self, streams: &'a Snapshot, name: &str, value: &str) {
        for (at, project) in streams.projects().iter().enumerate() {
            for (stream, entry) in project
                .streams
                .iter()
                .enumerate()
                .filter(|(_, entry)| is_labelled(&entry.stream, name, value))
            {
                self.streams.offer(
                    (0, Reverse(entry.order_of_push()), (at, stream, 0)),
                    What::Stream(entry),
                );
            }
        }
    }

    /// All words in the project's and the stream's name, one at least in the stream's: the stream.
    fn streams_of(&mut self, at: usize, entries: &'a [Entry], looks: &[Look]) {
        if looks.iter().all(|look| look.named.is_empty()) {
            return;
        }
        for (stream, entry) in entries.iter().enumerate() {
            let named = looks
                .iter()
                .any(|look| look.named.get(stream) == Some(&true));
            let rank = looks
                .iter()
                .try_fold(0, |sum, look| Some(sum + look.around(stream)?));
            if let Some(rank) = rank.filter(|_| named) {
                self.streams.offer(
                    (rank, Reverse(entry.order_of_push()), (at, stream, 0)),
                    What::Stream(entry),
                );
            }
        }
    }

    /// All words in the names around a tag and in its own, one at least in its own: the tag. Those
    /// that only attach something to an image are left out.
    fn tags_of(&mut self, at: usize, project: &'a crate::index::Project, looks: &[Look]) {
        let known = project.words();
        let mut tags: Vec<usize> = looks.iter().flat_map(Look::tags).collect();
        tags.sort_unstable();
        tags.dedup();
        // Where no word fits a stream's own name, a tag fits as well in one stream as in the next.
        let alike = looks.iter().all(|look| look.named.is_empty());
        for tag in tags {
            let uses = known.uses(tag);
            let tag_of = |used: &crate::index::Use| {
                project.streams[used.stream as usize]
                    .stream
                    .tag(used.tag as usize)
            };
            if known.is_attachment(tag) {
                continue;
            }
            if alike {
                let Some(rank) = looks
                    .iter()
                    .try_fold(0, |sum, look| Some(sum + look.tag_anywhere(tag)?))
                else {
                    continue;
                };
                // None of its uses comes before this place.
                if self
                    .tags
                    .is_beyond(&(rank, Reverse(known.newest_use(tag)), (at, 0, 0)))
                {
                    self.tags.skip(uses.len());
                    continue;
                }
            }
            for used in uses {
                let stream = used.stream as usize;
                let Some(rank) = looks
                    .iter()
                    .try_fold(0, |sum, look| Some(sum + look.tag_in(tag, stream)?))
                else {
                    continue;
                };
                let place = (rank, Reverse(used.when), (at, stream, used.tag as usize));
                if self.tags.is_beyond(&place) {
                    self.tags.skip(1);
                } else {
                    self.tags.offer(
                        place,
                        What::Tag(&project.streams[stream].stream, tag_of(used)),
                    );
                }
            }
        }
    }

    /// The images of a stream whose digest begins with `digits`, and the tags that point at them
    /// now or did.
    fn images_of(&mut self, stream: &'a Stream, (project, at): (usize, usize), digits: &str) {
        let mut images: BTreeMap<&'a Digest, TagsOf<'a>> = BTreeMap::new();
        for tag in stream.tags() {
            for (age, event) in tag.history.iter().enumerate() {
                let Some(image) = event
                    .image
                    .as_ref()
                    .filter(|image| image.begins_with(digits))
                else {
                    continue;
                };
                let tags = images.entry(image).or_insert_with(|| TagsOf {
                    now: Vec::new(),
                    past: Vec::new(),
                    latest: event,
                });
                let group = if age == 0 {
                    &mut tags.now
                } else {
                    &mut tags.past
                };
                group.push(tag.name());
                if event.order() > tags.latest.order() {
                    tags.latest = event;
                }
            }
        }
        for (number, (image, tags)) in images.into_iter().enumerate() {
            // What is in use stands before what once was.
            let place = (
                u32::from(tags.now.is_empty()),
                Reverse(tags.latest.order()),
                (project, at, number),
            );
            self.images.offer(place, What::Image(stream, image, tags));
        }
    }

    /// The best of each kind, or a page of the one that was asked for.
    pub(super) fn into_groups(self) -> Vec<HitGroup> {
        let only = self.only;
        let all =
            HitKind::ALL
                .into_iter()
                .zip([self.projects, self.streams, self.tags, self.images]);
        let groups = all
            .filter(|(kind, _)| only.is_none_or(|only| only == *kind))
            .map(|(kind, top)| {
                let (hits, paging) = top.cut();
                HitGroup {
                    kind,
                    hits: hits.into_iter().map(What::into_hit).collect(),
                    paging,
                }
            });
        groups.filter(|group| !group.hits.is_empty()).collect()
    }
}

fn rank_of_project(project: &Project, words: &[Word]) -> Option<u32> {
    let display_name = project.display_name.as_deref().map(str::to_lowercase);
    let displayed = |word: &Word| Some(word.rank(display_name.as_deref()?)? + 1);
    let rank = |word: &Word| {
        word.rank(project.name.as_str())
            .into_iter()
            .chain(displayed(word))
            .min()
    };
    let rank = words
        .iter()
        .try_fold(0, |sum, word| Some(sum + rank(word)?))?;
    (!words.is_empty()).then_some(rank)
}

/// Whether all words are in the names of the stream and of its project.
fn in_stream(stream: &Stream, words: &[Word]) -> bool {
    words.iter().all(|word| {
        word.rank(stream.name.as_str())
            .or_else(|| word.rank(stream.project.as_str()))
            .is_some()
    })
}

/// By the whole name of the label, or by what follows its last slash.
fn is_labelled(stream: &Stream, name: &str, value: &str) -> bool {
    stream.labels().any(|(key, holds)| {
        let key = key.to_lowercase();
        (key == name || key.rsplit('/').next() == Some(name))
            && holds.to_lowercase().contains(value)
    })
}

impl What<'_> {
    fn into_hit(self) -> Hit {
        let owned = |names: Vec<&TagName>| names.into_iter().cloned().collect();
        match self {
            Self::Project(project) => Hit::Project {
                name: project.name.clone(),
                display_name: project.display_name.clone(),
            },
            Self::Stream(entry) => Hit::Stream {
                project: entry.stream.project.clone(),
                name: entry.stream.name.clone(),
                tags: entry.tags,
                last_push: entry.last_push(),
            },
            Self::Tag(stream, tag) => Hit::Tag {
                project: stream.project.clone(),
                stream: stream.name.clone(),
                tag: tag.name().clone(),
                image: tag.current().and_then(|event| event.image.clone()),
                updated: tag.current().and_then(Event::when),
            },
            Self::Image(stream, image, found) => Hit::Image {
                project: stream.project.clone(),
                stream: stream.name.clone(),
                image: image.clone(),
                tags: owned(found.now),
                past: owned(found.past),
                updated: found.latest.when(),
            },
        }
    }
}
