//! Tags in a form, each with what it was shown to point at: `v1@sha256:…`, `v1@` where that was
//! nothing, `v1` where it was not shown.

use std::collections::BTreeSet;

use crate::app::tags::{Asked, Shown};
use crate::web::extract::OfStream;
use crate::web::forms::Sent;
use registry_model::{Digest, TagName, TagSpec, TagTarget};

/// What a form says of a tag.
pub(in crate::web::pages) fn shown(name: &TagName, digest: Option<&Digest>) -> String {
    digest.map_or_else(|| format!("{name}@"), |digest| format!("{name}@{digest}"))
}

/// The tags that a form names, each once; what is no name is nobody's.
pub(super) fn tags(sent: &Sent) -> Vec<Asked> {
    let mut once = BTreeSet::new();
    sent.all("tag")
        .filter_map(tag)
        .filter(|asked| once.insert(asked.name.clone()))
        .collect()
}

/// A tag, with what a form that was made for it alone says of it.
pub(in crate::web::pages) fn one(sent: &Sent, name: &TagName) -> Asked {
    let said = sent
        .all("tag")
        .filter_map(tag)
        .find(|asked| asked.name == *name);
    said.unwrap_or_else(|| Asked {
        name: name.clone(),
        seen: None,
    })
}

/// The bytes of the specs in a form in which many tags are put back: the console takes 64 KiB, and
/// each tag may be no more than an image.
const LARGEST_SPECS: usize = 24 << 10;

/// What a form says of removed tags, so that each can be put back: `v1@sha256:…` for one that is no
/// more than an image of `stream`, else `v1 {…}`. The longest of them do not fit into a form when
/// there are many.
pub(super) fn specs(of: &OfStream, removed: &[(TagName, Option<TagSpec>)]) -> Vec<String> {
    let mut left = LARGEST_SPECS;
    let mut fields = Vec::new();
    for (name, spec) in removed {
        let Some(spec) = spec else { continue };
        match &spec.from {
            TagTarget::Image(_, _, image)
                if *spec == TagSpec::of_image(&of.project, &of.stream, image) =>
            {
                fields.push(shown(name, Some(image)))
            }
            _ => {
                let Some(text) = spec.to_text(LARGEST_SPECS / 3 / removed.len().clamp(1, 16))
                else {
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

/// The tags that [`specs`] wrote, each once; what is neither a name nor a spec is left out.
pub(super) fn read_specs(of: &OfStream, sent: &Sent) -> Vec<(TagName, TagSpec)> {
    let mut once = BTreeSet::new();
    let read = |text: &str| {
        if let Some((name, spec)) = text.split_once(' ') {
            return Some((name.parse::<TagName>().ok()?, TagSpec::from_text(spec)?));
        }
        match tag(text)? {
            Asked {
                name,
                seen: Some(Shown::Tag(Some(image))),
            } => Some((name, TagSpec::of_image(&of.project, &of.stream, &image))),
            _ => None,
        }
    };
    sent.all("tag")
        .filter_map(read)
        .filter(|(name, _)| once.insert(name.clone()))
        .collect()
}

fn tag(text: &str) -> Option<Asked> {
    let Some((name, digest)) = text.split_once('@') else {
        return Some(Asked {
            name: text.parse().ok()?,
            seen: None,
        });
    };
    let digest = if digest.is_empty() {
        None
    } else {
        Some(digest.parse().ok()?)
    };
    Some(Asked {
        name: name.parse().ok()?,
        seen: Some(Shown::Tag(digest)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tags::MOST_TAGS;

    #[test]
    fn a_tag_is_read_as_it_was_written() {
        let digest = Digest::sha256_of(b"x");
        let name: TagName = "v1".parse().unwrap();
        for (text, seen) in [
            (
                shown(&name, Some(&digest)),
                Some(Shown::Tag(Some(digest.clone()))),
            ),
            (shown(&name, None), Some(Shown::Tag(None))),
            ("v1".to_owned(), None),
        ] {
            assert_eq!(
                tag(&text),
                Some(Asked {
                    name: name.clone(),
                    seen
                }),
                "{text}"
            );
        }
        assert!(
            ["", "@", "-x", "v1@x", "a b"]
                .into_iter()
                .all(|text| tag(text).is_none())
        );
    }

    #[test]
    fn the_longest_form_is_one_that_the_console_takes() {
        let longest: TagName = "x".repeat(128).parse().unwrap();
        let field = shown(&longest, Some(&Digest::sha256_of(b"x")));
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(vec![("tag", &field); MOST_TAGS])
            .finish();
        assert!(form.len() + 2 * 1024 < 64 * 1024, "{}", form.len());
    }
}
