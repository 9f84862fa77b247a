//! Changes that begin with a look at the stream, held against the recordings.

use std::collections::BTreeMap;

use registry_console::openshift::{ApiError, ApiServer, StreamChanges};
use registry_console::outbound::{UpstreamName, UserToken};

use crate::harness::canned_server::{CannedResponse, CannedServer};
use crate::harness::recording::ClientRecording;

#[tokio::test]
async fn stream_update_keeps_unknown_fields_and_resource_version() {
    let stub = CannedServer::start().await;
    let (api_server, token) = (
        ApiServer::new(stub.upstream(UpstreamName::ApiServer)),
        UserToken::from("TOKEN-dev"),
    );
    let mut asked = 0;
    for recording in ClientRecording::all()
        .iter()
        .filter(|recording| recording.name.starts_with("imagestream-update"))
    {
        let wanted = &recording.json["request"]["body"];
        let mut now = wanted.clone();
        now["metadata"]["resourceVersion"] = "999999".into();
        now["metadata"]["annotations"] = serde_json::json!({});
        stub.enqueue([CannedResponse::json(200, &now), recording.canned_response()]);
        let seen = wanted["metadata"]["resourceVersion"].as_str().unwrap();
        let annotations = wanted["metadata"]["annotations"]
            .as_object()
            .into_iter()
            .flatten();
        let annotations: BTreeMap<String, Option<String>> = annotations
            .map(|(key, value)| (key.clone(), value.as_str().map(str::to_owned)))
            .collect();
        let changes = StreamChanges {
            annotations,
            ..StreamChanges::default()
        };
        let (project, name) = ("team-a".parse().unwrap(), "empty".parse().unwrap());
        let outcome = api_server
            .for_user(&token)
            .update_stream(&project, &name, seen, &changes)
            .await;
        assert_eq!(
            outcome.is_ok(),
            recording.status() == 200,
            "{}",
            recording.title()
        );
        assert!(
            outcome.is_ok() || matches!(outcome, Err(ApiError::Conflict(_))),
            "{}: {outcome:?}",
            recording.title()
        );
        recording.assert_request_matches(&stub.received()[1]);
        asked += 1;
    }
    assert_eq!(asked, 4, "a change and a stale one, of both versions");
}
