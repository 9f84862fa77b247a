//! What the message of a refusal says about the quota or limit that prevents a change.

use serde::Serialize;
use utoipa::ToSchema;

use crate::openshift::QuotaScope;

/// The quota or limit. All texts are untrusted; numbers are quantities as the API server wrote
/// them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ExceededLimit {
    Quota {
        /// The name of the ResourceQuota or ClusterResourceQuota.
        name: String,
        scope: QuotaScope,
        resources: Vec<ExceededResource>,
    },
    /// A limit for images or image streams of a LimitRange.
    Limit {
        /// The type of the limit, as in `openshift.io/ImageStream`.
        limit_type: String,
        /// The resource, as in `openshift.io/image-tags`.
        resource: String,
        requested: String,
        max: String,
    },
}

/// A resource of a quota, as in `openshift.io/imagestreams`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExceededResource {
    pub resource: String,
    /// How much the change would have added.
    pub requested: String,
    pub used: String,
    pub limit: String,
}

/// How many resources of a quota are listed.
const MAX_RESOURCES: usize = 10;

impl ExceededLimit {
    /// The quota or limit in the message of a `Status`. `None` for any other message.
    ///
    /// Sources: `exceeded quota: NAME, requested: R=1, used: R=2, limited: R=2` of ResourceQuota,
    /// the same with `exceeded cluster quota: ` of ClusterResourceQuota, and `requested usage of R
    /// exceeds the maximum limit per TYPE (3 > 2)` of OpenShift's image limits.
    #[must_use]
    pub fn from_message(message: &str) -> Option<Self> {
        let (scope, quota) = if let Some((_, quota)) = message.split_once("exceeded quota: ") {
            (QuotaScope::Project, quota)
        } else if let Some((_, quota)) = message.split_once("exceeded cluster quota: ") {
            (QuotaScope::Cluster, quota)
        } else {
            return image_limit(message);
        };
        let (name, rest) = quota.split_once(", requested: ")?;
        let (requested, rest) = rest.split_once(", used: ")?;
        let (used, rest) = rest.split_once(", limited: ")?;
        let limited = rest
            .split(|letter: char| letter.is_whitespace() || "\"]".contains(letter))
            .next()?;
        let of = |amounts: &str, wanted: &str| {
            let mut all = amounts.split(',').filter_map(|one| one.split_once('='));
            all.find(|(resource, _)| *resource == wanted)
                .map(|(_, amount)| amount.to_owned())
        };
        let resources = limited
            .split(',')
            .filter_map(|one| one.split_once('='))
            .filter_map(|(resource, limit)| {
                Some(ExceededResource {
                    resource: resource.to_owned(),
                    requested: of(requested, resource)?,
                    used: of(used, resource)?,
                    limit: limit.to_owned(),
                })
            });
        Some(Self::Quota {
            name: name.to_owned(),
            scope,
            resources: resources.take(MAX_RESOURCES).collect(),
        })
    }
}

fn image_limit(message: &str) -> Option<ExceededLimit> {
    let (_, rest) = message.split_once("requested usage of ")?;
    let (resource, rest) = rest.split_once(" exceeds the maximum limit per ")?;
    let (limit_type, rest) = rest.split_once(" (")?;
    let (amounts, _) = rest.split_once(')')?;
    let (requested, max) = amounts.split_once(" > ")?;
    Some(ExceededLimit::Limit {
        limit_type: limit_type.to_owned(),
        resource: resource.to_owned(),
        requested: requested.to_owned(),
        max: max.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(resource: &str, requested: &str, used: &str, limit: &str) -> ExceededResource {
        ExceededResource {
            resource: resource.to_owned(),
            requested: requested.to_owned(),
            used: used.to_owned(),
            limit: limit.to_owned(),
        }
    }

    #[test]
    fn quota_is_read_with_each_of_its_resources() {
        let message = "imagestreams.image.openshift.io \"one-too-many\" is forbidden: exceeded quota: streams, requested: openshift.io/imagestreams=1, used: openshift.io/imagestreams=1, limited: openshift.io/imagestreams=1";
        assert_eq!(
            ExceededLimit::from_message(message),
            Some(ExceededLimit::Quota {
                name: "streams".to_owned(),
                scope: QuotaScope::Project,
                resources: vec![resource("openshift.io/imagestreams", "1", "1", "1")],
            })
        );
        let message = "Internal error: \"x is forbidden: exceeded cluster quota: team, requested: pods=1,secrets=2, used: pods=3,secrets=8, limited: pods=3,secrets=9\" and more";
        assert_eq!(
            ExceededLimit::from_message(message),
            Some(ExceededLimit::Quota {
                name: "team".to_owned(),
                scope: QuotaScope::Cluster,
                resources: vec![
                    resource("pods", "1", "3", "3"),
                    resource("secrets", "2", "8", "9")
                ],
            })
        );
    }

    #[test]
    fn image_limit_is_read_with_its_type() {
        let message = "ImageStream \"api\" is invalid: []: Internal error: ImageStream.image.openshift.io \"api\" is forbidden: requested usage of openshift.io/image-tags exceeds the maximum limit per openshift.io/ImageStream (3 > 2)";
        assert_eq!(
            ExceededLimit::from_message(message),
            Some(ExceededLimit::Limit {
                limit_type: "openshift.io/ImageStream".to_owned(),
                resource: "openshift.io/image-tags".to_owned(),
                requested: "3".to_owned(),
                max: "2".to_owned(),
            })
        );
    }

    #[test]
    fn incomplete_messages_name_no_limit() {
        for message in [
            "",
            "exceeded quota: streams",
            "exceeded quota: streams, requested: a=1, used: a=1",
            "requested usage of storage exceeds the maximum limit per openshift.io/Image",
            "requested usage of storage exceeds the maximum limit per openshift.io/Image (3)",
        ] {
            assert_eq!(ExceededLimit::from_message(message), None, "{message}");
        }
    }
}
