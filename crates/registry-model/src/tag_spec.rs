//! The `spec` of a tag, in a form that can be stored as text and read again.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use super::{Digest, ImageStreamName, ImportMode, ProjectName, Tag, TagName, TagSource};

/// The longest pull spec that is accepted, in bytes.
const MAX_PULL_SPEC_BYTES: usize = 1024;

/// An entry of `spec.tags`: the source of the tag and its policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagSpec {
    /// `from`.
    pub from: TagSpecSource,
    /// `importPolicy.scheduled`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub scheduled: bool,
    /// `importPolicy.insecure`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub insecure: bool,
    /// `importPolicy.importMode`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import_mode: Option<ImportMode>,
    /// `reference`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reference: bool,
    /// Whether `referencePolicy.type` is `Local`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub local: bool,
    /// `annotations`. Untrusted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Whether the annotations were omitted because the text would have been too long.
    #[serde(default, skip_serializing_if = "is_false")]
    pub without_annotations: bool,
}

/// The source that a tag is set to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TagSpecSource {
    /// An image of an image stream (`ImageStreamImage`).
    Image(
        #[serde(deserialize_with = "deserialize_from_str")] ProjectName,
        #[serde(deserialize_with = "deserialize_from_str")] ImageStreamName,
        #[serde(deserialize_with = "deserialize_from_str")] Digest,
    ),
    /// A tag of an image stream (`ImageStreamTag`).
    Tag(
        #[serde(deserialize_with = "deserialize_from_str")] ProjectName,
        #[serde(deserialize_with = "deserialize_from_str")] ImageStreamName,
        #[serde(deserialize_with = "deserialize_from_str")] TagName,
    ),
    /// An image of another registry (`DockerImage`): its pull spec. Untrusted.
    External(String),
}

impl TagSpec {
    /// The spec that sets a tag of `stream` to the state of `tag`: to its image if one was pushed
    /// after its source was set. `None` if the tag has neither a source nor an image.
    #[must_use]
    pub fn from_tag(tag: &Tag, project: &ProjectName, stream: &ImageStreamName) -> Option<Self> {
        let current = tag.current().and_then(|event| event.image.clone());
        let image = || {
            Some(TagSpecSource::Image(
                project.clone(),
                stream.clone(),
                current.clone()?,
            ))
        };
        let from = match &tag.source {
            _ if tag.is_overridden_by_push() => image(),
            TagSource::External(name) => Some(TagSpecSource::External(name.clone())),
            TagSource::StreamTag(_) => tag
                .tracked_tag(project, stream)
                .map(|(project, stream, tag)| TagSpecSource::Tag(project, stream, tag)),
            TagSource::StreamImage(name) => image_source(name, project),
            TagSource::Pushed | TagSource::Unknown(_) => image(),
        };
        Some(Self {
            from: from.or_else(image)?,
            scheduled: tag.scheduled,
            insecure: tag.insecure,
            import_mode: tag.import_mode,
            reference: tag.reference,
            local: tag.local,
            annotations: tag.annotations.clone(),
            without_annotations: false,
        })
    }

    /// The spec that sets a tag to an image, with the default policies.
    #[must_use]
    pub fn from_image(project: &ProjectName, stream: &ImageStreamName, image: &Digest) -> Self {
        Self {
            from: TagSpecSource::Image(project.clone(), stream.clone(), image.clone()),
            scheduled: false,
            insecure: false,
            import_mode: None,
            reference: false,
            local: false,
            annotations: BTreeMap::new(),
            without_annotations: false,
        }
    }

    /// The text that [`TagSpec::from_text`] reads, of at most `most` bytes. The annotations are
    /// omitted if they do not fit. `None` if the rest does not fit either.
    #[must_use]
    pub fn to_text(&self, most: usize) -> Option<String> {
        let text = |spec: &Self| {
            serde_json::to_string(spec)
                .ok()
                .filter(|text| text.len() <= most)
        };
        let shorter = || Self {
            annotations: BTreeMap::new(),
            without_annotations: true,
            ..self.clone()
        };
        text(self).or_else(|| text(&shorter()))
    }

    /// Reads the text of [`TagSpec::to_text`]; `None` if it is not valid. Names, digests and the
    /// syntax of a pull spec are checked, because the browser returns the text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let spec: Self = serde_json::from_str(text).ok()?;
        match &spec.from {
            TagSpecSource::External(name) => {
                let is_plain = !name.is_empty()
                    && name.len() <= MAX_PULL_SPEC_BYTES
                    && name.chars().all(|char| char.is_ascii_graphic());
                is_plain.then_some(spec)
            }
            TagSpecSource::Image(..) | TagSpecSource::Tag(..) => Some(spec),
        }
    }
}

fn deserialize_from_str<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<T, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(serde::de::Error::custom)
}

fn image_source(name: &str, project: &ProjectName) -> Option<TagSpecSource> {
    let (stream, digest) = name.split_once('@')?;
    let (project, stream) = match stream.split_once('/') {
        Some((project, stream)) => (project.parse().ok()?, stream),
        None => (project.clone(), stream),
    };
    Some(TagSpecSource::Image(
        project,
        stream.parse().ok()?,
        digest.parse().ok()?,
    ))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for this signature"
)]
fn is_false(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(source: TagSource) -> Tag {
        Tag {
            source,
            scheduled: true,
            insecure: true,
            local: true,
            ..Tag::new_pushed("1".parse().unwrap())
        }
    }

    fn spec_of(tag: &Tag) -> Option<TagSpec> {
        TagSpec::from_tag(tag, &"team-a".parse().unwrap(), &"api".parse().unwrap())
    }

    #[test]
    fn a_tag_spec_round_trips() {
        let digest = Digest::sha256(b"x");
        for source in [
            TagSource::External("registry.example.com:5000/up/api:1".to_owned()),
            TagSource::StreamTag("team-b/web:latest".to_owned()),
            TagSource::StreamTag("latest".to_owned()),
            TagSource::StreamImage(format!("web@{digest}")),
        ] {
            let annotations = BTreeMap::from([("a".to_owned(), "\"<b>\"\n".to_owned())]);
            let spec = spec_of(&Tag {
                annotations,
                import_mode: Some(ImportMode::PreserveOriginal),
                ..tag(source)
            })
            .unwrap();
            assert_eq!(TagSpec::from_text(&spec.to_text(4096).unwrap()), Some(spec));
        }
        assert_eq!(spec_of(&tag(TagSource::Pushed)), None);
    }

    #[test]
    fn annotations_that_do_not_fit_are_omitted_and_flagged() {
        let annotations = BTreeMap::from([("a".to_owned(), "b".repeat(500))]);
        let spec = spec_of(&Tag {
            annotations,
            ..tag(TagSource::StreamTag("latest".to_owned()))
        })
        .unwrap();
        let read = TagSpec::from_text(&spec.to_text(400).unwrap()).unwrap();
        assert!(
            read.without_annotations && read.annotations.is_empty() && read.scheduled,
            "{read:?}"
        );
        assert_eq!(spec.to_text(10), None);
    }

    #[test]
    fn other_text_is_not_a_tag_spec() {
        for text in [
            "",
            "{}",
            "null",
            r#"{"from":{"External":""}}"#,
            r#"{"from":{"External":"a b"}}"#,
            r#"{"from":{"Tag":["team-a","../x","1"]}}"#,
            r#"{"from":{"Image":["team-a","api","latest"]}}"#,
            r#"{"from":{"External":"a/b"},"more":1}"#,
        ] {
            assert_eq!(TagSpec::from_text(text), None, "{text}");
        }
        assert_eq!(
            TagSpec::from_text(&format!(
                r#"{{"from":{{"External":"{}"}}}}"#,
                "a".repeat(1025)
            )),
            None
        );
        assert!(TagSpec::from_text(r#"{"from":{"External":"a/b"}}"#).is_some());
    }
}
