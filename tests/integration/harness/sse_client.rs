//! A client for server-sent events, as the script of a page opens it.

use std::time::Duration;

use reqwest::{Method, Response};

use super::{Browser, Page};

/// More time than any event takes.
const EVENT_TIMEOUT: Duration = Duration::from_secs(60);

/// An open stream of events.
pub(crate) struct SseClient {
    response: Response,
    /// What was received of the next event.
    buffer: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SseEvent {
    pub(crate) event: String,
    pub(crate) data: String,
    /// After how many milliseconds browsers should connect again.
    pub(crate) retry: Option<u64>,
}

impl SseClient {
    /// Opens the stream that `page` names.
    pub(crate) async fn open_for_page(browser: &mut Browser, page: &Page) -> Self {
        Self::open(browser, &page.attribute("#rc-live", "data-live")).await
    }

    pub(crate) async fn open(browser: &mut Browser, path: &str) -> Self {
        let request = browser
            .request(Method::GET, path)
            .header("accept", "text/event-stream")
            .header("sec-fetch-site", "same-origin");
        let response = browser.open(request).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-store", "S28");
        assert!(headers.contains_key("content-security-policy"), "S27");
        let allows_other_origins = headers
            .keys()
            .any(|name| name.as_str().starts_with("access-control-"));
        assert!(!allows_other_origins, "S26");
        Self {
            response,
            buffer: String::new(),
        }
    }

    /// The next event, or nothing at the end of the stream. Comments are skipped.
    pub(crate) async fn next(&mut self) -> Option<SseEvent> {
        tokio::time::timeout(EVENT_TIMEOUT, self.read_event())
            .await
            .expect("an event or the end within a minute")
    }

    async fn read_event(&mut self) -> Option<SseEvent> {
        loop {
            while let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.buffer = rest;
                let field = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(|value| value.trim().to_owned())
                };
                if let Some(data) = field("data:") {
                    return Some(SseEvent {
                        event: field("event:").unwrap(),
                        data,
                        retry: field("retry:").map(|retry| retry.parse().unwrap()),
                    });
                }
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The text of the next event, which must be about changes.
    pub(crate) async fn next_text(&mut self) -> String {
        let event = self.next().await.expect("an event");
        assert_eq!(event.event, "change");
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap();
        data["text"].as_str().unwrap().to_owned()
    }

    /// Reads events until one has this text: changes that follow each other may come in one event
    /// or in several.
    pub(crate) async fn wait_for_text(&mut self, text: &str) {
        let mut others = Vec::new();
        while others.len() < 100 {
            let next = self.next_text().await;
            if next == text {
                return;
            }
            others.push(next);
        }
        panic!("no {text:?} in {others:?}");
    }
}
