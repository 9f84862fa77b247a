//! Quotas and limits in the user's language: `components/quota.html` and the messages of refused
//! changes.

use crate::app::change::ExceededLimit;
use crate::app::projects::{ExpectedRefusal, StreamAtLimits, StreamsByUsage};
use crate::i18n::{Lang, Message};
use crate::openshift::{ImageLimit, ImageLimitKind, Quota, QuotaScope};
use crate::web::charts::gauge::Gauge;
use crate::web::render::Chrome;
use registry_model::{ByteSize, Quantity};

/// The kind of the object that sets a quota.
pub(crate) fn object_kind(scope: &QuotaScope) -> &'static str {
    match scope {
        QuotaScope::Project => "ResourceQuota",
        QuotaScope::Cluster => "ClusterResourceQuota",
    }
}

/// The bar of a quota, unless its use is not computed yet.
pub(crate) fn gauge(quota: &Quota) -> Option<Gauge> {
    Some(Gauge::new(quota.used?, quota.hard))
}

/// How much of a limit an image stream uses.
pub(crate) struct StreamGauge {
    pub(crate) gauge: Gauge,
    pub(crate) figures: String,
}

impl Chrome {
    /// What a quota counts, in a few words. Untrusted.
    pub(crate) fn quota_resource(&self, quota: &Quota) -> String {
        resource_name(self.lang, &quota.resource)
    }

    /// How much of a quota is used.
    pub(crate) fn quota_figures(&self, quota: &Quota) -> String {
        quota_figures(self.lang, quota).to_string()
    }

    /// What a limit is about.
    pub(crate) fn limit_name(&self, limit: &ImageLimit) -> Message {
        limit_name(self.lang, limit.kind)
    }

    /// How the API server counts what is limited.
    pub(crate) fn limit_meaning(&self, limit: &ImageLimit) -> Message {
        match limit.kind {
            ImageLimitKind::ImageSize => self.lang.msg("limit-image-size-meaning"),
            ImageLimitKind::StreamTags => self.lang.msg("limit-stream-tags-meaning"),
            ImageLimitKind::StreamImages => self.lang.msg("limit-stream-images-meaning"),
        }
    }

    /// The largest allowed value.
    pub(crate) fn limit_value(&self, limit: &ImageLimit) -> String {
        match limit.kind {
            ImageLimitKind::ImageSize => self.lang.format_size(ByteSize(limit.max)),
            ImageLimitKind::StreamTags | ImageLimitKind::StreamImages => {
                self.lang.format_number(limit.max)
            }
        }
    }

    /// What an image stream has of what is limited.
    pub(crate) fn limited_objects(&self, limit: &ImageLimit) -> Message {
        match limit.kind {
            ImageLimitKind::ImageSize => self.lang.msg("quota-image-size"),
            ImageLimitKind::StreamTags => self.lang.msg("quota-tags"),
            ImageLimitKind::StreamImages => self.lang.msg("quota-images"),
        }
    }

    /// How much of a limit an image stream uses. `None` for a limit of images.
    pub(crate) fn stream_gauge(
        &self,
        stream: &StreamAtLimits,
        limit: &ImageLimit,
    ) -> Option<StreamGauge> {
        let used = match limit.kind {
            ImageLimitKind::ImageSize => return None,
            ImageLimitKind::StreamTags => stream.usage.tags,
            ImageLimitKind::StreamImages => stream.usage.images,
        };
        Some(StreamGauge {
            gauge: Gauge::new(used, limit.max),
            figures: figures(self.lang, used, limit.max).to_string(),
        })
    }

    /// How many image streams are not listed. `None` if all are.
    pub(crate) fn other_streams(&self, streams: &StreamsByUsage) -> Option<Message> {
        let others = Some(streams.others).filter(|others| *others > 0)?;
        Some(self.lang.msg("quota-other-streams").arg("count", others))
    }

    /// What would be refused, as a sentence.
    pub(crate) fn expected_title(&self, expected: &ExpectedRefusal) -> Message {
        match expected {
            ExpectedRefusal::Quota(_) => self.lang.msg("expected-quota"),
            ExpectedRefusal::Limit { limit, .. } if limit.kind == ImageLimitKind::StreamTags => {
                self.lang.msg("expected-tag-limit")
            }
            ExpectedRefusal::Limit { .. } => self.lang.msg("expected-image-limit"),
        }
    }

    /// Which quota or limit it is and how much is used. Untrusted: names of objects.
    pub(crate) fn expected_cause(&self, expected: &ExpectedRefusal) -> String {
        let (object, name, figures) = match expected {
            ExpectedRefusal::Quota(quota) => (
                object_kind(&quota.scope),
                &quota.name,
                quota_figures(self.lang, quota),
            ),
            ExpectedRefusal::Limit { limit, used } => (
                "LimitRange",
                &limit.range,
                figures(self.lang, *used, limit.max),
            ),
        };
        self.lang
            .msg("expected-cause")
            .arg("object", format!("{object} {name}"))
            .arg("figures", figures.to_string())
            .to_string()
    }
}

/// What is counted, in a few words; for resources without a name of their own the resource.
/// Untrusted.
fn resource_name(lang: Lang, resource: &str) -> String {
    let name = match resource {
        Quota::STREAMS | Quota::STREAM_OBJECTS => lang.msg("image-streams"),
        "openshift.io/image-tags" => lang.msg("quota-tags"),
        "openshift.io/images" => lang.msg("quota-images"),
        _ => return resource.to_owned(),
    };
    name.to_string()
}

fn quota_figures(lang: Lang, quota: &Quota) -> Message {
    match quota.used {
        Some(used) => figures(lang, used, quota.hard),
        None => lang.msg("quota-not-computed").arg("max", quota.hard),
    }
}

/// `used` of `max`.
fn figures(lang: Lang, used: u64, max: u64) -> Message {
    lang.msg("quota-figures").arg("used", used).arg("max", max)
}

fn limit_name(lang: Lang, kind: ImageLimitKind) -> Message {
    match kind {
        ImageLimitKind::ImageSize => lang.msg("limit-image-size"),
        ImageLimitKind::StreamTags => lang.msg("limit-stream-tags"),
        ImageLimitKind::StreamImages => lang.msg("limit-stream-images"),
    }
}

/// What the quota or limit of a refused change is and how much of it is used, a sentence each.
/// Untrusted.
pub(crate) fn exceeded_facts(lang: Lang, exceeded: &ExceededLimit) -> Vec<String> {
    match exceeded {
        ExceededLimit::Quota {
            name,
            scope,
            resources,
        } => {
            let facts = resources.iter().map(|one| {
                let amount = |quantity: &str| amount(lang, &one.resource, quantity);
                lang.msg("exceeded-quota")
                    .arg("object", format!("{} {name}", object_kind(scope)))
                    .arg("resource", resource_name(lang, &one.resource))
                    .arg("used", amount(&one.used))
                    .arg("max", amount(&one.limit))
                    .arg("requested", amount(&one.requested))
                    .to_string()
            });
            facts.collect()
        }
        ExceededLimit::Limit {
            limit_type,
            resource,
            requested,
            max,
        } => {
            let kind = ImageLimitKind::ALL.into_iter().find(|kind| {
                (kind.limit_type(), kind.resource()) == (limit_type.as_str(), resource.as_str())
            });
            let name = kind.map_or_else(
                || format!("{limit_type} {resource}"),
                |kind| limit_name(lang, kind).to_string(),
            );
            let fact = lang
                .msg("exceeded-limit")
                .arg("resource", name)
                .arg("requested", amount(lang, resource, requested))
                .arg("max", amount(lang, resource, max));
            vec![fact.to_string()]
        }
    }
}

/// A quantity as a number or a size; as it is if it cannot be read.
fn amount(lang: Lang, resource: &str, quantity: &str) -> String {
    match quantity.parse::<Quantity>() {
        Ok(size) if resource.ends_with("storage") => lang.format_size(ByteSize(size.to_u64())),
        // Amounts of a CPU are the only other parts of one.
        Ok(number) if Quantity::from(number.to_u64()) == number => {
            lang.format_number(number.to_u64())
        }
        _ => quantity.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_numbers_or_sizes() {
        let lang = Lang::English;
        assert_eq!(amount(lang, "openshift.io/images", "1k"), "1,000");
        assert_eq!(amount(lang, "storage", "1Gi"), "1.0 GiB");
        assert_eq!(amount(lang, "requests.cpu", "500m"), "500m");
        assert_eq!(amount(lang, "pods", "many"), "many");
    }

    #[test]
    fn facts_name_the_object_and_its_use() {
        let message = "exceeded cluster quota: team, requested: openshift.io/imagestreams=1, used: openshift.io/imagestreams=20, limited: openshift.io/imagestreams=20";
        let exceeded = ExceededLimit::from_message(message).unwrap();
        assert_eq!(
            exceeded_facts(Lang::English, &exceeded),
            ["ClusterResourceQuota team, Image streams: 20 of 20 used, 1 more requested."]
        );
        let message = "requested usage of storage exceeds the maximum limit per openshift.io/Image (2147483648 > 1Gi)";
        let exceeded = ExceededLimit::from_message(message).unwrap();
        assert_eq!(
            exceeded_facts(Lang::Chinese, &exceeded),
            ["镜像大小上限：请求 2.0 GiB，最多允许 1.0 GiB（项目的 LimitRange）。"]
        );
    }
}
