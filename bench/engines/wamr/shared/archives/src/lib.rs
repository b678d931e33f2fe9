//! WAMR as a static archive. A package of its own outside the worker's workspace, because cargo
//! runs the build scripts of a workspace's members once for building and once more for linting.
//! It holds no Rust code.
