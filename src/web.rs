//! The pages: one table of routes, typed paths, sessions, rendering, errors.
//!
//! A handler decides two things, which load and which page; everything else happens in the layers
//! around it, which stand in one place, in [`router`].

mod access_log;
mod address;
pub mod assets;
mod components;
mod context;
mod csrf;
pub mod doctor;
mod errors;
mod extractors;
pub mod filters;
mod forms;
mod guard;
mod headers;
mod limits;
pub mod links;
mod live;
mod pages;
mod preferences;
mod remediation;
mod render;
pub mod routes;
mod session;
mod sign_in;
mod storage_messages;
mod tls_messages;

pub use address::ConsoleAddress;
pub use headers::{
    add_security_headers as secure_headers, set_security_headers as set_secure_headers,
};
pub use session::SESSION_COOKIE;

use std::any::Any;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::Key;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::app::doctor::Doctor;
use crate::app::failure::Failure;
use crate::config::PageSettings;
use crate::openshift::oauth::OauthClient;
use errors::WebError;
use limits::RequestLimits;
use live::LiveScheduler;
use registry_model::Clock;
use session::Sessions;
use sign_in::{PreflightCache, UsedStates};

/// No page takes longer (R2).
const PAGE_TIMEOUT: Duration = Duration::from_secs(10);

/// What all handlers share. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<AppStateInner>);

/// The parts of the console that the pages use.
pub struct AppStateInner {
    app: App,
    oauth: OauthClient,
    doctor: Doctor,
    sessions: Sessions,
    used_states: UsedStates,
    clock: Clock,
    address: ConsoleAddress,
    preflight_cache: PreflightCache,
    live_scheduler: LiveScheduler,
    request_limits: RequestLimits,
    page_settings: OnceLock<PageSettings>,
}

impl std::ops::Deref for AppState {
    type Target = AppStateInner;

    fn deref(&self) -> &AppStateInner {
        &self.0
    }
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl AppState {
    /// Puts the parts together. `address` is where people find the console; `session_keys` seal the
    /// sessions: the first seals, all open.
    #[must_use]
    pub fn new(
        console: App,
        oauth: OauthClient,
        doctor: Doctor,
        clock: Clock,
        address: impl Into<ConsoleAddress>,
        session_keys: Vec<Key>,
    ) -> Self {
        let (sessions, address) = (Sessions::new(session_keys), address.into());
        let (used_states, preflights) = (UsedStates::new(), PreflightCache::default());
        Self(Arc::new(AppStateInner {
            app: console,
            oauth,
            doctor,
            sessions,
            used_states,
            clock,
            address,
            preflight_cache: preflights,
            live_scheduler: LiveScheduler::new(),
            request_limits: RequestLimits::new(),
            page_settings: OnceLock::new(),
        }))
    }

    /// The same with these pages: set once, before the first request.
    #[must_use]
    pub fn with_page_settings(self, settings: PageSettings) -> Self {
        self.page_settings.get_or_init(|| settings);
        self
    }

    fn page_settings(&self) -> PageSettings {
        self.page_settings.get().copied().unwrap_or_default()
    }

    /// Whether a request with these headers has a valid session.
    #[must_use]
    pub fn has_session(&self, headers: &HeaderMap) -> bool {
        self.sessions.read(headers, self.clock.now()).is_some()
    }

    /// What tells the time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Tells open pages what has changed, for ever.
    pub async fn run_live_updates(&self) {
        self.live_scheduler.run(self.app.index_changes()).await;
    }

    /// Sends open pages to another replica for what changes from now on: this one is about to end
    /// (R17).
    pub fn close_live_connections(&self) {
        self.live_scheduler.close();
    }
}

/// The whole surface of the console.
///
/// Outermost first: the log names and times a request; headers go on whatever comes back, a panic
/// of a layer included; then language, theme and session are found out, so that everything further
/// in can fail in the person's own language; then the guards, the deadline, and panics.
pub fn router(app: AppState) -> Router {
    with_middleware(
        routes::reads(),
        routes::forms(),
        routes::events(),
        app,
        PAGE_TIMEOUT,
    )
}

/// `routes` and `forms`, inside everything that they rely on, and `streamed` as well, whose answers
/// are small and last for long: a body that might be compressed takes six KiB for as long as it
/// lasts, also where it is not.
///
/// Only `forms` have a layer that reads bodies: a body that no handler takes is never read.
fn with_middleware(
    routes: Router<AppState>,
    forms: Router<AppState>,
    streamed: Router<AppState>,
    app: AppState,
    deadline: Duration,
) -> Router {
    let inner = ServiceBuilder::new()
        .layer(from_fn_with_state(
            app.clone(),
            context::attach_request_context,
        ))
        .layer(from_fn_with_state(app.clone(), errors::render_errors))
        .layer(from_fn_with_state(
            app.clone(),
            context::end_rejected_session,
        ))
        .layer(from_fn_with_state(app.clone(), guard::check_host))
        .layer(from_fn(guard::redirect_trailing_slash))
        .layer(from_fn(guard::check_origin));
    let bounded = ServiceBuilder::new()
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            deadline,
        ))
        .layer(from_fn_with_state(
            app.clone(),
            limits::limit_requests_per_user,
        ))
        .layer(CatchPanicLayer::custom(panic_response));
    // The time that a form takes to arrive is not the page's: the listener bounds it.
    let forms = forms.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(app.clone(), guard::csrf_protection))
            .layer(bounded.clone()),
    );
    let (routes, streamed) = (
        routes.layer(bounded.clone()).merge(forms),
        streamed.layer(bounded),
    );
    let outer = ServiceBuilder::new()
        .layer(from_fn(access_log::access_log))
        .layer(from_fn(headers::add_security_headers))
        .layer(CatchPanicLayer::custom(panic_response));
    let compressed = CompressionLayer::new().quality(CompressionLevel::Fastest);
    routes
        .layer(inner.clone())
        .layer(compressed)
        .merge(streamed.layer(inner))
        .layer(outer)
        .with_state(app)
}

/// R23: a panic is one request's, and it is counted.
fn panic_response(_: Box<dyn Any + Send + 'static>) -> Response {
    metrics::counter!("registry_console_panics_total").increment(1);
    WebError::from(Failure::Internal("a handler panicked")).into_response()
}

#[cfg(test)]
mod tests;
