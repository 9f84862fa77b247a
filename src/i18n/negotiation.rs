//! Selection of the language of a response.

use super::Lang;

impl Lang {
    /// The language that the user has `chosen` (a tag, as stored in the preference cookie),
    /// otherwise the best match of the browser's `Accept-Language` (RFC 9110, section 12.5.4),
    /// otherwise English.
    #[must_use]
    pub fn negotiate(accept_language: Option<&str>, chosen: Option<&str>) -> Self {
        let wanted = || accept_language.and_then(best_match).unwrap_or_default();
        chosen.and_then(Self::from_tag).unwrap_or_else(wanted)
    }

    /// The supported language nearest to a range of `Accept-Language`. Readers of Traditional
    /// Chinese are better served by Simplified Chinese than by English.
    fn from_language_range(range: &str) -> Option<Self> {
        let primary = range.split('-').next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" | "*" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }
}

/// The supported language with the greatest weight; of equal ones, the first.
fn best_match(accept_language: &str) -> Option<Lang> {
    let weighed = accept_language.split(',').filter_map(|item| {
        let (range, parameters) = item.split_once(';').unwrap_or((item, ""));
        let weight = parameters
            .trim()
            .strip_prefix("q=")
            .map_or(Ok(1.0), str::parse::<f32>)
            .ok()?;
        let lang = Lang::from_language_range(range.trim())?;
        (weight > 0.0).then_some((lang, weight))
    });
    weighed
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .map(|(lang, _)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn preferred_browser_language_wins() {
        for (accepted, lang) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Lang::Chinese),
            ("zh", Lang::Chinese),
            ("zh-Hans-CN", Lang::Chinese),
            ("zh-TW", Lang::Chinese),
            ("ZH-cn", Lang::Chinese),
            ("en;q=0.5, zh;q=0.7", Lang::Chinese),
            ("en-GB,en;q=0.9,zh;q=0.8", Lang::English),
            ("de, zh;q=0.1", Lang::Chinese),
            ("zh;q=0, *", Lang::English),
            ("zh;q=nonsense", Lang::English),
            ("de,fr", Lang::English),
            ("", Lang::English),
        ] {
            assert_eq!(Lang::negotiate(Some(accepted), None), lang, "{accepted}");
        }
        assert_eq!(Lang::negotiate(None, None), Lang::English);
    }

    #[test]
    fn chosen_language_overrides_the_browser() {
        assert_eq!(Lang::negotiate(Some("en"), Some("zh-CN")), Lang::Chinese);
        assert_eq!(Lang::negotiate(Some("zh"), Some("en")), Lang::English);
        assert_eq!(Lang::negotiate(Some("zh"), Some("<script>")), Lang::Chinese);
    }

    proptest! {
        #[test]
        fn accept_language_never_panics(header in ".{0,80}") {
            let _ = Lang::negotiate(Some(&header), Some(&header));
        }
    }
}
