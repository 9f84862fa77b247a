//! The API operations of users and groups.

use super::list::UserPage;
use super::list::UsersPage;
use super::list_groups::GroupPage;
use super::list_groups::GroupsPage;
use crate::web::api::parameters::{PAGE, TEXT};
use crate::web::api::{ApiContent, ApiLink, ApiOperation, ApiTag, LinkValue};

pub(in crate::web) const LIST_USERS: ApiOperation = ApiOperation {
    id: "listUsers",
    path: "/users",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-list-users"),
    parameters: &[&TEXT, &PAGE],
    answer: Some(ApiContent::json::<UsersPage>().with_links(&[ApiLink::new(
        "getUser",
        &[("user", LinkValue::Answer("/rows/0/user/name"))],
    )])),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_USER: ApiOperation = ApiOperation {
    id: "getUser",
    path: "/users/{user}",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-get-user"),
    answer: Some(ApiContent::json::<UserPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const LIST_GROUPS: ApiOperation = ApiOperation {
    id: "listGroups",
    path: "/groups",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-list-groups"),
    parameters: &[&TEXT, &PAGE],
    answer: Some(ApiContent::json::<GroupsPage>().with_links(&[ApiLink::new(
        "getGroup",
        &[("group", LinkValue::Answer("/rows/0/name"))],
    )])),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_GROUP: ApiOperation = ApiOperation {
    id: "getGroup",
    path: "/groups/{group}",
    tag: ApiTag::Users,
    summary: |lang| lang.msg("api-get-group"),
    parameters: &[&TEXT, &PAGE],
    answer: Some(ApiContent::json::<GroupPage>()),
    ..ApiOperation::READ
};
