//! The tasks that keep the index up to date.

use tokio::task::JoinSet;

use crate::cli::CliError;
use crate::config::Config;
use crate::index::{
    IndexMemory, IndexReader, IndexWriter, ServiceAccountSource, SizeIndexWriter,
    WorkloadIndexWriter,
};
use crate::openshift::{ApiServer, ImageRecords};
use crate::outbound::{self, Upstream};
use registry_model::Clock;

/// What keeps the index up to date.
pub(super) struct IndexWriters {
    streams: IndexWriter<ServiceAccountSource>,
    workloads: Option<WorkloadIndexWriter>,
    sizes: Option<SizeIndexWriter>,
}

impl IndexWriters {
    /// The writers of the index, if it is enabled, and its reader. The writers have connections of
    /// their own, so that their long responses do not delay others.
    pub(super) fn from_config(
        config: &Config,
        clock: &Clock,
    ) -> Result<(Option<Self>, IndexReader), CliError> {
        let Some(token) = config.index.token.clone() else {
            return Ok((None, IndexReader::disabled()));
        };
        let api_server =
            Upstream::for_api_server(&config.cluster, outbound::TimeLimits::default())?
                .without_breaker();
        let records = ImageRecords::for_all_images(clock.clone());
        let api_server = ApiServer::new(api_server).with_image_records(records.clone());
        let account = ServiceAccountSource::new(api_server, token);
        let memory = IndexMemory::new(config.index.max_memory_bytes);
        let (workloads, workload_reader) = config
            .index
            .has_workloads
            .then(|| WorkloadIndexWriter::new(&account, clock, &memory))
            .unzip();
        let (streams, reader) = IndexWriter::new(account.clone(), clock.clone());
        let streams = streams.with_memory(memory);
        let reader = match workload_reader {
            Some(workloads) => reader.with_workloads(workloads),
            None => reader,
        };
        let sizes = config.index.sizes_per_second.map(|rate| {
            SizeIndexWriter::new(account, reader.clone(), records, rate, clock.clone())
        });
        let (sizes, reader) = match sizes {
            Some((writer, sizes)) => (Some(writer), reader.with_sizes(sizes)),
            None => (None, reader),
        };
        let writers = Self {
            streams,
            workloads,
            sizes,
        };
        Ok((Some(writers), reader))
    }

    /// Starts the writers.
    pub(super) fn spawn(self, tasks: &mut JoinSet<()>) {
        tasks.spawn(self.streams.run());
        if let Some(workloads) = self.workloads {
            tasks.spawn(workloads.run());
        }
        if let Some(sizes) = self.sizes {
            tasks.spawn(sizes.run());
        }
    }
}
