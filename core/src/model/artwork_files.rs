//! The files of artworks.

use super::{Artwork, ArtworkFile};

impl Artwork {
    /// The file whose size is nearest to `width` × `height` pixels; of two equally near, the larger.
    #[must_use]
    #[inline]
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
    #[inline]
    pub fn size(&self) -> Option<(i64, i64)> {
        let meta = self.meta.as_ref()?;
        Some((meta.width?, meta.height?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ArtworkFileMeta;

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
