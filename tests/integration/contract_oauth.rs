//! The recorded sign-ins are what the OAuth client begins and can read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use registry_console::config::{self, Trust};
use registry_console::openshift::oauth::{
    self, Discovery, DiscoveryDocument, OauthClient, Preflight,
};
use registry_console::outbound::Name;
use registry_model::Clock;
use url::Url;

use crate::contract::is_asked;
use crate::recording::{Recording, fields, parts};
use crate::stub::{Stub, Told};

fn client(stub: &Stub) -> OauthClient {
    named_client(stub, "cockpit-oauth-client")
}

fn named_client(stub: &Stub, id: &str) -> OauthClient {
    client_with(stub, settings(stub, id))
}

fn settings(stub: &Stub, id: &str) -> config::Oauth {
    config::Oauth {
        provider: stub.url.clone(),
        client_id: id.to_owned(),
        client_secret: "user-secret-0123456789".into(),
        implicit_flow: true,
        trust: Trust::Nothing,
    }
}

fn client_with(stub: &Stub, settings: config::Oauth) -> OauthClient {
    let clock = Clock::standing_at(DateTime::<Utc>::default());
    let discovery = Discovery::new(stub.upstream(Name::Master), stub.url.clone(), clock);
    OauthClient::new(settings, discovery)
}

/// S8.
#[tokio::test]
async fn a_code_is_exchanged_as_it_was_recorded_and_every_refusal_is_told_apart() {
    let stub = Stub::start().await;
    for recording in Recording::all() {
        if !recording.name.starts_with("oauth-token-") || !is_asked(&recording) {
            continue;
        }
        let form = fields(recording.json["request"]["body"].as_str().unwrap());
        stub.tell([Told::new(404, "text/plain", ""), recording.told()]);
        let redirect = Url::parse(&form["redirect_uri"]).unwrap();
        let result = client(&stub)
            .exchange(
                &form["code"].as_str().into(),
                &form["code_verifier"].as_str().into(),
                &redirect,
            )
            .await;
        let seen = stub.seen();
        match recording.json["response"]["body"]["error"].as_str() {
            None => {
                recording.matches(&seen[1]);
                assert_eq!(seen[1].headers["accept"], "application/json");
                let token = result.unwrap();
                assert_eq!(
                    (token.token.expose(), token.expires_in.as_secs()),
                    ("TOKEN-new", 86_400)
                );
            }
            Some("unauthorized_client") => assert!(
                matches!(result, Err(oauth::Error::WrongSecretOrCode)),
                "{}",
                recording.title()
            ),
            Some("invalid_grant") => assert!(
                matches!(result, Err(oauth::Error::InvalidGrant)),
                "{}",
                recording.title()
            ),
            Some("invalid_request") => assert!(
                matches!(result, Err(oauth::Error::InvalidRequest)),
                "{}",
                recording.title()
            ),
            other => panic!("{}: {other:?}", recording.title()),
        }
    }
}

/// S1.
#[tokio::test]
async fn a_login_begins_with_the_recorded_parameters_and_fresh_secrets() {
    let stub = Stub::start().await;
    for recording in Recording::all()
        .iter()
        .filter(|recording| recording.name == "oauth-authorize-start")
    {
        let (path, recorded) = parts(recording.path());
        let client = client(&stub);
        let redirect = Url::parse(&recorded["redirect_uri"]).unwrap();
        let (begun, again) = (client.begin(&redirect).await, client.begin(&redirect).await);
        let query: BTreeMap<String, String> = begun.url.query_pairs().into_owned().collect();
        assert_eq!(begun.url.path(), path);
        assert_eq!(
            query.keys().collect::<Vec<_>>(),
            recorded.keys().collect::<Vec<_>>()
        );
        for same in [
            "client_id",
            "response_type",
            "redirect_uri",
            "scope",
            "code_challenge_method",
        ] {
            assert_eq!(query[same], recorded[same], "{same}");
        }
        assert_eq!(query["code_challenge"].len(), 43);
        assert_eq!(query["state"], begun.state);
        assert!(begun.state.len() >= 22, "128 bits");
        assert_ne!(begun.state, again.state);
        assert_ne!(begun.url, again.url);
    }
}

/// The implicit flow asks for a token in place of a code, and has nothing to exchange that a
/// challenge could protect.
#[tokio::test]
async fn a_login_without_a_secret_asks_for_the_token_itself() {
    let stub = Stub::start().await;
    for recording in Recording::all()
        .iter()
        .filter(|recording| recording.name == "oauth-authorize-start")
    {
        let (path, mut recorded) = parts(recording.path());
        let mut settings = settings(&stub, "cockpit-oauth-client");
        settings.client_secret = config::ClientSecret::Unknown;
        let client = client_with(&stub, settings);
        let begun = client
            .begin(&Url::parse(&recorded["redirect_uri"]).unwrap())
            .await;
        recorded.retain(|name, _| !name.starts_with("code_challenge"));
        recorded.insert("response_type".to_owned(), "token".to_owned());
        recorded.insert("state".to_owned(), begun.state.clone());
        let query: BTreeMap<String, String> = begun.url.query_pairs().into_owned().collect();
        assert_eq!((begun.url.path(), query), (path.as_str(), recorded));
        assert!(begun.state.len() >= 22 && begun.verifier.is_none());
        let exchange = client
            .exchange(
                &"c".into(),
                &"v".into(),
                &Url::parse("https://console.example/oauth/callback").unwrap(),
            )
            .await;
        assert!(matches!(exchange, Err(oauth::Error::NoSecret)));
    }
}

/// The question is a login's, but for its own state and challenge; the recorded answers are told
/// apart.
#[tokio::test]
async fn a_preflight_asks_as_a_browser_would_and_tells_the_recorded_answers_apart() {
    let stub = Stub::start().await;
    let mut told_apart = BTreeSet::new();
    for recording in Recording::all()
        .iter()
        .filter(|recording| recording.name.starts_with("oauth-authorize-"))
    {
        let title = recording.title();
        let (path, mut recorded) = parts(recording.path());
        let redirect = Url::parse(&recorded["redirect_uri"]).unwrap();
        stub.tell([Told::new(404, "text/plain", ""), recording.told()]);
        let found = named_client(&stub, &recorded["client_id"])
            .preflight(&redirect)
            .await
            .unwrap();
        let expected = match recording.name.as_str() {
            "oauth-authorize-start" => Preflight::Good,
            "oauth-authorize-unknown-client" => Preflight::NoSuchClient,
            _ => Preflight::RedirectNotRegistered,
        };
        assert_eq!(found, expected, "{title}");
        let seen = stub.seen();
        let (asked_path, mut asked) = parts(&seen[1].path_and_query);
        for own in ["state", "code_challenge"] {
            assert!(
                asked.remove(own).unwrap().len() >= 43 && recorded.remove(own).is_some(),
                "{title}: {own}"
            );
        }
        assert_eq!(
            (seen[1].method.as_str(), asked_path, asked),
            ("GET", path, recorded),
            "{title}"
        );
        assert!(
            !seen[1].headers.contains_key("cookie")
                && !seen[1].headers.contains_key("authorization"),
            "{title}"
        );
        told_apart.insert(format!("{found:?}"));
    }
    assert_eq!(told_apart.len(), 3, "{told_apart:?}");
}

#[tokio::test]
async fn a_preflight_takes_a_form_or_a_challenge_for_good_and_tells_what_else_there_may_be_apart() {
    let stub = Stub::start().await;
    let redirect = Url::parse("https://console.example/oauth/callback").unwrap();
    // The stub's discovery document names no addresses: the OAuth server is the stub itself, and
    // there should be one.
    let document = Told::json(200, &serde_json::json!({"issuer": "nothing usable"}));
    let told = async |answer| {
        stub.tell([document.clone(), answer]);
        client(&stub).preflight(&redirect).await
    };
    for good in [
        Told::new(200, "text/html", "<form>"),
        Told::new(401, "text/plain", "").header("WWW-Authenticate", "Basic"),
    ] {
        assert_eq!(told(good).await.unwrap(), Preflight::Good);
    }
    for odd in [
        Told::new(400, "text/html", "<h1>Bad Request"),
        Told::json(400, &serde_json::json!({"error": "server_error"})),
    ] {
        assert!(matches!(told(odd).await, Err(oauth::Error::BadAnswer)));
    }
    let unavailable = told(Told::new(
        503,
        "text/html",
        "<h1>Application is not available",
    ))
    .await;
    assert!(
        matches!(unavailable, Err(oauth::Error::ServerError(status)) if status == 503),
        "{unavailable:?}"
    );
    assert_eq!(
        told(Told::new(404, "text/plain", "404 page not found"))
            .await
            .unwrap(),
        Preflight::NoOauthServer
    );
}

/// An API server of OpenShift has had the document since 3.6.
#[tokio::test]
async fn without_a_discovery_document_there_is_an_oauth_server_only_if_one_answers_at_the_configured_address()
 {
    let stub = Stub::start().await;
    let redirect = Url::parse("https://console.example/oauth/callback").unwrap();
    let forbidden = |path: &str| {
        let message = format!("forbidden: User \"system:anonymous\" cannot get path \"{path}\"");
        Told::json(
            403,
            &serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": "Forbidden", "code": 403}),
        )
    };
    let unauthorized = || {
        Told::json(
            401,
            &serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "Unauthorized", "code": 401}),
        )
    };
    let told = async |document: Told, answer| {
        stub.tell([document, answer]);
        client(&stub).preflight(&redirect).await.unwrap()
    };
    for document in [
        Told::new(404, "text/plain", "404 page not found"),
        forbidden("/.well-known/oauth-authorization-server"),
        unauthorized(),
    ] {
        for nothing in [
            Told::new(404, "text/plain", "404 page not found"),
            forbidden("/oauth/authorize"),
            unauthorized(),
            Told::new(503, "text/html", "<h1>Application is not available"),
        ] {
            assert_eq!(
                told(document.clone(), nothing).await,
                Preflight::NoOauthServer
            );
        }
        let login = Told::new(302, "text/html", "").header("Location", "/login?then=x");
        assert_eq!(
            told(document.clone(), login).await,
            Preflight::Good,
            "the configured address is right"
        );
    }
    let cold = Told::json(
        403,
        &serde_json::json!({"kind": "Status", "message": "RBAC: [clusterrole.rbac.authorization.k8s.io \"x\" not found]"}),
    );
    stub.tell([cold, forbidden("/oauth/authorize")]);
    let just_started = client(&stub).preflight(&redirect).await;
    assert!(
        matches!(just_started, Err(oauth::Error::NoSuchEndpoint)),
        "{just_started:?}"
    );
}

#[tokio::test]
async fn the_recorded_discovery_documents_name_the_oauth_server() {
    let stub = Stub::start().await;
    for recording in Recording::all()
        .iter()
        .filter(|recording| recording.name == "wellknown-oauth")
    {
        stub.tell([recording.told()]);
        let endpoints = client(&stub).endpoints().await;
        recording.matches(&stub.seen()[0]);
        let body = &recording.json["response"]["body"];
        assert_eq!(endpoints.document, DiscoveryDocument::Found);
        assert_eq!(
            endpoints.authorize.as_str(),
            body["authorization_endpoint"].as_str().unwrap()
        );
        assert_eq!(
            endpoints.token.as_str(),
            body["token_endpoint"].as_str().unwrap()
        );
    }
}

/// S8, S9, S44: what is no token is refused, and nothing of it is in the error. A redirect is not
/// followed.
#[tokio::test]
async fn an_answer_that_is_no_token_is_refused_and_forgotten() {
    let stub = Stub::start().await;
    let redirect = Url::parse("https://console.example/oauth/callback").unwrap();
    let token =
        |rest: &str| format!("{{\"access_token\":\"SECRET\",\"token_type\":\"Bearer\"{rest}}}");
    for answer in [
        Told::new(200, "text/html", "<h1>SECRET</h1>"),
        Told::new(
            200,
            "application/json",
            "{\"token_type\":\"Bearer\",\"expires_in\":1,\"SECRET\":\"SECRET\"}",
        ),
        Told::new(200, "application/json", token(",\"expires_in\":-1")),
        Told::new(
            200,
            "application/json",
            token(&format!(",\"x\":\"{}\"", "x".repeat(70_000))),
        ),
        Told::new(302, "application/json", token("")).header("Location", "/elsewhere?SECRET"),
        Told::new(500, "application/json", token("")),
    ] {
        let fails_itself = answer.status >= 500;
        stub.tell([Told::new(404, "text/plain", ""), answer]);
        let client = client(&stub);
        let (code, verifier) = ("CODE".into(), "v".repeat(43).into());
        // Handlers run on any thread: the future has to be able to move.
        let exchange: Box<dyn Future<Output = _> + Send + Unpin + '_> =
            Box::new(Box::pin(client.exchange(&code, &verifier, &redirect)));
        let error = exchange.await.unwrap_err();
        if fails_itself {
            assert!(matches!(error, oauth::Error::ServerError(_)), "{error:?}");
        } else {
            assert!(matches!(error, oauth::Error::BadAnswer), "{error:?}");
        }
        assert!(!format!("{error:?} {error}").contains("SECRET"));
        assert_eq!(stub.seen().len(), 2);
    }
}
