//! Users, groups and identities of the cluster; service accounts and role bindings of projects.

use std::collections::BTreeMap;

use registry_console::openshift::{self, BindingApiGroup, ServiceAccount, StoredRoleBinding};
use registry_model::{ProjectName, ServiceAccountName, Subject, SubjectKind};
use serde_json::Value;

use super::outcome::{ReplayOutcome, from_api_result, with_facts};
use crate::harness::recording::ClientRecording;

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .map(|value| text(value).to_owned())
        .collect()
}

/// Sends the recorded request to `user.openshift.io`; none where it is about something else.
pub(super) async fn replay_user_request(
    user: &openshift::UserApi<'_>,
    recording: &ClientRecording,
    rest: &[&str],
) -> Option<ReplayOutcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let name = text(&body["metadata"]["name"]);
    Some(match (request["method"].as_str()?, rest) {
        ("GET", ["users"]) if recording.path().contains("limit=") => {
            with_facts(user.list_user_names().await, |names| names)
        }
        ("GET", ["users"]) => with_facts(user.list_users().await, |users| {
            users.into_iter().map(|user| user.name).collect()
        }),
        ("GET", ["users", "~"]) => with_facts(user.whoami().await, |user| vec![user.name]),
        ("GET", ["users", name]) => with_facts(user.get_user(name).await, |user| {
            vec![user.account().name.clone()]
        }),
        ("POST", ["users"]) => {
            from_api_result(user.create_user(name, text(&body["fullName"])).await)
        }
        ("PUT", ["users", name]) => {
            let before = user.get_user(name).await.unwrap();
            let changed = before.with_changes(
                text(&body["fullName"]),
                &texts(&body["identities"]),
                text(&body["metadata"]["resourceVersion"]),
            );
            from_api_result(user.update_user(changed).await)
        }
        ("DELETE", ["users", name]) => from_api_result(user.delete_user(name).await),
        ("GET", ["groups"]) => with_facts(user.list_groups().await, |groups| {
            groups.into_iter().map(|group| group.name).collect()
        }),
        ("GET", ["groups", name]) => with_facts(user.get_group(name).await, |group| {
            vec![group.group().name.clone()]
        }),
        ("POST", ["groups"]) => {
            from_api_result(user.create_group(name, &texts(&body["users"])).await)
        }
        ("PUT", ["groups", name]) => {
            let before = user.get_group(name).await.unwrap();
            from_api_result(
                user.update_group(
                    before
                        .clone()
                        .with_members_changed(&[], &texts(&body["users"]))
                        .unwrap_or(before),
                )
                .await,
            )
        }
        ("DELETE", ["groups", name]) => from_api_result(user.delete_group(name).await),
        ("POST", ["identities"]) => from_api_result(
            user.create_identity(&format!(
                "{}:{}",
                text(&body["providerName"]),
                text(&body["providerUserName"])
            ))
            .await,
        ),
        ("DELETE", ["identities", name]) => from_api_result(user.delete_identity(name).await),
        ("POST", ["useridentitymappings"]) => from_api_result(
            user.map_identity(text(&body["identity"]["name"]), text(&body["user"]["name"]))
                .await,
        ),
        ("GET", ["useridentitymappings", name]) => {
            with_facts(user.get_mapped_user(name).await, |name| vec![name])
        }
        ("DELETE", ["useridentitymappings", name]) => {
            from_api_result(user.unmap_identity(name).await)
        }
        _ => return None,
    })
}

/// The label that the console gives to the service accounts that it makes.
const LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "registry-console");

/// Sends what the recording sent about service accounts and their tokens; nothing where it asked
/// something else.
pub(super) async fn replay_service_account_request(
    user: &openshift::UserApi<'_>,
    recording: &ClientRecording,
    project: &ProjectName,
    rest: &[&str],
) -> Option<ReplayOutcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let account = |name: &str| name.parse::<ServiceAccountName>().unwrap();
    let body_name = text(&body["metadata"]["name"]);
    Some(match (request["method"].as_str()?, rest) {
        ("GET", ["serviceaccounts"]) => {
            with_facts(user.list_service_account_names(project).await, |names| {
                names
            })
        }
        ("GET", ["serviceaccounts", name]) => with_facts(
            user.get_service_account(project, &account(name)).await,
            |account| vec![account.name.to_string()],
        ),
        ("POST", ["serviceaccounts"]) => {
            let notes = body["metadata"]["annotations"]
                .as_object()
                .into_iter()
                .flatten();
            let notes: BTreeMap<&str, String> = notes
                .map(|(key, value)| (key.as_str(), text(value).to_owned()))
                .collect();
            from_api_result(
                user.create_service_account(project, &account(body_name), LABEL, &notes)
                    .await,
            )
        }
        ("DELETE", ["serviceaccounts", name]) => {
            let uid = text(&body["preconditions"]["uid"]).to_owned();
            let (labels, notes) = Default::default();
            from_api_result(
                user.delete_service_account(
                    project,
                    &ServiceAccount {
                        name: account(name),
                        uid,
                        created: None,
                        labels,
                        annotations: notes,
                    },
                )
                .await,
            )
        }
        ("POST", ["serviceaccounts", name, "token"]) => {
            let seconds = body["spec"]["expirationSeconds"].as_i64()?;
            let issued = user.request_token(project, &account(name), seconds).await;
            with_facts(issued, |issued| vec![issued.token.expose().to_owned()])
        }
        ("POST", ["secrets"]) => {
            let owner = account(text(
                &body["metadata"]["annotations"]["kubernetes.io/service-account.name"],
            ));
            from_api_result(user.create_token_secret(project, body_name, &owner).await)
        }
        ("GET", ["secrets", name]) => {
            let owner = &recording.json["response"]["body"]["metadata"]["annotations"]["kubernetes.io/service-account.name"];
            let token = user
                .get_secret_token(project, name, &account(text(owner)))
                .await;
            with_facts(token, |token| {
                vec![
                    token
                        .map(|issued| encoded(issued.token.expose()))
                        .unwrap_or_default(),
                ]
            })
        }
        _ => return None,
    })
}

/// As a secret holds it.
fn encoded(token: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(token)
}

/// Sends the recorded request about role bindings; none where it is about something else.
pub(super) async fn replay_role_binding_request(
    user: &openshift::UserApi<'_>,
    recording: &ClientRecording,
    project: &ProjectName,
    rest: &[&str],
) -> Option<ReplayOutcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let come: Vec<Subject> = body["subjects"]
        .as_array()
        .into_iter()
        .flatten()
        .map(subject)
        .collect();
    Some(match (request["method"].as_str()?, rest) {
        ("GET", ["rolebindings"]) => {
            with_facts(user.list_role_bindings(project).await, |bindings| {
                bindings.into_iter().map(|binding| binding.name).collect()
            })
        }
        ("POST", ["rolebindings"]) => {
            let binding = StoredRoleBinding::new(
                BindingApiGroup::Rbac,
                project,
                text(&body["metadata"]["name"]),
                text(&body["roleRef"]["name"]),
            );
            from_api_result(
                user.create_role_binding(
                    project,
                    &binding.with_subjects_changed(&[], &come).unwrap_or(binding),
                )
                .await,
            )
        }
        ("PUT", ["rolebindings", _]) => {
            let before = user
                .list_stored_role_bindings(project)
                .await
                .unwrap()
                .items
                .remove(0);
            from_api_result(
                user.update_role_binding(
                    project,
                    &before.with_subjects_changed(&[], &come).unwrap_or(before),
                )
                .await,
            )
        }
        _ => return None,
    })
}

fn subject(value: &Value) -> Subject {
    let kind = match text(&value["kind"]) {
        "ServiceAccount" => SubjectKind::ServiceAccount,
        "Group" => SubjectKind::Group,
        _ => SubjectKind::User,
    };
    Subject {
        kind,
        name: text(&value["name"]).to_owned(),
        project: value["namespace"].as_str().map(str::to_owned),
    }
}
