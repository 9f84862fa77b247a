use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::manifest::Manifest;
use super::*;

fn parse(json: &Value) -> ImageConfig {
    ImageConfig::parse(json.to_string().as_bytes()).unwrap()
}

fn full() -> Value {
    json!({
        "created": "2026-07-21T21:03:04Z", "author": "a", "os": "linux", "os.version": "1", "architecture": "arm", "variant": "v7",
        "config": {
            "User": "1001:0", "Env": ["A=b=c", "EMPTY=", "BARE"], "Entrypoint": ["/e"], "Cmd": "serve", "WorkingDir": "/w",
            "ExposedPorts": {"8080/tcp": {}}, "Volumes": {"/data": {}}, "Labels": {"l": "v"}, "StopSignal": "SIGTERM", "OnBuild": ["RUN x"],
            "Shell": ["/bin/bash", "-c"],
            "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 30_000_000_000_u64, "Timeout": 1, "StartPeriod": 2, "Retries": 3},
        },
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", "ab".repeat(32)), "md5:x"]},
        "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "x", "comment": "c", "author": "h", "empty_layer": true}, {}],
    })
}

#[test]
fn full_config_is_parsed() {
    let config = parse(&full());
    assert_eq!(
        config.created.time().unwrap().to_rfc3339(),
        "2026-07-21T21:03:04+00:00"
    );
    let texts = [
        &config.author,
        &config.os,
        &config.os_version,
        &config.architecture,
        &config.variant,
        &config.user,
        &config.working_dir,
    ];
    assert_eq!(
        texts.map(|text| text.as_deref().unwrap()),
        ["a", "linux", "1", "arm", "v7", "1001:0", "/w"]
    );
    let env: Vec<_> = config
        .env
        .items
        .iter()
        .map(|var| (var.name.as_str(), var.value.as_deref()))
        .collect();
    assert_eq!(
        env,
        [("A", Some("b=c")), ("EMPTY", Some("")), ("BARE", None)]
    );
    assert_eq!(
        (
            config.entrypoint.items.join(" "),
            config.cmd.items.join(" ")
        ),
        ("/e".to_owned(), "serve".to_owned())
    );
    assert_eq!(
        (
            config.exposed_ports.items.join(" "),
            config.volumes.items.join(" ")
        ),
        ("8080/tcp".to_owned(), "/data".to_owned())
    );
    assert_eq!(
        (
            config.labels.items["l"].as_str(),
            config.stop_signal.as_deref()
        ),
        ("v", Some("SIGTERM"))
    );
    assert_eq!(
        (config.on_build.items.len(), config.shell.items.len()),
        (1, 2)
    );
    let check = config.healthcheck.unwrap();
    assert_eq!(
        (
            check.interval,
            check.timeout,
            check.start_period,
            check.retries
        ),
        (Some(30_000_000_000), Some(1), Some(2), Some(3))
    );
    assert_eq!(
        config
            .diff_ids
            .items
            .iter()
            .map(Option::is_some)
            .collect::<Vec<_>>(),
        [true, false]
    );
    assert!(config.history.items[0].empty_layer && !config.history.items[1].empty_layer);
    assert_eq!(config.history.items[1], HistoryEntry::default());
}

#[test]
fn mistyped_field_is_absent_and_the_rest_is_read() {
    for (place, value) in [
        ("/created", json!(0)),
        ("/author", json!([])),
        ("/config/Env", json!({"A": "b"})),
        ("/config/Labels", json!(["x"])),
    ] {
        let mut json = full();
        *json.pointer_mut(place).unwrap() = value;
        let config = parse(&json);
        assert_eq!(config.user.as_deref(), Some("1001:0"), "{place}");
        assert_eq!(config.history.items.len(), 2, "{place}");
    }
    let odd = parse(&json!({"config": [], "history": {}, "rootfs": "x", "architecture": "amd64"}));
    assert_eq!(
        odd,
        ImageConfig {
            architecture: Some("amd64".to_owned()),
            ..ImageConfig::default()
        }
    );
    assert_eq!(parse(&json!([])), ImageConfig::default());
    assert!(ImageConfig::parse(b"{").is_err());
}

#[test]
fn a_maintainer_instruction_is_the_fallback_for_the_author() {
    let history = json!([{"created_by": "/bin/sh -c #(nop)  MAINTAINER old"}, {"created_by": "/bin/sh -c #(nop)  MAINTAINER A. Person"}, {}]);
    assert_eq!(
        parse(&json!({"history": history, "author": " "}))
            .author
            .as_deref(),
        Some("A. Person")
    );
    assert_eq!(
        parse(&json!({"history": history, "author": "B"}))
            .author
            .as_deref(),
        Some("B")
    );
}

#[test]
fn schema_1_manifest_replaces_the_config() {
    let newest = json!({"created": "2026-01-02T00:00:00Z", "os": "linux", "config": {"User": "1"}, "container_config": {"Cmd": ["/bin/sh", "-c", "make"]}});
    let oldest = json!({"container_config": {"Cmd": ["/bin/sh", "-c", "#(nop) MAINTAINER A. Person"]}, "throwaway": true});
    let layer = json!({"blobSum": format!("sha256:{}", "ab".repeat(32))});
    let manifest = json!({"schemaVersion": 1, "architecture": "amd64", "fsLayers": [layer, layer],
        "history": [{"v1Compatibility": newest.to_string()}, {"v1Compatibility": oldest.to_string()}]});
    let Ok(Manifest::Schema1(schema1)) = Manifest::parse(manifest.to_string().as_bytes(), None)
    else {
        panic!()
    };
    let config = ImageConfig::from_schema1(&schema1);
    assert_eq!(
        (
            config.architecture.as_deref(),
            config.author.as_deref(),
            config.user.as_deref()
        ),
        (Some("amd64"), Some("A. Person"), Some("1"))
    );
    assert!(config.created.time().is_some());
    let steps: Vec<_> = config
        .history
        .items
        .iter()
        .map(|entry| (entry.created_by.as_deref().unwrap(), entry.empty_layer))
        .collect();
    assert_eq!(
        steps,
        [
            ("/bin/sh -c #(nop) MAINTAINER A. Person", true),
            ("/bin/sh -c make", false)
        ]
    );
}

proptest! {
    #[test]
    fn parse_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = ImageConfig::parse(&bytes);
    }

    #[test]
    fn environment_variables_round_trip(env in prop::collection::vec("[A-Z]{1,4}=\\PC{0,9}", 0..9)) {
        let read = parse(&json!({"config": {"Env": env}})).env.items;
        let written: Vec<_> = read.into_iter().map(|var| format!("{}={}", var.name, var.value.unwrap())).collect();
        prop_assert_eq!(written, env);
    }
}
