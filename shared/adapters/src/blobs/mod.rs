//! Blobs as files and in S3.
