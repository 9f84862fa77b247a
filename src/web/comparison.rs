//! The values of `components/comparison.html`: two images and what differs.

use super::charts::layer_stack::{self, PairOfBars, Segment};
use super::render::Chrome;
use crate::app::compare::{
    ComparedLayer, Comparison, DifferingProperty, ImageName, ImagePair, LayerComparison,
    LayerOwner, TagOfImage,
};
use crate::app::images::{ImageFacts, ImageReference};
use crate::i18n::{Lang, Message};
use crate::web::links;
use registry_model::{ByteSize, ImageStreamName, ProjectName};

/// How a page names the two images, and what it links to.
#[derive(Clone, Debug)]
pub(crate) struct ComparisonLabels {
    pub(crate) from: String,
    pub(crate) to: String,
    /// What the images are on this page, such as the current one. Empty: nothing in particular.
    pub(crate) from_role: String,
    pub(crate) to_role: String,
    /// The same comparison with the images exchanged.
    pub(crate) swap: Option<String>,
    /// The platforms that can be compared: name, URL, and whether it is the compared one.
    pub(crate) platforms: Vec<(String, String, bool)>,
}

impl ComparisonLabels {
    /// The labels on a page about `stream` of `project`. Platforms link to the page that compares
    /// images.
    pub(crate) fn new(project: &ProjectName, stream: &ImageStreamName, pair: &ImagePair) -> Self {
        let (from, to) = (
            pair.from.name.relative_to(project, stream),
            pair.to.name.relative_to(project, stream),
        );
        let platforms = pair.platforms.iter().flat_map(|platforms| {
            platforms.choices.iter().map(|choice| {
                let is_compared = platforms.compared.as_ref() == Some(choice);
                let href = links::compare_platform(project, stream, &from, &to, choice);
                (choice.clone(), href, is_compared)
            })
        });
        Self {
            platforms: platforms.collect(),
            from: short_name(&pair.from.name, project, stream),
            to: short_name(&pair.to.name, project, stream),
            from_role: String::new(),
            to_role: String::new(),
            swap: None,
        }
    }

    /// The same with names by the tags that users know the images by, at the times when those
    /// pointed to them, such as `nightly (24 Nov 2026)` and `nightly (now)`.
    pub(crate) fn with_tags(
        self,
        lang: Lang,
        from: Option<&TagOfImage>,
        to: Option<&TagOfImage>,
    ) -> Self {
        let dated = |name: &String, image: Option<&TagOfImage>, with_time| {
            let earlier = image.filter(|image| !image.is_current);
            earlier.map_or_else(
                || image.map_or_else(|| name.clone(), |image| image.tag.to_string()),
                |image| earlier_name(lang, image, with_time),
            )
        };
        let (mut from_name, mut to_name) =
            (dated(&self.from, from, false), dated(&self.to, to, false));
        if from_name == to_name {
            (from_name, to_name) = (dated(&self.from, from, true), dated(&self.to, to, true));
        }
        // The tag as it is now, beside an earlier image of it.
        let is_earlier_of = |image: Option<&TagOfImage>, name: &str| {
            image.is_some_and(|image| !image.is_current && image.tag.as_str() == name)
        };
        let now = |name: &str| lang.msg("compare-tag-now").arg("tag", name).to_string();
        if is_earlier_of(from, &to_name) {
            to_name = now(&to_name);
        } else if is_earlier_of(to, &from_name) {
            from_name = now(&from_name);
        }
        Self {
            from: from_name,
            to: to_name,
            ..self
        }
    }

    /// The same with names for what the images are.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "texts are given as they come: as a message, a name or a string"
    )]
    pub(crate) fn with_roles(self, from: impl ToString, to: impl ToString) -> Self {
        Self {
            from_role: from.to_string(),
            to_role: to.to_string(),
            ..self
        }
    }

    /// The same with a link that exchanges the images.
    pub(crate) fn with_swap(self, href: String) -> Self {
        Self {
            swap: Some(href),
            ..self
        }
    }
}

/// The name of an image that a tag pointed to earlier.
fn earlier_name(lang: Lang, image: &TagOfImage, with_time: bool) -> String {
    let when = image.since.map(|since| {
        let date = lang.date(since);
        if with_time {
            format!("{date} {}", lang.time_of_day(since))
        } else {
            date
        }
    });
    lang.msg("compare-tag-then")
        .arg("tag", image.tag.as_str())
        .arg(
            "when",
            when.unwrap_or_else(|| lang.msg("unknown").to_string()),
        )
        .to_string()
}

/// A name for headings: with a short digest, and without the image stream of the page.
pub(crate) fn short_name(
    name: &ImageName,
    project: &ProjectName,
    stream: &ImageStreamName,
) -> String {
    let is_own = (&name.project, &name.stream) == (project, stream);
    match (&name.reference, is_own) {
        (ImageReference::Tag(tag), true) => tag.to_string(),
        (ImageReference::Digest(digest), true) => digest.short(),
        (ImageReference::Tag(_), false) => name.to_string(),
        (ImageReference::Digest(digest), false) => {
            format!("{}/{}@{}", name.project, name.stream, digest.short())
        }
    }
}

impl Chrome {
    /// The name of a setting.
    pub(crate) fn differing_property(&self, part: &DifferingProperty) -> Message {
        let lang = self.lang;
        match part {
            DifferingProperty::Platform => lang.msg("platform"),
            DifferingProperty::OsVersion => lang.msg("differs-os-version"),
            DifferingProperty::Author => lang.msg("author"),
            DifferingProperty::Entrypoint => lang.msg("entrypoint"),
            DifferingProperty::Command => lang.msg("command"),
            DifferingProperty::User => lang.msg("run-as"),
            DifferingProperty::Directory => lang.msg("working-dir"),
            DifferingProperty::Ports => lang.msg("ports"),
            DifferingProperty::Volumes => lang.msg("volumes"),
            DifferingProperty::StopSignal => lang.msg("stop-signal"),
            DifferingProperty::Healthcheck => lang.msg("healthcheck"),
            DifferingProperty::Shell => lang.msg("shell"),
            DifferingProperty::OnBuild => lang.msg("on-build"),
            DifferingProperty::Variable => lang.msg("differs-variable"),
            DifferingProperty::Label => lang.msg("differs-label"),
            DifferingProperty::Annotation => lang.msg("differs-annotation"),
        }
    }

    /// By how much the second image is larger: `+14.7 MiB`, `−1.0 KiB`, or that both are of the
    /// same size.
    pub(crate) fn size_change(&self, comparison: &Comparison) -> String {
        let lang = self.lang;
        match comparison.size_change {
            None => lang.msg("compare-size-unknown").to_string(),
            Some(0) => lang.msg("compare-size-same").to_string(),
            Some(bytes) => self.signed_size(bytes),
        }
    }

    /// A difference of sizes: `+14.7 MiB`, `−1.0 KiB`.
    pub(crate) fn signed_size(&self, bytes: i64) -> String {
        let sign = if bytes > 0 { '+' } else { '\u{2212}' };
        let size = ByteSize(bytes.unsigned_abs());
        format!("{sign}{}", self.lang.format_size(size))
    }

    /// The picture of the layers.
    #[expect(
        clippy::unused_self,
        reason = "templates reach it through the chrome that they have"
    )]
    pub(crate) fn layer_bars(&self, layers: &LayerComparison) -> PairOfBars {
        PairOfBars::new(&layers.layers)
    }

    /// The picture of the layers of one image.
    #[expect(
        clippy::unused_self,
        reason = "templates reach it through the chrome that they have"
    )]
    pub(crate) fn layer_bar(&self, facts: &ImageFacts) -> Vec<Segment> {
        layer_stack::bar(facts.layers.iter().map(|layer| layer.size))
    }

    /// The layers that one image has alone, then those of both, without empty groups.
    pub(crate) fn layer_groups<'l>(
        &self,
        layers: &'l LayerComparison,
        labels: &ComparisonLabels,
    ) -> Vec<LayerRows<'l>> {
        let lang = self.lang;
        let only = |name: &String| lang.msg("compare-layers-only").arg("image", name.clone());
        let groups = [
            (LayerOwner::From, "layers-from", only(&labels.from)),
            (LayerOwner::To, "layers-to", only(&labels.to)),
            (
                LayerOwner::Both,
                "layers-common",
                lang.msg("compare-layers-common"),
            ),
        ];
        groups
            .into_iter()
            .map(|(owner, id, title)| LayerRows {
                id,
                title,
                is_open: owner != LayerOwner::Both,
                rows: layers.of(owner),
            })
            .filter(|group| !group.rows.is_empty())
            .collect()
    }
}

/// A table of layers.
#[derive(Debug)]
pub(crate) struct LayerRows<'l> {
    pub(crate) id: &'static str,
    pub(crate) title: Message,
    /// Whether it is expanded at first.
    pub(crate) is_open: bool,
    pub(crate) rows: Vec<&'l ComparedLayer>,
}
