//! The console before a real registry: Debian's `docker-registry`, filled by `skopeo`, beside the
//! embedded cluster as the API server.

pub(crate) mod daemon;
pub(crate) mod images;

use bytes::Bytes;
use http::header::ACCEPT;
use openshift_standin::cluster::{ProjectText, PushedManifest, Version};
use registry_model::Digest;
use serde_json::{Value, json};

use crate::harness::seeded_standin::{SCHEMA1, repository};
use crate::harness::{Browser, Page, World};
use daemon::RegistryDaemon;
use images::{ImageDocument, helm_chart, image, index};

/// A cluster whose console has a real registry, and the browser of `dev`.
struct RegistryWorld {
    world: World,
    registry: RegistryDaemon,
    dev: Browser,
}

impl RegistryWorld {
    async fn start(version: Version) -> Self {
        let registry = RegistryDaemon::start().await;
        let world = World::builder(version)
            .time("2026-06-01T12:00:00Z".parse().unwrap())
            .index()
            .registry(registry.url())
            .start()
            .await;
        let (project, text) = ("team".parse().unwrap(), ProjectText::default());
        let cluster = world.demo.cluster();
        cluster.create_project(&project, text, "dev").unwrap();
        let dev = world.signed_in("dev").await;
        Self {
            world,
            registry,
            dev,
        }
    }

    /// Puts it into the registry, byte for byte.
    async fn fill(&self, reference: &str, document: &ImageDocument) {
        let folder = self
            .registry
            .folder()
            .join(reference.replace(['/', ':'], "-"));
        let source = if document.media_type.contains("oci") {
            document.write_oci(&folder)
        } else {
            document.write_dir(&folder)
        };
        self.registry
            .fill(&["--all", "--preserve-digests"], &source, reference)
            .await;
    }

    /// Lets the image stream know of it.
    fn tell_master(&self, reference: &str, document: &ImageDocument) {
        self.tell(
            reference,
            document.digest(),
            document.media_type,
            Bytes::from(document.text.clone()),
            document.config.clone(),
        );
    }

    fn tell(
        &self,
        reference: &str,
        digest: Digest,
        media_type: &str,
        manifest: Bytes,
        config: Option<String>,
    ) {
        let (name, tag) = reference.split_once(':').unwrap();
        let (into, when) = (repository(name), self.world.demo.cluster().clock().now());
        let (media_type, config) = (media_type.to_owned(), config.map(Bytes::from));
        let pushed = PushedManifest {
            digest,
            media_type,
            manifest,
            config,
            pushed_at: when,
            pushed_by: "dev".to_owned(),
        };
        self.world
            .demo
            .cluster()
            .push(
                &into.project,
                &into.stream,
                Some(&tag.parse().unwrap()),
                &pushed,
            )
            .unwrap();
    }

    async fn push(&self, reference: &str, document: &ImageDocument) {
        self.fill(reference, document).await;
        self.tell_master(reference, document);
    }

    /// The page of an image or image stream, and its JSON.
    async fn both(&self, path: &str) -> (Page, Value) {
        let page = self.dev.clone().get(&format!("/images/{path}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let json = self
            .dev
            .clone()
            .get(&format!("/api/v1/images/{path}"))
            .await;
        assert_eq!(json.status, 200, "{}", json.text);
        (page, json.json())
    }
}

fn shown_digest(page: &Page) -> String {
    page.text_of("section[aria-labelledby=facts] .rc-digest--full code")
}

/// The rows of the layers: the title of the digest, the size in bytes.
fn layer_rows(page: &Page) -> Vec<(String, u64)> {
    let digests = page.texts("#layers th code");
    let sizes = page.attributes("#layers span.rc-number", "title");
    assert_eq!(digests.len(), sizes.len(), "{sizes:?}");
    let bytes = |title: &String| {
        title
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .unwrap()
    };
    digests.into_iter().zip(sizes.iter().map(bytes)).collect()
}

/// What the page shows of the raw document, without the white space that was put between its parts.
fn raw(page: &Page, id: &str) -> String {
    let (mut text, mut in_text, mut escaped) = (String::new(), false, false);
    for c in page.raw_text_of(&format!("pre#{id}")).chars() {
        if in_text {
            (in_text, escaped) = (escaped || c != '"', !escaped && c == '\\');
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_text = c == '"';
        }
        text.push(c);
    }
    text
}

async fn assert_page_matches(world: &RegistryWorld, stored: &ImageDocument, layer_type: &str) {
    let (page, json) = world.both("team/app:1.0").await;
    assert_eq!(page.missing(), [""; 0]);
    assert_eq!(shown_digest(&page), stored.digest().to_string());
    assert_eq!(page.fact("Platform"), "linux/amd64");
    assert_eq!(page.fact("Media type"), stored.media_type);
    assert_eq!(page.fact("Author"), "Ada <ada@example.com>");
    assert_eq!(
        page.text_of(".rc-page-header .pf-v6-c-label__text"),
        "Image"
    );
    assert_eq!(
        (page.fact("Entrypoint"), page.fact("Command")),
        ("/bin/serve".to_owned(), "--port 8080".to_owned())
    );
    assert_eq!(
        (page.fact("GREETING"), page.fact("version")),
        ("a = b".to_owned(), "1.0".to_owned())
    );
    assert_eq!(layer_rows(&page), stored.layers());
    assert_eq!(page.texts("#layers td:last-child"), [layer_type; 2]);
    assert_eq!(
        page.texts(".rc-step"),
        [
            "ADD file:0123 in /",
            "ENV GREETING=a = b",
            "RUN make install"
        ]
    );
    assert_eq!(raw(&page, "raw-manifest"), stored.text);
    assert_eq!(raw(&page, "raw-config"), *stored.config.as_ref().unwrap());
    let facts = &json["facts"];
    assert_eq!(
        (&json["digest"], &facts["kind"], &facts["media_type"]),
        (
            &json!(stored.digest()),
            &json!("image"),
            &json!(stored.media_type)
        )
    );
    let format = json!({ "compression": "gzip", "index": null, "encrypted": false, "foreign": false, "empty": false });
    let layer = |(digest, size): &(_, _)| json!({ "digest": digest, "size": size, "media_type": layer_type, "format": format });
    let layers: Vec<Value> = stored.layers().iter().map(layer).collect();
    assert_eq!(facts["layers"], json!(layers));
    assert_eq!(
        facts["size"],
        stored.layers().iter().map(|(_, size)| size).sum::<u64>()
    );
    assert_eq!(json["raw_manifest"]["bytes"], stored.text.len());
    assert_eq!(facts["config"]["cmd"]["items"], json!(["--port", "8080"]));
    for missing in [
        "master_missing",
        "registry_missing",
        "config_missing",
        "registry_disagrees",
    ] {
        assert_eq!(json[missing], Value::Null, "{missing}");
    }
}

#[tokio::test]
async fn docker_image_page_matches_the_registry() {
    let world = RegistryWorld::start(Version::V3_9).await;
    let stored = image(false, "amd64", None);
    world.push("team/app:1.0", &stored).await;
    assert_page_matches(
        &world,
        &stored,
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
    )
    .await;
}

#[tokio::test]
async fn oci_image_page_matches_the_registry() {
    let world = RegistryWorld::start(Version::V4).await;
    let stored = image(true, "amd64", None);
    world.push("team/app:1.0", &stored).await;
    assert_page_matches(
        &world,
        &stored,
        "application/vnd.oci.image.layer.v1.tar+gzip",
    )
    .await;
}

#[tokio::test]
async fn index_links_to_each_platform_image() {
    let world = RegistryWorld::start(Version::V4).await;
    let (stored, images) = index(&[("amd64", None), ("arm", Some("v7"))]);
    world.push("team/app:multi", &stored).await;
    let (page, json) = world.both("team/app:multi").await;
    assert_eq!(
        page.text_of(".rc-page-header .pf-v6-c-label__text"),
        "Image index"
    );
    assert_eq!(
        page.texts("section[aria-labelledby=platforms] th[scope=row]"),
        ["linux/amd64", "linux/arm/v7"]
    );
    assert_eq!(raw(&page, "raw-manifest"), stored.text);
    assert_eq!(
        (&json["digest"], &json["facts"]["kind"]),
        (&json!(stored.digest()), &json!("index"))
    );
    let links = page.attributes("section[aria-labelledby=platforms] td a", "href");
    assert_eq!(links.len(), 2);
    for ((link, image), platform) in links
        .iter()
        .zip(&images)
        .zip(["linux/amd64", "linux/arm/v7"])
    {
        let of_platform = world.dev.clone().get(link).await;
        assert_eq!(of_platform.status, 200, "{}", of_platform.text);
        assert_eq!(shown_digest(&of_platform), image.digest().to_string());
        assert_eq!(of_platform.fact("Platform"), platform);
        assert_eq!(layer_rows(&of_platform), image.layers());
    }
}

#[tokio::test]
async fn helm_chart_is_not_called_an_image() {
    let world = RegistryWorld::start(Version::V4).await;
    let chart = helm_chart();
    world.push("team/shop:1.2.3", &chart).await;
    let (page, json) = world.both("team/shop:1.2.3").await;
    assert_eq!(
        page.text_of(".rc-page-header .pf-v6-c-label__text"),
        "Artifact"
    );
    assert_eq!(page.fact("Type"), "Helm chart");
    assert!(
        !page.text.contains("docker pull") && !page.text.contains("podman pull"),
        "{}",
        page.text
    );
    assert_eq!(page.fact("org.opencontainers.image.title"), "shop");
    let (chart_digest, chart_size) = chart.layers().remove(0);
    assert_eq!(
        page.attributes("section[aria-labelledby=artifact] td code", "title"),
        [chart_digest]
    );
    assert_eq!(raw(&page, "raw-manifest"), chart.text);
    assert_eq!(
        (&json["digest"], &json["facts"]["kind"]),
        (&json!(chart.digest()), &json!("artifact"))
    );
    assert_eq!(
        json["facts"]["artifact"]["blobs"]["items"][0]["size"],
        chart_size
    );
}

#[tokio::test]
async fn schema_1_image_is_shown() {
    let world = RegistryWorld::start(Version::V3_9).await;
    let source = image(false, "amd64", None).write_dir(&world.registry.folder().join("source"));
    world
        .registry
        .fill(&["--format", "v2s1"], &source, "team/old:1")
        .await;
    let stored = crate::harness::seeded_standin::http_client(world.world.demo.ca_pem());
    let stored = stored
        .get(
            world
                .registry
                .url()
                .join("/v2/team/old/manifests/1")
                .unwrap(),
        )
        .header(ACCEPT, SCHEMA1)
        .send()
        .await
        .unwrap();
    assert_eq!(stored.headers()["content-type"], SCHEMA1);
    let digest: Digest = stored.headers()["docker-content-digest"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let manifest = stored.bytes().await.unwrap();
    world.tell(
        "team/old:1",
        digest.clone(),
        SCHEMA1,
        manifest.clone(),
        None,
    );
    let (page, json) = world.both("team/old:1").await;
    assert_eq!(page.missing(), [""; 0]);
    assert_eq!(
        page.text_of(".rc-page-header .pf-v6-c-label__text"),
        "Image, schema 1"
    );
    assert_eq!(shown_digest(&page), digest.to_string());
    assert_eq!(
        (page.fact("Platform"), page.fact("Command")),
        ("linux/amd64".to_owned(), "--port 8080".to_owned())
    );
    // skopeo writes down no command for the newest layer.
    assert_eq!(
        page.texts(".rc-step"),
        ["ADD file:0123 in /", "ENV GREETING=a = b", ""]
    );
    let mut manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let newest_first = manifest["fsLayers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| layer["blobSum"].as_str().unwrap().to_owned());
    let shown = page.texts("#layers th code");
    assert_eq!(shown, newest_first.rev().collect::<Vec<_>>());
    // The registry signs each response anew.
    let mut shown: Value = serde_json::from_str(&raw(&page, "raw-manifest")).unwrap();
    assert!(shown["signatures"].take().is_array() && manifest["signatures"].take().is_array());
    assert_eq!(shown, manifest);
    assert_eq!(
        (&json["digest"], &json["facts"]["kind"]),
        (&json!(digest), &json!("schema1"))
    );
}

#[tokio::test]
async fn stream_marks_tags_missing_in_registry_or_api_server() {
    let world = RegistryWorld::start(Version::V4).await;
    let stored = image(true, "arm64", None);
    world.push("team/app:both", &stored).await;
    world.fill("team/app:hidden", &stored).await;
    world.tell_master("team/app:gone", &stored);
    let (page, json) = world.both("team/app").await;
    let rows = page.texts("#tags tbody tr");
    let row = |name: &str| rows.iter().find(|row| row.starts_with(name)).unwrap();
    assert!(!row("both").contains("registry"), "{rows:?}");
    assert!(row("gone").contains("Not in the registry"), "{rows:?}");
    assert!(row("hidden").contains("Only in the registry"), "{rows:?}");
    let presence = |tag: &Value| {
        format!(
            "{} {}",
            tag["name"].as_str().unwrap(),
            tag["presence"].as_str().unwrap()
        )
    };
    let tags = json["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(presence)
        .collect();
    assert_eq!(
        sorted(tags),
        ["both both", "gone only-stream", "hidden only-registry"]
    );
    assert_eq!(json["registry"], 2);
    let size: u64 = stored.layers().iter().map(|(_, size)| size).sum();
    let both = json["tags"]
        .as_array()
        .unwrap()
        .iter()
        .find(|tag| tag["name"] == "both")
        .unwrap();
    assert_eq!(
        (&both["digest"], &both["image"]["size"]),
        (&json!(stored.digest()), &json!(size))
    );
    assert_eq!(both["image"]["architectures"], json!(["arm64"]));
    // The image pages of both odd ones stand, with what one of the two says.
    let (hidden, _) = world.both("team/app:hidden").await;
    assert_eq!(hidden.fact("Platform"), "linux/arm64");
    assert_eq!(
        hidden.missing().len(),
        1,
        "the master does not know this tag"
    );
    let (gone, _) = world.both("team/app:gone").await;
    assert_eq!(shown_digest(&gone), stored.digest().to_string());
    assert_eq!(
        gone.missing(),
        ["The image registry does not have this. It might have been deleted."]
    );
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

#[tokio::test]
async fn tag_with_differing_images_is_marked() {
    let world = RegistryWorld::start(Version::V4).await;
    let (ours, theirs) = (image(true, "amd64", None), image(true, "s390x", None));
    world.fill("team/app:1.0", &theirs).await;
    world.tell_master("team/app:1.0", &ours);
    let (page, json) = world.both("team/app:1.0").await;
    assert_eq!(
        page.text_of("main .pf-m-warning .pf-v6-c-alert__title"),
        "The image stream and the registry differ"
    );
    assert_eq!(shown_digest(&page), ours.digest().to_string());
    assert_eq!(
        page.attributes("main .pf-m-warning a", "href"),
        [format!("/images/team/app@{}", theirs.digest())]
    );
    assert_eq!(
        page.fact("Platform"),
        "amd64",
        "the stream's image is what is shown, as far as the master took it down"
    );
    assert_eq!(
        (&json["digest"], &json["registry_disagrees"]),
        (&json!(ours.digest()), &json!(theirs.digest()))
    );
}
