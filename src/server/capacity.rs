//! The resources that the process may use.

use std::path::Path;

use super::ServerLimits;

/// Where the kernel shows the memory limit of the pod: cgroup v2, and v1.
const CGROUP_MEMORY_LIMIT_FILES: [&str; 2] = [
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
];

/// Where the kernel shows how many files the process may open.
const PROCESS_LIMITS_FILE: &str = "/proc/self/limits";

/// More than any computer has: how cgroup v1 shows that there is no limit.
const UNLIMITED_BYTES: u64 = 1 << 60;

/// The memory and the number of open files that the process may use. Absent: not limited, or not
/// known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    pub memory_bytes: Option<u64>,
    /// Open files, including sockets.
    pub open_files: Option<u64>,
}

impl Capacity {
    /// The values that the kernel shows.
    #[must_use]
    pub fn from_process() -> Self {
        let text = |path: &str| std::fs::read_to_string(Path::new(path)).ok();
        let memory = CGROUP_MEMORY_LIMIT_FILES
            .into_iter()
            .filter_map(text)
            .find_map(|text| parse_memory_limit(&text));
        Self {
            memory_bytes: memory,
            open_files: text(PROCESS_LIMITS_FILE).and_then(|text| parse_file_limit(&text)),
        }
    }

    /// Limits for these resources, with `max_connections` if it is set. They are logged, because
    /// they decide how many users the pod can serve.
    #[must_use]
    pub fn limits(self, connections: Option<usize>) -> ServerLimits {
        let fitting = ServerLimits::from_capacity(self.memory_bytes, self.open_files);
        let limits = ServerLimits {
            max_connections: connections.unwrap_or(fitting.max_connections),
            ..fitting
        };
        tracing::info!(
            max_connections = limits.max_connections as u64,
            max_in_flight_bytes = limits.max_in_flight_bytes as u64,
            memory_limit = self.memory_bytes,
            max_open_files = self.open_files,
            "limits"
        );
        limits
    }
}

fn parse_memory_limit(text: &str) -> Option<u64> {
    text.trim()
        .parse()
        .ok()
        .filter(|bytes| *bytes < UNLIMITED_BYTES)
}

/// The soft limit, which is in the second column.
fn parse_file_limit(limits: &str) -> Option<u64> {
    limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernel_limit_files_are_parsed() {
        assert_eq!(parse_memory_limit("268435456\n"), Some(256 << 20));
        assert_eq!(parse_memory_limit("max\n"), None);
        assert_eq!(parse_memory_limit("9223372036854771712\n"), None);
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             unlimited            unlimited            processes \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(parse_file_limit(limits), Some(1024));
        assert_eq!(parse_file_limit(""), None);
    }

    #[test]
    fn configured_connection_limit_wins() {
        let capacity = Capacity {
            memory_bytes: Some(256 << 20),
            open_files: None,
        };
        assert_eq!(
            (
                capacity.limits(None).max_connections,
                capacity.limits(Some(100)).max_connections
            ),
            (2048, 100)
        );
    }
}
