//! The pages: one table of routes, typed paths, sessions, rendering, errors.
//!
//! A handler decides two things, which load and which page; everything else happens in the layers
//! around it, which stand in one place, in [`router`].

mod address;
pub mod assets;
mod context;
mod csrf;
mod distrust;
pub mod doctor;
mod errors;
mod extract;
pub mod filters;
mod forms;
mod guard;
mod headers;
mod limits;
pub mod links;
mod live;
mod log;
mod login;
mod mend;
mod pages;
mod parts;
mod preferences;
mod render;
mod session;
mod storage;

pub use address::Address;
pub use headers::{secure as secure_headers, set_secure as set_secure_headers};
pub use session::SESSION_COOKIE;

use std::any::Any;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::Key;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::Console;
use crate::app::doctor::Doctor;
use crate::app::failure::{Failure, Subject};
use crate::config::PageSettings;
use crate::openshift::oauth::OauthClient;
use errors::Refused;
use limits::RequestLimits;
use live::Pulse;
use login::{Preflights, UsedStates};
use registry_model::Clock;
use session::Sessions;

/// No page takes longer (R2).
const DEADLINE: Duration = Duration::from_secs(10);

/// What all handlers share. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of the console that the pages use.
pub struct Parts {
    console: Console,
    oauth: OauthClient,
    doctor: Doctor,
    sessions: Sessions,
    used_states: UsedStates,
    clock: Clock,
    address: Address,
    preflights: Preflights,
    pulse: Pulse,
    limits: RequestLimits,
    page_settings: OnceLock<PageSettings>,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Puts the parts together. `address` is where people find the console; `session_keys` seal the
    /// sessions: the first seals, all open.
    #[must_use]
    pub fn new(
        console: Console,
        oauth: OauthClient,
        doctor: Doctor,
        clock: Clock,
        address: impl Into<Address>,
        session_keys: Vec<Key>,
    ) -> Self {
        let (sessions, address) = (Sessions::new(session_keys), address.into());
        let (used_states, preflights) = (UsedStates::new(), Preflights::default());
        Self(Arc::new(Parts {
            console,
            oauth,
            doctor,
            sessions,
            used_states,
            clock,
            address,
            preflights,
            pulse: Pulse::new(),
            limits: RequestLimits::new(),
            page_settings: OnceLock::new(),
        }))
    }

    /// The same with these pages: set once, before the first request.
    #[must_use]
    pub fn with_pages(self, settings: PageSettings) -> Self {
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
    pub async fn tell_pages(&self) {
        self.pulse.run(self.console.told()).await;
    }

    /// Sends open pages to another replica for what changes from now on: this one is about to end
    /// (R17).
    pub fn send_pages_away(&self) {
        self.pulse.close();
    }
}

/// The whole surface of the console.
///
/// Outermost first: the log names and times a request; headers go on whatever comes back, a panic
/// of a layer included; then language, theme and session are found out, so that everything further
/// in can fail in the person's own language; then the guards, the deadline, and panics.
pub fn router(app: App) -> Router {
    layered(routes(), forms(), streamed(), app, DEADLINE)
}

/// `routes` and `forms`, inside everything that they rely on, and `streamed` as well, whose answers
/// are small and last for long: a body that might be compressed takes six KiB for as long as it
/// lasts, also where it is not.
///
/// Only `forms` have a layer that reads bodies: a body that no handler takes is never read.
fn layered(
    routes: Router<App>,
    forms: Router<App>,
    streamed: Router<App>,
    app: App,
    deadline: Duration,
) -> Router {
    let inner = ServiceBuilder::new()
        .layer(from_fn_with_state(app.clone(), context::find_out))
        .layer(from_fn_with_state(app.clone(), errors::show))
        .layer(from_fn_with_state(app.clone(), context::end_refused))
        .layer(from_fn_with_state(app.clone(), guard::right_host))
        .layer(from_fn(guard::without_trailing_slash))
        .layer(from_fn(guard::own_origin));
    let bounded = ServiceBuilder::new()
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            deadline,
        ))
        .layer(from_fn_with_state(app.clone(), limits::one_person))
        .layer(CatchPanicLayer::custom(panicked));
    // The time that a form takes to arrive is not the page's: the listener bounds it.
    let forms = forms.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(app.clone(), guard::own_forms))
            .layer(bounded.clone()),
    );
    let (routes, streamed) = (
        routes.layer(bounded.clone()).merge(forms),
        streamed.layer(bounded),
    );
    let outer = ServiceBuilder::new()
        .layer(from_fn(log::access))
        .layer(from_fn(headers::secure))
        .layer(CatchPanicLayer::custom(panicked));
    let compressed = CompressionLayer::new().quality(CompressionLevel::Fastest);
    routes
        .layer(inner.clone())
        .layer(compressed)
        .merge(streamed.layer(inner))
        .layer(outer)
        .with_state(app)
}

/// Everything that is read.
fn routes() -> Router<App> {
    Router::new()
        .merge(pages())
        .nest(links::API, pages())
        .route("/api/v1/", get(pages::overview))
        .route("/registry", get(pages::old_address))
        .route(links::CONNECT_CA, get(pages::authority::download))
        .route(links::LOGIN, get(login::login))
        .route(links::CALLBACK, get(login::callback))
        .route(links::SIGNED_OUT, get(login::signed_out))
        .route(links::OAUTH_SESSION_ENDED, get(login::oauth_session_ended))
        .merge(assets::routes())
        .fallback(async || Refused::from(Failure::NotFound(Subject::Page)))
}

/// What tells more as it comes.
fn streamed() -> Router<App> {
    Router::new().route(links::LIVE, get(live::live))
}

/// What is there both as a page and as JSON.
fn pages() -> Router<App> {
    Router::new()
        .route("/", get(pages::overview))
        .route("/images", get(pages::images))
        .route("/images/{project}", get(pages::images_of_project))
        .route("/images/{project}/{image}", get(pages::stream_or_image))
        .route("/images/{project}/{image}/access", get(pages::access))
        .route("/images/{project}/{image}/delete", get(pages::removal))
        .route(
            "/images/{project}/{image}/remove-tags",
            get(pages::remove_tags::choose),
        )
        .route(
            "/images/{project}/{image}/roll-back",
            get(pages::roll_back::ask),
        )
        .route("/images/{project}/{image}/tag-as", get(pages::tag_as::ask))
        .route(
            "/images/{project}/{image}/new-tag",
            get(pages::new_tag::ask),
        )
        .route(
            "/images/{project}/{image}/edit",
            get(pages::stream_form::change_form),
        )
        .route(
            "/images/{project}/{image}/import",
            get(pages::import_stream::ask),
        )
        .route("/new-image-stream", get(pages::stream_form::new_form))
        .route("/search", get(pages::search))
        .route("/doctor", get(pages::doctor))
        .route("/projects", get(pages::projects))
        .route("/projects/{project}", get(pages::project))
        .route("/projects/{project}/members", get(pages::members))
        .route(
            "/projects/{project}/members/remove",
            get(pages::member_removal),
        )
        .route("/projects/{project}/access", get(pages::project_access))
        .route("/projects/{project}/edit", get(pages::project_to_edit))
        .route("/projects/{project}/delete", get(pages::project_to_delete))
        .route("/connect", get(pages::connect::connect))
        .route("/connect/token", get(pages::connect::ask))
        .route("/projects/{project}/logins", get(pages::logins::logins))
        .route(
            "/projects/{project}/logins/take-back",
            get(pages::take_back_login::ask),
        )
        .route("/new-project", get(pages::new_project))
        .route("/users", get(pages::users::users))
        .route("/users/{user}", get(pages::users::user))
        .route("/users/{user}/edit", get(pages::user_form::change_form))
        .route("/users/{user}/delete", get(pages::delete_user::ask))
        .route("/new-user", get(pages::user_form::new_form))
        .route("/groups", get(pages::groups::groups))
        .route("/groups/{group}", get(pages::groups::group))
        .route("/groups/{group}/remove", get(pages::leave_group::ask))
        .route("/groups/{group}/delete", get(pages::delete_group::ask))
        .route("/new-group", get(pages::new_group::new_form))
}

/// Everything that changes something: forms of the pages. The JSON API is read-only, so none of
/// them is there.
fn forms() -> Router<App> {
    Router::new()
        .route(links::CALLBACK, post(login::returned))
        .route(links::LOGOUT, post(login::sign_out))
        .route(links::PREFERENCES, post(preferences::choose))
        .route("/images/{project}/{image}/delete", post(pages::remove))
        .route(
            "/images/{project}/{image}/remove-tags",
            post(pages::remove_tags::remove),
        )
        .route("/images/{project}/{image}/restore", post(pages::restore))
        .route(
            "/images/{project}/{image}/roll-back",
            post(pages::roll_back::roll_back),
        )
        .route("/images/{project}/{image}/tag-as", post(pages::tag_as::tag))
        .route(
            "/images/{project}/{image}/new-tag",
            post(pages::new_tag::add),
        )
        .route(
            "/images/{project}/{image}/edit",
            post(pages::stream_form::change),
        )
        .route(
            "/images/{project}/{image}/import",
            post(pages::import_stream::import),
        )
        .route("/new-image-stream", post(pages::stream_form::create))
        .route("/projects/{project}/members", post(pages::change_members))
        .route(
            "/projects/{project}/members/remove",
            post(pages::remove_member),
        )
        .route(
            "/projects/{project}/access",
            post(pages::change_project_access),
        )
        .route("/projects/{project}/edit", post(pages::edit_project))
        .route("/projects/{project}/delete", post(pages::delete_project))
        .route("/connect/token", post(pages::connect::show))
        .route("/projects/{project}/logins", post(pages::logins::make))
        .route(
            "/projects/{project}/logins/finish",
            post(pages::logins::finish),
        )
        .route(
            "/projects/{project}/logins/file",
            post(pages::login_file::file),
        )
        .route(
            "/projects/{project}/logins/take-back",
            post(pages::take_back_login::take_back),
        )
        .route("/new-project", post(pages::create_project))
        .route("/users/{user}", post(pages::users::change))
        .route("/users/{user}/edit", post(pages::user_form::change))
        .route("/users/{user}/delete", post(pages::delete_user::delete))
        .route("/new-user", post(pages::user_form::create))
        .route("/groups/{group}", post(pages::groups::change))
        .route("/groups/{group}/remove", post(pages::leave_group::leave))
        .route("/groups/{group}/delete", post(pages::delete_group::delete))
        .route("/new-group", post(pages::new_group::create))
}

/// R23: a panic is one request's, and it is counted.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    metrics::counter!("registry_console_panics_total").increment(1);
    Refused::from(Failure::Internal("a handler panicked")).into_response()
}

#[cfg(test)]
mod tests;
