//! Layers and the image streams that have them.

use serde::Serialize;
use utoipa::ToSchema;

use registry_model::space::{LayerSpace, SpaceView};
use registry_model::{ByteSize, Digest, ImageStreamName, ProjectName};

/// How many image streams of a layer are named.
const MAX_NAMED_STREAMS: usize = 4;

/// A layer and the image streams that have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LayerSpaceRow {
    pub digest: Digest,
    pub size: ByteSize,
    /// How many bytes the registry saves because the image streams share it.
    pub saved: ByteSize,
    /// By project and name. At most 4.
    pub streams: Vec<LayerHolder>,
    pub more_streams: usize,
}

/// An image stream that has a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LayerHolder {
    pub project: ProjectName,
    pub stream: ImageStreamName,
}

fn saved_bytes(layer: &LayerSpace) -> ByteSize {
    let copies = u64::try_from(layer.streams).unwrap_or(u64::MAX);
    ByteSize(layer.size.0.saturating_mul(copies.saturating_sub(1)))
}

/// The layers with the image streams of `view` that have them.
pub(super) fn layer_rows(view: &SpaceView<'_>, layers: Vec<LayerSpace>) -> Vec<LayerSpaceRow> {
    let layers = layers.into_iter();
    layers
        .map(|layer| {
            let (streams, more_streams) = view.layer_streams(&layer.digest, MAX_NAMED_STREAMS);
            let streams = streams.into_iter();
            LayerSpaceRow {
                saved: saved_bytes(&layer),
                digest: layer.digest,
                size: layer.size,
                streams: streams
                    .map(|(project, stream)| LayerHolder { project, stream })
                    .collect(),
                more_streams,
            }
        })
        .collect()
}
