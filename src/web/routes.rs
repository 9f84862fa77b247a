//! Every route of the console, in one table: the router is built from it, and the tests iterate
//! over it, so that no route escapes the checks of rights, headers and form tokens.

use axum::Router;
use axum::http::Method;
use axum::routing::MethodRouter;

use super::api::ApiOperation;
use super::errors::WebError;
use super::{AppState, assets, links};
use crate::app::failure::{Failure, PageSubject};

mod table;
#[cfg(test)]
mod tests;

pub use table::ROUTES;

/// The kind of a route, which determines its layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RouteKind {
    /// A page with its [operations](Route::operations), which answer the same values as JSON below
    /// [`links::API_ROOT`].
    Page,
    /// A form or a confirmation. It has a JSON form as well, without a contract: its values are those
    /// of the form, and may change with it.
    FormPage,
    /// `GET` of something that has no JSON form.
    Get,
    /// An operation of the API that has no page. Its path is below [`links::API_ROOT`].
    Api,
    /// An event stream. It is not compressed: a compressor takes six KiB for as long as it lasts.
    Events,
    /// `POST` of a form: its origin and form token are checked before the handler runs. There is
    /// none below [`links::API_ROOT`].
    Form,
    /// A change below [`links::API_ROOT`], with a bearer token.
    Write(WriteMethod),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriteMethod {
    Post,
    Put,
    Patch,
    Delete,
}

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    kind: RouteKind,
    path: &'static str,
    handler: fn() -> MethodRouter<AppState>,
    operations: &'static [ApiOperation],
}

impl Route {
    const fn new(
        kind: RouteKind,
        path: &'static str,
        handler: fn() -> MethodRouter<AppState>,
    ) -> Self {
        Self {
            kind,
            path,
            handler,
            operations: &[],
        }
    }

    const fn page(
        path: &'static str,
        handler: fn() -> MethodRouter<AppState>,
        operations: &'static [ApiOperation],
    ) -> Self {
        Self {
            operations,
            ..Self::new(RouteKind::Page, path, handler)
        }
    }

    const fn form_page(path: &'static str, handler: fn() -> MethodRouter<AppState>) -> Self {
        Self::new(RouteKind::FormPage, path, handler)
    }

    const fn api(
        path: &'static str,
        handler: fn() -> MethodRouter<AppState>,
        operations: &'static [ApiOperation],
    ) -> Self {
        Self {
            operations,
            ..Self::new(RouteKind::Api, path, handler)
        }
    }

    const fn get(path: &'static str, handler: fn() -> MethodRouter<AppState>) -> Self {
        Self::new(RouteKind::Get, path, handler)
    }

    const fn events(path: &'static str, handler: fn() -> MethodRouter<AppState>) -> Self {
        Self::new(RouteKind::Events, path, handler)
    }

    const fn form(path: &'static str, handler: fn() -> MethodRouter<AppState>) -> Self {
        Self::new(RouteKind::Form, path, handler)
    }

    const fn write(
        method: WriteMethod,
        path: &'static str,
        handler: fn() -> MethodRouter<AppState>,
        operations: &'static [ApiOperation],
    ) -> Self {
        Self {
            operations,
            ..Self::new(RouteKind::Write(method), path, handler)
        }
    }

    /// Whether it is a change below [`links::API_ROOT`]. The pattern is without that.
    #[must_use]
    pub const fn is_api_write(&self) -> bool {
        matches!(self.kind, RouteKind::Write(_))
    }

    /// The pattern, with parameters in braces: `/projects/{project}`.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// What the route does in the API. Empty for a route that is not a part of its contract.
    pub(super) const fn operations(&self) -> &'static [ApiOperation] {
        self.operations
    }

    #[must_use]
    pub const fn method(&self) -> Method {
        match self.kind {
            RouteKind::Form | RouteKind::Write(WriteMethod::Post) => Method::POST,
            RouteKind::Write(WriteMethod::Put) => Method::PUT,
            RouteKind::Write(WriteMethod::Patch) => Method::PATCH,
            RouteKind::Write(WriteMethod::Delete) => Method::DELETE,
            RouteKind::Page
            | RouteKind::FormPage
            | RouteKind::Get
            | RouteKind::Api
            | RouteKind::Events => Method::GET,
        }
    }
}

/// The routes of some kinds.
fn router_of(kinds: &[RouteKind]) -> Router<AppState> {
    let routes = ROUTES.iter().filter(|route| kinds.contains(&route.kind));
    routes.fold(Router::new(), |router, route| {
        router.route(route.path, (route.handler)())
    })
}

/// All routes that read, except event streams.
pub(super) fn reads() -> Router<AppState> {
    Router::new()
        .merge(router_of(&[
            RouteKind::Page,
            RouteKind::FormPage,
            RouteKind::Get,
            RouteKind::Api,
        ]))
        .nest(
            links::API_ROOT,
            router_of(&[RouteKind::Page, RouteKind::FormPage]),
        )
        .merge(assets::routes())
        .fallback(async || WebError::from(Failure::NotFound(PageSubject::Page)))
}

pub(super) fn events() -> Router<AppState> {
    router_of(&[RouteKind::Events])
}

pub(super) fn forms() -> Router<AppState> {
    router_of(&[RouteKind::Form])
}

/// All changes of the API. `wrap` adds the layers of a handler, which do not apply to requests with
/// another method.
pub(super) fn writes(
    wrap: impl Fn(MethodRouter<AppState>) -> MethodRouter<AppState>,
) -> Router<AppState> {
    let routes = ROUTES.iter().filter(|route| route.is_api_write());
    routes.fold(Router::new(), |router, route| {
        let path = format!("{}{}", links::API_ROOT, route.path);
        router.route(&path, wrap((route.handler)()))
    })
}
