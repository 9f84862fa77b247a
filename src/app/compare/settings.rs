//! The settings of two images: what their configs say about running them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::bounds::TextBudget;
use crate::app::images::ImageContent;
use registry_model::Truncated;
use registry_model::image_config::{Healthcheck, ImageConfig};
use registry_model::manifest::Platform;

/// The bytes and the rows of the differences.
const MAX_BYTES: usize = 256 << 10;
const MAX_DIFFERENCES: usize = 200;

/// The settings that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettingsComparison {
    pub differences: Truncated<Vec<ImageDifference>>,
    /// How many settings, variables and labels are the same.
    pub same: usize,
}

/// One difference. Untrusted values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImageDifference {
    pub part: DifferingProperty,
    /// The name of the variable, label or annotation that differs.
    pub name: Option<String>,
    /// The value of the first image. Absent: it has none.
    pub from: Option<String>,
    /// The value of the second image.
    pub to: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DifferingProperty {
    Platform,
    OsVersion,
    Author,
    Entrypoint,
    /// The arguments of the entrypoint, or the program if there is no entrypoint.
    Command,
    /// The user as which it runs.
    User,
    Directory,
    Ports,
    Volumes,
    StopSignal,
    Healthcheck,
    /// The shell of `RUN` instructions.
    Shell,
    /// Instructions that run in builds from the image.
    OnBuild,
    Variable,
    Label,
    Annotation,
}

impl DifferingProperty {
    /// Whether the API server's copy of a config has it too.
    fn is_in_copy(self) -> bool {
        !matches!(
            self,
            Self::Platform
                | Self::OsVersion
                | Self::Author
                | Self::StopSignal
                | Self::Healthcheck
                | Self::Shell
                | Self::OnBuild
                | Self::Annotation
        )
    }
}

impl SettingsComparison {
    /// `None` if the config of one of the images is missing. Where one of them is the API server's
    /// copy, what the copy does not contain is not compared.
    pub(super) fn new(from: &ImageContent, to: &ImageContent) -> Option<Self> {
        let configs = from.facts.config.as_ref().zip(to.facts.config.as_ref())?;
        let complete = from.has_registry_config && to.has_registry_config;
        let mut all = single_values(configs.0, configs.1);
        all.extend(named_values(
            DifferingProperty::Variable,
            &variables(configs.0),
            &variables(configs.1),
        ));
        all.extend(named_values(
            DifferingProperty::Label,
            &configs.0.labels.items,
            &configs.1.labels.items,
        ));
        all.extend(named_values(
            DifferingProperty::Annotation,
            &from.facts.annotations.items,
            &to.facts.annotations.items,
        ));
        all.retain(|value| complete || value.part.is_in_copy());
        let same = all
            .iter()
            .filter(|value| value.from == value.to && value.from.is_some())
            .count();
        all.retain(|value| value.from != value.to);
        let mut differences = Truncated {
            items: all,
            more: 0,
            cut: 0,
        };
        TextBudget::for_table(MAX_BYTES).truncate_list(
            &mut differences,
            MAX_DIFFERENCES,
            |value| {
                [&mut value.name, &mut value.from, &mut value.to]
                    .into_iter()
                    .flatten()
                    .collect()
            },
        );
        Some(Self { differences, same })
    }
}

fn single_values(from: &ImageConfig, to: &ImageConfig) -> Vec<ImageDifference> {
    let value = |part, read: fn(&ImageConfig) -> Option<String>| ImageDifference {
        part,
        name: None,
        from: read(from),
        to: read(to),
    };
    vec![
        value(DifferingProperty::Platform, platform),
        value(DifferingProperty::OsVersion, |config| {
            config.os_version.clone()
        }),
        value(DifferingProperty::Author, |config| config.author.clone()),
        value(DifferingProperty::Entrypoint, |config| {
            command_line(&config.entrypoint)
        }),
        value(DifferingProperty::Command, |config| {
            command_line(&config.cmd)
        }),
        value(DifferingProperty::User, |config| config.user.clone()),
        value(DifferingProperty::Directory, |config| {
            config.working_dir.clone()
        }),
        value(DifferingProperty::Ports, |config| {
            joined(&config.exposed_ports)
        }),
        value(DifferingProperty::Volumes, |config| joined(&config.volumes)),
        value(DifferingProperty::StopSignal, |config| {
            config.stop_signal.clone()
        }),
        value(DifferingProperty::Healthcheck, |config| {
            config
                .healthcheck
                .as_ref()
                .map(Healthcheck::dockerfile_instruction)
        }),
        value(DifferingProperty::Shell, |config| {
            command_line(&config.shell)
        }),
        value(DifferingProperty::OnBuild, |config| {
            joined(&config.on_build)
        }),
    ]
}

/// The platform of a config, such as `linux/arm/v7`.
pub(super) fn platform(config: &ImageConfig) -> Option<String> {
    Platform {
        os: config.os.clone(),
        architecture: config.architecture.clone(),
        variant: config.variant.clone(),
        ..Platform::default()
    }
    .name()
}

fn command_line(words: &Truncated<Vec<String>>) -> Option<String> {
    (!words.items.is_empty()).then(|| words.command_line())
}

/// One entry on each line, in any order.
fn joined(texts: &Truncated<Vec<String>>) -> Option<String> {
    let mut sorted: Vec<&str> = texts.items.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    (!sorted.is_empty()).then(|| sorted.join(", "))
}

fn variables(config: &ImageConfig) -> BTreeMap<String, String> {
    config
        .env
        .items
        .iter()
        .map(|variable| {
            (
                variable.name.clone(),
                variable.value.clone().unwrap_or_default(),
            )
        })
        .collect()
}

fn named_values(
    part: DifferingProperty,
    from: &BTreeMap<String, String>,
    to: &BTreeMap<String, String>,
) -> Vec<ImageDifference> {
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let value = |name: &String| ImageDifference {
        part,
        name: Some(name.clone()),
        from: from.get(name).cloned(),
        to: to.get(name).cloned(),
    };
    names.into_iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::image_config::EnvVar;

    fn config(env: &[(&str, &str)]) -> ImageConfig {
        let variable = |(name, value): &(&str, &str)| EnvVar {
            name: (*name).to_owned(),
            value: Some((*value).to_owned()),
        };
        ImageConfig {
            env: Truncated {
                items: env.iter().map(variable).collect(),
                ..Truncated::default()
            },
            ..ImageConfig::default()
        }
    }

    #[test]
    fn variables_are_compared_by_name_whatever_their_order() {
        let (from, to) = (
            variables(&config(&[("A", "1"), ("B", "2"), ("GONE", "x")])),
            variables(&config(&[("NEW", "y"), ("B", "3"), ("A", "1")])),
        );
        let found: Vec<_> = named_values(DifferingProperty::Variable, &from, &to)
            .into_iter()
            .filter(|value| value.from != value.to)
            .map(|value| (value.name.unwrap(), value.from, value.to))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                ("B".to_owned(), text("2"), text("3")),
                ("GONE".to_owned(), text("x"), None),
                ("NEW".to_owned(), None, text("y")),
            ]
        );
    }

    #[test]
    fn order_of_ports_is_no_difference() {
        let ports = |ports: &[&str]| {
            joined(&Truncated {
                items: ports.iter().map(|&port| port.to_owned()).collect(),
                ..Truncated::default()
            })
        };
        assert_eq!(
            ports(&["8080/tcp", "53/udp"]),
            ports(&["53/udp", "8080/tcp"])
        );
        assert_eq!(ports(&[]), None);
    }

    #[test]
    fn platform_has_the_variant() {
        let arm = ImageConfig {
            os: Some("linux".to_owned()),
            architecture: Some("arm".to_owned()),
            variant: Some("v7".to_owned()),
            ..ImageConfig::default()
        };
        assert_eq!(platform(&arm).as_deref(), Some("linux/arm/v7"));
    }
}
