//! Sample data: a believable company on the embedded cluster, with everything that an image
//! registry can hold, sane or not.
//!
//! Four people whose passwords are their names: `admin` may everything, `developer` owns most
//! projects, `viewer` may look at some, `outsider` sees what is shared with everybody.

mod artifacts;
mod build;
mod bulk;
mod hostile;
mod imports;
mod layer;
mod people;
mod products;
mod site;
mod special;

pub use self::bulk::{churn, people, streams};
use self::site::Site;
use super::cluster::Cluster;
use super::registry::Blobs;

/// Fills a fresh cluster with the sample data. Fitted to the version: no OCI media types on 3.9, no
/// schema 1 on 4.
pub fn fill(cluster: &Cluster, blobs: &Blobs) {
    let site = Site::new(cluster, blobs);
    people::settle(&site);
    products::release_all(&site);
    special::push_all(&site);
    imports::import_all(&site);
    artifacts::push_all(&site);
    hostile::push_all(&site);
}
