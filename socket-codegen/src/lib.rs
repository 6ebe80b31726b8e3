//! What `socket-codegen` does, as a library.

pub mod breaking;
