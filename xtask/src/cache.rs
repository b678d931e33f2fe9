//! The user's cache folder: what is in it is complete or not there at all.
