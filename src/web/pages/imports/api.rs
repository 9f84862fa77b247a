//! The API operations of imports.

use super::board::ImportsPage;
use crate::web::api::parameters::{HOST, IMPORT_STATE, PAGE, PROJECT_NAME, TEXT};
use crate::web::api::{ApiContent, ApiLink, ApiOperation, ApiTag, LinkValue};

pub(in crate::web) const LIST_IMPORTS: ApiOperation = ApiOperation {
    id: "listImports",
    path: "/imports",
    tag: ApiTag::Imports,
    summary: |lang| lang.msg("api-list-imports"),
    parameters: &[&TEXT, &PROJECT_NAME, &HOST, &IMPORT_STATE, &PAGE],
    answer: Some(ApiContent::json::<ImportsPage>().with_links(&[ApiLink::new(
        "getImageStream",
        &[
            ("project", LinkValue::Answer("/groups/0/rows/0/project")),
            ("stream", LinkValue::Answer("/groups/0/rows/0/stream")),
        ],
    )])),
    ..ApiOperation::READ
};
