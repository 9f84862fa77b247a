//! Ordinary images: services with their releases.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::layer::SampleLayer;
use crate::cluster::StoredTagSpec;
use crate::sample::context::SampleContext;
use crate::sample::image_builder::{BuiltImage, ImageBuilder};

const RELEASES: &[&str] = &[
    "1.0.0",
    "1.1.0",
    "1.2.0",
    "1.9.0",
    "1.10.0",
    "1.11.0-rc.1",
    "1.11.0",
];
const FEW_RELEASES: &[&str] = &["0.9.0", "0.10.0"];
const OS_RELEASES: &[&str] = &["8.6", "8.10", "9.2", "9.4", "9.10"];

/// `project/stream`, its description, its releases from the oldest on, and the number of days
/// between them.
const PRODUCTS: &[(&str, &str, &[&str], i64)] = &[
    ("shop/storefront", "The shop's front page", RELEASES, 21),
    ("shop/cart", "Shopping carts", RELEASES, 30),
    ("shop/search", "Product search", FEW_RELEASES, 45),
    (
        "shop/recommendations",
        "Those who bought this also bought that",
        FEW_RELEASES,
        14,
    ),
    (
        "shop/mailer",
        "Order mails",
        &["2019.4", "2021.11", "2024.2"],
        300,
    ),
    (
        "shop/checkout-frontend-with-quite-a-long-name-for-an-image-stream",
        "Checkout",
        FEW_RELEASES,
        9,
    ),
    ("payments/gateway", "支付网关", RELEASES, 12),
    ("payments/ledger", "总账服务", RELEASES, 18),
    ("payments/fraud-check", "风控", FEW_RELEASES, 40),
    ("payments/reconciliation", "对账任务", FEW_RELEASES, 25),
    ("payments/cards", "银行卡服务", FEW_RELEASES, 33),
    (
        "data-platform/ingest",
        "Kafka to object storage",
        RELEASES,
        16,
    ),
    (
        "data-platform/notebook",
        "Jupyter with the team's libraries",
        OS_RELEASES,
        60,
    ),
    ("data-platform/dbt", "Transformations", FEW_RELEASES, 22),
    ("data-platform/airflow", "Scheduler", FEW_RELEASES, 80),
    ("data-platform/metabase", "Dashboards", FEW_RELEASES, 90),
    (
        "base-images/ubi-minimal",
        "The smallest base",
        OS_RELEASES,
        90,
    ),
    (
        "base-images/python",
        "Python on ubi-minimal",
        &["3.9", "3.10", "3.11", "3.12"],
        200,
    ),
    (
        "base-images/nodejs",
        "Node.js on ubi-minimal",
        &["16", "18", "20", "22"],
        190,
    ),
    (
        "base-images/openjdk",
        "OpenJDK on ubi-minimal",
        &["8", "11", "17", "21"],
        220,
    ),
    (
        "base-images/golang",
        "Go toolchain",
        &["1.9", "1.10", "1.22"],
        120,
    ),
    ("base-images/nginx", "nginx", &["1.24", "1.26"], 150),
    ("public-tools/curl", "curl", &["8.4.0", "8.10.1"], 70),
    ("public-tools/jq", "jq", &["1.6", "1.7.1"], 400),
    ("public-tools/skopeo", "skopeo", &["1.9.3", "1.14.0"], 110),
    ("ml-lab/trainer", "训练任务", FEW_RELEASES, 8),
    ("ml-lab/serving", "在线推理", FEW_RELEASES, 11),
    ("ml-lab/features", "特征计算", FEW_RELEASES, 19),
    ("ml-lab/labelling-ui", "标注工具", FEW_RELEASES, 27),
    ("edge/firmware-builder", "Cross compiler", FEW_RELEASES, 35),
    ("edge/telemetry", "Metrics from the field", FEW_RELEASES, 10),
    ("legacy/crm", "Customer relations", &["5.2", "5.2-sp1"], 300),
];

pub(super) fn release_all(site: &SampleContext<'_>) {
    let base = SampleLayer::from_file("usr/lib/base", 30_000);
    for (index, (stream, description, releases, every)) in PRODUCTS.iter().enumerate() {
        let runtime =
            SampleLayer::from_file(&format!("usr/lib/{stream}/runtime"), 9_000 + 701 * index);
        let product = Product {
            stream,
            description,
            base: &base,
            runtime: &runtime,
            oci: index % 3 == 0,
        };
        for (release, age) in releases.iter().zip((1..=releases.len()).rev()) {
            let days = i64::try_from(age).unwrap_or_default() * every;
            let when = site.days_ago(days)
                - TimeDelta::minutes(i64::try_from(index * 37).unwrap_or_default());
            site.push(
                stream,
                Some(release),
                &product.image(site, release, when),
                when,
                "developer",
            );
        }
        // The console shows the annotation `description`.
        site.annotate(stream, "description", description);
        site.annotate(stream, "openshift.io/display-name", description);
    }
    push_nightly_builds(site, &base);
    add_latest_tags(site);
}

struct Product<'a> {
    stream: &'a str,
    description: &'a str,
    base: &'a SampleLayer,
    runtime: &'a SampleLayer,
    oci: bool,
}

impl Product<'_> {
    fn image(&self, site: &SampleContext<'_>, release: &str, created: DateTime<Utc>) -> BuiltImage {
        let name = self.stream.rsplit('/').next().unwrap_or(self.stream);
        let app =
            SampleLayer::from_file(&format!("opt/{name}/{release}"), 2_000 + 97 * release.len());
        let mut annotations = Map::new();
        annotations.insert(
            "org.opencontainers.image.version".to_owned(),
            release.into(),
        );
        ImageBuilder {
            media_types: site.family(self.oci),
            created,
            author: "Build system <builds@example.com>",
            architecture: "amd64",
            run_config: run(name, release, self.description),
            steps: vec![
                (
                    Some(self.base.clone()),
                    "/bin/sh -c #(nop) ADD file:base in / ".to_owned(),
                ),
                (None, "/bin/sh -c #(nop)  CMD [\"/bin/bash\"]".to_owned()),
                (
                    Some(self.runtime.clone()),
                    format!("/bin/sh -c microdnf install -y {name}-runtime && microdnf clean all"),
                ),
                (Some(app), format!("COPY dir:{name} in /opt/{name} ")),
                (None, format!("ENTRYPOINT [\"/opt/{name}/bin/start\"]")),
            ],
            annotations,
        }
        .build()
    }
}

fn run(name: &str, release: &str, description: &str) -> Value {
    json!({
        "User": "1001",
        "ExposedPorts": { "8080/tcp": {}, "8443/tcp": {} },
        "Env": [format!("PATH=/opt/{name}/bin:/usr/local/bin:/usr/bin"), format!("APP_VERSION={release}"), "LANG=C.UTF-8"],
        "Entrypoint": [format!("/opt/{name}/bin/start")],
        "Cmd": ["--config", "/etc/app.yaml"],
        "Volumes": { "/var/lib/app": {} },
        "WorkingDir": format!("/opt/{name}"),
        "StopSignal": "SIGTERM",
        "Labels": {
            "io.k8s.description": description,
            "io.k8s.display-name": format!("{name} {release}"),
            "maintainer": "team@example.com",
            "name": name,
            "version": release,
            "org.opencontainers.image.source": format!("https://git.example.com/{name}"),
            "org.opencontainers.image.licenses": "Apache-2.0",
        },
    })
}

/// A tag with a long history: 25 builds over the last months.
fn push_nightly_builds(site: &SampleContext<'_>, base: &SampleLayer) {
    let runtime = SampleLayer::from_file("usr/lib/nightly", 9_000);
    let product = Product {
        stream: "shop/storefront",
        description: "Nightly build",
        base,
        runtime: &runtime,
        oci: true,
    };
    for build in (0..25).rev() {
        let when = site.days_ago(build * 5) - TimeDelta::minutes(build * 13 + 5);
        let by = if build % 4 == 0 {
            "system:serviceaccount:shop:builder"
        } else {
            "developer"
        };
        site.push(
            product.stream,
            Some("nightly"),
            &product.image(site, &format!("nightly-{build}"), when),
            when,
            by,
        );
    }
}

/// Makes `latest` track the newest release of its own image stream.
fn add_latest_tags(site: &SampleContext<'_>) {
    for (stream, _, releases, _) in PRODUCTS
        .iter()
        .filter(|(stream, ..)| !stream.starts_with("legacy/"))
    {
        let Some(newest) = releases.last() else {
            continue;
        };
        let from = super::imports::stream_tag(newest, None);
        site.set_tag_spec(
            stream,
            "latest",
            StoredTagSpec {
                from: Some(from),
                ..StoredTagSpec::default()
            },
        );
        site.backdate_tracking_tag(stream, "latest", newest);
    }
}
