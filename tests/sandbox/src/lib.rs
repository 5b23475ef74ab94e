//! A local TIDAL to develop and test against
