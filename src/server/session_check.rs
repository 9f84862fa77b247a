//! Recognizes requests with a session, on which limits depend.

use std::sync::Arc;

use http::HeaderMap;
use http::header::COOKIE;

/// Recognizes requests of signed-in users. Cheap to clone.
#[derive(Clone)]
pub struct SessionCheck {
    cookie: &'static str,
    is_valid: Arc<dyn Fn(&HeaderMap) -> bool + Send + Sync>,
}

impl SessionCheck {
    /// `cookie` is the name of the session cookie; `is_valid` says whether its session can be used.
    pub fn new(
        cookie: &'static str,
        is_valid: impl Fn(&HeaderMap) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            cookie,
            is_valid: Arc::new(is_valid),
        }
    }

    /// For a listener without sessions.
    #[must_use]
    pub fn always_anonymous() -> Self {
        Self::new("", |_| false)
    }

    /// Whether there is a session cookie, valid or not.
    pub(super) fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let pairs = headers
            .get_all(COOKIE)
            .into_iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
        let names = pairs.filter_map(|pair| pair.split(|byte| *byte == b'=').next());
        !self.cookie.is_empty()
            && names
                .map(<[u8]>::trim_ascii)
                .any(|name| name == self.cookie.as_bytes())
    }

    /// Whether the session can be used.
    pub(super) fn is_valid(&self, headers: &HeaderMap) -> bool {
        self.has_cookie(headers) && (self.is_valid)(headers)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn cookie_is_found_by_exact_name_in_any_header() {
        let check = SessionCheck::new("__Host-s", |_| true);
        let has = |fields: &[&str]| {
            let headers = fields
                .iter()
                .map(|field| (COOKIE, HeaderValue::from_str(field).unwrap()))
                .collect();
            check.has_cookie(&headers)
        };
        assert!(has(&["__Host-s=a"]) && has(&["a=b; __Host-s=a"]) && has(&["a=b", "__Host-s=a"]));
        assert!(!has(&[]) && !has(&["__Host-session=a"]) && !has(&["a=__Host-s"]));
    }
}
