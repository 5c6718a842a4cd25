//! One AWS configuration for all clients.
