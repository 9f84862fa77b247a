//! The layers of two images.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::alignment::{Aligned, align};
use crate::app::bounds::truncate_counting;
use crate::app::images::{ImageFacts, LayerRow};
use registry_model::{ByteSize, Digest, TotalSize};

/// How many layers are listed: two images of as many layers as Docker allows (127).
const MAX_LAYERS: usize = 256;

/// How many characters of a build step are shown beside its layer.
const MAX_STEP_CHARS: usize = 160;

/// Which image has a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LayerOwner {
    Both,
    From,
    To,
}

/// A layer of one of the images, or of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComparedLayer {
    /// Absent if the digest in the manifest is invalid.
    pub digest: Option<Digest>,
    pub size: Option<ByteSize>,
    /// Where it is drawn: beside the same layer of the other image, or alone.
    #[serde(skip)]
    pub drawn_in: LayerOwner,
    /// Which image has it. A layer at another position of the other image is in both, and is
    /// listed twice.
    pub owner: LayerOwner,
    /// The beginning of the build step that made it, where that is certain. Untrusted.
    pub step: Option<String>,
}

/// How many layers there are, and their size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LayerGroup {
    pub count: usize,
    pub size: Option<TotalSize>,
}

/// The layers of two images.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LayerComparison {
    /// All layers in the order in which they are applied, common ones beside each other.
    pub layers: Vec<ComparedLayer>,
    /// How many more there are.
    pub more: usize,
    /// The layers of both images.
    pub common: LayerGroup,
    /// The layers that only the first image has.
    pub only_from: LayerGroup,
    pub only_to: LayerGroup,
}

impl LayerComparison {
    pub(super) fn new(from: &ImageFacts, to: &ImageFacts) -> Self {
        let (in_from, in_to) = (digests(from), digests(to));
        let (from_steps, to_steps) = (steps(from), steps(to));
        let keys = |facts: &ImageFacts| -> Vec<Option<Digest>> {
            facts.layers.iter().map(|row| row.digest.clone()).collect()
        };
        let aligned = align_known(&keys(from), &keys(to));
        let mut layers: Vec<ComparedLayer> = aligned
            .into_iter()
            .map(|entry| {
                let (row, drawn_in, steps) = match entry {
                    Aligned::Both(_, at) => (&to.layers[at], LayerOwner::Both, &to_steps),
                    Aligned::From(at) => (&from.layers[at], LayerOwner::From, &from_steps),
                    Aligned::To(at) => (&to.layers[at], LayerOwner::To, &to_steps),
                };
                let is_common = row
                    .digest
                    .as_ref()
                    .is_some_and(|digest| in_from.contains(digest) && in_to.contains(digest));
                ComparedLayer {
                    digest: row.digest.clone(),
                    size: row.size,
                    drawn_in,
                    owner: if is_common {
                        LayerOwner::Both
                    } else {
                        drawn_in
                    },
                    step: row
                        .digest
                        .as_ref()
                        .and_then(|digest| steps.get(digest).cloned()),
                }
            })
            .collect();
        let group = |owner| LayerGroup::new(layers.iter().filter(|layer| layer.owner == owner));
        let (common, only_from, only_to) = (
            group(LayerOwner::Both),
            group(LayerOwner::From),
            group(LayerOwner::To),
        );
        let more = truncate_counting(&mut layers, MAX_LAYERS);
        Self {
            layers,
            more: more + from.more_layers + to.more_layers,
            common,
            only_from,
            only_to,
        }
    }

    /// Whether both images have the same layers in the same order.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.more == 0
            && self
                .layers
                .iter()
                .all(|layer| layer.drawn_in == LayerOwner::Both)
    }

    /// The layers that `owner` has, each once.
    #[must_use]
    pub fn of(&self, owner: LayerOwner) -> Vec<&ComparedLayer> {
        let mut seen = BTreeSet::new();
        self.layers
            .iter()
            .filter(|layer| layer.owner == owner)
            .filter(|layer| {
                layer
                    .digest
                    .as_ref()
                    .is_none_or(|digest| seen.insert(digest))
            })
            .collect()
    }
}

impl LayerGroup {
    /// Counts each digest once, as the registry stores it once.
    fn new<'l>(layers: impl Iterator<Item = &'l ComparedLayer>) -> Self {
        let mut seen = BTreeSet::new();
        let sizes: Vec<Option<ByteSize>> = layers
            .filter(|layer| {
                layer
                    .digest
                    .as_ref()
                    .is_none_or(|digest| seen.insert(digest))
            })
            .map(|layer| layer.size)
            .collect();
        Self {
            count: sizes.len(),
            size: TotalSize::from_sizes(sizes),
        }
    }
}

/// Like [`align`]. A layer without a digest is equal to no other.
fn align_known(from: &[Option<Digest>], to: &[Option<Digest>]) -> Vec<Aligned> {
    #[derive(Clone, Copy)]
    struct Key<'d>(&'d Option<Digest>);
    impl PartialEq for Key<'_> {
        fn eq(&self, other: &Self) -> bool {
            self.0.is_some() && self.0 == other.0
        }
    }
    let keys = |digests| -> Vec<Key<'_>> { <[_]>::iter(digests).map(Key).collect() };
    align(&keys(from), &keys(to))
}

fn digests(facts: &ImageFacts) -> BTreeSet<&Digest> {
    let known = |row: &LayerRow| row.digest.is_some();
    facts
        .layers
        .iter()
        .filter(|row| known(row))
        .filter_map(|row| row.digest.as_ref())
        .collect()
}

/// The beginning of the step that made each layer.
fn steps(facts: &ImageFacts) -> BTreeMap<Digest, String> {
    let steps = facts.recipe.iter().flat_map(|recipe| &recipe.steps.items);
    steps
        .filter_map(|step| {
            let layer = step.layer.as_ref()?;
            let words = step.instruction.as_deref().into_iter().chain([&*step.text]);
            let text = words.collect::<Vec<_>>().join(" ");
            let mut shown: String = text.chars().take(MAX_STEP_CHARS).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            Some((layer.digest.clone(), shown))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::images::ContentKind;
    use registry_model::image_config::CreationTime;
    use registry_model::{Layer, TruncatedMap};

    fn facts(layers: &[(&str, u64)]) -> ImageFacts {
        let rows = layers.iter().map(|(name, size)| {
            LayerRow::from(&Layer::new(
                Digest::sha256(name.as_bytes()),
                Some(ByteSize(*size)),
                None,
            ))
        });
        ImageFacts {
            kind: ContentKind::Image,
            media_type: None,
            artifact_type: None,
            created: CreationTime::NotSet,
            pushed: None,
            author: None,
            size: None,
            size_at_least: false,
            config: None,
            annotations: TruncatedMap::default(),
            layers: rows.collect(),
            more_layers: 0,
            recipe: None,
            platforms: Vec::new(),
            more_platforms: 0,
            unread_platforms: 0,
            artifact: None,
            subject: None,
            chart: None,
        }
    }

    #[test]
    fn common_layers_are_counted_once_and_their_sizes_added() {
        let from = facts(&[("base", 100), ("app 1", 5)]);
        let to = facts(&[("base", 100), ("libraries", 20), ("app 2", 7)]);
        let compared = LayerComparison::new(&from, &to);
        let totals = [compared.common, compared.only_from, compared.only_to]
            .map(|group| (group.count, group.size.unwrap().bytes.0));
        assert_eq!(totals, [(1, 100), (1, 5), (2, 27)]);
        assert!(!compared.is_equal());
    }

    #[test]
    fn layer_at_another_position_is_common() {
        let from = facts(&[("a", 1), ("b", 2)]);
        let to = facts(&[("b", 2), ("a", 1)]);
        let compared = LayerComparison::new(&from, &to);
        assert_eq!((compared.common.count, compared.only_from.count), (2, 0));
        assert_eq!(compared.of(LayerOwner::Both).len(), 2);
        assert!(!compared.is_equal());
    }

    #[test]
    fn layers_without_a_digest_are_not_common() {
        let mut from = facts(&[("a", 1)]);
        from.layers[0].digest = None;
        let compared = LayerComparison::new(&from, &from.clone());
        assert_eq!(
            (
                compared.common.count,
                compared.only_from.count,
                compared.only_to.count
            ),
            (0, 1, 1)
        );
    }
}
