//! Reading of variables that collects what is wrong with them.

use std::io;
use std::path::Path;
use std::str::FromStr;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::SecretString;
use url::Url;

use super::{SettingProblem, SettingsError, VariableSource};

/// Reads variables. A problem is recorded, and reading continues. Methods return nothing after a
/// mistake.
pub(super) struct SettingsReader<'a> {
    vars: &'a dyn VariableSource,
    problems: SettingsError,
    warnings: Vec<SettingProblem>,
}

impl<'a> SettingsReader<'a> {
    pub(super) fn new(vars: &'a dyn VariableSource) -> Self {
        Self {
            vars,
            problems: SettingsError::default(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn vars(&self) -> &'a dyn VariableSource {
        self.vars
    }

    /// The mistakes and the warnings.
    pub(super) fn into_problems(self) -> (SettingsError, Vec<SettingProblem>) {
        (self.problems, self.warnings)
    }

    /// Records a problem of `variable` without which the console can run.
    pub(super) fn warn(&mut self, variable: &'static str, problem: impl Into<String>) {
        self.warnings.push(SettingProblem {
            variable,
            problem: problem.into(),
        });
    }

    /// Records that `variable` cannot be used.
    pub(super) fn reject<T>(
        &mut self,
        variable: &'static str,
        problem: impl Into<String>,
    ) -> Option<T> {
        self.problems.push(SettingProblem {
            variable,
            problem: problem.into(),
        });
        None
    }

    /// The value without surrounding whitespace. An empty one counts as unset, like a template
    /// parameter that was left empty.
    pub(super) fn text(&self, variable: &str) -> Option<String> {
        let value = self.vars.get(variable)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    pub(super) fn required(&mut self, variable: &'static str) -> Option<String> {
        self.text(variable)
            .or_else(|| self.reject(variable, "is not set"))
    }

    /// A boolean, as Go's `strconv.ParseBool` reads it, because the old console did; unset is
    /// false. Any other value is false, with a warning. False is the safe value of every flag:
    /// older templates set these, and a pod that ran before should run after an update.
    pub(super) fn flag(&mut self, variable: &'static str) -> bool {
        match self.text(variable).as_deref() {
            None | Some("0" | "f" | "F" | "false" | "FALSE" | "False") => false,
            Some("1" | "t" | "T" | "true" | "TRUE" | "True") => true,
            Some(other) => {
                self.warn(
                    variable,
                    format!("is {other:?}, but must be true or false; it counts as false"),
                );
                false
            }
        }
    }

    /// The parsed value, or `default` if the variable is unset.
    pub(super) fn parse_or_default<T: FromStr>(
        &mut self,
        variable: &'static str,
        default: &str,
        kind: &str,
    ) -> Option<T> {
        let value = self.text(variable).unwrap_or_else(|| default.to_owned());
        value.parse().ok().or_else(|| {
            self.reject(
                variable,
                format!("is {value:?}, which is not a valid {kind}"),
            )
        })
    }

    /// A URL of scheme, host and port only. A trailing slash is accepted.
    pub(super) fn origin(
        &mut self,
        variable: &'static str,
        value: &str,
        schemes: &[&str],
    ) -> Option<Url> {
        let shown = value.chars().take(200).collect::<String>();
        let Ok(url) = Url::parse(value) else {
            return self.reject(variable, format!("is {shown:?}, which is not a valid URL"));
        };
        if !schemes.contains(&url.scheme()) || !url.has_host() {
            return self.reject(
                variable,
                format!(
                    "is {shown:?}, but must begin with {}://",
                    schemes.join(":// or ")
                ),
            );
        }
        if !url.username().is_empty() || url.password().is_some() {
            return self.reject(
                variable,
                "contains a user name or password, which is not supported",
            );
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return self.reject(
                variable,
                format!("is {shown:?}, but must end after the host and port"),
            );
        }
        Some(url)
    }

    /// A secret from `variable`, or from the file that `file_variable` names. `None` if both are
    /// unset, or wrong.
    pub(super) fn secret(
        &mut self,
        variable: &'static str,
        file_variable: &'static str,
    ) -> Option<SecretString> {
        match (self.text(variable), self.text(file_variable)) {
            (Some(_), Some(_)) => self.reject(
                variable,
                format!("and {file_variable} are both set; set one"),
            ),
            (Some(value), None) => Some(SecretString::from(value)),
            (None, Some(path)) => {
                let text = self.file_text(file_variable, &path)?;
                match text.trim() {
                    "" => self.reject(file_variable, format!("names {path:?}, which is empty")),
                    secret => Some(SecretString::from(secret)),
                }
            }
            (None, None) => None,
        }
    }

    /// The certificates of the file that `variable` names.
    pub(super) fn ca_file(&mut self, variable: &'static str) -> Option<String> {
        let path = self.text(variable)?;
        let pem = self.file_text(variable, &path)?;
        self.check_certificates(variable, &format!("names {path:?}, which "), pem)
    }

    /// Checks that `pem` contains certificates. `holder` is the subject of the sentence that says
    /// what is wrong.
    pub(super) fn check_certificates(
        &mut self,
        variable: &'static str,
        holder: &str,
        pem: String,
    ) -> Option<String> {
        let certificates: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let found = certificates.unwrap_or_default();
        if found.is_empty() {
            return self.reject(
                variable,
                format!("{holder}contains no certificates in PEM format"),
            );
        }
        // A certificate that cannot be read here cannot be trusted later: no connection would be
        // made.
        let unreadable = found
            .into_iter()
            .position(|certificate| RootCertStore::empty().add(certificate).is_err());
        match unreadable {
            None => Some(pem),
            Some(place) => self.reject(
                variable,
                format!(
                    "{holder}contains a certificate that cannot be parsed: number {} in it",
                    place + 1
                ),
            ),
        }
    }

    /// A file that the cluster mounts, and which may be missing.
    pub(super) fn mounted_file(&self, path: &str) -> Option<String> {
        String::from_utf8(self.vars.read_file(Path::new(path)).ok()?).ok()
    }

    fn file_text(&mut self, variable: &'static str, path: &str) -> Option<String> {
        let text = self.vars.read_file(Path::new(path)).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
        });
        match text {
            Ok(text) => Some(text),
            Err(error) => self.reject(
                variable,
                format!("names {path:?}, which cannot be read ({error})"),
            ),
        }
    }
}
