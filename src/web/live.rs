//! `/live`: tells pages that are being looked at what has changed since they were made.
//!
//! A stream of events (HTML standard, "Server-sent events") that lasts a minute at most: as long as
//! what the master said that its person may see is good for. Whoever is still at the page then asks
//! again, which is a request like any other; an open page that nobody looks at asks for nothing, so
//! that the cluster can end a session that is not used (S20). Nothing is numbered: each event tells
//! everything since the page was made, so that whoever loses the connection loses nothing with it
//! (R16).

mod person_streams;
mod pulse;

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::time::sleep;

use super::App;
use super::context::Context;
use super::guard::from_our_origin;
use super::links;
use super::render::Explained;
use super::session::Session;
use crate::app::failure::Failure;
use crate::app::live::{Following, News};
use crate::i18n::Lang;
use pulse::Joined;
pub(super) use pulse::Pulse;

/// How often a stream that has nothing to tell gives a sign of life (R16): sooner than any router
/// gives up.
const SIGN_OF_LIFE: Duration = Duration::from_secs(12);

/// Within how many milliseconds those come back who are sent away because this replica ends: not
/// all at once.
const COME_BACK: std::ops::Range<u64> = 500..3_000;

/// Within how many milliseconds a page comes back whose stream made room for a newer one of the
/// same person: late, for it would take that one's place.
const MAKE_ROOM: std::ops::Range<u64> = 30_000..60_000;

struct Listening {
    app: App,
    session: Session,
    lang: Lang,
    following: Following,
    pulse: Joined,
    over: bool,
}

/// What a page is told.
#[derive(Serialize)]
struct Told {
    /// In the person's language.
    text: String,
    /// How many image streams or tags it is about.
    count: usize,
}

/// `GET /live`: for sessions alone (S26), from our own pages.
pub(super) async fn live(
    State(app): State<App>,
    context: Context,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !context
        .home
        .as_ref()
        .is_some_and(|home| from_our_origin(&headers, home))
    {
        return plain(StatusCode::FORBIDDEN);
    }
    let session = context
        .session
        .clone()
        .filter(|session| !app.console.has_refused(&session.token));
    let Some(session) = session else {
        return plain(StatusCode::UNAUTHORIZED);
    };
    let Some((scope, mark)) = links::asked_live(&uri) else {
        return plain(StatusCode::BAD_REQUEST);
    };
    let following = app
        .console
        .as_user(&session.token)
        .follow(scope, mark)
        .await;
    let following = match following {
        Ok(Some(following)) => following,
        // Nobody can tell this page anything: browsers do not ask again after that (HTML standard).
        Ok(None) => return StatusCode::NO_CONTENT.into_response(),
        Err(Failure::SignInRequired) => return plain(StatusCode::UNAUTHORIZED),
        Err(failure) => {
            tracing::debug!(
                request_id = context.request_id,
                error = &failure as &dyn std::error::Error,
                "nothing to follow"
            );
            return plain(StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    let Some(pulse) = app.pulse.join(&session.user.name) else {
        return plain(StatusCode::SERVICE_UNAVAILABLE);
    };
    let listening = Listening {
        app,
        session,
        lang: context.lang,
        following,
        pulse,
        over: false,
    };
    let events = futures_util::stream::unfold(Box::new(listening), Listening::next);
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE))
        .into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// For a script: no page, and no way to sign in.
fn plain(status: StatusCode) -> Response {
    (
        status,
        Extension(Explained),
        Json(status.canonical_reason()),
    )
        .into_response()
}

impl Listening {
    async fn next(
        mut self: Box<Self>,
    ) -> Option<(Result<Event, std::convert::Infallible>, Box<Self>)> {
        if self.over {
            return None;
        }
        let event = loop {
            if let Some(last) = self.last() {
                self.over = true;
                break last;
            }
            if let Some(news) = self.following.look() {
                break told(&news, self.lang);
            }
            let left = (self.ends() - self.app.clock.now())
                .to_std()
                .unwrap_or_default();
            tokio::select! {
                () = self.pulse.beat() => {}
                () = sleep(left) => {}
            }
        };
        Some((Ok(event), self))
    }

    /// The stream ends when the session does, or when what the person may see has to be asked
    /// again.
    fn ends(&self) -> DateTime<Utc> {
        self.following.until().min(self.session.expires)
    }

    /// What is said at the end, if it has come.
    fn last(&self) -> Option<Event> {
        if self
            .app
            .sessions
            .has_ended(&self.session, self.app.clock.now())
            || self.app.console.has_refused(&self.session.token)
        {
            return Some(Event::default().event("over").data("signed out"));
        }
        if self.pulse.is_closing() {
            return Some(come_back(COME_BACK));
        }
        if self.pulse.is_replaced() {
            return Some(come_back(MAKE_ROOM));
        }
        self.following
            .is_over()
            .then(|| Event::default().event("again").data("0"))
    }
}

/// Sends a page away, which comes back within some time.
fn come_back(within: std::ops::Range<u64>) -> Event {
    let wait = rand::random_range(within);
    Event::default()
        .event("again")
        .data(wait.to_string())
        .retry(Duration::from_millis(wait))
}

fn told(news: &News, lang: Lang) -> Event {
    let told = Told {
        text: text(news, lang),
        count: count(news),
    };
    Event::default()
        .event("news")
        .json_data(told)
        .unwrap_or_default()
}

fn count(news: &News) -> usize {
    match news {
        News::Streams { count, .. } | News::Tags { count, .. } => *count,
        _ => 1,
    }
}

fn text(news: &News, lang: Lang) -> String {
    match news {
        News::Streams { first, count } => {
            let names = first
                .iter()
                .map(|(project, name)| format!("{project}/{name}"))
                .collect();
            lang.msg("live-streams")
                .arg("count", *count)
                .arg("names", named(names, *count, lang))
                .into()
        }
        News::Tags { first, count } => {
            let names = first.iter().map(ToString::to_string).collect();
            lang.msg("live-tags")
                .arg("count", *count)
                .arg("names", named(names, *count, lang))
                .into()
        }
        News::Stream => lang.msg("live-stream").into(),
        News::StreamGone => lang.msg("live-stream-gone").into(),
        News::TagMoved => lang.msg("live-tag-moved").into(),
        News::Perhaps => lang.msg("live-perhaps").into(),
    }
}

/// The names in a row; with dots at the end where there are more.
fn named(mut names: Vec<String>, count: usize, lang: Lang) -> String {
    if count > names.len() {
        names.push("…".to_owned());
    }
    names.join(lang.comma())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_names_are_called_and_dots_stand_for_the_others() {
        let news = |count| {
            let first = ["a", "b"]
                .map(|name| ("team".parse().unwrap(), name.parse().unwrap()))
                .into();
            News::Streams { first, count }
        };
        assert_eq!(
            text(&news(2), Lang::English),
            "2 image streams have changed: team/a, team/b"
        );
        assert_eq!(
            text(&news(7), Lang::English),
            "7 image streams have changed: team/a, team/b, …"
        );
        assert_eq!(
            text(&news(7), Lang::Chinese),
            "7 个镜像流有变动：team/a、team/b、…"
        );
    }
}
