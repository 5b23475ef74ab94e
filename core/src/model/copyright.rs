//! Copyright notices.

/// The copyright notice of an album, track or video, also where an older deployment sent it as a plain text.
macro_rules! copyright_text {
    ($($name:ident),+) => {
        $(impl crate::model::$name {
            /// The copyright notice, also where an older deployment sent it as a plain text.
            #[must_use]
            #[inline]
            pub fn copyright_text(&self) -> Option<crate::value::Text> {
                let stated = self.copyright.as_ref().and_then(|copyright| copyright.text.clone());
                stated.or_else(|| self.extra.attributes().get("copyright")?.to_text())
            }
        })+
    };
}
copyright_text!(Album, Track, Video);
