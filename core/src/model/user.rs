//! The resource type `users`.

use crate::document::resource;
use crate::value::open::open_enum;
use crate::value::{Country, Text, Typed};

resource! {
    /// A user.
    User: "users", "user"
    {
        /// Country.
        country: Option<Typed<Country>> = "country",
        /// What the user may do as a developer.
        developer_access_tier: Option<AccessTier> = "developerAccessTier",
        /// E-mail address.
        email: Option<Text> = "email",
        /// Whether the address was confirmed.
        email_verified: Option<bool> = "emailVerified",
        /// First name.
        first_name: Option<Text> = "firstName",
        /// Last name.
        last_name: Option<Text> = "lastName",
        /// Public key on Nostr.
        nostr_public_key: Option<Text> = "nostrPublicKey",
        /// Name by which the user signs in.
        username: Option<Text> = "username",
    }
    {
    }
}

open_enum! {
    /// What clients and developers may do.
    AccessTier {
        ThirdParty = "THIRD_PARTY",
        ThirdPartyProd = "THIRD_PARTY_PROD",
        Partner = "PARTNER",
        Internal = "INTERNAL",
    }
}
