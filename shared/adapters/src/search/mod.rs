//! Search on Tantivy.
