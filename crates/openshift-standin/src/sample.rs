//! Sample data: a plausible company on the embedded cluster, with everything that an image registry
//! can contain, valid or not.
//!
//! Four users whose passwords are their names: `admin` has all rights, `developer` owns most
//! projects, `viewer` may see some, `outsider` sees what is shared with all users.

mod artifacts;
mod bulk;
mod context;
mod hostile;
mod image_builder;
mod imports;
mod layer;
mod products;
mod special;
mod users_and_projects;
mod workloads;

pub use self::bulk::{add_own_images, add_pods, add_streams, add_users, move_tags};
use super::cluster::Cluster;
use super::registry::Blobs;
use context::SampleContext;

/// Fills a new cluster with the sample data, adapted to the version: no OCI media types on 3.9, no
/// schema 1 on 4.
pub fn fill(cluster: &Cluster, blobs: &Blobs) {
    let site = SampleContext::new(cluster, blobs);
    users_and_projects::create_all(&site);
    products::release_all(&site);
    special::push_all(&site);
    imports::import_all(&site);
    artifacts::push_all(&site);
    hostile::push_all(&site);
    workloads::run_all(&site);
}
