//! Which image of an index is compared.

use serde::Serialize;
use utoipa::ToSchema;

use super::settings;
use crate::app::bounds::truncate_brief;
use crate::app::images::{ContentKind, ImageContent, PlatformKind, PlatformRow};
use registry_model::Digest;

/// How many platforms can be chosen. Official images have a dozen.
const MAX_PLATFORMS: usize = 64;

/// The platform that is preferred where both images have it: most clusters run it.
const PREFERRED: &str = "linux/amd64";

/// The platforms of two images of which at least one is an index. Untrusted names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlatformComparison {
    /// The one that is compared.
    pub compared: Option<String>,
    /// Those that can be compared.
    pub choices: Vec<String>,
    /// Those that only the first image has.
    pub only_from: Vec<String>,
    pub only_to: Vec<String>,
}

/// The platforms, and the image for the compared one within each index.
#[derive(Debug, Default)]
pub(super) struct PlatformSelection {
    pub(super) platforms: Option<PlatformComparison>,
    pub(super) from: Option<Digest>,
    pub(super) to: Option<Digest>,
}

/// The platforms that an image is for: those of an index, or its own.
struct Platforms {
    /// Names, and the digest within an index.
    listed: Vec<(String, Option<Digest>)>,
    is_index: bool,
}

impl PlatformSelection {
    /// Selects `wanted`, otherwise the preferred platform, otherwise the first one that both images
    /// have. An index and an image for a platform that the index does not have are compared only if
    /// the user chooses a platform of the index.
    pub(super) fn new(from: &ImageContent, to: &ImageContent, wanted: Option<&str>) -> Self {
        let (from, to) = (Platforms::of(from), Platforms::of(to));
        if !from.is_index && !to.is_index {
            return Self::default();
        }
        let common: Vec<String> = from
            .listed
            .iter()
            .filter(|(name, _)| to.find(name).is_some())
            .map(|(name, _)| name.clone())
            .collect();
        let choices = match (from.is_index, to.is_index) {
            (true, true) => common.clone(),
            (true, false) => from.names(),
            (false, _) => to.names(),
        };
        let compared = wanted
            .filter(|wanted| choices.iter().any(|choice| choice == wanted))
            .or_else(|| {
                common
                    .iter()
                    .map(String::as_str)
                    .find(|name| *name == PREFERRED)
            })
            .or_else(|| common.first().map(String::as_str))
            .map(str::to_owned);
        let digest = |platforms: &Platforms| {
            compared
                .as_ref()
                .and_then(|name| platforms.find(name))
                .and_then(|(_, digest)| digest.clone())
        };
        Self {
            from: digest(&from),
            to: digest(&to),
            platforms: Some(PlatformComparison {
                only_from: from.without(&to),
                only_to: to.without(&from),
                choices,
                compared,
            }),
        }
    }
}

impl Platforms {
    fn of(content: &ImageContent) -> Self {
        let is_index = content.facts.kind == ContentKind::Index;
        let listed = if is_index {
            let images = content.facts.platforms.iter();
            images
                .filter(|row| row.kind == PlatformKind::Image)
                .take(MAX_PLATFORMS)
                .map(|row| (platform_name(row), Some(row.digest.clone())))
                .collect()
        } else {
            let own = content.facts.config.as_ref().and_then(settings::platform);
            own.map(truncate_brief)
                .map(|name| (name, None))
                .into_iter()
                .collect()
        };
        Self { listed, is_index }
    }

    fn names(&self) -> Vec<String> {
        self.listed.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The platform of that name, otherwise one that differs in the version of the operating system
    /// alone.
    fn find(&self, name: &str) -> Option<&(String, Option<Digest>)> {
        self.listed
            .iter()
            .find(|(own, _)| own == name)
            .or_else(|| self.listed.iter().find(|(own, _)| is_same(own, name)))
    }

    fn without(&self, other: &Self) -> Vec<String> {
        self.names()
            .into_iter()
            .filter(|name| other.find(name).is_none())
            .collect()
    }
}

/// Such as `linux/arm/v7`, and for Windows with the version, which alone distinguishes its images.
fn platform_name(row: &PlatformRow) -> String {
    let name = row.platform.clone().unwrap_or_else(|| row.digest.short());
    match &row.os_version {
        Some(version) => truncate_brief(format!("{name} {version}")),
        None => name,
    }
}

/// Whether both names mean the same operating system and architecture. Most images for arm64 do not
/// say that they are for its version 8, which is the only one.
fn is_same(one: &str, other: &str) -> bool {
    let normal = |name: &str| {
        let name = name.split(' ').next().unwrap_or_default();
        name.strip_suffix("/arm64/v8")
            .map_or_else(|| name.to_owned(), |os| format!("{os}/arm64"))
    };
    normal(one) == normal(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platforms(names: &[&str], is_index: bool) -> Platforms {
        let listed = names
            .iter()
            .map(|name| ((*name).to_owned(), None))
            .collect();
        Platforms { listed, is_index }
    }

    #[test]
    fn variant_8_of_arm64_and_windows_versions_are_the_same_platform() {
        for (one, other, same) in [
            ("linux/arm64/v8", "linux/arm64", true),
            ("linux/arm/v8", "linux/arm", false),
            (
                "windows/amd64 10.0.17763.1",
                "windows/amd64 10.0.20348.2",
                true,
            ),
            ("linux/amd64", "linux/arm64", false),
        ] {
            assert_eq!(is_same(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn exact_name_is_preferred() {
        let windows = platforms(&["windows/amd64 10.0.1", "windows/amd64 10.0.2"], true);
        assert_eq!(
            windows.find("windows/amd64 10.0.2").unwrap().0,
            "windows/amd64 10.0.2"
        );
        assert_eq!(
            windows.find("windows/amd64 10.0.3").unwrap().0,
            "windows/amd64 10.0.1"
        );
    }

    #[test]
    fn platforms_of_one_index_alone_are_listed() {
        let (from, to) = (
            platforms(&["linux/amd64", "linux/s390x"], true),
            platforms(&["linux/amd64"], true),
        );
        assert_eq!(from.without(&to), ["linux/s390x"]);
        assert!(to.without(&from).is_empty());
    }
}
