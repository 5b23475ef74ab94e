//! The resource type `shares`.

use jiff::Timestamp;

use crate::document::resource;
use crate::model::{AnyResource, ExternalLink, ReplacementMeta, User};
use crate::value::{List, Text, Typed};

resource! {
    /// A link by which a user shares something.
    Share: "shares", "share"
    {
        /// Code in the address.
        code: Option<Text> = "code",
        /// When it was made.
        created_at: Option<Typed<Timestamp>> = "createdAt",
        /// Links outside the API.
        external_links: List<ExternalLink> = "externalLinks",
    }
    {
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
        /// What is shared.
        shared_resources: Many<AnyResource, ReplacementMeta> = "sharedResources",
    }
}
