//! What the form for a new tag will do, as a sentence. `static/new-tag.js` writes the same sentences
//! while the form is filled in.

use super::fields::NewTagFields;
use crate::i18n::Lang;

/// What the form does with its values.
#[derive(Clone, Copy)]
pub(super) enum Plan {
    /// Nothing: a value is missing.
    Unfinished,
    Point,
    Track,
    Import,
    Schedule,
}

impl Plan {
    pub(super) const ALL: [Self; 5] = [
        Self::Unfinished,
        Self::Point,
        Self::Track,
        Self::Import,
        Self::Schedule,
    ];

    /// What `typed` does, with the source `image`.
    pub(super) fn of(typed: &NewTagFields, image: &str) -> Self {
        if typed.tag.is_empty() || image.is_empty() {
            return Self::Unfinished;
        }
        match (typed.source == "here", typed) {
            (true, NewTagFields { follow: true, .. }) => Self::Track,
            (true, _) => Self::Point,
            (
                false,
                NewTagFields {
                    scheduled: true, ..
                },
            ) => Self::Schedule,
            (false, _) => Self::Import,
        }
    }

    /// The name that the script knows it by.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Point => "point",
            Self::Track => "track",
            Self::Import => "import",
            Self::Schedule => "schedule",
        }
    }

    /// The sentence that describes it.
    pub(super) fn text(self, lang: Lang, tag: &str, image: &str) -> String {
        let text = match self {
            Self::Unfinished => return lang.msg("new-tag-plan-unfinished").to_string(),
            Self::Point => lang.msg("new-tag-plan-point"),
            Self::Track => lang.msg("new-tag-plan-track"),
            Self::Import => lang.msg("new-tag-plan-import"),
            Self::Schedule => lang.msg("new-tag-plan-schedule"),
        };
        text.arg("tag", tag).arg("image", image).to_string()
    }
}
