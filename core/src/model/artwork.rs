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

impl Artwork {
    /// The file whose size is nearest to `width` × `height` pixels; of two equally near, the larger.
    #[must_use]
    pub fn nearest(&self, width: u32, height: u32) -> Option<&ArtworkFile> {
        let wanted = (i64::from(width), i64::from(height));
        let sized = self.files.iter().filter_map(|file| file.size().map(|size| (file, size)));
        let far = |size: (i64, i64)| {
            size.0.saturating_sub(wanted.0).saturating_abs().saturating_add(size.1.saturating_sub(wanted.1).saturating_abs())
        };
        sized.min_by_key(|&(_, size)| (far(size), std::cmp::Reverse(size))).map(|(file, _)| file)
    }
}

impl ArtworkFile {
    /// Width and height in pixels.
    #[must_use]
    pub fn size(&self) -> Option<(i64, i64)> {
        let meta = self.meta.as_ref()?;
        Some((meta.width?, meta.height?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_is_found() {
        let file = |width, height| ArtworkFile {
            meta: Some(ArtworkFileMeta { width: Some(width), height: Some(height), ..ArtworkFileMeta::default() }),
            ..ArtworkFile::default()
        };
        let mut artwork = Artwork::new("1");
        assert_eq!(artwork.nearest(1, 1), None);
        artwork.files =
            vec![file(80, 80), ArtworkFile::default(), file(640, 640), file(320, 320), file(i64::MIN, i64::MAX)].into();
        for (wanted, found) in [(0, 80), (199, 80), (200, 320), (320, 320), (481, 640), (u32::MAX, 640)] {
            assert_eq!(artwork.nearest(wanted, wanted).and_then(ArtworkFile::size), Some((found, found)), "{wanted}");
        }
    }
}
