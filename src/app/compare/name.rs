//! How users name the images to compare.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::images::ImageReference;
use registry_model::{Digest, ImageStreamName, ProjectName};

/// An image, by the image stream that has it and a tag or digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImageName {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub reference: ImageReference,
}

impl ImageName {
    /// Parses `tag`, `sha256:…`, `stream:tag`, `stream@sha256:…`, `project/stream:tag` and
    /// `project/stream@sha256:…`. `project` and `stream` apply where the text names none. `None` if
    /// it is none of these.
    #[must_use]
    pub fn parse(text: &str, project: &ProjectName, stream: &ImageStreamName) -> Option<Self> {
        let text = text.trim();
        let reference = if let Ok(digest) = text.parse::<Digest>() {
            Some(ImageReference::Digest(digest))
        } else {
            text.parse().ok().map(ImageReference::Tag)
        };
        if let Some(reference) = reference {
            return Some(Self {
                project: project.clone(),
                stream: stream.clone(),
                reference,
            });
        }
        // A digest that is not complete, rather than a tag of an image stream called sha256.
        if text.starts_with("sha256:") || text.starts_with("sha512:") {
            return None;
        }
        let (named_project, rest) = match text.split_once('/') {
            Some((named, rest)) => (named.parse().ok()?, rest),
            None => (project.clone(), text),
        };
        let (stream, reference) = match rest.split_once('@') {
            Some((stream, digest)) => (stream, ImageReference::Digest(digest.parse().ok()?)),
            None => {
                let (stream, tag) = rest.split_once(':')?;
                (stream, ImageReference::Tag(tag.parse().ok()?))
            }
        };
        Some(Self {
            project: named_project,
            stream: stream.parse().ok()?,
            reference,
        })
    }

    /// The shortest text that [`Self::parse`] reads as this image, on a page about `stream` of
    /// `project`.
    #[must_use]
    pub fn relative_to(&self, project: &ProjectName, stream: &ImageStreamName) -> String {
        if (&self.project, &self.stream) != (project, stream) {
            return self.to_string();
        }
        match &self.reference {
            ImageReference::Tag(tag) => tag.to_string(),
            ImageReference::Digest(digest) => digest.to_string(),
        }
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}{}", self.project, self.stream, self.reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<String> {
        let (project, stream) = ("shop".parse().unwrap(), "cart".parse().unwrap());
        ImageName::parse(text, &project, &stream).map(|name| name.to_string())
    }

    #[test]
    fn missing_parts_are_those_of_the_page() {
        let digest = Digest::sha256(b"image");
        for (text, name) in [
            ("1.0".to_owned(), "shop/cart:1.0".to_owned()),
            (" 1.0 ".to_owned(), "shop/cart:1.0".to_owned()),
            (digest.to_string(), format!("shop/cart@{digest}")),
            ("web:1.0".to_owned(), "shop/web:1.0".to_owned()),
            (format!("web@{digest}"), format!("shop/web@{digest}")),
            ("team/web:1.0".to_owned(), "team/web:1.0".to_owned()),
            (format!("team/web@{digest}"), format!("team/web@{digest}")),
        ] {
            assert_eq!(parse(&text).as_deref(), Some(name.as_str()), "{text}");
        }
    }

    #[test]
    fn other_texts_name_no_image() {
        for text in [
            "",
            "-1",
            "sha256:00",
            "web:",
            "web@1.0",
            "a/b/c:1.0",
            "UPPER/web:1.0",
            "../web:1.0",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn shortest_name_is_read_as_the_same_image() {
        let (project, stream) = ("shop".parse().unwrap(), "cart".parse().unwrap());
        for text in ["1.0", "shop/web:2", "team/cart:1.0"] {
            let name = ImageName::parse(text, &project, &stream).unwrap();
            assert_eq!(name.relative_to(&project, &stream), text);
        }
    }
}
