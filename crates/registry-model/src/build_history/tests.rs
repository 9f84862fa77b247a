use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::manifest::Manifest;
use super::*;

fn digest(n: u8) -> Digest {
    format!("sha256:{}", format!("{n:02x}").repeat(32))
        .parse()
        .unwrap()
}

fn layer(n: u8) -> Layer {
    Layer::new(digest(n), Some(ByteSize(n.into())), None)
}

fn config(empty: &[bool]) -> ImageConfig {
    let history: Vec<Value> = empty
        .iter()
        .map(|empty| json!({"created_by": "RUN x # buildkit", "empty_layer": empty}))
        .collect();
    ImageConfig::parse(json!({ "history": history }).to_string().as_bytes()).unwrap()
}

fn schema1(layers: &[Digest], history: &[Value]) -> Schema1 {
    let layers: Vec<_> = layers
        .iter()
        .map(|digest| json!({"blobSum": digest.to_string()}))
        .collect();
    let history: Vec<_> = history
        .iter()
        .map(|entry| json!({"v1Compatibility": entry.to_string()}))
        .collect();
    let json = json!({"schemaVersion": 1, "fsLayers": layers, "history": history});
    let Ok(Manifest::Schema1(schema1)) = Manifest::parse(json.to_string().as_bytes(), None) else {
        panic!()
    };
    schema1
}

fn layers(history: &BuildHistory) -> Vec<Option<Digest>> {
    history
        .steps
        .items
        .iter()
        .map(|step| step.layer.as_ref().map(|layer| layer.digest.clone()))
        .collect()
}

#[test]
fn each_non_empty_step_has_its_layer() {
    let history =
        BuildHistory::from_layers(&config(&[false, true, false, true]), &[layer(1), layer(2)]);
    assert_eq!(history.pairing, LayerPairing::Complete);
    assert_eq!(
        layers(&history),
        [Some(digest(1)), None, Some(digest(2)), None]
    );
    let step = &history.steps.items[0];
    assert_eq!(
        (step.instruction.as_deref(), step.text.as_str()),
        (Some("RUN"), "x")
    );
}

#[test]
fn a_count_mismatch_is_reported_and_no_layer_is_assigned() {
    let history = BuildHistory::from_layers(&config(&[false, false]), &[layer(1)]);
    assert_eq!(
        history.pairing,
        LayerPairing::Mismatch {
            steps: 2,
            layers: 1
        }
    );
    assert_eq!(layers(&history), [None, None]);
    assert_eq!(
        BuildHistory::from_layers(&config(&[]), &[layer(1)]).pairing,
        LayerPairing::Mismatch {
            steps: 0,
            layers: 1
        }
    );
    let many = BuildHistory::from_layers(&config(&[true; 1_001]), &[]);
    assert_eq!(
        (many.pairing, many.steps.items.len(), many.steps.more),
        (LayerPairing::TooMany, 1_000, 1)
    );
}

#[test]
fn with_an_unreadable_layer_no_layer_is_assigned() {
    let json =
        json!({"layers": [{"digest": "md5:x"}, {"digest": digest(2).to_string(), "size": 2}]});
    let Ok(Manifest::Image(manifest)) = Manifest::parse(json.to_string().as_bytes(), None) else {
        panic!()
    };
    let history = BuildHistory::from_manifest(&config(&[false, false]), &manifest);
    assert_eq!(history.pairing, LayerPairing::Unreadable);
    assert_eq!(layers(&history), [None, None]);
}

#[test]
fn a_schema_1_history_is_oldest_first_and_detects_empty_layers() {
    let step = |cmd: &str| json!({"container_config": {"Cmd": ["/bin/sh", "-c", cmd]}});
    let mut thrown_away = step("#(nop) ENV A=b");
    thrown_away["throwaway"] = json!(true);
    let manifest = schema1(
        &[
            digest(3),
            digest(9),
            EMPTY_LAYER_DIGEST.parse().unwrap(),
            digest(1),
        ],
        &[
            step("make"),
            thrown_away,
            step("#(nop) CMD [\"x\"]"),
            step("#(nop) ADD file:1 in /"),
        ],
    );
    let history = BuildHistory::from_schema1(&manifest, &[layer(1)]);
    assert_eq!(history.pairing, LayerPairing::Complete);
    assert_eq!(
        layers(&history),
        [Some(digest(1)), None, None, Some(digest(3))]
    );
    let instructions: Vec<_> = history
        .steps
        .items
        .iter()
        .map(|step| step.instruction.as_deref().unwrap())
        .collect();
    assert_eq!(instructions, ["ADD", "CMD", "ENV", "RUN"]);
    let sizes: Vec<_> = history
        .steps
        .items
        .iter()
        .map(|step| step.layer.as_ref().and_then(|layer| layer.size))
        .collect();
    assert_eq!(sizes, [Some(ByteSize(1)), None, None, None]);
}

#[test]
fn a_schema_1_manifest_with_more_layers_than_steps_is_a_mismatch() {
    let history = BuildHistory::from_schema1(&schema1(&[digest(1), digest(2)], &[json!({})]), &[]);
    assert_eq!(
        history.pairing,
        LayerPairing::Mismatch {
            steps: 1,
            layers: 2
        }
    );
    assert_eq!(layers(&history), [None]);
}

proptest! {
    #[test]
    fn layers_keep_their_order_or_are_not_assigned(empty in prop::collection::vec(any::<bool>(), 0..20), count in 0_u8..20) {
        let all: Vec<_> = (0..count).map(layer).collect();
        let history = BuildHistory::from_layers(&config(&empty), &all);
        let assigned: Vec<_> = layers(&history).into_iter().flatten().collect();
        if history.pairing == LayerPairing::Complete {
            prop_assert_eq!(assigned, all.into_iter().map(|layer| layer.digest).collect::<Vec<_>>());
        } else {
            prop_assert!(assigned.is_empty());
        }
        prop_assert_eq!(history.steps.items.len(), empty.len());
    }
}
