//! The three things a change can do to a property.

/// What a patch does to one property.
///
/// Graph keeps a property that a `PATCH` leaves out and clears one that is `null`; an `Option` can't say both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Field<T> {
    /// Leave it as it is: the property is not sent.
    #[default]
    Keep,
    /// Remove its value: the property is sent as `null`.
    Clear,
    /// Give it this value.
    Set(T),
}

impl<T> Field<T> {
    /// Whether the property stays as it is.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The value to set, if that is the decision.
    pub fn into_set(self) -> Option<T> {
        if let Self::Set(value) = self { Some(value) } else { None }
    }

    /// The same decision about a borrowed value.
    pub const fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Keep => Field::Keep,
            Self::Clear => Field::Clear,
            Self::Set(value) => Field::Set(value),
        }
    }
}

impl<T: Clone + PartialEq> Field<T> {
    /// What turns `before` into `after`.
    pub fn between(before: Option<&T>, after: Option<&T>) -> Self {
        match after {
            _ if before == after => Self::Keep,
            Some(after) => Self::Set(after.clone()),
            None => Self::Clear,
        }
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}
