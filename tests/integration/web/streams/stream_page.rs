//! The page of an image stream: its tabs, the pull command, the timeline and the list of its tags.

use openshift_standin::cluster::Version;
use registry_model::Digest;
use rstest::rstest;

use crate::harness::{World, push_to_tag};

const STREAM: &str = "/images/team-a/api";

#[rstest]
#[tokio::test]
async fn tabs_lead_to_pages_with_the_same_header(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let header = dev.get(STREAM).await.text_of(".rc-page-header");
    assert!(
        header.contains("Projects / team-a / api") || header.starts_with("Projectsteam-aapi"),
        "{header}"
    );
    for (tab, path) in [
        ("Tags", STREAM.to_owned()),
        ("History", format!("{STREAM}/history")),
        ("Access", format!("{STREAM}/access")),
        ("Settings", format!("{STREAM}/settings")),
    ] {
        let page = dev.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert_eq!(page.text_of(".rc-page-header"), header, "{path}");
        let current = page.text_of(".rc-tabs a[aria-current=page]");
        assert!(current.starts_with(tab), "{path}: {current}");
        assert_eq!(
            page.attribute(".rc-tabs a[aria-current=page]", "href"),
            path
        );
        let title = page.text_of("head title");
        assert!(title.contains("team-a/api"), "{path}: {title}");
    }
    for path in ["history", "settings", "access"] {
        let page = dev.get(&format!("{STREAM}:latest/{path}")).await;
        assert_eq!(page.status, 404, "{path} of a tag");
    }
}

#[tokio::test]
async fn pull_command_is_for_the_chosen_client_which_is_remembered() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(&format!("{STREAM}?pull=v1")).await;
    let command = page.text_of("#pull-command");
    assert!(
        command.starts_with("podman pull ") && command.ends_with("/team-a/api:v1"),
        "{command}"
    );
    assert!(
        page.set_cookies()
            .iter()
            .all(|cookie| !cookie.contains("client"))
    );
    assert_eq!(
        page.attributes("form[data-pull] input[name=client]", "value"),
        ["podman", "docker", "oc", "skopeo"]
    );

    let page = dev
        .get(&format!("{STREAM}?client=skopeo&pull=v1&by=digest"))
        .await;
    let command = page.text_of("#pull-command");
    assert!(
        command.starts_with("skopeo copy docker://")
            && command.contains("/team-a/api@sha256:")
            && command.ends_with(" dir:MY-DIRECTORY"),
        "{command}"
    );
    let cookies = page.set_cookies();
    let cookie = cookies
        .iter()
        .find(|cookie| cookie.starts_with("__Host-client=skopeo;"))
        .unwrap();
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let later = dev.get("/images/shared-libs/batch").await;
    assert!(
        later.text_of("#pull-command").starts_with("skopeo copy "),
        "on another page, too"
    );
    assert!(
        later
            .attributes("button[data-pull-tag]", "data-copy")
            .iter()
            .all(|line| line.starts_with("skopeo copy docker://")),
        "the rows have the same client"
    );

    let unknown = dev.get(&format!("{STREAM}?client=rm&pull=gone")).await;
    assert!(
        unknown.set_cookies().is_empty() && unknown.text_of("#pull-command").starts_with("skopeo"),
        "only known clients are accepted"
    );
    let csrf = dev.csrf().await;
    let fields = [("client", "docker"), ("csrf", csrf.as_str())];
    assert_eq!(dev.post_form("/preferences", &fields).await.status, 303);
    assert!(
        dev.get(STREAM)
            .await
            .text_of("#pull-command")
            .starts_with("docker pull ")
    );
}

#[tokio::test]
async fn parts_for_the_script_make_the_command_of_every_tag() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(STREAM).await;
    let docker = "form[data-pull] input[value=docker]";
    let (before, after) = (
        page.attribute(docker, "data-before"),
        page.attribute(docker, "data-after"),
    );
    let page = dev.get(&format!("{STREAM}?client=docker&pull=v1")).await;
    assert_eq!(page.text_of("#pull-command"), format!("{before}:v1{after}"));
    assert_eq!(
        page.attribute(
            "button[data-pull-tag=v1]:not([data-pull-digest])",
            "data-copy"
        ),
        format!("{before}:v1{after}")
    );
    let digest: Digest = page
        .attribute(
            "button[data-pull-tag=v1][data-pull-digest]",
            "data-pull-digest",
        )
        .parse()
        .unwrap();
    assert_eq!(
        page.attribute("button[data-pull-tag=v1][data-pull-digest]", "data-copy"),
        format!("{before}@{digest}{after}")
    );
}

#[rstest]
#[tokio::test]
async fn two_selected_tags_are_compared_and_any_are_removed(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(STREAM).await;
    assert!(
        page.attributes("#tags input[name=tag]", "value")
            .contains(&"v1".to_owned())
    );
    let form = "form[data-selection=tag]";
    assert_eq!(page.attribute(form, "action"), STREAM);
    assert_eq!(
        page.attribute(&format!("{form} button[formaction]"), "formaction"),
        format!("{STREAM}/remove-tags")
    );
    let compared = dev
        .get(&format!("{STREAM}?compare=1&tag=latest&tag=v1"))
        .await;
    assert_eq!(
        compared.location(),
        format!("{STREAM}/compare?from=v1&to=latest"),
        "from the lower one, which is older"
    );
    for selected in ["", "&tag=v1", "&tag=v1&tag=latest&tag=stable"] {
        let page = dev.get(&format!("{STREAM}?compare=1{selected}")).await;
        assert_eq!(page.status, 200);
        assert!(
            page.text_of("main [role=alert]")
                .starts_with("Select two tags to compare"),
            "{selected}"
        );
        if selected.contains("v1") {
            assert_eq!(page.select("input[value=v1][checked]").len(), 1);
        }
    }
    let mut viewer = world.signed_in("viewer").await;
    let page = viewer.get(STREAM).await;
    assert!(
        page.select(&format!("{form} button[formaction]"))
            .is_empty()
            && page.select(&format!("{form} button[name=compare]")).len() == 1,
        "a viewer may compare, and not remove"
    );
}

#[tokio::test]
async fn tags_of_one_image_have_the_same_mark() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let json = dev.json(STREAM).await.json();
    let page = dev.get(STREAM).await;
    let mut marked = 0;
    for tag in json["tags"].as_array().unwrap() {
        let name = tag["name"].as_str().unwrap();
        let mark = page.texts(&format!("tr:has(input[value='{name}']) .rc-mark"));
        let others: Vec<&str> = json["tags"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|other| other["digest"] == tag["digest"] && *other != tag)
            .map(|other| other["name"].as_str().unwrap())
            .collect();
        if others.is_empty() || tag["digest"].is_null() {
            assert_eq!(mark, [""; 0], "{name}");
        } else {
            marked += 1;
            let text = &mark[0];
            assert!(text.contains("Same image as"), "{text}");
            assert!(others.iter().all(|other| text.contains(other)), "{text}");
        }
    }
    assert!(marked > 1, "{json:#}");
}

#[tokio::test]
async fn page_size_is_chosen_and_kept() {
    let world = World::start(Version::V4).await;
    for number in 0..120 {
        push_to_tag(&world, "team-a/many", &format!("1.{number}"), 1);
    }
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images/team-a/many").await;
    assert_eq!(page.select("#tags tbody th").len(), 50);
    assert_eq!(page.texts(".rc-pager__sizes a"), ["50", "100", "200"]);
    assert_eq!(page.text_of(".rc-pager__sizes a[aria-current]"), "50");
    let hundred = &page.attributes(".rc-pager__sizes a", "href")[1];
    assert_eq!(hundred, "/images/team-a/many?per_page=100");
    let page = dev.get(hundred).await;
    assert_eq!(page.select("#tags tbody th").len(), 100);
    assert_eq!(
        page.attribute(".rc-pager a[rel=next]", "href"),
        "/images/team-a/many?per_page=100&page=2"
    );
    assert!(
        page.hidden_fields(".rc-filter")
            .contains(&("per_page".to_owned(), "100".to_owned())),
        "the filter keeps it"
    );
    let odd = dev.get("/images/team-a/many?per_page=7000").await;
    assert_eq!(odd.select("#tags tbody th").len(), 50);
    let all = dev.get("/images/team-a/many?per_page=200").await;
    assert_eq!(all.select("#tags tbody th").len(), 120);
    assert!(all.text.len() < 600_000, "{} bytes", all.text.len());
}

#[tokio::test]
async fn timeline_has_a_lane_for_each_moving_tag_and_its_figures_as_text() {
    let world = World::start(Version::V4).await;
    push_to_tag(&world, "team-a/nightlies", "nightly", 4);
    push_to_tag(&world, "team-a/nightlies", "stable", 1);
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images/team-a/nightlies").await;
    let lanes = page.texts(".rc-timeline__lanes li");
    assert_eq!(lanes.len(), 2, "{lanes:?}");
    assert!(
        lanes.contains(&"nightly: 4 changes, last 1 minute ago".to_owned())
            && lanes[0].starts_with("stable: 1 change, last "),
        "{lanes:?}"
    );
    let picture = page.only(".rc-timeline__picture");
    assert_eq!(picture.attr("aria-hidden"), Some("true"));
    let dots = page.attributes(".rc-timeline__picture a", "href");
    assert!(
        !dots.is_empty()
            && dots
                .iter()
                .all(|href| href.starts_with("/images/team-a/nightlies@sha256:")),
        "{dots:?}"
    );
    assert!(
        page.select(".rc-timeline [style], .rc-timeline style")
            .is_empty(),
        "drawn by attributes only"
    );
}

#[tokio::test]
async fn settings_show_repositories_annotations_and_labels_and_lead_to_changes() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(&format!("{STREAM}/settings")).await;
    let json = dev.json(&format!("{STREAM}/settings")).await.json();
    let text = page.text_of("main");
    for field in ["internal_repository", "public_repository"] {
        let repository = json[field].as_str().unwrap();
        assert!(text.contains(repository), "{repository}: {text}");
    }
    assert!(json["labels"].is_object() && json["annotations"].is_object());
    for path in ["edit", "delete"] {
        assert!(
            !page
                .select(&format!("section a[href^='{STREAM}/{path}']"))
                .is_empty(),
            "{path}"
        );
    }
    let mut viewer = world.signed_in("viewer").await;
    let page = viewer.get(&format!("{STREAM}/settings")).await;
    assert!(
        page.status == 200 && !page.text.contains("api/edit") && !page.text.contains("api/delete"),
        "{}",
        page.text
    );
}
