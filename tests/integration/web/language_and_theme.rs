//! English, Chinese, and who decides.

use openshift_standin::cluster::Version;
use reqwest::Method;
use rstest::rstest;

use crate::harness::{Browser, Page, World};

async fn get_in(browser: &mut Browser, languages: &str, path: &str) -> Page {
    let request = browser
        .request(Method::GET, path)
        .header("accept-language", languages);
    browser.send(request).await
}

const PAGES: [(&str, &str, &str); 9] = [
    ("/connect", "Connect", "连接"),
    ("/projects/team-a/logins", "team-a", "team-a"),
    ("/", "Home", "首页"),
    ("/images", "Image streams", "镜像流"),
    ("/projects/team-a/activity", "team-a", "team-a"),
    ("/projects", "Projects", "项目"),
    ("/signed-out", "You are signed out", "您已退出登录"),
    ("/nowhere", "Not found", "未找到"),
    (
        "/projects/nowhere",
        "You don't have access",
        "您没有访问权限",
    ),
];

#[rstest]
#[tokio::test]
async fn browser_language_is_the_default(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    let mut browser = world.signed_in("dev").await;
    for (path, english, chinese) in PAGES {
        for languages in [
            "zh-CN,zh;q=0.9,en;q=0.8",
            "zh",
            "zh-Hans",
            "de;q=0.1, zh-SG",
        ] {
            let page = get_in(&mut browser, languages, path).await;
            assert_eq!(page.lang(), "zh-CN", "{languages}");
            assert!(
                page.text_of("h1").contains(chinese),
                "{path}: {}",
                page.text_of("h1")
            );
        }
        for languages in ["en-GB,en", "de", "*", "", "zh;q=0, en"] {
            let page = get_in(&mut browser, languages, path).await;
            assert_eq!(
                (page.lang().as_str(), page.text_of("h1").as_str()),
                ("en", english),
                "{languages}"
            );
        }
    }
}

#[tokio::test]
async fn chosen_language_overrides_browser_and_returns_to_page() {
    let world = World::start(Version::V4).await;
    for mut browser in [world.signed_in("dev").await, world.browser()] {
        let page = browser.get("/signed-out").await;
        let mut fields = page.hidden_fields("form[action='/preferences']:has(button[name=lang])");
        fields.push(("lang".to_owned(), "zh-CN".to_owned()));
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let chosen = browser.post_form("/preferences", &fields).await;
        assert_eq!(chosen.location(), "/signed-out");
        let page = get_in(&mut browser, "en", "/signed-out").await;
        assert_eq!(page.lang(), "zh-CN");
        assert_eq!(page.text_of("button[name=lang][aria-pressed=true]"), "中文");
        let json = get_in(&mut browser, "en", "/api/v1/nowhere").await.json();
        assert_eq!(json["detail"], "此地址没有页面。");
    }
}

#[tokio::test]
async fn unknown_language_changes_nothing() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    browser
        .post_form(
            "/preferences",
            &[("lang", "xx\"><script>"), ("theme", "neon")],
        )
        .await;
    let page = browser.get("/signed-out").await;
    assert_eq!(
        (
            page.lang().as_str(),
            page.text_of("button[name=theme][aria-pressed=true]")
                .as_str()
        ),
        ("en", "System")
    );
    assert_eq!(browser.post_form("/preferences", &[]).await.location(), "/");
}

#[tokio::test]
async fn theme_selects_the_linked_style_sheet() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let dark = |page: &Page| -> Vec<Option<String>> {
        page.select("link[rel=stylesheet][href*=dark]")
            .iter()
            .map(|link| link.attr("media").map(str::to_owned))
            .collect()
    };
    assert_eq!(
        dark(&browser.get("/signed-out").await),
        [Some("(prefers-color-scheme: dark)".to_owned())]
    );
    for (theme, expected) in [
        ("dark", vec![None]),
        ("light", vec![]),
        (
            "system",
            vec![Some("(prefers-color-scheme: dark)".to_owned())],
        ),
    ] {
        browser.post_form("/preferences", &[("theme", theme)]).await;
        assert_eq!(dark(&browser.get("/signed-out").await), expected, "{theme}");
    }
}

/// A tooltip is out of reach without a pointer.
#[tokio::test]
async fn exact_times_are_displayed_instead_of_relative_ones() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let times = "#tags time";
    let page = dev.get("/images/team-a/api").await;
    let exact = page.attributes(times, "title");
    assert!(
        !exact.is_empty()
            && page
                .texts(times)
                .iter()
                .all(|text| text.ends_with("ago") || text == "just now")
    );
    for (choice, pressed) in [
        ("exact", "exact"),
        ("relative", "relative"),
        ("x", "relative"),
    ] {
        let mut fields = page.hidden_fields("form[action='/preferences']:has(button[name=times])");
        fields.push(("times".to_owned(), choice.to_owned()));
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        dev.post_form("/preferences", &fields).await;
        let page = dev.get("/images/team-a/api").await;
        assert_eq!(page.texts(times) == exact, pressed == "exact", "{choice}");
        assert_eq!(
            page.attribute("button[name=times][aria-pressed=true]", "value"),
            pressed
        );
    }
}
