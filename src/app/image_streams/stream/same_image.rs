//! Which tags of an image stream point to the same image.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::TagRow;
use registry_model::{Digest, TagName};

/// How many other tags are named.
const MAX_NAMED: usize = 5;

/// The mark of an image that several tags point to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameImage {
    /// Equal for tags of the same image. From 1, the image that was tagged last first.
    pub mark: usize,
    /// Some of the other tags that point to it.
    pub others: Vec<TagName>,
    /// How many more there are.
    pub more: usize,
}

/// Marks each row whose image other rows point to as well.
pub(super) fn mark_same_images(rows: &mut [TagRow]) {
    let mut groups: BTreeMap<Digest, (Option<DateTime<Utc>>, Vec<TagName>)> = BTreeMap::new();
    for row in rows.iter() {
        if let Some(digest) = &row.digest {
            let (updated, tags) = groups.entry(digest.clone()).or_default();
            *updated = (*updated).max(row.updated);
            tags.push(row.name.clone());
        }
    }
    groups.retain(|_, (_, tags)| tags.len() > 1);
    let mut newest_first: Vec<(&Digest, Option<DateTime<Utc>>)> = groups
        .iter()
        .map(|(digest, (updated, _))| (digest, *updated))
        .collect();
    newest_first.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let marks: BTreeMap<&Digest, usize> = newest_first
        .into_iter()
        .enumerate()
        .map(|(index, (digest, _))| (digest, index + 1))
        .collect();
    for row in rows {
        let group = row.digest.as_ref().and_then(|digest| {
            let (_, tags) = groups.get(digest)?;
            Some((marks.get(digest)?, tags))
        });
        row.same_image = group.map(|(mark, tags)| {
            let mut others: Vec<TagName> = tags
                .iter()
                .filter(|tag| **tag != row.name)
                .cloned()
                .collect();
            let more = others.len().saturating_sub(MAX_NAMED);
            others.truncate(MAX_NAMED);
            SameImage {
                mark: *mark,
                others,
                more,
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, image: Option<&[u8]>, day: u32) -> TagRow {
        TagRow {
            digest: image.map(Digest::sha256),
            updated: format!("2026-11-{day:02}T00:00:00Z").parse().ok(),
            ..TagRow::from_registry_tag(&name.parse().unwrap())
        }
    }

    #[test]
    fn tags_of_one_image_have_the_same_mark_and_name_each_other() {
        let mut rows = [
            row("old", Some(b"a"), 1),
            row("1.0", Some(b"a"), 2),
            row("alone", Some(b"b"), 9),
            row("latest", Some(b"c"), 8),
            row("2.0", Some(b"c"), 7),
            row("empty", None, 9),
            row("empty-too", None, 9),
        ];
        mark_same_images(&mut rows);
        let marks: Vec<Option<usize>> = rows
            .iter()
            .map(|row| row.same_image.as_ref().map(|same| same.mark))
            .collect();
        assert_eq!(
            marks,
            [Some(2), Some(2), None, Some(1), Some(1), None, None]
        );
        let others = &rows[3].same_image.as_ref().unwrap().others;
        assert_eq!(others.as_slice(), ["2.0".parse().unwrap()]);
    }

    #[test]
    fn tags_past_the_fifth_are_counted() {
        let mut rows: Vec<TagRow> = (0..8)
            .map(|number| row(&format!("t{number}"), Some(b"a"), 1))
            .collect();
        mark_same_images(&mut rows);
        let same = rows[0].same_image.as_ref().unwrap();
        assert_eq!((same.others.len(), same.more), (5, 2));
    }
}
