use axum::http::{HeaderValue, header};
use proptest::prelude::*;

use super::*;

/// Text that does not compress: base64, as the signature of a token.
fn noise(bytes: usize) -> String {
    use base64::Engine as _;
    let random: Vec<u8> = (0..bytes).map(|_| rand::random()).collect();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random)
}

/// A session of a user of an OIDC provider, with this ID token.
fn oidc_session(id_token: &str) -> Session {
    session().with_tokens(OidcTokens {
        id_token: UserToken::from(id_token),
        refresh_token: Some("refresh-very-secret".into()),
        subject: "1234".to_owned(),
        full_name: None,
        expires_at: now(300),
    })
}

fn sessions(seeds: &[u8]) -> Sessions {
    let keys = seeds.iter().map(|seed| Key::from(&[*seed; 64])).collect();
    Sessions::new(keys, SessionLimits::default())
}

fn session() -> Session {
    let user = CurrentUser {
        name: "dev".to_owned(),
        full_name: None,
        groups: Vec::new(),
    };
    Session::new(
        UserToken::from("sha256~very-secret"),
        user,
        now(0),
        now(2_000),
    )
}

/// The `Set-Cookie` headers for a session, for a browser that has the cookies of `before`.
fn set_by(sessions: &Sessions, session: &Session, before: &HeaderMap) -> Vec<String> {
    let set = sessions.set_cookies(session, before).unwrap();
    let values = set.0.into_iter().map(|(name, value)| {
        assert_eq!(name, header::SET_COOKIE);
        value.to_str().unwrap().to_owned()
    });
    values.collect()
}

/// What a browser sends that has received these cookies.
fn browser_with(set: &[String]) -> HeaderMap {
    let pairs: Vec<&str> = set
        .iter()
        .filter(|cookie| !cookie.contains("Max-Age=0"))
        .map(|cookie| cookie.split(';').next().unwrap())
        .collect();
    HeaderMap::from_iter([(
        header::COOKIE,
        HeaderValue::try_from(pairs.join("; ")).unwrap(),
    )])
}

/// What a browser sends after it received the cookies of the session.
fn sent_back(sessions: &Sessions, session: &Session) -> HeaderMap {
    browser_with(&set_by(sessions, session, &HeaderMap::new()))
}

fn now(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// S14.
#[test]
fn session_cookie_is_sealed_and_host_only() {
    let set = set_by(&sessions(&[1]), &session(), &HeaderMap::new());
    let [header] = &set[..] else {
        panic!("{set:?}")
    };
    for part in [
        "__Host-registry-console=",
        "HttpOnly",
        "Secure",
        "SameSite=Lax",
        "Path=/",
    ] {
        assert!(header.contains(part), "{header}");
    }
    assert!(!header.contains("Domain"));
    assert!(!header.contains("very-secret"));
}

#[test]
fn session_opens_until_it_expires() {
    let (sessions, session) = (sessions(&[1]), session());
    let headers = sent_back(&sessions, &session);
    assert_eq!(
        sessions.read(&headers, now(1_999)).unwrap().token.expose(),
        "sha256~very-secret"
    );
    assert!(sessions.read(&headers, now(2_000)).is_none());
}

#[test]
fn unused_session_ends_with_the_idle_timeout() {
    let limits = SessionLimits {
        idle_timeout: Some(TimeDelta::seconds(300)),
        ..SessionLimits::default()
    };
    let sessions = Sessions::new(vec![Key::from(&[1; 64])], limits);
    let headers = sent_back(&sessions, &session());
    let read = sessions.read(&headers, now(299)).unwrap();
    assert!(sessions.read(&headers, now(300)).is_none());
    assert!(!sessions.must_record_use(&read, now(29)));
    assert!(sessions.must_record_use(&read, now(30)));
    let used = sent_back(&sessions, &read.used_at(now(299)));
    assert!(sessions.read(&used, now(598)).is_some());
    assert!(sessions.read(&used, now(599)).is_none());
    let unlimited = super::tests::sessions(&[1]);
    assert!(unlimited.read(&headers, now(1_999)).is_some());
    assert!(!unlimited.must_record_use(&read, now(1_999)));
}

#[test]
fn session_ends_with_its_token_or_its_longest_lifetime() {
    let limits = SessionLimits {
        max_lifetime: TimeDelta::seconds(600),
        ..SessionLimits::default()
    };
    let sessions = Sessions::new(vec![Key::from(&[1; 64])], limits);
    for (token, end) in [(599, 599), (601, 600), (u64::MAX, 600)] {
        let end_of_new = sessions.end_of_new(now(0), Duration::from_secs(token));
        assert_eq!(end_of_new, now(end));
    }
}

/// S16.
#[test]
fn signed_out_session_is_rejected_with_a_valid_cookie() {
    let (sessions, session) = (sessions(&[1]), session());
    let headers = sent_back(&sessions, &session);
    sessions.end(&session);
    assert!(sessions.read(&headers, now(1)).is_none());
}

#[test]
fn previous_key_opens_a_session_and_removed_key_does_not() {
    let headers = sent_back(&sessions(&[1]), &session());
    assert!(sessions(&[2, 1]).read(&headers, now(1)).is_some());
    assert!(sessions(&[2]).read(&headers, now(1)).is_none());
}

/// S22.
#[test]
fn session_sealed_with_an_old_key_is_marked() {
    let headers = sent_back(&sessions(&[1]), &session());
    let renewed = sessions(&[2, 1]);
    assert!(
        !sessions(&[1, 2])
            .read(&headers, now(1))
            .unwrap()
            .has_old_key
    );
    let session = renewed.read(&headers, now(1)).unwrap();
    assert!(session.has_old_key);
    let sealed_again = sent_back(&renewed, &session);
    assert!(
        !sessions(&[2])
            .read(&sealed_again, now(1))
            .unwrap()
            .has_old_key
    );
}

#[test]
fn newest_sign_outs_are_kept_over_the_limit() {
    let sessions = Sessions::with_capacity(vec![Key::from(&[1; 64])], SessionLimits::default(), 10);
    // Old ones that are used again and again do not evict new ones.
    let old: Vec<Session> = (0..10).map(|_| session()).collect();
    old.iter().for_each(|session| sessions.end(session));
    for _ in 0..50 {
        assert!(
            old.iter()
                .all(|session| sessions.has_ended(session, now(1)))
        );
    }
    let new: Vec<Session> = (0..25).map(|_| session()).collect();
    for session in &new {
        sessions.end(session);
        sessions.ended.run_pending_tasks();
        assert!(sessions.has_ended(session, now(1)), "signed out just now");
    }
    assert!(
        new.iter()
            .rev()
            .take(9)
            .all(|session| sessions.has_ended(session, now(1)))
    );
    assert!(sessions.ended.entry_count() <= 10);
}

/// S23: every flipped bit, every cut, and a flood.
#[test]
fn tampered_cookie_is_no_session() {
    let sessions = sessions(&[1]);
    let headers = sent_back(&sessions, &session());
    let whole = headers[header::COOKIE].to_str().unwrap().to_owned();
    let (name, value) = whole.split_once('=').unwrap();
    let refused = |value: &[u8]| {
        let Ok(cookie) = HeaderValue::from_bytes(&[name.as_bytes(), b"=", value].concat()) else {
            return;
        };
        let read = sessions.read(&HeaderMap::from_iter([(header::COOKIE, cookie)]), now(1));
        assert!(
            read.is_none_or(|session| session.token.expose() == "sha256~very-secret"
                && value.len() == whole.len() - name.len() - 1)
        );
    };
    for at in 0..value.len() {
        refused(&value.as_bytes()[..at]);
        let flipped: Vec<u8> = value
            .bytes()
            .enumerate()
            .map(|(i, b)| if i == at { b ^ 1 } else { b })
            .collect();
        let cookie = HeaderValue::from_bytes(&[name.as_bytes(), b"=", &flipped].concat()).unwrap();
        if let Some(session) =
            sessions.read(&HeaderMap::from_iter([(header::COOKIE, cookie)]), now(1))
        {
            panic!(
                "bit flipped at {at}, yet {} is signed in",
                session.user.name
            );
        }
    }
    refused("A".repeat(16 * 1024).as_bytes());
}

#[test]
fn oversized_token_is_rejected() {
    let user = CurrentUser {
        name: "dev".to_owned(),
        full_name: None,
        groups: Vec::new(),
    };
    let session = Session::new(UserToken::from(&*"t".repeat(3_000)), user, now(0), now(1));
    assert!(
        sessions(&[1])
            .set_cookies(&session, &HeaderMap::new())
            .is_err()
    );
}

#[test]
fn large_session_is_split_into_cookies_that_browsers_accept() {
    let sessions = sessions(&[1]);
    for bytes in [4_000, 6_000, 9_000] {
        let session = oidc_session(&noise(bytes));
        let set = set_by(&sessions, &session, &HeaderMap::new());
        assert!((2..=5).contains(&set.len()), "{}", set.len());
        for cookie in &set {
            assert!(cookie.len() <= 4_096, "{}", cookie.len());
            assert!(
                cookie.contains("HttpOnly") && cookie.contains("Secure"),
                "{cookie}"
            );
            assert!(!cookie.contains("very-secret"));
        }
        let headers = browser_with(&set);
        let read = sessions.read(&headers, now(1)).unwrap();
        assert_eq!(read.token.expose(), session.token.expose());
        let oidc = read.oidc.unwrap();
        let refresh = oidc.refresh_token.unwrap();
        assert_eq!(
            secrecy::ExposeSecret::expose_secret(&refresh),
            "refresh-very-secret"
        );
        assert_eq!(
            (oidc.subject.as_str(), oidc.token_expires_at),
            ("1234", now(300))
        );
    }
    let too_large = oidc_session(&noise(20_000));
    assert!(sessions.set_cookies(&too_large, &HeaderMap::new()).is_err());
}

#[test]
fn small_session_of_an_oidc_user_is_one_cookie_without_parts() {
    let (sessions, session) = (sessions(&[1]), oidc_session("a.b.c"));
    let set = set_by(&sessions, &session, &HeaderMap::new());
    assert_eq!(set.len(), 1);
    let read = sessions.read(&browser_with(&set), now(1)).unwrap();
    assert_eq!(read.token_expires_at(), now(300));
    assert_eq!(read.expires_at, now(2_000), "it can be renewed");
}

#[test]
fn session_that_cannot_be_renewed_ends_with_its_token() {
    let tokens = OidcTokens {
        id_token: UserToken::from("a.b.c"),
        refresh_token: None,
        subject: "1234".to_owned(),
        full_name: None,
        expires_at: now(300),
    };
    let (sessions, session) = (sessions(&[1]), session().with_tokens(tokens));
    let headers = sent_back(&sessions, &session);
    assert!(sessions.read(&headers, now(299)).is_some());
    assert!(sessions.read(&headers, now(300)).is_none());
}

#[test]
fn parts_that_are_no_longer_needed_are_removed() {
    let sessions = sessions(&[1]);
    let large = set_by(&sessions, &oidc_session(&noise(9_000)), &HeaderMap::new());
    let before = browser_with(&large);
    let removed = |set: &[String]| -> Vec<String> {
        let removals = set.iter().filter(|cookie| cookie.contains("Max-Age=0"));
        removals
            .map(|cookie| cookie.split('=').next().unwrap().to_owned())
            .collect()
    };
    let parts: Vec<String> = (1..large.len())
        .map(|index| format!("{SESSION_COOKIE}-{index}"))
        .collect();
    let small = set_by(&sessions, &session(), &before);
    assert_eq!(removed(&small), parts);
    let smaller = set_by(&sessions, &oidc_session(&noise(4_000)), &before);
    let kept = smaller.len() - removed(&smaller).len();
    assert_eq!(removed(&smaller), parts[kept - 1..]);
    let signed_out = remove_session_cookies(&before);
    assert_eq!(signed_out.0.len(), large.len());
    // Parts that are left over change nothing.
    let left_over = browser_with(&[small[0].clone(), large[1].clone()]);
    assert!(sessions.read(&left_over, now(1)).is_some());
}

#[test]
fn session_in_parts_with_a_previous_key_is_marked() {
    let headers = sent_back(&sessions(&[1]), &oidc_session(&noise(5_000)));
    let read = sessions(&[2, 1]).read(&headers, now(1)).unwrap();
    assert!(read.has_old_key);
    assert!(sessions(&[2]).read(&headers, now(1)).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// S23: parts that are missing, cut, changed, exchanged or of another session.
    #[test]
    fn parts_of_different_sessions_are_no_session(
        sizes in (3_000..9_000_usize, 3_000..9_000_usize),
        part in 0..5_usize,
        at in any::<prop::sample::Index>(),
        change in 0..4_u8,
    ) {
        let sessions = sessions(&[1]);
        let set = |bytes| set_by(&sessions, &oidc_session(&noise(bytes)), &HeaderMap::new());
        let (mut one, other) = (set(sizes.0), set(sizes.1));
        prop_assert!(sessions.read(&browser_with(&one), now(1)).is_some());
        let part = part % one.len();
        match change {
            0 => one[part] = other[part % other.len()].clone(),
            1 => {
                one.remove(part);
            }
            2 => {
                let next = (part + 1) % one.len();
                let value = |cookie: &str| cookie.split_once('=').unwrap().1.to_owned();
                let (name, _) = one[part].split_once('=').unwrap();
                one[part] = format!("{name}={}", value(&one[next]));
            }
            _ => {
                let (name, rest) = one[part].split_once('=').unwrap();
                let (value, attributes) = rest.split_once(';').unwrap();
                let mut bytes = value.as_bytes().to_vec();
                let at = at.index(bytes.len());
                bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
                let value = String::from_utf8(bytes).unwrap();
                one[part] = format!("{name}={value};{attributes}");
            }
        }
        prop_assert!(sessions.read(&browser_with(&one), now(1)).is_none());
    }
}
