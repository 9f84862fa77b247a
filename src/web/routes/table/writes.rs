//! Changes of the API.

use axum::routing::{delete, patch, post, put};

use crate::web::api_writes::{self, operations};
use crate::web::routes::{Route, WriteMethod};

pub(super) const WRITES: &[Route] = &[
    Route::write(
        WriteMethod::Post,
        "/images/{project}",
        || post(api_writes::create_stream),
        &[operations::CREATE_STREAM],
    ),
    Route::write(
        WriteMethod::Put,
        "/images/{project}/{image}",
        || put(api_writes::put_tag),
        &[operations::SET_TAG],
    ),
    Route::write(
        WriteMethod::Patch,
        "/images/{project}/{image}",
        || patch(api_writes::change_stream),
        &[operations::CHANGE_STREAM],
    ),
    Route::write(
        WriteMethod::Delete,
        "/images/{project}/{image}",
        || delete(api_writes::delete_stream_or_tag),
        &[operations::DELETE_STREAM, operations::REMOVE_TAG],
    ),
    Route::write(
        WriteMethod::Post,
        "/images/{project}/{image}/remove-tags",
        || post(api_writes::remove_tags),
        &[operations::REMOVE_TAGS],
    ),
    Route::write(
        WriteMethod::Post,
        "/images/{project}/{image}/roll-back",
        || post(api_writes::roll_back),
        &[operations::ROLL_BACK_TAG],
    ),
    Route::write(
        WriteMethod::Post,
        "/images/{project}/{image}/import",
        || post(api_writes::import_now),
        &[operations::IMPORT_STREAM, operations::IMPORT_TAG],
    ),
    Route::write(
        WriteMethod::Post,
        "/projects",
        || post(api_writes::create_project),
        &[operations::CREATE_PROJECT],
    ),
    Route::write(
        WriteMethod::Patch,
        "/projects/{project}",
        || patch(api_writes::change_project),
        &[operations::CHANGE_PROJECT],
    ),
    Route::write(
        WriteMethod::Delete,
        "/projects/{project}",
        || delete(api_writes::delete_project),
        &[operations::DELETE_PROJECT],
    ),
    Route::write(
        WriteMethod::Put,
        "/projects/{project}/access",
        || put(api_writes::put_access),
        &[operations::SET_ACCESS],
    ),
    Route::write(
        WriteMethod::Post,
        "/projects/{project}/members",
        || post(api_writes::add_member),
        &[operations::ADD_MEMBER],
    ),
    Route::write(
        WriteMethod::Put,
        "/projects/{project}/members",
        || put(api_writes::change_member),
        &[operations::CHANGE_MEMBER],
    ),
    Route::write(
        WriteMethod::Delete,
        "/projects/{project}/members",
        || delete(api_writes::remove_member),
        &[operations::REMOVE_MEMBER],
    ),
    Route::write(
        WriteMethod::Post,
        "/projects/{project}/logins",
        || post(api_writes::create_credential),
        &[operations::CREATE_CREDENTIAL],
    ),
    Route::write(
        WriteMethod::Delete,
        "/projects/{project}/logins/{name}",
        || delete(api_writes::revoke_credential),
        &[operations::REVOKE_CREDENTIAL],
    ),
    Route::write(
        WriteMethod::Post,
        "/users",
        || post(api_writes::create_user),
        &[operations::CREATE_USER],
    ),
    Route::write(
        WriteMethod::Patch,
        "/users/{user}",
        || patch(api_writes::change_user),
        &[operations::CHANGE_USER],
    ),
    Route::write(
        WriteMethod::Delete,
        "/users/{user}",
        || delete(api_writes::delete_user),
        &[operations::DELETE_USER],
    ),
    Route::write(
        WriteMethod::Post,
        "/groups",
        || post(api_writes::create_group),
        &[operations::CREATE_GROUP],
    ),
    Route::write(
        WriteMethod::Delete,
        "/groups/{group}",
        || delete(api_writes::delete_group),
        &[operations::DELETE_GROUP],
    ),
    Route::write(
        WriteMethod::Post,
        "/groups/{group}/users",
        || post(api_writes::add_group_users),
        &[operations::ADD_GROUP_USERS],
    ),
    Route::write(
        WriteMethod::Delete,
        "/groups/{group}/users/{user}",
        || delete(api_writes::remove_group_user),
        &[operations::REMOVE_GROUP_USER],
    ),
];
