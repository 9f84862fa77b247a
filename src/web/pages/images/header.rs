//! The header of the page of an image.

use crate::app::images::{ImageFacts, ImageReference};
use crate::i18n::Lang;
use crate::web::page_header::PageHeader;
use registry_model::{ImageStreamName, ProjectName};

/// Labels and annotations that describe an image: those of OpenShift and OCI, and older ones.
const DESCRIPTION_NAMES: [&str; 4] = [
    "io.k8s.description",
    "org.opencontainers.image.description",
    "description",
    "summary",
];

/// The header of the page of an image, without actions.
pub(in crate::web::pages) fn image_header(
    lang: Lang,
    project: &ProjectName,
    stream: &ImageStreamName,
    reference: &ImageReference,
) -> PageHeader {
    let current = match reference {
        ImageReference::Tag(tag) => tag.to_string(),
        ImageReference::Digest(digest) => digest.short(),
    };
    PageHeader::new(format!("{stream}{}", reference.short()))
        .below_stream(lang, project, stream)
        .with_current(current)
}

/// What the image says it is, in its labels or annotations. Untrusted.
pub(in crate::web::pages) fn image_description(facts: &ImageFacts) -> Option<&String> {
    let labels = facts.config.as_ref().map(|config| &config.labels.items);
    DESCRIPTION_NAMES
        .iter()
        .find_map(|name| {
            let label = labels.and_then(|labels| labels.get(*name));
            label.or_else(|| facts.annotations.items.get(*name))
        })
        .filter(|text| !text.trim().is_empty())
}
