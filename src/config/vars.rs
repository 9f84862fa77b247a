//! Sources of variables.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

/// Variables by name, and the files that they name.
pub trait VariableSource {
    /// The value of `name`, if it is set.
    fn get(&self, name: &str) -> Option<String>;

    /// The bytes of a file that a variable names, or that the cluster mounts.
    ///
    /// # Errors
    /// The error of the file system.
    fn read_file(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The paths of the files in a directory; empty if there is no such directory.
    fn list_directory(&self, path: &Path) -> Vec<PathBuf>;
}

/// The environment of this process, and the file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessEnvironment;

impl VariableSource for ProcessEnvironment {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn list_directory(&self, path: &Path) -> Vec<PathBuf> {
        std::fs::read_dir(path)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default()
    }
}

/// Variables and files that exist only in memory: for tests and the demo.
#[derive(Clone, Default)]
pub struct FixedVariables {
    vars: HashMap<String, String>,
    files: HashMap<PathBuf, Vec<u8>>,
}

impl FixedVariables {
    #[must_use]
    pub fn with_var(mut self, name: &str, value: impl Into<String>) -> Self {
        self.vars.insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub fn with_file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(PathBuf::from(path), bytes.into());
        self
    }
}

impl VariableSource for FixedVariables {
    fn get(&self, name: &str) -> Option<String> {
        self.vars.get(name).cloned()
    }

    fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files
            .get(path)
            .cloned()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn list_directory(&self, path: &Path) -> Vec<PathBuf> {
        self.files
            .keys()
            .filter(|file| file.parent() == Some(path))
            .cloned()
            .collect()
    }
}
