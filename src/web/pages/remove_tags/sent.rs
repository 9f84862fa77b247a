//! Tags in a form, each with what it was shown to point at: `v1@sha256:…`, `v1@` where that was nothing, `v1` where it was not shown.

use std::collections::BTreeSet;

use crate::console::{Asked, Shown};
use crate::model::{Digest, TagName};
use crate::web::forms::Sent;

/// What a form says of a tag.
pub(in crate::web::pages) fn shown(name: &TagName, digest: Option<&Digest>) -> String {
    digest.map_or_else(|| format!("{name}@"), |digest| format!("{name}@{digest}"))
}

/// The tags that a form names, each once; what is no name is nobody's.
pub(super) fn tags(sent: &Sent) -> Vec<Asked> {
    let mut once = BTreeSet::new();
    sent.all("tag").filter_map(tag).filter(|asked| once.insert(asked.name.clone())).collect()
}

/// A tag, with what a form that was made for it alone says of it.
pub(in crate::web::pages) fn one(sent: &Sent, name: &TagName) -> Asked {
    let said = sent.all("tag").filter_map(tag).find(|asked| asked.name == *name);
    said.unwrap_or_else(|| Asked { name: name.clone(), seen: None })
}

fn tag(text: &str) -> Option<Asked> {
    let Some((name, digest)) = text.split_once('@') else {
        return Some(Asked { name: text.parse().ok()?, seen: None });
    };
    let digest = if digest.is_empty() { None } else { Some(digest.parse().ok()?) };
    Some(Asked { name: name.parse().ok()?, seen: Some(Shown::Tag(digest)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::MOST_TAGS;

    #[test]
    fn a_tag_is_read_as_it_was_written() {
        let digest = Digest::sha256_of(b"x");
        let name: TagName = "v1".parse().unwrap();
        for (text, seen) in [
            (shown(&name, Some(&digest)), Some(Shown::Tag(Some(digest.clone())))),
            (shown(&name, None), Some(Shown::Tag(None))),
            ("v1".to_owned(), None),
        ] {
            assert_eq!(tag(&text), Some(Asked { name: name.clone(), seen }), "{text}");
        }
        assert!(["", "@", "-x", "v1@x", "a b"].into_iter().all(|text| tag(text).is_none()));
    }

    #[test]
    fn the_longest_form_is_one_that_the_console_takes() {
        let longest: TagName = "x".repeat(128).parse().unwrap();
        let field = shown(&longest, Some(&Digest::sha256_of(b"x")));
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(vec![("tag", &field); MOST_TAGS]).finish();
        assert!(form.len() + 2 * 1024 < 64 * 1024, "{}", form.len());
    }
}
