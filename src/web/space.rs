//! What pages show about space: `components/space.html`.

use crate::app::space::{KeptBy, KeptRevision, ReadProjects, SpaceScope};
use crate::i18n::{Lang, Message};
use crate::openshift::{RegistryStorage, RegistryStorageKind};
use crate::web::charts::space_bar::{SpacePart, parts};
use registry_model::ByteSize;
use registry_model::space::{SpaceSize, SpaceUse};

/// A size in a sentence, with what is known of it in words.
pub(in crate::web) fn size_text(lang: &Lang, size: &SpaceSize) -> String {
    let bytes = lang.format_size(size.bytes);
    match (size.at_least, has_upper_bound(size)) {
        (false, false) => bytes,
        (true, false) => lang.msg("size-at-least").arg("size", bytes).to_string(),
        (false, true) => lang.msg("size-at-most").arg("size", bytes).to_string(),
        (true, true) => lang.msg("size-about").arg("size", bytes).to_string(),
    }
}

/// Whether it is known that there are no bytes.
pub(in crate::web) fn is_nothing(size: &SpaceSize) -> bool {
    size.sum().0 == 0 && !size.at_least
}

/// Whether it can be less. No bytes cannot.
fn has_upper_bound(size: &SpaceSize) -> bool {
    size.at_most && size.sum().0 > 0
}

/// A size in a table, with what is known of it as a sign.
pub(in crate::web) fn short_size(lang: &Lang, size: &SpaceSize) -> String {
    let sign = match (size.at_least, has_upper_bound(size)) {
        (false, false) => "",
        (true, false) => "≥ ",
        (false, true) => "≤ ",
        (true, true) => "≈ ",
    };
    format!("{sign}{}", lang.format_size(size.bytes))
}

/// Of a size that has them: the bytes of images that were imported.
pub(in crate::web) fn imported(lang: &Lang, size: &SpaceSize) -> Option<Message> {
    let imported = Some(size.imported).filter(|imported| imported.0 > 0)?;
    Some(
        lang.msg("space-imported")
            .arg("size", lang.format_size(imported)),
    )
}

/// What a page about space is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum SpaceSubject {
    /// Everything that is visible, which shares with nothing.
    All,
    Project,
    Stream,
}

/// A part of the space, with its figure: the legend of the bar.
#[derive(Debug)]
pub(in crate::web) struct SpaceFigure {
    pub(in crate::web) part: SpacePart,
    pub(in crate::web) label: Message,
    pub(in crate::web) size: SpaceSize,
}

impl SpaceSubject {
    pub(in crate::web) fn figures(
        self,
        lang: Lang,
        space: &SpaceUse,
        shared: &SpaceSize,
    ) -> Vec<SpaceFigure> {
        let current = SpaceSize {
            bytes: ByteSize(space.own.bytes.0.saturating_sub(space.own_history.bytes.0)),
            imported: ByteSize((space.own.imported.0).saturating_sub(space.own_history.imported.0)),
            ..space.own
        };
        // Of all that the user sees, what is in tags does not depend on other projects.
        let current = if self == Self::All {
            SpaceSize {
                at_most: false,
                ..current
            }
        } else {
            current
        };
        let sizes = [current, space.own_history, *shared];
        let figures = parts(space).into_iter().zip(sizes);
        figures
            .filter(|((part, _), _)| self != Self::All || *part != SpacePart::Shared)
            .map(|((part, _), size)| SpaceFigure {
                part,
                label: match (part, self) {
                    (SpacePart::Own, Self::All) => lang.msg("space-own-all"),
                    (SpacePart::Own, Self::Project) => lang.msg("space-own-project"),
                    (SpacePart::Own, Self::Stream) => lang.msg("space-own-stream"),
                    (SpacePart::History, Self::All) => lang.msg("space-history-all"),
                    (SpacePart::History, Self::Project) => lang.msg("space-history-project"),
                    (SpacePart::History, Self::Stream) => lang.msg("space-history-stream"),
                    (SpacePart::Shared, Self::Stream) => lang.msg("space-shared-stream"),
                    (SpacePart::Shared, _) => lang.msg("space-shared-project"),
                },
                size,
            })
            .collect()
    }
}

/// The text alternative of the bar.
pub(in crate::web) fn picture_text(lang: &Lang, figures: &[SpaceFigure]) -> String {
    let texts: Vec<String> = figures
        .iter()
        .map(|figure| {
            let size = size_text(lang, &figure.size);
            format!("{}{}{size}", figure.label, lang.label_separator())
        })
        .collect();
    texts.join(lang.clause_separator())
}

/// With what layers were compared.
pub(in crate::web) fn compared(lang: &Lang, scope: &SpaceScope) -> Message {
    if scope.whole_cluster {
        lang.msg("space-compared-cluster")
    } else {
        lang.msg("space-compared-visible")
            .arg("count", scope.other_projects)
    }
}

/// Which projects an overview is about.
pub(in crate::web) fn covered(lang: &Lang, scope: &SpaceScope, read: &ReadProjects) -> Message {
    if scope.whole_cluster {
        lang.msg("space-covers-cluster")
    } else {
        lang.msg("space-covers-visible").arg("count", read.read)
    }
}

/// How many projects were read, if it is not all.
pub(in crate::web) fn reading(lang: &Lang, read: &ReadProjects) -> Option<Message> {
    match read.all {
        Some(all) if all <= read.read => None,
        Some(all) => {
            let text = lang.msg("space-projects-read").arg("read", read.read);
            Some(text.arg("count", all))
        }
        None => Some(lang.msg("space-projects-unlisted")),
    }
}

/// The kind of the registry's storage.
pub(in crate::web) fn storage_kind(lang: &Lang, storage: &RegistryStorage) -> Message {
    match storage.kind {
        RegistryStorageKind::S3 => lang.msg("storage-s3"),
        RegistryStorageKind::Gcs => lang.msg("storage-gcs"),
        RegistryStorageKind::Azure => lang.msg("storage-azure"),
        RegistryStorageKind::Swift => lang.msg("storage-swift"),
        RegistryStorageKind::IbmCos => lang.msg("storage-ibmcos"),
        RegistryStorageKind::Oss => lang.msg("storage-oss"),
        RegistryStorageKind::VolumeClaim => lang.msg("storage-claim"),
        RegistryStorageKind::EmptyDir => lang.msg("storage-empty-dir"),
        RegistryStorageKind::HostPath => lang.msg("storage-host-path"),
        RegistryStorageKind::Nfs => lang.msg("storage-nfs"),
        RegistryStorageKind::Other => lang.msg("storage-other"),
    }
}

/// The rule that keeps an image, in words.
pub(in crate::web) fn kept_text(lang: &Lang, kept: &KeptBy, age: &str) -> Message {
    let revision = |message: Message, revision: &KeptRevision| {
        message.arg("tag", format!("{}:{}", revision.stream, revision.tag))
    };
    match kept {
        KeptBy::YoungStream { stream, .. } => lang
            .msg("prune-kept-young-stream")
            .arg("stream", stream)
            .arg("age", age),
        KeptBy::YoungTagEvent { revision: at } => {
            revision(lang.msg("prune-kept-young-tag"), at).arg("age", age)
        }
        KeptBy::TagRevision { revision: at } => {
            revision(lang.msg("prune-kept-revision"), at).arg("number", at.revision)
        }
        KeptBy::WithinSizeLimit { .. } => lang.msg("prune-kept-within-limit"),
        KeptBy::UsedTag { revision: at, .. } => revision(lang.msg("prune-kept-used-tag"), at),
        KeptBy::UsedImage { .. } => lang.msg("prune-kept-used-image"),
        KeptBy::PartOfIndex { index } => lang.msg("prune-kept-index").arg("digest", index.short()),
        KeptBy::NotManaged => lang.msg("prune-kept-imported"),
        KeptBy::YoungImage => lang.msg("prune-kept-young-image").arg("age", age),
    }
}
