//! A console that has filled its index, beside one that has none.

use openshift_standin::cluster::Version;
use openshift_standin::faults::LoggedRequest;
use registry_console::config::IndexToken;
use reqwest::Method;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::{Browser, Running, World};

/// The token of the console's service account.
pub(crate) const ROBOT: &str = "TOKEN-of-the-robot";

/// A console that has filled its index, and one that has none, of the same cluster.
pub(crate) struct Both {
    pub(crate) world: World,
    pub(crate) indexed: Running,
    token: NamedTempFile,
}

impl Both {
    pub(crate) async fn start(version: Version) -> Self {
        let world = World::start(version).await;
        // The account gets its right with a token that nobody uses; this one can be looked for.
        let _unused = world.demo.create_index_token();
        world
            .demo
            .cluster()
            .adopt_token(ROBOT, "system:serviceaccount:default:registry-console");
        let token = NamedTempFile::new().unwrap();
        std::fs::write(token.path(), format!("{ROBOT}\n")).unwrap();
        let path = token.path().to_owned();
        let indexed = world
            .replica(|config| config.index.token = Some(IndexToken::File(path)))
            .await;
        let both = Self {
            world,
            indexed,
            token,
        };
        both.until("the index watches", async || {
            both.world
                .asked()
                .iter()
                .any(|seen| seen.path.contains("watch=true"))
        })
        .await;
        both
    }

    /// One more console with an index of its own.
    pub(crate) async fn another(&self) -> Running {
        let path = self.token.path().to_owned();
        let another = self
            .world
            .replica(|config| config.index.token = Some(IndexToken::File(path)))
            .await;
        self.world.demo.register_console(&[
            &self.world.origin(),
            &self.indexed.origin(),
            &another.origin(),
        ]);
        another
    }

    /// Somebody signed in at the console with the index.
    pub(crate) async fn signed_in(&self, user: &str) -> Browser {
        let mut browser = Browser::of(self.indexed.url());
        browser.sign_in(user).await;
        browser
    }

    /// Asks again and again, as often as the slowest machine needs.
    pub(crate) async fn until(&self, what: &str, mut seen: impl AsyncFnMut() -> bool) {
        let mut browser = Browser::of(self.indexed.url());
        for _ in 0..2000 {
            if seen().await {
                return;
            }
            browser.get("/healthz").await;
        }
        panic!("never: {what}");
    }

    /// What the console with the index answers to somebody.
    pub(crate) async fn json(&self, path: &str, user: &str) -> Value {
        json_of(&mut Browser::of(self.indexed.url()), path, user).await
    }

    /// What the master was asked with the token of somebody.
    pub(crate) fn asked_as(&self, user: &str) -> Vec<String> {
        let own = |seen: &LoggedRequest| seen.bearer() == Some(&format!("TOKEN-{user}"));
        self.world
            .asked()
            .into_iter()
            .filter(own)
            .map(|seen| format!("{} {}", seen.method, seen.path))
            .collect()
    }

    /// Sends something to the master itself, as its administrator.
    pub(crate) async fn as_root(&self, method: Method, path: &str, body: Option<Value>) {
        let client = crate::harness::standin_world::client(self.world.demo.ca_pem());
        let request = client
            .request(
                method,
                format!("{}{path}", self.world.demo.urls().api_server),
            )
            .bearer_auth("TOKEN-root");
        let request = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => request,
        };
        let answer = request.send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
    }
}

/// What the JSON twin of a page says to somebody, with its status.
pub(crate) async fn json_of(browser: &mut Browser, path: &str, user: &str) -> Value {
    let page = browser
        .json_with_token(path, &format!("TOKEN-{user}"))
        .await;
    let mut value: Value = serde_json::from_str(&page.text).unwrap();
    value["status"] = page.status.into();
    // Every answer has its own.
    if let Some(error) = value["error"].as_object_mut() {
        error.remove("request_id");
    }
    value
}
