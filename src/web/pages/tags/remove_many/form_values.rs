//! Tags in a form, each with the image that the page displayed for it: `v1@sha256:…`, `v1@` if the
//! tag had no image, `v1` if the image was not displayed.

use std::collections::BTreeSet;

use crate::app::tags::{SeenTag, TagRemovalRequest};
use crate::web::forms::FormData;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName, TagSpec, TagSpecSource};

/// Formats a tag and its image.
pub(in crate::web::pages) fn format_seen_tag(name: &TagName, digest: Option<&Digest>) -> String {
    digest.map_or_else(|| format!("{name}@"), |digest| format!("{name}@{digest}"))
}

/// The tags in a form without duplicates. Invalid values are ignored.
pub(super) fn parse_seen_tags(form: &FormData) -> Vec<TagRemovalRequest> {
    let mut seen_names = BTreeSet::new();
    form.all("tag")
        .filter_map(parse_seen_tag)
        .filter(|asked| seen_names.insert(asked.name.clone()))
        .collect()
}

/// The tag `name` from a form for a single tag, with its image if the form contains it.
pub(in crate::web::pages) fn parse_one_seen_tag(
    form: &FormData,
    name: &TagName,
) -> TagRemovalRequest {
    let seen = form
        .all("tag")
        .filter_map(parse_seen_tag)
        .find(|asked| asked.name == *name);
    seen.unwrap_or_else(|| TagRemovalRequest {
        name: name.clone(),
        seen: None,
    })
}

/// The limit of the tag specs in the form that restores many tags. The console accepts a body of 64
/// KiB, and each tag that is only an image must fit as well.
const MAX_SPECS_BYTES: usize = 24 << 10;

/// Formats tag specs for the form that restores the tags: `v1@sha256:…` for a tag that is only an
/// image of the stream, else `v1 {…}`. Omits the longest specs if there are many.
pub(super) fn format_specs(
    project: &ProjectName,
    stream: &ImageStreamName,
    tags: &[(&TagName, &TagSpec)],
) -> Vec<String> {
    let mut left = MAX_SPECS_BYTES;
    let mut fields = Vec::new();
    for &(name, spec) in tags {
        match &spec.from {
            TagSpecSource::Image(_, _, image)
                if *spec == TagSpec::from_image(project, stream, image) =>
            {
                fields.push(format_seen_tag(name, Some(image)))
            }
            _ => {
                let Some(text) = spec.to_text(MAX_SPECS_BYTES / 3 / tags.len().clamp(1, 16)) else {
                    continue;
                };
                let field = format!("{name} {text}");
                let bytes = url::form_urlencoded::byte_serialize(field.as_bytes())
                    .map(str::len)
                    .sum();
                if let Some(rest) = left.checked_sub(bytes) {
                    left = rest;
                    fields.push(field);
                }
            }
        }
    }
    fields
}

/// Parses the tags that [`format_specs`] wrote, without duplicates. Invalid values are ignored.
pub(super) fn parse_specs(
    project: &ProjectName,
    stream: &ImageStreamName,
    form: &FormData,
) -> Vec<(TagName, TagSpec)> {
    let mut seen_names = BTreeSet::new();
    let read = |text: &str| {
        if let Some((name, spec)) = text.split_once(' ') {
            return Some((name.parse::<TagName>().ok()?, TagSpec::from_text(spec)?));
        }
        match parse_seen_tag(text)? {
            TagRemovalRequest {
                name,
                seen: Some(SeenTag::Tag(Some(image))),
            } => Some((name, TagSpec::from_image(project, stream, &image))),
            _ => None,
        }
    };
    form.all("tag")
        .filter_map(read)
        .filter(|(name, _)| seen_names.insert(name.clone()))
        .collect()
}

fn parse_seen_tag(text: &str) -> Option<TagRemovalRequest> {
    let Some((name, digest)) = text.split_once('@') else {
        return Some(TagRemovalRequest {
            name: text.parse().ok()?,
            seen: None,
        });
    };
    let digest = if digest.is_empty() {
        None
    } else {
        Some(digest.parse().ok()?)
    };
    Some(TagRemovalRequest {
        name: name.parse().ok()?,
        seen: Some(SeenTag::Tag(digest)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tags::MOST_TAGS;

    #[test]
    fn tag_field_round_trips() {
        let digest = Digest::sha256(b"x");
        let name: TagName = "v1".parse().unwrap();
        for (text, seen) in [
            (
                format_seen_tag(&name, Some(&digest)),
                Some(SeenTag::Tag(Some(digest.clone()))),
            ),
            (format_seen_tag(&name, None), Some(SeenTag::Tag(None))),
            ("v1".to_owned(), None),
        ] {
            assert_eq!(
                parse_seen_tag(&text),
                Some(TagRemovalRequest {
                    name: name.clone(),
                    seen
                }),
                "{text}"
            );
        }
        assert!(
            ["", "@", "-x", "v1@x", "a b"]
                .into_iter()
                .all(|text| parse_seen_tag(text).is_none())
        );
    }

    #[test]
    fn longest_form_fits_the_body_limit() {
        let longest: TagName = "x".repeat(128).parse().unwrap();
        let field = format_seen_tag(&longest, Some(&Digest::sha256(b"x")));
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(vec![("tag", &field); MOST_TAGS])
            .finish();
        assert!(form.len() + 2 * 1024 < 64 * 1024, "{}", form.len());
    }
}
