//! Which routes a finding lists.

use crate::openshift::RouteHost;

/// The name of the service in both templates.
const SERVICE_NAME: &str = "registry-console";
/// A cluster has thousands.
const MAX_ROUTES: usize = 10;

/// The routes with the console's host, and those to a service of its name.
pub(super) fn matching_routes(routes: &[RouteHost], host: &str) -> Vec<String> {
    let of_the_console = routes
        .iter()
        .filter(|route| route.host == host || route.service == SERVICE_NAME);
    of_the_console
        .take(MAX_ROUTES)
        .map(|route| {
            format!(
                "{} ({}/{} → {})",
                route.host, route.project, route.name, route.service
            )
        })
        .collect()
}
