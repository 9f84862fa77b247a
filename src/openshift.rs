//! The master, as a user.
