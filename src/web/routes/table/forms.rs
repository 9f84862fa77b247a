//! Forms of pages.

use axum::routing::post;

use crate::web::routes::Route;
use crate::web::{links, pages, preferences, sign_in};

pub(super) const FORMS: &[Route] = &[
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
];
