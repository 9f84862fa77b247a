//! Changing what an image stream follows, and importing it once more.

use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;

use crate::harness::{Browser, Page, World, post, send_form};
use crate::web::tags::new_tag::world_with_external_registry;

const EDIT: &str = "/images/team-a/mirror-x/edit";

/// The rows of the results of an import.
pub(crate) const RESULTS: &str = "main form[aria-labelledby=results] tbody tr";

/// Makes `team-a/mirror-x` follow that.
async fn mirror(browser: &mut Browser, source: &[(&str, &str)]) {
    let page = browser.get("/new-image-stream?project=team-a").await;
    let made = send_form(
        browser,
        &page,
        &[&[("project", "team-a"), ("name", "mirror-x")], source].concat(),
    )
    .await;
    assert_eq!(made.status, 303, "{}", made.text);
}

const TWO: [(&str, &str); 2] = [
    ("source", "tags"),
    (
        "tags",
        "one registry.example.com/team/app:1.0\ntwo registry.example.com/team/app:9 scheduled",
    ),
];

#[rstest]
#[tokio::test]
async fn tags_are_dropped_only_after_they_were_shown(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, _) = world_with_external_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    mirror(&mut dev, &TWO).await;
    let page = dev.get(EDIT).await;
    let confirmation = send_form(&mut dev, &page, &[("source", "none")]).await;
    assert_eq!(confirmation.status, 409, "{}", confirmation.text);
    assert_eq!(confirmation.texts("[role=alert] code"), ["one", "two"]);
    assert_eq!(
        dev.get(EDIT)
            .await
            .attribute("input[name=source][checked]", "value"),
        "tags",
        "nothing was changed yet"
    );
    let fewer = send_form(
        &mut dev,
        &page,
        &[
            ("source", "tags"),
            ("tags", "one registry.example.com/team/app:1.0"),
        ],
    )
    .await;
    assert_eq!(fewer.texts("[role=alert] code"), ["two"]);
    let other = send_form(&mut dev, &fewer, &[("source", "none")]).await;
    assert_eq!(
        (other.status, other.texts("[role=alert] code").len()),
        (409, 2),
        "of `one` nobody had been told"
    );
    assert_eq!(
        send_form(&mut dev, &confirmation, &[("source", "none")])
            .await
            .status,
        303
    );
    assert_eq!(
        dev.get(EDIT)
            .await
            .attribute("input[name=source][checked]", "value"),
        "none"
    );
}

#[rstest]
#[tokio::test]
async fn reference_stays_one_until_its_box_is_cleared(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, _) = world_with_external_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    let row = [
        ("source", "tags"),
        ("tag-0", "1.0"),
        ("from-0", "registry.example.com/team/app:1.0"),
    ];
    let reference = [&row[..], &[("reference-0", "1")]].concat();
    mirror(&mut dev, &reference).await;
    for _ in 0..2 {
        let tag = &dev.json("/images/team-a/mirror-x").await.json()["tags"][0];
        assert_eq!(
            (&tag["reference"], &tag["digest"]),
            (&true.into(), &serde_json::Value::Null)
        );
        let form = dev.get(EDIT).await;
        assert_eq!(form.select("input[name=reference-0][checked]").len(), 1);
        assert_eq!(send_form(&mut dev, &form, &reference).await.status, 303);
    }
    let form = dev.get(EDIT).await;
    assert_eq!(send_form(&mut dev, &form, &row).await.status, 303);
    let tag = &dev.json("/images/team-a/mirror-x").await.json()["tags"][0];
    assert_eq!(tag["reference"], false);
}

#[rstest]
#[tokio::test]
async fn conflicting_edit_keeps_input_beside_current_state(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, _) = world_with_external_registry(version).await;
    let (mut slow, mut quick) = (world.signed_in("dev").await, world.signed_in("root").await);
    mirror(&mut slow, &[("source", "none")]).await;
    let (mine, theirs) = (slow.get(EDIT).await, quick.get(EDIT).await);
    let first = [
        ("source", "none"),
        ("annotation", "0"),
        ("annotation-name-0", "owner"),
        ("annotation-value-0", "quick"),
    ];
    assert_eq!(send_form(&mut quick, &theirs, &first).await.status, 303);
    let second = [
        ("source", "all"),
        ("repository", "registry.example.com/team/app"),
        ("annotation", "0"),
        ("annotation-name-0", "owner"),
        ("annotation-value-0", "slow"),
    ];
    let stale = send_form(&mut slow, &mine, &second).await;
    assert_eq!(stale.status, 409, "{}", stale.text);
    assert_eq!(
        stale.attribute("#f-repository", "value"),
        "registry.example.com/team/app"
    );
    assert_eq!(stale.attribute("#f-annotation-value-0", "value"), "slow");
    assert!(
        stale
            .text_of("section[aria-labelledby=there-now]")
            .contains("owner=quick"),
        "{}",
        stale.text
    );
    let now = slow.json("/images/team-a/mirror-x").await.json();
    assert_eq!(
        (&now["annotations"]["owner"], &now["follows"]),
        (&"quick".into(), &serde_json::Value::Null),
        "nothing was saved"
    );
    assert_eq!(
        send_form(&mut slow, &stale, &second).await.status,
        303,
        "who has seen it may replace it"
    );
    assert_eq!(
        slow.json("/images/team-a/mirror-x").await.json()["annotations"]["owner"],
        "slow"
    );
}

#[rstest]
#[tokio::test]
async fn import_reports_a_result_for_each_tag(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, digest) = world_with_external_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    mirror(&mut dev, &TWO).await;
    let page = dev.get("/images/team-a/mirror-x/import").await;
    let mode = if version == Version::V4 {
        " All platforms"
    } else {
        ""
    };
    let planned = [
        ("one registry.example.com/team/app:1.0", "Imported just now"),
        (
            "two registry.example.com/team/app:9",
            "Failed Image not founddockerimage.image.openshift.io \"registry.example.com/team/app:9\" not foundjust now",
        ),
    ]
    .map(|(tag, last)| format!("{tag}{mode} {last}"));
    assert_eq!(page.texts("main form tbody tr"), planned);
    assert_eq!(
        dev.get("/images/team-a/mirror-x:two/import")
            .await
            .texts("main form tbody tr"),
        planned[1..]
    );
    assert!(
        dev.get("/images/team-a/mirror-x:three/import")
            .await
            .select("main button[type=submit]")
            .is_empty()
    );
    let done = send_form(&mut dev, &page, &[]).await;
    let text = done.texts(RESULTS);
    assert!(
        text[0].starts_with("one registry.example.com/team/app:1.0 Imported")
            && text[0].contains(&digest.short()),
        "{text:?}"
    );
    assert!(
        text[1].starts_with("two registry.example.com/team/app:9 Failed Image not found"),
        "{text:?}"
    );
    assert_eq!(
        done.text_of("main [role=status] .pf-v6-c-alert__title"),
        "1 imported, 1 failed"
    );
    assert_eq!(
        done.attributes(&format!("{RESULTS} button"), "formaction"),
        ["/images/team-a/mirror-x:two/import"],
        "only what failed is repeated"
    );
}

#[rstest]
#[tokio::test]
async fn whole_repository_is_imported(#[values(Version::V3_9, Version::V4)] version: Version) {
    let (world, digest) = world_with_external_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    let source = [
        ("source", "all"),
        ("repository", "registry.example.com/team/app"),
    ];
    let form = dev.get("/new-image-stream").await;
    let confirmation = send_form(
        &mut dev,
        &form,
        &[
            &[("project", "team-a"), ("name", "mirror-x"), ("look", "yes")],
            &source[..],
        ]
        .concat(),
    )
    .await;
    assert!(
        confirmation
            .text_of("main [role=status] tbody tr")
            .contains(&digest.short()),
        "{}",
        confirmation.text
    );
    mirror(&mut dev, &source).await;
    let page = dev.get("/images/team-a/mirror-x/import").await;
    let mode = if version == Version::V4 {
        " All platforms"
    } else {
        ""
    };
    assert_eq!(
        page.texts("main form tbody tr"),
        [format!("All tags registry.example.com/team/app{mode}")]
    );
    let done = send_form(&mut dev, &page, &[]).await;
    assert!(
        done.text_of(RESULTS).starts_with("1.0") && done.text_of(RESULTS).contains("Imported"),
        "{}",
        done.text
    );
    let tags = dev.json("/images/team-a/mirror-x").await.json();
    assert_eq!(tags["tags"][0]["digest"], digest.to_string());
}

#[rstest]
#[tokio::test]
async fn new_stream_is_offered_to_users_with_create_right(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    for (who, offered) in [("dev", 1), ("root", 1), ("viewer", 0), ("outsider", 0)] {
        let page = world.signed_in(who).await.get("/images").await;
        assert_eq!(
            page.select("main a[href='/new-image-stream']").len(),
            offered,
            "{who}"
        );
    }
}

/// The tags and sources in the rows of the form, sorted by tag.
pub(crate) fn rows(form: &Page) -> Vec<(String, String)> {
    let values = |name: &str| form.attributes(&format!("main form input[name^={name}-]"), "value");
    let mut rows: Vec<_> = values("tag").into_iter().zip(values("from")).collect();
    rows.sort();
    rows
}

/// The fields of a row of the form.
type Row = Vec<(String, String)>;

fn row(key: usize, tag: &str, from: &str) -> Row {
    [
        ("row".to_owned(), key.to_string()),
        (format!("tag-{key}"), tag.to_owned()),
        (format!("from-{key}"), from.to_owned()),
    ]
    .into()
}

async fn post_rows(
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
    rows: &[Vec<(String, String)>],
) -> Page {
    let rows = rows.iter().flatten();
    let rows = rows.map(|(name, value)| (name.as_str(), value.as_str()));
    let all: Vec<_> = fields.iter().copied().chain(rows).collect();
    post(browser, path, &all).await
}

#[rstest]
#[tokio::test]
async fn rows_are_added_and_removed_without_a_script(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let form = dev.get("/new-image-stream?project=team-a").await;
    assert_eq!(
        rows(&form),
        [(String::new(), String::new())],
        "one to begin with"
    );
    let typed = [("project", "team-a"), ("name", "rows")];
    let first = row(0, "1.0, 2.0", "registry.example.com/team/app");
    let more = post_rows(
        &mut dev,
        "/new-image-stream",
        &[&typed[..], &[("add-row", "1")]].concat(),
        std::slice::from_ref(&first),
    )
    .await;
    assert_eq!((more.status, rows(&more).len()), (200, 2), "{}", more.text);
    assert_eq!(more.attribute("#f-name", "value"), "rows");
    assert_eq!(
        more.attribute("input[name=source][checked]", "value"),
        "tags"
    );
    assert!(more.only("#f-tag-1").attr("autofocus").is_some());
    let fewer = post_rows(
        &mut dev,
        "/new-image-stream",
        &[&typed[..], &[("remove-row", "0")]].concat(),
        &[
            first.clone(),
            row(1, "edge", "registry.example.com/other/app:9"),
        ],
    )
    .await;
    assert_eq!(
        rows(&fewer),
        [(
            "edge".to_owned(),
            "registry.example.com/other/app:9".to_owned()
        )]
    );
    let pasted = post_rows(
        &mut dev,
        "/new-image-stream",
        &[
            &typed[..],
            &[
                ("expand", "1"),
                ("tags", "quay.io/x/y 8, 9\nbest quay.io/x/z:1 scheduled"),
            ],
        ]
        .concat(),
        std::slice::from_ref(&first),
    )
    .await;
    assert_eq!(rows(&pasted).len(), 4, "{}", pasted.text);
    assert_eq!(pasted.text_of("#f-tags"), "", "the text has become rows");
    let made = post_rows(
        &mut dev,
        "/new-image-stream",
        &[&typed[..], &[("source", "tags")]].concat(),
        &[
            first,
            row(4, "", ""),
            row(7, "edge", "registry.example.com/other/app:9"),
        ],
    )
    .await;
    assert_eq!(made.status, 303, "{}", made.text);
    let expected = [
        ("1.0", "registry.example.com/team/app:1.0"),
        ("2.0", "registry.example.com/team/app:2.0"),
        ("edge", "registry.example.com/other/app:9"),
    ];
    let form = dev.get("/images/team-a/rows/edit").await;
    assert_eq!(
        rows(&form),
        expected.map(|(tag, from)| (tag.to_owned(), from.to_owned()))
    );
}

#[tokio::test]
async fn refused_rows_are_summarized_with_links_and_focus() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = post_rows(
        &mut dev,
        "/new-image-stream",
        &[("project", "team-a"), ("name", "rows"), ("source", "tags")],
        &[
            row(0, "ok", "quay.io/x/y:1"),
            row(3, "-x", "quay.io/x/y:1"),
            row(5, "ok", "quay.io/x/y:2"),
            row(8, "1.0", "https://quay.io/x"),
        ],
    )
    .await;
    assert_eq!(page.status, 422, "{}", page.text);
    assert_eq!(
        page.attributes("main [role=alert] a", "href"),
        ["#f-tag-3", "#f-tag-5", "#f-from-8"]
    );
    assert_eq!(page.attributes("[autofocus]", "id"), ["f-tag-3"]);
    assert!(
        page.text_of("title").starts_with("Error: "),
        "{}",
        page.text_of("title")
    );
    let help = page.text_of("#f-tag-3-help");
    assert!(
        help.ends_with("The tag can't start with a hyphen."),
        "{help}"
    );
    assert_eq!(page.attribute("#f-from-8", "value"), "https://quay.io/x");
}

/// The old console had one field for the repository, and one for its tags with blanks or commas.
#[rstest]
#[tokio::test]
async fn chosen_tags_are_separated_by_blank_or_comma(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let fields = [
        ("project", "team-a"),
        ("name", "chosen"),
        ("source", "tags"),
        ("repository", "registry.example.com/team/app"),
        (
            "tags",
            "1.0, 2.0 3.0\nedge registry.example.com/other/app:9 scheduled",
        ),
    ];
    let created = post(&mut dev, "/new-image-stream", &fields).await;
    assert_eq!(created.status, 303, "{}", created.text);
    let form = dev.get("/images/team-a/chosen/edit").await;
    let expected = [
        ("1.0", "registry.example.com/team/app:1.0"),
        ("2.0", "registry.example.com/team/app:2.0"),
        ("3.0", "registry.example.com/team/app:3.0"),
        ("edge", "registry.example.com/other/app:9"),
    ];
    assert_eq!(
        rows(&form),
        expected.map(|(tag, from)| (tag.to_owned(), from.to_owned()))
    );
    let scheduled = form.attribute("main form input[name^=scheduled-][checked]", "name");
    let tag = scheduled.replace("scheduled", "tag");
    assert_eq!(form.attribute(&format!("[name={tag}]"), "value"), "edge");
}

#[tokio::test]
async fn each_source_error_has_its_own_message() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for (source, repository, tags, field, text) in [
        ("tags", "", "", "tags", "List at least one tag."),
        ("tags", "", "1.0", "tags", "“1.0” has no source"),
        (
            "tags",
            "r.example/a",
            "-x",
            "tags",
            "“-x”: The tag can't start with a hyphen.",
        ),
        (
            "tags",
            "r.example/a",
            "1.0 https://r.example/b",
            "tags",
            "“https://r.example/b” is not a valid image name",
        ),
        (
            "tags",
            "r.example/a",
            "1.0 r.example/b:1 often",
            "tags",
            "“often” is not allowed after a source",
        ),
        (
            "tags",
            "r.example/a",
            "1.0 1.0",
            "tags",
            "The tag “1.0” is listed twice.",
        ),
        (
            "tags",
            "r.example/a:1.0",
            "1.0",
            "repository",
            "Remove the tag or digest: r.example/a.",
        ),
        ("all", "", "", "repository", "Enter the repository"),
        (
            "all",
            "https://r.example/a",
            "",
            "repository",
            "Remove the part before the host",
        ),
        (
            "all",
            "r.example/a b",
            "",
            "repository",
            "contains no spaces",
        ),
        (
            "all",
            "r.example/A",
            "",
            "repository",
            "This is not a valid repository name",
        ),
    ] {
        let fields = [
            ("project", "team-a"),
            ("name", "chosen"),
            ("source", source),
            ("repository", repository),
            ("tags", tags),
        ];
        let page = post(&mut dev, "/new-image-stream", &fields).await;
        assert_eq!(
            page.status, 422,
            "{source} {repository} {tags}: {}",
            page.text
        );
        assert!(
            page.text_of(&format!("#f-{field}-help.rc-field__error"))
                .contains(text),
            "{text}: {}",
            page.text
        );
        assert!(
            !page
                .text_of(&format!("#f-{field}-hint.rc-field__hint"))
                .is_empty(),
            "{text}: the help stays"
        );
        assert_eq!(
            page.attribute(&format!("#f-{field}"), "aria-describedby"),
            format!("f-{field}-help f-{field}-hint")
        );
    }
}

/// The form itself is shown again, so that nothing has to be typed again and the same button sends
/// it once more.
#[tokio::test]
async fn form_is_shown_again_while_the_api_server_is_down() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let tags = row(0, "1.0, 2.0", "registry.example.com/team/app");
    let stream = [
        ("project", "team-a"),
        ("name", "typed-here"),
        ("source", "tags"),
        ("mode-0", "Legacy"),
        ("policy-0", "local"),
        ("scheduled-0", "1"),
    ];
    let tag = [
        ("tag", "typed-here"),
        ("source", "elsewhere"),
        ("from", "quay.io/x/y:1"),
    ];
    let tags = std::slice::from_ref(&tags);
    type Form<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [Row]);
    let forms: [Form<'_>; 4] = [
        ("/new-image-stream", &stream, tags),
        ("/images/team-a/api/edit", &stream[2..], tags),
        ("/images/team-a/api/new-tag", &tag, &[]),
        ("/images/team-a/api/import", &[], &[]),
    ];
    for (path, fields, rows) in forms {
        world.fail(Endpoint::ApiServer, Fault::Refuse);
        let page = post_rows(&mut dev, path, fields, rows).await;
        world.fail(Endpoint::ApiServer, Fault::None);
        world.advance(chrono::TimeDelta::minutes(2));
        // A connection that was lost may have carried the change.
        assert!(
            matches!(page.status, 502 | 503),
            "{path}: {} {}",
            page.status,
            page.text
        );
        assert_eq!(page.attribute("main form", "action"), path);
        assert!(
            !page
                .select("main form .pf-m-primary, main form .pf-m-danger")
                .is_empty(),
            "{path}"
        );
        let alert = page.text_of("main [role=alert]");
        assert!(
            alert.contains("Nothing was changed") || alert.contains("might already be made"),
            "{path}: {alert}"
        );
        let kept = page.field_values();
        for (name, value) in fields.iter() {
            assert!(
                kept.iter().any(|kept| kept == value),
                "{path}: {name}={value} is not in {kept:?}"
            );
        }
        for (name, value) in rows.iter().flatten() {
            assert!(kept.contains(value), "{path}: {name}={value}");
        }
    }
}
