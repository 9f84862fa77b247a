//! Users, groups and identities of the cluster; service accounts and role bindings of projects.

use registry_console::openshift::{self, Binding, BindingGroup, ServiceAccount};
use registry_model::{ProjectName, ServiceAccountName, Subject, SubjectKind};
use serde_json::Value;

use super::outcome::{Outcome, of_api, with_facts};
use crate::recording::Recording;

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

/// Sends what the recording sent to `user.openshift.io`; nothing where it asked something else.
pub(super) async fn ask_users(
    user: &openshift::AsUser<'_>,
    recording: &Recording,
    rest: &[&str],
) -> Option<Outcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let name = text(&body["metadata"]["name"]);
    Some(match (request["method"].as_str()?, rest) {
        ("GET", ["users"]) if recording.path().contains("limit=") => {
            with_facts(user.user_names().await, |names| names)
        }
        ("GET", ["users"]) => with_facts(user.users().await, |users| {
            users.into_iter().map(|user| user.name).collect()
        }),
        ("GET", ["users", "~"]) => with_facts(user.whoami().await, |user| vec![user.name]),
        ("GET", ["users", name]) => {
            with_facts(user.user(name).await, |user| vec![user.read().name.clone()])
        }
        ("POST", ["users"]) => of_api(user.create_user(name, text(&body["fullName"])).await),
        ("PUT", ["users", name]) => {
            let before = user.user(name).await.unwrap();
            let changed = before.changed(
                text(&body["fullName"]),
                &texts(&body["identities"]),
                text(&body["metadata"]["resourceVersion"]),
            );
            of_api(user.replace_user(changed).await)
        }
        ("DELETE", ["users", name]) => of_api(user.delete_user(name).await),
        ("GET", ["groups"]) => with_facts(user.groups().await, |groups| {
            groups.into_iter().map(|group| group.name).collect()
        }),
        ("GET", ["groups", name]) => with_facts(user.group(name).await, |group| {
            vec![group.read().name.clone()]
        }),
        ("POST", ["groups"]) => of_api(user.create_group(name, &texts(&body["users"])).await),
        ("PUT", ["groups", name]) => {
            let before = user.group(name).await.unwrap();
            of_api(
                user.replace_group(
                    before
                        .clone()
                        .changed(&[], &texts(&body["users"]))
                        .unwrap_or(before),
                )
                .await,
            )
        }
        ("DELETE", ["groups", name]) => of_api(user.delete_group(name).await),
        ("POST", ["identities"]) => of_api(
            user.create_identity(&format!(
                "{}:{}",
                text(&body["providerName"]),
                text(&body["providerUserName"])
            ))
            .await,
        ),
        ("DELETE", ["identities", name]) => of_api(user.delete_identity(name).await),
        ("POST", ["useridentitymappings"]) => of_api(
            user.map_identity(text(&body["identity"]["name"]), text(&body["user"]["name"]))
                .await,
        ),
        ("GET", ["useridentitymappings", name]) => {
            with_facts(user.mapped_user(name).await, |name| vec![name])
        }
        ("DELETE", ["useridentitymappings", name]) => of_api(user.unmap_identity(name).await),
        _ => return None,
    })
}

/// The label that the console gives to the service accounts that it makes.
const LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "registry-console");

/// Sends what the recording sent about service accounts and their tokens; nothing where it asked
/// something else.
pub(super) async fn ask_accounts(
    user: &openshift::AsUser<'_>,
    recording: &Recording,
    project: &ProjectName,
    rest: &[&str],
) -> Option<Outcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let account = |name: &str| name.parse::<ServiceAccountName>().unwrap();
    let body_name = text(&body["metadata"]["name"]);
    Some(match (request["method"].as_str()?, rest) {
        ("GET", ["serviceaccounts"]) => {
            with_facts(user.service_account_names(project).await, |names| names)
        }
        ("GET", ["serviceaccounts", name]) => with_facts(
            user.service_account(project, &account(name)).await,
            |account| vec![account.name.to_string()],
        ),
        ("POST", ["serviceaccounts"]) => {
            let notes = body["metadata"]["annotations"]
                .as_object()
                .into_iter()
                .flatten();
            let notes: Vec<(&str, &str)> = notes
                .map(|(key, value)| (key.as_str(), text(value)))
                .collect();
            of_api(
                user.create_service_account(project, &account(body_name), LABEL, &notes)
                    .await,
            )
        }
        ("DELETE", ["serviceaccounts", name]) => {
            let uid = text(&body["preconditions"]["uid"]).to_owned();
            let (labels, notes) = Default::default();
            of_api(
                user.delete_service_account(
                    project,
                    &ServiceAccount {
                        name: account(name),
                        uid,
                        created: None,
                        labels,
                        notes,
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
            of_api(user.create_token_secret(project, body_name, &owner).await)
        }
        ("GET", ["secrets", name]) => {
            let owner = &recording.json["response"]["body"]["metadata"]["annotations"]["kubernetes.io/service-account.name"];
            let token = user
                .token_of_secret(project, name, &account(text(owner)))
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

/// Sends what the recording sent about role bindings; nothing where it asked something else.
pub(super) async fn ask_bindings(
    user: &openshift::AsUser<'_>,
    recording: &Recording,
    project: &ProjectName,
    rest: &[&str],
) -> Option<Outcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let come: Vec<Subject> = body["subjects"]
        .as_array()
        .into_iter()
        .flatten()
        .map(subject)
        .collect();
    Some(match (request["method"].as_str()?, rest) {
        ("GET", ["rolebindings"]) => with_facts(user.role_bindings(project).await, |bindings| {
            bindings.into_iter().map(|binding| binding.name).collect()
        }),
        ("POST", ["rolebindings"]) => {
            let binding = Binding::new(
                BindingGroup::Rbac,
                project,
                text(&body["metadata"]["name"]),
                text(&body["roleRef"]["name"]),
            );
            of_api(
                user.create_binding(project, &binding.changed(&[], &come).unwrap_or(binding))
                    .await,
            )
        }
        ("PUT", ["rolebindings", _]) => {
            let before = user.bindings(project).await.unwrap().list.remove(0);
            of_api(
                user.replace_binding(project, &before.changed(&[], &come).unwrap_or(before))
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
