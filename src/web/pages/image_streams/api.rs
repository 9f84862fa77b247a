//! The API operations of image streams.

use super::access::StreamAccessPage;
use super::history::HistoryPage;
use super::list::StreamListPage;
use super::settings::SettingsPage;
use super::show::StreamPage;
use super::space::StreamSpacePage;
use super::used_by::UsedByPage;
use crate::web::api::parameters::{
    HISTORY, HISTORY_TAG, ORDER, PAGE, PER_PAGE, PROJECT_FILTER, STREAM_SORT, STREAM_STATE,
    SUBJECT, SUBJECT_KIND, TAG_SORT, TEXT, USE,
};
use crate::web::api::{ApiContent, ApiLink, ApiOperation, ApiTag, LinkValue};

const STREAM_LIST: ApiContent = ApiContent::json::<StreamListPage>().with_links(&[ApiLink::new(
    "getImageStream",
    &[
        ("project", LinkValue::Answer("/rows/0/project")),
        ("stream", LinkValue::Answer("/rows/0/name")),
    ],
)]);

pub(in crate::web) const LIST_STREAMS: ApiOperation = ApiOperation {
    id: "listImageStreams",
    path: "/images",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-list-streams"),
    parameters: &[
        &TEXT,
        &PROJECT_FILTER,
        &STREAM_STATE,
        &USE,
        &STREAM_SORT,
        &ORDER,
        &PAGE,
        &PER_PAGE,
    ],
    answer: Some(STREAM_LIST),
    ..ApiOperation::READ
};

pub(in crate::web) const LIST_PROJECT_STREAMS: ApiOperation = ApiOperation {
    id: "listProjectImageStreams",
    path: "/images/{project}",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-list-project-streams"),
    parameters: &[
        &TEXT,
        &STREAM_STATE,
        &USE,
        &STREAM_SORT,
        &ORDER,
        &PAGE,
        &PER_PAGE,
    ],
    answer: Some(STREAM_LIST),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_STREAM: ApiOperation = ApiOperation {
    id: "getImageStream",
    path: "/images/{project}/{stream}",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-get-stream"),
    parameters: &[&TEXT, &USE, &TAG_SORT, &ORDER, &PAGE, &PER_PAGE, &HISTORY],
    answer: Some(ApiContent::json::<StreamPage>().with_links(&[ApiLink::new(
        "getTaggedImage",
        &[
            ("project", LinkValue::Path("project")),
            ("stream", LinkValue::Path("stream")),
            ("tag", LinkValue::Answer("/tags/0/name")),
        ],
    )])),
    ..ApiOperation::READ
};

pub(in crate::web) const LIST_HISTORY: ApiOperation = ApiOperation {
    id: "listImageStreamHistory",
    path: "/images/{project}/{stream}/history",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-list-history"),
    parameters: &[&HISTORY_TAG, &PAGE],
    answer: Some(ApiContent::json::<HistoryPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_SETTINGS: ApiOperation = ApiOperation {
    id: "getImageStreamSettings",
    path: "/images/{project}/{stream}/settings",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-get-stream-settings"),
    answer: Some(ApiContent::json::<SettingsPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const LIST_STREAM_USES: ApiOperation = ApiOperation {
    id: "listImageStreamUses",
    path: "/images/{project}/{stream}/used-by",
    tag: ApiTag::ImageStreams,
    summary: |lang| lang.msg("api-list-stream-uses"),
    answer: Some(ApiContent::json::<UsedByPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const LIST_TAG_USES: ApiOperation = ApiOperation {
    id: "listTagUses",
    path: "/images/{project}/{stream}:{tag}/used-by",
    tag: ApiTag::Images,
    summary: |lang| lang.msg("api-list-tag-uses"),
    answer: Some(ApiContent::json::<UsedByPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const LIST_IMAGE_USES: ApiOperation = ApiOperation {
    id: "listImageUses",
    path: "/images/{project}/{stream}@{digest}/used-by",
    tag: ApiTag::Images,
    summary: |lang| lang.msg("api-list-image-uses"),
    answer: Some(ApiContent::json::<UsedByPage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_STREAM_SPACE: ApiOperation = ApiOperation {
    id: "getImageStreamSpace",
    path: "/images/{project}/{stream}/space",
    tag: ApiTag::Space,
    summary: |lang| lang.msg("api-get-stream-space"),
    answer: Some(ApiContent::json::<StreamSpacePage>()),
    ..ApiOperation::READ
};

pub(in crate::web) const GET_STREAM_ACCESS: ApiOperation = ApiOperation {
    id: "getImageStreamAccess",
    path: "/images/{project}/{stream}/access",
    tag: ApiTag::Access,
    summary: |lang| lang.msg("api-get-stream-access"),
    parameters: &[&SUBJECT, &SUBJECT_KIND],
    answer: Some(ApiContent::json::<StreamAccessPage>()),
    ..ApiOperation::READ
};
