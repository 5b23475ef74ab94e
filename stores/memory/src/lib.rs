//! TIDAL accounts in memory
