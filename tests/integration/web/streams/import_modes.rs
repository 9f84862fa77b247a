//! Images for several platforms, imported from another registry: all platforms or one, as each tag
//! says.

use bytes::Bytes;
use openshift_standin::cluster::{PushedManifest, StoredTagSpec, TagReference, Version};
use registry_model::{Digest, ImageStreamName, ProjectName};
use serde_json::{Value, json};

use crate::harness::{Browser, World, send_form};

const APP: &str = "registry.example.com/team/multi";
const PLATFORMS: [(&str, &str); 5] = [
    ("linux", "amd64"),
    ("linux", "arm64"),
    ("linux", "arm"),
    ("linux", "s390x"),
    ("windows", "amd64"),
];

fn offer(
    world: &World,
    reference: &str,
    media_type: &str,
    manifest: &Value,
    config: Option<Value>,
) -> Digest {
    let manifest = Bytes::from(manifest.to_string());
    let digest = Digest::sha256(&manifest);
    let config = config.map(|config| Bytes::from(config.to_string()));
    let pushed = PushedManifest {
        digest: digest.clone(),
        media_type: media_type.into(),
        manifest,
        config,
        pushed_at: world.clock.now(),
        pushed_by: String::new(),
    };
    let reference = if reference.is_empty() {
        format!("{APP}@{digest}")
    } else {
        reference.to_owned()
    };
    world.demo.cluster().add_external_image(&reference, pushed);
    digest
}

/// Another registry offers an index of five platforms as [`APP`]`:1` and `:2`. The digests of the
/// index and of its first image.
fn offer_index(world: &World) -> (Digest, Digest) {
    let image = "application/vnd.oci.image.manifest.v1+json";
    let entry = |(os, architecture): (&str, &str)| {
        let config =
            json!({ "os": os, "architecture": architecture, "created": "2026-01-02T03:04:05Z" });
        let digest = Digest::sha256(config.to_string().as_bytes());
        let config_type = "application/vnd.oci.image.config.v1+json";
        let manifest = json!({ "schemaVersion": 2, "mediaType": image, "layers": [],
            "config": { "mediaType": config_type, "digest": digest, "size": config.to_string().len() } });
        let digest = offer(world, "", image, &manifest, Some(config));
        json!({ "mediaType": image, "digest": digest, "size": 700, "platform": { "os": os, "architecture": architecture } })
    };
    let entries: Vec<Value> = PLATFORMS.into_iter().map(entry).collect();
    let first = entries[0]["digest"].as_str().unwrap().parse().unwrap();
    let media_type = "application/vnd.oci.image.index.v1+json";
    let index = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": entries });
    let digest = offer(world, &format!("{APP}:1"), media_type, &index, None);
    offer(world, &format!("{APP}:2"), media_type, &index, None);
    (digest, first)
}

async fn tag(browser: &mut Browser, stream: &str, name: &str) -> Value {
    let stream = browser
        .json(&format!("/images/team-a/{stream}"))
        .await
        .json();
    stream["tags"]
        .as_array()
        .unwrap()
        .iter()
        .find(|tag| tag["name"] == name)
        .cloned()
        .unwrap_or_default()
}

/// Sets a tag of `team-a/mirror-x` as its owner would with `oc edit`.
fn set(world: &World, name: &str, spec: StoredTagSpec) {
    let (project, stream): (ProjectName, ImageStreamName) =
        ("team-a".parse().unwrap(), "mirror-x".parse().unwrap());
    let from = Some(TagReference::docker_image(&format!("{APP}:1")));
    world.demo.cluster().set_spec_tag(
        &project,
        &stream,
        &name.parse().unwrap(),
        StoredTagSpec { from, ..spec },
    );
}

fn preserve_original() -> StoredTagSpec {
    StoredTagSpec {
        import_mode: Some("PreserveOriginal".into()),
        ..StoredTagSpec::default()
    }
}

#[tokio::test]
async fn new_tag_of_index_preserves_all_platforms_if_supported() {
    let world = World::start(Version::V4).await;
    let (index, _) = offer_index(&world);
    let mut dev = world.signed_in("dev").await;
    let form = dev.get("/images/team-a/api/new-tag").await;
    assert_eq!(
        form.attribute("input[name=import-mode][checked]", "value"),
        "PreserveOriginal"
    );
    let from = format!("{APP}:1");
    let fields = [
        ("tag", "multi"),
        ("source", "elsewhere"),
        ("from", &*from),
        ("policy", "source"),
        ("import-mode", "PreserveOriginal"),
    ];
    let confirmation = send_form(&mut dev, &form, &[&fields[..], &[("look", "1")]].concat()).await;
    let found = confirmation.text_of("main [role=status] tbody tr");
    assert!(found.contains(&index.short()), "{found}");
    for platform in [
        "linux/amd64",
        "linux/arm64",
        "linux/arm",
        "linux/s390x",
        "windows/amd64",
    ] {
        assert!(found.contains(platform), "{platform}: {found}");
    }
    assert!(
        confirmation
            .select("main [role=status] .pf-m-warning")
            .is_empty()
    );
    assert!(
        confirmation
            .text_of(".rc-terminal code")
            .ends_with("--import-mode=PreserveOriginal")
    );
    assert_eq!(send_form(&mut dev, &form, &fields).await.status, 303);
    let made = tag(&mut dev, "api", "multi").await;
    assert_eq!(
        (&made["digest"], &made["import_mode"]),
        (&index.to_string().into(), &"PreserveOriginal".into())
    );
    assert_eq!(
        made["image"]["architectures"],
        json!(["amd64", "arm64", "arm", "s390x"]),
        "each once"
    );
}

#[tokio::test]
async fn preview_warns_about_single_platform_import() {
    let world = World::start(Version::V4).await;
    let (_, first) = offer_index(&world);
    let mut dev = world.signed_in("dev").await;
    let form = dev.get("/new-image-stream?project=team-a").await;
    let tags = format!("one {APP}:1\nall {APP}:2 PreserveOriginal local");
    let fields = [
        ("project", "team-a"),
        ("name", "mirror-x"),
        ("source", "tags"),
        ("tags", &*tags),
        ("import-mode", "Legacy"),
    ];
    let confirmation =
        send_form(&mut dev, &form, &[&fields[..], &[("look", "yes")]].concat()).await;
    assert!(
        confirmation
            .text_of("main [role=status]")
            .contains("linux/s390x"),
        "{}",
        confirmation.text
    );
    assert_eq!(
        confirmation
            .select("main [role=status] .pf-m-warning")
            .len(),
        1
    );
    assert_eq!(send_form(&mut dev, &form, &fields).await.status, 303);
    let one = tag(&mut dev, "mirror-x", "one").await;
    assert_eq!(
        (&one["digest"], &one["import_mode"]),
        (&first.to_string().into(), &"Legacy".into())
    );
    assert_eq!(
        tag(&mut dev, "mirror-x", "all").await["import_mode"],
        "PreserveOriginal"
    );
    let edit = dev.get("/images/team-a/mirror-x/edit").await;
    assert_eq!(
        edit.attribute("input[name=import-mode][checked]", "value"),
        "Legacy"
    );
    assert_eq!(
        edit.attributes("main form .rc-source option[selected]", "value"),
        ["PreserveOriginal", "local", "Legacy", "source"],
        "all, then one"
    );
    let page = dev.get("/images/team-a/mirror-x").await;
    let row = page.text_of("#tags");
    assert!(
        row.contains("All platforms")
            && row.contains("One platform")
            && row.contains("Through this registry"),
        "{row}"
    );
}

#[tokio::test]
async fn repository_import_keeps_preserve_original() {
    let world = World::start(Version::V4).await;
    let (index, first) = offer_index(&world);
    let mut dev = world.signed_in("dev").await;
    let form = dev.get("/new-image-stream?project=team-a").await;
    let fields = [
        ("project", "team-a"),
        ("name", "mirror-x"),
        ("source", "all"),
        ("repository", APP),
    ];
    assert_eq!(
        send_form(
            &mut dev,
            &form,
            &[&fields[..], &[("import-mode", "PreserveOriginal")]].concat()
        )
        .await
        .status,
        303
    );
    assert_eq!(
        tag(&mut dev, "mirror-x", "2").await["digest"],
        index.to_string()
    );
    let import = dev.get("/images/team-a/mirror-x/import").await;
    assert_eq!(
        import.text_of(".rc-terminal code"),
        "oc import-image mirror-x --all -n team-a --import-mode=PreserveOriginal"
    );
    send_form(&mut dev, &import, &[]).await;
    let again = tag(&mut dev, "mirror-x", "2").await;
    assert_eq!(
        (&again["digest"], &again["import_mode"]),
        (&index.to_string().into(), &"PreserveOriginal".into())
    );
    let edit = dev.get("/images/team-a/mirror-x/edit").await;
    let fewer = [
        ("source", "all"),
        ("repository", APP),
        ("import-mode", "Legacy"),
    ];
    assert_eq!(send_form(&mut dev, &edit, &fewer).await.status, 303);
    assert_eq!(
        tag(&mut dev, "mirror-x", "2").await["digest"],
        first.to_string(),
        "what was chosen is imported"
    );
}

#[tokio::test]
async fn import_and_commands_keep_tag_policies() {
    let world = World::start(Version::V4).await;
    let (index, _) = offer_index(&world);
    let mut dev = world.signed_in("dev").await;
    set(
        &world,
        "legacy",
        StoredTagSpec {
            scheduled: true,
            ..StoredTagSpec::default()
        },
    );
    set(
        &world,
        "multi",
        StoredTagSpec {
            scheduled: true,
            insecure: true,
            reference_policy: Some("Local".into()),
            ..preserve_original()
        },
    );
    set(
        &world,
        "named",
        StoredTagSpec {
            reference: true,
            ..StoredTagSpec::default()
        },
    );
    let import = dev.get("/images/team-a/mirror-x/import").await;
    let commands = [
        "oc import-image mirror-x:legacy -n team-a",
        "oc import-image mirror-x:multi -n team-a --import-mode=PreserveOriginal --reference-policy=local",
    ];
    assert_eq!(
        import.texts(".rc-terminal code"),
        commands,
        "`--all` would reset the mode, and import what is only a reference"
    );
    send_form(&mut dev, &import, &[]).await;
    let multi = tag(&mut dev, "mirror-x", "multi").await;
    let kept = ["digest", "import_mode", "scheduled", "insecure", "local"]
        .map(|field| multi[field].clone());
    assert_eq!(
        json!(kept),
        json!([index, "PreserveOriginal", true, true, true])
    );
    let named = tag(&mut dev, "mirror-x", "named").await;
    assert_eq!(
        (&named["digest"], &named["reference"]),
        (&Value::Null, &true.into())
    );
    let one = dev.get("/images/team-a/mirror-x:legacy/import").await;
    assert_eq!(one.texts(".rc-terminal code"), commands[..1]);
}

#[tokio::test]
async fn rolled_back_tag_keeps_policies_and_annotations() {
    let world = World::start(Version::V4).await;
    offer_index(&world);
    let mut dev = world.signed_in("dev").await;
    let annotations = Some([("description".to_owned(), "Kept".to_owned())].into());
    let local = Some("Local".to_owned());
    set(
        &world,
        "multi",
        StoredTagSpec {
            insecure: true,
            scheduled: true,
            annotations,
            reference_policy: local,
            ..preserve_original()
        },
    );
    let import = dev.get("/images/team-a/mirror-x:multi/import").await;
    send_form(&mut dev, &import, &[]).await;
    let legacy = StoredTagSpec {
        import_mode: None,
        ..preserve_original()
    };
    set(&world, "other", legacy);
    let import = dev.get("/images/team-a/mirror-x:other/import").await;
    send_form(&mut dev, &import, &[]).await;
    let form = dev.get("/images/team-a/mirror-x:other/tag-as").await;
    let typed = [
        ("project", "team-a"),
        ("stream", "mirror-x"),
        ("tag", "multi"),
    ];
    let page = send_form(&mut dev, &form, &typed).await;
    assert_eq!(page.status, 409, "the tag is there");
    assert_eq!(send_form(&mut dev, &page, &typed).await.status, 303);
    let multi = tag(&mut dev, "mirror-x", "multi").await;
    assert_eq!(multi["source"]["kind"], "stream-image");
    let kept = ["import_mode", "insecure", "local", "scheduled"].map(|field| multi[field].clone());
    assert_eq!(
        json!(kept),
        json!(["PreserveOriginal", true, true, false]),
        "only schedules end: nothing is followed any more"
    );
    let stored = world
        .demo
        .cluster()
        .tag_annotations("team-a", "mirror-x", "multi");
    assert_eq!(
        stored,
        [("description".to_owned(), "Kept".to_owned())].into()
    );
}

#[tokio::test]
async fn openshift_3_offers_no_import_modes() {
    let world = World::start(Version::V3_9).await;
    let (_, first) = offer_index(&world);
    let mut dev = world.signed_in("dev").await;
    let form = dev.get("/new-image-stream?project=team-a").await;
    assert!(form.select("input[name=import-mode]").is_empty());
    let tags = format!("one {APP}:1");
    let fields = [
        ("project", "team-a"),
        ("name", "mirror-x"),
        ("source", "tags"),
        ("import-mode", "PreserveOriginal"),
    ];
    let wrong = format!("{tags} PreserveOriginal");
    let refused = send_form(
        &mut dev,
        &form,
        &[&fields[..], &[("tags", &*wrong)]].concat(),
    )
    .await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(
        send_form(
            &mut dev,
            &form,
            &[&fields[..], &[("tags", &*tags)]].concat()
        )
        .await
        .status,
        303
    );
    let one = tag(&mut dev, "mirror-x", "one").await;
    assert_eq!(
        (&one["digest"], &one["import_mode"]),
        (&first.to_string().into(), &Value::Null)
    );
    let import = dev.get("/images/team-a/mirror-x/import").await;
    assert_eq!(
        import.text_of(".rc-terminal code"),
        "oc import-image mirror-x --all -n team-a"
    );
    assert!(
        dev.get("/images/team-a/api/new-tag")
            .await
            .select("input[name=import-mode]")
            .is_empty()
    );
}
