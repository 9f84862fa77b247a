//! The request context: language, theme, format, session and user of a request.

mod signed_in;

pub(super) use signed_in::SignedIn;

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use url::Url;

use super::AppState;
use super::api_lists::{CsvTable, is_csv_requested};
use super::cookies::removal_cookie;
use super::forms::{self, FLASH_COOKIE, Flash};
use super::links;
use super::preferences::{LANGUAGE_COOKIE, THEME_COOKIE, TIMES_COOKIE, Theme, TimeFormat};
use super::session::renewal::current_session;
use super::session::{SESSION_COOKIE, Session, SetCookies};
use crate::app::failure::Failure;
use crate::config::DoctorAudience;
use crate::i18n::Lang;
use crate::outbound::{RequestChannel, RequestOrigin, UserToken};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseFormat {
    Html,
    /// The same value as JSON, under [`links::API_ROOT`].
    Json,
}

/// What is known of a request before a handler runs. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct RequestContext(Arc<RequestContextInner>);

#[derive(Debug)]
pub(super) struct RequestContextInner {
    pub(super) lang: Lang,
    pub(super) theme: Theme,
    pub(super) times: TimeFormat,
    pub(super) format: ResponseFormat,
    /// The list that is sent as CSV in place of JSON.
    pub(super) csv: Option<&'static CsvTable>,
    /// The address of the console, from the configuration or from this request (if it names a
    /// host).
    pub(super) console_url: Option<Url>,
    /// Path and query of the request: the page to which others may lead back.
    pub(super) path: String,
    pub(super) session: Option<Session>,
    /// Whether the session was renewed for this request: its cookies must be set.
    is_renewed: bool,
    /// A bearer token instead of a session: JSON only.
    pub(super) bearer: Option<UserToken>,
    /// The flash message of the last form.
    pub(super) flash: Option<Flash>,
    pub(super) request_id: String,
    /// Pages that do not know whether the user is an administrator link to the doctor's page as
    /// well.
    pub(super) is_doctor_public: bool,
}

impl std::ops::Deref for RequestContext {
    type Target = RequestContextInner;

    fn deref(&self) -> &RequestContextInner {
        &self.0
    }
}

impl RequestContext {
    async fn from_request(
        app: &AppState,
        uri: &Uri,
        headers: &HeaderMap,
        csv: Option<&'static CsvTable>,
        request_id: String,
    ) -> Self {
        let cookies = CookieJar::from_headers(headers);
        let cookie = |name| {
            cookies
                .get(name)
                .map(axum_extra::extract::cookie::Cookie::value)
        };
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let format = if uri.path().starts_with("/api/") {
            ResponseFormat::Json
        } else {
            ResponseFormat::Html
        };
        let (session, is_renewed) = current_session(app, uri, headers).await.unzip();
        Self(Arc::new(RequestContextInner {
            lang: Lang::negotiate(accepted, cookie(LANGUAGE_COOKIE)),
            theme: Theme::from_cookie(cookie(THEME_COOKIE)),
            times: TimeFormat::from_cookie(cookie(TIMES_COOKIE)),
            format,
            csv,
            console_url: app.address.resolve(uri, headers),
            path: page_path(uri),
            // S48: credentials that a browser may send are never forwarded from a page.
            bearer: if format == ResponseFormat::Json {
                bearer_token(headers)
            } else {
                None
            },
            flash: session
                .as_ref()
                .filter(|_| format == ResponseFormat::Html)
                .and_then(|_| forms::read_flash(headers)),
            session,
            is_renewed: is_renewed.unwrap_or(false),
            request_id,
            is_doctor_public: app.page_settings().doctor == DoctorAudience::Everybody,
        }))
    }

    /// The redirect URI for the OAuth server: built from the configuration only (S11), or from a
    /// host name that the OAuth server verifies.
    pub(super) fn redirect_uri(&self) -> Option<Url> {
        let mut url = self.console_url.clone()?;
        url.set_path(links::OAUTH_CALLBACK);
        Some(url)
    }

    /// The token for upstream calls: the one in the header takes precedence over the one in the
    /// cookie.
    pub(super) fn token(&self) -> Option<&UserToken> {
        self.bearer
            .as_ref()
            .or_else(|| self.session.as_ref().map(|session| &session.token))
    }

    /// Who sent the request, for the audit log.
    fn origin(&self) -> RequestOrigin {
        let session = self.session.as_ref().filter(|_| self.bearer.is_none());
        RequestOrigin {
            channel: Some(match self.format {
                ResponseFormat::Html => RequestChannel::Page,
                ResponseFormat::Json => RequestChannel::Api,
            }),
            request_id: self.request_id.clone(),
            user: session.map(|session| session.user.name.clone()),
            session_id: session.map(|session| session.id.clone()),
        }
    }

    /// The name of the user of the session.
    pub(super) fn user_name(&self) -> Option<&str> {
        if self.bearer.is_some() {
            None
        } else {
            self.session
                .as_ref()
                .map(|session| session.user.name.as_str())
        }
    }
}

/// On the way back from the OAuth server the query contains the code, which no page repeats (S44).
fn page_path(uri: &Uri) -> String {
    let address = uri
        .path_and_query()
        .filter(|_| uri.path() != links::OAUTH_CALLBACK);
    address.map_or_else(|| links::HOME.to_owned(), ToString::to_string)
}

/// The list that a request asks for as CSV.
fn requested_table(request: &Request) -> Option<&'static CsvTable> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let query = request.uri().query().unwrap_or_default();
    if !reads || !is_csv_requested(query, request.headers()) {
        return None;
    }
    let route = request.extensions().get::<MatchedPath>()?;
    CsvTable::of_route(route.as_str(), request.uri().path())
}

fn bearer_token(headers: &HeaderMap) -> Option<UserToken> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty())
        .then(|| UserToken::from(token.trim()))
}

/// Determines once what the later layers and handlers need.
pub(super) async fn attach_request_context(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = crate::web::access_log::request_id(&request);
    let sent = request.headers().clone();
    let csv = requested_table(&request);
    let context = RequestContext::from_request(&app, request.uri(), &sent, csv, request_id).await;
    request.extensions_mut().insert(context.clone());
    // Scripts also load pages, for lists that grow and updates: only what the user opens is a use.
    let destination = sent.get("sec-fetch-dest");
    let is_opened_page = destination.is_none_or(|value| value.as_bytes() == b"document");
    let mut response = context.origin().scope(next.run(request)).await;
    if context.flash.is_some() && is_page(&response) {
        // The flash message is shown once.
        let forgotten = removal_cookie(FLASH_COOKIE).to_string();
        response.headers_mut().append(
            header::SET_COOKIE,
            forgotten.parse().expect("our own cookie is a header"),
        );
    }
    // A renewed session is lost if its cookies are not set: also a script's response sets them.
    if (context.is_renewed || is_page(&response))
        && !sets_session(&response)
        && let Some(cookies) = reseal_session(&app, &context, &sent, is_opened_page)
    {
        for (name, value) in cookies.0 {
            response.headers_mut().append(name, value);
        }
    }
    response.extensions_mut().insert(context);
    response
}

/// Ends a session whose token the API server refused while a page was loaded, even for only a
/// section of the page: nothing of it is shown. The cookie stays: if the API server refuses every
/// token only temporarily, the session continues afterwards
/// ([`crate::openshift::REFUSED_TOKEN_TTL`]).
pub(super) async fn end_rejected_session(
    State(app): State<AppState>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let has_refused = || {
        context
            .token()
            .is_some_and(|token| app.app.has_rejected_token(token))
    };
    let (before, is_read) = (
        has_refused(),
        matches!(*request.method(), Method::GET | Method::HEAD),
    );
    let response = next.run(request).await;
    if before || !has_refused() {
        return response;
    }
    if context.session.is_some() {
        // The live updates of this session end at once.
        app.live_scheduler.wake_all();
    }
    // The result of a form is shown, whatever happened afterwards.
    if is_read && response.status().is_success() {
        super::errors::WebError::from(Failure::SignInRequired).into_response()
    } else {
        response
    }
}

/// The cookies of a session that was renewed, or whose use must be recorded, because the user opened
/// a page, or that was sealed with an old key, sealed with the first key, so that the old key can be
/// removed (S22).
fn reseal_session(
    app: &AppState,
    context: &RequestContext,
    sent: &HeaderMap,
    is_opened_page: bool,
) -> Option<SetCookies> {
    let now = app.clock.now();
    let session = context
        .session
        .as_ref()
        .filter(|session| !app.sessions.has_ended(session, now))?;
    let is_use = is_opened_page && app.sessions.must_record_use(session, now);
    if !is_use && !session.has_old_key && !context.is_renewed {
        return None;
    }
    let session = if is_use {
        session.used_at(now)
    } else {
        session.clone()
    };
    let cookies = app.sessions.set_cookies(&session, sent);
    cookies
        .inspect_err(|error| {
            tracing::warn!(
                session_id = session.id,
                error = error as &dyn std::error::Error,
                "session not stored"
            );
        })
        .ok()
}

/// Whether the response itself begins or ends a session.
fn sets_session(response: &Response) -> bool {
    response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .any(|cookie| cookie.as_bytes().starts_with(SESSION_COOKIE.as_bytes()))
}

fn is_page(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .expect("attach_request_context runs before every handler"))
    }
}
