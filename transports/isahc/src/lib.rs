//! TIDAL API client on async-std and isahc
