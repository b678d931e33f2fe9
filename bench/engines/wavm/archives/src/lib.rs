//! WAVM as static archives. A package of its own outside the worker's workspace, because cargo
//! runs the build scripts of a workspace's members once for building and once more for linting,
//! and WAVM takes minutes. It holds no Rust code.
