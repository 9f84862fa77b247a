//! The pages: routes, sessions, rendering, errors.
