//! Image streams: made, changed, imported, deleted.

use crate::harness::{Browser, Page, World};
use crate::web::streams::edit::{RESULTS, rows};
use openshift_standin::cluster::Version;
use rstest::rstest;

/// Sends a form with this session's token.
async fn send(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let csrf = browser.csrf().await;
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    browser.post_form(path, &all).await
}

fn new<'a>(name: &'a str, source: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("project", "team-a"), ("name", name), ("source", source)]
}

#[rstest]
#[tokio::test]
async fn member_creates_edits_and_deletes_an_image_stream(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let made = send(&mut dev, "/new-image-stream", &new("fresh", "none")).await;
    assert_eq!(
        (made.status, made.location().as_str()),
        (303, "/images/team-a/fresh"),
        "{}",
        made.text
    );

    let form = dev.get("/images/team-a/fresh/edit").await;
    let version_seen = form.attribute("main form input[name=version]", "value");
    let tags = "1.0 registry.example.com/team/app:1.0 scheduled\n2.0 registry.example.com/team/app:2.0 insecure";
    let change = [
        ("version", version_seen.as_str()),
        ("source", "tags"),
        ("tags", tags),
        ("display-name", "Fresh"),
        ("description", "Two\r\nlines"),
        ("annotation", "4"),
        ("annotation-name-4", "note"),
        ("annotation-value-4", "<b>&\""),
        ("label", "0"),
        ("label-name-0", "team"),
        ("label-value-0", "red"),
        ("local-lookup", "1"),
    ];
    let changed = send(&mut dev, "/images/team-a/fresh/edit", &change).await;
    assert_eq!(changed.status, 303, "{}", changed.text);
    let form = dev.get("/images/team-a/fresh/edit").await;
    let expected = [
        ("1.0", "registry.example.com/team/app:1.0"),
        ("2.0", "registry.example.com/team/app:2.0"),
    ];
    assert_eq!(
        rows(&form),
        expected.map(|(tag, from)| (tag.to_owned(), from.to_owned())),
        "the form is filled with what is there"
    );
    for (policy, row) in [("scheduled", 0), ("insecure", 1)] {
        assert_eq!(
            form.attributes(
                &format!("main form input[name^={policy}-][checked]"),
                "name"
            ),
            [format!("{policy}-{row}")]
        );
    }
    for (field, value) in [
        ("display-name", "Fresh"),
        ("annotation-name-0", "note"),
        ("annotation-value-0", "<b>&\""),
        ("label-name-0", "team"),
        ("label-value-0", "red"),
    ] {
        assert_eq!(form.attribute(&format!("#f-{field}"), "value"), value);
    }
    assert_eq!(
        form.only("#f-description")
            .text()
            .collect::<String>()
            .trim(),
        "Two\nlines"
    );
    assert_eq!(form.select("input[name=local-lookup][checked]").len(), 1);
    let settings = dev.json("/images/team-a/fresh/settings").await.json();
    assert_eq!(
        (
            &settings["annotations"]["description"],
            &settings["labels"]["team"]
        ),
        (&"Two\nlines".into(), &"red".into())
    );
    assert_eq!(settings["local_lookup"], true);
    assert_eq!(form.select("input[name=source][checked]").len(), 1);

    let stale = send(&mut dev, "/images/team-a/fresh/edit", &change).await;
    assert_eq!(stale.status, 409, "{}", stale.text);
    assert_ne!(
        stale.attribute("main form input[name=version]", "value"),
        version_seen,
        "it shows what is there now"
    );

    let page = dev.get("/images/team-a/fresh/delete").await;
    assert!(
        page.text_of(".rc-consequences").contains("1.0")
            && page.text_of(".rc-consequences").contains("2.0")
    );
    assert!(
        page.texts(".rc-terminal code")
            .contains(&"oc delete imagestream fresh -n team-a".to_owned())
    );
    assert_eq!(
        send(
            &mut dev,
            "/images/team-a/fresh/delete",
            &[("name", "other")]
        )
        .await
        .status,
        422,
        "an image stream with several tags is deleted only by its name"
    );
    assert_eq!(
        send(
            &mut dev,
            "/images/team-a/fresh/delete",
            &[("name", "fresh")]
        )
        .await
        .location(),
        "/projects/team-a"
    );
    assert_eq!(dev.get("/images/team-a/fresh").await.status, 404);
}

#[tokio::test]
async fn edit_keeps_fields_absent_from_the_form() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let before = dev.json("/images/team-a/api").await.json();
    let version = dev
        .get("/images/team-a/api/edit")
        .await
        .attribute("main form input[name=version]", "value");
    let change = [
        ("version", version.as_str()),
        ("source", "none"),
        ("annotation", "0"),
        ("annotation-name-0", "note"),
        ("annotation-value-0", "here"),
    ];
    assert_eq!(
        send(&mut dev, "/images/team-a/api/edit", &change)
            .await
            .status,
        303
    );
    let after = dev.json("/images/team-a/api").await.json();
    assert_eq!(before["tag_count"], after["tag_count"]);
    assert_eq!(after["annotations"]["note"], "here");
}

#[tokio::test]
async fn stream_name_validation_matches_the_api_server() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for bad in [
        "__aaa__",
        "_aaa",
        "-aaa",
        ".aaa",
        "aaa_",
        "aaa-",
        "aaa.",
        "a_ a",
        "Aa_Bb_Cc",
        "",
        "<script>x</script>",
    ] {
        let page = send(&mut dev, "/new-image-stream", &new(bad, "none")).await;
        assert_eq!(page.status, 422, "{bad}");
        assert!(
            page.select("#f-name-help.rc-field__error").len() == 1
                && !page.text.contains("<script>x"),
            "{bad}"
        );
    }
    for good in ["aa_bb_cc", "aa-bb_cc.dd"] {
        assert_eq!(
            send(&mut dev, "/new-image-stream", &new(good, "none"))
                .await
                .status,
            303,
            "{good}"
        );
    }
    let taken = send(&mut dev, "/new-image-stream", &new("aa_bb_cc", "none")).await;
    assert_eq!(taken.status, 409, "{}", taken.text);
    let wrong = [new("x", "all"), new("x", "tags"), new("x", "odd")];
    for fields in wrong {
        assert_eq!(
            send(&mut dev, "/new-image-stream", &fields).await.status,
            422,
            "{fields:?}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn dry_run_reports_each_tag_without_creating(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let mut fields = new("dry", "tags");
    fields.extend([("tags", "one nowhere.example/x/y:1"), ("look", "yes")]);
    let page = send(&mut dev, "/new-image-stream", &fields).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text_of("main [role=status]").contains("no such host"),
        "{}",
        page.text
    );
    assert_eq!(dev.get("/images/team-a/dry").await.status, 404);
}

#[rstest]
#[tokio::test]
async fn import_reports_each_tags_result(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let mut fields = new("mirror-x", "tags");
    fields.push((
        "tags",
        "one nowhere.example/x/y:1\ntwo nowhere.example/x/y:2",
    ));
    assert_eq!(
        send(&mut dev, "/new-image-stream", &fields).await.status,
        303
    );
    let all = send(&mut dev, "/images/team-a/mirror-x/import", &[]).await;
    assert_eq!(
        (all.status, all.texts(RESULTS).len()),
        (200, 2),
        "{}",
        all.text
    );
    let one = send(&mut dev, "/images/team-a/mirror-x:two/import", &[]).await;
    assert_eq!(one.texts(RESULTS).len(), 1, "{}", one.text);
    assert!(one.text_of(RESULTS).contains("no such host"));
    let none = send(&mut dev, "/images/team-a/mirror-x:three/import", &[]).await;
    assert_eq!(none.status, 404, "{}", none.text);
}

#[rstest]
#[tokio::test]
async fn viewer_gets_no_stream_actions_and_a_localized_error(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut viewer = world.signed_in("viewer").await;
    viewer.set_cookie("__Host-language", "zh-CN");
    let page = viewer.get("/images/team-a/api").await;
    for path in ["edit", "import", "delete"] {
        let path = format!("/images/team-a/api/{path}");
        assert!(
            page.select(&format!("a[href='{path}']")).is_empty(),
            "{path}"
        );
        assert!(
            viewer
                .get(&path)
                .await
                .select("main button[type=submit]")
                .is_empty(),
            "{path}"
        );
    }
    assert!(
        viewer
            .get("/projects/team-a")
            .await
            .select("a[href^='/new-image-stream']")
            .is_empty()
    );
    let refused = send(&mut viewer, "/new-image-stream", &new("v", "none")).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert_eq!(
        refused.text_of("[role=alert] .pf-v6-c-alert__title"),
        "您没有执行此操作的权限"
    );
    let refused = send(&mut viewer, "/images/team-a/api/delete", &[]).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let refused = send(
        &mut viewer,
        "/images/team-a/api/edit",
        &[("source", "none"), ("version", "1")],
    )
    .await;
    assert_eq!(refused.status, 403, "{}", refused.text);

    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images/team-a/api").await;
    assert_eq!(page.select("a[href='/images/team-a/api/edit']").len(), 1);
    assert_eq!(
        dev.get("/projects/team-a")
            .await
            .select("a[href='/new-image-stream?project=team-a']")
            .len(),
        1
    );
}

#[rstest]
#[tokio::test]
async fn outsider_cannot_open_stream_forms(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    let mut outsider = world.signed_in("outsider").await;
    for path in ["edit", "import", "delete"] {
        let path = format!("/images/team-a/api/{path}");
        assert_eq!(outsider.get(&path).await.status, 403, "{path}");
        let page = send(
            &mut outsider,
            &path,
            &[("source", "none"), ("version", "1")],
        )
        .await;
        assert_eq!(page.status, 403, "{path}: {}", page.text);
    }
    let page = send(&mut outsider, "/new-image-stream", &new("mine", "none")).await;
    assert_eq!(page.status, 403, "{}", page.text);
    let mut dev = world.signed_in("dev").await;
    assert_eq!(dev.get("/images/team-a/mine").await.status, 404);
    assert_eq!(dev.get("/images/team-a/api").await.status, 200);
}
