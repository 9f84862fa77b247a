//! Changes that begin with a look at the stream, held against the recordings.

use std::collections::BTreeMap;

use registry_console::openshift::{Error, Master, StreamSource};
use registry_console::outbound::{Name, UserToken};

use crate::recording::Recording;
use crate::stub::{Stub, Told};

#[tokio::test]
async fn a_stream_is_put_back_whole_with_the_version_that_was_seen() {
    let stub = Stub::start().await;
    let (master, token) = (
        Master::new(stub.upstream(Name::Master)),
        UserToken::from("TOKEN-dev"),
    );
    let mut asked = 0;
    for recording in Recording::all()
        .iter()
        .filter(|recording| recording.name.starts_with("imagestream-update"))
    {
        let wanted = &recording.json["request"]["body"];
        let mut now = wanted.clone();
        now["metadata"]["resourceVersion"] = "999999".into();
        now["metadata"]["annotations"] = serde_json::json!({});
        stub.tell([Told::json(200, &now), recording.told()]);
        let seen = wanted["metadata"]["resourceVersion"].as_str().unwrap();
        let annotations = wanted["metadata"]["annotations"]
            .as_object()
            .into_iter()
            .flatten();
        let annotations: BTreeMap<String, Option<String>> = annotations
            .map(|(key, value)| (key.clone(), value.as_str().map(str::to_owned)))
            .collect();
        let (project, name) = ("team-a".parse().unwrap(), "empty".parse().unwrap());
        let outcome = master
            .as_user(&token)
            .change_stream(&project, &name, seen, &StreamSource::Nothing, &annotations)
            .await;
        assert_eq!(
            outcome.is_ok(),
            recording.status() == 200,
            "{}",
            recording.title()
        );
        assert!(
            outcome.is_ok() || matches!(outcome, Err(Error::Conflict(_))),
            "{}: {outcome:?}",
            recording.title()
        );
        recording.matches(&stub.seen()[1]);
        asked += 1;
    }
    assert_eq!(asked, 4, "a change and a stale one, of both versions");
}
