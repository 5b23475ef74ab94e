//! How far processing is.

use crate::value::open::open_enum;

open_enum! {
    /// How far processing is.
    ProcessingStatus {
        Pending = "PENDING",
        Processing = "PROCESSING",
        Error = "ERROR",
        Ok = "OK",
    }
}
