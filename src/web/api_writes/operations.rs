//! The API operations of changes.

use utoipa::openapi::path::HttpMethod;

use super::{
    credentials, groups, image_streams, imports, members, projects, results, tag_removals, tags,
    users,
};
use crate::web::api::parameters::{
    DELETE_IDENTITIES, DRY_RUN, EXPECTED_DIGEST, FORCE, IF_MATCH, IF_NONE_MATCH, MEMBER_KIND,
    MEMBER_NAME, MEMBER_ROLE,
};
use crate::web::api::{ApiContent, ApiLink, ApiOperation, ApiTag, LinkValue};

const JOB_STARTED: ApiContent = ApiContent::json::<results::JobStarted>()
    .with_links(&[ApiLink::new("getJob", &[("job", LinkValue::Answer("/id"))])]);

const TAG_SET: ApiContent = ApiContent::json::<results::TagChanged>().with_links(&[ApiLink::new(
    "getTaggedImage",
    &[
        ("project", LinkValue::Answer("/project")),
        ("stream", LinkValue::Answer("/stream")),
        ("tag", LinkValue::Answer("/tag")),
    ],
)]);

const STREAM_CHANGED: ApiContent =
    ApiContent::json::<image_streams::StreamChanged>().with_links(&[ApiLink::new(
        "getImageStream",
        &[
            ("project", LinkValue::Answer("/project")),
            ("stream", LinkValue::Answer("/stream")),
        ],
    )]);

const PROJECT_CHANGED: ApiContent =
    ApiContent::json::<projects::ProjectChanged>().with_links(&[ApiLink::new(
        "getProject",
        &[("project", LinkValue::Answer("/project"))],
    )]);

const USER_CHANGED: ApiContent =
    ApiContent::json::<users::UserChanged>().with_links(&[ApiLink::new(
        "getUser",
        &[("user", LinkValue::Answer("/user"))],
    )]);

const GROUP_CHANGED: ApiContent =
    ApiContent::json::<groups::GroupChanged>().with_links(&[ApiLink::new(
        "getGroup",
        &[("group", LinkValue::Answer("/group"))],
    )]);

/// A change, for the members that it does not set.
const WRITE: ApiOperation = ApiOperation {
    method: HttpMethod::Post,
    ..ApiOperation::READ
};

pub(in crate::web) const SET_TAG: ApiOperation = ApiOperation {
    id: "setTag",
    method: HttpMethod::Put,
    path: "/images/{project}/{stream}:{tag}",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-set-tag"),
    headers: &[&IF_MATCH, &IF_NONE_MATCH],
    request: Some(ApiContent::json::<tags::SetTagRequest>()),
    answer: Some(TAG_SET),
    other_answers: &[(201, TAG_SET)],
    ..WRITE
};

pub(in crate::web) const REMOVE_TAG: ApiOperation = ApiOperation {
    id: "removeTag",
    method: HttpMethod::Delete,
    path: "/images/{project}/{stream}:{tag}",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-remove-tag"),
    parameters: &[&FORCE, &EXPECTED_DIGEST],
    headers: &[&IF_MATCH],
    answer: Some(ApiContent::json::<results::TagRemoved>()),
    ..WRITE
};

pub(in crate::web) const REMOVE_TAGS: ApiOperation = ApiOperation {
    id: "removeTags",
    path: "/images/{project}/{stream}/remove-tags",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-remove-tags"),
    request: Some(ApiContent::json::<tag_removals::RemoveTags>()),
    answer: Some(ApiContent::json::<results::TagsRemoved>()),
    other_answers: &[(202, JOB_STARTED)],
    ..WRITE
};

pub(in crate::web) const ROLL_BACK_TAG: ApiOperation = ApiOperation {
    id: "rollBackTag",
    path: "/images/{project}/{stream}:{tag}/roll-back",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-roll-back-tag"),
    headers: &[&IF_MATCH],
    request: Some(ApiContent::json::<tags::RollBack>()),
    answer: Some(TAG_SET),
    ..WRITE
};

pub(in crate::web) const IMPORT_STREAM: ApiOperation = ApiOperation {
    id: "importStream",
    path: "/images/{project}/{stream}/import",
    tag: ApiTag::Imports,
    summary: |lang| lang.msg("api-import-stream"),
    request: Some(ApiContent::json::<imports::ImportNow>()),
    is_body_optional: true,
    answer: Some(ApiContent::json::<results::ImportAnswer>()),
    other_answers: &[(202, JOB_STARTED)],
    ..WRITE
};

pub(in crate::web) const IMPORT_TAG: ApiOperation = ApiOperation {
    id: "importTag",
    path: "/images/{project}/{stream}:{tag}/import",
    tag: ApiTag::Imports,
    summary: |lang| lang.msg("api-import-tag"),
    answer: Some(ApiContent::json::<results::ImportAnswer>()),
    ..WRITE
};

pub(in crate::web) const CREATE_STREAM: ApiOperation = ApiOperation {
    id: "createStream",
    path: "/images/{project}",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-create-stream"),
    request: Some(ApiContent::json::<image_streams::CreateStream>()),
    status: 201,
    answer: Some(STREAM_CHANGED),
    ..WRITE
};

pub(in crate::web) const CHANGE_STREAM: ApiOperation = ApiOperation {
    id: "changeStream",
    method: HttpMethod::Patch,
    path: "/images/{project}/{stream}",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-change-stream"),
    request: Some(ApiContent::json::<image_streams::ChangeStream>()),
    is_body_optional: true,
    answer: Some(STREAM_CHANGED),
    ..WRITE
};

pub(in crate::web) const DELETE_STREAM: ApiOperation = ApiOperation {
    id: "deleteStream",
    method: HttpMethod::Delete,
    path: "/images/{project}/{stream}",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-delete-stream"),
    parameters: &[&FORCE],
    answer: Some(ApiContent::json::<image_streams::StreamDeleted>()),
    ..WRITE
};

pub(in crate::web) const CREATE_PROJECT: ApiOperation = ApiOperation {
    id: "createProject",
    path: "/projects",
    tag: ApiTag::Projects,
    summary: |lang| lang.msg("api-create-project"),
    request: Some(ApiContent::json::<projects::CreateProject>()),
    status: 201,
    answer: Some(PROJECT_CHANGED),
    ..WRITE
};

pub(in crate::web) const CHANGE_PROJECT: ApiOperation = ApiOperation {
    id: "changeProject",
    method: HttpMethod::Patch,
    path: "/projects/{project}",
    tag: ApiTag::Projects,
    summary: |lang| lang.msg("api-change-project"),
    request: Some(ApiContent::json::<projects::ChangeProject>()),
    is_body_optional: true,
    answer: Some(PROJECT_CHANGED),
    ..WRITE
};

pub(in crate::web) const DELETE_PROJECT: ApiOperation = ApiOperation {
    id: "deleteProject",
    method: HttpMethod::Delete,
    path: "/projects/{project}",
    tag: ApiTag::Projects,
    summary: |lang| lang.msg("api-delete-project"),
    parameters: &[&FORCE],
    answer: Some(ApiContent::json::<projects::ProjectChanged>()),
    ..WRITE
};

pub(in crate::web) const SET_ACCESS: ApiOperation = ApiOperation {
    id: "setAccess",
    method: HttpMethod::Put,
    path: "/projects/{project}/access",
    tag: ApiTag::Access,
    summary: |lang| lang.msg("api-set-access"),
    request: Some(ApiContent::json::<members::SetAccess>()),
    answer: Some(ApiContent::json::<members::AccessChanged>()),
    ..WRITE
};

pub(in crate::web) const ADD_MEMBER: ApiOperation = ApiOperation {
    id: "addMember",
    path: "/projects/{project}/members",
    tag: ApiTag::Access,
    summary: |lang| lang.msg("api-add-member"),
    request: Some(ApiContent::json::<members::AddMember>()),
    status: 201,
    answer: Some(
        ApiContent::json::<members::MemberChanged>().with_links(&[ApiLink::new(
            "removeMember",
            &[
                ("project", LinkValue::Answer("/project")),
                ("kind", LinkValue::Answer("/kind")),
                ("name", LinkValue::Answer("/name")),
                ("role", LinkValue::Answer("/added/0")),
            ],
        )]),
    ),
    ..WRITE
};

pub(in crate::web) const CHANGE_MEMBER: ApiOperation = ApiOperation {
    id: "changeMember",
    method: HttpMethod::Put,
    path: "/projects/{project}/members",
    tag: ApiTag::Access,
    summary: |lang| lang.msg("api-change-member"),
    request: Some(ApiContent::json::<members::ChangeMember>()),
    answer: Some(ApiContent::json::<members::MemberChanged>()),
    ..WRITE
};

pub(in crate::web) const REMOVE_MEMBER: ApiOperation = ApiOperation {
    id: "removeMember",
    method: HttpMethod::Delete,
    path: "/projects/{project}/members",
    tag: ApiTag::Access,
    summary: |lang| lang.msg("api-remove-member"),
    parameters: &[&MEMBER_KIND, &MEMBER_NAME, &MEMBER_ROLE, &FORCE],
    answer: Some(ApiContent::json::<members::MemberChanged>()),
    ..WRITE
};

pub(in crate::web) const CREATE_CREDENTIAL: ApiOperation = ApiOperation {
    id: "createCredential",
    path: "/projects/{project}/logins",
    tag: ApiTag::Access,
    summary: |lang| lang.msg("api-create-credential"),
    request: Some(ApiContent::json::<credentials::CreateCredential>()),
    status: 201,
    answer: Some(
        ApiContent::json::<credentials::CredentialCreated>().with_links(&[ApiLink::new(
            "revokeCredential",
            &[
                ("project", LinkValue::Answer("/project")),
                ("name", LinkValue::Answer("/name")),
            ],
        )]),
    ),
    ..WRITE
};

pub(in crate::web) const REVOKE_CREDENTIAL: ApiOperation = ApiOperation {
    id: "revokeCredential",
    method: HttpMethod::Delete,
    path: "/projects/{project}/logins/{name}",
    tag: ApiTag::Access,
    summary: |lang| lang.msg("api-revoke-credential"),
    answer: Some(ApiContent::json::<credentials::CredentialRevoked>()),
    ..WRITE
};

pub(in crate::web) const CREATE_USER: ApiOperation = ApiOperation {
    id: "createUser",
    path: "/users",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-create-user"),
    request: Some(ApiContent::json::<users::CreateUser>()),
    status: 201,
    answer: Some(USER_CHANGED),
    ..WRITE
};

pub(in crate::web) const CHANGE_USER: ApiOperation = ApiOperation {
    id: "changeUser",
    method: HttpMethod::Patch,
    path: "/users/{user}",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-change-user"),
    request: Some(ApiContent::json::<users::ChangeUser>()),
    is_body_optional: true,
    answer: Some(USER_CHANGED),
    ..WRITE
};

pub(in crate::web) const DELETE_USER: ApiOperation = ApiOperation {
    id: "deleteUser",
    method: HttpMethod::Delete,
    path: "/users/{user}",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-delete-user"),
    parameters: &[&DELETE_IDENTITIES, &DRY_RUN, &FORCE],
    answer: Some(ApiContent::json::<users::UserDeleted>()),
    ..WRITE
};

pub(in crate::web) const CREATE_GROUP: ApiOperation = ApiOperation {
    id: "createGroup",
    path: "/groups",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-create-group"),
    request: Some(ApiContent::json::<groups::CreateGroup>()),
    status: 201,
    answer: Some(GROUP_CHANGED),
    ..WRITE
};

pub(in crate::web) const DELETE_GROUP: ApiOperation = ApiOperation {
    id: "deleteGroup",
    method: HttpMethod::Delete,
    path: "/groups/{group}",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-delete-group"),
    parameters: &[&DRY_RUN],
    answer: Some(ApiContent::json::<groups::GroupDeleted>()),
    ..WRITE
};

pub(in crate::web) const ADD_GROUP_USERS: ApiOperation = ApiOperation {
    id: "addGroupUsers",
    path: "/groups/{group}/users",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-add-group-users"),
    request: Some(ApiContent::json::<groups::AddGroupUsers>()),
    answer: Some(GROUP_CHANGED),
    ..WRITE
};

pub(in crate::web) const REMOVE_GROUP_USER: ApiOperation = ApiOperation {
    id: "removeGroupUser",
    method: HttpMethod::Delete,
    path: "/groups/{group}/users/{user}",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-remove-group-user"),
    answer: Some(GROUP_CHANGED),
    ..WRITE
};
