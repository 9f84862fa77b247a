//! What a page needs, loaded as the signed-in person.
