//! Ordinary images: services with their releases.

use std::collections::BTreeMap;

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

/// The layers that products have in common, above the base: name and size in MiB.
const RUNTIMES: &[(&str, u64)] = &[
    ("tools", 12),
    ("golang", 318),
    ("nodejs", 148),
    ("python", 187),
    ("openjdk", 214),
    ("cuda", 2_310),
];
/// The bases, the older one first: name and size in MiB.
const BASES: [(&str, u64); 2] = [("ubi-8", 39), ("ubi-9", 36)];

/// `project/stream`, its description, its releases from the oldest on, the number of days between
/// them, and its runtime.
const PRODUCTS: &[(&str, &str, &[&str], i64, &str)] = &[
    (
        "shop/storefront",
        "The shop's front page",
        RELEASES,
        21,
        "nodejs",
    ),
    ("shop/cart", "Shopping carts", RELEASES, 30, "openjdk"),
    ("shop/search", "Product search", FEW_RELEASES, 45, "openjdk"),
    (
        "shop/recommendations",
        "Those who bought this also bought that",
        FEW_RELEASES,
        14,
        "python",
    ),
    (
        "shop/mailer",
        "Order mails",
        &["2019.4", "2021.11", "2024.2"],
        300,
        "python",
    ),
    (
        "shop/checkout-frontend-with-quite-a-long-name-for-an-image-stream",
        "Checkout",
        FEW_RELEASES,
        9,
        "nodejs",
    ),
    ("payments/gateway", "支付网关", RELEASES, 12, "openjdk"),
    ("payments/ledger", "总账服务", RELEASES, 18, "openjdk"),
    ("payments/fraud-check", "风控", FEW_RELEASES, 40, "python"),
    (
        "payments/reconciliation",
        "对账任务",
        FEW_RELEASES,
        25,
        "openjdk",
    ),
    ("payments/cards", "银行卡服务", FEW_RELEASES, 33, "openjdk"),
    (
        "data-platform/ingest",
        "Kafka to object storage",
        RELEASES,
        16,
        "golang",
    ),
    (
        "data-platform/notebook",
        "Jupyter with the team's libraries",
        OS_RELEASES,
        60,
        "python",
    ),
    (
        "data-platform/dbt",
        "Transformations",
        FEW_RELEASES,
        22,
        "python",
    ),
    (
        "data-platform/airflow",
        "Scheduler",
        FEW_RELEASES,
        80,
        "python",
    ),
    (
        "data-platform/metabase",
        "Dashboards",
        FEW_RELEASES,
        90,
        "openjdk",
    ),
    (
        "base-images/ubi-minimal",
        "The smallest base",
        OS_RELEASES,
        90,
        "tools",
    ),
    (
        "base-images/python",
        "Python on ubi-minimal",
        &["3.9", "3.10", "3.11", "3.12"],
        200,
        "python",
    ),
    (
        "base-images/nodejs",
        "Node.js on ubi-minimal",
        &["16", "18", "20", "22"],
        190,
        "nodejs",
    ),
    (
        "base-images/openjdk",
        "OpenJDK on ubi-minimal",
        &["8", "11", "17", "21"],
        220,
        "openjdk",
    ),
    (
        "base-images/golang",
        "Go toolchain",
        &["1.9", "1.10", "1.22"],
        120,
        "golang",
    ),
    (
        "base-images/nginx",
        "nginx",
        &["1.24", "1.26"],
        150,
        "tools",
    ),
    (
        "public-tools/curl",
        "curl",
        &["8.4.0", "8.10.1"],
        70,
        "tools",
    ),
    ("public-tools/jq", "jq", &["1.6", "1.7.1"], 400, "tools"),
    (
        "public-tools/skopeo",
        "skopeo",
        &["1.9.3", "1.14.0"],
        110,
        "tools",
    ),
    ("ml-lab/trainer", "训练任务", FEW_RELEASES, 8, "cuda"),
    ("ml-lab/serving", "在线推理", FEW_RELEASES, 11, "cuda"),
    ("ml-lab/features", "特征计算", FEW_RELEASES, 19, "python"),
    (
        "ml-lab/labelling-ui",
        "标注工具",
        FEW_RELEASES,
        27,
        "nodejs",
    ),
    (
        "edge/firmware-builder",
        "Cross compiler",
        FEW_RELEASES,
        35,
        "golang",
    ),
    (
        "edge/telemetry",
        "Metrics from the field",
        FEW_RELEASES,
        10,
        "golang",
    ),
    (
        "legacy/crm",
        "Customer relations",
        &["5.2", "5.2-sp1"],
        300,
        "openjdk",
    ),
];

pub(super) fn release_all(site: &SampleContext<'_>) {
    let bases = BASES.map(|(name, mib)| shared_layer(name, mib));
    let runtimes: BTreeMap<&str, SampleLayer> = RUNTIMES
        .iter()
        .map(|(name, mib)| (*name, shared_layer(name, *mib)))
        .collect();
    for (index, (stream, description, releases, every, runtime)) in PRODUCTS.iter().enumerate() {
        let product = Product {
            stream,
            description,
            runtime: &runtimes[runtime],
            oci: index % 3 == 0,
        };
        for (number, release) in releases.iter().enumerate() {
            let age = releases.len() - number;
            let days = i64::try_from(age).unwrap_or_default() * every;
            let when = site.days_ago(days)
                - TimeDelta::minutes(i64::try_from(index * 37).unwrap_or_default());
            // Half of the releases were built before the base was replaced.
            let base = &bases[usize::from(2 * number >= releases.len())];
            site.push(
                stream,
                Some(release),
                &product.image(site, base, release, when),
                when,
                "developer",
            );
        }
        // The console shows the annotation `description`.
        site.annotate(stream, "description", description);
        site.annotate(stream, "openshift.io/display-name", description);
    }
    let [_, base] = &bases;
    push_nightly_builds(site, base, &runtimes["nodejs"]);
    add_latest_tags(site);
}

fn shared_layer(name: &str, mib: u64) -> SampleLayer {
    SampleLayer::from_file(&format!("usr/lib/{name}"), 3_000).declaring_kib(mib << 10)
}

struct Product<'a> {
    stream: &'a str,
    description: &'a str,
    runtime: &'a SampleLayer,
    oci: bool,
}

impl Product<'_> {
    fn image(
        &self,
        site: &SampleContext<'_>,
        base: &SampleLayer,
        release: &str,
        created: DateTime<Utc>,
    ) -> BuiltImage {
        let name = self.stream.rsplit('/').next().unwrap_or(self.stream);
        let size = 2_000 + 97 * release.len();
        // From 8 to 61 MiB, different for each product and release.
        let kib = 8_192 + 3_407 * u64::try_from((name.len() + release.len()) % 17).unwrap_or(0);
        let app = SampleLayer::from_file(&format!("opt/{name}/{release}"), size).declaring_kib(kib);
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
                    Some(base.clone()),
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
fn push_nightly_builds(site: &SampleContext<'_>, base: &SampleLayer, runtime: &SampleLayer) {
    let product = Product {
        stream: "shop/storefront",
        description: "Nightly build",
        runtime,
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
            &product.image(site, base, &format!("nightly-{build}"), when),
            when,
            by,
        );
    }
}

/// Makes `latest` track the newest release of its own image stream.
fn add_latest_tags(site: &SampleContext<'_>) {
    for (stream, _, releases, ..) in PRODUCTS
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
