//! Requests for the names of subjects that a form offers, limited to what a page can show.

use percent_encoding::utf8_percent_encode;

use super::{MAX_SMALL_OBJECT_BYTES, PATH_ENCODE_SET};
use crate::outbound::Request;
use registry_model::{ProjectName, Subject, SubjectKind};

const USERS_PATH: &str = "/apis/user.openshift.io/v1/users";
const GROUPS_PATH: &str = "/apis/user.openshift.io/v1/groups";
/// The number of requested names, if the API server supports `limit`.
const MAX_NAMES: u32 = 200;

pub(in crate::openshift) fn users() -> Request<'static> {
    Request::get("list user names", format!("{USERS_PATH}?limit={MAX_NAMES}"))
        .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

pub(in crate::openshift) fn service_accounts(project: &ProjectName) -> Request<'static> {
    Request::get(
        "list service account names",
        format!(
            "{}?limit={MAX_NAMES}",
            service_accounts_path(project.as_str())
        ),
    )
    .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// One user, group or service account.
pub(in crate::openshift) fn get_subject(subject: &Subject) -> Request<'static> {
    let name = utf8_percent_encode(&subject.name, PATH_ENCODE_SET);
    let path = match subject.kind {
        SubjectKind::User => format!("{USERS_PATH}/{name}"),
        SubjectKind::Group => format!("{GROUPS_PATH}/{name}"),
        SubjectKind::ServiceAccount => format!(
            "{}/{name}",
            service_accounts_path(subject.project.as_deref().unwrap_or_default())
        ),
    };
    Request::get("look up subject", path).max_bytes(MAX_SMALL_OBJECT_BYTES)
}

fn service_accounts_path(project: &str) -> String {
    format!(
        "/api/v1/namespaces/{}/serviceaccounts",
        utf8_percent_encode(project, PATH_ENCODE_SET)
    )
}
