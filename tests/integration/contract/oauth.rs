//! The recorded sign-ins are what the OAuth client begins and can read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use registry_console::config::{self, Trust};
use registry_console::openshift::oauth::{
    self, DiscoveryResult, OauthClient, OauthDiscovery, PreflightResult,
};
use registry_console::outbound::UpstreamName;
use registry_model::Clock;
use url::Url;

use crate::contract::is_sent_by_clients;
use crate::harness::canned_server::{CannedResponse, CannedServer};
use crate::harness::recording::{ClientRecording, fields, parts};

fn client(stub: &CannedServer) -> OauthClient {
    named_client(stub, "cockpit-oauth-client")
}

fn named_client(stub: &CannedServer, id: &str) -> OauthClient {
    client_with(stub, settings(stub, id))
}

fn settings(stub: &CannedServer, id: &str) -> config::OauthSettings {
    config::OauthSettings {
        provider: stub.url.clone(),
        client_id: id.to_owned(),
        client_secret: "user-secret-0123456789".into(),
        implicit_flow: true,
        trust: Trust::Unverified,
    }
}

fn client_with(stub: &CannedServer, settings: config::OauthSettings) -> OauthClient {
    let clock = Clock::fixed_at(DateTime::<Utc>::default());
    let discovery = OauthDiscovery::new(
        stub.upstream(UpstreamName::ApiServer),
        stub.url.clone(),
        clock,
    );
    OauthClient::new(settings, discovery)
}

/// S8.
#[tokio::test]
async fn code_exchange_matches_recordings_and_errors_are_distinct() {
    let stub = CannedServer::start().await;
    for recording in ClientRecording::all() {
        if !recording.name.starts_with("oauth-token-") || !is_sent_by_clients(&recording) {
            continue;
        }
        let form = fields(recording.json["request"]["body"].as_str().unwrap());
        stub.enqueue([
            CannedResponse::new(404, "text/plain", ""),
            recording.canned_response(),
        ]);
        let redirect = Url::parse(&form["redirect_uri"]).unwrap();
        let result = client(&stub)
            .exchange_code(
                &form["code"].as_str().into(),
                &form["code_verifier"].as_str().into(),
                &redirect,
            )
            .await;
        let seen = stub.received();
        match recording.json["response"]["body"]["error"].as_str() {
            None => {
                recording.assert_request_matches(&seen[1]);
                assert_eq!(seen[1].headers["accept"], "application/json");
                let token = result.unwrap();
                assert_eq!(
                    (token.token.expose(), token.expires_in.as_secs()),
                    ("TOKEN-new", 86_400)
                );
            }
            Some("unauthorized_client") => assert!(
                matches!(result, Err(oauth::OauthError::WrongSecretOrCode)),
                "{}",
                recording.title()
            ),
            Some("invalid_grant") => assert!(
                matches!(result, Err(oauth::OauthError::InvalidGrant)),
                "{}",
                recording.title()
            ),
            Some("invalid_request") => assert!(
                matches!(result, Err(oauth::OauthError::InvalidRequest)),
                "{}",
                recording.title()
            ),
            other => panic!("{}: {other:?}", recording.title()),
        }
    }
}

/// S1.
#[tokio::test]
async fn sign_in_request_has_recorded_parameters_and_fresh_secrets() {
    let stub = CannedServer::start().await;
    for recording in ClientRecording::all()
        .iter()
        .filter(|recording| recording.name == "oauth-authorize-start")
    {
        let (path, recorded) = parts(recording.path());
        let client = client(&stub);
        let redirect = Url::parse(&recorded["redirect_uri"]).unwrap();
        let (begun, again) = (
            client.authorization_request(&redirect).await,
            client.authorization_request(&redirect).await,
        );
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
async fn sign_in_without_secret_uses_the_implicit_flow() {
    let stub = CannedServer::start().await;
    for recording in ClientRecording::all()
        .iter()
        .filter(|recording| recording.name == "oauth-authorize-start")
    {
        let (path, mut recorded) = parts(recording.path());
        let mut settings = settings(&stub, "cockpit-oauth-client");
        settings.client_secret = config::ClientSecret::Unknown;
        let client = client_with(&stub, settings);
        let begun = client
            .authorization_request(&Url::parse(&recorded["redirect_uri"]).unwrap())
            .await;
        recorded.retain(|name, _| !name.starts_with("code_challenge"));
        recorded.insert("response_type".to_owned(), "token".to_owned());
        recorded.insert("state".to_owned(), begun.state.clone());
        let query: BTreeMap<String, String> = begun.url.query_pairs().into_owned().collect();
        assert_eq!((begun.url.path(), query), (path.as_str(), recorded));
        assert!(begun.state.len() >= 22 && begun.verifier.is_none());
        let exchange = client
            .exchange_code(
                &"c".into(),
                &"v".into(),
                &Url::parse("https://console.example/oauth/callback").unwrap(),
            )
            .await;
        assert!(matches!(exchange, Err(oauth::OauthError::NoSecret)));
    }
}

/// The question is a login's, but for its own state and challenge; the recorded answers are told
/// apart.
#[tokio::test]
async fn preflight_distinguishes_recorded_responses() {
    let stub = CannedServer::start().await;
    let mut told_apart = BTreeSet::new();
    for recording in ClientRecording::all()
        .iter()
        .filter(|recording| recording.name.starts_with("oauth-authorize-"))
    {
        let title = recording.title();
        let (path, mut recorded) = parts(recording.path());
        let redirect = Url::parse(&recorded["redirect_uri"]).unwrap();
        stub.enqueue([
            CannedResponse::new(404, "text/plain", ""),
            recording.canned_response(),
        ]);
        let found = named_client(&stub, &recorded["client_id"])
            .preflight(&redirect)
            .await
            .unwrap();
        let expected = match recording.name.as_str() {
            "oauth-authorize-start" => PreflightResult::Good,
            "oauth-authorize-unknown-client" => PreflightResult::NoSuchClient,
            _ => PreflightResult::RedirectNotRegistered,
        };
        assert_eq!(found, expected, "{title}");
        let seen = stub.received();
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
async fn preflight_accepts_form_or_challenge_and_names_other_results() {
    let stub = CannedServer::start().await;
    let redirect = Url::parse("https://console.example/oauth/callback").unwrap();
    // The stub's discovery document names no addresses: the OAuth server is the stub itself, and
    // there should be one.
    let document = CannedResponse::json(200, &serde_json::json!({"issuer": "nothing usable"}));
    let preflight = async |answer| {
        stub.enqueue([document.clone(), answer]);
        client(&stub).preflight(&redirect).await
    };
    for good in [
        CannedResponse::new(200, "text/html", "<form>"),
        CannedResponse::new(401, "text/plain", "").header("WWW-Authenticate", "Basic"),
    ] {
        assert_eq!(preflight(good).await.unwrap(), PreflightResult::Good);
    }
    for odd in [
        CannedResponse::new(400, "text/html", "<h1>Bad Request"),
        CannedResponse::json(400, &serde_json::json!({"error": "server_error"})),
    ] {
        assert!(matches!(
            preflight(odd).await,
            Err(oauth::OauthError::InvalidResponse)
        ));
    }
    let unavailable = preflight(CannedResponse::new(
        503,
        "text/html",
        "<h1>Application is not available",
    ))
    .await;
    assert!(
        matches!(unavailable, Err(oauth::OauthError::ServerError(status)) if status == 503),
        "{unavailable:?}"
    );
    assert_eq!(
        preflight(CannedResponse::new(404, "text/plain", "404 page not found"))
            .await
            .unwrap(),
        PreflightResult::NoOauthServer
    );
}

/// An API server of OpenShift has had the document since 3.6.
#[tokio::test]
async fn missing_discovery_falls_back_to_the_configured_address() {
    let stub = CannedServer::start().await;
    let redirect = Url::parse("https://console.example/oauth/callback").unwrap();
    let forbidden = |path: &str| {
        let message = format!("forbidden: User \"system:anonymous\" cannot get path \"{path}\"");
        CannedResponse::json(
            403,
            &serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": "Forbidden", "code": 403}),
        )
    };
    let unauthorized = || {
        CannedResponse::json(
            401,
            &serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "Unauthorized", "code": 401}),
        )
    };
    let preflight = async |document: CannedResponse, answer| {
        stub.enqueue([document, answer]);
        client(&stub).preflight(&redirect).await.unwrap()
    };
    for document in [
        CannedResponse::new(404, "text/plain", "404 page not found"),
        forbidden("/.well-known/oauth-authorization-server"),
        unauthorized(),
    ] {
        for nothing in [
            CannedResponse::new(404, "text/plain", "404 page not found"),
            forbidden("/oauth/authorize"),
            unauthorized(),
            CannedResponse::new(503, "text/html", "<h1>Application is not available"),
        ] {
            assert_eq!(
                preflight(document.clone(), nothing).await,
                PreflightResult::NoOauthServer
            );
        }
        let login = CannedResponse::new(302, "text/html", "").header("Location", "/login?then=x");
        assert_eq!(
            preflight(document.clone(), login).await,
            PreflightResult::Good,
            "the configured address is right"
        );
    }
    let cold = CannedResponse::json(
        403,
        &serde_json::json!({"kind": "Status", "message": "RBAC: [clusterrole.rbac.authorization.k8s.io \"x\" not found]"}),
    );
    stub.enqueue([cold, forbidden("/oauth/authorize")]);
    let just_started = client(&stub).preflight(&redirect).await;
    assert!(
        matches!(just_started, Err(oauth::OauthError::NotAnOauthServer)),
        "{just_started:?}"
    );
}

#[tokio::test]
async fn recorded_discovery_documents_name_the_oauth_server() {
    let stub = CannedServer::start().await;
    for recording in ClientRecording::all()
        .iter()
        .filter(|recording| recording.name == "wellknown-oauth")
    {
        stub.enqueue([recording.canned_response()]);
        let endpoints = client(&stub).endpoints().await;
        recording.assert_request_matches(&stub.received()[0]);
        let body = &recording.json["response"]["body"];
        assert_eq!(endpoints.discovery_result, DiscoveryResult::Found);
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
async fn non_token_response_is_rejected_and_not_cached() {
    let stub = CannedServer::start().await;
    let redirect = Url::parse("https://console.example/oauth/callback").unwrap();
    let token =
        |rest: &str| format!("{{\"access_token\":\"SECRET\",\"token_type\":\"Bearer\"{rest}}}");
    for answer in [
        CannedResponse::new(200, "text/html", "<h1>SECRET</h1>"),
        CannedResponse::new(
            200,
            "application/json",
            "{\"token_type\":\"Bearer\",\"expires_in\":1,\"SECRET\":\"SECRET\"}",
        ),
        CannedResponse::new(200, "application/json", token(",\"expires_in\":-1")),
        CannedResponse::new(
            200,
            "application/json",
            token(&format!(",\"x\":\"{}\"", "x".repeat(70_000))),
        ),
        CannedResponse::new(302, "application/json", token(""))
            .header("Location", "/elsewhere?SECRET"),
        CannedResponse::new(500, "application/json", token("")),
    ] {
        let fails_itself = answer.status >= 500;
        stub.enqueue([CannedResponse::new(404, "text/plain", ""), answer]);
        let client = client(&stub);
        let (code, verifier) = ("CODE".into(), "v".repeat(43).into());
        // Handlers run on any thread: the future has to be able to move.
        let exchange: Box<dyn Future<Output = _> + Send + Unpin + '_> =
            Box::new(Box::pin(client.exchange_code(&code, &verifier, &redirect)));
        let error = exchange.await.unwrap_err();
        if fails_itself {
            assert!(
                matches!(error, oauth::OauthError::ServerError(_)),
                "{error:?}"
            );
        } else {
            assert!(
                matches!(error, oauth::OauthError::InvalidResponse),
                "{error:?}"
            );
        }
        assert!(!format!("{error:?} {error}").contains("SECRET"));
        assert_eq!(stub.received().len(), 2);
    }
}
