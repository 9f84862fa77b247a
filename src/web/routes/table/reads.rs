//! Pages, and what else is read.

use axum::routing::get;

use crate::web::routes::Route;
use crate::web::{api, links, live, pages, sign_in};

pub(super) const READS: &[Route] = &[
    Route::page(
        "/",
        || get(pages::home::show_home),
        &[pages::home::GET_OVERVIEW],
    ),
    Route::page(
        "/images",
        || get(pages::image_streams::list::list_streams),
        &[pages::image_streams::api::LIST_STREAMS],
    ),
    Route::page(
        "/images/{project}",
        || get(pages::image_streams::list::list_project_streams),
        &[pages::image_streams::api::LIST_PROJECT_STREAMS],
    ),
    Route::page(
        "/images/{project}/{image}",
        || get(pages::show_stream_or_image),
        &[
            pages::image_streams::api::GET_STREAM,
            pages::images::api::GET_TAGGED_IMAGE,
            pages::images::api::GET_IMAGE,
        ],
    ),
    Route::page(
        "/images/{project}/{image}/history",
        || get(pages::image_streams::history::show_stream_history),
        &[pages::image_streams::api::LIST_HISTORY],
    ),
    Route::page(
        "/images/{project}/{image}/used-by",
        || get(pages::image_streams::used_by::show_used_by),
        &[
            pages::image_streams::api::LIST_STREAM_USES,
            pages::image_streams::api::LIST_TAG_USES,
            pages::image_streams::api::LIST_IMAGE_USES,
        ],
    ),
    Route::page(
        "/images/{project}/{image}/space",
        || get(pages::image_streams::space::show_stream_space),
        &[pages::image_streams::api::GET_STREAM_SPACE],
    ),
    Route::page(
        "/images/{project}/{image}/space/plan",
        || get(pages::image_streams::prune_plan::show_stream_prune_plan),
        &[pages::projects::api::PLAN_STREAM_PRUNING],
    ),
    Route::page(
        "/images/{project}/{image}/settings",
        || get(pages::image_streams::settings::show_stream_settings),
        &[pages::image_streams::api::GET_SETTINGS],
    ),
    Route::page(
        "/images/{project}/{image}/access",
        || get(pages::image_streams::access::show_stream_access),
        &[pages::image_streams::api::GET_STREAM_ACCESS],
    ),
    Route::page(
        "/images/{project}/{image}/compare",
        || get(pages::images::compare::compare_images),
        &[pages::images::api::COMPARE_IMAGES],
    ),
    Route::form_page("/images/{project}/{image}/delete", || {
        get(pages::confirm_delete_stream_or_tag)
    }),
    Route::page(
        "/images/{project}/{image}/remove-tags",
        || get(pages::tags::remove_many::select_tags_form),
        &[pages::tags::api::PLAN_TAG_REMOVAL],
    ),
    Route::form_page("/images/{project}/{image}/roll-back", || {
        get(pages::tags::roll_back::confirm_roll_back)
    }),
    Route::form_page("/images/{project}/{image}/tag-as", || {
        get(pages::tags::tag_as::tag_as_form)
    }),
    Route::form_page("/images/{project}/{image}/new-tag", || {
        get(pages::tags::create::new_tag_form)
    }),
    Route::form_page("/images/{project}/{image}/edit", || {
        get(pages::image_streams::form::edit_stream_form)
    }),
    Route::form_page("/images/{project}/{image}/import", || {
        get(pages::image_streams::import::confirm_import)
    }),
    Route::page(
        "/jobs/{job}",
        || get(pages::jobs::show::show_job),
        &[pages::jobs::api::GET_JOB],
    ),
    Route::form_page("/new-image-stream", || {
        get(pages::image_streams::form::new_stream_form)
    }),
    Route::page(
        links::IMPORTS,
        || get(pages::imports::board::list_imports),
        &[pages::imports::api::LIST_IMPORTS],
    ),
    Route::page(
        "/search",
        || get(pages::search::show::show_search),
        &[pages::search::api::SEARCH],
    ),
    Route::page(
        "/doctor",
        || get(pages::doctor::show::show_doctor),
        &[pages::doctor::api::GET_FINDINGS],
    ),
    Route::page(
        "/projects",
        || get(pages::projects::list::list_projects),
        &[pages::projects::api::LIST_PROJECTS],
    ),
    Route::page(
        "/projects/{project}",
        || get(pages::projects::show::show_project),
        &[pages::projects::api::GET_PROJECT],
    ),
    Route::page(
        "/projects/{project}/activity",
        || get(pages::projects::activity::show_project_activity),
        &[pages::projects::api::LIST_ACTIVITY],
    ),
    Route::page(
        "/projects/{project}/workloads",
        || get(pages::projects::workloads::show_project_workloads),
        &[pages::projects::api::LIST_WORKLOADS],
    ),
    Route::page(
        "/projects/{project}/space",
        || get(pages::projects::space::show_project_space),
        &[pages::projects::api::GET_PROJECT_SPACE],
    ),
    Route::page(
        links::SPACE,
        || get(pages::space::overview::show_space),
        &[pages::space::api::GET_SPACE],
    ),
    Route::page(
        "/space/plan",
        || get(pages::projects::prune_plan::show_whole_prune_plan),
        &[pages::projects::api::PLAN_PRUNING],
    ),
    Route::page(
        "/projects/{project}/space/plan",
        || get(pages::projects::prune_plan::show_prune_plan),
        &[pages::projects::api::PLAN_PROJECT_PRUNING],
    ),
    Route::page(
        "/projects/{project}/members",
        || get(pages::members::list::list_members),
        &[pages::projects::api::LIST_MEMBERS],
    ),
    Route::form_page("/projects/{project}/members/remove", || {
        get(pages::members::remove::confirm_remove_member)
    }),
    Route::page(
        "/projects/{project}/access",
        || get(pages::projects::access::show_project_access),
        &[pages::projects::api::GET_ACCESS],
    ),
    Route::page(
        "/projects/{project}/edit",
        || get(pages::projects::edit::edit_project_form),
        &[pages::projects::api::GET_PROJECT_SETTINGS],
    ),
    Route::form_page("/projects/{project}/delete", || {
        get(pages::projects::delete::confirm_delete_project)
    }),
    Route::page(
        "/connect",
        || get(pages::connect::show::show_connect),
        &[pages::connect::api::GET_CONNECT],
    ),
    Route::form_page("/connect/token", || {
        get(pages::connect::show::confirm_show_token)
    }),
    Route::page(
        "/projects/{project}/logins",
        || get(pages::credentials::list::list_credentials),
        &[pages::credentials::api::LIST_CREDENTIALS],
    ),
    Route::form_page("/projects/{project}/logins/take-back", || {
        get(pages::credentials::revoke::confirm_revoke_credential)
    }),
    Route::form_page("/new-project", || {
        get(pages::projects::create::new_project_form)
    }),
    Route::page(
        "/users",
        || get(pages::users::list::list_users),
        &[pages::users::api::LIST_USERS],
    ),
    Route::page(
        "/users/{user}",
        || get(pages::users::list::show_user),
        &[pages::users::api::GET_USER],
    ),
    Route::form_page("/users/{user}/edit", || {
        get(pages::users::form::edit_user_form)
    }),
    Route::form_page("/users/{user}/delete", || {
        get(pages::users::delete::confirm_delete_user)
    }),
    Route::form_page("/new-user", || get(pages::users::form::new_user_form)),
    Route::page(
        "/groups",
        || get(pages::users::list_groups::list_groups),
        &[pages::users::api::LIST_GROUPS],
    ),
    Route::page(
        "/groups/{group}",
        || get(pages::users::list_groups::show_group),
        &[pages::users::api::GET_GROUP],
    ),
    Route::form_page("/groups/{group}/remove", || {
        get(pages::users::remove_from_group::confirm_remove_from_group)
    }),
    Route::form_page("/groups/{group}/delete", || {
        get(pages::users::delete_group::confirm_delete_group)
    }),
    Route::form_page("/new-group", || {
        get(pages::users::create_group::new_group_form)
    }),
    Route::get("/api/v1/", || get(pages::home::show_home)),
    Route::api(
        links::OPENAPI,
        || get(api::serve_document),
        &[api::GET_DOCUMENT],
    ),
    Route::get(links::API, || get(pages::api::show::show_api)),
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
];
