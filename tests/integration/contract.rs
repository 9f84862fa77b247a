//! Every recorded exchange is what the clients ask, and what they can read.

#[path = "contract/earlier.rs"]
mod earlier;
#[path = "contract/mutated.rs"]
mod mutated;
#[path = "contract/not_asked.rs"]
mod not_asked;
#[path = "contract/outcome.rs"]
mod outcome;
#[path = "contract/people.rs"]
mod people;
#[path = "contract/streams.rs"]
mod streams;

use std::collections::BTreeSet;

use registry_console::openshift::{self, Access, Master, ProjectChange};
use registry_console::outbound::{Name, UserToken};
use registry_console::registry::{self, Reference, Registry};
use registry_model::{ImageStream, ImageStreamName, ProjectName};

use crate::recording::Recording;
use crate::stub::{Seen, Stub, Told};
pub(crate) use not_asked::is_asked;
use outcome::{Outcome, expected, of_api, of_registry, with_facts};

/// Asks the API server what the recording asked.
async fn ask_api(master: &Master, token: &UserToken, recording: &Recording) -> Outcome {
    let user = master.as_user(token);
    let (path, _) = crate::recording::parts(recording.path());
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    if let Some(outcome) = streams::change(&user, recording, &segments).await {
        return outcome;
    }
    let outcome = match segments[..] {
        ["user.openshift.io", "v1", ref rest @ ..] => {
            people::ask_users(&user, recording, rest).await
        }
        ["project.openshift.io", "v1", ref rest @ ..] => ask_projects(&user, recording, rest).await,
        ["image.openshift.io", "v1", ref rest @ ..] => ask_streams(&user, recording, rest).await,
        ["v1", "namespaces", project, ref rest @ ..] => {
            people::ask_accounts(&user, recording, &project.parse().unwrap(), rest).await
        }
        [
            "authorization.openshift.io",
            "v1",
            "namespaces",
            project,
            "localresourceaccessreviews",
        ] => Some(of_api(user.who_can_pull(&project.parse().unwrap()).await)),
        [
            "rbac.authorization.k8s.io" | "authorization.openshift.io",
            "v1",
            "namespaces",
            project,
            ref rest @ ..,
        ] => people::ask_bindings(&user, recording, &project.parse().unwrap(), rest).await,
        ["authorization.k8s.io", "v1", "selfsubjectaccessreviews"] => {
            Some(review(&user, recording).await)
        }
        [] if path == "/version" => Some(of_api(master.about().await)),
        ["oauth.openshift.io", "v1", "oauthclients", client] => {
            Some(of_api(user.redirect_uris(client).await))
        }
        ["route.openshift.io", "v1", "namespaces", name, "routes"] => {
            Some(of_api(user.routes(Some(&name.parse().unwrap())).await))
        }
        [
            "oauth.openshift.io",
            "v1",
            "oauthaccesstokens" | "useroauthaccesstokens",
            _,
        ] => Some(of_api(user.revoke().await)),
        _ => None,
    };
    outcome.unwrap_or_else(|| {
        panic!(
            "the console does not ask {}; say why in NOT_ASKED",
            recording.title()
        )
    })
}

async fn ask_projects(
    user: &openshift::AsUser<'_>,
    recording: &Recording,
    rest: &[&str],
) -> Option<Outcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let patch = || {
        body.as_str().map_or_else(
            || body.clone(),
            |patch| serde_json::from_str(patch).unwrap(),
        )
    };
    Some(match (request["method"].as_str()?, rest) {
        ("GET", ["projects"]) => with_facts(user.projects().await, |projects| {
            projects
                .into_iter()
                .map(|project| project.name.to_string())
                .collect()
        }),
        ("GET", ["projects", name]) => {
            with_facts(user.project(&name.parse().unwrap()).await, |project| {
                vec![project.name.to_string()]
            })
        }
        ("PATCH", ["projects", name]) => {
            let meta = &patch()["metadata"];
            let annotation = |key: &str| meta["annotations"][key].as_str().map(str::to_owned);
            let change = ProjectChange {
                display_name: annotation("openshift.io/display-name"),
                description: annotation("openshift.io/description"),
                seen: meta["resourceVersion"].as_str().map(str::to_owned),
            };
            of_api(user.change_project(&name.parse().unwrap(), &change).await)
        }
        ("DELETE", ["projects", name]) => of_api(user.delete_project(&name.parse().unwrap()).await),
        ("POST", ["projectrequests"]) => {
            let text = |field: &str| body[field].as_str().unwrap_or_default();
            of_api(
                user.request_project(
                    body["metadata"]["name"].as_str()?,
                    text("displayName"),
                    text("description"),
                )
                .await,
            )
        }
        ("GET", ["projectrequests"]) => of_api(user.may_request_project().await),
        _ => return None,
    })
}

async fn ask_streams(
    user: &openshift::AsUser<'_>,
    recording: &Recording,
    rest: &[&str],
) -> Option<Outcome> {
    let project = |name: &str| name.parse::<ProjectName>().unwrap();
    Some(match rest {
        ["namespaces", name, "imagestreams"] if recording.path().contains("watch=") => {
            let (_, query) = crate::recording::parts(recording.path());
            match user
                .watch(Some(&project(name)), &query["resourceVersion"])
                .await
            {
                Ok(_) => Ok(None),
                Err(error) => Err(error.to_string()),
            }
        }
        ["imagestreams"] => with_facts(user.image_streams(None).await, |streams| {
            streams.streams.iter().map(tags_of).collect()
        }),
        ["namespaces", name, "imagestreams"] => {
            with_facts(user.image_streams(Some(&project(name))).await, |streams| {
                streams.streams.iter().map(tags_of).collect()
            })
        }
        ["namespaces", name, "imagestreams", stream] => with_facts(
            user.image_stream(&project(name), &stream.parse().unwrap())
                .await,
            |stream| vec![tags_of(&stream)],
        ),
        ["namespaces", name, "imagestreamtags", tag] => {
            let (stream, tag) = tag.split_once(':')?;
            let image = user
                .image_of_tag(
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
                .image(
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

async fn review(user: &openshift::AsUser<'_>, recording: &Recording) -> Outcome {
    let attributes = &recording.json["request"]["body"]["spec"]["resourceAttributes"];
    let project = attributes["namespace"].as_str().unwrap().parse().ok();
    let access = match (attributes["verb"].as_str().unwrap(), project) {
        ("list", project) => Access::list_streams(project),
        ("update", Some(project)) => Access::push_to(project),
        ("get", Some(project)) => Access::pull_from(project),
        other => panic!("the console does not review {other:?}"),
    };
    let allowed = user.may(&access).await;
    assert_eq!(
        allowed.as_ref().ok(),
        recording.json["response"]["body"]["status"]["allowed"]
            .as_bool()
            .as_ref(),
        "{}",
        recording.title()
    );
    of_api(allowed)
}

/// Asks the registry what the recording asked.
async fn ask_registry(registry: &Registry, token: &UserToken, recording: &Recording) -> Outcome {
    let user = registry.as_user(token);
    let path = recording.path().split('?').next().unwrap();
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    let names = |project: &str, stream: &str| {
        (
            project.parse::<ProjectName>().unwrap(),
            stream.parse::<ImageStreamName>().unwrap(),
        )
    };
    match segments[..] {
        [""] => of_registry(user.base().await),
        [project, stream, "tags", "list"] => {
            let (project, stream) = names(project, stream);
            of_registry(user.tags(&project, &stream).await)
        }
        [project, stream, "manifests", reference] => {
            let (project, stream) = names(project, stream);
            let reference = reference.parse().map_or_else(
                |_| Reference::Tag(reference.parse().unwrap()),
                Reference::Digest,
            );
            of_registry(unless_other_bytes(
                user.manifest(&project, &stream, &reference).await,
            ))
        }
        [project, stream, "blobs", digest] => {
            let (project, stream) = names(project, stream);
            of_registry(unless_other_bytes(
                user.config(
                    &project,
                    &stream,
                    &digest.parse().unwrap(),
                    crate::stub::LIMIT,
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
fn unless_other_bytes<T>(result: Result<T, registry::Error>) -> Result<(), registry::Error> {
    match result {
        Err(registry::Error::DigestMismatch { .. }) => Ok(()),
        result => result.map(drop),
    }
}

/// What the stub answers: what is read before, the recorded answer, and an end to whatever a client
/// asks after it.
fn answers(recording: &Recording) -> (usize, Vec<Told>) {
    let mut answers = earlier::answers(recording);
    let earlier = answers.len();
    answers.push(recording.told());
    answers.push(if recording.status() == 400 {
        recording.told()
    } else {
        Told::json(200, &serde_json::json!({}))
    });
    (earlier, answers)
}

#[tokio::test]
async fn every_recorded_exchange_is_what_the_clients_ask_and_can_read() {
    let stub = Stub::start().await;
    let (master, registry) = (
        Master::new(stub.upstream(Name::Master)),
        Registry::new(stub.upstream(Name::Registry)),
    );
    let mut asked = 0;
    for recording in Recording::all()
        .iter()
        .filter(|recording| is_asked(recording))
    {
        let title = recording.title();
        if recording.path().contains("oauth/") || recording.path().contains("well-known") {
            continue;
        }
        let (earlier, answers) = answers(recording);
        stub.tell(answers);
        let token = UserToken::from(if recording.version == "openshift-4" {
            "sha256~TOKEN-new"
        } else {
            "TOKEN-new"
        });
        let outcome = if recording.of_registry() {
            ask_registry(&registry, &token, recording).await
        } else {
            ask_api(&master, &token, recording).await
        };
        match (&outcome, expected(recording)) {
            (Ok(None), Ok(_)) => {}
            (outcome, expected) => assert_eq!(*outcome, expected, "{title}"),
        }
        let seen = stub.seen();
        if not_asked::is_worded_otherwise(recording) {
            recording.matches_but_for_body(&seen[earlier]);
            assert!(
                !recording.has_body(&seen[earlier]),
                "{title} is sent as it was recorded"
            );
        } else {
            recording.matches(&seen[earlier]);
        }
        let wanted = (recording.path() != "/version").then(|| format!("Bearer {}", token.expose()));
        let sent = |seen: &Seen| {
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
async fn every_recorded_refusal_of_the_api_server_is_told_apart() {
    let stub = Stub::start().await;
    let (master, token) = (
        Master::new(stub.upstream(Name::Master)),
        UserToken::from("TOKEN-dev"),
    );
    let project = "team-a".parse().unwrap();
    let mut statuses = BTreeSet::new();
    for recording in Recording::all() {
        if recording.json["server"] != "master"
            || recording.status() < 400
            || recording.path().starts_with("/oauth/")
        {
            continue;
        }
        stub.tell([recording.told()]);
        assert_eq!(
            of_api(master.as_user(&token).project(&project).await),
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
