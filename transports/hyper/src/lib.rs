//! TIDAL API client on tokio, hyper and rustls
