//! The API operations of credentials.

use super::list::CredentialsPage;
use crate::web::api::{ApiContent, ApiOperation, ApiTag};

pub(in crate::web) const LIST_CREDENTIALS: ApiOperation = ApiOperation {
    id: "listCredentials",
    path: "/projects/{project}/logins",
    tag: ApiTag::Access,
    summary: |lang| lang.msg("api-list-credentials"),
    answer: Some(ApiContent::json::<CredentialsPage>()),
    ..ApiOperation::READ
};
