//! Components that several pages share: the values of `templates/components`.

mod missing_section;
mod more_rows;
mod pager;

pub(crate) use missing_section::{MissingSections, are_not_permitted};
pub(super) use more_rows::MAX_INITIAL_ROWS;
pub(crate) use more_rows::{split_pairs, split_rows, split_texts, split_top};
pub(crate) use pager::Pager;

use super::render::Chrome;
use crate::app::images::{ContentKind, PlatformKind, PlatformRow};
use crate::app::lists::SortOrder;
use crate::i18n::Message;
use registry_model::image_config::ImageConfig;

/// The header of a sortable column: `components/column_header.html`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// The URL that sorts by the column, or reverses the order.
    pub(crate) href: String,
    order: Option<SortOrder>,
}

impl Column {
    /// A column that links to `href`; `order` is the current order if the list is sorted by this
    /// column.
    pub(crate) fn new(href: String, order: Option<SortOrder>) -> Self {
        Self { href, order }
    }

    /// Whether the list is sorted by it, smallest first.
    pub(crate) fn is_ascending(&self) -> bool {
        self.order == Some(SortOrder::Ascending)
    }

    /// Whether the list is sorted by it, greatest first.
    pub(crate) fn is_descending(&self) -> bool {
        self.order == Some(SortOrder::Descending)
    }
}

/// The manifests of an index, and the attestations among them.
pub(crate) fn split_attestations(rows: &[PlatformRow]) -> (Vec<&PlatformRow>, Vec<&PlatformRow>) {
    rows.iter()
        .partition(|row| row.kind != PlatformKind::Attestation)
}

/// Whether a config has any of the settings that the section of an image's configuration shows.
pub(crate) fn sets_anything(config: &ImageConfig) -> bool {
    let lists = [
        &config.entrypoint,
        &config.cmd,
        &config.exposed_ports,
        &config.volumes,
        &config.on_build,
        &config.shell,
    ];
    let texts = [&config.user, &config.working_dir, &config.stop_signal];
    lists.iter().any(|list| !list.items.is_empty())
        || texts.iter().any(|text| text.is_some())
        || config.healthcheck.is_some()
}

impl Chrome {
    /// What a manifest describes, as a label.
    pub(crate) fn content_kind(&self, kind: &ContentKind) -> Message {
        let lang = self.lang;
        match kind {
            ContentKind::Image => lang.msg("kind-image"),
            ContentKind::Schema1 => lang.msg("kind-schema1"),
            ContentKind::Index => lang.msg("kind-index"),
            ContentKind::ArtifactIndex => lang.msg("kind-artifact-index"),
            ContentKind::BuildCache => lang.msg("kind-build-cache"),
            ContentKind::EmptyIndex => lang.msg("kind-empty-index"),
            ContentKind::Artifact => lang.msg("kind-artifact"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sorted_column_has_a_direction() {
        let sorted = Column::new("/images".to_owned(), Some(SortOrder::Descending));
        let other = Column::new("/images?sort=tags".to_owned(), None);
        assert!(sorted.is_descending() && !sorted.is_ascending());
        assert!(!other.is_descending() && !other.is_ascending());
    }
}
