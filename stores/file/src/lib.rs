//! TIDAL accounts in a file that several processes share
