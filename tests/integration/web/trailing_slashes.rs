//! Addresses that are almost those of a page.

use openshift_standin::cluster::Version;
use reqwest::Method;

use crate::harness::World;

const WITH_SLASH: &str = include_str!("../../cases/54-trailing-slash/addresses.txt");

#[tokio::test]
async fn trailing_slashes_redirect_to_the_page() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for address in WITH_SLASH
        .lines()
        .chain([
            "/images/team-a/api/?page=2",
            "/api/v1/projects/",
            "/images//",
        ])
        .filter(|line| !line.is_empty())
    {
        let page = dev.get(address).await;
        let (path, query) = address
            .split_once('?')
            .map_or((address, ""), |(path, query)| (path, query));
        let expected = [path.trim_end_matches('/'), query]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("?");
        assert_eq!((page.status, page.location()), (308, expected), "{address}");
    }
    for address in ["/", "/api/v1/"] {
        assert_eq!(dev.get(address).await.status, 200, "{address}");
    }
}

#[tokio::test]
async fn trailing_slashes_never_redirect_to_another_host() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    for address in [
        "//evil.example.com/",
        "///evil.example.com//",
        "/%2Fevil.example.com/",
    ] {
        let page = browser.send(browser.request(Method::GET, address)).await;
        let location = page
            .headers
            .get("location")
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        assert!(
            !location.starts_with("//") && !location.starts_with("http"),
            "{address}: {location}"
        );
    }
}
