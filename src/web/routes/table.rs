//! The table of routes.

mod forms;
mod reads;
mod writes;

use super::Route;
use forms::FORMS;
use reads::READS;
use writes::WRITES;

/// All routes except those of the assets ([`assets::routes`](crate::web::assets::routes)).
pub const ROUTES: &[Route] =
    &concat::<{ READS.len() + FORMS.len() + WRITES.len() }>([READS, FORMS, WRITES]);

/// The tables in one. `N` is the number of their routes.
const fn concat<const N: usize>(tables: [&[Route]; 3]) -> [Route; N] {
    let mut routes = [READS[0]; N];
    let (mut table, mut row, mut at) = (0, 0, 0);
    while at < N {
        if row < tables[table].len() {
            routes[at] = tables[table][row];
            (row, at) = (row + 1, at + 1);
        } else {
            (table, row) = (table + 1, 0);
        }
    }
    routes
}
