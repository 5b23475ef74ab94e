//! TIDAL API client without an async runtime, on ureq
