//! The table of routes against the contract of the API.

use super::{ROUTES, RouteKind};

/// A page is in the API document, or is expressly a page without a contract.
#[test]
fn every_page_has_an_operation() {
    for route in ROUTES {
        let is_in_contract = !matches!(
            route.kind,
            RouteKind::FormPage | RouteKind::Get | RouteKind::Events | RouteKind::Form
        );
        assert_eq!(
            !route.operations.is_empty(),
            is_in_contract,
            "{}",
            route.path
        );
    }
}
