//! Going through what a person may see.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use memchr::memmem::Finder;

use super::super::paging::Paging;
use super::asked::Asked;
use super::likeness::Word;
use super::{AT_A_GLANCE, Hit, HitGroup, HitKind, PER_PAGE, SearchQuery};
use crate::index::{Entry, Event, Snapshot, Stream, Tag};
use crate::model::{Digest, Project, TagName, version_order};

/// Something that fits, not yet copied: most of what fits is never shown.
struct Candidate<'a> {
    rank: u32,
    when: Option<DateTime<Utc>>,
    what: What<'a>,
}

enum What<'a> {
    Project(&'a Project),
    Stream(&'a Entry),
    Tag(&'a Stream, Tag<'a>),
    Image(&'a Stream, &'a Digest, TagsOf<'a>),
}

/// The tags that point at an image, and those that once did.
#[derive(Default)]
struct TagsOf<'a> {
    now: Vec<&'a TagName>,
    past: Vec<&'a TagName>,
    /// When one last came to point there.
    updated: Option<DateTime<Utc>>,
}

/// Everything that fits, by kind.
#[derive(Default)]
pub(super) struct Found<'a> {
    projects: Vec<Candidate<'a>>,
    streams: Vec<Candidate<'a>>,
    tags: Vec<Candidate<'a>>,
    images: Vec<Candidate<'a>>,
}

impl<'a> Found<'a> {
    /// With `typos`, also what is called nearly that.
    pub(super) fn of(asked: &Asked, projects: &'a [Project], streams: &'a Snapshot, typos: bool) -> Self {
        let mut found = Self::default();
        if let Some((name, value)) = &asked.label {
            let fits = |entry: &&Entry| is_labelled(&entry.stream, name, value);
            found.streams.extend(streams.streams().filter(fits).map(|entry| candidate(0, What::Stream(entry), entry.last_push())));
            return found;
        }
        let mut words: Vec<Word> = asked.words.iter().map(|word| Word::new(word, typos)).collect();
        // Most streams mention none of the words, which one look at their text tells. A slip of the finger can be anywhere.
        let finders: Vec<Finder<'_>> = asked.words.iter().map(|word| Finder::new(word.as_str())).collect();
        for entry in streams.streams() {
            let stream = &*entry.stream;
            if let Some(digits) = &asked.digest
                && (!asked.only_digest || in_stream(stream, &words).is_some())
            {
                found.images.extend(images_of(stream, digits));
            }
            if !asked.only_digest && (typos || finders.iter().all(|word| stream.mentions(word))) {
                found.of_stream(entry, &mut words);
            }
        }
        if !asked.only_digest {
            found.projects.extend(projects.iter().filter_map(|project| of_project(project, &words)));
        }
        found
    }

    pub(super) fn is_empty(&self) -> bool {
        [&self.projects, &self.streams, &self.tags, &self.images].into_iter().all(Vec::is_empty)
    }

    /// All words in the project's and the stream's name, one at least in the stream's: the stream. One at least in a tag's name: the tag.
    fn of_stream(&mut self, entry: &'a Entry, words: &mut [Word]) {
        let stream = &*entry.stream;
        if let Some(rank) = in_stream(stream, words).filter(|_| words.iter().any(|word| word.rank(stream.name.as_str()).is_some())) {
            self.streams.push(candidate(rank, What::Stream(entry), entry.last_push()));
        }
        let around: Vec<Option<u32>> = words.iter().map(|word| rank_in_stream(stream, word)).collect();
        for tag in stream.tags().filter(|tag| !tag.name().is_attachment()) {
            let mut named = false;
            let rank = words.iter_mut().zip(&around).try_fold(0, |sum, (word, around)| {
                let here = word.rank_of_tag(tag.name().as_str());
                named |= here.is_some();
                Some(sum + here.into_iter().chain(*around).min()?)
            });
            if let Some(rank) = rank.filter(|_| named) {
                self.tags.push(candidate(rank, What::Tag(stream, tag), tag.current().and_then(Event::when)));
            }
        }
    }

    /// The best of each kind, or a page of the one that was asked for.
    pub(super) fn into_groups(self, query: &SearchQuery) -> Vec<HitGroup> {
        let all = [self.projects, self.streams, self.tags, self.images];
        let groups = HitKind::ALL.into_iter().zip(all).filter(|(kind, _)| query.kind.is_none_or(|only| only == *kind));
        let (page, per_page) = if query.kind.is_some() { (query.page, PER_PAGE) } else { (1, AT_A_GLANCE) };
        let cut = |(kind, candidates): (HitKind, Vec<Candidate<'a>>)| {
            let (shown, paging) = Paging::cut_sorted(candidates, page, per_page, |a, b| {
                a.rank.cmp(&b.rank).then_with(|| Reverse(a.when).cmp(&Reverse(b.when))).then_with(|| by_names(&a.what, &b.what))
            });
            HitGroup { kind, hits: shown.into_iter().map(|candidate| candidate.into_hit()).collect(), paging }
        };
        groups.map(cut).filter(|group| !group.hits.is_empty()).collect()
    }
}

fn candidate(rank: u32, what: What<'_>, when: Option<DateTime<Utc>>) -> Candidate<'_> {
    Candidate { rank, when, what }
}

fn of_project<'a>(project: &'a Project, words: &[Word]) -> Option<Candidate<'a>> {
    let display_name = project.display_name.as_deref().unwrap_or_default().to_lowercase();
    let rank = |word: &Word| word.rank(project.name.as_str()).into_iter().chain(word.rank(&display_name).map(|rank| rank + 1)).min();
    let rank = words.iter().try_fold(0, |sum, word| Some(sum + rank(word)?))?;
    (!words.is_empty()).then(|| candidate(rank, What::Project(project), None))
}

/// How well all words together fit the names of the stream and of its project.
fn in_stream(stream: &Stream, words: &[Word]) -> Option<u32> {
    words.iter().try_fold(0, |sum, word| Some(sum + rank_in_stream(stream, word)?))
}

fn rank_in_stream(stream: &Stream, word: &Word) -> Option<u32> {
    word.rank(stream.name.as_str()).into_iter().chain(word.rank(stream.project.as_str())).min()
}

/// By the whole name of the label, or by what follows its last slash.
fn is_labelled(stream: &Stream, name: &str, value: &str) -> bool {
    stream.labels().any(|(key, holds)| {
        let key = key.to_lowercase();
        (key == name || key.rsplit('/').next() == Some(name)) && holds.to_lowercase().contains(value)
    })
}

/// The images of a stream whose digest begins with `digits`, and the tags that point at them now or did.
fn images_of<'a>(stream: &'a Stream, digits: &str) -> Vec<Candidate<'a>> {
    let mut images: BTreeMap<&'a Digest, TagsOf<'a>> = BTreeMap::new();
    for tag in stream.tags() {
        for (age, event) in tag.history.iter().enumerate() {
            let Some(image) = event.image.as_ref().filter(|image| image.begins_with(digits)) else { continue };
            let tags = images.entry(image).or_default();
            let group = if age == 0 { &mut tags.now } else { &mut tags.past };
            group.push(tag.name());
            tags.updated = tags.updated.max(event.when());
        }
    }
    // What is in use stands before what once was.
    let one = |(image, tags): (_, TagsOf<'a>)| {
        let (rank, updated) = (u32::from(tags.now.is_empty()), tags.updated);
        candidate(rank, What::Image(stream, image, tags), updated)
    };
    images.into_iter().map(one).collect()
}

fn by_names(a: &What<'_>, b: &What<'_>) -> std::cmp::Ordering {
    let of = |what: &What<'_>| match what {
        What::Project(project) => (project.name.as_str().to_owned(), String::new(), String::new()),
        What::Stream(entry) => (entry.stream.project.to_string(), entry.stream.name.to_string(), String::new()),
        What::Tag(stream, tag) => (stream.project.to_string(), stream.name.to_string(), tag.name().to_string()),
        What::Image(stream, image, ..) => (stream.project.to_string(), stream.name.to_string(), image.to_string()),
    };
    let (a, b) = (of(a), of(b));
    let natural = version_order::compare;
    natural(&a.0, &b.0).then_with(|| natural(&a.1, &b.1)).then_with(|| natural(&a.2, &b.2)).then_with(|| a.cmp(&b))
}

impl Candidate<'_> {
    fn into_hit(self) -> Hit {
        let owned = |names: Vec<&TagName>| names.into_iter().cloned().collect();
        match self.what {
            What::Project(project) => Hit::Project { name: project.name.clone(), display_name: project.display_name.clone() },
            What::Stream(entry) => Hit::Stream {
                project: entry.stream.project.clone(),
                name: entry.stream.name.clone(),
                tags: entry.tags,
                last_push: self.when,
            },
            What::Tag(stream, tag) => Hit::Tag {
                project: stream.project.clone(),
                stream: stream.name.clone(),
                tag: tag.name().clone(),
                image: tag.current().and_then(|event| event.image.clone()),
                updated: self.when,
            },
            What::Image(stream, image, found) => Hit::Image {
                project: stream.project.clone(),
                stream: stream.name.clone(),
                image: image.clone(),
                tags: owned(found.now),
                past: owned(found.past),
                updated: self.when,
            },
        }
    }
}
