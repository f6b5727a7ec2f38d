//! How requests of buyers are declared.

/// The body of a request: for each field the attributes of its description, its name here, what is read there, its name on
/// the wire, and the reader that gives its value or says what is wrong with it, by that name.
// The name on the wire is a `tt`: as a `literal` it would reach the derives in a wrapping that hides it from one of them.
macro_rules! request {
    (
        $(#[$about:meta])*
        $name:ident $(<$life:lifetime>)? {
            $($(#[$attribute:meta])* $field:ident: $kind:ty as $wire:tt => $read:ident -> $value:ty,)*
        }
    ) => {
        $(#[$about])*
        #[derive(serde::Deserialize, utoipa::ToSchema)]
        pub struct $name $(<$life>)? {
            $($(#[$attribute])* #[serde(default, rename = $wire)] $field: $kind,)*
        }

        impl $(<$life>)? $name $(<$life>)? {
            $(
                pub(crate) fn $field(&self) -> Result<$value, crate::problem::Problem> {
                    self.$field.$read($wire)
                }
            )*
        }
    };
}

pub(crate) use request;
