//! What the config of a Helm chart says of it.

use serde::Serialize;
use utoipa::ToSchema;

use super::lenient;
use wire::WireChart;

/// The part of `Chart.yaml` that pages show. Helm stores the file as JSON in the config of the
/// artifact (`application/vnd.cncf.helm.config.v1+json`). All texts are untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct HelmChart {
    pub name: Option<String>,
    /// The version of the chart.
    pub version: Option<String>,
    /// The version of what it installs.
    pub app_version: Option<String>,
    pub description: Option<String>,
}

impl HelmChart {
    /// Reads a config blob. `None` if it is not JSON, or says nothing of the chart.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let wire: WireChart = lenient::from_slice(bytes).ok()?;
        let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let chart = Self {
            name: text(wire.name),
            version: text(wire.version),
            app_version: text(wire.app_version),
            description: text(wire.description),
        };
        (chart != Self::default()).then_some(chart)
    }
}

mod wire {
    use crate::lenient::object;

    object! {
        pub(super) struct WireChart {
            "name" => name: Option<String>,
            "version" => version: Option<String>,
            "appVersion" => app_version: Option<String>,
            "description" => description: Option<String>,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_wrong_types_count_as_absent() {
        let chart = HelmChart::parse(
            br#"{"name":"cart","version":"1.2.3","appVersion":7,"description":" "}"#,
        )
        .unwrap();
        assert_eq!(
            (chart.name.as_deref(), chart.version.as_deref()),
            (Some("cart"), Some("1.2.3"))
        );
        assert_eq!((chart.app_version, chart.description), (None, None));
    }

    #[test]
    fn config_without_a_chart_is_none() {
        assert_eq!(HelmChart::parse(b"{}"), None);
        assert_eq!(HelmChart::parse(b"not json"), None);
    }
}
