//! Groups signatures, attestations and SBOMs under the tags of the images that they are attached
//! to, by the names of their tags alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::TagRow;
use registry_model::{Attachment, AttachmentKind, Digest, TagName};

/// A tag that attaches something to the image of another tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttachedTag {
    pub tag: TagName,
    pub kind: AttachmentKind,
    /// Whether it is attached to the image that the other tag points to now. Otherwise to an
    /// earlier one.
    pub current: bool,
}

/// The rows without those that are attached to an image of another row, which are moved to that
/// row's [`TagRow::attachments`]. Tags attached to an image that no tag of the image stream points
/// to, or has pointed to, stay rows of their own.
pub(super) fn fold_attachments(rows: Vec<TagRow>) -> Vec<TagRow> {
    let (attached, mut rows): (Vec<TagRow>, Vec<TagRow>) =
        rows.into_iter().partition(|row| row.attached_to.is_some());
    if attached.is_empty() {
        return rows;
    }
    let (mut now, mut past): (BTreeMap<Digest, Vec<usize>>, BTreeMap<Digest, Vec<usize>>) =
        (BTreeMap::new(), BTreeMap::new());
    for (at, row) in rows.iter().enumerate() {
        let earlier: BTreeSet<&Digest> = row
            .history
            .iter()
            .filter_map(|event| event.image.as_ref())
            .collect();
        for image in earlier {
            let places = if row.digest.as_ref() == Some(image) {
                &mut now
            } else {
                &mut past
            };
            places.entry(image.clone()).or_default().push(at);
        }
    }
    let mut left = Vec::new();
    for row in attached {
        let Some(Attachment { image, kind }) = row.attached_to.clone() else {
            continue;
        };
        let (places, current) = match now.get(&image) {
            Some(places) => (places.as_slice(), true),
            None => (
                past.get(&image).map(Vec::as_slice).unwrap_or_default(),
                false,
            ),
        };
        for place in places {
            rows[*place].attachments.push(AttachedTag {
                tag: row.name.clone(),
                kind,
                current,
            });
        }
        if places.is_empty() {
            left.push(row);
        }
    }
    rows.extend(left);
    rows
}
