//! Names to choose from: as many as a page can offer, and no more bytes than that takes.

use percent_encoding::utf8_percent_encode;

use super::{ENCODED, SMALL_BYTES};
use crate::outbound::Request;
use registry_model::{ProjectName, Subject, SubjectKind};

const USERS: &str = "/apis/user.openshift.io/v1/users";
const GROUPS: &str = "/apis/user.openshift.io/v1/groups";
/// How many names are asked for, if the master minds.
const MOST: u32 = 200;

pub(in crate::openshift) fn users() -> Request<'static> {
    Request::get("list user names", format!("{USERS}?limit={MOST}")).max_bytes(SMALL_BYTES)
}

pub(in crate::openshift) fn service_accounts(project: &ProjectName) -> Request<'static> {
    Request::get(
        "list service account names",
        format!("{}?limit={MOST}", of_project(project.as_str())),
    )
    .max_bytes(SMALL_BYTES)
}

/// One user, group or service account.
pub(in crate::openshift) fn somebody(who: &Subject) -> Request<'static> {
    let name = utf8_percent_encode(&who.name, ENCODED);
    let path = match who.kind {
        SubjectKind::User => format!("{USERS}/{name}"),
        SubjectKind::Group => format!("{GROUPS}/{name}"),
        SubjectKind::ServiceAccount => format!(
            "{}/{name}",
            of_project(who.project.as_deref().unwrap_or_default())
        ),
    };
    Request::get("look somebody up", path).max_bytes(SMALL_BYTES)
}

fn of_project(project: &str) -> String {
    format!(
        "/api/v1/namespaces/{}/serviceaccounts",
        utf8_percent_encode(project, ENCODED)
    )
}
