//! What somebody with the right to push can put into a registry. Nothing of this may do anything in
//! a page, a log or a terminal.

use serde_json::{Map, Value, json};

use super::build::Recipe;
use super::layer::Layer;
use super::people::HOSTILE_PROJECT;
use super::site::{Site, repository, tag};
use crate::cluster::{SpecTag, TagReference};
use crate::registry::Repository;

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
const LONG: usize = 1 << 20;

pub(super) fn push_all(site: &Site<'_>) {
    let evil = format!("{HOSTILE_PROJECT}/evil");
    let image = Recipe {
        family: site.family(true),
        created: site.days_ago(1),
        author: "\"><img src=x onerror=alert('author')>",
        architecture: "amd64\"><b>",
        run: run(),
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
    long(site);
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

fn steps() -> Vec<(Option<Layer>, String)> {
    vec![
        (
            Some(Layer::of_file("bin/evil", 3_000)),
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

/// The message of a failed import is another registry's text.
fn failed_import(site: &Site<'_>, stream: &str) {
    let from = Some(TagReference::docker_image("evil.example/image:latest"));
    site.ask_for(
        stream,
        "imported",
        SpecTag {
            from,
            ..SpecTag::default()
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
fn long(site: &Site<'_>) {
    let image = Recipe {
        family: site.family(false),
        created: site.days_ago(2),
        author: "",
        architecture: "amd64",
        run: json!({ "Labels": { "long": "W".repeat(LONG), "short": "ok" }, "Env": ["A=1"] }),
        steps: vec![(
            Some(Layer::of_file("bin/long", 1_000)),
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
