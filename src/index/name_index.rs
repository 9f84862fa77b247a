//! The search index of one project's image streams, so that a search examines few entries however
//! many image streams there are.
//!
//! Tag names are repeated in many image streams: each is stored once, with the image streams that
//! have it. All texts are stored in lower case in one buffer, so that a word is searched in all of
//! them at once.

mod letter_signature;

use std::collections::HashMap;

use memchr::memmem::Finder;

use super::snapshot::StreamEntry;
use super::stream::IndexedTagEvent;
use crate::index::name_index::letter_signature::LetterSignatures;
pub use crate::index::name_index::letter_signature::{LetterSignature, name_parts};
use registry_model::{ProjectName, TagName};

/// Built when it is first used: a busy project changes more often than users search.
#[derive(Debug)]
pub struct NameIndex {
    /// `project/name` of each image stream.
    streams: TextLines,
    /// The length of the project's part of each of these lines.
    project_prefix_bytes: usize,
    /// The letter signatures of their names.
    stream_signatures: LetterSignatures,
    /// The names of the tags, without duplicates.
    tags: TextLines,
    tag_signatures: LetterSignatures,
    /// A summary of the uses of each tag name.
    tag_summaries: Box<[TagNameSummary]>,
    tag_uses: Box<[TagUse]>,
    /// The first digits of each image in the history of each image stream, sorted.
    image_prefixes: Box<[(u64, u32)]>,
}

/// A tag of an image stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagUse {
    /// The number of the image stream in the project.
    pub stream: u32,
    /// The number of the tag in the image stream.
    pub tag: u32,
    /// Since when it points to its image; see [`IndexedTagEvent::when_micros`].
    pub updated_micros: i64,
}

/// What decides whether the uses of a tag name have to be examined.
#[derive(Debug)]
struct TagNameSummary {
    /// The end of its uses. They begin at the end of the preceding name's.
    uses_end: u32,
    /// See [`TagName::is_attachment`].
    is_attachment: bool,
    /// See [`NameIndex::newest_use`].
    newest_use: i64,
}

/// Texts in lower case, one per line.
#[derive(Debug, Default)]
struct TextLines {
    text: Box<str>,
    /// The end of each line, including its line feed.
    ends: Box<[u32]>,
}

impl NameIndex {
    /// Builds the search index of `entries`, which are all image streams of `project`.
    pub(super) fn new(project: &ProjectName, entries: &[StreamEntry]) -> Self {
        let (mut places, mut names, mut uses) = (
            HashMap::<&TagName, usize>::new(),
            Vec::<&TagName>::new(),
            Vec::<Vec<TagUse>>::new(),
        );
        let mut images = Vec::new();
        for (stream, entry) in (0_u32..).zip(entries) {
            for (at, tag) in (0_u32..).zip(entry.stream.tags()) {
                let place = *places.entry(tag.name()).or_insert_with(|| {
                    names.push(tag.name());
                    uses.push(Vec::new());
                    names.len() - 1
                });
                uses[place].push(TagUse {
                    stream,
                    tag: at,
                    updated_micros: tag.current().map_or(i64::MIN, IndexedTagEvent::when_micros),
                });
            }
            images.extend(
                entry
                    .stream
                    .images()
                    .map(|image| (image.leading_u64(), stream)),
            );
        }
        images.sort_unstable();
        images.dedup();
        let known = names.iter().zip(&uses).scan(0, |end, (name, uses)| {
            *end += u32::try_from(uses.len()).unwrap_or(u32::MAX);
            let newest = uses
                .iter()
                .map(|used| used.updated_micros)
                .max()
                .unwrap_or(i64::MIN);
            Some(TagNameSummary {
                uses_end: *end,
                is_attachment: name.is_attachment(),
                newest_use: newest,
            })
        });
        let known = known.collect();
        let tags = TextLines::new(names.iter().map(|name| name.as_str().to_ascii_lowercase()));
        Self {
            streams: TextLines::new(
                entries
                    .iter()
                    .map(|entry| format!("{project}/{}", entry.stream.name)),
            ),
            project_prefix_bytes: project.as_str().len() + 1,
            stream_signatures: LetterSignatures::from_names(
                entries.iter().map(|entry| entry.stream.name.as_str()),
            ),
            tag_signatures: LetterSignatures::from_names(tags.all()),
            tags,
            tag_summaries: known,
            tag_uses: uses.into_iter().flatten().collect(),
            image_prefixes: images.into(),
        }
    }

    /// Marks the image streams that contain `word` in `project/name` or in the name of a tag.
    /// `word` is in lower case and contains no space. The previous content of `marks` is discarded.
    pub fn mark_streams_mentioning(&self, word: &Finder<'_>, marks: &mut Vec<bool>) {
        marks.clear();
        marks.resize(self.streams.ends.len(), false);
        self.streams
            .lines_containing(word)
            .for_each(|stream| marks[stream] = true);
        for tag in self.tags.lines_containing(word) {
            let uses = self.uses(tag);
            if uses.len() == marks.len() {
                // An image stream has a tag once, so all of them have it, as with `latest`.
                marks.fill(true);
                break;
            }
            uses.iter()
                .for_each(|used| marks[used.stream as usize] = true);
        }
    }

    /// The image streams' names, or parts of them, that may match `word` with so many wrong
    /// letters: all that do, and some that do not.
    pub fn streams_resembling(
        &self,
        word: LetterSignature,
        wrong: u16,
    ) -> impl Iterator<Item = (usize, &str)> {
        self.stream_signatures
            .candidates(word, wrong)
            .filter_map(|(stream, place)| Some((stream, self.stream(stream).get(place)?)))
    }

    fn stream(&self, at: usize) -> &str {
        &self.streams.line(at)[self.project_prefix_bytes..]
    }

    /// The image streams whose names contain `word`, in order.
    pub fn streams_containing(&self, word: &Finder<'_>) -> impl Iterator<Item = (usize, &str)> {
        self.streams
            .lines_containing(word)
            .map(|stream| (stream, self.stream(stream)))
            .filter(|(_, name)| word.find(name.as_bytes()).is_some())
    }

    /// Like [`Self::streams_resembling`], for tags.
    pub fn tags_resembling(
        &self,
        word: LetterSignature,
        wrong: u16,
    ) -> impl Iterator<Item = (usize, &str)> {
        self.tag_signatures
            .candidates(word, wrong)
            .filter_map(|(tag, place)| Some((tag, self.tags.line(tag).get(place)?)))
    }

    /// The tag names that contain `word`, in lower case. A name that occurs in several spellings is
    /// repeated.
    pub fn tags_containing(&self, word: &Finder<'_>) -> impl Iterator<Item = (usize, &str)> {
        self.tags
            .lines_containing(word)
            .map(|tag| (tag, self.tags.line(tag)))
    }

    /// The image streams that have a tag, in order.
    #[must_use]
    pub fn uses(&self, tag: usize) -> &[TagUse] {
        let start = tag
            .checked_sub(1)
            .map_or(0, |before| self.tag_summaries[before].uses_end);
        &self.tag_uses[start as usize..self.tag_summaries[tag].uses_end as usize]
    }

    /// The greatest [`TagUse::updated_micros`] of the uses of a tag.
    #[must_use]
    pub fn newest_use(&self, tag: usize) -> i64 {
        self.tag_summaries[tag].newest_use
    }

    /// Whether a tag name is that of an attachment; see [`TagName::is_attachment`].
    #[must_use]
    pub fn is_attachment(&self, tag: usize) -> bool {
        self.tag_summaries[tag].is_attachment
    }

    /// The image streams whose history contains an image whose digest begins with these hexadecimal
    /// digits, in order. Only the first sixteen digits are compared.
    #[must_use]
    pub fn streams_with_image(&self, digits: &str) -> Vec<usize> {
        let digits = &digits[..digits.len().min(16)];
        let Ok(value) = u64::from_str_radix(digits, 16) else {
            return Vec::new();
        };
        let free = 4 * (16 - u32::try_from(digits.len()).unwrap_or(16));
        let first = value.checked_shl(free).unwrap_or_default();
        let last = first
            | 1_u64
                .checked_shl(free)
                .map_or(u64::MAX, |beyond| beyond - 1);
        let from = self
            .image_prefixes
            .partition_point(|(image, _)| *image < first);
        let found = self.image_prefixes[from..]
            .iter()
            .take_while(|(image, _)| *image <= last);
        let mut streams: Vec<usize> = found.map(|(_, stream)| *stream as usize).collect();
        streams.sort_unstable();
        streams.dedup();
        streams
    }
}

impl TextLines {
    fn new(lines: impl Iterator<Item = String>) -> Self {
        let (mut text, mut ends) = (String::new(), Vec::new());
        for line in lines {
            text.push_str(&line);
            text.push('\n');
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        Self {
            text: text.into(),
            ends: ends.into(),
        }
    }

    fn line(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[at] as usize - 1]
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|at| self.line(at))
    }

    /// The lines that contain `word`.
    fn lines_containing(&self, word: &Finder<'_>) -> impl Iterator<Item = usize> {
        let (mut from, mut line) = (0, 0);
        std::iter::from_fn(move || {
            let rest = self.text.as_bytes().get(from..)?;
            let found = from + word.find(rest)?;
            // If there are many lines, the next one is near.
            line += self
                .ends
                .get(line..)?
                .iter()
                .take_while(|end| **end as usize <= found)
                .count();
            from = *self.ends.get(line)? as usize;
            Some(line)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_with_the_word_is_found_once() {
        let lines = TextLines::new(["abab", "", "xab", "a", "b"].map(str::to_owned).into_iter());
        let with = |word: &str| {
            lines
                .lines_containing(&Finder::new(word))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (with("ab"), with("a"), with("b"), with("ba")),
            (vec![0, 2], vec![0, 2, 3], vec![0, 2, 4], vec![0])
        );
        assert_eq!(
            (with("aba"), with("abx"), with("bab")),
            (vec![0], vec![], vec![0])
        );
        assert_eq!(
            (lines.line(0), lines.line(1), lines.line(4)),
            ("abab", "", "b")
        );
        assert_eq!(
            TextLines::default()
                .lines_containing(&Finder::new("a"))
                .count(),
            0
        );
    }
}
