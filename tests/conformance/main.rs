//! Every adapter of a port is held to the port's promises by one suite.

mod store;
