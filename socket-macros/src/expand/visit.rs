//! The fields, variants and attributes of a type, one after the other.

use syn::{Attribute, Data, Field};

/// Takes the attributes of those names away.
pub(super) fn strip(attrs: &mut Vec<Attribute>, names: &[&str]) {
    attrs.retain(|attr| !names.iter().any(|name| attr.path().is_ident(name)));
}

/// Changes every field, those of all variants too.
pub(super) fn each_field(data: &mut Data, mut change: impl FnMut(&mut Field)) {
    match data {
        Data::Struct(data) => data.fields.iter_mut().for_each(change),
        Data::Enum(data) => data
            .variants
            .iter_mut()
            .flat_map(|variant| variant.fields.iter_mut())
            .for_each(change),
        Data::Union(data) => data.fields.named.iter_mut().for_each(&mut change),
    }
}

/// Changes the attributes of every variant.
pub(super) fn each_variant(data: &mut Data, mut change: impl FnMut(&mut Vec<Attribute>)) {
    if let Data::Enum(data) = data {
        for variant in &mut data.variants {
            change(&mut variant.attrs);
        }
    }
}
