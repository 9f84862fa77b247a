//! What a malicious user with the right to push can put into a registry. None of this may have an
//! effect in a page, a log or a terminal.

use serde_json::{Map, Value, json};

use super::layer::SampleLayer;
use crate::cluster::{StoredTagSpec, TagReference};
use crate::registry::Repository;
use crate::sample::context::{SampleContext, repository, tag};
use crate::sample::image_builder::ImageBuilder;
use crate::sample::users_and_projects::HOSTILE_PROJECT;

/// HTML, a template, and an override of the writing direction.
pub(super) const DISPLAY_NAME: &str = "\"><img src=x onerror=alert(1)> {{7*7}} \u{202e}gnp.exe";
pub(super) const DESCRIPTION: &str = "</script><script>alert(2)</script> javascript:alert(3)";

const MARKUP: &str = "\"><img src=x onerror=alert('label')>";
const SCRIPT: &str = "</script></title></style><script>alert('script')</script>";
const TEMPLATE: &str = "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}";
const LINK: &str = "javascript:alert(document.domain)";
const BIDI: &str = "\u{202e}txt.exe\u{202c} \u{2066}a\u{2069}\u{200b}\u{feff}";
const CONTROLS: &str =
    "bell\u{7} escape\u{1b}[31mred\u{1b}[0m null\u{0} newline\nsecond line\r\ttab";
/// The bytes of the label that has no space in it to break a line at.
const LONG_LABEL_BYTES: usize = 1 << 20;

pub(super) fn push_all(site: &SampleContext<'_>) {
    let evil = format!("{HOSTILE_PROJECT}/evil");
    let image = ImageBuilder {
        media_types: site.family(true),
        created: site.days_ago(1),
        author: "\"><img src=x onerror=alert('author')>",
        architecture: "amd64\"><b>",
        run_config: run(),
        steps: steps(),
        annotations: annotations(),
    };
    site.push(
        &evil,
        Some("latest"),
        &image.build(),
        site.days_ago(1),
        "developer",
    );
    site.annotate(&evil, "description", &format!("{MARKUP}{TEMPLATE}{BIDI}"));
    site.annotate(&evil, "openshift.io/display-name", SCRIPT);
    failed_import(site, &evil);
    push_long_label(site);
}

fn run() -> Value {
    json!({
        "User": MARKUP,
        "Env": [format!("PATH={MARKUP}"), format!("{SCRIPT}=1"), TEMPLATE, "NO_EQUALS_SIGN", format!("CONTROLS={CONTROLS}")],
        "Entrypoint": [SCRIPT, CONTROLS],
        "Cmd": ["sh", "-c", "echo `id` $(id); rm -rf / #'\""],
        "WorkingDir": "/../../../etc",
        "ExposedPorts": { MARKUP: {}, "99999/tcp": {}, "-1/udp": {} },
        "Volumes": { SCRIPT: {} },
        "StopSignal": TEMPLATE,
        "Labels": {
            "io.k8s.description": MARKUP,
            "io.k8s.display-name": BIDI,
            "org.opencontainers.image.source": LINK,
            "org.opencontainers.image.url": "data:text/html,<script>alert(4)</script>",
            "org.opencontainers.image.documentation": "//evil.example/",
            "template": TEMPLATE,
            "script": SCRIPT,
            "controls": CONTROLS,
            "": "an empty name",
            "__proto__": "polluted",
            MARKUP: "a name that is markup",
        },
    })
}

fn steps() -> Vec<(Option<SampleLayer>, String)> {
    vec![
        (
            Some(SampleLayer::from_file("bin/evil", 3_000)),
            format!("/bin/sh -c echo {MARKUP}{BIDI}"),
        ),
        (None, SCRIPT.to_owned()),
        (None, CONTROLS.to_owned()),
    ]
}

fn annotations() -> Map<String, Value> {
    let pairs = [
        ("org.opencontainers.image.title", MARKUP),
        ("org.opencontainers.image.url", LINK),
        ("org.opencontainers.image.vendor", BIDI),
        (SCRIPT, TEMPLATE),
    ];
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect()
}

/// The message of a failed import is the text of another registry.
fn failed_import(site: &SampleContext<'_>, stream: &str) {
    let from = Some(TagReference::docker_image("evil.example/image:latest"));
    site.set_tag_spec(
        stream,
        "imported",
        StoredTagSpec {
            from,
            ..StoredTagSpec::default()
        },
    );
    let message =
        format!("Internal error occurred: {MARKUP} {SCRIPT} {TEMPLATE} {CONTROLS} {BIDI}");
    let Repository { project, stream } = repository(stream);
    site.cluster.fail_import(
        &project,
        &stream,
        &tag("imported"),
        "InternalError",
        &message,
        site.days_ago(1),
    );
}

/// A label of a mebibyte without a space.
fn push_long_label(site: &SampleContext<'_>) {
    let image = ImageBuilder {
        media_types: site.family(false),
        created: site.days_ago(2),
        author: "",
        architecture: "amd64",
        run_config: json!({ "Labels": { "long": "W".repeat(LONG_LABEL_BYTES), "short": "ok" }, "Env": ["A=1"] }),
        steps: vec![(
            Some(SampleLayer::from_file("bin/long", 1_000)),
            "COPY long /bin/".to_owned(),
        )],
        annotations: Map::new(),
    };
    site.push(
        &format!("{HOSTILE_PROJECT}/long-label"),
        Some("1"),
        &image.build(),
        site.days_ago(2),
        "developer",
    );
}
