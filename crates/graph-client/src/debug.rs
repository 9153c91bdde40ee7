//! How errors are shown by a `main` that returns them.

/// `Debug` by the line that `Display` writes: a `main` that returns an error prints its `Debug`, and the remedy is in the line.
#[doc(hidden)]
#[macro_export]
macro_rules! debug_by_display {
    ($($error:ident),+) => {$(
        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}: {self}", stringify!($error))
            }
        }
    )+};
}
