//! The parameters of the redirect back.

use std::time::Duration;

use secrecy::SecretString;

/// A longer query or fragment cannot be a code or token with a state (S7).
const MAX_QUERY_BYTES: usize = 4_096;

/// The parameters of the redirect.
#[derive(Debug)]
pub(super) struct CallbackParams {
    pub(super) state: Option<String>,
    /// The issuer that the provider names (RFC 9207). OAuth servers of OpenShift name none.
    pub(super) issuer: Option<String>,
    pub(super) payload: CallbackPayload,
}

#[derive(Debug)]
pub(super) enum CallbackPayload {
    Code(SecretString),
    /// Only in a fragment: queries are in histories and logs.
    Token {
        token: SecretString,
        expires_in: Option<Duration>,
    },
    Error(String),
}

impl CallbackParams {
    /// A code, a token or an error, optionally with a state, each at most once (S7). The OAuth
    /// server of OpenShift leaves the state out of some errors.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_QUERY_BYTES {
            return None;
        }
        let (mut code, mut token, mut state, mut error, mut expires_in, mut issuer) =
            (None, None, None, None, None, None);
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let slot = match &*name {
                "code" => &mut code,
                "access_token" => &mut token,
                "state" => &mut state,
                "error" => &mut error,
                "expires_in" => &mut expires_in,
                "iss" => &mut issuer,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        let payload = match (code, token.filter(|token| !token.is_empty()), error) {
            (Some(code), None, None) => CallbackPayload::Code(code.into()),
            (None, Some(token), None) => {
                let seconds = expires_in.map(|seconds| seconds.parse()).transpose().ok()?;
                CallbackPayload::Token {
                    token: token.into(),
                    expires_in: seconds.map(Duration::from_secs),
                }
            }
            (None, None, Some(error)) => CallbackPayload::Error(error),
            _ => return None,
        };
        Some(Self {
            state: state.filter(|state| !state.is_empty()),
            issuer,
            payload,
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn payload(text: &str) -> Option<CallbackPayload> {
        CallbackParams::parse(text).map(|returned| returned.payload)
    }

    /// S7.
    #[test]
    fn callback_with_contradictory_parameters_is_rejected() {
        assert!(matches!(
            payload("code=c&state=s&session_state=x"),
            Some(CallbackPayload::Code(_))
        ));
        assert!(matches!(
            payload("error=access_denied&error_description=x&state=s"),
            Some(CallbackPayload::Error(_))
        ));
        for bad in [
            "",
            "state=s",
            "code=c&error=e&state=s",
            "code=c&code=d&state=s",
            "code=c&state=s&state=t",
            "access_token=",
            "access_token=&state=s",
            "access_token=t&code=c&state=s",
            "access_token=t&error=e&state=s",
            "access_token=t&access_token=u&state=s",
            "access_token=t&expires_in=1&expires_in=2&state=s",
            // S9.
            "access_token=t&expires_in=-1&state=s",
            "access_token=t&expires_in=soon&state=s",
        ] {
            assert!(CallbackParams::parse(bad).is_none(), "{bad}");
        }
        assert!(
            CallbackParams::parse(&format!("code={}&state=s", "c".repeat(64 * 1024))).is_none()
        );
    }

    #[test]
    fn callback_error_without_state_is_an_error() {
        for text in ["error=access_denied", "error=access_denied&state="] {
            let returned = CallbackParams::parse(text).unwrap();
            assert!(
                returned.state.is_none() && matches!(returned.payload, CallbackPayload::Error(_)),
                "{text}"
            );
        }
    }

    #[test]
    fn recorded_fragment_is_parsed() {
        let recorded =
            "access_token=TOKEN-new&expires_in=86400&scope=user%3Afull&state=abc&token_type=Bearer";
        let Some(CallbackPayload::Token { token, expires_in }) = payload(recorded) else {
            panic!("a token")
        };
        assert_eq!(
            (token.expose_secret(), expires_in),
            ("TOKEN-new", Some(Duration::from_hours(24)))
        );
    }

    #[test]
    fn callback_debug_output_omits_code_and_token() {
        for text in [
            "code=very-secret&state=s",
            "access_token=very-secret&state=s",
        ] {
            assert!(!format!("{:?}", CallbackParams::parse(text).unwrap()).contains("very-secret"));
        }
    }
}
