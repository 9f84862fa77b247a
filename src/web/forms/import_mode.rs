//! The form field for `importPolicy.importMode`.

use registry_model::ImportMode;

/// The import mode that a field names. All platforms if it names none, because then nothing is
/// lost.
pub(in crate::web) fn parse_import_mode(value: &str) -> ImportMode {
    if value == ImportMode::Legacy.as_str() {
        ImportMode::Legacy
    } else {
        ImportMode::PreserveOriginal
    }
}
