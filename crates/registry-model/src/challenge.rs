//! Challenges of a server, which say how a request has to be authenticated (`WWW-Authenticate`).

/// The longest header that is read; the rest is ignored.
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// The number of challenges that are read, and of parameters of each.
const MAX_CHALLENGES: usize = 16;
const MAX_PARAMS: usize = 32;

/// One challenge of a `WWW-Authenticate` header (RFC 9110, section 11.6.1).
///
/// The parameters are for display only: a token is never sent to a `realm` (S36).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme as written, such as `Basic` or `Bearer`. Compare with [`Challenge::has_scheme`].
    pub scheme: String,
    /// A `token68`, which some schemes have in place of parameters.
    pub token: Option<String>,
    /// The parameters in order, without quotes and escapes. Untrusted.
    pub params: Vec<(String, String)>,
}

impl Challenge {
    /// Compares the scheme, ignoring case.
    #[must_use]
    pub fn has_scheme(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The first parameter with this name, ignoring case.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn push_param(&mut self, name: &str, value: String) {
        if self.params.len() < MAX_PARAMS {
            self.params.push((name.to_owned(), value));
        }
    }
}

/// Reads the challenges of a header up to the first syntax error. The result is empty if there are
/// none.
#[must_use]
pub fn parse_challenges(header: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = HeaderParser(truncate_header(header));
    loop {
        rest.skip(|c| c == ',' || is_space(c));
        let Some(word) = rest.token() else {
            return found;
        };
        match rest.value() {
            ParamValue::Present(value) => match found.last_mut() {
                Some(challenge) if challenge.token.is_none() => challenge.push_param(word, value),
                _ => return found,
            },
            ParamValue::Absent if found.len() < MAX_CHALLENGES => {
                found.push(Challenge {
                    scheme: word.to_owned(),
                    token: rest.token68(),
                    params: Vec::new(),
                });
            }
            ParamValue::Absent | ParamValue::Malformed => return found,
        }
    }
}

fn truncate_header(header: &str) -> &str {
    let mut end = header.len().min(MAX_HEADER_BYTES);
    while !header.is_char_boundary(end) {
        end -= 1;
    }
    &header[..end]
}

/// The input that is not read yet.
struct HeaderParser<'a>(&'a str);

/// What follows a word: `=` and a value, something else, or a syntax error.
enum ParamValue {
    Present(String),
    Absent,
    Malformed,
}

impl<'a> HeaderParser<'a> {
    fn skip(&mut self, matches: impl Fn(char) -> bool) {
        self.0 = self.0.trim_start_matches(matches);
    }

    fn take(&mut self, matches: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.0.find(|c| !matches(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        (!taken.is_empty()).then_some(taken)
    }

    fn token(&mut self) -> Option<&'a str> {
        self.take(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
    }

    /// `= value` with optional whitespace around the sign.
    fn value(&mut self) -> ParamValue {
        let Some(after) = self.0.trim_start_matches(is_space).strip_prefix('=') else {
            return ParamValue::Absent;
        };
        self.0 = after.trim_start_matches(is_space);
        match self.0.strip_prefix('"') {
            Some(quoted) => {
                self.0 = quoted;
                self.quoted()
                    .map_or(ParamValue::Malformed, ParamValue::Present)
            }
            None => self.token().map_or(ParamValue::Malformed, |token| {
                ParamValue::Present(token.to_owned())
            }),
        }
    }

    /// The rest of a quoted string after its opening quote (RFC 9110, section 5.6.4).
    fn quoted(&mut self) -> Option<String> {
        let mut value = String::new();
        let mut chars = self.0.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.0 = &self.0[at + 1..];
                    return Some(value);
                }
                '\\' => value.push(chars.next()?.1),
                _ => value.push(c),
            }
        }
        None
    }

    /// A `token68` after a scheme: letters, digits and signs, then perhaps `=`, and no parameters.
    /// A parameter looks the same up to its `=` and is not consumed; neither is a word that is the
    /// next scheme, after a scheme without parameters.
    fn token68(&mut self) -> Option<String> {
        let start = self.0.trim_start_matches(is_space);
        if start.len() == self.0.len() {
            return None;
        }
        let mut ahead = HeaderParser(start);
        let body = ahead.take(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c))?;
        let padding = ahead.take(|c| c == '=').unwrap_or_default();
        ahead.skip(is_space);
        let ends = ahead.0.is_empty() || ahead.0.starts_with(',');
        ends.then(|| {
            self.0 = ahead.0;
            format!("{body}{padding}")
        })
    }
}

fn is_space(c: char) -> bool {
    c == ' ' || c == '\t'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn params(challenge: &Challenge) -> Vec<(&str, &str)> {
        challenge
            .params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    #[test]
    fn integrated_registry_challenges_are_parsed() {
        let denied = parse_challenges("Basic realm=openshift,error=\"access denied\"");
        assert_eq!(denied.len(), 1);
        assert!(denied[0].has_scheme("basic"));
        assert_eq!(denied[0].param("Error"), Some("access denied"));
        let bearer = parse_challenges("Bearer realm=\"https://127.0.0.1:15000/openshift/token\"");
        assert_eq!(
            params(&bearer[0]),
            [("realm", "https://127.0.0.1:15000/openshift/token")]
        );
    }

    #[test]
    fn several_challenges_in_one_header_are_separated() {
        let all = parse_challenges(
            "Basic realm=\"a, b=\\\"c\\\"\", charset = UTF-8 , Negotiate, Bearer scope=\"x y\",error=invalid_token, Foo abc==, Bar",
        );
        let schemes: Vec<_> = all
            .iter()
            .map(|challenge| challenge.scheme.as_str())
            .collect();
        assert_eq!(schemes, ["Basic", "Negotiate", "Bearer", "Foo", "Bar"]);
        assert_eq!(
            params(&all[0]),
            [("realm", "a, b=\"c\""), ("charset", "UTF-8")]
        );
        assert_eq!(
            params(&all[2]),
            [("scope", "x y"), ("error", "invalid_token")]
        );
        assert_eq!(all[3].token.as_deref(), Some("abc=="));
    }

    #[test]
    fn parsing_stops_at_a_malformed_challenge() {
        for broken in ["", ",,,", "=", "\"", "realm=x", "\u{e9}"] {
            assert_eq!(parse_challenges(broken), [], "{broken}");
        }
        let cut = parse_challenges("Basic realm=a,error=\"never closed");
        assert_eq!(params(&cut[0]), [("realm", "a")]);
        assert_eq!(
            parse_challenges("Basic realm=\"ends in an escape\\").len(),
            1
        );
    }

    #[test]
    fn long_headers_are_truncated() {
        assert_eq!(
            parse_challenges(&"A,".repeat(1_000_000)).len(),
            MAX_CHALLENGES
        );
        assert_eq!(
            parse_challenges(&format!("Basic {}", "a=b,".repeat(1_000)))[0]
                .params
                .len(),
            MAX_PARAMS
        );
        assert!(
            parse_challenges(&format!("Basic realm=\"{}\"", "\u{e9}".repeat(1_000_000)))[0]
                .params
                .is_empty()
        );
    }

    proptest! {
        #[test]
        fn valid_challenges_round_trip(
            schemes in prop::collection::vec(("[A-Z][a-z]{1,6}", prop::collection::vec(("[a-z]{1,6}", "\\PC{0,12}"), 1..4)), 1..4)
        ) {
            let header: Vec<_> = schemes.iter().map(|(scheme, params)| {
                let params: Vec<_> = params.iter()
                    .map(|(name, value)| format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))).collect();
                format!("{scheme} {}", params.join(", "))
            }).collect();
            let read: Vec<_> = parse_challenges(&header.join(", ")).into_iter().map(|challenge| (challenge.scheme, challenge.params)).collect();
            prop_assert_eq!(read, schemes);
        }

        #[test]
        fn parse_never_panics(text in "([A-Za-z]{0,3}|[ ,=\"\\\\\t]|\\PC){0,60}") {
            let _ = parse_challenges(&text);
        }
    }
}
