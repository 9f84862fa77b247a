//! Messages: the texts of `locales/*.ftl`, looked up by key and completed with values.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::Lang;
use crate::i18n::numbers;
use registry_model::{Digest, ImageStreamName, ProjectName, ServiceAccountName, TagName};

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> =
    LazyLock::new(|| bundle(Lang::English, include_str!("../../locales/en.ftl")));
static CHINESE: LazyLock<Bundle> =
    LazyLock::new(|| bundle(Lang::Chinese, include_str!("../../locales/zh-CN.ftl")));

fn bundle(lang: Lang, source: &str) -> Bundle {
    let resource = FluentResource::try_new(source.to_owned()).expect("a test parses every locale");
    let mut bundle = Bundle::new_concurrent(vec![lang.tag().parse().expect("our tags are valid")]);
    // Values are isolated by the page, with <bdi>, where they are untrusted.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(format_number));
    bundle
        .add_resource(resource)
        .expect("a test finds a key that is defined twice");
    bundle
}

/// Numbers in messages are formatted like those on the rest of the page.
fn format_number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) if number.value >= 0.0 && number.value.fract() == 0.0 => {
            Some(numbers::group_digits(&number.value.to_string()))
        }
        _ => None,
    }
}

/// A text in one language. `Display` writes it; a template escapes it like any other value.
#[derive(Clone)]
pub struct Message {
    lang: Lang,
    key: &'static str,
    args: Vec<(&'static str, FluentValue<'static>)>,
}

impl Message {
    pub(super) fn new(lang: Lang, key: &'static str) -> Self {
        Self {
            lang,
            key,
            args: Vec::new(),
        }
    }

    /// Sets the value of the variable `$name` of the text.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl MessageArg) -> Self {
        self.args.push((name, value.to_fluent_value()));
        self
    }

    /// The text before and after its only variable `$name`: for rows that differ only in the value.
    #[must_use]
    pub fn split_at_arg(self, name: &'static str) -> (String, String) {
        // No text contains this character.
        const VALUE: &str = "\0";
        let text = self.arg(name, VALUE).to_string();
        text.split_once(VALUE).map_or_else(
            || (text.clone(), String::new()),
            |(before, after)| (before.to_owned(), after.to_owned()),
        )
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = match self.lang {
            Lang::English => &*ENGLISH,
            Lang::Chinese => &*CHINESE,
        };
        let Some(pattern) = bundle
            .get_message(self.key)
            .and_then(|message| message.value())
        else {
            log_missing_key(self.key);
            return f.write_str(self.key);
        };
        let args: Option<FluentArgs<'_>> =
            (!self.args.is_empty()).then(|| self.args.iter().cloned().collect());
        bundle.write_pattern(f, pattern, args.as_ref(), &mut Vec::new())
    }
}

impl From<Message> for String {
    fn from(message: Message) -> Self {
        message.to_string()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Message").field(&self.to_string()).finish()
    }
}

/// Logged once for each key: a page that lacks a text is requested again and again.
fn log_missing_key(key: &'static str) {
    static REPORTED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if REPORTED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(key)
    {
        tracing::error!(message_key = key, "a text is missing from the locales");
    }
}

/// The value of a variable in a message. References are accepted as well, because templates pass
/// any number of them.
pub trait MessageArg {
    /// The value for Fluent, which selects plural forms by numbers.
    fn to_fluent_value(&self) -> FluentValue<'static>;
}

impl<T: MessageArg + ?Sized> MessageArg for &T {
    fn to_fluent_value(&self) -> FluentValue<'static> {
        (**self).to_fluent_value()
    }
}

macro_rules! argument {
    (text: $($text:ty),+; number: $($number:ty),+ $(,)?) => {
        $(impl MessageArg for $text {
            fn to_fluent_value(&self) -> FluentValue<'static> {
                self.to_string().into()
            }
        })+
        $(impl MessageArg for $number {
            fn to_fluent_value(&self) -> FluentValue<'static> {
                (*self).into()
            }
        })+
    };
}

argument!(text: str, String, Digest, ImageStreamName, ProjectName, ServiceAccountName, TagName, Message; number: i64, u16, u32, u64, usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_follow_the_language_with_grouped_numbers() {
        assert_eq!(
            Lang::English
                .msg("ago-days")
                .arg("count", 1_u64)
                .to_string(),
            "1 day ago"
        );
        assert_eq!(
            Lang::English
                .msg("ago-days")
                .arg("count", 1234_usize)
                .to_string(),
            "1,234 days ago"
        );
        assert_eq!(
            Lang::Chinese
                .msg("ago-days")
                .arg("count", 1234_i64)
                .to_string(),
            "1,234 天前"
        );
    }

    #[test]
    fn split_message_omits_the_value() {
        for lang in Lang::ALL {
            let (before, after) = lang.msg("of-stream").split_at_arg("name");
            assert_eq!(
                format!("{before}api{after}"),
                lang.msg("of-stream").arg("name", "api").to_string()
            );
        }
    }

    #[test]
    fn values_are_inserted_unchanged() {
        let text = Lang::English
            .msg("signed-in-as")
            .arg("name", "{ $name } <b>")
            .to_string();
        assert_eq!(text, "Signed in as { $name } <b>");
    }

    #[test]
    fn missing_key_is_shown_as_text() {
        let key = "no-such-key";
        assert_eq!(Lang::Chinese.msg(key).to_string(), key);
    }
}
