//! Every recorded exchange is what the clients ask, and what they can read.

pub(crate) mod api_server_models;
pub(crate) mod image_streams;
pub(crate) mod mutated_responses;
pub(crate) mod oauth;
pub(crate) mod outcome;
pub(crate) mod preceding_responses;
pub(crate) mod quotas;
pub(crate) mod registry_models;
pub(crate) mod roles;
pub(crate) mod stream_changes;
pub(crate) mod unsent_requests;
pub(crate) mod users_and_groups;

use std::collections::BTreeSet;

use registry_console::openshift::{self, AccessRight, ApiServer, ProjectChange};
use registry_console::outbound::{UpstreamName, UserToken};
use registry_console::registry::{self, ManifestReference, Registry};
use registry_model::{ImageStream, ImageStreamName, ProjectName};

use crate::harness::canned_server::{CannedResponse, CannedServer, ReceivedRequest};
use crate::harness::recording::ClientRecording;
use outcome::{ReplayOutcome, expected, from_api_result, from_registry_result, with_facts};
pub(crate) use unsent_requests::is_sent_by_clients;

/// Sends the recorded request to the API server.
async fn replay_api_request(
    api_server: &ApiServer,
    token: &UserToken,
    recording: &ClientRecording,
) -> ReplayOutcome {
    let user = api_server.for_user(token);
    let (path, _) = crate::harness::recording::parts(recording.path());
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    if let Some(outcome) = image_streams::replay_stream_change(&user, recording, &segments).await {
        return outcome;
    }
    let outcome = match segments[..] {
        ["user.openshift.io", "v1", ref rest @ ..] => {
            users_and_groups::replay_user_request(&user, recording, rest).await
        }
        ["project.openshift.io", "v1", ref rest @ ..] => {
            replay_project_request(&user, recording, rest).await
        }
        ["image.openshift.io", "v1", ref rest @ ..] => {
            replay_stream_request(&user, recording, rest).await
        }
        [
            "v1",
            "namespaces",
            project,
            "resourcequotas" | "limitranges",
        ]
        | [
            "quota.openshift.io",
            "v1",
            "namespaces",
            project,
            "appliedclusterresourcequotas",
        ] => Some(quotas::replay_quota_request(&user, recording, &project.parse().unwrap()).await),
        ["v1", "namespaces", project, ref rest @ ..] => {
            users_and_groups::replay_service_account_request(
                &user,
                recording,
                &project.parse().unwrap(),
                rest,
            )
            .await
        }
        [
            "authorization.openshift.io",
            "v1",
            "namespaces",
            project,
            "localresourceaccessreviews",
        ] => Some(from_api_result(
            user.review_pull_access(&project.parse().unwrap()).await,
        )),
        [
            "rbac.authorization.k8s.io" | "authorization.openshift.io",
            "v1",
            "namespaces",
            project,
            ref rest @ ..,
        ] => {
            users_and_groups::replay_role_binding_request(
                &user,
                recording,
                &project.parse().unwrap(),
                rest,
            )
            .await
        }
        ["authorization.k8s.io", "v1", "selfsubjectaccessreviews"] => {
            Some(replay_access_review(&user, recording).await)
        }
        [] if path == "/version" => Some(from_api_result(api_server.get_version().await)),
        [
            "imageregistry.operator.openshift.io",
            "v1",
            "configs",
            "cluster",
        ] => Some(from_api_result(user.get_registry_storage().await)),
        ["oauth.openshift.io", "v1", "oauthclients", client] => {
            Some(from_api_result(user.get_redirect_uris(client).await))
        }
        ["route.openshift.io", "v1", "namespaces", name, "routes"] => Some(from_api_result(
            user.list_routes(Some(&name.parse().unwrap())).await,
        )),
        [
            "oauth.openshift.io",
            "v1",
            "oauthaccesstokens" | "useroauthaccesstokens",
            _,
        ] => Some(from_api_result(user.revoke().await)),
        _ => None,
    };
    outcome.unwrap_or_else(|| {
        panic!(
            "the console does not ask {}; say why in NOT_ASKED",
            recording.title()
        )
    })
}

async fn replay_project_request(
    user: &openshift::UserApi<'_>,
    recording: &ClientRecording,
    rest: &[&str],
) -> Option<ReplayOutcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let patch = || {
        body.as_str().map_or_else(
            || body.clone(),
            |patch| serde_json::from_str(patch).unwrap(),
        )
    };
    Some(match (request["method"].as_str()?, rest) {
        ("GET", ["projects"]) => with_facts(user.list_projects().await, |projects| {
            projects
                .into_iter()
                .map(|project| project.name.to_string())
                .collect()
        }),
        ("GET", ["projects", name]) => {
            with_facts(user.get_project(&name.parse().unwrap()).await, |project| {
                vec![project.name.to_string()]
            })
        }
        ("PATCH", ["projects", name]) => {
            let meta = &patch()["metadata"];
            let annotation = |key: &str| meta["annotations"][key].as_str().map(str::to_owned);
            let change = ProjectChange {
                display_name: annotation("openshift.io/display-name"),
                description: annotation("openshift.io/description"),
                seen_resource_version: meta["resourceVersion"].as_str().map(str::to_owned),
            };
            from_api_result(user.update_project(&name.parse().unwrap(), &change).await)
        }
        ("DELETE", ["projects", name]) => {
            from_api_result(user.delete_project(&name.parse().unwrap()).await)
        }
        ("POST", ["projectrequests"]) => {
            let text = |field: &str| body[field].as_str().unwrap_or_default();
            from_api_result(
                user.request_project(
                    body["metadata"]["name"].as_str()?,
                    text("displayName"),
                    text("description"),
                )
                .await,
            )
        }
        ("GET", ["projectrequests"]) => from_api_result(user.check_project_request().await),
        _ => return None,
    })
}

async fn replay_stream_request(
    user: &openshift::UserApi<'_>,
    recording: &ClientRecording,
    rest: &[&str],
) -> Option<ReplayOutcome> {
    let project = |name: &str| name.parse::<ProjectName>().unwrap();
    Some(match rest {
        ["namespaces", name, "imagestreams"] if recording.path().contains("watch=") => {
            let (_, query) = crate::harness::recording::parts(recording.path());
            match user
                .watch_streams(Some(&project(name)), &query["resourceVersion"])
                .await
            {
                Ok(_) => Ok(None),
                Err(error) => Err(error.to_string()),
            }
        }
        ["imagestreams"] => with_facts(user.list_streams(None).await, |streams| {
            streams.streams.iter().map(tags_of).collect()
        }),
        ["namespaces", name, "imagestreams"] => {
            with_facts(user.list_streams(Some(&project(name))).await, |streams| {
                streams.streams.iter().map(tags_of).collect()
            })
        }
        ["namespaces", name, "imagestreams", stream] => with_facts(
            user.get_stream(&project(name), &stream.parse().unwrap())
                .await,
            |stream| vec![tags_of(&stream)],
        ),
        ["namespaces", name, "imagestreams", stream, "layers"] => with_facts(
            user.get_stream_layers(&project(name), &stream.parse().unwrap())
                .await,
            |layers| layers.images.keys().map(ToString::to_string).collect(),
        ),
        ["namespaces", name, "imagestreamtags", tag] => {
            let (stream, tag) = tag.split_once(':')?;
            let image = user
                .get_image_by_tag(
                    &project(name),
                    &stream.parse().unwrap(),
                    &tag.parse().unwrap(),
                )
                .await;
            with_facts(image, |image| vec![image.digest.to_string()])
        }
        ["namespaces", name, "imagestreamimages", image] => {
            let (stream, digest) = image.split_once('@')?;
            let image = user
                .get_image(
                    &project(name),
                    &stream.parse().unwrap(),
                    &digest.parse().unwrap(),
                )
                .await;
            with_facts(image, |image| vec![image.digest.to_string()])
        }
        _ => return None,
    })
}

/// A stream's name, and its tags in `status` with how many images each has had.
fn tags_of(stream: &ImageStream) -> String {
    let in_status = stream
        .tags
        .iter()
        .filter(|tag| !tag.history.is_empty() || tag.import_failure.is_some());
    let mut tags: Vec<String> = in_status
        .map(|tag| format!("{}={}", tag.name, tag.history.len()))
        .collect();
    tags.sort();
    format!("{} {}", stream.name, tags.join(" "))
}

async fn replay_access_review(
    user: &openshift::UserApi<'_>,
    recording: &ClientRecording,
) -> ReplayOutcome {
    let attributes = &recording.json["request"]["body"]["spec"]["resourceAttributes"];
    let project = attributes["namespace"].as_str().unwrap().parse().ok();
    let access = match (attributes["verb"].as_str().unwrap(), project) {
        ("list", None) if attributes["resource"] == "pods" => AccessRight::list_all_pods(),
        ("list", project) => AccessRight::list_streams(project),
        ("update", Some(project)) => AccessRight::push_to(project),
        ("get", Some(project)) => AccessRight::pull_from(project),
        other => panic!("the console does not review {other:?}"),
    };
    let allowed = user.is_allowed(&access).await;
    assert_eq!(
        allowed.as_ref().ok(),
        recording.json["response"]["body"]["status"]["allowed"]
            .as_bool()
            .as_ref(),
        "{}",
        recording.title()
    );
    from_api_result(allowed)
}

/// Sends the recorded request to the registry.
async fn replay_registry_request(
    registry: &Registry,
    token: &UserToken,
    recording: &ClientRecording,
) -> ReplayOutcome {
    let user = registry.for_user(token);
    let path = recording.path().split('?').next().unwrap();
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    let names = |project: &str, stream: &str| {
        (
            project.parse::<ProjectName>().unwrap(),
            stream.parse::<ImageStreamName>().unwrap(),
        )
    };
    match segments[..] {
        [""] => from_registry_result(user.ping().await),
        [project, stream, "tags", "list"] => {
            let (project, stream) = names(project, stream);
            from_registry_result(user.list_tags(&project, &stream).await)
        }
        [project, stream, "manifests", reference] => {
            let (project, stream) = names(project, stream);
            let reference = reference.parse().map_or_else(
                |_| ManifestReference::Tag(reference.parse().unwrap()),
                ManifestReference::Digest,
            );
            from_registry_result(allow_digest_mismatch(
                user.get_manifest(&project, &stream, &reference).await,
            ))
        }
        [project, stream, "blobs", digest] => {
            let (project, stream) = names(project, stream);
            from_registry_result(allow_digest_mismatch(
                user.get_config(
                    &project,
                    &stream,
                    &digest.parse().unwrap(),
                    crate::harness::canned_server::LIMIT,
                )
                .await,
            ))
        }
        _ => panic!(
            "the console does not ask {}; say why in NOT_ASKED",
            recording.title()
        ),
    }
}

/// The recorded JSON in other bytes has another digest: that it is refused is right (S39).
fn allow_digest_mismatch<T>(
    result: Result<T, registry::RegistryError>,
) -> Result<(), registry::RegistryError> {
    match result {
        Err(registry::RegistryError::DigestMismatch { .. }) => Ok(()),
        result => result.map(drop),
    }
}

/// What the stub answers: what is read before, the recorded answer, and an end to whatever a client
/// asks after it.
fn canned_responses(recording: &ClientRecording) -> (usize, Vec<CannedResponse>) {
    let mut answers = preceding_responses::preceding_responses(recording);
    let earlier = answers.len();
    answers.push(recording.canned_response());
    answers.push(if recording.status() == 400 {
        recording.canned_response()
    } else {
        CannedResponse::json(200, &serde_json::json!({}))
    });
    (earlier, answers)
}

#[tokio::test]
async fn clients_reproduce_every_recorded_exchange() {
    let stub = CannedServer::start().await;
    let (api_server, registry) = (
        ApiServer::new(stub.upstream(UpstreamName::ApiServer)),
        Registry::new(stub.upstream(UpstreamName::Registry)),
    );
    let mut asked = 0;
    for recording in ClientRecording::all()
        .iter()
        .filter(|recording| is_sent_by_clients(recording))
    {
        let title = recording.title();
        if recording.path().contains("oauth/") || recording.path().contains("well-known") {
            continue;
        }
        let (earlier, answers) = canned_responses(recording);
        stub.enqueue(answers);
        let token = UserToken::from(if recording.version == "openshift-4" {
            "sha256~TOKEN-new"
        } else {
            "TOKEN-new"
        });
        let outcome = if recording.is_registry() {
            replay_registry_request(&registry, &token, recording).await
        } else {
            replay_api_request(&api_server, &token, recording).await
        };
        match (&outcome, expected(recording)) {
            (Ok(None), Ok(_)) => {}
            (outcome, expected) => assert_eq!(*outcome, expected, "{title}"),
        }
        let seen = stub.received();
        if unsent_requests::has_different_body(recording) {
            recording.assert_matches_except_body(&seen[earlier]);
            assert!(
                !recording.has_body(&seen[earlier]),
                "{title} is sent as it was recorded"
            );
        } else {
            recording.assert_request_matches(&seen[earlier]);
        }
        let wanted = (recording.path() != "/version").then(|| format!("Bearer {}", token.expose()));
        let sent = |seen: &ReceivedRequest| {
            seen.headers
                .get("authorization")
                .map(|value| value.to_str().unwrap().to_owned())
        };
        assert!(seen.iter().all(|seen| sent(seen) == wanted), "{title}");
        asked += 1;
    }
    assert!(asked >= 290, "only {asked} recordings were asked");
}

#[tokio::test]
async fn recorded_api_errors_are_distinguished() {
    let stub = CannedServer::start().await;
    let (api_server, token) = (
        ApiServer::new(stub.upstream(UpstreamName::ApiServer)),
        UserToken::from("TOKEN-dev"),
    );
    let project = "team-a".parse().unwrap();
    let mut statuses = BTreeSet::new();
    for recording in ClientRecording::all() {
        if recording.json["server"] != "master"
            || recording.status() < 400
            || recording.path().starts_with("/oauth/")
        {
            continue;
        }
        stub.enqueue([recording.canned_response()]);
        assert_eq!(
            from_api_result(api_server.for_user(&token).get_project(&project).await),
            expected(&recording),
            "{}",
            recording.title()
        );
        statuses.insert(recording.status());
    }
    assert!(
        statuses.is_superset(&BTreeSet::from([401, 403, 404, 406, 409, 422, 500])),
        "{statuses:?}"
    );
}
