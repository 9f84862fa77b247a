//! Every route of the console, in one table: the router is built from it, and the tests iterate
//! over it, so that no route escapes the checks of rights, headers and form tokens.

use axum::Router;
use axum::http::Method;
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use super::errors::WebError;
use super::{AppState, api_writes, assets, links, live, pages, preferences, sign_in};
use crate::app::failure::{Failure, PageSubject};

/// The kind of a route, which determines its layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RouteKind {
    /// A page, and the same values as JSON below [`links::API_ROOT`].
    Page,
    /// `GET` of something that has no JSON form.
    Get,
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
}

impl Route {
    const fn page(path: &'static str, handler: fn() -> MethodRouter<AppState>) -> Self {
        Self {
            kind: RouteKind::Page,
            path,
            handler,
        }
    }

    const fn get(path: &'static str, handler: fn() -> MethodRouter<AppState>) -> Self {
        Self {
            kind: RouteKind::Get,
            path,
            handler,
        }
    }

    const fn events(path: &'static str, handler: fn() -> MethodRouter<AppState>) -> Self {
        Self {
            kind: RouteKind::Events,
            path,
            handler,
        }
    }

    const fn form(path: &'static str, handler: fn() -> MethodRouter<AppState>) -> Self {
        Self {
            kind: RouteKind::Form,
            path,
            handler,
        }
    }

    const fn write(
        method: WriteMethod,
        path: &'static str,
        handler: fn() -> MethodRouter<AppState>,
    ) -> Self {
        Self {
            kind: RouteKind::Write(method),
            path,
            handler,
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

    #[must_use]
    pub const fn method(&self) -> Method {
        match self.kind {
            RouteKind::Form | RouteKind::Write(WriteMethod::Post) => Method::POST,
            RouteKind::Write(WriteMethod::Put) => Method::PUT,
            RouteKind::Write(WriteMethod::Patch) => Method::PATCH,
            RouteKind::Write(WriteMethod::Delete) => Method::DELETE,
            RouteKind::Page | RouteKind::Get | RouteKind::Events => Method::GET,
        }
    }
}

/// All routes except those of the assets ([`assets::routes`]).
pub const ROUTES: &[Route] = &[
    Route::page("/", || get(pages::home::show_home)),
    Route::page("/images", || get(pages::image_streams::list::list_streams)),
    Route::page("/images/{project}", || {
        get(pages::image_streams::list::list_project_streams)
    }),
    Route::page("/images/{project}/{image}", || {
        get(pages::show_stream_or_image)
    }),
    Route::page("/images/{project}/{image}/history", || {
        get(pages::image_streams::history::show_stream_history)
    }),
    Route::page("/images/{project}/{image}/used-by", || {
        get(pages::image_streams::used_by::show_used_by)
    }),
    Route::page("/images/{project}/{image}/space", || {
        get(pages::image_streams::space::show_stream_space)
    }),
    Route::page("/images/{project}/{image}/space/plan", || {
        get(pages::image_streams::prune_plan::show_stream_prune_plan)
    }),
    Route::page("/images/{project}/{image}/settings", || {
        get(pages::image_streams::settings::show_stream_settings)
    }),
    Route::page("/images/{project}/{image}/access", || {
        get(pages::image_streams::access::show_stream_access)
    }),
    Route::page("/images/{project}/{image}/compare", || {
        get(pages::images::compare::compare_images)
    }),
    Route::page("/images/{project}/{image}/delete", || {
        get(pages::confirm_delete_stream_or_tag)
    }),
    Route::page("/images/{project}/{image}/remove-tags", || {
        get(pages::tags::remove_many::select_tags_form)
    }),
    Route::page("/images/{project}/{image}/roll-back", || {
        get(pages::tags::roll_back::confirm_roll_back)
    }),
    Route::page("/images/{project}/{image}/tag-as", || {
        get(pages::tags::tag_as::tag_as_form)
    }),
    Route::page("/images/{project}/{image}/new-tag", || {
        get(pages::tags::create::new_tag_form)
    }),
    Route::page("/images/{project}/{image}/edit", || {
        get(pages::image_streams::form::edit_stream_form)
    }),
    Route::page("/images/{project}/{image}/import", || {
        get(pages::image_streams::import::confirm_import)
    }),
    Route::page("/jobs/{job}", || get(pages::jobs::show::show_job)),
    Route::page("/new-image-stream", || {
        get(pages::image_streams::form::new_stream_form)
    }),
    Route::page(links::IMPORTS, || get(pages::imports::board::list_imports)),
    Route::page("/search", || get(pages::search::show::show_search)),
    Route::page("/doctor", || get(pages::doctor::show::show_doctor)),
    Route::page("/projects", || get(pages::projects::list::list_projects)),
    Route::page("/projects/{project}", || {
        get(pages::projects::show::show_project)
    }),
    Route::page("/projects/{project}/activity", || {
        get(pages::projects::activity::show_project_activity)
    }),
    Route::page("/projects/{project}/workloads", || {
        get(pages::projects::workloads::show_project_workloads)
    }),
    Route::page("/projects/{project}/space", || {
        get(pages::projects::space::show_project_space)
    }),
    Route::page(links::SPACE, || get(pages::space::overview::show_space)),
    Route::page("/space/plan", || {
        get(pages::projects::prune_plan::show_whole_prune_plan)
    }),
    Route::page("/projects/{project}/space/plan", || {
        get(pages::projects::prune_plan::show_prune_plan)
    }),
    Route::page("/projects/{project}/members", || {
        get(pages::members::list::list_members)
    }),
    Route::page("/projects/{project}/members/remove", || {
        get(pages::members::remove::confirm_remove_member)
    }),
    Route::page("/projects/{project}/access", || {
        get(pages::projects::access::show_project_access)
    }),
    Route::page("/projects/{project}/edit", || {
        get(pages::projects::edit::edit_project_form)
    }),
    Route::page("/projects/{project}/delete", || {
        get(pages::projects::delete::confirm_delete_project)
    }),
    Route::page("/connect", || get(pages::connect::show::show_connect)),
    Route::page("/connect/token", || {
        get(pages::connect::show::confirm_show_token)
    }),
    Route::page("/projects/{project}/logins", || {
        get(pages::credentials::list::list_credentials)
    }),
    Route::page("/projects/{project}/logins/take-back", || {
        get(pages::credentials::revoke::confirm_revoke_credential)
    }),
    Route::page("/new-project", || {
        get(pages::projects::create::new_project_form)
    }),
    Route::page("/users", || get(pages::users::list::list_users)),
    Route::page("/users/{user}", || get(pages::users::list::show_user)),
    Route::page("/users/{user}/edit", || {
        get(pages::users::form::edit_user_form)
    }),
    Route::page("/users/{user}/delete", || {
        get(pages::users::delete::confirm_delete_user)
    }),
    Route::page("/new-user", || get(pages::users::form::new_user_form)),
    Route::page("/groups", || get(pages::users::list_groups::list_groups)),
    Route::page("/groups/{group}", || {
        get(pages::users::list_groups::show_group)
    }),
    Route::page("/groups/{group}/remove", || {
        get(pages::users::remove_from_group::confirm_remove_from_group)
    }),
    Route::page("/groups/{group}/delete", || {
        get(pages::users::delete_group::confirm_delete_group)
    }),
    Route::page("/new-group", || {
        get(pages::users::create_group::new_group_form)
    }),
    Route::get("/api/v1/", || get(pages::home::show_home)),
    Route::get("/registry", || get(pages::redirect_old_console)),
    Route::get(links::CONNECT_CA, || {
        get(pages::connect::authority::download_authority)
    }),
    Route::get(links::SIGN_IN, || get(sign_in::sign_in)),
    Route::get(links::OAUTH_CALLBACK, || get(sign_in::callback)),
    Route::get(links::SIGNED_OUT, || get(sign_in::show_signed_out)),
    Route::get(links::OAUTH_SESSION_ENDED, || {
        get(sign_in::oauth_session_ended)
    }),
    Route::events(links::LIVE, || get(live::stream_live_updates)),
    Route::form(links::OAUTH_CALLBACK, || post(sign_in::implicit_callback)),
    Route::form(links::SIGN_OUT, || post(sign_in::sign_out)),
    Route::form(links::PREFERENCES, || post(preferences::save_preferences)),
    Route::form("/images/{project}/{image}/delete", || {
        post(pages::delete_stream_or_tag)
    }),
    Route::form("/images/{project}/{image}/remove-tags", || {
        post(pages::tags::remove_many::remove_tags)
    }),
    Route::form("/images/{project}/{image}/restore", || {
        post(pages::tags::remove::restore_tags)
    }),
    Route::form("/images/{project}/{image}/roll-back", || {
        post(pages::tags::roll_back::roll_back)
    }),
    Route::form("/images/{project}/{image}/tag-as", || {
        post(pages::tags::tag_as::tag_image)
    }),
    Route::form("/images/{project}/{image}/new-tag", || {
        post(pages::tags::create::create_tag)
    }),
    Route::form("/images/{project}/{image}/edit", || {
        post(pages::image_streams::form::update_stream)
    }),
    Route::form("/images/{project}/{image}/import", || {
        post(pages::image_streams::import::import_stream)
    }),
    Route::form("/new-image-stream", || {
        post(pages::image_streams::form::create_stream)
    }),
    Route::form(links::IMPORTS, || {
        post(pages::imports::retry::retry_imports)
    }),
    Route::form("/projects/{project}/members", || {
        post(pages::members::list::update_members)
    }),
    Route::form("/projects/{project}/members/remove", || {
        post(pages::members::remove::remove_member)
    }),
    Route::form("/projects/{project}/access", || {
        post(pages::projects::access::update_project_access)
    }),
    Route::form("/projects/{project}/edit", || {
        post(pages::projects::edit::update_project)
    }),
    Route::form("/projects/{project}/delete", || {
        post(pages::projects::delete::delete_project)
    }),
    Route::form("/connect/token", || post(pages::connect::show::show_token)),
    Route::form("/projects/{project}/logins", || {
        post(pages::credentials::list::create_credential)
    }),
    Route::form("/projects/{project}/logins/finish", || {
        post(pages::credentials::list::finish_credential)
    }),
    Route::form("/projects/{project}/logins/file", || {
        post(pages::credentials::download::download_credential)
    }),
    Route::form("/projects/{project}/logins/take-back", || {
        post(pages::credentials::revoke::revoke_credential)
    }),
    Route::form("/new-project", || {
        post(pages::projects::create::create_project)
    }),
    Route::form("/users/{user}", || {
        post(pages::users::list::update_memberships)
    }),
    Route::form("/users/{user}/edit", || {
        post(pages::users::form::update_user)
    }),
    Route::form("/users/{user}/delete", || {
        post(pages::users::delete::delete_user)
    }),
    Route::form("/new-user", || post(pages::users::form::create_user)),
    Route::form("/groups/{group}", || {
        post(pages::users::list_groups::update_group)
    }),
    Route::form("/groups/{group}/remove", || {
        post(pages::users::remove_from_group::remove_from_group)
    }),
    Route::form("/groups/{group}/delete", || {
        post(pages::users::delete_group::delete_group)
    }),
    Route::form("/new-group", || {
        post(pages::users::create_group::create_group)
    }),
    Route::write(WriteMethod::Post, "/images/{project}", || {
        post(api_writes::create_stream)
    }),
    Route::write(WriteMethod::Put, "/images/{project}/{image}", || {
        put(api_writes::put_tag)
    }),
    Route::write(WriteMethod::Patch, "/images/{project}/{image}", || {
        patch(api_writes::change_stream)
    }),
    Route::write(WriteMethod::Delete, "/images/{project}/{image}", || {
        delete(api_writes::delete_stream_or_tag)
    }),
    Route::write(
        WriteMethod::Post,
        "/images/{project}/{image}/remove-tags",
        || post(api_writes::remove_tags),
    ),
    Route::write(
        WriteMethod::Post,
        "/images/{project}/{image}/roll-back",
        || post(api_writes::roll_back),
    ),
    Route::write(
        WriteMethod::Post,
        "/images/{project}/{image}/import",
        || post(api_writes::import_now),
    ),
    Route::write(WriteMethod::Post, "/projects", || {
        post(api_writes::create_project)
    }),
    Route::write(WriteMethod::Patch, "/projects/{project}", || {
        patch(api_writes::change_project)
    }),
    Route::write(WriteMethod::Delete, "/projects/{project}", || {
        delete(api_writes::delete_project)
    }),
    Route::write(WriteMethod::Put, "/projects/{project}/access", || {
        put(api_writes::put_access)
    }),
    Route::write(WriteMethod::Post, "/projects/{project}/members", || {
        post(api_writes::add_member)
    }),
    Route::write(WriteMethod::Put, "/projects/{project}/members", || {
        put(api_writes::change_member)
    }),
    Route::write(WriteMethod::Delete, "/projects/{project}/members", || {
        delete(api_writes::remove_member)
    }),
    Route::write(WriteMethod::Post, "/projects/{project}/logins", || {
        post(api_writes::create_credential)
    }),
    Route::write(
        WriteMethod::Delete,
        "/projects/{project}/logins/{name}",
        || delete(api_writes::revoke_credential),
    ),
];

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
        .merge(router_of(&[RouteKind::Page, RouteKind::Get]))
        .nest(links::API_ROOT, router_of(&[RouteKind::Page]))
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
