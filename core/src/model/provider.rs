//! The resource type `providers`.

use crate::document::resource;
use crate::value::Text;

resource! {
    /// Who delivers content to TIDAL, such as a label or distributor.
    Provider: "providers", "provider"
    {
        /// Name.
        name: Option<Text> = "name",
    }
    {
    }
}
