//! The states of imports as a row of squares, one for each import; or as one bar of segments if
//! there are too many for that.

use crate::app::imports::{ImportState, StateCounts};

/// The most imports that are drawn as squares.
const MAX_SQUARES: usize = 40;

/// The width of a square, and the distance between two.
const SQUARE: usize = 10;
const GAP: usize = 3;

/// The width of the picture.
const WIDTH: usize = MAX_SQUARES * (SQUARE + GAP) - GAP;

/// The smallest width of a segment, so that one import among thousands is visible.
const MIN_SEGMENT: usize = 4;

const HEIGHT: usize = 14;

/// The picture, in pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HealthStrip {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) marks: Vec<HealthMark>,
}

/// A square or a segment. The text beside the picture says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HealthMark {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    state: ImportState,
}

impl HealthMark {
    fn new(x: usize, width: usize, state: ImportState) -> Self {
        Self {
            x,
            y: (HEIGHT - SQUARE) / 2,
            width,
            height: SQUARE,
            state,
        }
    }

    /// The class with the color of the state.
    pub(crate) fn class(&self) -> &'static str {
        match self.state {
            ImportState::Failing => "rc-import-health--failing",
            ImportState::Never => "rc-import-health--never",
            ImportState::Stale => "rc-import-health--stale",
            ImportState::Importing => "rc-import-health--importing",
            ImportState::Ok => "rc-import-health--ok",
        }
    }
}

impl HealthStrip {
    pub(crate) fn new(counts: &StateCounts) -> Self {
        let marks = if counts.total() <= MAX_SQUARES {
            squares(counts)
        } else {
            segments(counts)
        };
        Self {
            width: WIDTH,
            height: HEIGHT,
            marks,
        }
    }
}

fn squares(counts: &StateCounts) -> Vec<HealthMark> {
    ImportState::ALL
        .into_iter()
        .flat_map(|state| std::iter::repeat_n(state, counts.of(state)))
        .enumerate()
        .map(|(at, state)| HealthMark::new(at * (SQUARE + GAP), SQUARE, state))
        .collect()
}

fn segments(counts: &StateCounts) -> Vec<HealthMark> {
    let present: Vec<(ImportState, usize)> = ImportState::ALL
        .into_iter()
        .map(|state| (state, counts.of(state)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let total = counts.total();
    // Every segment gets its smallest width; the rest is divided in proportion.
    let gaps = GAP * (present.len() - 1);
    let rest = WIDTH - gaps - MIN_SEGMENT * present.len();
    let mut x = 0;
    let mut counted = 0;
    let mut given = 0;
    let mut marks = Vec::with_capacity(present.len());
    for (state, count) in present {
        counted += count;
        let share = rest * counted / total - given;
        given += share;
        marks.push(HealthMark::new(x, MIN_SEGMENT + share, state));
        x += MIN_SEGMENT + share + GAP;
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(failing: usize, stale: usize, ok: usize) -> StateCounts {
        StateCounts {
            failing,
            stale,
            ok,
            ..StateCounts::default()
        }
    }

    #[test]
    fn few_imports_are_squares_in_the_order_of_states() {
        let strip = HealthStrip::new(&counts(2, 0, 1));
        let drawn: Vec<_> = strip
            .marks
            .iter()
            .map(|mark| (mark.x, mark.state))
            .collect();
        assert_eq!(
            drawn,
            [
                (0, ImportState::Failing),
                (13, ImportState::Failing),
                (26, ImportState::Ok)
            ]
        );
        assert!(HealthStrip::new(&counts(0, 0, 0)).marks.is_empty());
    }

    #[test]
    fn many_imports_are_segments_that_fill_the_width() {
        let strip = HealthStrip::new(&counts(1, 99, 2_900));
        let last = strip.marks.last().unwrap();
        assert_eq!(last.x + last.width, strip.width);
        assert_eq!(strip.marks.len(), 3);
        assert_eq!(strip.marks[0].width, MIN_SEGMENT, "{:?}", strip.marks);
        assert!(strip.marks.iter().all(|mark| mark.width >= MIN_SEGMENT));
    }
}
