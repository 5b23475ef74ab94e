//! JSON:API documents.
