//! How much of an allowed amount is used, as a bar (`components/charts/gauge.html`).

/// The width of the view box; the picture is as wide as its surroundings.
pub(crate) const WIDTH: u64 = 200;

/// The height of the view box.
pub(crate) const HEIGHT: u64 = 8;

/// The width of the bar for the smallest amount above zero, so that it is visible.
const MIN_WIDTH: u64 = 4;

/// From this share on, the amount is close to the limit, in percent.
const NEAR_PERCENT: u64 = 80;

/// How close the used amount is to what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GaugeLevel {
    Low,
    /// At least 80 percent are used.
    Near,
    /// Everything is used, or more.
    Full,
}

/// The bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gauge {
    /// The width of the used part, in units of the view box.
    pub(crate) filled: u64,
    pub(crate) level: GaugeLevel,
}

impl Gauge {
    /// `used` of `max`. If nothing is allowed, the bar is full.
    pub(crate) fn new(used: u64, max: u64) -> Self {
        let (wide_used, wide_max) = (u128::from(used), u128::from(max));
        let level = if used >= max {
            GaugeLevel::Full
        } else if wide_used * 100 >= wide_max * u128::from(NEAR_PERCENT) {
            GaugeLevel::Near
        } else {
            GaugeLevel::Low
        };
        let filled = match level {
            GaugeLevel::Full => WIDTH,
            _ if used == 0 => 0,
            _ => u64::try_from(wide_used * u128::from(WIDTH) / wide_max)
                .unwrap_or(WIDTH)
                .clamp(MIN_WIDTH, WIDTH - MIN_WIDTH),
        };
        Self { filled, level }
    }

    /// The class with the color of the level.
    pub(crate) fn class(&self) -> &'static str {
        match self.level {
            GaugeLevel::Low => "rc-gauge--low",
            GaugeLevel::Near => "rc-gauge--near",
            GaugeLevel::Full => "rc-gauge--full",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_is_proportional_and_shows_the_smallest_and_the_last_part() {
        let bar = |used, max| {
            let gauge = Gauge::new(used, max);
            (gauge.filled, gauge.level)
        };
        assert_eq!(bar(0, 10), (0, GaugeLevel::Low));
        assert_eq!(bar(1, 1_000), (MIN_WIDTH, GaugeLevel::Low));
        assert_eq!(bar(5, 10), (WIDTH / 2, GaugeLevel::Low));
        assert_eq!(bar(8, 10), (160, GaugeLevel::Near));
        assert_eq!(bar(999, 1_000), (WIDTH - MIN_WIDTH, GaugeLevel::Near));
        assert_eq!(bar(10, 10), (WIDTH, GaugeLevel::Full));
        assert_eq!(bar(12, 10), (WIDTH, GaugeLevel::Full));
        assert_eq!(bar(0, 0), (WIDTH, GaugeLevel::Full));
        assert_eq!(bar(u64::MAX - 1, u64::MAX).1, GaugeLevel::Near);
    }
}
