//! Enumerations that the service may extend.

/// Makes an enumeration of texts, with a catch-all that gives unknown texts back unchanged.
///
/// The catch-all is called `Other`, since `UNKNOWN` is an official value in places.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$more:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $(#[$more])* $variant,)+
            /// A value that this version doesn't know.
            Other($crate::value::Text),
        }

        impl $name {
            /// All values that this version knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The value's text.
            #[must_use]
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl $crate::document::Open for $name {
            const TEXTS: &'static [&'static str] = &[$($text),+];

            #[inline]
            fn value(found: Result<usize, $crate::value::Text>) -> Self {
                match found {
                    Ok(place) => Self::KNOWN[place].clone(),
                    Err(text) => Self::Other(text),
                }
            }

            #[inline]
            fn text(&self) -> &str {
                self.as_str()
            }
        }

        impl $crate::document::Formed for $name {
            type Form = $crate::document::OneOf;
        }

        impl std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                $crate::document::open(text)
            }
        }
    };
}
pub(crate) use open_enum;
