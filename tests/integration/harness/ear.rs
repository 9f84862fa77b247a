//! Listens to a stream of events, as a page's script does.

use reqwest::{Method, Response};

use super::{Browser, Page};

/// An open stream of events.
pub(crate) struct Ear {
    response: Response,
    heard: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) event: String,
    pub(crate) data: String,
    /// How many milliseconds browsers should wait before they come back.
    pub(crate) retry: Option<u64>,
}

impl Ear {
    /// Listens to what `page` asks for.
    pub(crate) async fn of(browser: &mut Browser, page: &Page) -> Self {
        Self::at(browser, &page.attribute("#rc-live", "data-live")).await
    }

    /// Listens at `path`.
    pub(crate) async fn at(browser: &mut Browser, path: &str) -> Self {
        let request = browser
            .request(Method::GET, path)
            .header("accept", "text/event-stream")
            .header("sec-fetch-site", "same-origin");
        let response = browser.open(request).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store", "S28");
        assert!(
            response.headers().contains_key("content-security-policy"),
            "S27"
        );
        assert!(
            !response
                .headers()
                .keys()
                .any(|name| name.as_str().starts_with("access-control-")),
            "S26"
        );
        Self {
            response,
            heard: String::new(),
        }
    }

    /// The next event; nothing at the end. Signs of life are none.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        loop {
            while let Some((event, rest)) = self.heard.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.heard = rest;
                let field = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(|value| value.trim().to_owned())
                };
                if let Some(data) = field("data:") {
                    return Some(Heard {
                        event: field("event:").unwrap(),
                        data,
                        retry: field("retry:").map(|retry| retry.parse().unwrap()),
                    });
                }
            }
            let more = self.response.chunk().await.unwrap()?;
            self.heard.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    /// What the next event tells.
    pub(crate) async fn news(&mut self) -> String {
        let heard = self.next().await.expect("an event");
        assert_eq!(heard.event, "change");
        let told: serde_json::Value = serde_json::from_str(&heard.data).unwrap();
        told["text"].as_str().unwrap().to_owned()
    }
}
