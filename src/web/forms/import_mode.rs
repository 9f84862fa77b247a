//! The choice of `importPolicy.importMode`.

use registry_model::ImportMode;

/// The mode that a field names. All platforms where it names none: nothing is lost by them.
pub(in crate::web) fn parse_import_mode(sent: &str) -> ImportMode {
    if sent == ImportMode::Legacy.as_str() {
        ImportMode::Legacy
    } else {
        ImportMode::PreserveOriginal
    }
}
