//! The queue of log lines for a writer that may block: a full pipe must not stop the process (R26).

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// The bounds of lines and bytes that wait to be written. Lines beyond either bound are dropped and
/// counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueBounds {
    pub(super) max_lines: usize,
    pub(super) max_bytes: usize,
}

impl Default for QueueBounds {
    fn default() -> Self {
        Self {
            max_lines: 4096,
            max_bytes: 2 << 20,
        }
    }
}

/// Accepts one line with each write and never blocks. A thread writes the lines. Cheap to clone.
#[derive(Clone)]
pub(super) struct LineQueue(Arc<QueueShared>);

struct QueueShared {
    bounds: QueueBounds,
    state: Mutex<QueueState>,
    arrived: Condvar,
    written: Condvar,
}

#[derive(Default)]
struct QueueState {
    waiting: VecDeque<Vec<u8>>,
    /// Lines that are not written yet, including the one that is being written.
    lines: usize,
    /// The bytes of these lines.
    bytes: usize,
    /// Lines dropped since the last line that reported dropped ones.
    dropped: u64,
}

impl LineQueue {
    /// Starts the thread that writes to `writer`.
    ///
    /// # Errors
    /// The operating system does not start the thread.
    pub(super) fn start(
        writer: impl Write + Send + 'static,
        bounds: QueueBounds,
    ) -> io::Result<Self> {
        let (arrived, written) = (Condvar::new(), Condvar::new());
        let queue = Self(Arc::new(QueueShared {
            bounds,
            state: Mutex::default(),
            arrived,
            written,
        }));
        let shared = Arc::clone(&queue.0);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || shared.write_all_to(writer))?;
        Ok(queue)
    }

    /// Waits until every line is written, at most for `patience`. Returns whether every line is.
    pub(super) fn drain(&self, patience: Duration) -> bool {
        let state = self.0.lock();
        let waited = self
            .0
            .written
            .wait_timeout_while(state, patience, |state| state.lines > 0);
        waited.unwrap_or_else(PoisonError::into_inner).0.lines == 0
    }
}

impl QueueShared {
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.lines >= self.bounds.max_lines || state.bytes + line.len() > self.bounds.max_bytes
        {
            state.dropped += 1;
            drop(state);
            metrics::counter!("registry_console_log_lines_dropped_total").increment(1);
            return;
        }
        state.lines += 1;
        state.bytes += line.len();
        state.waiting.push_back(line.to_owned());
        drop(state);
        self.arrived.notify_one();
    }

    fn write_all_to(&self, mut writer: impl Write) {
        loop {
            let state = self
                .arrived
                .wait_while(self.lock(), |state| state.waiting.is_empty());
            let line = state
                .unwrap_or_else(PoisonError::into_inner)
                .waiting
                .pop_front()
                .unwrap_or_default();
            // An error of the log cannot be logged.
            let _ = writer.write_all(&line).and_then(|()| writer.flush());
            let mut state = self.lock();
            state.lines -= 1;
            state.bytes -= line.len();
            let dropped = if state.lines == 0 {
                std::mem::take(&mut state.dropped)
            } else {
                0
            };
            drop(state);
            self.written.notify_all();
            if dropped > 0 {
                tracing::warn!(
                    dropped_lines = dropped,
                    "log lines were dropped, because they were not read as fast as they were written"
                );
            }
        }
    }
}

impl Write for LineQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LineQueue {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    const TEST_TIMEOUT: Duration = Duration::from_secs(20);

    /// A pipe that is read line by line when the test reads it.
    struct ChannelWriter(SyncSender<String>);

    impl Write for ChannelWriter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let line = String::from_utf8_lossy(bytes).into_owned();
            self.0.send(line).map_err(|_| io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn queue_without_reader(lines: usize, bytes: usize) -> (LineQueue, Receiver<String>) {
        let (pipe, reader) = sync_channel(0);
        (
            LineQueue::start(
                ChannelWriter(pipe),
                QueueBounds {
                    max_lines: lines,
                    max_bytes: bytes,
                },
            )
            .unwrap(),
            reader,
        )
    }

    fn metrics_during(work: impl FnOnce()) -> String {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, work);
        recorder
            .handle()
            .render()
            .lines()
            .find_map(|line| line.strip_prefix("registry_console_log_lines_dropped_total "))
            .unwrap_or("0")
            .to_owned()
    }

    #[test]
    fn overflowing_lines_are_dropped_and_counted() {
        let (mut queue, reader) = queue_without_reader(3, 1000);
        let dropped = metrics_during(|| {
            (0..10).for_each(|n| queue.write_all(format!("{n}\n").as_bytes()).unwrap())
        });
        assert_eq!(dropped, "7");
        let read: Vec<String> = (0..3)
            .map(|_| reader.recv_timeout(TEST_TIMEOUT).unwrap())
            .collect();
        assert_eq!(read, ["0\n", "1\n", "2\n"]);
        assert!(queue.drain(TEST_TIMEOUT));
    }

    #[test]
    fn queue_is_bounded_in_bytes() {
        let (mut queue, _reader) = queue_without_reader(100, 1000);
        let dropped =
            metrics_during(|| (0..3).for_each(|_| queue.write_all(&[b'a'; 400]).unwrap()));
        assert_eq!(dropped, "1");
    }

    #[test]
    fn drain_times_out_if_the_reader_is_blocked() {
        let (mut queue, _reader) = queue_without_reader(3, 1000);
        queue.write_all(b"a\n").unwrap();
        assert!(!queue.drain(Duration::ZERO));
    }
}
