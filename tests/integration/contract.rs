//! Every recorded exchange is what the clients ask, and what they can read.

use std::collections::BTreeSet;

use registry_console::model::{ImageStreamName, ProjectName, Subject};
use registry_console::openshift::{self, Access, Binding, BindingGroup, FollowedTag, Master, ProjectChange, StreamSource};
use registry_console::outbound::{Name, UserToken};
use registry_console::registry::{self, Reference, Registry};
use serde_json::Value;

use crate::recording::Recording;
use crate::stub::{Seen, Stub, Told};

/// Names of recordings of what the console does not ask (yet), by how they start, and why.
const NOT_ASKED: &[(&str, &str)] = &[
    ("api-", "the versions' APIs are told apart by trying"),
    ("group-update", "a group is put back whole, with the revision that it was read as"),
    ("healthz", "the master's health shows in its answers"),
    ("image-get", "cluster-wide images need a cluster role"),
    ("images-cluster", "cluster-wide images need a cluster role"),
    ("imagestream-create-invalid", "such a name is refused before anybody is asked"),
    ("imagestream-patch", "a stream is put back whole, with the version that was seen; a tag is imported"),
    ("imagestream-update", "a change begins with a look at the stream: contract_streams"),
    ("imagestreamlayers", "not in 3.9"),
    ("imagestreams-legacy-oapi", "the API groups exist since 3.6"),
    ("imagestreams-partial", "refused by 3.x"),
    ("imagestreams-table", "refused by 3.x"),
    ("imagestreams-watch-forbidden", "a watch begins at a revision"),
    ("imagestreamtags-list", "an image stream says as much and costs less"),
    ("oauth-implicit", "browsers bring it, to a console without a secret"),
    ("oauth-token-basic-auth", "credentials go in the body"),
    ("oauthclients-forbidden", "only the console's own client is read, never the list"),
    ("pods-list", "not about images"),
    ("registry-base-basic", "the token goes as Bearer"),
    ("registry-blob-head", "blobs that are not configs are not fetched"),
    ("registry-blob-range", "blobs that are not configs are not fetched"),
    ("registry-catalog", "needs a cluster role"),
    ("registry-manifest-delete", "a write"),
    ("registry-manifest-head", "manifests are fetched whole"),
    ("registry-manifest-no-accept", "what must not be asked"),
    ("registry-referrers", "not served by any version"),
    ("registry-signatures", "not shown"),
    ("registry-token", "the realm of a challenge is never followed (S36)"),
    ("rolebinding-rbac-delete", "the revision that was read goes along: web_bindings"),
    ("rolebinding-rbac-patch", "a binding is replaced whole, at the revision that was read"),
    ("useroauthaccesstokens", "only one's own token is deleted, never listed"),
    ("version-openshift", "asked without a token, and that it is missing is an answer"),
];

pub(crate) fn is_asked(recording: &Recording) -> bool {
    !NOT_ASKED.iter().any(|(start, _)| recording.name.starts_with(start))
}

/// What came of asking, in one word.
type Outcome = Result<(), String>;

fn of_master<T>(result: Result<T, openshift::Error>) -> Outcome {
    use openshift::Error as E;
    result.map(drop).map_err(|error| match error {
        E::TokenRefused => "401".to_owned(),
        E::Forbidden(status) if status.reason == "Forbidden" && !status.message.is_empty() => "403".to_owned(),
        E::NotFound => "404".to_owned(),
        E::NotServed => "404, not served".to_owned(),
        E::Conflict(_) => "409".to_owned(),
        E::Invalid(status) if !status.message.is_empty() => "422".to_owned(),
        E::Unexpected { status, .. } if !status.is_success() => status.as_u16().to_string(),
        other => format!("{other:?}"),
    })
}

fn of_registry<T>(result: Result<T, registry::Error>) -> Outcome {
    use registry::Error as E;
    result.map(drop).map_err(|error| match error {
        E::Denied => "401".to_owned(),
        E::NotFound => "404".to_owned(),
        E::CannotAskMaster => "400".to_owned(),
        other => format!("{other:?}"),
    })
}

/// Where the images of a stream come from, in the words of a recorded request.
fn source(spec: &Value, insecure_repository: bool) -> StreamSource {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let flag = |value: &Value, name: &str| value["importPolicy"][name] == true;
    let followed = |tag: &Value| FollowedTag {
        tag: tag["name"].as_str().or(tag["to"]["name"].as_str()).unwrap().parse().unwrap(),
        from: text(&tag["from"]["name"]),
        insecure: flag(tag, "insecure"),
        scheduled: flag(tag, "scheduled"),
        local: false,
    };
    if let Some(tags) = spec["tags"].as_array().or(spec["images"].as_array()) {
        return StreamSource::Tags(tags.iter().map(followed).collect());
    }
    if spec["repository"].is_object() {
        return StreamSource::Repository {
            name: text(&spec["repository"]["from"]["name"]),
            insecure: flag(&spec["repository"], "insecure"),
        };
    }
    let repository = spec["dockerImageRepository"].as_str();
    repository.map_or(StreamSource::Nothing, |name| StreamSource::Repository { name: name.to_owned(), insecure: insecure_repository })
}

/// Makes, deletes or imports what the recording did; nothing where it only read.
async fn change_stream(user: &openshift::AsUser<'_>, recording: &Recording, segments: &[&str]) -> Option<Outcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let name = || body["metadata"]["name"].as_str().unwrap().parse::<ImageStreamName>().unwrap();
    let ["image.openshift.io", "v1", "namespaces", project, rest @ ..] = segments else { return None };
    let project: ProjectName = project.parse().unwrap();
    Some(match (request["method"].as_str().unwrap(), rest) {
        ("POST", ["imagestreams"]) => {
            let insecure = body["metadata"]["annotations"][openshift::INSECURE_REPOSITORY] == "true";
            of_master(user.create_stream(&project, &name(), &source(&body["spec"], insecure)).await)
        }
        ("DELETE", ["imagestreams", stream]) => of_master(user.delete_stream(&project, &stream.parse().unwrap()).await),
        ("DELETE", ["imagestreamtags", path]) => {
            let (stream, tag) = path.split_once(':').unwrap();
            of_master(user.remove_tag(&project, &stream.parse().unwrap(), &tag.parse().unwrap()).await)
        }
        ("POST", ["imagestreamtags"]) => {
            let path = body["metadata"]["name"].as_str().unwrap();
            let (stream, tag) = path.split_once(':').unwrap();
            let (_, image) = body["tag"]["from"]["name"].as_str().unwrap().split_once('@').unwrap();
            of_master(user.create_tag(&project, &stream.parse().unwrap(), &tag.parse().unwrap(), &image.parse().unwrap()).await)
        }
        ("POST", ["imagestreamimports"]) if body["spec"]["import"] == true => {
            let StreamSource::Tags(tags) = source(&body["spec"], false) else { panic!("one tag is imported at a time") };
            of_master(user.import_tag(&project, &name(), &tags[0], None).await)
        }
        ("POST", ["imagestreamimports"]) => of_master(user.look_at(&project, &name(), &source(&body["spec"], false)).await),
        _ => return None,
    })
}

/// Asks the master what the recording asked.
async fn ask_master(master: &Master, token: &UserToken, recording: &Recording) -> Outcome {
    let user = master.as_user(token);
    let path = recording.path().split('?').next().unwrap();
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    let project = |name: &str| name.parse::<ProjectName>().unwrap();
    if let Some(outcome) = change_stream(&user, recording, &segments).await {
        return outcome;
    }
    let method = recording.json["request"]["method"].as_str().unwrap();
    match segments[..] {
        ["user.openshift.io", "v1", "groups"] if method == "POST" => {
            let body = &recording.json["request"]["body"];
            let members: Vec<String> = serde_json::from_value(body["users"].clone()).unwrap();
            of_master(user.create_group(body["metadata"]["name"].as_str().unwrap(), &members).await)
        }
        ["user.openshift.io", "v1", "groups", name] if method == "DELETE" => of_master(user.delete_group(name).await),
        ["user.openshift.io", "v1", "groups"] => of_master(user.groups().await),
        ["user.openshift.io", "v1", "users"] => of_master(user.users().await),
        ["user.openshift.io", "v1", "users", "~"] => of_master(user.whoami().await),
        ["project.openshift.io", "v1", "projects"] => of_master(user.projects().await),
        ["project.openshift.io", "v1", "projects", name] if recording.json["request"]["method"] == "PATCH" => {
            let description = Some("changed".to_owned());
            let change = ProjectChange { description, ..ProjectChange::default() };
            of_master(user.change_project(&project(name), &change).await)
        }
        ["project.openshift.io", "v1", "projects", name] if recording.json["request"]["method"] == "DELETE" => {
            of_master(user.delete_project(&project(name)).await)
        }
        ["project.openshift.io", "v1", "projectrequests"] if recording.json["request"]["method"] == "POST" => {
            let wanted = &recording.json["request"]["body"];
            let text = |field: &str| wanted[field].as_str().unwrap_or_default();
            let name = wanted["metadata"]["name"].as_str().unwrap();
            of_master(user.request_project(name, text("displayName"), text("description")).await)
        }
        ["project.openshift.io", "v1", "projectrequests"] => of_master(user.may_request_project().await),
        ["project.openshift.io", "v1", "projects", name] => of_master(user.project(&project(name)).await),
        ["image.openshift.io", "v1", "namespaces", name, "imagestreams"] if recording.path().contains("watch=") => {
            let (_, query) = crate::recording::parts(recording.path());
            match user.watch(Some(&project(name)), &query["resourceVersion"]).await {
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            }
        }
        ["image.openshift.io", "v1", "imagestreams"] => of_master(user.image_streams(None).await),
        ["image.openshift.io", "v1", "namespaces", name, "imagestreams"] => of_master(user.image_streams(Some(&project(name))).await),
        ["image.openshift.io", "v1", "namespaces", name, "imagestreams", stream] => {
            of_master(user.image_stream(&project(name), &stream.parse().unwrap()).await)
        }
        ["image.openshift.io", "v1", "namespaces", name, "imagestreamtags", tag] => {
            let (stream, tag) = tag.split_once(':').unwrap();
            of_master(user.image_of_tag(&project(name), &stream.parse().unwrap(), &tag.parse().unwrap()).await)
        }
        ["image.openshift.io", "v1", "namespaces", name, "imagestreamimages", image] => {
            let (stream, digest) = image.split_once('@').unwrap();
            of_master(user.image(&project(name), &stream.parse().unwrap(), &digest.parse().unwrap()).await)
        }
        ["rbac.authorization.k8s.io", "v1", "namespaces", name, "rolebindings"] if recording.json["request"]["method"] == "POST" => {
            let wanted = &recording.json["request"]["body"];
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let (binding, role) = (text(&wanted["metadata"]["name"]), text(&wanted["roleRef"]["name"]));
            let come: Vec<Subject> =
                wanted["subjects"].as_array().unwrap().iter().map(|subject| Subject::user(text(&subject["name"]))).collect();
            let binding = Binding::new(BindingGroup::Rbac, &project(name), &binding, &role);
            let binding = binding.changed(&[], &come).unwrap_or(binding);
            of_master(user.create_binding(&project(name), &binding).await)
        }
        ["rbac.authorization.k8s.io" | "authorization.openshift.io", "v1", "namespaces", name, "rolebindings"] => {
            of_master(user.role_bindings(&project(name)).await)
        }
        ["authorization.openshift.io", "v1", "namespaces", name, "localresourceaccessreviews"] => {
            of_master(user.who_can_pull(&project(name)).await)
        }
        ["authorization.k8s.io", "v1", "selfsubjectaccessreviews"] => review(&user, recording).await,
        [] if path == "/version" => of_master(master.about().await),
        ["oauth.openshift.io", "v1", "oauthclients", client] => of_master(user.redirect_uris(client).await),
        ["route.openshift.io", "v1", "namespaces", name, "routes"] => of_master(user.routes(Some(&project(name))).await),
        ["oauth.openshift.io", "v1", "oauthaccesstokens" | "useroauthaccesstokens", _] => of_master(user.revoke().await),
        _ => panic!("nobody asks {}; say why in NOT_ASKED", recording.title()),
    }
}

async fn review(user: &openshift::AsUser<'_>, recording: &Recording) -> Outcome {
    let attributes = &recording.json["request"]["body"]["spec"]["resourceAttributes"];
    let project = attributes["namespace"].as_str().unwrap().parse().ok();
    let access = match (attributes["verb"].as_str().unwrap(), project) {
        ("list", project) => Access::list_streams(project),
        ("update", Some(project)) => Access::push_to(project),
        ("get", Some(project)) => Access::pull_from(project),
        other => panic!("nobody reviews {other:?}"),
    };
    let allowed = user.may(&access).await;
    assert_eq!(allowed.as_ref().ok(), recording.json["response"]["body"]["status"]["allowed"].as_bool().as_ref(), "{}", recording.title());
    of_master(allowed)
}

/// Asks the registry what the recording asked.
async fn ask_registry(registry: &Registry, token: &UserToken, recording: &Recording) -> Outcome {
    let user = registry.as_user(token);
    let path = recording.path().split('?').next().unwrap();
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    let names = |project: &str, stream: &str| (project.parse::<ProjectName>().unwrap(), stream.parse::<ImageStreamName>().unwrap());
    match segments[..] {
        [""] => of_registry(user.base().await),
        [project, stream, "tags", "list"] => {
            let (project, stream) = names(project, stream);
            of_registry(user.tags(&project, &stream).await)
        }
        [project, stream, "manifests", reference] => {
            let (project, stream) = names(project, stream);
            let reference = reference.parse().map_or_else(|_| Reference::Tag(reference.parse().unwrap()), Reference::Digest);
            of_registry(unless_other_bytes(user.manifest(&project, &stream, &reference).await))
        }
        [project, stream, "blobs", digest] => {
            let (project, stream) = names(project, stream);
            of_registry(unless_other_bytes(user.config(&project, &stream, &digest.parse().unwrap(), crate::stub::LIMIT).await))
        }
        _ => panic!("nobody asks {}; say why in NOT_ASKED", recording.title()),
    }
}

/// The recorded JSON in other bytes has another digest: that it is refused is right (S39).
fn unless_other_bytes<T>(result: Result<T, registry::Error>) -> Result<(), registry::Error> {
    match result {
        Err(registry::Error::DigestMismatch { .. }) => Ok(()),
        result => result.map(drop),
    }
}

fn expected(recording: &Recording) -> Outcome {
    match recording.status() {
        200..=299 => Ok(()),
        404 if is_of_no_api(&recording.json["response"]["body"]) => Err("404, not served".to_owned()),
        status => Err(status.to_string()),
    }
}

/// The API server serves no such path; any other 404 is about one object.
fn is_of_no_api(body: &Value) -> bool {
    body.is_string() || body["message"] == "the server could not find the requested resource"
}

#[tokio::test]
async fn every_recorded_exchange_is_what_the_clients_ask_and_can_read() {
    let stub = Stub::start().await;
    let (master, registry) = (Master::new(stub.upstream(Name::Master)), Registry::new(stub.upstream(Name::Registry)));
    let missing = Told::new(404, "text/plain", "404 page not found");
    let mut asked = 0;
    for recording in Recording::all().iter().filter(|recording| is_asked(recording)) {
        let (title, told) = (recording.title(), recording.told());
        if recording.path().contains("oauth/") || recording.path().contains("well-known") {
            continue;
        }
        let legacy = recording.path().starts_with("/apis/authorization.openshift.io") && recording.path().ends_with("/rolebindings");
        let end = Told::json(200, &serde_json::json!({}));
        stub.tell(if legacy {
            vec![missing.clone(), told]
        } else if recording.status() == 400 {
            vec![told.clone(), told]
        } else {
            vec![told, end]
        });
        let token = UserToken::from(if recording.version == "openshift-4" { "sha256~TOKEN-new" } else { "TOKEN-new" });
        let outcome = if recording.of_registry() {
            ask_registry(&registry, &token, recording).await
        } else {
            ask_master(&master, &token, recording).await
        };
        assert_eq!(outcome, expected(recording), "{title}");
        let seen = stub.seen();
        recording.matches(&seen[usize::from(legacy)]);
        let wanted = (recording.path() != "/version").then(|| format!("Bearer {}", token.expose()));
        let sent = |seen: &Seen| seen.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        assert!(seen.iter().all(|seen| sent(seen) == wanted), "{title}");
        asked += 1;
    }
    assert!(asked >= 100, "only {asked} recordings were asked");
}

#[tokio::test]
async fn every_recorded_refusal_of_the_master_is_told_apart() {
    let stub = Stub::start().await;
    let (master, token) = (Master::new(stub.upstream(Name::Master)), UserToken::from("TOKEN-dev"));
    let project = "team-a".parse().unwrap();
    let mut statuses = BTreeSet::new();
    for recording in Recording::all() {
        if recording.json["server"] != "master" || recording.status() < 400 || recording.path().starts_with("/oauth/") {
            continue;
        }
        stub.tell([recording.told()]);
        assert_eq!(of_master(master.as_user(&token).project(&project).await), expected(&recording), "{}", recording.title());
        statuses.insert(recording.status());
    }
    assert!(statuses.is_superset(&BTreeSet::from([401, 403, 404, 406, 409, 422])), "{statuses:?}");
}

#[test]
fn every_reason_not_to_ask_is_about_some_recording() {
    let all = Recording::all();
    for (start, _) in NOT_ASKED {
        assert!(all.iter().any(|recording| recording.name.starts_with(start)), "{start}");
    }
}
