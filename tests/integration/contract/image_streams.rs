//! Changes of image streams and their tags.

use std::collections::BTreeMap;

use registry_console::openshift::{
    self, ImportOutcome, ImportResult, StreamChanges, StreamSource, StreamTagSource, TrackingTag,
};
use registry_model::{ImageStreamName, ImportMode, ProjectName, TagSpec};
use serde_json::Value;

use super::outcome::{ReplayOutcome, from_api_result, with_facts};
use crate::contract::preceding_responses;
use crate::harness::recording::ClientRecording;

/// Where the images of a stream come from, in the words of a recorded request.
fn source(spec: &Value, insecure_repository: bool) -> StreamSource {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let flag = |value: &Value, name: &str| value["importPolicy"][name] == true;
    let followed = |tag: &Value| TrackingTag {
        tag: tag["name"]
            .as_str()
            .or(tag["to"]["name"].as_str())
            .unwrap()
            .parse()
            .unwrap(),
        from: text(&tag["from"]["name"]),
        insecure: flag(tag, "insecure"),
        scheduled: flag(tag, "scheduled"),
        local: tag["referencePolicy"]["type"] == "Local",
        reference: tag["reference"] == true,
        import_mode: import_mode(tag),
    };
    if let Some(name) = spec["dockerImageRepository"].as_str() {
        return StreamSource::Repository {
            name: name.to_owned(),
            insecure: insecure_repository,
            import_mode: None,
        };
    }
    if let Some(tags) = spec["tags"].as_array().or(spec["images"].as_array()) {
        return StreamSource::Tags(tags.iter().map(followed).collect());
    }
    if spec["repository"].is_object() {
        return StreamSource::Repository {
            name: text(&spec["repository"]["from"]["name"]),
            insecure: flag(&spec["repository"], "insecure"),
            import_mode: import_mode(&spec["repository"]),
        };
    }
    StreamSource::Nothing
}

fn import_mode(tag: &Value) -> Option<ImportMode> {
    let name = tag["importPolicy"]["importMode"].as_str()?;
    [ImportMode::Legacy, ImportMode::PreserveOriginal]
        .into_iter()
        .find(|mode| mode.as_str() == name)
}

/// Changes or imports what the recording did; nothing where it only read.
pub(super) async fn replay_stream_change(
    user: &openshift::UserApi<'_>,
    recording: &ClientRecording,
    segments: &[&str],
) -> Option<ReplayOutcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let name = || {
        body["metadata"]["name"]
            .as_str()
            .unwrap()
            .parse::<ImageStreamName>()
            .unwrap()
    };
    let ["image.openshift.io", "v1", "namespaces", project, rest @ ..] = segments else {
        return None;
    };
    let project: ProjectName = project.parse().unwrap();
    let insecure =
        body["metadata"]["annotations"][openshift::INSECURE_REPOSITORY_ANNOTATION] == "true";
    Some(match (request["method"].as_str().unwrap(), rest) {
        ("POST", ["imagestreams"]) => from_api_result(
            user.create_stream(&project, &name(), &source(&body["spec"], insecure))
                .await,
        ),
        ("PUT", ["imagestreams", stream]) => {
            let seen = body["metadata"]["resourceVersion"].as_str().unwrap();
            let annotations = body["metadata"]["annotations"]
                .as_object()
                .into_iter()
                .flatten();
            let annotations: BTreeMap<_, _> = annotations
                .map(|(key, value)| (key.clone(), value.as_str().map(str::to_owned)))
                .collect();
            from_api_result(
                user.update_stream(
                    &project,
                    &stream.parse().unwrap(),
                    seen,
                    &StreamChanges {
                        source: source(&body["spec"], insecure),
                        annotations,
                        ..StreamChanges::default()
                    },
                )
                .await,
            )
        }
        ("DELETE", ["imagestreams", stream]) => {
            from_api_result(user.delete_stream(&project, &stream.parse().unwrap()).await)
        }
        ("POST", ["imagestreamimports"]) => import(user, &project, body).await,
        (_, ["imagestreamtags", ..]) => replay_tag_change(user, &project, recording, rest).await?,
        _ => return None,
    })
}

async fn replay_tag_change(
    user: &openshift::UserApi<'_>,
    project: &ProjectName,
    recording: &ClientRecording,
    rest: &[&str],
) -> Option<ReplayOutcome> {
    let request = &recording.json["request"];
    let body = &request["body"];
    let method = request["method"].as_str()?;
    let path = rest.get(1).copied().or(body["metadata"]["name"].as_str())?;
    let (stream, tag) = path.split_once(':')?;
    let (stream, tag) = (stream.parse().unwrap(), tag.parse().unwrap());
    // A tag that follows a tag is created at an image here: what is refused is refused for either.
    let from = &body["tag"]["from"];
    let (source, digest) = from["name"]
        .as_str()
        .unwrap_or_default()
        .split_once('@')
        .unwrap_or(("api", NO_IMAGE));
    Some(match method {
        "DELETE" => from_api_result(user.delete_tag(project, &stream, &tag, None).await),
        "POST" => from_api_result(
            user.create_tag(
                project,
                &stream,
                &tag,
                &TagSpec::from_image(project, &stream, &digest.parse().unwrap()),
            )
            .await,
        ),
        "PUT" => {
            let of = from["namespace"]
                .as_str()
                .map_or_else(|| project.clone(), |of| of.parse().unwrap());
            let from = StreamTagSource::Image(of, source.parse().unwrap(), digest.parse().unwrap());
            from_api_result(
                user.point_tag(
                    project,
                    &stream,
                    &tag,
                    &from,
                    None,
                    body["metadata"]["resourceVersion"].as_str(),
                )
                .await,
            )
        }
        _ => return None,
    })
}

const NO_IMAGE: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

async fn import(
    user: &openshift::UserApi<'_>,
    project: &ProjectName,
    body: &Value,
) -> ReplayOutcome {
    let name = body["metadata"]["name"].as_str().unwrap().parse().unwrap();
    let results = if preceding_responses::is_repeated(body) {
        user.reimport(project, &name, None).await
    } else if body["spec"]["import"] == true {
        let StreamSource::Tags(tags) = source(&body["spec"], false) else {
            panic!("one tag is imported at a time")
        };
        user.import_tag(
            project,
            &name,
            &tags[0],
            body["metadata"]["resourceVersion"].as_str(),
        )
        .await
    } else {
        user.preview_import(project, &name, &source(&body["spec"], false))
            .await
    };
    with_facts(results, |results| results.iter().map(imported).collect())
}

fn imported(result: &ImportResult) -> String {
    let outcome = match &result.outcome {
        ImportOutcome::Found { digest, .. } => {
            digest.as_ref().map(ToString::to_string).unwrap_or_default()
        }
        ImportOutcome::Failed { reason, .. } => reason.clone(),
        ImportOutcome::NotLookedAt => "not looked at".to_owned(),
    };
    format!("{} {outcome}", result.tag)
}
