//! The console in the test's own process: its pages without a listener, before any upstream, in the
//! hands of one browser.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum_extra::extract::cookie::Key;
use http::{HeaderMap, Method, Request, StatusCode, header};
use openshift_standin::{OAUTH_CLIENT_ID, Standin};
use registry_console::app::App;
use registry_console::app::doctor::{self, Doctor};
use registry_console::config::{self, Pod, Trust};
use registry_console::openshift::ApiServer;
use registry_console::openshift::oauth::{OauthClient, OauthDiscovery};
use registry_console::outbound::{StorageClient, TimeLimits, Upstream, UpstreamName};
use registry_console::registry::Registry;
use registry_console::web::{self, AppState};
use registry_model::Clock;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use tower::ServiceExt as _;
use url::Url;

use crate::harness::standin_world::client;

/// Where people would find the console.
pub(crate) const PUBLIC: &str = "https://console.test";

/// Longer than any page may take, on a machine that is busy as well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A console that is about to be put together: the demo's, unless it is told otherwise.
pub(crate) struct Setup<'a> {
    demo: &'a Standin,
    master: Url,
    registry: Url,
    limits: TimeLimits,
    clock: Clock,
}

impl<'a> Setup<'a> {
    pub(crate) fn of(demo: &'a Standin) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = |text: &str| Url::parse(text).unwrap();
        let urls = demo.urls();
        Self {
            demo,
            master: url(&urls.api_server),
            registry: url(&urls.registry),
            limits: TimeLimits::default(),
            clock: Clock::system(),
        }
    }

    pub(crate) fn master(self, master: Url) -> Self {
        Self { master, ..self }
    }

    pub(crate) fn registry(self, registry: Url) -> Self {
        Self { registry, ..self }
    }

    pub(crate) fn limits(self, limits: TimeLimits) -> Self {
        Self { limits, ..self }
    }

    pub(crate) fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    pub(crate) fn app(&self) -> AppState {
        let trust = Trust::Only(self.demo.ca_pem().to_owned());
        let upstream = |name, url: &Url| Upstream::new(name, url, &trust, self.limits).unwrap();
        let master = upstream(UpstreamName::ApiServer, &self.master);
        let settings = config::OauthSettings {
            provider: self.master.clone(),
            client_id: OAUTH_CLIENT_ID.to_owned(),
            client_secret: self.demo.oauth_client_secret().into(),
            implicit_flow: true,
            trust: trust.clone(),
        };
        let doctor = Doctor::new(self.told(&settings), self.clock.clone());
        let discovery =
            OauthDiscovery::new(master.clone(), self.master.clone(), self.clock.clone());
        let storage = StorageClient::new(&self.registry, &trust, self.limits).unwrap();
        let registry =
            Registry::new(upstream(UpstreamName::Registry, &self.registry)).with_storage(storage);
        let console = App::new(
            ApiServer::new(master),
            registry,
            Some("registry.example.com".to_owned()),
        );
        let key = Key::from(&[7; 64]);
        AppState::new(
            console,
            OauthClient::new(settings, discovery),
            doctor,
            self.clock.clone(),
            Url::parse(PUBLIC).unwrap(),
            vec![key],
        )
    }

    /// What the doctor of this console knows.
    fn told(&self, oauth: &config::OauthSettings) -> doctor::Settings {
        let trust = oauth.trust.clone();
        doctor::Settings {
            address: Some(Url::parse(PUBLIC).unwrap()),
            callback_path: web::links::OAUTH_CALLBACK,
            oauth: oauth.clone(),
            api_server: config::ApiServerSettings {
                url: self.master.clone(),
                trust: trust.clone(),
            },
            registry: config::RegistrySettings {
                url: self.registry.clone(),
                storage: config::BlobStorageSettings::from_registry_trust(&trust, None),
                trust,
                public_host: None,
            },
            certificate: None,
            has_shared_session_key: true,
            index: config::IndexSettings::disabled(),
            pod: Pod::default(),
        }
    }

    /// A browser before this console, with nobody signed in.
    pub(crate) fn browser(&self) -> Browser {
        self.demo.register_console(&[PUBLIC]);
        Browser {
            router: web::router(self.app()),
            cookies: Mutex::default(),
            outside: client(self.demo.ca_pem()),
        }
    }
}

/// Keeps cookies, follows no redirect.
pub(crate) struct Browser {
    router: Router,
    cookies: Mutex<BTreeMap<String, String>>,
    outside: reqwest::Client,
}

impl Browser {
    /// The same person at another console that has the same session key, as at another replica.
    pub(crate) fn moved_to(&self, setup: &Setup<'_>) -> Self {
        let there = setup.browser();
        *there.cookies.lock().unwrap() = self.cookies.lock().unwrap().clone();
        there
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// Posts a form with the form token of the session.
    pub(crate) async fn post(&self, path: &str, csrf: &str) -> Page {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, PUBLIC);
        self.send(request.body(Body::from(format!("csrf={csrf}"))).unwrap())
            .await
    }

    /// Sends a request with the cookies of this browser, and keeps those that come back.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Page {
        let name = request.uri().path().to_owned();
        let headers = request.headers_mut();
        headers.insert(header::HOST, "console.test".parse().unwrap());
        let cookies = self.cookie_header();
        if !cookies.is_empty() {
            headers.insert(header::COOKIE, cookies.parse().unwrap());
        }
        let answer = async {
            let (parts, body) = self
                .router
                .clone()
                .oneshot(request)
                .await
                .unwrap()
                .into_parts();
            (parts, to_bytes(body, 64 << 20).await.unwrap())
        };
        let (parts, body) = tokio::time::timeout(PATIENCE, answer)
            .await
            .unwrap_or_else(|_| panic!("no end of {name}"));
        self.remember(&parts.headers);
        Page {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn remember(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap();
        for set in headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if set.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Goes to the login page of the OAuth server and back, as a person would. The password is the
    /// name.
    pub(crate) async fn sign_in(&self, user: &str) {
        let back = self.consent(user).await;
        let page = self.get(&back).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    }

    /// The first half of that: path and query with which the OAuth server sends the person back.
    pub(crate) async fn consent(&self, user: &str) -> String {
        // However long the master takes to name the OAuth server.
        let login = self.get("/login?anyway=1").await;
        assert_eq!(login.status, StatusCode::SEE_OTHER, "{}", login.body);
        let authorize = Url::parse(login.location()).unwrap();
        let then = format!("{}?{}", authorize.path(), authorize.query().unwrap());
        let form = serde_urlencoded::to_string([
            ("then", &*then),
            ("csrf", "x"),
            ("username", user),
            ("password", user),
        ])
        .unwrap();
        let sent = self
            .outside
            .request(Method::POST, authorize.join("/login").unwrap());
        let sent = sent
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, "csrf=x")
            .body(form);
        let signed_in = sent.send().await.unwrap();
        let session = signed_in.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let granted = self
            .outside
            .get(authorize)
            .header(header::COOKIE, session)
            .send()
            .await
            .unwrap();
        let back = Url::parse(granted.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        assert_eq!(back.origin(), Url::parse(PUBLIC).unwrap().origin());
        format!("{}?{}", back.path(), back.query().unwrap())
    }
}

/// An answer of the console.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The texts of all elements that `selector` names, with white space as a reader sees it.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        Html::parse_document(&self.body)
            .select(&selector)
            .map(text_of)
            .collect()
    }

    /// The text of the one element that `selector` names.
    pub(crate) fn text(&self, selector: &str) -> String {
        let mut texts = self.texts(selector);
        assert_eq!(texts.len(), 1, "{selector}: {texts:?}");
        texts.remove(0)
    }

    /// The text of the one element that `selector` names, with all its white space.
    pub(crate) fn raw_text(&self, selector: &str) -> String {
        let selector = Selector::parse(selector).unwrap();
        let page = Html::parse_document(&self.body);
        let mut found = page.select(&selector);
        let text = found.next().unwrap().text().collect();
        assert!(found.next().is_none());
        text
    }

    /// The attribute of all elements that `selector` names, where they have it.
    pub(crate) fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let page = Html::parse_document(&self.body);
        page.select(&selector)
            .filter_map(|element| element.attr(attribute).map(str::to_owned))
            .collect()
    }

    /// What stands beside `term` in the lists of facts or pairs.
    pub(crate) fn fact(&self, term: &str) -> String {
        let (terms, values) = (self.texts("main dl dt"), self.texts("main dl dd"));
        assert_eq!(terms.len(), values.len());
        let found = terms.iter().position(|known| known == term);
        values[found.unwrap_or_else(|| panic!("no {term:?} in {terms:?}"))].clone()
    }

    /// Says what is missing on the page, one sentence each.
    pub(crate) fn missing(&self) -> Vec<String> {
        let said = self
            .texts("main .rc-reasons li, #tags > .rc-missing")
            .into_iter();
        // On an image's page each begins with what it is that is missing.
        said.map(|text| {
            text.split_once(" – ")
                .map_or(text.clone(), |(_, why)| why.to_owned())
        })
        .collect()
    }
}

fn text_of(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
