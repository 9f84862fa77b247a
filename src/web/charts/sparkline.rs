//! A row of bars, one for each day (`components/charts/sparkline.html`).

/// The bars, in units of the view box, which is [`Sparkline::width`] by [`HEIGHT`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sparkline {
    pub(crate) bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) height: usize,
    /// Whether it is the last one: today.
    pub(crate) is_last: bool,
}

/// The height of the view box.
pub(crate) const HEIGHT: usize = 36;
/// The width of a bar.
pub(crate) const BAR_WIDTH: usize = 6;
/// The distance between two bars.
const GAP: usize = 2;
/// The height of a bar for zero, so that each day is visible.
const MIN_HEIGHT: usize = 1;
/// The height of a bar for the smallest number above zero.
const MIN_HEIGHT_ABOVE_ZERO: usize = 3;

impl Sparkline {
    /// Bars whose heights are proportional to `counts`.
    pub(crate) fn new(counts: &[usize]) -> Self {
        let most = counts.iter().copied().max().unwrap_or_default().max(1);
        let bars = counts.iter().enumerate().map(|(at, count)| {
            let height = match count {
                0 => MIN_HEIGHT,
                _ => (count.saturating_mul(HEIGHT) / most).max(MIN_HEIGHT_ABOVE_ZERO),
            };
            Bar {
                x: at * (BAR_WIDTH + GAP),
                y: HEIGHT - height,
                height,
                is_last: at + 1 == counts.len(),
            }
        });
        Self {
            bars: bars.collect(),
        }
    }

    /// The width of the view box.
    pub(crate) fn width(&self) -> usize {
        self.bars
            .last()
            .map_or(BAR_WIDTH, |last| last.x + BAR_WIDTH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_proportional_and_never_invisible() {
        let line = Sparkline::new(&[0, 1, 50, 100]);
        let heights: Vec<_> = line.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [1, 3, 18, 36]);
        assert!(line.bars.iter().all(|bar| bar.y + bar.height == HEIGHT));
        assert_eq!(line.width(), 3 * 8 + 6);
        let last: Vec<_> = line.bars.iter().map(|bar| bar.is_last).collect();
        assert_eq!(last, [false, false, false, true]);
    }

    #[test]
    fn days_without_pushes_have_a_base_line() {
        let line = Sparkline::new(&[0, 0]);
        assert!(line.bars.iter().all(|bar| bar.height == 1));
        assert_eq!(Sparkline::new(&[]).width(), BAR_WIDTH);
    }
}
