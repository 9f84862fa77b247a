//! `/live`: sends open pages what has changed since they were rendered.
//!
//! An event stream (HTML standard, "Server-sent events") that lasts a minute at most, which is how
//! long the user's confirmed visibility is valid. The page then connects again with a request like
//! any other. A page that is not visible does not connect, so that the cluster can end a session
//! that is not used (S20). Events have no ids: each contains everything since the page was
//! rendered, so that a lost connection loses nothing (R16).

mod scheduler;
mod user_connections;

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::time::sleep;

use super::AppState;
use super::context::RequestContext;
use super::guard::is_same_origin;
use super::links;
use super::render::ErrorPageRendered;
use super::session::Session;
use crate::app::failure::Failure;
use crate::app::live::{ChangeSubscription, PageChanges};
use crate::i18n::Lang;
pub(super) use scheduler::LiveScheduler;
use scheduler::Subscription;

/// How often a stream without events sends a comment (R16): sooner than any router closes it.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(12);

/// The range, in milliseconds, of the delay after which pages reconnect when this replica shuts
/// down: not all at once.
const SHUTDOWN_RECONNECT_MILLISECONDS: std::ops::Range<u64> = 500..3_000;

/// The range, in milliseconds, of the delay after which a page reconnects whose stream was replaced
/// by a newer one of the same user. It is long, because reconnecting replaces another stream in
/// turn.
const REPLACED_RECONNECT_MILLISECONDS: std::ops::Range<u64> = 30_000..60_000;

struct LiveEventStream {
    app: AppState,
    session: Session,
    lang: Lang,
    changes: ChangeSubscription,
    subscription: Subscription,
    is_over: bool,
}

/// The content of an event.
#[derive(Serialize)]
struct LiveUpdate {
    /// In the user's language.
    text: String,
    /// How many image streams or tags have changed.
    count: usize,
}

/// `GET /live`: only for sessions (S26), from the console's own pages.
pub(super) async fn stream_live_updates(
    State(app): State<AppState>,
    context: RequestContext,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !context
        .console_url
        .as_ref()
        .is_some_and(|home| is_same_origin(&headers, home))
    {
        return plain_status(StatusCode::FORBIDDEN);
    }
    let session = context
        .session
        .clone()
        .filter(|session| !app.app.has_rejected_token(&session.token));
    let Some(session) = session else {
        return plain_status(StatusCode::UNAUTHORIZED);
    };
    let Some((scope, page_revision)) = links::parse_live_updates(&uri) else {
        return plain_status(StatusCode::BAD_REQUEST);
    };
    let subscription = app
        .app
        .for_user(&session.token)
        .subscribe_to_changes(scope, page_revision)
        .await;
    let subscription = match subscription {
        Ok(Some(subscription)) => subscription,
        // There are no live updates for this page. After this status browsers do not reconnect
        // (HTML standard).
        Ok(None) => return StatusCode::NO_CONTENT.into_response(),
        Err(Failure::SignInRequired) => return plain_status(StatusCode::UNAUTHORIZED),
        Err(failure) => {
            tracing::debug!(
                request_id = context.request_id,
                error = &failure as &dyn std::error::Error,
                "cannot subscribe to changes"
            );
            return plain_status(StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    let Some(wakeups) = app.live_scheduler.subscribe(&session.user.name) else {
        return plain_status(StatusCode::SERVICE_UNAVAILABLE);
    };
    let stream = LiveEventStream {
        app,
        session,
        lang: context.lang,
        changes: subscription,
        subscription: wakeups,
        is_over: false,
    };
    let events = futures_util::stream::unfold(Box::new(stream), LiveEventStream::next_event);
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL))
        .into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// For a script: no page, and no sign-in.
fn plain_status(status: StatusCode) -> Response {
    (
        status,
        Extension(ErrorPageRendered),
        Json(status.canonical_reason()),
    )
        .into_response()
}

impl LiveEventStream {
    async fn next_event(
        mut self: Box<Self>,
    ) -> Option<(Result<Event, std::convert::Infallible>, Box<Self>)> {
        if self.is_over {
            return None;
        }
        let event = loop {
            if let Some(last) = self.final_event() {
                self.is_over = true;
                break last;
            }
            if let Some(changes) = self.changes.poll() {
                break update_event(&changes, self.lang);
            }
            let remaining = (self.end_time() - self.app.clock.now())
                .to_std()
                .unwrap_or_default();
            tokio::select! {
                () = self.subscription.wait_for_wake() => {}
                () = sleep(remaining) => {}
            }
        };
        Some((Ok(event), self))
    }

    /// The stream ends with the session, or when the user's visibility must be confirmed again.
    fn end_time(&self) -> DateTime<Utc> {
        self.changes.valid_until().min(self.session.expires_at)
    }

    /// The last event, when the end has come.
    fn final_event(&self) -> Option<Event> {
        if self
            .app
            .sessions
            .has_ended(&self.session, self.app.clock.now())
            || self.app.app.has_rejected_token(&self.session.token)
        {
            return Some(Event::default().event("end").data("signed out"));
        }
        if self.subscription.is_closing() {
            return Some(reconnect_event(SHUTDOWN_RECONNECT_MILLISECONDS));
        }
        if self.subscription.is_replaced() {
            return Some(reconnect_event(REPLACED_RECONNECT_MILLISECONDS));
        }
        self.changes
            .is_expired()
            .then(|| Event::default().event("reconnect").data("0"))
    }
}

/// Makes the page reconnect after a random delay within the range.
fn reconnect_event(within: std::ops::Range<u64>) -> Event {
    let delay = rand::random_range(within);
    Event::default()
        .event("reconnect")
        .data(delay.to_string())
        .retry(Duration::from_millis(delay))
}

fn update_event(changes: &PageChanges, lang: Lang) -> Event {
    let update = LiveUpdate {
        text: update_text(changes, lang),
        count: change_count(changes),
    };
    Event::default()
        .event("change")
        .json_data(update)
        .unwrap_or_default()
}

fn change_count(changes: &PageChanges) -> usize {
    match changes {
        PageChanges::Streams { count, .. } | PageChanges::Tags { count, .. } => *count,
        _ => 1,
    }
}

fn update_text(changes: &PageChanges, lang: Lang) -> String {
    match changes {
        PageChanges::Streams { first, count } => {
            let names = first
                .iter()
                .map(|(project, name)| format!("{project}/{name}"))
                .collect();
            lang.msg("live-streams")
                .arg("count", *count)
                .arg("names", join_names(names, *count, lang))
                .into()
        }
        PageChanges::Tags { first, count } => {
            let names = first.iter().map(ToString::to_string).collect();
            lang.msg("live-tags")
                .arg("count", *count)
                .arg("names", join_names(names, *count, lang))
                .into()
        }
        PageChanges::Stream => lang.msg("live-stream").into(),
        PageChanges::StreamDeleted => lang.msg("live-stream-deleted").into(),
        PageChanges::TagMoved => lang.msg("live-tag-moved").into(),
        PageChanges::Unknown => lang.msg("live-maybe-outdated").into(),
    }
}

/// The names as a list, with an ellipsis at the end if there are more.
fn join_names(mut names: Vec<String>, count: usize, lang: Lang) -> String {
    if count > names.len() {
        names.push("…".to_owned());
    }
    names.join(lang.list_separator())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_name_list_is_abbreviated() {
        let changes = |count| {
            let first = ["a", "b"]
                .map(|name| ("team".parse().unwrap(), name.parse().unwrap()))
                .into();
            PageChanges::Streams { first, count }
        };
        assert_eq!(
            update_text(&changes(2), Lang::English),
            "2 image streams have changed: team/a, team/b"
        );
        assert_eq!(
            update_text(&changes(7), Lang::English),
            "7 image streams have changed: team/a, team/b, …"
        );
        assert_eq!(
            update_text(&changes(7), Lang::Chinese),
            "7 个镜像流有变动：team/a、team/b、…"
        );
    }
}
