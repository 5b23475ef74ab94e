//! Links outside the API.

use url::Url;

use crate::document::object;
use crate::value::Typed;
use crate::value::open::open_enum;

open_enum! {
    /// What a link leads to.
    LinkType {
        TidalSharing = "TIDAL_SHARING",
        TidalUserSharing = "TIDAL_USER_SHARING",
        TidalAutoplayAndroid = "TIDAL_AUTOPLAY_ANDROID",
        TidalAutoplayIos = "TIDAL_AUTOPLAY_IOS",
        TidalAutoplayWeb = "TIDAL_AUTOPLAY_WEB",
        Twitter = "TWITTER",
        Facebook = "FACEBOOK",
        Instagram = "INSTAGRAM",
        Tiktok = "TIKTOK",
        Snapchat = "SNAPCHAT",
        OfficialHomepage = "OFFICIAL_HOMEPAGE",
        CashappContributions = "CASHAPP_CONTRIBUTIONS",
        ArtistClaimProviderRedirect = "ARTIST_CLAIM_PROVIDER_REDIRECT",
        StripeAuthorizationRedirect = "STRIPE_AUTHORIZATION_REDIRECT",
        SquareAuthorizationRedirect = "SQUARE_AUTHORIZATION_REDIRECT",
    }
}

object! {
    /// A link outside the API.
    ExternalLink {
        /// Address.
        href: Option<Typed<Url>> = "href",
        /// More about it.
        meta: Option<ExternalLinkMeta> = "meta",
    }
}

object! {
    /// What a link leads to.
    ExternalLinkMeta {
        /// Kind.
        type_: Option<LinkType> = "type",
    }
}
