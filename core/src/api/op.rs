//! How an operation is written down: its facts once, from which its table entry, its methods and its documentation are made.

/// Makes a group of operations: its type, and the clients' way to it.
macro_rules! group {
    ($(#[$doc:meta])* $name:ident, $method:ident) => {
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

            fn request<O: $crate::request::Op>(self) -> $crate::Request<O, C> {
                $crate::Request::with(self.0)
            }
        }

        impl<T, S, R> $crate::Client<T, S, R>
        where
            T: $crate::transport::Transport,
            S: $crate::store::Store,
            R: $crate::runtime::Runtime,
        {
            $(#[$doc])*
            #[must_use]
            pub fn $method(&self) -> $name<&Self> {
                $name(self)
            }
        }

        impl<T, S, C> $crate::blocking::Client<T, S, C>
        where
            T: $crate::transport::BlockingTransport,
            S: $crate::store::Store,
            C: $crate::runtime::Clock,
        {
            $(#[$doc])*
            #[must_use]
            pub fn $method(&self) -> $name<&Self> {
                $name(self)
            }
        }
    };
}
pub(super) use group;

/// Makes an operation:
///
/// ```text
/// /// What it does.
/// Name: METHOD "path" => Output, Tier FLOWS ["scope"] Cache Replay [paged],
/// Group::function(required: kind Type = "key" [max characters]) { optional: kind Type = "key" [max characters], }
/// ```
///
/// Kinds of required arguments: `path`, `required`, `required_many`. Kinds of optional ones: `one`, `many`, `sort`, `paths` (from the
/// resource), `within` (from the relationship named after `from`).
macro_rules! op {
    (
        $(#[$doc:meta])*
        $name:ident: $method:ident $path:literal => $output:ty,
        $tier:ident $flows:ident [$($scope:literal),*] $cache:ident $replay:ident $($paged:ident)?,
        $group:ident::$function:ident($($arg:ident: $kind:ident $type:ty = $key:literal $(max $max:literal)?),*)
        { $($(#[$more:meta])* $opt:ident: $okind:ident $otype:ty = $okey:literal $(max $omax:literal)? $(from $from:literal)?,)* }
    ) => {
        $(#[$doc])*
        #[doc = concat!("\n\n`", stringify!($method), " ", $path, "` · tier ", stringify!($tier), " · flows ", stringify!($flows))]
        $(#[doc = concat!("· scope `", $scope, "`")])*
        #[derive(Debug)]
        pub struct $name;

        impl $crate::request::Op for $name {
            type Output = $output;
            const OPERATION: &'static $crate::Operation = &$crate::Operation {
                method: http::Method::$method,
                path: std::borrow::Cow::Borrowed($path),
                tier: $crate::operation::Tier::$tier,
                flows: $crate::operation::Flows::$flows,
                scopes: &[$($scope),*],
                parameters: &[
                    $($crate::api::op::fact!($kind $key $($max)?),)*
                    $($crate::api::op::fact!($okind $okey $($omax)?),)*
                    $($crate::api::op::fact!($paged),)?
                ],
                cache: $crate::operation::CacheClass::$cache,
                replay: $crate::operation::Replay::$replay,
            };
        }

        $($crate::api::op::paged!($paged $name);)?

        impl<C> $group<C> {
            $(#[$doc])*
            #[doc = concat!("\n\n`", stringify!($method), " ", $path, "` · tier ", stringify!($tier), " · flows ", stringify!($flows))]
            $(#[doc = concat!("· scope `", $scope, "`")])*
            pub fn $function(self, $($arg: $crate::api::op::argument!($kind $type)),*) -> $crate::Request<$name, C> {
                let request = self.request();
                $(let request = $crate::api::op::set!(request, $kind $type = $key, $arg);)*
                request
            }
        }

        impl<C> $crate::Request<$name, C> {
            $($crate::api::op::option!($(#[$more])* $opt: $okind $otype = $okey $(from $from)?);)*
        }
    };
}
pub(super) use op;

/// Makes an operation that changes something, without a method: `/// doc Name: METHOD "path" => Output, Tier FLOWS ["scope"] Replay, [path "id"]`.
macro_rules! change {
    (
        $(#[$doc:meta])*
        $name:ident: $method:ident $path:literal => $output:ty,
        $tier:ident $flows:ident [$($scope:literal),*] $replay:ident,
        [$($kind:ident $key:literal),*]
    ) => {
        $(#[$doc])*
        #[doc = concat!("\n\n`", stringify!($method), " ", $path, "` · tier ", stringify!($tier), " · flows ", stringify!($flows))]
        $(#[doc = concat!("· scope `", $scope, "`")])*
        #[derive(Debug)]
        pub struct $name;

        impl $crate::request::Op for $name {
            type Output = $output;
            const OPERATION: &'static $crate::Operation = &$crate::Operation {
                method: http::Method::$method,
                path: std::borrow::Cow::Borrowed($path),
                tier: $crate::operation::Tier::$tier,
                flows: $crate::operation::Flows::$flows,
                scopes: &[$($scope),*],
                parameters: &[$($crate::api::op::fact!($kind $key)),*],
                cache: $crate::operation::CacheClass::None,
                replay: $crate::operation::Replay::$replay,
            };
        }
    };
}
pub(super) use change;

/// The table entry of a parameter. A body is none.
macro_rules! fact {
    (path $key:literal) => {
        $crate::operation::Parameter::path($key)
    };
    (one $key:literal) => {
        $crate::operation::Parameter::query($key)
    };
    (one $key:literal $max:literal) => {
        $crate::operation::Parameter::query($key).max_length($max)
    };
    (many $key:literal) => {
        $crate::operation::Parameter::query($key).exploded()
    };
    (sort $key:literal) => {
        $crate::operation::Parameter::query($key).exploded()
    };
    (paths $key:literal) => {
        $crate::operation::Parameter::query($key).joined()
    };
    (within $key:literal) => {
        $crate::operation::Parameter::query($key).joined()
    };
    (required $key:literal) => {
        $crate::operation::Parameter::query($key).required()
    };
    (required $key:literal $max:literal) => {
        $crate::operation::Parameter::query($key).required().max_length($max)
    };
    (required_many $key:literal) => {
        $crate::operation::Parameter::query($key).required().exploded()
    };
    (paged) => {
        $crate::operation::Parameter::query("page[cursor]")
    };
}
pub(super) use fact;

macro_rules! paged {
    (paged $name:ident) => {
        impl $crate::pages::PagedOp for $name {}
    };
}
pub(super) use paged;

/// How a required argument is taken.
macro_rules! argument {
    (path $type:ty) => { impl Into<$type> };
    (required $type:ty) => { impl TryInto<$type, Error: Into<$crate::Invalid>> };
    (required_many $type:ty) => { impl IntoIterator<Item: TryInto<$type, Error: Into<$crate::Invalid>>> };
}
pub(super) use argument;

/// How a required argument is written.
macro_rules! set {
    ($request:ident, path $type:ty = $key:literal, $value:ident) => {
        $request.id($key, &$value.into())
    };
    ($request:ident, required $type:ty = $key:literal, $value:ident) => {
        $request.one::<$type>($key, $value.try_into())
    };
    ($request:ident, required_many $type:ty = $key:literal, $value:ident) => {
        $request.many($key, $value.into_iter().map(TryInto::<$type>::try_into))
    };
}
pub(super) use set;

/// The method that sets an optional parameter.
macro_rules! option {
    ($(#[$doc:meta])* $name:ident: one $type:ty = $key:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nSets `", $key, "`.")]
        pub fn $name(self, value: impl TryInto<$type, Error: Into<$crate::Invalid>>) -> Self {
            self.one::<$type>($key, value.try_into().map_err(Into::<$crate::Invalid>::into))
        }
    };
    ($(#[$doc:meta])* $name:ident: many $type:ty = $key:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nAdds to `", $key, "`.")]
        pub fn $name(self, values: impl IntoIterator<Item: TryInto<$type, Error: Into<$crate::Invalid>>>) -> Self {
            self.many($key, values.into_iter().map(TryInto::<$type>::try_into))
        }
    };
    ($(#[$doc:meta])* $name:ident: sort $type:ty = $key:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nSets `", $key, "`.")]
        pub fn $name(self, by: impl Into<$crate::api::Sort<$type>>) -> Self {
            self.one($key, Ok::<_, $crate::Invalid>(by.into()))
        }
    };
    ($(#[$doc:meta])* $name:ident: paths $type:ty = $key:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nAdds to `", $key, "`.")]
        pub fn $name<T>(self, path: impl FnOnce($crate::api::Include<$type>) -> $crate::api::Include<T>) -> Self {
            self.list($key, [path($crate::api::Include::from_step("")).into_text()])
        }
    };
    ($(#[$doc:meta])* $name:ident: within $type:ty = $key:literal from $from:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nThe path begins behind `", $from, "`: what is returned unchanged stands for just that. Adds to `", $key, "`.")]
        pub fn $name<T>(self, path: impl FnOnce($crate::api::Include<$type>) -> $crate::api::Include<T>) -> Self {
            self.list($key, [path($crate::api::Include::from_step($from)).into_text()])
        }
    };
}
pub(super) use option;
