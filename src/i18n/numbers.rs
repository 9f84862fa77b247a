//! Formats of numbers and sizes.

use chrono::{DateTime, NaiveDate, Utc};

use super::Lang;
use registry_model::ByteSize;

/// A `T`, or any number of references to one, because templates pass both.
pub trait AsValue<T> {
    fn as_value(&self) -> T;
}

impl<T, L: AsValue<T> + ?Sized> AsValue<T> for &L {
    fn as_value(&self) -> T {
        (**self).as_value()
    }
}

impl AsValue<Self> for DateTime<Utc> {
    fn as_value(&self) -> Self {
        *self
    }
}

impl AsValue<Self> for NaiveDate {
    fn as_value(&self) -> Self {
        *self
    }
}

impl AsValue<Self> for ByteSize {
    fn as_value(&self) -> Self {
        *self
    }
}

impl AsValue<Self> for u64 {
    fn as_value(&self) -> Self {
        *self
    }
}

impl AsValue<u64> for usize {
    fn as_value(&self) -> u64 {
        u64::try_from(*self).unwrap_or(u64::MAX)
    }
}

const BINARY_UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];

impl Lang {
    /// A number with its thousands grouped, as in `12,345`. Both languages group alike.
    #[must_use]
    pub fn format_number(self, number: impl AsValue<u64>) -> String {
        group_digits(&number.as_value().to_string())
    }

    /// A size in binary units and with at most three digits before the decimal point, as in
    /// `17.8 KiB`. Both languages write a decimal point.
    #[must_use]
    pub fn format_size(self, size: impl AsValue<ByteSize>) -> String {
        let ByteSize(bytes) = size.as_value();
        if bytes < 1024 {
            return format!("{bytes} B");
        }
        let mut tenths = u128::from(bytes) * 10;
        for unit in BINARY_UNITS {
            tenths = (tenths + 512) / 1024;
            if tenths < 10_000 || unit == "PiB" {
                return format!(
                    "{}.{} {unit}",
                    group_digits(&(tenths / 10).to_string()),
                    tenths % 10
                );
            }
        }
        unreachable!("the last unit takes all")
    }
}

/// `digits` with a comma before each group of three.
pub(super) fn group_digits(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_use_binary_units() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (18_227, "17.8 KiB"),
            (1_023_999, "1.0 MiB"),
            (1_048_575, "1.0 MiB"),
            (1_064_000_000, "1.0 GiB"),
            (64_800_000, "61.8 MiB"),
            (3_221_225_472, "3.0 GiB"),
            (u64::MAX, "16,384.0 PiB"),
        ] {
            assert_eq!(Lang::English.format_size(ByteSize(bytes)), text, "{bytes}");
        }
    }

    #[test]
    fn thousands_are_grouped_with_commas() {
        for (number, text) in [
            (0_u64, "0"),
            (999, "999"),
            (1000, "1,000"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(Lang::Chinese.format_number(number), text);
        }
    }
}
