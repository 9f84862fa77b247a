//! Quantities of the Kubernetes API, as in quotas and limits: `10`, `1500m`, `2Gi`, `1e3`.

use std::fmt;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

/// A quantity, exact to a billionth. As in Kubernetes, more digits are rounded up, and the largest
/// quantity is 2^63 - 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    billionths: i128,
}

/// The text is not a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a quantity of the Kubernetes API")]
pub struct ParseQuantityError;

/// Longer texts are refused: the API server writes at most about 20 characters.
const MAX_LENGTH: usize = 32;
/// Further digits after the point are rounded up.
const MAX_FRACTION_DIGITS: usize = 18;

const ONE: i128 = 1_000_000_000;
const MAX_BILLIONTHS: i128 = i64::MAX as i128 * ONE;
/// The decimal digits of [`ONE`].
const PRECISION: i32 = 9;

impl Quantity {
    /// The quantity as a whole number, rounded up. 0 for negative quantities.
    #[must_use]
    pub fn to_u64(self) -> u64 {
        u64::try_from(round_up(self.billionths, ONE)).unwrap_or_default()
    }
}

impl From<u64> for Quantity {
    fn from(number: u64) -> Self {
        Self {
            billionths: (i128::from(number) * ONE).min(MAX_BILLIONTHS),
        }
    }
}

impl FromStr for Quantity {
    type Err = ParseQuantityError;

    fn from_str(text: &str) -> Result<Self, ParseQuantityError> {
        if text.len() > MAX_LENGTH {
            return Err(ParseQuantityError);
        }
        let (is_negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let end = unsigned
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return Err(ParseQuantityError);
        }
        let SuffixFactor { twos, tens } = suffix.parse()?;
        let (kept, dropped) = fraction.split_at(fraction.len().min(MAX_FRACTION_DIGITS));
        // At most 32 digits: the number is exact.
        let digits = whole.bytes().chain(kept.bytes());
        let number = digits.fold(0_i128, |number, digit| {
            number * 10 + i128::from(digit - b'0')
        });
        let number = number + i128::from(dropped.bytes().any(|digit| digit != b'0'));
        let fraction_digits = i32::try_from(kept.len()).map_err(|_| ParseQuantityError)?;
        let exponent = tens - fraction_digits + PRECISION;
        let scaled = scale(number.saturating_mul(1 << twos), exponent).min(MAX_BILLIONTHS);
        Ok(Self {
            billionths: if is_negative { -scaled } else { scaled },
        })
    }
}

/// The factor of a suffix: 2^`twos` x 10^`tens`.
#[derive(Clone, Copy)]
struct SuffixFactor {
    twos: u32,
    tens: i32,
}

impl FromStr for SuffixFactor {
    type Err = ParseQuantityError;

    fn from_str(suffix: &str) -> Result<Self, ParseQuantityError> {
        let (twos, tens) = match suffix {
            "n" => (0, -9),
            "u" => (0, -6),
            "m" => (0, -3),
            "" => (0, 0),
            "k" => (0, 3),
            "M" => (0, 6),
            "G" => (0, 9),
            "T" => (0, 12),
            "P" => (0, 15),
            "E" => (0, 18),
            "Ki" => (10, 0),
            "Mi" => (20, 0),
            "Gi" => (30, 0),
            "Ti" => (40, 0),
            "Pi" => (50, 0),
            "Ei" => (60, 0),
            _ => (0, parse_exponent(suffix)?),
        };
        Ok(Self { twos, tens })
    }
}

/// The number in `e3` or `E-3`.
fn parse_exponent(suffix: &str) -> Result<i32, ParseQuantityError> {
    let exponent = suffix
        .strip_prefix(['e', 'E'])
        .and_then(|text| text.parse::<i32>().ok());
    exponent
        .filter(|exponent| exponent.abs() <= 1_000)
        .ok_or(ParseQuantityError)
}

/// `number` x 10^`exponent`, rounded up. Saturates.
fn scale(number: i128, exponent: i32) -> i128 {
    let factor = 10_i128.checked_pow(exponent.unsigned_abs());
    match factor {
        _ if number == 0 => 0,
        Some(factor) if exponent >= 0 => number.saturating_mul(factor),
        None if exponent >= 0 => i128::MAX,
        Some(factor) => round_up(number, factor),
        None => 1,
    }
}

fn round_up(number: i128, divisor: i128) -> i128 {
    number.div_euclid(divisor) + i128::from(number.rem_euclid(divisor) != 0)
}

impl<'de> Deserialize<'de> for Quantity {
    /// From a text, or from a number, which the API server accepts as well.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct QuantityVisitor;

        impl Visitor<'_> for QuantityVisitor {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Quantity, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E>(self, number: u64) -> Result<Quantity, E> {
                Ok(Quantity::from(number))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Quantity, E> {
                number.to_string().parse().map_err(E::custom)
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Quantity, E> {
                number.to_string().parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(QuantityVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(text: &str) -> u64 {
        let quantity: Quantity = text.parse().unwrap();
        quantity.to_u64()
    }

    #[test]
    fn suffixes_are_decimal_binary_or_exponents() {
        for (text, number) in [
            ("0", 0),
            ("12", 12),
            ("+3", 3),
            ("1.", 1),
            (".5k", 500),
            ("2k", 2_000),
            ("1M", 1_000_000),
            ("1G", 1_000_000_000),
            ("1T", 1_000_000_000_000),
            ("1P", 1_000_000_000_000_000),
            ("1E", 1_000_000_000_000_000_000),
            ("1Ki", 1 << 10),
            ("1.5Mi", 3 << 19),
            ("2Gi", 2 << 30),
            ("1Ti", 1 << 40),
            ("1Pi", 1 << 50),
            ("1Ei", 1 << 60),
            ("1e3", 1_000),
            ("1E3", 1_000),
            ("12e-1", 2),
            ("1.5e+2", 150),
            ("3000m", 3),
            ("0001", 1),
            ("5.000000000000000000000000001", 6),
            ("0.0000000000000000000000000Ei", 0),
        ] {
            assert_eq!(whole(text), number, "{text}");
        }
    }

    #[test]
    fn parts_of_one_are_rounded_up() {
        for text in ["1m", "1u", "1n", "0.1n", "1e-30", "1e-1000"] {
            assert_eq!(whole(text), 1, "{text}");
        }
        assert_eq!(whole("2500m"), 3);
        assert_eq!(whole("-1"), 0);
        assert!("-1".parse::<Quantity>().unwrap() < "-500m".parse().unwrap());
        assert_eq!(
            "1000m".parse::<Quantity>().unwrap(),
            "1".parse::<Quantity>().unwrap()
        );
    }

    #[test]
    fn large_quantities_are_the_largest_one() {
        let most = u64::try_from(i64::MAX).unwrap();
        for text in [
            "9223372036854775807",
            "9223372036854775808",
            "8Ei",
            "1e19",
            "1e1000",
            &"9".repeat(MAX_LENGTH),
        ] {
            assert_eq!(whole(text), most, "{text}");
        }
        assert_eq!(Quantity::from(u64::MAX).to_u64(), most);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "", "-", ".", "Gi", "1 Gi", "1gi", "1K", "1.2.3", "1e", "1e1.5", "1e99999", "--1",
            "0x10", "1Gi1", "١",
        ] {
            assert_eq!(text.parse::<Quantity>(), Err(ParseQuantityError), "{text}");
        }
        assert!("1".repeat(MAX_LENGTH + 1).parse::<Quantity>().is_err());
    }

    #[test]
    fn numbers_are_quantities_too() {
        let read = |json: &str| serde_json::from_str::<Quantity>(json).unwrap().to_u64();
        assert_eq!(
            [read("\"2Ki\""), read("7"), read("-7"), read("1.5")],
            [2048, 7, 0, 2]
        );
        assert!(serde_json::from_str::<Quantity>("\"many\"").is_err());
        assert!(serde_json::from_str::<Quantity>("null").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_quantity_or_an_error(text in "[0-9.eEKMGkmnui+-]{0,12}|\\PC{0,8}") {
            if let Ok(quantity) = text.parse::<Quantity>() {
                let whole = Quantity::from(quantity.to_u64());
                prop_assert!(whole >= quantity, "{text}");
            }
        }

        #[test]
        fn whole_numbers_are_exact(number in 0..=u64::try_from(i64::MAX).unwrap()) {
            prop_assert_eq!(number.to_string().parse::<Quantity>(), Ok(Quantity::from(number)));
            prop_assert_eq!(Quantity::from(number).to_u64(), number);
        }
    }
}
