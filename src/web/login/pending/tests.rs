use super::*;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use secrecy::ExposeSecret as _;

fn sessions(seeds: &[u8]) -> Sessions {
    Sessions::new(seeds.iter().map(|seed| Key::from(&[*seed; 64])).collect())
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_000_000 + seconds, 0).unwrap()
}

/// A browser without a cookie begins a sign-in: its state, its verifier, and the headers that the
/// browser sends from now on.
fn begun(sessions: &Sessions, headers: &HeaderMap, next: &str) -> (String, String, HeaderMap) {
    let (secret, cookie) = BrowserSecret::of_or_new(sessions, headers);
    let sign_in = SignIn::new(next.to_owned(), 0, at(0));
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
) -> Result<(String, String), LoginTrouble> {
    let recalled = SignIn::recall(sessions, headers, &UsedStates::new(), state, at(now));
    let (sign_in, secret) = recalled.map_err(|not| not.why)?;
    Ok((
        secret.verifier(&sign_in).expose_secret().to_owned(),
        sign_in.next,
    ))
}

#[test]
fn a_sign_in_comes_back_with_its_page_and_the_same_verifier() {
    let sessions = sessions(&[1]);
    let (state, verifier, headers) = begun(&sessions, &HeaderMap::new(), "/images?q=a");
    assert_eq!(verifier.len(), 43);
    assert_eq!(
        recalled(&sessions, &headers, &state, 599),
        Ok((verifier, "/images?q=a".to_owned()))
    );
    assert_eq!(
        recalled(&sessions, &headers, &state, 600),
        Err(LoginTrouble::Expired)
    );
}

#[test]
fn sign_ins_of_one_browser_share_a_cookie_and_nothing_else() {
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
fn a_state_of_another_browser_or_changed_in_any_place_is_refused() {
    let sessions = sessions(&[1]);
    let (state, _, headers) = begun(&sessions, &HeaderMap::new(), "/");
    let (_, _, others) = begun(&sessions, &HeaderMap::new(), "/");
    assert_eq!(
        recalled(&sessions, &others, &state, 1),
        Err(LoginTrouble::OtherTab)
    );
    assert_eq!(
        recalled(&sessions, &HeaderMap::new(), &state, 1),
        Err(LoginTrouble::CookieMissing)
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
                Err(LoginTrouble::BadCallback),
                "{at}"
            );
        }
    }
    assert_eq!(
        recalled(&sessions, &headers, &"A".repeat(64 << 10), 1),
        Err(LoginTrouble::BadCallback)
    );
}

/// S5.
#[test]
fn a_state_is_good_once() {
    let sessions = sessions(&[1]);
    let (state, _, headers) = begun(&sessions, &HeaderMap::new(), "/");
    let used = UsedStates::new();
    let recall =
        || SignIn::recall(&sessions, &headers, &used, &state, at(1)).map_err(|not| not.why);
    let (sign_in, _) = recall().ok().unwrap();
    assert!(recall().is_ok(), "not used up by looking");
    assert!(used.first_use_of(&sign_in) && !used.first_use_of(&sign_in));
    assert_eq!(recall().err(), Some(LoginTrouble::AlreadyUsed));
}

#[test]
fn a_sign_in_survives_a_new_key_in_front_of_the_old() {
    let (state, verifier, headers) = begun(&sessions(&[1]), &HeaderMap::new(), "/");
    assert_eq!(
        recalled(&sessions(&[2, 1]), &headers, &state, 1),
        Ok((verifier, "/".to_owned()))
    );
    assert_eq!(
        recalled(&sessions(&[2]), &headers, &state, 1),
        Err(LoginTrouble::BadCallback)
    );
}

#[test]
fn a_browser_starts_again_by_itself_only_a_few_times_and_only_after_a_race_between_tabs() {
    let refused = |why, attempt| {
        Refused::from(NotPending {
            why,
            began: Some(("/".to_owned(), attempt)),
        })
    };
    let next = |refused: Refused| {
        if let Refused::LoginAgain { attempt, .. } = refused {
            attempt
        } else {
            panic!("{refused:?}")
        }
    };
    assert_eq!(next(refused(LoginTrouble::OtherTab, 0)), Some(1));
    assert_eq!(next(refused(LoginTrouble::OtherTab, MOST_ATTEMPTS)), None);
    for other in [
        LoginTrouble::CookieMissing,
        LoginTrouble::Expired,
        LoginTrouble::AlreadyUsed,
    ] {
        assert_eq!(next(refused(other, 0)), None, "{other:?}");
    }
}
