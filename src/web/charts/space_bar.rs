//! Which part of space belongs to what, as a bar (`components/charts/space_bar.html`).

use registry_model::ByteSize;
use registry_model::space::SpaceUse;

/// The width of the view box; the picture is as wide as its surroundings.
pub(crate) const WIDTH: u64 = 1_000;

/// The width of the smallest part above zero, so that it is visible.
const MIN_WIDTH: u64 = 6;

/// What a part of the bar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpacePart {
    /// Nothing else has it, and a tag points to it.
    Own,
    /// Nothing else has it, and no tag points to it any more.
    History,
    /// Others have it too.
    Shared,
}

impl SpacePart {
    /// The class with the color of the part.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Own => "rc-space-bar__own",
            Self::History => "rc-space-bar__history",
            Self::Shared => "rc-space-bar__shared",
        }
    }
}

/// A part of the bar, in units of the view box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpaceSegment {
    pub(crate) part: SpacePart,
    pub(crate) x: u64,
    pub(crate) width: u64,
}

/// The sizes of the parts.
pub(crate) fn parts(space: &SpaceUse) -> [(SpacePart, ByteSize); 3] {
    let [total, own, history] =
        [space.total, space.own, space.own_history].map(|size| size.sum().0);
    [
        (SpacePart::Own, own.saturating_sub(history)),
        (SpacePart::History, history),
        (SpacePart::Shared, total.saturating_sub(own)),
    ]
    .map(|(part, size)| (part, ByteSize(size)))
}

/// The bar. `whole` is what the whole width stands for.
pub(crate) fn bar(space: &SpaceUse, whole: ByteSize) -> Vec<SpaceSegment> {
    let whole = u128::from(whole.0.max(1));
    let mut end = 0;
    let mut segments = Vec::new();
    for (part, size) in parts(space) {
        if size.0 == 0 {
            continue;
        }
        let share = u128::from(size.0) * u128::from(WIDTH) / whole;
        let width = u64::try_from(share)
            .unwrap_or(WIDTH)
            .max(MIN_WIDTH)
            .min(WIDTH - end);
        segments.push(SpaceSegment {
            part,
            x: end,
            width,
        });
        end += width;
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::space::SpaceSize;

    fn space(total: u64, own: u64, history: u64) -> SpaceUse {
        let [total, own, own_history] = [total, own, history].map(|bytes| SpaceSize {
            bytes: ByteSize(bytes),
            ..SpaceSize::default()
        });
        SpaceUse {
            total,
            own,
            own_history,
            ..SpaceUse::default()
        }
    }

    fn widths(space: &SpaceUse, whole: u64) -> Vec<(SpacePart, u64, u64)> {
        let segments = bar(space, ByteSize(whole));
        let segments = segments.into_iter();
        segments
            .map(|segment| (segment.part, segment.x, segment.width))
            .collect()
    }

    #[test]
    fn parts_are_shares_of_the_whole() {
        use SpacePart::{History, Own, Shared};
        assert_eq!(
            widths(&space(100, 60, 20), 100),
            [(Own, 0, 400), (History, 400, 200), (Shared, 600, 400)]
        );
        assert_eq!(
            widths(&space(50, 50, 0), 100),
            [(Own, 0, 500)],
            "a part without bytes is not drawn"
        );
        assert!(widths(&space(0, 0, 0), 0).is_empty());
    }

    #[test]
    fn small_parts_are_visible_and_extreme_ones_do_not_overflow() {
        let small = widths(&space(1_000_000, 1, 0), 1_000_000);
        assert_eq!(small[0].2, MIN_WIDTH);
        assert_eq!(small[1].1 + small[1].2, WIDTH);
        let huge = widths(&space(u64::MAX, u64::MAX, u64::MAX), 1);
        assert_eq!(huge, [(SpacePart::History, 0, WIDTH)]);
    }
}
