//! The layers of an image as a bar, and those of two images as bars below each other, in which
//! common layers are aligned (`components/charts/layer_stack.html`).

use std::fmt;

use crate::app::compare::{ComparedLayer, LayerOwner};
use registry_model::ByteSize;

/// A position or width in the picture: hundredths of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StackLength(u32);

/// The whole width.
const WHOLE: u32 = 10_000;

/// Segments narrower than this have no room for their number.
const MIN_NUMBERED: u32 = 300;

/// The part of the whole width that even a layer of a few bytes takes, as a divisor.
const MIN_SHARE_DIVISOR: u64 = 160;

impl fmt::Display for StackLength {
    /// As an SVG attribute: `12.34%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}%", self.0 / 100, self.0 % 100)
    }
}

/// A layer in a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) x: StackLength,
    pub(crate) width: StackLength,
    /// Its position among the layers, from 1.
    pub(crate) number: usize,
    pub(crate) size: Option<ByteSize>,
    pub(crate) owner: LayerOwner,
}

impl Segment {
    /// Where its number is drawn. `None` if there is no room for it.
    pub(crate) fn number_x(&self) -> Option<StackLength> {
        (self.width.0 >= MIN_NUMBERED).then_some(StackLength(self.x.0 + self.width.0 / 2))
    }

    /// Whether it is drawn in the second shade: so that neighbours differ.
    pub(crate) fn is_even(&self) -> bool {
        self.number.is_multiple_of(2)
    }
}

/// The layers of one image, in the order in which they are applied.
pub(crate) fn bar(sizes: impl IntoIterator<Item = Option<ByteSize>>) -> Vec<Segment> {
    let sizes: Vec<Option<ByteSize>> = sizes.into_iter().collect();
    let scale = BarScale::new(sizes.iter().copied());
    let whole = sizes.iter().map(|size| scale.extent(*size)).sum();
    let mut end = 0;
    sizes
        .into_iter()
        .enumerate()
        .map(|(at, size)| {
            let begin = end;
            end += scale.extent(size);
            segment(at, size, LayerOwner::Both, (begin, end), whole)
        })
        .collect()
}

/// The layers of two images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PairOfBars {
    pub(crate) from: Vec<Segment>,
    pub(crate) to: Vec<Segment>,
    /// Where common layers begin or end: lines between the bars.
    pub(crate) guides: Vec<StackLength>,
}

impl PairOfBars {
    /// Draws `layers` in their order: a common layer in both bars at the same place, what one image
    /// has alone between two common layers beside what the other one has alone there.
    pub(crate) fn new(layers: &[ComparedLayer]) -> Self {
        let scale = BarScale::new(layers.iter().map(|layer| layer.size));
        let (mut from, mut to) = (Vec::new(), Vec::new());
        let (mut from_end, mut to_end): (u128, u128) = (0, 0);
        for (at, layer) in layers.iter().enumerate() {
            let extent = scale.extent(layer.size);
            match layer.drawn_in {
                LayerOwner::Both => {
                    let begin = from_end.max(to_end);
                    let place = (begin, begin + extent);
                    from.push((at, layer, place));
                    to.push((at, layer, place));
                    (from_end, to_end) = (place.1, place.1);
                }
                LayerOwner::From => {
                    from.push((at, layer, (from_end, from_end + extent)));
                    from_end += extent;
                }
                LayerOwner::To => {
                    to.push((at, layer, (to_end, to_end + extent)));
                    to_end += extent;
                }
            }
        }
        let whole = from_end.max(to_end);
        let placed = |layers: Vec<(usize, &ComparedLayer, (u128, u128))>| {
            layers
                .into_iter()
                .map(|(at, layer, place)| segment(at, layer.size, layer.owner, place, whole))
                .collect::<Vec<Segment>>()
        };
        let from = placed(from);
        let guides = guides(layers, &from);
        Self {
            from,
            to: placed(to),
            guides,
        }
    }
}

/// The edges of the common layers, each once.
fn guides(layers: &[ComparedLayer], from: &[Segment]) -> Vec<StackLength> {
    let common = from
        .iter()
        .filter(|segment| layers[segment.number - 1].drawn_in == LayerOwner::Both);
    let mut edges: Vec<StackLength> = common
        .flat_map(|segment| [segment.x, StackLength(segment.x.0 + segment.width.0)])
        .collect();
    edges.dedup();
    edges
}

fn segment(
    at: usize,
    size: Option<ByteSize>,
    owner: LayerOwner,
    (begin, end): (u128, u128),
    whole: u128,
) -> Segment {
    let share = |at: u128| {
        let share = at * u128::from(WHOLE) / whole.max(1);
        StackLength(u32::try_from(share).unwrap_or(WHOLE))
    };
    let (x, end) = (share(begin), share(end));
    Segment {
        x,
        width: StackLength(end.0 - x.0),
        number: at + 1,
        size,
        owner,
    }
}

/// How long layers are drawn, before they are scaled to the whole width.
struct BarScale {
    min: u128,
}

impl BarScale {
    fn new(sizes: impl Iterator<Item = Option<ByteSize>>) -> Self {
        let sum: u128 = sizes.flatten().map(|size| u128::from(size.0)).sum();
        Self {
            min: (sum / u128::from(MIN_SHARE_DIVISOR)).max(1),
        }
    }

    /// The size, but at least the smallest part that can be seen. A layer of unknown size takes
    /// that.
    fn extent(&self, size: Option<ByteSize>) -> u128 {
        size.map_or(0, |size| u128::from(size.0)).max(self.min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::Digest;

    fn known(sizes: &[u64]) -> Vec<Option<ByteSize>> {
        sizes.iter().map(|size| Some(ByteSize(*size))).collect()
    }

    fn layer(name: &str, size: u64, drawn_in: LayerOwner) -> ComparedLayer {
        ComparedLayer {
            digest: Some(Digest::sha256(name.as_bytes())),
            size: Some(ByteSize(size)),
            drawn_in,
            owner: drawn_in,
            step: None,
        }
    }

    fn places(segments: &[Segment]) -> Vec<(usize, u32, u32)> {
        segments
            .iter()
            .map(|segment| (segment.number, segment.x.0, segment.width.0))
            .collect()
    }

    #[test]
    fn widths_are_shares_of_the_whole() {
        assert_eq!(
            places(&bar(known(&[500, 300, 200]))),
            [(1, 0, 5_000), (2, 5_000, 3_000), (3, 8_000, 2_000)]
        );
    }

    #[test]
    fn small_and_unknown_layers_can_be_seen() {
        let bar = bar([Some(ByteSize(1 << 40)), Some(ByteSize(0)), None]);
        assert!(bar.iter().all(|segment| segment.width.0 >= 50), "{bar:?}");
        let end = bar[2].x.0 + bar[2].width.0;
        assert_eq!(end, WHOLE);
    }

    #[test]
    fn extreme_sizes_do_not_overflow() {
        let segments = bar(known(&[u64::MAX; 200]));
        assert_eq!(segments.len(), 200);
        assert!(
            segments
                .iter()
                .all(|segment| segment.x.0 + segment.width.0 <= WHOLE)
        );
        assert!(bar([]).is_empty());
    }

    #[test]
    fn common_layers_are_aligned() {
        use LayerOwner::{Both, From, To};
        let pair = PairOfBars::new(&[
            layer("base", 40, Both),
            layer("old", 10, From),
            layer("new", 40, To),
            layer("top", 20, Both),
        ]);
        assert_eq!(
            places(&pair.from),
            [(1, 0, 4_000), (2, 4_000, 1_000), (4, 8_000, 2_000)]
        );
        assert_eq!(
            places(&pair.to),
            [(1, 0, 4_000), (3, 4_000, 4_000), (4, 8_000, 2_000)]
        );
        assert_eq!(
            pair.guides,
            [
                StackLength(0),
                StackLength(4_000),
                StackLength(8_000),
                StackLength(10_000)
            ]
        );
    }

    #[test]
    fn share_is_an_svg_percentage() {
        assert_eq!(StackLength(1_205).to_string(), "12.05%");
        assert_eq!(StackLength(WHOLE).to_string(), "100.00%");
    }

    #[test]
    fn number_is_drawn_only_where_it_has_room() {
        let segments = bar(known(&[97, 3, 2]));
        assert!(segments[0].number_x().is_some() && segments[2].number_x().is_none());
    }
}
