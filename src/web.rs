//! The pages: one table of routes, typed paths, sessions, rendering, errors.
//!
//! A handler decides two things, what to load and which page to render. Everything else happens in
//! the layers around it, which are assembled in one place, [`router`].

mod access_log;
mod address;
mod api;
mod api_lists;
mod api_writes;
mod assembly;
pub mod assets;
mod charts;
mod client_preference;
mod comparison;
mod components;
mod context;
mod cookies;
mod csrf;
pub mod doctor;
mod errors;
mod extractors;
pub mod filters;
mod forms;
mod guard;
mod headers;
mod import_results;
mod limits;
pub mod links;
mod live;
mod page_header;
mod pages;
mod preferences;
mod pull_bar;
mod quota_messages;
mod remediation;
mod render;
pub mod routes;
mod session;
mod sign_in;
mod space;
mod storage_messages;
mod tabs;
mod tls_messages;
mod usage;

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
use crate::openshift::oidc::OidcClient;
use errors::WebError;
use limits::RequestLimits;
use live::LiveScheduler;
use registry_model::Clock;
use session::Sessions;
use session::renewal::Renewals;
use sign_in::{PreflightCache, SignInClient, UsedStates};

/// The time limit of a page (R2).
const PAGE_TIMEOUT: Duration = Duration::from_secs(10);

/// The state that all handlers share. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<AppStateInner>);

/// The components that the pages use.
pub struct AppStateInner {
    app: App,
    sign_in_client: SignInClient,
    doctor: Doctor,
    sessions: Sessions,
    renewals: Renewals,
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
    /// Assembles the state. `address` is the address of the console.
    fn new(
        console: App,
        sign_in_client: SignInClient,
        doctor: Doctor,
        clock: Clock,
        address: impl Into<ConsoleAddress>,
        sessions: Sessions,
    ) -> Self {
        let address = address.into();
        let (used_states, preflights) = (UsedStates::new(), PreflightCache::default());
        Self(Arc::new(AppStateInner {
            app: console,
            sign_in_client,
            doctor,
            sessions,
            renewals: Renewals::new(),
            used_states,
            clock,
            address,
            preflight_cache: preflights,
            live_scheduler: LiveScheduler::new(),
            request_limits: RequestLimits::new(),
            page_settings: OnceLock::new(),
        }))
    }

    /// Sets which pages are enabled. Must be called before the first request.
    #[must_use]
    pub fn with_page_settings(self, settings: PageSettings) -> Self {
        self.page_settings.get_or_init(|| settings);
        self
    }

    /// The client of the OAuth server, if users sign in there.
    fn oauth(&self) -> Option<&OauthClient> {
        match &self.sign_in_client {
            SignInClient::Oauth(oauth) => Some(oauth),
            SignInClient::Oidc(_) => None,
        }
    }

    /// The client of the OIDC provider, if users sign in there.
    fn oidc(&self) -> Option<&OidcClient> {
        match &self.sign_in_client {
            SignInClient::Oauth(_) => None,
            SignInClient::Oidc(oidc) => Some(oidc),
        }
    }

    fn page_settings(&self) -> PageSettings {
        self.page_settings.get().copied().unwrap_or_default()
    }

    /// Runs the doctor's checks every few minutes, for the state that every page shows.
    pub async fn run_periodic_checks(&self) {
        self.doctor.run_periodic_checks().await;
    }

    /// Whether a request with these headers has a valid session.
    #[must_use]
    pub fn has_session(&self, headers: &HeaderMap) -> bool {
        self.sessions.read(headers, self.clock.now()).is_some()
    }

    /// The source of time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Sends live updates to open pages. Never returns.
    pub async fn run_live_updates(&self) {
        self.live_scheduler.run(self.app.index_changes()).await;
    }

    /// Makes open pages connect to another replica for further live updates: this one is shutting
    /// down (R17).
    pub fn close_live_connections(&self) {
        self.live_scheduler.close();
    }
}

/// All routes of the console, with their layers.
///
/// From the outside in: the access log names and times a request; security headers are added to
/// every response, also after a panic in a layer; then language, theme and session are determined,
/// so that everything further in can fail in the user's language; then the guards, the deadline,
/// and panics of handlers.
pub fn router(app: AppState) -> Router {
    with_middleware(
        routes::reads(),
        routes::forms(),
        routes::events(),
        app,
        PAGE_TIMEOUT,
    )
}

/// Wraps `routes`, `forms` and `streamed` in the layers on which they depend. Responses of
/// `streamed` are small and last long: a body that may be compressed takes six KiB for as long as
/// it lasts, even if it is not.
///
/// Only `forms`, and the changes of the API, have a layer that reads bodies: a body that no handler
/// needs is never read.
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
        .layer(from_fn(guard::check_origin))
        .layer(from_fn(api::check_query));
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
    // The same holds for a JSON document.
    let writes = routes::writes(|handler| {
        handler.route_layer(
            ServiceBuilder::new()
                .layer(from_fn(api_writes::accept_bearer_token))
                .layer(bounded.clone()),
        )
    });
    // The time that a form takes to arrive does not count for the page: the listener bounds it.
    let forms = forms.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(app.clone(), guard::csrf_protection))
            .layer(bounded.clone()),
    );
    let (routes, streamed) = (
        routes.layer(bounded.clone()).merge(forms).merge(writes),
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

/// R23: a panic affects one request, and is counted.
fn panic_response(_: Box<dyn Any + Send + 'static>) -> Response {
    metrics::counter!("registry_console_panics_total").increment(1);
    WebError::from(Failure::Internal("a handler panicked")).into_response()
}

#[cfg(test)]
mod tests;
