use super::*;
use crate::config::SessionLimits;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use secrecy::ExposeSecret as _;

fn sessions(seeds: &[u8]) -> Sessions {
    let keys = seeds.iter().map(|seed| Key::from(&[*seed; 64])).collect();
    Sessions::new(keys, SessionLimits::default())
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_000_000 + seconds, 0).unwrap()
}

/// Begins a sign-in in a browser: returns its state, its verifier, and the headers that the browser
/// sends from now on.
fn begun(sessions: &Sessions, headers: &HeaderMap, next: &str) -> (String, String, HeaderMap) {
    let (secret, cookie) = BrowserSecret::from_cookie_or_new(sessions, headers);
    let sign_in = PendingSignIn::new(next.to_owned(), 0, at(0));
    let set = sessions.jar(&HeaderMap::new()).add(cookie).into_response();
    let pair = set.headers()[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(pair).unwrap())]);
    (
        sign_in.seal(sessions, &secret),
        secret.verifier(&sign_in).expose_secret().to_owned(),
        headers,
    )
}

fn recalled(
    sessions: &Sessions,
    headers: &HeaderMap,
    state: &str,
    now: i64,
) -> Result<(String, String), SignInError> {
    let recalled = PendingSignIn::from_state(sessions, headers, &UsedStates::new(), state, at(now));
    let (sign_in, secret) = recalled.map_err(|not| not.error)?;
    Ok((
        secret.verifier(&sign_in).expose_secret().to_owned(),
        sign_in.return_path,
    ))
}

#[test]
fn pending_sign_in_round_trips_page_and_verifier() {
    let sessions = sessions(&[1]);
    let (state, verifier, headers) = begun(&sessions, &HeaderMap::new(), "/images?q=a");
    assert_eq!(verifier.len(), 43);
    assert_eq!(
        recalled(&sessions, &headers, &state, 599),
        Ok((verifier, "/images?q=a".to_owned()))
    );
    assert_eq!(
        recalled(&sessions, &headers, &state, 600),
        Err(SignInError::Expired)
    );
}

#[test]
fn pending_sign_ins_share_only_the_cookie() {
    let sessions = sessions(&[1]);
    let (one, first, headers) = begun(&sessions, &HeaderMap::new(), "/a");
    let (other, second, later) = begun(&sessions, &headers, "/b");
    assert!(one != other && first != second);
    for headers in [&headers, &later] {
        assert_eq!(
            recalled(&sessions, headers, &one, 1).unwrap(),
            (first.clone(), "/a".to_owned())
        );
        assert_eq!(
            recalled(&sessions, headers, &other, 1).unwrap(),
            (second.clone(), "/b".to_owned())
        );
    }
}

/// S4.
#[test]
fn foreign_or_tampered_state_is_rejected() {
    let sessions = sessions(&[1]);
    let (state, _, headers) = begun(&sessions, &HeaderMap::new(), "/");
    let (_, _, others) = begun(&sessions, &HeaderMap::new(), "/");
    assert_eq!(
        recalled(&sessions, &others, &state, 1),
        Err(SignInError::SupersededByOtherTab)
    );
    assert_eq!(
        recalled(&sessions, &HeaderMap::new(), &state, 1),
        Err(SignInError::CookieMissing)
    );
    for at in 0..state.len() {
        let cut = &state[..at];
        let flipped = format!(
            "{cut}{}{}",
            if &state[at..=at] == "A" { "B" } else { "A" },
            &state[at + 1..]
        );
        for bad in [cut, flipped.as_str()] {
            assert_eq!(
                recalled(&sessions, &headers, bad, 1),
                Err(SignInError::BadCallback),
                "{at}"
            );
        }
    }
    assert_eq!(
        recalled(&sessions, &headers, &"A".repeat(64 << 10), 1),
        Err(SignInError::BadCallback)
    );
}

/// S5.
#[test]
fn state_is_valid_once() {
    let sessions = sessions(&[1]);
    let (state, _, headers) = begun(&sessions, &HeaderMap::new(), "/");
    let used = UsedStates::new();
    let recall = || {
        PendingSignIn::from_state(&sessions, &headers, &used, &state, at(1))
            .map_err(|not| not.error)
    };
    let (sign_in, _) = recall().ok().unwrap();
    assert!(recall().is_ok(), "not used up by looking");
    assert!(used.try_use(&sign_in) && !used.try_use(&sign_in));
    assert_eq!(recall().err(), Some(SignInError::AlreadyUsed));
}

#[test]
fn pending_sign_in_survives_key_rotation() {
    let (state, verifier, headers) = begun(&sessions(&[1]), &HeaderMap::new(), "/");
    assert_eq!(
        recalled(&sessions(&[2, 1]), &headers, &state, 1),
        Ok((verifier, "/".to_owned()))
    );
    assert_eq!(
        recalled(&sessions(&[2]), &headers, &state, 1),
        Err(SignInError::BadCallback)
    );
}

#[test]
fn automatic_restarts_are_limited_and_need_a_tab_race() {
    let refused = |why, attempt| {
        WebError::from(CallbackMismatch {
            error: why,
            sign_in: Some(("/".to_owned(), attempt)),
        })
    };
    let next = |refused: WebError| {
        if let WebError::SignInRestarts { attempt, .. } = refused {
            attempt
        } else {
            panic!("{refused:?}")
        }
    };
    assert_eq!(next(refused(SignInError::SupersededByOtherTab, 0)), Some(1));
    assert_eq!(
        next(refused(SignInError::SupersededByOtherTab, MAX_ATTEMPTS)),
        None
    );
    for other in [
        SignInError::CookieMissing,
        SignInError::Expired,
        SignInError::AlreadyUsed,
    ] {
        assert_eq!(next(refused(other, 0)), None, "{other:?}");
    }
}
