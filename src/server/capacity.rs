//! What the process may take of its machine.

use std::path::Path;

use super::Limits;

/// Where the kernel says how much memory the pod may take: cgroup v2, and v1.
const MEMORY: [&str; 2] = [
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
];

/// Where it says how many files the process may open.
const LIMITS: &str = "/proc/self/limits";

/// More than any machine has: how cgroup v1 says that there is no limit.
const UNLIMITED: u64 = 1 << 60;

/// The memory and the open files that the process may have. Absent: not limited, or not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    pub memory: Option<u64>,
    /// Open files, sockets included.
    pub files: Option<u64>,
}

impl Capacity {
    /// What the kernel says.
    #[must_use]
    pub fn of_this_process() -> Self {
        let text = |path: &str| std::fs::read_to_string(Path::new(path)).ok();
        let memory = MEMORY
            .into_iter()
            .filter_map(text)
            .find_map(|text| memory_limit(&text));
        Self {
            memory,
            files: text(LIMITS).and_then(|text| file_limit(&text)),
        }
    }

    /// Limits that fit, with so many connections where that is set. Logged, because they decide how
    /// many people the pod can serve.
    #[must_use]
    pub fn limits(self, connections: Option<usize>) -> Limits {
        let fitting = Limits::fitting(self.memory, self.files);
        let limits = Limits {
            connections: connections.unwrap_or(fitting.connections),
            ..fitting
        };
        tracing::info!(
            connections = limits.connections as u64,
            bytes_in_flight = limits.in_flight as u64,
            memory_limit = self.memory,
            open_files = self.files,
            "limits"
        );
        limits
    }
}

fn memory_limit(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|bytes| *bytes < UNLIMITED)
}

/// The soft limit, in the second column.
fn file_limit(limits: &str) -> Option<u64> {
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
    fn the_kernels_words_for_a_limit_and_for_none_are_understood() {
        assert_eq!(memory_limit("268435456\n"), Some(256 << 20));
        assert_eq!(memory_limit("max\n"), None);
        assert_eq!(memory_limit("9223372036854771712\n"), None);
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             unlimited            unlimited            processes \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(file_limit(limits), Some(1024));
        assert_eq!(file_limit(""), None);
    }

    #[test]
    fn a_number_of_connections_that_is_set_counts() {
        let capacity = Capacity {
            memory: Some(256 << 20),
            files: None,
        };
        assert_eq!(
            (
                capacity.limits(None).connections,
                capacity.limits(Some(100)).connections
            ),
            (2048, 100)
        );
    }
}
