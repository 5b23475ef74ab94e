//! Reading what was decoded: each text byte by byte, each number, each flag.

/// What was read so far. Its result can't be known without reading.
#[derive(Debug, Default)]
pub struct Reading {
    /// How many texts, numbers and flags.
    pub values: usize,
    /// A sum over all of them.
    pub sum: u64,
}

impl Reading {
    pub fn number(&mut self, bits: u64) {
        self.values += 1;
        self.sum = self.sum.wrapping_add(bits);
    }

    pub fn text(&mut self, text: &str) {
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        let words = words.iter().fold(0_u64, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word)));
        self.number(rest.iter().fold(words, |sum, &byte| sum.wrapping_add(u64::from(byte))));
    }
}

/// What can be read.
pub trait Touch {
    fn touch(&self, reading: &mut Reading);
}

/// Reads the fields of a struct.
macro_rules! touch {
    ($($type:ty { $($field:ident),* $(,)? })+) => {
        $(impl $crate::reading::Touch for $type {
            fn touch(&self, reading: &mut $crate::reading::Reading) {
                $($crate::reading::Touch::touch(&self.$field, reading);)*
            }
        })+
    };
}
pub(crate) use touch;

/// Reads an enumeration without data.
macro_rules! touch_plain {
    ($($type:ty),+ $(,)?) => {
        $(impl $crate::reading::Touch for $type {
            fn touch(&self, reading: &mut $crate::reading::Reading) {
                reading.number(*self as u64);
            }
        })+
    };
}
pub(crate) use touch_plain;

touch_plain!(bool, i32, i64);

impl Touch for f64 {
    fn touch(&self, reading: &mut Reading) {
        reading.number(self.to_bits());
    }
}

impl Touch for f32 {
    fn touch(&self, reading: &mut Reading) {
        reading.number(u64::from(self.to_bits()));
    }
}

impl Touch for String {
    fn touch(&self, reading: &mut Reading) {
        reading.text(self);
    }
}

impl<T: Touch> Touch for Option<T> {
    fn touch(&self, reading: &mut Reading) {
        if let Some(value) = self {
            value.touch(reading);
        }
    }
}

impl<T: Touch> Touch for &T {
    fn touch(&self, reading: &mut Reading) {
        (**self).touch(reading);
    }
}

impl<T: Touch> Touch for Box<T> {
    fn touch(&self, reading: &mut Reading) {
        (**self).touch(reading);
    }
}

impl<T: Touch> Touch for Vec<T> {
    fn touch(&self, reading: &mut Reading) {
        self.iter().for_each(|item| item.touch(reading));
    }
}
