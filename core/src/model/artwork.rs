//! The resource type `artworks`.

use url::Url;

use crate::document::{object, resource};
use crate::model::{SourceFile, User};
use crate::value::open::open_enum;
use crate::value::{List, Text, Typed};

resource! {
    /// An image or a moving image in several sizes.
    Artwork: "artworks", "artwork"
    {
        /// The files, by size.
        files: List<ArtworkFile> = "files",
        /// Still or moving.
        media_type: Option<MediaType> = "mediaType",
        /// The file that was uploaded.
        source_file: Option<SourceFile> = "sourceFile",
        /// How it looks at a glance.
        visual_metadata: Option<VisualMetadata> = "visualMetadata",
    }
    {
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
    }
}

open_enum! {
    /// Still or moving.
    MediaType {
        Image = "IMAGE",
        Video = "VIDEO",
    }
}

open_enum! {
    /// Whether an artwork's looks are known.
    VisualMetadataStatus {
        None = "NONE",
        Processing = "PROCESSING",
        Ok = "OK",
    }
}

object! {
    /// One file of an artwork.
    ArtworkFile {
        /// Address.
        href: Option<Typed<Url>> = "href",
        /// More about it.
        meta: Option<ArtworkFileMeta> = "meta",
    }
}

object! {
    /// How an artwork looks at a glance.
    VisualMetadata {
        /// Blurred preview (BlurHash).
        blur_hash: Option<Text> = "blurHash",
        /// The colour that stands for it.
        selected_palette_color: Option<Text> = "selectedPaletteColor",
        /// How far it is.
        status: Option<VisualMetadataStatus> = "status",
    }
}

object! {
    /// The size of a file.
    ArtworkFileMeta {
        /// Height in pixels.
        height: Option<i64> = "height",
        /// Width in pixels.
        width: Option<i64> = "width",
    }
}
