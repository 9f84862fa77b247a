//! Numbers and sizes.

use chrono::{DateTime, Utc};

use super::Lang;
use registry_model::ByteSize;

/// A `T`, or any number of references to one: templates hand over both.
pub trait Lent<T> {
    fn lent(&self) -> T;
}

impl<T, L: Lent<T> + ?Sized> Lent<T> for &L {
    fn lent(&self) -> T {
        (**self).lent()
    }
}

impl Lent<Self> for DateTime<Utc> {
    fn lent(&self) -> Self {
        *self
    }
}

impl Lent<Self> for ByteSize {
    fn lent(&self) -> Self {
        *self
    }
}

impl Lent<Self> for u64 {
    fn lent(&self) -> Self {
        *self
    }
}

impl Lent<u64> for usize {
    fn lent(&self) -> u64 {
        u64::try_from(*self).unwrap_or(u64::MAX)
    }
}

const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];

impl Lang {
    /// A number with its thousands grouped, as in `12,345`. Both languages group alike.
    #[must_use]
    pub fn number(self, number: impl Lent<u64>) -> String {
        grouped(&number.lent().to_string())
    }

    /// A size in binary units and with three or four digits, as in `17.8 KiB`. Both languages write
    /// a decimal point.
    #[must_use]
    pub fn size(self, size: impl Lent<ByteSize>) -> String {
        let ByteSize(bytes) = size.lent();
        if bytes < 1024 {
            return format!("{bytes} B");
        }
        let mut tenths = u128::from(bytes) * 10;
        for unit in UNITS {
            tenths = (tenths + 512) / 1024;
            if tenths < 10_240 || unit == "PiB" {
                return format!(
                    "{}.{} {unit}",
                    grouped(&(tenths / 10).to_string()),
                    tenths % 10
                );
            }
        }
        unreachable!("the last unit takes all")
    }
}

/// `digits` with a comma before each group of three.
pub(super) fn grouped(digits: &str) -> String {
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
    fn sizes_are_short_and_binary() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (18_227, "17.8 KiB"),
            (1_048_575, "1.0 MiB"),
            (64_800_000, "61.8 MiB"),
            (3_221_225_472, "3.0 GiB"),
            (u64::MAX, "16,384.0 PiB"),
        ] {
            assert_eq!(Lang::English.size(ByteSize(bytes)), text, "{bytes}");
        }
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [
            (0_u64, "0"),
            (999, "999"),
            (1000, "1,000"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(Lang::Chinese.number(number), text);
        }
    }
}
