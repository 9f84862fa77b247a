//! The form field for `importPolicy.importMode`.

use registry_model::ImportMode;

/// The import mode in a field. Without a valid value, the mode that imports all platforms, because
/// it loses nothing.
pub(in crate::web) fn parse_import_mode(sent: &str) -> ImportMode {
    if sent == ImportMode::Legacy.as_str() {
        ImportMode::Legacy
    } else {
        ImportMode::PreserveOriginal
    }
}
