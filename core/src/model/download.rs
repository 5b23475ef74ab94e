//! The resource type `downloads`.

use url::Url;

use crate::document::{object, resource};
use crate::model::User;
use crate::value::{List, Text, Typed};

resource! {
    /// Where purchased media can be downloaded.
    Download: "downloads", "download"
    {
        /// Where to download.
        download_links: List<DownloadLink> = "downloadLinks",
    }
    {
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
    }
}

object! {
    /// A link to download from.
    DownloadLink {
        /// Address.
        href: Option<Typed<Url>> = "href",
        /// More about it.
        meta: Option<DownloadLinkMeta> = "meta",
    }
}

object! {
    /// How to download.
    DownloadLinkMeta {
        /// Headers that the download needs.
        required_headers: List<Text> = "requiredHeaders",
    }
}
