//! Durations as `oc adm prune images` reads them.

use chrono::TimeDelta;

/// The longest time that images can be kept, in days: some hundred years.
pub const MAX_PRUNE_AGE_DAYS: i64 = 36_500;

/// A duration as Go writes it, in the largest unit without a rest: `168h`, `90m`, `5s`.
#[must_use]
pub fn prune_age(time: TimeDelta) -> String {
    let seconds = time.num_seconds();
    match (seconds % 3_600, seconds % 60) {
        (0, _) if seconds > 3_600 => format!("{}h", seconds / 3_600),
        (_, 0) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

/// Parses a duration of whole hours, minutes and seconds, such as `60m` or `1h30m`, and also of
/// days (`7d`), which `oc` does not read. `None` if it is not one, or longer than
/// [`MAX_PRUNE_AGE_DAYS`].
#[must_use]
pub fn parse_prune_age(text: &str) -> Option<TimeDelta> {
    let mut seconds = 0_i64;
    let mut rest = text.trim();
    if rest == "0" {
        return Some(TimeDelta::zero());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes()[digits] {
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    (!text.trim().is_empty() && seconds <= MAX_PRUNE_AGE_DAYS * 86_400)
        .then(|| TimeDelta::seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_the_command() {
        for (text, minutes) in [
            ("60m", 60),
            ("24h", 24 * 60),
            ("1h30m", 90),
            (" 7d ", 7 * 24 * 60),
            ("0", 0),
            ("120s", 2),
        ] {
            let time = parse_prune_age(text);
            assert_eq!(time, Some(TimeDelta::minutes(minutes)), "{text}");
            assert_eq!(parse_prune_age(&prune_age(time.unwrap())), time, "{text}");
        }
        let too_long = format!("{}d", MAX_PRUNE_AGE_DAYS + 1);
        let huge = format!("{}h", i64::MAX);
        for text in [
            "", "h", "5", "-1h", "1.5h", "1h 30m", "1ms", "1w", "1时", &too_long, &huge,
        ] {
            assert_eq!(parse_prune_age(text), None, "{text}");
        }
    }
}
