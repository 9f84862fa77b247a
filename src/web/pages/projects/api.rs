//! The API operations of projects.

use super::access::ProjectAccessPage;
use super::activity::ProjectActivityPage;
use super::edit::EditProjectPage;
use super::list::ProjectsPage;
use super::prune_plan::PrunePlanPage;
use super::show::ProjectPage;
use super::space::ProjectSpacePage;
use super::workloads::ProjectWorkloadsPage;
use crate::web::api::parameters::{
    CHANGED, KEEP_TAG_REVISIONS, KEEP_YOUNGER_THAN, ORDER, PAGE, PER_PAGE, PLANNED_IMAGES,
    PROJECT_SORT, SPACE_SORT, STREAM_SORT, STREAM_STATE, SUBJECT, SUBJECT_KIND, SYSTEM, TEXT, USE,
    WORKLOAD_STATE,
};
use crate::web::api::{ApiContent, ApiLink, ApiOperation, ApiTag, LinkValue};

pub(in crate::web) const LIST_PROJECTS: ApiOperation = ApiOperation {
    id: "listProjects",
    path: "/projects",
    tag: ApiTag::Projects,
    summary: |lang| lang.msg("api-list-projects"),
    parameters: &[&TEXT, &PROJECT_SORT, &ORDER, &SYSTEM, &PAGE],
    answer: Some(
        ApiContent::json::<ProjectsPage>().with_links(&[ApiLink::new(
            "getProject",
            &[("project", LinkValue::Answer("/rows/0/project/name"))],
        )]),
    ),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_PROJECT: ApiOperation = ApiOperation {
    id: "getProject",
    path: "/projects/{project}",
    tag: ApiTag::Projects,
    summary: |lang| lang.msg("api-get-project"),
    parameters: &[
        &TEXT,
        &STREAM_STATE,
        &USE,
        &STREAM_SORT,
        &ORDER,
        &PAGE,
        &PER_PAGE,
    ],
    answer: Some(ApiContent::json::<ProjectPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_PROJECT_SETTINGS: ApiOperation = ApiOperation {
    id: "getProjectSettings",
    path: "/projects/{project}/edit",
    tag: ApiTag::Projects,
    summary: |lang| lang.msg("api-get-project-settings"),
    answer: Some(ApiContent::json::<EditProjectPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const LIST_ACTIVITY: ApiOperation = ApiOperation {
    id: "listProjectActivity",
    path: "/projects/{project}/activity",
    tag: ApiTag::Projects,
    summary: |lang| lang.msg("api-list-activity"),
    parameters: &[&CHANGED, &PAGE],
    answer: Some(ApiContent::json::<ProjectActivityPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const LIST_WORKLOADS: ApiOperation = ApiOperation {
    id: "listProjectWorkloads",
    path: "/projects/{project}/workloads",
    tag: ApiTag::Projects,
    summary: |lang| lang.msg("api-list-workloads"),
    parameters: &[&WORKLOAD_STATE],
    answer: Some(ApiContent::json::<ProjectWorkloadsPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_PROJECT_SPACE: ApiOperation = ApiOperation {
    id: "getProjectSpace",
    path: "/projects/{project}/space",
    tag: ApiTag::Space,
    summary: |lang| lang.msg("api-get-project-space"),
    parameters: &[&SPACE_SORT, &ORDER],
    answer: Some(ApiContent::json::<ProjectSpacePage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const PLAN_PROJECT_PRUNING: ApiOperation = ApiOperation {
    id: "planProjectPruning",
    path: "/projects/{project}/space/plan",
    tag: ApiTag::Space,
    summary: |lang| lang.msg("api-plan-project"),
    parameters: &[&KEEP_TAG_REVISIONS, &KEEP_YOUNGER_THAN, &PLANNED_IMAGES],
    answer: Some(ApiContent::json::<PrunePlanPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const PLAN_STREAM_PRUNING: ApiOperation = ApiOperation {
    id: "planImageStreamPruning",
    path: "/images/{project}/{stream}/space/plan",
    tag: ApiTag::Space,
    summary: |lang| lang.msg("api-plan-stream"),
    parameters: &[&KEEP_TAG_REVISIONS, &KEEP_YOUNGER_THAN, &PLANNED_IMAGES],
    answer: Some(ApiContent::json::<PrunePlanPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const PLAN_PRUNING: ApiOperation = ApiOperation {
    id: "planPruning",
    path: "/space/plan",
    tag: ApiTag::Space,
    summary: |lang| lang.msg("api-plan"),
    parameters: &[&KEEP_TAG_REVISIONS, &KEEP_YOUNGER_THAN, &PLANNED_IMAGES],
    answer: Some(ApiContent::json::<PrunePlanPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_ACCESS: ApiOperation = ApiOperation {
    id: "getProjectAccess",
    path: "/projects/{project}/access",
    tag: ApiTag::Access,
    summary: |lang| lang.msg("api-get-access"),
    parameters: &[&SUBJECT, &SUBJECT_KIND],
    answer: Some(ApiContent::json::<ProjectAccessPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const LIST_MEMBERS: ApiOperation = ApiOperation {
    id: "listMembers",
    path: "/projects/{project}/members",
    tag: ApiTag::Access,
    summary: |lang| lang.msg("api-list-members"),
    answer: Some(ApiContent::json::<ProjectAccessPage>()),
    ..ApiOperation::READ
};
