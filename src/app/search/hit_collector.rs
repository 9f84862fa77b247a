//! Collects the hits among the image streams that a user may see.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{HITS_PER_KIND, HITS_PER_PAGE, Hit, HitGroup, HitKind, SearchQuery};
use crate::app::lists::paging::TopEntries;
use crate::app::search::parsed_query::ParsedQuery;
use crate::app::search::search_word::SearchWord;
use crate::app::search::word_matches::WordMatches;
use crate::index::{IndexedStream, IndexedTag, IndexedTagEvent, Snapshot, StreamEntry};
use registry_model::{Digest, Project, TagName};

/// The best first: by rank of the match, then the latest, then in natural order by project, image
/// stream and position within it.
type HitRank = (u32, Reverse<i64>, (usize, usize, usize));

/// A match that is not copied yet: most matches are never shown.
enum HitCandidate<'a> {
    Project(&'a Project),
    Stream(&'a StreamEntry),
    Tag(&'a IndexedStream, IndexedTag<'a>),
    Image(&'a IndexedStream, &'a Digest, ImageTags<'a>),
}

/// The tags that point to an image, and those that have pointed to it.
struct ImageTags<'a> {
    current: Vec<&'a TagName>,
    past: Vec<&'a TagName>,
    /// The latest event by which a tag began to point to it.
    latest: &'a IndexedTagEvent,
}

/// All matches, by kind.
pub(super) struct HitCollector<'a> {
    projects: TopEntries<HitRank, HitCandidate<'a>>,
    streams: TopEntries<HitRank, HitCandidate<'a>>,
    tags: TopEntries<HitRank, HitCandidate<'a>>,
    images: TopEntries<HitRank, HitCandidate<'a>>,
    only_kind: Option<HitKind>,
}

impl<'a> HitCollector<'a> {
    /// The matches of the first of several queries that has any.
    ///
    /// # Panics
    ///
    /// If there is no query.
    pub(super) fn from_readings(
        queries: &[ParsedQuery],
        query: &SearchQuery,
        projects: &'a [Project],
        streams: &'a Snapshot,
        typos: bool,
    ) -> Self {
        let (first, others) = queries.split_first().expect("there is at least one query");
        let hits = Self::from_query(first, query, projects, streams, typos);
        if !hits.is_empty() {
            return hits;
        }
        let others = others
            .iter()
            .map(|parsed| Self::from_query(parsed, query, projects, streams, typos));
        others
            .into_iter()
            .find(|hits| !hits.is_empty())
            .unwrap_or(hits)
    }

    /// The matches: the best of each kind, or a page of the requested kind. With `typos`, also
    /// names that are similar.
    pub(super) fn from_query(
        parsed: &ParsedQuery,
        query: &SearchQuery,
        projects: &'a [Project],
        streams: &'a Snapshot,
        typos: bool,
    ) -> Self {
        let (page, per_page) = if query.kind.is_some() {
            (query.page, HITS_PER_PAGE)
        } else {
            (1, HITS_PER_KIND)
        };
        let top = || TopEntries::new(page, per_page);
        let mut hits = Self {
            projects: top(),
            streams: top(),
            tags: top(),
            images: top(),
            only_kind: query.kind,
        };
        if let Some((name, value)) = &parsed.label {
            hits.add_labelled(streams, name, value);
            return hits;
        }
        let words: Vec<SearchWord> = parsed
            .words
            .iter()
            .map(|word| SearchWord::new(word, typos))
            .collect();
        for (project_number, project) in streams.projects().iter().enumerate() {
            if let Some(digits) = &parsed.digest_prefix {
                for stream in project.name_index().streams_with_image(digits) {
                    let entry = &project.streams[stream];
                    if !parsed.is_digest_only || matches_stream(&entry.stream, &words) {
                        hits.add_images(&entry.stream, (project_number, stream), digits);
                    }
                }
            }
            if !parsed.is_digest_only
                && let Some(word_matches) = words
                    .iter()
                    .map(|word| WordMatches::in_project(project, word))
                    .collect::<Option<Vec<_>>>()
            {
                hits.add_streams(project_number, &project.streams, &word_matches);
                hits.add_tags(project_number, project, &word_matches);
            }
        }
        if !parsed.is_digest_only {
            for (project_number, project) in projects.iter().enumerate() {
                if let Some(rank) = project_rank(project, &words) {
                    hits.projects.push(
                        (rank, Reverse(i64::MIN), (project_number, 0, 0)),
                        HitCandidate::Project(project),
                    );
                }
            }
        }
        hits
    }

    pub(super) fn is_empty(&self) -> bool {
        [&self.projects, &self.streams, &self.tags, &self.images]
            .into_iter()
            .all(TopEntries::is_empty)
    }

    fn add_labelled(&mut self, streams: &'a Snapshot, name: &str, value: &str) {
        for (project_number, project) in streams.projects().iter().enumerate() {
            for (stream, entry) in project
                .streams
                .iter()
                .enumerate()
                .filter(|(_, entry)| has_label(&entry.stream, name, value))
            {
                self.streams.push(
                    (
                        0,
                        Reverse(entry.last_push_micros()),
                        (project_number, stream, 0),
                    ),
                    HitCandidate::Stream(entry),
                );
            }
        }
    }

    /// An image stream matches if all words are in the project's and its own name, at least one of
    /// them in its own.
    fn add_streams(
        &mut self,
        project_number: usize,
        entries: &'a [StreamEntry],
        word_matches: &[WordMatches],
    ) {
        if word_matches
            .iter()
            .all(|matches| matches.is_named.is_empty())
        {
            return;
        }
        for (stream, entry) in entries.iter().enumerate() {
            let is_named = word_matches
                .iter()
                .any(|matches| matches.is_named.get(stream) == Some(&true));
            let rank = word_matches
                .iter()
                .try_fold(0, |sum, matches| Some(sum + matches.stream_rank(stream)?));
            if let Some(rank) = rank.filter(|_| is_named) {
                self.streams.push(
                    (
                        rank,
                        Reverse(entry.last_push_micros()),
                        (project_number, stream, 0),
                    ),
                    HitCandidate::Stream(entry),
                );
            }
        }
    }

    /// A tag matches if all words are in the names of its project and image stream and in its own,
    /// at least one of them in its own. Tags that only attach something to an image are left out.
    fn add_tags(
        &mut self,
        project_number: usize,
        project: &'a crate::index::IndexedProject,
        word_matches: &[WordMatches],
    ) {
        let name_index = project.name_index();
        let mut tags: Vec<usize> = word_matches
            .iter()
            .flat_map(WordMatches::matching_tags)
            .collect();
        tags.sort_unstable();
        tags.dedup();
        // If no word matches an image stream's own name, a tag matches equally well in each image
        // stream.
        let is_same_everywhere = word_matches
            .iter()
            .all(|matches| matches.is_named.is_empty());
        for tag in tags {
            let uses = name_index.uses(tag);
            let tag_of = |tag_use: &crate::index::TagUse| {
                project.streams[tag_use.stream as usize]
                    .stream
                    .tag(tag_use.tag as usize)
            };
            if name_index.is_attachment(tag) {
                continue;
            }
            if is_same_everywhere {
                let Some(rank) = word_matches.iter().try_fold(0, |sum, matches| {
                    Some(sum + matches.tag_rank_in_any_stream(tag)?)
                }) else {
                    continue;
                };
                // No image stream that has the tag can precede this position.
                if self.tags.is_past_page(&(
                    rank,
                    Reverse(name_index.newest_use(tag)),
                    (project_number, 0, 0),
                )) {
                    self.tags.count_skipped(uses.len());
                    continue;
                }
            }
            for tag_use in uses {
                let stream = tag_use.stream as usize;
                let Some(rank) = word_matches.iter().try_fold(0, |sum, matches| {
                    Some(sum + matches.tag_rank_in_stream(tag, stream)?)
                }) else {
                    continue;
                };
                let place = (
                    rank,
                    Reverse(tag_use.updated_micros),
                    (project_number, stream, tag_use.tag as usize),
                );
                if self.tags.is_past_page(&place) {
                    self.tags.count_skipped(1);
                } else {
                    self.tags.push(
                        place,
                        HitCandidate::Tag(&project.streams[stream].stream, tag_of(tag_use)),
                    );
                }
            }
        }
    }

    /// The images of an image stream whose digest begins with `digits`, with the tags that point to
    /// them or have pointed to them.
    fn add_images(
        &mut self,
        stream: &'a IndexedStream,
        (project, project_number): (usize, usize),
        digits: &str,
    ) {
        let mut images: BTreeMap<&'a Digest, ImageTags<'a>> = BTreeMap::new();
        for tag in stream.tags() {
            for (age, event) in tag.history.iter().enumerate() {
                let Some(image) = event
                    .image
                    .as_ref()
                    .filter(|image| image.hex_starts_with(digits))
                else {
                    continue;
                };
                let tags = images.entry(image).or_insert_with(|| ImageTags {
                    current: Vec::new(),
                    past: Vec::new(),
                    latest: event,
                });
                let group = if age == 0 {
                    &mut tags.current
                } else {
                    &mut tags.past
                };
                group.push(tag.name());
                if event.when_micros() > tags.latest.when_micros() {
                    tags.latest = event;
                }
            }
        }
        for (number, (image, tags)) in images.into_iter().enumerate() {
            // Images that a tag points to now precede earlier ones.
            let place = (
                u32::from(tags.current.is_empty()),
                Reverse(tags.latest.when_micros()),
                (project, project_number, number),
            );
            self.images
                .push(place, HitCandidate::Image(stream, image, tags));
        }
    }

    /// The best of each kind, or a page of the requested kind.
    pub(super) fn into_groups(self) -> Vec<HitGroup> {
        let only = self.only_kind;
        let all =
            HitKind::ALL
                .into_iter()
                .zip([self.projects, self.streams, self.tags, self.images]);
        let groups = all
            .filter(|(kind, _)| only.is_none_or(|only| only == *kind))
            .map(|(kind, top)| {
                let (hits, paging) = top.into_page();
                HitGroup {
                    kind,
                    hits: hits.into_iter().map(HitCandidate::into_hit).collect(),
                    paging,
                }
            });
        groups.filter(|group| !group.hits.is_empty()).collect()
    }
}

fn project_rank(project: &Project, words: &[SearchWord]) -> Option<u32> {
    let display_name = project.display_name.as_deref().map(str::to_lowercase);
    let displayed = |word: &SearchWord| Some(word.rank(display_name.as_deref()?)? + 1);
    let rank = |word: &SearchWord| {
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

/// Whether all words are in the names of the image stream and of its project.
fn matches_stream(stream: &IndexedStream, words: &[SearchWord]) -> bool {
    words.iter().all(|word| {
        word.rank(stream.name.as_str())
            .or_else(|| word.rank(stream.project.as_str()))
            .is_some()
    })
}

/// Compares with the whole name of the label, or with what follows its last slash.
fn has_label(stream: &IndexedStream, name: &str, value: &str) -> bool {
    stream.labels().any(|(key, holds)| {
        let key = key.to_lowercase();
        (key == name || key.rsplit('/').next() == Some(name))
            && holds.to_lowercase().contains(value)
    })
}

impl HitCandidate<'_> {
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
                tags: entry.tag_count,
                last_push: entry.last_push(),
            },
            Self::Tag(stream, tag) => Hit::Tag {
                project: stream.project.clone(),
                stream: stream.name.clone(),
                tag: tag.name().clone(),
                image: tag.current().and_then(|event| event.image.clone()),
                updated: tag.current().and_then(IndexedTagEvent::when),
            },
            Self::Image(stream, image, image_tags) => Hit::Image {
                project: stream.project.clone(),
                stream: stream.name.clone(),
                image: image.clone(),
                tags: owned(image_tags.current),
                past: owned(image_tags.past),
                updated: image_tags.latest.when(),
            },
        }
    }
}
