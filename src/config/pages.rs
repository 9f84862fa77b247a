//! Optional pages, and who sees them.

use crate::config::reader::SettingsReader;

/// Pages that can be disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSettings {
    /// Who sees the doctor's page, which shows how the console is installed and what is wrong with
    /// it.
    pub doctor: DoctorAudience,
    /// Whether users may see their session's token.
    pub show_token: bool,
}

/// Who sees the doctor's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DoctorAudience {
    /// All signed-in users.
    #[default]
    Everybody,
    /// Users who may list the image streams of all projects, as `cluster-reader` and
    /// `cluster-admin` may on all versions of OpenShift.
    Administrators,
    /// No user; the command line still works.
    Nobody,
}

impl Default for PageSettings {
    fn default() -> Self {
        Self {
            doctor: DoctorAudience::default(),
            show_token: true,
        }
    }
}

impl PageSettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let doctor = match reader.text("DOCTOR_PAGE").as_deref() {
            None | Some("all") => Some(DoctorAudience::Everybody),
            Some("administrators") => Some(DoctorAudience::Administrators),
            Some("off") => Some(DoctorAudience::Nobody),
            Some(other) => reader.reject(
                "DOCTOR_PAGE",
                format!("is {other:?}, but must be all, administrators or off"),
            ),
        };
        let show_token = match reader.text("SHOW_TOKEN").as_deref() {
            None | Some("on") => Some(true),
            Some("off") => Some(false),
            Some(other) => {
                reader.reject("SHOW_TOKEN", format!("is {other:?}, but must be on or off"))
            }
        };
        Some(Self {
            doctor: doctor?,
            show_token: show_token?,
        })
    }
}
