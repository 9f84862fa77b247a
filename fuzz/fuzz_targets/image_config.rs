#![no_main]

#[expect(dead_code)]
#[path = "../../crates/registry-model/tests/mutated_inputs/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|input: &[u8]| properties::image_config(input));
