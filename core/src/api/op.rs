//! How an operation is written down: its facts, from which its entry in the table of operations is made.

/// Makes a group of operations.
macro_rules! group {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $name<C = ()>(C);

        impl $name {
            /// The operations without a client, for those who send requests themselves.
            #[must_use]
            pub fn new() -> Self {
                Self(())
            }
        }

        impl<C> $name<C> {
            /// The operations, sent by whatever [executes](crate::request::Execute) requests: middleware around a client, for example.
            #[must_use]
            pub fn with(client: C) -> Self {
                Self(client)
            }

            pub(in $crate::api) fn request<O: $crate::request::Op>(self) -> $crate::Request<O, C> {
                $crate::Request::with(self.0)
            }
        }
    };
}
pub(super) use group;

/// Makes the clients' ways to groups: `/// doc Name: method,`. One block for all of them: each block costs a compiler as much as its
/// methods.
macro_rules! ways {
    ($($(#[$doc:meta])* $name:ident: $method:ident,)+) => {
        impl<T, S, R> $crate::Client<T, S, R>
        where
            T: $crate::transport::Transport,
            S: $crate::store::Store,
            R: $crate::runtime::Runtime,
        {
            $($(#[$doc])*
            #[must_use]
            pub fn $method(&self) -> $name<&Self> {
                $name::with(self)
            })+
        }

        impl<T, S, C> $crate::blocking::Client<T, S, C>
        where
            T: $crate::transport::BlockingTransport,
            S: $crate::store::Store,
            C: $crate::runtime::Clock,
        {
            $($(#[$doc])*
            #[must_use]
            pub fn $method(&self) -> $name<&Self> {
                $name::with(self)
            })+
        }
    };
}
pub(super) use ways;

/// Makes an operation: `/// doc Name: METHOD "path" => Output, Tier FLOWS ["scope"] CacheClass::Class Replay [body], [parameters]`.
macro_rules! op {
    (
        $(#[$doc:meta])*
        $name:ident: $method:ident $path:literal => $output:ty,
        $tier:ident $flows:ident [$($scope:literal),*] CacheClass::$cache:ident $replay:ident $($body:ident)?,
        [$($parameter:expr,)*]
    ) => {
        $(#[$doc])*
        pub struct $name;

        impl $crate::request::Op for $name {
            type Output = $output;
            const OPERATION: &'static $crate::Operation = &$crate::Operation {
                method: http::Method::$method,
                path: std::borrow::Cow::Borrowed($path),
                tier: $crate::operation::Tier::$tier,
                flows: $crate::operation::Flows::$flows,
                scopes: &[$($scope),*],
                parameters: &[$($parameter),*],
                has_body: $crate::api::op::has!($($body)?),
                cache: $crate::operation::CacheClass::$cache,
                replay: $crate::operation::Replay::$replay,
            };
        }
    };
}
pub(super) use op;

macro_rules! has {
    () => {
        false
    };
    (body) => {
        true
    };
}
pub(super) use has;
