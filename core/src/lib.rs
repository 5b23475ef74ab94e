//! Sans-IO protocol core of a client for the official TIDAL API
