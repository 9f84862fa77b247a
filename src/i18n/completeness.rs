//! Tests that every text of the pages exists in each language.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{self, Expression, InlineExpression, PatternElement};

const ENGLISH_SOURCE: &str = include_str!("../../locales/en.ftl");
const CHINESE_SOURCE: &str = include_str!("../../locales/zh-CN.ftl");

/// The keys of a locale, each with the variables that its text uses.
fn message_variables_by_key(
    source: &'static str,
) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let resource =
        fluent_syntax::parser::parse(source).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut keys = BTreeMap::new();
    for entry in resource.body {
        if let ast::Entry::Message(message) = entry {
            let mut variables = BTreeSet::new();
            collect_variables(
                &message.value.expect("every message has a text"),
                &mut variables,
            );
            assert!(
                keys.insert(message.id.name, variables).is_none(),
                "{} is defined twice",
                message.id.name
            );
        }
    }
    keys
}

fn collect_variables(pattern: &ast::Pattern<&'static str>, variables: &mut BTreeSet<&'static str>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else {
            continue;
        };
        let (Expression::Inline(inline)
        | Expression::Select {
            selector: inline, ..
        }) = expression;
        if let InlineExpression::VariableReference { id } = inline {
            variables.insert(id.name);
        }
        if let Expression::Select { variants, .. } = expression {
            variants
                .iter()
                .for_each(|variant| collect_variables(&variant.value, variables));
        }
    }
}

/// The keys that pages and code use: every literal in `msg("…")`.
fn keys_in_code_and_templates() -> BTreeSet<String> {
    let mut used_keys = BTreeSet::new();
    for directory in ["templates", "src"] {
        visit_files(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(directory),
            &mut |text| {
                let code = text
                    .split("#[cfg(test)]\nmod tests {")
                    .next()
                    .unwrap_or_default();
                used_keys.extend(
                    code.split("msg(\"")
                        .skip(1)
                        .filter_map(|rest| rest.split('"').next())
                        .map(str::to_owned),
                );
            },
        );
    }
    used_keys
}

fn visit_files(directory: &Path, visit: &mut dyn FnMut(&str)) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let is_text = path
            .extension()
            .is_some_and(|extension| extension == "html" || extension == "rs");
        if path.is_dir() {
            visit_files(&path, visit);
        } else if is_text && !path.ends_with("i18n/completeness.rs") {
            visit(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn locales_have_equal_keys_and_variables() {
    let (english, chinese) = (
        message_variables_by_key(ENGLISH_SOURCE),
        message_variables_by_key(CHINESE_SOURCE),
    );
    for (key, variables) in &english {
        assert_eq!(chinese.get(key), Some(variables), "{key} in zh-CN.ftl");
    }
    for key in chinese.keys() {
        assert!(english.contains_key(key), "{key} is in zh-CN.ftl only");
    }
}

#[test]
fn every_used_key_is_defined() {
    let keys = message_variables_by_key(ENGLISH_SOURCE);
    let missing: Vec<_> = keys_in_code_and_templates()
        .into_iter()
        .filter(|key| !keys.contains_key(key.as_str()))
        .collect();
    assert!(missing.is_empty(), "not in the locales: {missing:?}");
}

#[test]
fn every_defined_key_is_used() {
    let used_keys = keys_in_code_and_templates();
    let unused: Vec<_> = message_variables_by_key(ENGLISH_SOURCE)
        .into_keys()
        .filter(|key| !used_keys.contains(*key))
        .collect();
    assert!(
        unused.is_empty(),
        "in the locales, but never used: {unused:?}"
    );
}

/// Chinese has punctuation of its own, which comes from the locales or the separators of `Lang`.
#[test]
fn templates_write_no_punctuation_between_texts() {
    const PUNCTUATION: [&str; 8] = ["}}: ", "}}, ", "%}: ", "%}, ", ">: ", ">, ", " ({{", "}})"];
    let mut found = Vec::new();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    visit_files(&directory, &mut |text| {
        let text = text.replace('\n', " ");
        for punctuation in PUNCTUATION {
            let after = text.split(punctuation).skip(1);
            found.extend(after.map(|after| -> String {
                punctuation.chars().chain(after.chars().take(60)).collect()
            }));
        }
    });
    assert!(found.is_empty(), "{found:#?}");
}
