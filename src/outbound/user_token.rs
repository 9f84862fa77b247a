//! The token of a signed-in user.

use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

/// An OpenShift access token. It has no `Display`, and its `Debug` hides it.
#[derive(Clone, Debug)]
pub struct UserToken(SecretString);

impl UserToken {
    /// Creates a token from the text that the OAuth server, a cookie or an `Authorization` header
    /// contained.
    #[must_use]
    pub fn new(token: SecretString) -> Self {
        Self(token)
    }

    /// The token itself, for the few uses that need it: the sealed session, its revocation, the
    /// login command.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// `Bearer <token>`, marked as sensitive. `None` if the token contains bytes that a header
    /// cannot contain.
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.expose())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl From<&str> for UserToken {
    fn from(token: &str) -> Self {
        Self(SecretString::from(token))
    }
}

#[cfg(test)]
mod tests {
    use super::UserToken;

    #[test]
    fn token_debug_output_is_redacted() {
        // S44.
        let token = UserToken::from("sha256~very-secret");
        assert!(!format!("{token:?}").contains("very-secret"));
        assert!(!format!("{:?}", token.authorization()).contains("very-secret"));
    }

    #[test]
    fn token_with_line_break_is_never_sent() {
        assert!(
            UserToken::from("abc\r\nX-Remote-User: root")
                .authorization()
                .is_none()
        );
    }
}
