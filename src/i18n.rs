//! English and Chinese: messages, times, sizes and numbers.

mod message;
mod negotiation;
mod numbers;
mod time;

#[cfg(test)]
mod completeness;

pub use message::{Message, MessageArg};
pub use numbers::AsValue;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// English, also for users whose languages are not supported.
    #[default]
    English,
    Chinese,
}

impl Lang {
    /// Every language, in the order in which a choice shows them.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The BCP 47 tag, as in `<html lang>` and in the preference cookie.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Its name in the language itself.
    #[must_use]
    pub const fn native_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// The language with exactly this [`tag`](Self::tag).
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }

    /// Every language, for templates, which cannot name [`ALL`](Self::ALL).
    #[must_use]
    pub const fn languages(self) -> [Self; 2] {
        Self::ALL
    }

    /// The separator between names in a list.
    #[must_use]
    pub const fn list_separator(self) -> &'static str {
        match self {
            Self::English => ", ",
            Self::Chinese => "、",
        }
    }

    /// The separator between clauses of a sentence.
    #[must_use]
    pub const fn clause_separator(self) -> &'static str {
        match self {
            Self::English => ", ",
            Self::Chinese => "，",
        }
    }

    /// The separator between a label and its value.
    #[must_use]
    pub const fn label_separator(self) -> &'static str {
        match self {
            Self::English => ": ",
            Self::Chinese => "：",
        }
    }

    /// The separator between sentences, and before a text in brackets.
    #[must_use]
    pub const fn sentence_separator(self) -> &'static str {
        match self {
            Self::English => " ",
            Self::Chinese => "",
        }
    }

    /// The text of `key` in this language, to be completed with [`Message::arg`].
    #[must_use]
    pub fn msg(self, key: &'static str) -> Message {
        Message::new(self, key)
    }
}
