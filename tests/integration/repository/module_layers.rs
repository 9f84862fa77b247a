//! The layers of the crate, as its first page states them: a module uses only what stands to its
//! left.

use std::fs;
use std::path::Path;

/// Left to right; modules in the same braces do not know each other.
const MODULE_LAYERS: [&[&str]; 8] = [
    &["config"],
    &["outbound", "i18n", "telemetry"],
    &["openshift", "registry"],
    &["index"],
    &["app"],
    &["web"],
    &["server"],
    &["cli"],
];

fn allowed(module: &str) -> Vec<&'static str> {
    let left = MODULE_LAYERS
        .iter()
        .take_while(|layer| !layer.contains(&module));
    let mut allowed: Vec<&str> = left.flat_map(|layer| layer.iter().copied()).collect();
    allowed.extend(
        MODULE_LAYERS
            .iter()
            .flat_map(|layer| layer.iter())
            .filter(|name| **name == module),
    );
    allowed
}

fn sources(directory: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((
                path.strip_prefix("src").unwrap().display().to_string(),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

#[test]
fn modules_depend_on_lower_layers_only() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    assert!(files.len() > 100, "the sources were not found");
    let mut wrong = Vec::new();
    for (path, text) in &files {
        let module = path.split(['/', '.']).next().unwrap();
        if matches!(module, "lib" | "main") {
            continue;
        }
        let allowed = allowed(module);
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for used in line.split("crate::").skip(1) {
                let names = if let Some(list) = used.strip_prefix('{') {
                    list.split(',').collect()
                } else {
                    vec![used]
                };
                for name in names {
                    let name: String = name
                        .trim()
                        .chars()
                        .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')
                        .collect();
                    if !name.is_empty() && !allowed.contains(&name.as_str()) {
                        wrong.push(format!(
                            "src/{path}:{}: {module} may not use {name}",
                            number + 1
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
