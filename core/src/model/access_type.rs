//! Who may see something.

use crate::value::open::open_enum;

open_enum! {
    /// Who may see something.
    AccessType {
        Public = "PUBLIC",
        Unlisted = "UNLISTED",
        Private = "PRIVATE",
    }
}
