//! The images of image streams with their blobs, as the users of the embedded cluster see them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::app::failure::Failure;
use registry_console::app::section::UnavailableReason;
use registry_console::app::space::{ProjectImages, StreamImages};
use registry_console::outbound::{TimeLimits, UserToken};
use registry_model::{Clock, Digest, Subject};
use rstest::rstest;
use tokio::time::Instant;

use super::sample_site::SampleSite;
use crate::harness::canned_server::LIMIT;
use crate::harness::console::{SHORT_LIMITS, app};
use crate::harness::seeded_standin::http_client;

/// The releases and nightly builds of `shop/storefront`.
const STOREFRONT_IMAGES: usize = 7 + 25;

impl SampleSite {
    async fn stream(&self, user: &str, name: &str) -> Result<StreamImages, Failure> {
        let token = UserToken::from(&*format!("TOKEN-{user}"));
        let (project, name) = name.split_once('/').unwrap();
        let (project, name) = (project.parse().unwrap(), name.parse().unwrap());
        let user = self.app.for_user(&token);
        user.stream_images(&project, &name, Instant::now() + LIMIT)
            .await
    }

    async fn project(&self, user: &str, project: &str) -> Result<ProjectImages, Failure> {
        let token = UserToken::from(&*format!("TOKEN-{user}"));
        let project = project.parse().unwrap();
        let user = self.app.for_user(&token);
        user.project_images(&project, Instant::now() + LIMIT).await
    }

    /// Deletes the object of the image that a tag points to, or of the first image of its index.
    async fn delete_image(&self, images: &StreamImages, tag: &str) -> Digest {
        let tag = images.stream.tag(&tag.parse().unwrap()).unwrap();
        let pointed_to = tag.history[0].image.clone().unwrap();
        let children = &images.images[&pointed_to].blobs.children;
        let image = children.first().unwrap_or(&pointed_to).clone();
        let url = format!(
            "{}/apis/image.openshift.io/v1/images/{image}",
            self.demo.urls().api_server
        );
        let client = http_client(self.demo.ca_pem());
        let deleted = client.delete(url).bearer_auth("TOKEN-admin").send().await;
        assert_eq!(deleted.unwrap().status(), StatusCode::OK);
        image
    }

    /// How many requests the API server has received since the last call: for layers, for single
    /// images, and others.
    fn requests(&self) -> (usize, usize, usize) {
        let log = self.demo.request_log();
        let paths = log.requests_to(Endpoint::ApiServer).into_iter();
        let paths: Vec<String> = paths.map(|request| request.path).collect();
        log.clear();
        let layers = paths
            .iter()
            .filter(|path| path.ends_with("/layers"))
            .count();
        let images = paths
            .iter()
            .filter(|path| path.contains("/imagestreamimages/"))
            .count();
        (layers, images, paths.len() - layers - images)
    }
}

/// The layers of all images, each once, with their sizes.
fn layers(images: &StreamImages) -> BTreeMap<Digest, u64> {
    images
        .layers()
        .flat_map(|image| &image.layers)
        .map(|layer| (layer.digest.clone(), layer.size.unwrap().0))
        .collect()
}

#[tokio::test]
async fn stream_takes_one_request_for_all_images_and_none_when_they_are_remembered() {
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    site.requests();
    let found = site.stream("developer", "shop/storefront").await.unwrap();
    assert_eq!(site.requests(), (1, 0, 1));
    assert_eq!(found.images.len(), STOREFRONT_IMAGES);
    assert!(found.unread.is_empty() && found.missing.is_none() && found.deleted.is_empty());
    let again = site.stream("developer", "shop/storefront").await.unwrap();
    assert_eq!(
        site.requests(),
        (0, 0, 1),
        "the stream itself is always read"
    );
    assert_eq!(layers(&again), layers(&found));

    let refused = site.stream("outsider", "shop/storefront").await;
    assert!(matches!(refused, Err(Failure::Forbidden(_))), "{refused:?}");
    assert_eq!(site.requests(), (0, 0, 1));
}

#[tokio::test]
async fn images_are_read_one_by_one_where_layers_are_not_served() {
    let site = SampleSite::start(Version::V3_9, TimeLimits::default()).await;
    site.requests();
    let found = site.stream("developer", "shop/storefront").await.unwrap();
    assert_eq!(site.requests(), (1, STOREFRONT_IMAGES, 1));
    assert_eq!(found.images.len(), STOREFRONT_IMAGES);
    site.stream("developer", "shop/cart").await.unwrap();
    let (layers_requests, images, _) = site.requests();
    assert_eq!(
        (layers_requests, images),
        (0, 7),
        "the path is known to be missing"
    );

    let new = SampleSite::start(Version::V4, TimeLimits::default()).await;
    let same = new.stream("developer", "shop/storefront").await.unwrap();
    assert_eq!(layers(&found), layers(&same), "both ways tell the same");
}

/// The role `view` may read image streams and images, but not pull.
#[tokio::test]
async fn user_who_may_not_pull_reads_images_one_by_one() {
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    let shop = "shop".parse().unwrap();
    site.demo
        .cluster()
        .bind(Some(&shop), "view", &[Subject::user("outsider")]);
    site.requests();
    let found = site.stream("outsider", "shop/cart").await.unwrap();
    assert_eq!(site.requests(), (1, 7, 1));
    assert_eq!(found.images.len(), 7);
    assert!(found.unread.is_empty() && found.missing.is_none());
}

#[tokio::test]
async fn images_of_indexes_belong_to_the_stream() {
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    let edge = "edge".parse().unwrap();
    site.demo
        .cluster()
        .bind(Some(&edge), "view", &[Subject::user("outsider")]);
    let by_layers = site.stream("developer", "edge/gateway").await.unwrap();
    let indexes = by_layers
        .images
        .values()
        .filter(|record| !record.blobs.children.is_empty());
    let children: Vec<_> = indexes.flat_map(|record| &record.blobs.children).collect();
    assert_eq!(children.len(), 3);
    assert!(
        children
            .iter()
            .all(|child| by_layers.images.contains_key(child))
    );

    let fresh = app(&site.demo, &Clock::system(), TimeLimits::default());
    let site = SampleSite { app: fresh, ..site };
    let one_by_one = site.stream("outsider", "edge/gateway").await.unwrap();
    assert_eq!(
        one_by_one.images.keys().collect::<Vec<_>>(),
        by_layers.images.keys().collect::<Vec<_>>()
    );
    assert!(one_by_one.unread.is_empty());
}

/// The tag of an image, or of an index one of whose images has no object.
const DELETED: [(Version, &str, &str); 3] = [
    (Version::V3_9, "shop/cart", "1.0.0"),
    (Version::V4, "shop/cart", "1.0.0"),
    (Version::V4, "edge/gateway", "2.4"),
];

#[tokio::test]
async fn image_whose_object_was_deleted_is_no_failure_and_not_requested_for_each_page() {
    for (version, stream, tag) in DELETED {
        let clock = Clock::fixed_at(Clock::system().now());
        let site = SampleSite::start(version, TimeLimits::default()).await;
        let fresh = app(&site.demo, &clock, TimeLimits::default());
        let site = SampleSite { app: fresh, ..site };
        let all = site.stream("developer", stream).await.unwrap();
        let deleted = BTreeSet::from([site.delete_image(&all, tag).await]);
        clock.advance(TimeDelta::minutes(31));

        let found = site.stream("developer", stream).await.unwrap();
        assert_eq!(found.images.len(), all.images.len() - 1, "{version:?}");
        assert_eq!(found.deleted, deleted);
        assert!(found.unread.is_empty() && found.missing.is_none());

        site.requests();
        let again = site.stream("developer", stream).await.unwrap();
        assert_eq!(again.deleted, deleted);
        assert!(again.unread.is_empty() && again.missing.is_none());
        assert_eq!(site.requests(), (0, 0, 1), "{version:?} {stream}");

        // An object can come back without a change of the image stream.
        clock.advance(TimeDelta::minutes(2));
        site.stream("developer", stream).await.unwrap();
        let (layers_requests, images, _) = site.requests();
        assert_eq!(layers_requests + images, 1, "{version:?} {stream}");
    }
}

#[rstest]
#[tokio::test]
async fn project_is_partial_where_a_stream_does_not_answer(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let site = SampleSite::start(version, SHORT_LIMITS).await;
    for path in ["/imagestreams/cart/layers", "/imagestreamimages/cart@"] {
        site.demo.faults().set_for_path(path, Fault::Hang);
    }
    let found = site.project("developer", "shop").await.unwrap();
    let silent: Vec<_> = found
        .streams
        .iter()
        .filter(|stream| !stream.unread.is_empty())
        .map(|stream| (stream.stream.name.as_str(), stream.unread.len()))
        .collect();
    assert_eq!((silent, found.unread_count()), (vec![("cart", 7)], 7));
    let cart = found
        .streams
        .iter()
        .find(|stream| stream.stream.name.as_str() == "cart");
    let why = cart.unwrap().missing.as_ref().unwrap().why;
    assert_eq!(why, UnavailableReason::Late);

    for path in ["/imagestreams/cart/layers", "/imagestreamimages/cart@"] {
        site.demo.faults().set_for_path(path, Fault::None);
    }
    site.requests();
    let complete = site.project("developer", "shop").await.unwrap();
    assert_eq!(complete.unread_count(), 0);
    let (layers_requests, images, others) = site.requests();
    assert_eq!(others, 1, "one list of the project");
    let missing = if version == Version::V4 {
        (1, 0)
    } else {
        (0, 7)
    };
    assert_eq!((layers_requests, images), missing, "only what was missing");
}

#[tokio::test]
async fn passed_deadline_leaves_the_page_without_a_stream() {
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    site.demo
        .faults()
        .set_for_path("/imagestreams", Fault::Hang);
    let token = UserToken::from("TOKEN-developer");
    let user = site.app.for_user(&token);
    let late = user
        .project_images(&"shop".parse().unwrap(), Instant::now())
        .await;
    assert!(matches!(late, Err(Failure::DeadlineExceeded)), "{late:?}");
}

#[tokio::test]
async fn sample_streams_share_layers_of_believable_sizes() {
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    let (cart, search) = (
        site.stream("developer", "shop/cart").await.unwrap(),
        site.stream("developer", "shop/search").await.unwrap(),
    );
    let (cart, search) = (layers(&cart), layers(&search));
    let mebibytes = |bytes: u64| bytes >> 20;
    assert!(mebibytes(cart.values().sum()) > 400);
    let shared = cart.iter().filter(|(layer, _)| search.contains_key(layer));
    let shared: u64 = shared.map(|(_, size)| size).sum();
    assert!(mebibytes(shared) > 200);
    assert!(
        shared < search.values().sum(),
        "and each has layers of its own"
    );
}
