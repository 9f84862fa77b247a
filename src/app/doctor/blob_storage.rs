//! Where the registry keeps its blobs: tried with an image that the person may see.

use url::Url;

use super::finding::{About, FactName, Finding};
use super::settings::Settings;
use super::version::{AskedRelease, Release};
use super::what::What;
use super::{run, trust};
use crate::app::AsUser;
use crate::app::shell_command::ShellCommand;
use crate::app::storage_trouble::{StorageTrouble, StorageWhy};
use crate::registry::{Error, Reference};
use registry_model::manifest::Manifest;

/// How many image streams are tried, the latest first, and how many tags of each, until one is an
/// image with a configuration.
const STREAMS: usize = 6;
const TAGS: usize = 3;

impl AsUser<'_> {
    /// Whether blobs come from the registry or from object storage, and whether the console can
    /// read them there.
    pub(super) async fn blob_storage(&self, settings: &Settings) -> Finding {
        match tokio::time::timeout(super::LIMIT, self.try_blob()).await {
            Ok(Some(tried)) => finding(settings, AskedRelease::new(settings).likely().await, tried),
            _ => Finding::new("blob-storage", About::Registry, What::BlobsNotTried),
        }
    }

    /// What comes of fetching a configuration; nothing where there is none that the person may see
    /// and the registry has.
    async fn try_blob(&self) -> Option<Result<Option<String>, Error>> {
        let visible = self.visible_streams().await.ok()?;
        let mut candidates = Vec::new();
        for entry in visible.streams.latest(STREAMS) {
            for tag in entry.stream.tags().take(TAGS) {
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
                .manifest(&project, &stream, &Reference::Tag(tag))
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
                    .config_from(&project, &stream, &config.digest, super::LIMIT / 2)
                    .await
                {
                    Ok((_, host)) => return Some(Ok(host)),
                    Err(error @ Error::Storage { .. }) => return Some(Err(error)),
                    // Gone, or told elsewhere.
                    Err(_) => {}
                }
            }
        }
        None
    }
}

fn finding(settings: &Settings, release: Release, tried: Result<Option<String>, Error>) -> Finding {
    let new = |what| Finding::new("blob-storage", About::Registry, what);
    let error = match tried {
        Ok(None) => return new(What::BlobsInRegistry),
        Ok(Some(host)) => return new(What::BlobsInStorage).fact(FactName::Storage, host),
        Err(error) => error,
    };
    let Some(trouble) = StorageTrouble::of(&error) else {
        return new(What::BlobsNotTried);
    };
    let (what, setting) = match trouble.why {
        StorageWhy::Off => (What::StorageOff, Some("REGISTRY_BLOB_REDIRECTS")),
        StorageWhy::UnknownAuthority => {
            (What::StorageUnknownAuthority, Some("REGISTRY_BLOB_CA_FILE"))
        }
        StorageWhy::Untrusted => (What::StorageUntrusted, None),
        StorageWhy::NoSecureConnection => (What::StorageNotSecure, None),
        StorageWhy::Unreachable | StorageWhy::Late => (What::StorageUnreachable, None),
        _ => (What::StorageRefused, None),
    };
    let problem = std::error::Error::source(&error).map(ToString::to_string);
    let found = new(what)
        .maybe(FactName::Storage, trouble.host.clone())
        .maybe(FactName::Setting, setting)
        .maybe(FactName::Problem, problem);
    found.runs(commands(
        settings,
        release,
        trouble.why,
        trouble.host.as_deref(),
    ))
}

fn commands(
    settings: &Settings,
    release: Release,
    why: StorageWhy,
    host: Option<&str>,
) -> Vec<ShellCommand> {
    let url = host.and_then(|host| Url::parse(&format!("https://{host}/")).ok());
    match (why, url) {
        (StorageWhy::Off, _) => vec![run::unset(settings, "REGISTRY_BLOB_REDIRECTS-")],
        (StorageWhy::UnknownAuthority, Some(url)) => {
            let mut runs = vec![run::certificates(&url)];
            runs.extend(trust::storage(settings, release));
            runs
        }
        (StorageWhy::Untrusted | StorageWhy::NoSecureConnection, Some(url)) => {
            vec![run::certificate(&url)]
        }
        (StorageWhy::Unreachable | StorageWhy::Late, Some(url)) => {
            vec![run::resolve(&url), run::fetch(&url, "/")]
        }
        _ => run::registry_log(),
    }
}
