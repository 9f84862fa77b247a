//! How the long responses of the API server are read: lists item by item, watches line by line.

use registry_console::openshift::{
    ApiError, ApiServer, ListWatchError, ListedObject as _, StreamItem, WatchEvent, WatchEventKind,
};
use registry_console::outbound::{UpstreamName, UserToken};
use registry_model::ProjectName;
use serde_json::{Value, json};

use crate::harness::canned_server::{CannedResponse, CannedServer};
use crate::harness::recording::ClientRecording;

async fn api_server() -> (CannedServer, ApiServer) {
    let stub = CannedServer::start().await;
    let api_server = ApiServer::new(stub.upstream(UpstreamName::ApiServer));
    (stub, api_server)
}

fn token() -> UserToken {
    UserToken::from("TOKEN-robot")
}

fn stream(name: &str, version: u32) -> Value {
    json!({"metadata": {"name": name, "namespace": "team-a", "resourceVersion": version.to_string()}})
}

fn list(items: &Value, version: &str, next: &str) -> CannedResponse {
    CannedResponse::json(
        200,
        &json!({"kind": "ImageStreamList", "metadata": {"resourceVersion": version, "continue": next}, "items": items}),
    )
}

fn names(fed: &[StreamItem]) -> Vec<&str> {
    fed.iter()
        .map(|fed| match fed {
            StreamItem::Stream(stream) => stream.name.as_str(),
            StreamItem::Malformed(_) => "?",
        })
        .collect()
}

/// The list in chunks or at once, as the index asks for it.
async fn read_list(
    master: &ApiServer,
    chunked: bool,
) -> Result<(String, Vec<StreamItem>), ListWatchError> {
    let mut all = Vec::new();
    let version = master
        .for_user(&token())
        .for_each_stream(chunked, |fed| all.push(fed))
        .await?;
    Ok((version, all))
}

#[tokio::test]
async fn chunked_list_has_its_first_resource_version() {
    let (stub, api_server) = api_server().await;
    stub.enqueue([
        list(
            &json!([stream("api", 7), 7, stream("../x", 8)]),
            "10",
            "a+b",
        ),
        // An API server that shows each chunk as of now: what happened in between is told again by a
        // watch from the start.
        list(&json!([stream("web", 12)]), "15", ""),
    ]);
    let (version, all) = read_list(&api_server, true).await.unwrap();
    assert_eq!(
        (version.as_str(), names(&all)),
        ("10", vec!["api", "?", "?", "web"])
    );
    let requests: Vec<_> = stub
        .received()
        .into_iter()
        .map(|request| request.path_and_query)
        .collect();
    assert_eq!(
        requests[1],
        "/apis/image.openshift.io/v1/imagestreams?limit=500&continue=a%2Bb"
    );
}

/// R15.
#[tokio::test]
async fn expired_or_truncated_list_is_an_error() {
    let (stub, api_server) = api_server().await;
    let gone = || {
        CannedResponse::json(
            410,
            &json!({"kind": "Status", "reason": "Expired", "metadata": {"continue": "inconsistent"}}),
        )
    };
    stub.enqueue([list(&json!([stream("api", 7)]), "10", "next"), gone()]);
    assert!(
        matches!(
            read_list(&api_server, true).await,
            Err(ListWatchError::Expired)
        ),
        "not even where the master offers an inconsistent rest"
    );
    for text in ["{\"metadata\": {}, \"items\": [{}", "<html>", "[]"] {
        stub.enqueue([CannedResponse::new(200, "application/json", text)]);
        assert!(
            matches!(
                read_list(&api_server, true).await,
                Err(ListWatchError::Api(_))
            ),
            "{text}"
        );
    }
    stub.enqueue([CannedResponse::new(401, "text/plain", "Unauthorized\n")]);
    assert!(matches!(
        read_list(&api_server, false).await,
        Err(ListWatchError::Api(
            registry_console::openshift::ApiError::TokenRefused
        ))
    ));
}

/// A continuation that is lost with them would make the first chunk look like the whole list.
#[tokio::test]
async fn list_with_oversized_metadata_or_continue_is_an_error() {
    let (stub, api_server) = api_server().await;
    let metadata = [
        json!({"resourceVersion": "10", "continue": "next", "selfLink": "x".repeat(1 << 20)}),
        json!({"resourceVersion": "10", "continue": "next", "nested": {"deep": {"text": "x".repeat(1 << 20)}}}),
        json!({"resourceVersion": "10", "continue": "c".repeat(5_000)}),
        json!({"resourceVersion": "1".repeat(1_000)}),
    ];
    for metadata in metadata {
        let events = || {
            CannedResponse::json(
                200,
                &json!({"metadata": metadata, "items": [stream("api", 7)]}),
            )
        };
        stub.enqueue([events()]);
        assert!(matches!(
            read_list(&api_server, true).await,
            Err(ListWatchError::Api(ApiError::Unexpected { .. }))
        ));
        if metadata["continue"]
            .as_str()
            .is_some_and(|next| next.len() > 4_096)
        {
            stub.enqueue([events()]);
            assert!(
                matches!(
                    api_server.for_user(&token()).list_streams(None).await,
                    Err(ApiError::Unexpected { .. })
                ),
                "nor in a person's list"
            );
        }
    }
}

#[tokio::test]
async fn oversized_malformed_object_is_named_by_its_metadata() {
    let (stub, api_server) = api_server().await;
    let object = json!({"metadata": {"name": "bad", "namespace": "team-a", "resourceVersion": "9", "uid": 7}, "spec": vec![json!({}); 500_000]});
    stub.enqueue([list(&json!([object]), "10", "")]);
    let (_, all) = read_list(&api_server, false).await.unwrap();
    let [StreamItem::Malformed(object)] = &all[..] else {
        panic!("{all:?}")
    };
    assert_eq!(
        (object.name.as_str(), object.resource_version.as_deref()),
        ("bad", Some("9"))
    );
}

#[tokio::test]
async fn unchunked_list_is_read_incrementally() {
    let (stub, api_server) = api_server().await;
    let items: Vec<Value> = (0..5_000).map(|at| stream(&format!("s{at}"), at)).collect();
    stub.enqueue([list(&items.into(), "9000", "")]);
    let (version, all) = read_list(&api_server, false).await.unwrap();
    assert_eq!((version.as_str(), all.len()), ("9000", 5_000));
    assert_eq!(
        stub.received()[0].path_and_query,
        "/apis/image.openshift.io/v1/imagestreams"
    );
}

#[tokio::test]
async fn resource_version_is_read_from_the_start_of_a_list() {
    let (stub, api_server) = api_server().await;
    stub.enqueue([list(&json!([stream("api", 7)]), "42", "")]);
    assert_eq!(
        api_server
            .for_user(&token())
            .current_resource_version()
            .await
            .unwrap()
            .as_deref(),
        Some("42")
    );
}

/// What a watch with this body tells, up to its end.
async fn watch_items(
    stub: &CannedServer,
    master: &ApiServer,
    status: u16,
    body: impl Into<axum::body::Bytes>,
) -> Vec<String> {
    stub.enqueue([CannedResponse::new(status, "application/json", body)]);
    let project: ProjectName = "team-a".parse().unwrap();
    let mut watch = match master
        .for_user(&token())
        .watch_streams(Some(&project), "2510")
        .await
    {
        Ok(watch) => watch,
        Err(error) => return vec![format!("{error:?}")],
    };
    let mut events = Vec::new();
    loop {
        events.push(match watch.next().await {
            WatchEvent::Closed(None) => return events,
            WatchEvent::Object(change, fed) => {
                let change = match change {
                    WatchEventKind::Added => "+",
                    WatchEventKind::Modified => "~",
                    WatchEventKind::Deleted => "-",
                };
                format!(
                    "{change}{}@{}",
                    names(std::slice::from_ref(&fed))[0],
                    fed.resource_version().unwrap_or_default()
                )
            }
            other => format!("{other:?}"),
        });
    }
}

#[tokio::test]
async fn recorded_watches_are_decoded() {
    let (stub, api_server) = api_server().await;
    let mut seen = 0;
    for recording in ClientRecording::all() {
        let lines = match &recording.json["response"]["body"] {
            Value::Array(lines) if recording.name.starts_with("imagestreams-watch") => {
                lines.iter().map(|line| format!("{line}\n")).collect()
            }
            body if recording.name == "imagestreams-watch-forbidden" => body.to_string(),
            _ => continue,
        };
        let events = watch_items(&stub, &api_server, recording.status(), lines).await;
        let expected: &[&str] = match recording.title().as_str() {
            "openshift-3.9/imagestreams-watch" => &["+watched@2695", "-watched@2696"],
            "openshift-3.9/imagestreams-watch-bookmarks-asked" => {
                &["+watched@2512", "-watched@2513"]
            }
            "openshift-4/imagestreams-watch" => &[],
            "openshift-4/imagestreams-watch-bookmarks-asked" => &["+watched@776", "-watched@777"],
            title if title.ends_with("-from-1") => &["Expired"],
            title if title.ends_with("-forbidden") => {
                assert!(events[0].starts_with("Api(Forbidden("), "{events:?}");
                seen += 1;
                continue;
            }
            title => panic!("{title}"),
        };
        assert_eq!(events[..expected.len()], *expected, "{}", recording.title());
        assert!(
            events[expected.len()..]
                .iter()
                .all(|more| more.starts_with("Bookmark(")),
            "{events:?}"
        );
        seen += 1;
    }
    assert!(seen >= 8);
    assert_eq!(
        watch_items(&stub, &api_server, 410, "{}").await,
        ["Expired"]
    );
}

#[tokio::test]
async fn endless_watch_line_is_aborted_and_partial_line_dropped() {
    let (stub, api_server) = api_server().await;
    let line = format!(
        "{}\n\n",
        json!({"type": "ADDED", "object": stream("api", 7)})
    );
    assert_eq!(
        watch_items(
            &stub,
            &api_server,
            200,
            format!("{line}{}", &line[..line.len() / 2])
        )
        .await,
        ["+api@7"]
    );
    let endless = vec![b' '; 9 << 20];
    let events = first_resource_version(&stub, &api_server, endless).await;
    assert!(events.starts_with("ProtocolError("), "{events}");
}

async fn first_resource_version(
    stub: &CannedServer,
    api_server: &ApiServer,
    body: Vec<u8>,
) -> String {
    stub.enqueue([CannedResponse::new(200, "application/json", body)]);
    let mut watch = api_server
        .for_user(&token())
        .watch_streams(None, "1")
        .await
        .unwrap();
    format!("{:?}", watch.next().await)
}
