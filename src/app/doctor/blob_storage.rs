//! Where the registry stores its blobs, checked with an image that the user may see.

use url::Url;

use super::finding::{Component, FactName, Finding};
use super::settings::Settings;
use crate::app::AppForUser;
use crate::app::doctor::check_result::CheckResult;
use crate::app::doctor::cluster_version::{Release, ReleaseLookup};
use crate::app::remediation;
use crate::app::shell_command::ShellCommand;
use crate::app::storage_failure::{StorageFailure, StorageFailureReason};
use crate::registry::{ManifestReference, RegistryError};
use registry_model::manifest::Manifest;

/// How many image streams are tried, the latest first, and how many tags of each, until one points
/// to an image with a configuration.
const MAX_STREAMS: usize = 6;
const MAX_TAGS_PER_STREAM: usize = 3;

impl AppForUser<'_> {
    /// Whether blobs come from the registry or from object storage, and whether the console can
    /// read them there.
    pub(super) async fn blob_storage_finding(&self, settings: &Settings) -> Finding {
        match tokio::time::timeout(super::RESPONSE_TIMEOUT, self.fetch_any_config()).await {
            Ok(Some(tried)) => {
                blob_storage_result(settings, ReleaseLookup::new(settings).likely().await, tried)
            }
            _ => Finding::new(
                "blob-storage",
                Component::Registry,
                CheckResult::BlobsNotTried,
            ),
        }
    }

    /// The result of fetching a configuration; `None` if there is none that the user may see and
    /// the registry has.
    async fn fetch_any_config(&self) -> Option<Result<Option<String>, RegistryError>> {
        let visible = self.visible_streams().await.ok()?;
        let mut candidates = Vec::new();
        for entry in visible.streams.latest_streams(MAX_STREAMS) {
            for tag in entry.stream.tags().take(MAX_TAGS_PER_STREAM) {
                candidates.push((
                    entry.stream.project.clone(),
                    entry.stream.name.clone(),
                    tag.name().clone(),
                ));
            }
        }
        for (project, stream, tag) in candidates {
            let Ok(raw) = self
                .registry
                .get_manifest(&project, &stream, &ManifestReference::Tag(tag))
                .await
            else {
                continue;
            };
            if let Ok(Manifest::Image(image)) =
                Manifest::parse(&raw.bytes, raw.content_type.as_deref())
                && let Some(config) = image.config
            {
                match self
                    .registry
                    .get_config_and_host(
                        &project,
                        &stream,
                        &config.digest,
                        super::RESPONSE_TIMEOUT / 2,
                    )
                    .await
                {
                    Ok((_, host)) => return Some(Ok(host)),
                    Err(error @ RegistryError::Storage { .. }) => return Some(Err(error)),
                    // The image is gone, or another check reports the error.
                    Err(_) => {}
                }
            }
        }
        None
    }
}

fn blob_storage_result(
    settings: &Settings,
    release: Release,
    tried: Result<Option<String>, RegistryError>,
) -> Finding {
    let new = |result| Finding::new("blob-storage", Component::Registry, result);
    let error = match tried {
        Ok(None) => return new(CheckResult::BlobsInRegistry),
        Ok(Some(host)) => {
            return new(CheckResult::BlobsInStorage).with_fact(FactName::Storage, host);
        }
        Err(error) => error,
    };
    let Some(failure) = StorageFailure::from_registry_error(&error) else {
        return new(CheckResult::BlobsNotTried);
    };
    let (result, setting) = match failure.why {
        StorageFailureReason::Off => (CheckResult::StorageOff, Some("REGISTRY_BLOB_REDIRECTS")),
        StorageFailureReason::UnknownAuthority => (
            CheckResult::StorageUnknownAuthority,
            Some("REGISTRY_BLOB_CA_FILE"),
        ),
        StorageFailureReason::Untrusted => (CheckResult::StorageUntrusted, None),
        StorageFailureReason::NoSecureConnection => (CheckResult::StorageNotSecure, None),
        StorageFailureReason::Unreachable | StorageFailureReason::Late => {
            (CheckResult::StorageUnreachable, None)
        }
        _ => (CheckResult::StorageRefused, None),
    };
    let problem = std::error::Error::source(&error).map(ToString::to_string);
    let finding = new(result)
        .with_optional_fact(FactName::Storage, failure.host.clone())
        .with_optional_fact(FactName::Setting, setting)
        .with_optional_fact(FactName::Problem, problem);
    finding.with_commands(remediation_commands(
        settings,
        release,
        failure.why,
        failure.host.as_deref(),
    ))
}

fn remediation_commands(
    settings: &Settings,
    release: Release,
    why: StorageFailureReason,
    host: Option<&str>,
) -> Vec<ShellCommand> {
    let url = host.and_then(|host| Url::parse(&format!("https://{host}/")).ok());
    match (why, url) {
        (StorageFailureReason::Off, _) => vec![
            settings
                .installation()
                .unset_variable("REGISTRY_BLOB_REDIRECTS-"),
        ],
        (StorageFailureReason::UnknownAuthority, Some(url)) => {
            let mut runs = vec![remediation::show_certificates(&url)];
            runs.extend(remediation::storage_authority_commands(
                &settings.installation(),
                release,
            ));
            runs
        }
        (StorageFailureReason::Untrusted | StorageFailureReason::NoSecureConnection, Some(url)) => {
            vec![remediation::show_certificate(&url)]
        }
        (StorageFailureReason::Unreachable | StorageFailureReason::Late, Some(url)) => {
            vec![
                remediation::resolve_host(&url),
                remediation::fetch(&url, "/"),
            ]
        }
        _ => remediation::show_registry_log(),
    }
}
