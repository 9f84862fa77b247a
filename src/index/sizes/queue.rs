//! The image streams that wait to be read, each once.

use std::collections::{HashSet, VecDeque};

use registry_model::{ImageStreamName, ProjectName};

/// The name of an image stream in the cluster.
pub(super) type StreamPath = (ProjectName, ImageStreamName);

/// Image streams in the order in which they are read.
#[derive(Debug, Default)]
pub(super) struct StreamQueue {
    order: VecDeque<StreamPath>,
    waiting: HashSet<StreamPath>,
}

impl StreamQueue {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Adds an image stream before all others, unless it waits already.
    pub(super) fn push_front(&mut self, path: StreamPath) {
        if self.waiting.insert(path.clone()) {
            self.order.push_front(path);
        }
    }

    /// Adds an image stream after all others, unless it waits already.
    pub(super) fn push_back(&mut self, path: StreamPath) {
        if self.waiting.insert(path.clone()) {
            self.order.push_back(path);
        }
    }

    pub(super) fn pop(&mut self) -> Option<StreamPath> {
        let path = self.order.pop_front()?;
        self.waiting.remove(&path);
        Some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> StreamPath {
        ("p".parse().unwrap(), name.parse().unwrap())
    }

    #[test]
    fn stream_waits_once() {
        let mut queue = StreamQueue::default();
        for name in ["a", "b", "a"] {
            queue.push_back(path(name));
        }
        for name in ["c", "b"] {
            queue.push_front(path(name));
        }
        assert_eq!(queue.len(), 3);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(order, ["c", "a", "b"].map(path));
        queue.push_back(path("a"));
        assert_eq!(queue.pop(), Some(path("a")), "it can wait again");
    }
}
