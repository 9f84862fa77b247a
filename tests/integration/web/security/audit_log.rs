//! The audit log: who changed what, and with which result.

use bytes::Bytes;
use http::{Method, StatusCode};
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::config::LogFormat;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{Browser, Log, World, post, push_numbered, send_form};

/// The events of the audit log, in their order.
pub(crate) fn events(log: &str) -> Vec<Value> {
    log.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["target"] == "registry_console::audit")
        .collect()
}

/// The only event with this operation.
pub(crate) fn change<'a>(events: &'a [Value], operation: &str) -> &'a Value {
    let mut found = events
        .iter()
        .filter(|event| event["operation"] == operation);
    let event = found
        .next()
        .unwrap_or_else(|| panic!("no {operation}: {events:#?}"));
    assert_eq!(found.next(), None, "{operation} is logged once");
    event
}

/// Sends the form at `path` with what it contains, and with `typed`.
async fn send(browser: &mut Browser, path: &str, typed: &[(&str, &str)]) -> StatusCode {
    let page = browser.get(path).await;
    let answer = send_form(browser, &page, typed).await;
    StatusCode::from_u16(answer.status).unwrap()
}

#[rstest]
#[tokio::test]
async fn change_is_logged_with_user_object_digests_and_request(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let log = Log::start_as(LogFormat::Json);
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let digest = dev.json("/images/team-a/api:latest").await.json()["digest"].clone();
    assert!(digest.is_string());
    let target = [("project", "team-a"), ("stream", "api"), ("tag", "audited")];
    let tagged = send(&mut dev, "/images/team-a/api:latest/tag-as", &target).await;
    assert_eq!(tagged, StatusCode::SEE_OTHER);
    let removed = send(&mut dev, "/images/team-a/api:audited/delete", &[]).await;
    assert_eq!(removed, StatusCode::SEE_OTHER);
    dev.sign_out().await;

    let log = log.stop();
    let events = events(&log);
    let set = change(&events, "point tag");
    let expected = json!({
        "event": "change", "resource": "imagestreamtags", "project": "team-a", "name": "api:audited",
        "digest_after": digest, "result": "made", "user": "dev",
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&set[field], value, "{field}: {set:#}");
    }
    assert_eq!(set.get("digest_before"), None, "the tag is new: {set:#}");
    let removal = change(&events, "remove tag");
    assert_eq!(
        (&removal["digest_before"], &removal["result"]),
        (&digest, &"made".into())
    );
    assert_ne!(set["request_id"], removal["request_id"]);
    let request = removal["request_id"].as_str().unwrap();
    let access_line = log.lines().any(|line| {
        line.contains(request) && line.contains(r#""path":"/images/team-a/api:audited/delete""#)
    });
    assert!(access_line, "{request} is the id in the access log");

    let [first, .., last] = &*events else {
        panic!("{events:#?}");
    };
    assert_eq!(
        (&first["event"], &first["user"]),
        (&"sign-in".into(), &"dev".into())
    );
    assert_eq!(last["event"], "sign-out");
    let session = &first["session_id"];
    assert!(session.is_string() && events.iter().all(|event| event["session_id"] == *session));
    let revocation = change(&events, "revoke token");
    assert_eq!(
        revocation.get("name"),
        None,
        "on 3.9 it is the token itself"
    );
}

#[tokio::test]
async fn refused_and_unanswered_changes_are_logged_as_such() {
    let log = Log::start_as(LogFormat::Json);
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let refusal = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403,
        "reason": "Forbidden", "message": "no",
    });
    let refuse = Fault::FailNext(
        1,
        Method::DELETE,
        StatusCode::FORBIDDEN,
        Bytes::from(refusal.to_string()),
    );
    world.fail(Endpoint::ApiServer, refuse);
    send(&mut dev, "/images/team-a/api:latest/delete", &[]).await;
    let fail = Fault::FailNext(
        1,
        Method::DELETE,
        StatusCode::INTERNAL_SERVER_ERROR,
        Bytes::from_static(b"{}"),
    );
    world.fail(Endpoint::ApiServer, fail);
    send(&mut dev, "/images/team-a/api:latest/delete", &[]).await;
    world.fail(Endpoint::ApiServer, Fault::None);

    let removals: Vec<Value> = events(&log.stop())
        .into_iter()
        .filter(|event| event["operation"] == "remove tag")
        .collect();
    let results: Vec<_> = removals
        .iter()
        .map(|event| (event["result"].as_str().unwrap(), event["status"].as_u64()))
        .collect();
    assert_eq!(results, [("refused", Some(403)), ("unknown", Some(500))]);
    assert_eq!(removals[0]["reason"], "Forbidden");
}

#[tokio::test]
async fn changes_of_a_job_have_its_user() {
    let log = Log::start_as(LogFormat::Json);
    let world = World::start(Version::V4).await;
    push_numbered(&world, "team-a/builds", "keep", 1);
    let names: Vec<String> = (0..60).map(|number| format!("b-{number:02}")).collect();
    for name in &names {
        push_numbered(&world, "team-a/builds", name, 1);
    }
    let mut dev = world.signed_in("dev").await;
    let fields: Vec<(&str, &str)> = names
        .iter()
        .map(|name| ("tag", name.as_str()))
        .chain([("sure", "1")])
        .collect();
    let started = post(&mut dev, "/images/team-a/builds/remove-tags", &fields).await;
    assert_eq!(started.status, 303, "{}", started.text);
    let has_ended = async || events(&log.text()).len() > names.len();
    world.until("all tags are removed", has_ended).await;
    let events = events(&log.stop());
    let removals = events
        .iter()
        .filter(|event| event["operation"] == "remove tag");
    for removal in removals {
        assert_eq!(
            (&removal["user"], &removal["result"]),
            (&"dev".into(), &"made".into())
        );
    }
}

#[tokio::test]
async fn member_and_project_changes_name_role_and_subject() {
    let log = Log::start_as(LogFormat::Json);
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let fields = [
        ("do", "add"),
        ("kind", "user"),
        ("name", "outsider"),
        ("role", "registry-viewer"),
    ];
    let added = post(&mut dev, "/projects/team-a/members", &fields).await;
    assert_eq!(added.status, 303, "{}", added.text_of("main"));
    let events = events(&log.stop());
    let binding = events
        .iter()
        .find(|event| event["resource"] == "rolebindings")
        .unwrap_or_else(|| panic!("{events:#?}"));
    assert_eq!(binding["project"], "team-a");
    let detail = binding["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("registry-viewer: ") && detail.contains("User outsider"),
        "{detail}"
    );
}

#[tokio::test]
async fn preview_of_an_import_is_no_change() {
    let log = Log::start_as(LogFormat::Json);
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let tags = "one r.example/team/app:1";
    let form = [
        ("project", "team-a"),
        ("name", "mirror-x"),
        ("source", "tags"),
        ("tags", tags),
    ];
    let path = "/new-image-stream?project=team-a";
    let preview = [&form[..], &[("look", "yes")]].concat();
    assert_eq!(send(&mut dev, path, &preview).await, StatusCode::OK);
    let previewed = events(&log.text());
    assert!(
        previewed.iter().all(|event| event["event"] != "change"),
        "{previewed:#?}"
    );
    send(&mut dev, path, &form).await;
    send(&mut dev, "/images/team-a/mirror-x:one/import", &[]).await;
    let events = events(&log.stop());
    assert_eq!(change(&events, "create image stream")["name"], "mirror-x");
    let tag = change(&events, "import tag");
    assert_eq!(
        (&tag["name"], &tag["result"]),
        (&"mirror-x:one".into(), &"refused".into())
    );
}
