//! A parameter of an operation, and what values it has.

use std::str::FromStr;

use utoipa::PartialSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use super::operation::ApiText;
use crate::i18n::Lang;

/// A parameter of a path or a query.
pub(in crate::web) struct ApiParameter {
    pub(in crate::web) name: &'static str,
    pub(in crate::web) values: ParameterValues,
    pub(in crate::web) description: ApiText,
    /// Whether it can be given several times.
    pub(in crate::web) repeats: bool,
    /// Whether a request needs it.
    pub(super) is_required: bool,
    /// Whether the page itself refuses other values (422), with the values that it has nevertheless.
    is_checked_by_page: bool,
}

impl ApiParameter {
    pub(super) const fn new(
        name: &'static str,
        values: ParameterValues,
        description: ApiText,
    ) -> Self {
        Self {
            name,
            values,
            description,
            repeats: false,
            is_required: false,
            is_checked_by_page: false,
        }
    }

    /// A parameter that a request needs.
    pub(super) const fn required(self) -> Self {
        Self {
            is_required: true,
            ..self
        }
    }

    /// A parameter that can be given several times.
    pub(super) const fn repeated(self) -> Self {
        Self {
            repeats: true,
            ..self
        }
    }

    /// A parameter whose values the page itself checks.
    pub(super) const fn checked_by_page(self) -> Self {
        Self {
            is_checked_by_page: true,
            ..self
        }
    }

    /// Whether a request to read may have this value of the parameter.
    pub(super) fn accepts(&self, value: &str) -> bool {
        self.is_checked_by_page || self.values.include(value)
    }

    pub(super) fn schema(&self) -> RefOr<Schema> {
        let schema = self.values.schema();
        if self.repeats {
            ArrayBuilder::new().items(schema).into()
        } else {
            schema
        }
    }
}

/// What values a parameter has.
pub(in crate::web) enum ParameterValues {
    /// Text of at most so many characters.
    Text { max_length: usize },
    /// Text that a type describes, such as a name.
    Typed {
        schema: fn() -> RefOr<Schema>,
        is_valid: fn(&str) -> bool,
    },
    /// A fixed word.
    OneOf {
        words: fn() -> Vec<&'static str>,
        default: Option<&'static str>,
    },
    /// A whole number.
    Number {
        min: usize,
        max: Option<usize>,
        default: Option<usize>,
    },
    /// One of these numbers.
    OneNumberOf {
        numbers: fn() -> Vec<usize>,
        default: usize,
    },
    /// `true` or, by default, `false`.
    Flag,
}

impl ParameterValues {
    /// Text that is parsed as this type.
    pub(super) const fn typed<T: FromStr + PartialSchema>() -> Self {
        Self::Typed {
            schema: T::schema,
            is_valid: |text| text.parse::<T>().is_ok(),
        }
    }

    fn include(&self, value: &str) -> bool {
        match self {
            Self::Text { max_length } => value.chars().count() <= *max_length,
            Self::Typed { is_valid, .. } => is_valid(value),
            Self::OneOf { words, .. } => words().contains(&value),
            Self::Number { min, max, .. } => value
                .parse::<usize>()
                .is_ok_and(|number| number >= *min && max.is_none_or(|max| number <= max)),
            Self::OneNumberOf { numbers, .. } => value
                .parse()
                .is_ok_and(|number| numbers().contains(&number)),
            Self::Flag => matches!(value, "true" | "false"),
        }
    }

    /// The regular expression that text of a type matches.
    pub(super) fn pattern(&self) -> Option<String> {
        match self.schema() {
            RefOr::T(Schema::Object(object)) => object.pattern,
            _ => None,
        }
    }

    /// The values for readers, and the default. There are no values for text that the description
    /// of the parameter explains.
    pub(in crate::web) fn shown(&self, lang: Lang) -> (Vec<String>, Option<String>) {
        match self {
            Self::Text { max_length } => {
                let text = lang.msg("api-text-up-to").arg("max", *max_length);
                (vec![text.to_string()], None)
            }
            Self::Typed { schema, .. } => (words_of(&schema()), None),
            Self::OneOf { words, default } => (
                words().into_iter().map(str::to_owned).collect(),
                default.map(str::to_owned),
            ),
            Self::Number { min, max, default } => {
                let range = match max {
                    Some(max) => lang
                        .msg("api-number-range")
                        .arg("min", *min)
                        .arg("max", *max),
                    None => lang.msg("api-number-from").arg("min", *min),
                };
                (
                    vec![range.to_string()],
                    default.map(|number| number.to_string()),
                )
            }
            Self::OneNumberOf { numbers, default } => (
                numbers().iter().map(ToString::to_string).collect(),
                Some(default.to_string()),
            ),
            Self::Flag => (
                vec![true.to_string(), false.to_string()],
                Some(false.to_string()),
            ),
        }
    }

    fn schema(&self) -> RefOr<Schema> {
        let object = |kind| ObjectBuilder::new().schema_type(kind);
        match self {
            Self::Text { max_length } => object(Type::String).max_length(Some(*max_length)).into(),
            Self::Typed { schema, .. } => schema(),
            Self::OneOf { words, default } => object(Type::String)
                .enum_values(Some(words()))
                .default(default.map(Into::into))
                .into(),
            Self::Number { min, max, default } => object(Type::Integer)
                .minimum(Some(*min))
                .maximum(*max)
                .default(default.map(Into::into))
                .into(),
            Self::OneNumberOf { numbers, default } => object(Type::Integer)
                .enum_values(Some(numbers()))
                .default(Some((*default).into()))
                .into(),
            Self::Flag => object(Type::Boolean).default(Some(false.into())).into(),
        }
    }
}

/// The fixed words that a schema allows.
fn words_of(schema: &RefOr<Schema>) -> Vec<String> {
    let words = match schema {
        RefOr::T(Schema::Object(object)) => object.enum_values.iter().flatten(),
        _ => return Vec::new(),
    };
    words
        .filter_map(|word| word.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::{SubjectKind, TagName};

    #[test]
    fn values_are_those_of_the_schema() {
        let number = |min, max| ParameterValues::Number {
            min,
            max,
            default: None,
        };
        let word = ParameterValues::OneOf {
            words: || vec!["asc", "desc"],
            default: None,
        };
        let size = ParameterValues::OneNumberOf {
            numbers: || vec![50, 100],
            default: 50,
        };
        let (tag, kind) = (
            ParameterValues::typed::<TagName>(),
            ParameterValues::typed::<SubjectKind>(),
        );
        for (values, accepted, refused) in [
            (
                number(1, None),
                vec!["1", "4294967296"],
                vec!["0", "-1", "x", ""],
            ),
            (number(0, Some(3)), vec!["0", "3"], vec!["4", "1.0"]),
            (word, vec!["asc"], vec!["ASC", "up", ""]),
            (size, vec!["50"], vec!["51", "many"]),
            (tag, vec!["v1.0"], vec!["", "a b", "-a"]),
            (kind, vec!["service-account"], vec!["robot"]),
            (
                ParameterValues::Text { max_length: 2 },
                vec!["", "标签"],
                vec!["abc"],
            ),
            (ParameterValues::Flag, vec!["true", "false"], vec!["1"]),
        ] {
            for value in accepted {
                assert!(values.include(value), "{value:?}");
            }
            for value in refused {
                assert!(!values.include(value), "{value:?}");
            }
        }
    }
}
