//! Parsing of what a user typed into the search.

use registry_model::Digest;
use registry_model::pull_spec::PullSpec;

/// More words than this do not narrow the result any further.
const MAX_WORDS: usize = 8;

/// Fewer hexadecimal digits than this are a word: `git` shows seven digits of a commit, and users
/// do so with digests.
const MIN_DIGEST_DIGITS: usize = 7;

/// A parsed query.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ParsedQuery {
    /// Words in lower case, all of which have to match.
    pub(super) words: Vec<String>,
    /// The first hexadecimal digits of a digest.
    pub(super) digest_prefix: Option<String>,
    /// The digits cannot be a word.
    pub(super) is_digest_only: bool,
    /// A label: its name or the end of it, and a part of its value.
    pub(super) label: Option<(String, String)>,
}

impl ParsedQuery {
    /// Never fails: what is neither a digest nor a pull spec nor `name=value` consists of words.
    pub(super) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let text = text.trim();
        if let Some((name, value)) = text
            .split_once('=')
            .filter(|(name, _)| !name.is_empty() && !name.contains(char::is_whitespace))
        {
            query.label = Some((name.to_lowercase(), value.trim().to_lowercase()));
            return query;
        }
        for token in text.split_whitespace() {
            query.add_token(token);
        }
        query.words.truncate(MAX_WORDS);
        query.is_digest_only &= query.digest_prefix.is_some();
        query
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.digest_prefix.is_none() && self.label.is_none()
    }

    fn add_token(&mut self, token: &str) {
        let (token, attached_to) = split_attachment_tag(token);
        if let Some(digits) = attached_to {
            self.digest_prefix = Some(digits);
            self.is_digest_only = true;
        }
        let (path, digest) = match token.split_once('@') {
            Some((path, digest)) => (path, Some(digest)),
            None if token.starts_with("sha256:") || token.parse::<Digest>().is_ok() => {
                ("", Some(token))
            }
            None => (token, None),
        };
        if let Some(digest) = digest {
            let digits = digest.rsplit(':').next().unwrap_or_default().to_lowercase();
            if is_hex(&digits) {
                self.digest_prefix = Some(digits);
                self.is_digest_only = true;
            }
        } else if path.len() >= MIN_DIGEST_DIGITS && is_hex(&path.to_lowercase()) {
            // Tags may be named after commits.
            self.digest_prefix = Some(path.to_lowercase());
        }
        // The host of a pull spec names the registry, not what is in it, and a digest takes
        // precedence over a tag.
        let spec: Option<PullSpec> = path.parse().ok();
        let path = match &spec {
            Some(spec) if digest.is_some() => spec.path().to_owned(),
            Some(spec) if spec.host().is_some() => spec.tag().map_or_else(
                || spec.path().to_owned(),
                |tag| format!("{}:{tag}", spec.path()),
            ),
            _ => path.strip_prefix("docker://").unwrap_or(path).to_owned(),
        };
        self.words.extend(
            path.split(['/', ':'])
                .filter(|word| !word.is_empty())
                .map(str::to_lowercase),
        );
    }
}

/// Splits a token that ends in a tag `sha256-<hex>[.sig|.att|.sbom]`, which attaches something to
/// the image of that digest, into the rest and the digits.
fn split_attachment_tag(token: &str) -> (&str, Option<String>) {
    let start = token.rfind([':', '/']).map_or(0, |at| at + 1);
    let (before, tag) = token.split_at(start);
    let digits = tag
        .get(..7)
        .filter(|algorithm| algorithm.eq_ignore_ascii_case("sha256-"))
        .map(|_| &tag[7..]);
    let digits = digits.map(|digits| {
        digits
            .split('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    });
    match digits.filter(|digits| digits.len() >= MIN_DIGEST_DIGITS && is_hex(digits)) {
        Some(digits) => (before.trim_end_matches([':', '/']), Some(digits)),
        None => (token, None),
    }
}

fn is_hex(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        ParsedQuery::parse(text).words
    }

    #[test]
    fn query_is_split_at_blanks_slashes_and_colons() {
        assert_eq!(words("  Shop storefront "), ["shop", "storefront"]);
        assert_eq!(words("shop/storefront:1.0"), ["shop", "storefront", "1.0"]);
        assert_eq!(words("1 2 3 4 5 6 7 8 9 10").len(), MAX_WORDS);
        assert!(ParsedQuery::parse(" \t").is_empty() && ParsedQuery::parse("/").is_empty());
    }

    #[test]
    fn pull_spec_host_is_ignored() {
        assert_eq!(
            words("docker-registry.default.svc:5000/shop/storefront:1.0"),
            ["shop", "storefront", "1.0"]
        );
        assert_eq!(
            words("docker://registry.example.com/shop/storefront"),
            ["shop", "storefront"]
        );
    }

    #[test]
    fn digest_may_be_abbreviated_or_follow_a_stream() {
        let digest = "111d6f485a6cab9dbf2e38a5e9fb32bcd68f72b1ec796eaf8576d57eb783eb57";
        for (text, digits, words) in [
            (format!("sha256:{digest}"), digest, 0),
            ("sha256:111d6f".to_owned(), "111d6f", 0),
            (
                format!("r.example:5000/shop/api@sha256:{digest}"),
                digest,
                2,
            ),
            (format!("shop/api:1.0@sha256:{digest}"), digest, 2),
            (
                format!("r.example:5000/shop/api:1.0@sha256:{digest}"),
                digest,
                2,
            ),
        ] {
            let query = ParsedQuery::parse(&text);
            assert_eq!(
                (
                    query.digest_prefix.as_deref(),
                    query.words.len(),
                    query.is_digest_only
                ),
                (Some(digits), words, true),
                "{text}"
            );
        }
    }

    #[test]
    fn seven_hex_digits_also_match_commit_names() {
        let query = ParsedQuery::parse("DEADBEEF");
        assert_eq!(
            (
                query.digest_prefix.as_deref(),
                query.words,
                query.is_digest_only
            ),
            (Some("deadbeef"), vec!["deadbeef".to_owned()], false)
        );
        assert_eq!(ParsedQuery::parse("facade").digest_prefix, None);
    }

    #[test]
    fn equals_sign_searches_labels() {
        assert_eq!(
            ParsedQuery::parse("team = Red").label,
            None,
            "a blank before it makes it words"
        );
        assert_eq!(
            ParsedQuery::parse("team=Red Hat").label,
            Some(("team".to_owned(), "red hat".to_owned()))
        );
    }
}
