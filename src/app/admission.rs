//! Refusals that are not about rights: quotas, limits and admission webhooks. All of them arrive as
//! 403, 422 or 500 with a message that says so.

use super::change::RefusalReason;

/// The reason for a refusal, where `message` (of a `Status`) names a rule of the cluster and not a
/// right.
///
/// Sources: `exceeded quota: ...` and `status unknown for quota: ...` of Kubernetes' ResourceQuota;
/// `maximum limit per openshift.io/...` of OpenShift's image limits; `maximum ... usage per ...` of
/// LimitRange; `admission webhook "..." denied the request` and `failed calling webhook` of
/// webhooks; `ValidatingAdmissionPolicy '...' with binding '...' denied request` of policies.
pub(super) fn admission_reason(message: &str) -> Option<RefusalReason> {
    let has = |text: &str| message.contains(text);
    if has("exceeded quota: ") || has("exceeded cluster quota") {
        Some(RefusalReason::OverQuota)
    } else if has("status unknown for quota") || has("unable to get quota") {
        Some(RefusalReason::QuotaUnknown)
    } else if has("maximum limit per openshift.io/")
        || (has("is forbidden: ") && has(" usage per ") && has("but "))
    {
        Some(RefusalReason::OverLimit)
    } else if has("admission webhook \"") && has("denied the request") {
        Some(RefusalReason::AdmissionWebhook)
    } else if has("ValidatingAdmissionPolicy '") && has("denied request") {
        Some(RefusalReason::AdmissionPolicy)
    } else if has("failed calling webhook ") || has("failed to call webhook") {
        Some(RefusalReason::WebhookFailed)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admission_denial_is_not_a_missing_right() {
        for (message, why) in [
            (
                r#"imagestreamtags.image.openshift.io "storefront:x" is forbidden: exceeded quota: images, requested: openshift.io/image-tags=1, used: openshift.io/image-tags=20, limited: openshift.io/image-tags=20"#,
                Some(RefusalReason::OverQuota),
            ),
            (
                r#"secrets "pull" is forbidden: status unknown for quota: streams, resources: secrets"#,
                Some(RefusalReason::QuotaUnknown),
            ),
            (
                r#"ImageStream "api" is invalid: []: Internal error: ImageStream.image.openshift.io "api" is forbidden: requested usage of openshift.io/image-tags exceeds the maximum limit per openshift.io/ImageStream (3 > 2)"#,
                Some(RefusalReason::OverLimit),
            ),
            (
                r#"persistentvolumeclaims "a" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but limit is 2Gi"#,
                Some(RefusalReason::OverLimit),
            ),
            (
                r#"admission webhook "names.example.com" denied the request: names begin with the team"#,
                Some(RefusalReason::AdmissionWebhook),
            ),
            (
                r#"imagestreams.image.openshift.io "a" is forbidden: ValidatingAdmissionPolicy 'names' with binding 'all' denied request: no"#,
                Some(RefusalReason::AdmissionPolicy),
            ),
            (
                r#"Internal error occurred: failed calling webhook "names.example.com": failed to call webhook: context deadline exceeded"#,
                Some(RefusalReason::WebhookFailed),
            ),
            (
                r#"imagestreams.image.openshift.io "quota" is forbidden: User "dev" cannot create imagestreams.image.openshift.io in the namespace "shop""#,
                None,
            ),
            (
                r#"ImageStream "limit" is invalid: metadata.name: Invalid value"#,
                None,
            ),
        ] {
            assert_eq!(admission_reason(message), why, "{message}");
        }
    }
}
