//! What the master's long answers are read as: lists piece by piece, watches line by line.

use registry_console::openshift::{Change, Error, Fed, FeedError, Master, WatchEvent};
use registry_console::outbound::{Name, UserToken};
use registry_model::ProjectName;
use serde_json::{Value, json};

use crate::recording::Recording;
use crate::stub::{Stub, Told};

async fn master() -> (Stub, Master) {
    let stub = Stub::start().await;
    let master = Master::new(stub.upstream(Name::Master));
    (stub, master)
}

fn token() -> UserToken {
    UserToken::from("TOKEN-robot")
}

fn stream(name: &str, version: u32) -> Value {
    json!({"metadata": {"name": name, "namespace": "team-a", "resourceVersion": version.to_string()}})
}

fn list(items: &Value, version: &str, next: &str) -> Told {
    Told::json(
        200,
        &json!({"kind": "ImageStreamList", "metadata": {"resourceVersion": version, "continue": next}, "items": items}),
    )
}

fn names(fed: &[Fed]) -> Vec<&str> {
    fed.iter()
        .map(|fed| match fed {
            Fed::Stream(stream) => stream.name.as_str(),
            Fed::Unreadable(_) => "?",
        })
        .collect()
}

/// The list in chunks or at once, as the index asks for it.
async fn fed(master: &Master, chunked: bool) -> Result<(String, Vec<Fed>), FeedError> {
    let mut all = Vec::new();
    let version = master
        .as_user(&token())
        .feed(chunked, |fed| all.push(fed))
        .await?;
    Ok((version, all))
}

#[tokio::test]
async fn a_list_in_chunks_is_one_list_from_its_first_revision() {
    let (stub, master) = master().await;
    stub.tell([
        list(
            &json!([stream("api", 7), 7, stream("../x", 8)]),
            "10",
            "a+b",
        ),
        // A master that shows each chunk as of now: what happened in between is told again by a
        // watch from the start.
        list(&json!([stream("web", 12)]), "15", ""),
    ]);
    let (version, all) = fed(&master, true).await.unwrap();
    assert_eq!(
        (version.as_str(), names(&all)),
        ("10", vec!["api", "?", "?", "web"])
    );
    let asked: Vec<_> = stub
        .seen()
        .into_iter()
        .map(|seen| seen.path_and_query)
        .collect();
    assert_eq!(
        asked[1],
        "/apis/image.openshift.io/v1/imagestreams?limit=500&continue=a%2Bb"
    );
}

/// R15.
#[tokio::test]
async fn a_list_that_expires_or_is_cut_off_is_no_list() {
    let (stub, master) = master().await;
    let gone = || {
        Told::json(
            410,
            &json!({"kind": "Status", "reason": "Expired", "metadata": {"continue": "inconsistent"}}),
        )
    };
    stub.tell([list(&json!([stream("api", 7)]), "10", "next"), gone()]);
    assert!(
        matches!(fed(&master, true).await, Err(FeedError::Expired)),
        "not even where the master offers an inconsistent rest"
    );
    for text in ["{\"metadata\": {}, \"items\": [{}", "<html>", "[]"] {
        stub.tell([Told::new(200, "application/json", text)]);
        assert!(
            matches!(fed(&master, true).await, Err(FeedError::Failed(_))),
            "{text}"
        );
    }
    stub.tell([Told::new(401, "text/plain", "Unauthorized\n")]);
    assert!(matches!(
        fed(&master, false).await,
        Err(FeedError::Failed(
            registry_console::openshift::Error::TokenRefused
        ))
    ));
}

/// A continuation that is lost with them would make the first chunk look like the whole list.
#[tokio::test]
async fn a_list_with_metadata_or_a_continuation_that_are_too_long_is_no_list() {
    let (stub, master) = master().await;
    let metadata = [
        json!({"resourceVersion": "10", "continue": "next", "selfLink": "x".repeat(1 << 20)}),
        json!({"resourceVersion": "10", "continue": "next", "nested": {"deep": {"text": "x".repeat(1 << 20)}}}),
        json!({"resourceVersion": "10", "continue": "c".repeat(5_000)}),
        json!({"resourceVersion": "1".repeat(1_000)}),
    ];
    for metadata in metadata {
        let told = || {
            Told::json(
                200,
                &json!({"metadata": metadata, "items": [stream("api", 7)]}),
            )
        };
        stub.tell([told()]);
        assert!(matches!(
            fed(&master, true).await,
            Err(FeedError::Failed(Error::Unexpected { .. }))
        ));
        if metadata["continue"]
            .as_str()
            .is_some_and(|next| next.len() > 4_096)
        {
            stub.tell([told()]);
            assert!(
                matches!(
                    master.as_user(&token()).image_streams(None).await,
                    Err(Error::Unexpected { .. })
                ),
                "nor in a person's list"
            );
        }
    }
}

#[tokio::test]
async fn an_object_of_megabytes_that_makes_no_sense_is_named_by_what_can_be_read_of_it() {
    let (stub, master) = master().await;
    let object = json!({"metadata": {"name": "bad", "namespace": "team-a", "resourceVersion": "9", "uid": 7}, "spec": vec![json!({}); 500_000]});
    stub.tell([list(&json!([object]), "10", "")]);
    let (_, all) = fed(&master, false).await.unwrap();
    let [Fed::Unreadable(object)] = &all[..] else {
        panic!("{all:?}")
    };
    assert_eq!(
        (object.name.as_str(), object.version.as_deref()),
        ("bad", Some("9"))
    );
}

#[tokio::test]
async fn a_master_that_sends_everything_at_once_is_read_stream_by_stream() {
    let (stub, master) = master().await;
    let items: Vec<Value> = (0..5_000).map(|at| stream(&format!("s{at}"), at)).collect();
    stub.tell([list(&items.into(), "9000", "")]);
    let (version, all) = fed(&master, false).await.unwrap();
    assert_eq!((version.as_str(), all.len()), ("9000", 5_000));
    assert_eq!(
        stub.seen()[0].path_and_query,
        "/apis/image.openshift.io/v1/imagestreams"
    );
}

#[tokio::test]
async fn the_revision_is_told_by_the_beginning_of_a_list() {
    let (stub, master) = master().await;
    stub.tell([list(&json!([stream("api", 7)]), "42", "")]);
    assert_eq!(
        master
            .as_user(&token())
            .feed_version()
            .await
            .unwrap()
            .as_deref(),
        Some("42")
    );
}

/// What a watch with this body tells, up to its end.
async fn told(
    stub: &Stub,
    master: &Master,
    status: u16,
    body: impl Into<axum::body::Bytes>,
) -> Vec<String> {
    stub.tell([Told::new(status, "application/json", body)]);
    let project: ProjectName = "team-a".parse().unwrap();
    let mut watch = match master.as_user(&token()).watch(Some(&project), "2510").await {
        Ok(watch) => watch,
        Err(error) => return vec![format!("{error:?}")],
    };
    let mut told = Vec::new();
    loop {
        told.push(match watch.next().await {
            WatchEvent::Closed(None) => return told,
            WatchEvent::Stream(change, fed) => {
                let change = match change {
                    Change::Added => "+",
                    Change::Modified => "~",
                    Change::Deleted => "-",
                };
                format!(
                    "{change}{}@{}",
                    names(std::slice::from_ref(&fed))[0],
                    fed.version().unwrap_or_default()
                )
            }
            other => format!("{other:?}"),
        });
    }
}

#[tokio::test]
async fn recorded_watches_tell_what_happened() {
    let (stub, master) = master().await;
    let mut seen = 0;
    for recording in Recording::all() {
        let lines = match &recording.json["response"]["body"] {
            Value::Array(lines) if recording.name.starts_with("imagestreams-watch") => {
                lines.iter().map(|line| format!("{line}\n")).collect()
            }
            body if recording.name == "imagestreams-watch-forbidden" => body.to_string(),
            _ => continue,
        };
        let told = told(&stub, &master, recording.status(), lines).await;
        let expected: &[&str] = match recording.title().as_str() {
            "openshift-3.9/imagestreams-watch" => &["+watched@2695", "-watched@2696"],
            "openshift-3.9/imagestreams-watch-bookmarks-asked" => {
                &["+watched@2512", "-watched@2513"]
            }
            "openshift-4/imagestreams-watch" => &[],
            "openshift-4/imagestreams-watch-bookmarks-asked" => &["+watched@776", "-watched@777"],
            title if title.ends_with("-from-1") => &["Gone"],
            title if title.ends_with("-forbidden") => {
                assert!(told[0].starts_with("Failed(Forbidden("), "{told:?}");
                seen += 1;
                continue;
            }
            title => panic!("{title}"),
        };
        assert_eq!(told[..expected.len()], *expected, "{}", recording.title());
        assert!(
            told[expected.len()..]
                .iter()
                .all(|more| more.starts_with("Bookmark(")),
            "{told:?}"
        );
        seen += 1;
    }
    assert!(seen >= 8);
    assert_eq!(told(&stub, &master, 410, "{}").await, ["Expired"]);
}

#[tokio::test]
async fn a_line_without_an_end_is_not_read_for_ever_and_half_a_line_is_not_told() {
    let (stub, master) = master().await;
    let line = format!(
        "{}\n\n",
        json!({"type": "ADDED", "object": stream("api", 7)})
    );
    assert_eq!(
        told(
            &stub,
            &master,
            200,
            format!("{line}{}", &line[..line.len() / 2])
        )
        .await,
        ["+api@7"]
    );
    let endless = vec![b' '; 9 << 20];
    let told = told_first(&stub, &master, endless).await;
    assert!(told.starts_with("Nonsense("), "{told}");
}

async fn told_first(stub: &Stub, master: &Master, body: Vec<u8>) -> String {
    stub.tell([Told::new(200, "application/json", body)]);
    let mut watch = master.as_user(&token()).watch(None, "1").await.unwrap();
    format!("{:?}", watch.next().await)
}
