//! The choice of `importPolicy.importMode`.

use registry_model::ImportMode;

/// The import mode that a field names. All platforms if it names none, because then nothing is
/// lost.
pub(in crate::web) fn parse_import_mode(sent: &str) -> ImportMode {
    if sent == ImportMode::Legacy.as_str() {
        ImportMode::Legacy
    } else {
        ImportMode::PreserveOriginal
    }
}
