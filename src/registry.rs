//! The integrated registry (distribution v2), as a user.
