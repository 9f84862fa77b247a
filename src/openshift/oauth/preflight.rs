//! Whether a login would begin well, asked before anybody is sent away.

use http::StatusCode;
use serde::Deserialize;
use url::Url;

use super::Error;
use crate::outbound::{Answer, Request, Upstream};

/// What the OAuth server makes of a login that would begin now.
///
/// The OAuth server looks at the client first and at the redirect URI second, both before it asks for a name and a password, so a request without
/// cookies finds out about both (A4; recordings `oauth-authorize-*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preflight {
    /// It would: the client is there and the redirect URI is registered.
    Good,
    /// There is no such client, or one without any redirect URI: 400 `unauthorized_client`.
    NoSuchClient,
    /// The client is there, but this redirect URI does not fit any of those it has registered: 400 `invalid_request`. Both recorded versions tell
    /// this and the missing client apart.
    RedirectNotRegistered,
}

/// More than any sign-in page.
const ANSWER_BYTES: usize = 4 << 20;

/// RFC 6749, section 5.2, as far as it is used.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Asks for what `authorize` asks for, without cookies, and goes nowhere.
pub(super) async fn ask(server: &Upstream, authorize: &Url) -> Result<Preflight, Error> {
    let path = format!("{}?{}", authorize.path(), authorize.query().unwrap_or_default());
    let answer = server.send(Request::get("preflight", path).max_bytes(ANSWER_BYTES)).await?;
    read(&answer).ok_or(Error::BadAnswer)
}

/// On to the sign-in form by a redirect (as recorded), the form itself, or a challenge for those who have no form: all of them mean that the
/// request was found lawful.
fn read(answer: &Answer) -> Option<Preflight> {
    match answer.status {
        StatusCode::OK | StatusCode::UNAUTHORIZED => Some(Preflight::Good),
        status if status.is_redirection() => Some(Preflight::Good),
        StatusCode::BAD_REQUEST => {
            let refusal: Refusal = serde_json::from_slice(&answer.body).ok()?;
            match refusal.error.as_str() {
                "unauthorized_client" => Some(Preflight::NoSuchClient),
                "invalid_request" => Some(Preflight::RedirectNotRegistered),
                _ => None,
            }
        }
        _ => None,
    }
}
