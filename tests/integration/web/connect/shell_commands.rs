//! The commands that pages offer to copy: they do what the page is about, whatever things are
//! called.

use crate::harness::{Page, World};
use openshift_standin::cluster::Version;
use rstest::rstest;

/// The commands of a page, as they are shown and as its buttons copy them.
fn commands(page: &Page) -> (Vec<String>, Vec<String>) {
    let copied = page
        .select(".rc-command button")
        .into_iter()
        .filter_map(|button| button.attr("data-copy").map(str::to_owned));
    (page.texts(".rc-command code"), copied.collect())
}

#[rstest]
#[tokio::test]
async fn delete_command_protects_option_like_names(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("--all", "--all", &["--all"]);
    let mut root = world.signed_in("root").await;
    for (path, expected) in [
        ("/users/--all/delete", "oc delete user -- --all"),
        ("/groups/--all/delete", "oc delete group -- --all"),
        ("/groups/--all", "oc adm groups add-users -- --all USER"),
        (
            "/users/--all",
            "oc policy add-role-to-user -n PROJECT -- registry-viewer --all",
        ),
        (
            "/groups/--all/remove?user=--all",
            "oc adm groups remove-users -- --all --all",
        ),
    ] {
        let page = root.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let (shown, copied) = commands(&page);
        assert!(
            shown.iter().any(|line| line == expected),
            "{path}: {shown:?}"
        );
        assert_eq!(shown, copied, "{path}");
        for line in shown.iter().filter(|line| line.contains(" --all")) {
            assert!(line.contains(" -- "), "{path}: {line}");
        }
    }
}

/// S32: what is seen is what is copied, or nothing is copied.
#[tokio::test]
async fn invisible_characters_in_a_name_yield_no_command() {
    let world = World::start(Version::V4).await;
    let name = "dev\u{202e}nimda\u{200b}";
    world.demo.cluster().add_user(name, name, &["ops"]);
    let mut root = world.signed_in("root").await;
    let path = format!("/users/{}/delete", "dev%E2%80%AEnimda%E2%80%8B");
    let page = root.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let (shown, copied) = commands(&page);
    assert!(
        shown
            .iter()
            .chain(&copied)
            .all(|line| !line.contains(['\u{202e}', '\u{200b}'])),
        "{shown:?} {copied:?}"
    );
    assert!(
        page.text_of("main")
            .contains("This command cannot be shown")
            && page.text_of("main").contains("(U+200B, U+202E)"),
        "{}",
        page.text
    );
    assert!(
        root.json(&path).await.text.contains("dev"),
        "programs are told as well"
    );
}
