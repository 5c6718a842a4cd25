//! What the shop sells: products with their variants, in categories.

mod banner;
mod category;
mod create;
mod index;
mod input;
mod product;
mod view;
mod wish;

pub use banner::{BANNER, Banner};
pub use category::{Category, new_category};
pub use create::{CreateRefused, Created, create};
pub use index::search_doc;
pub use input::{MAX_NEW_VARIANTS, NewProduct, NewVariant, ProductInput, VariantInput};
pub use product::{GstRate, Hsn, Image, Product, ProductRef, QuantityRule, Rating, Status, StockedProduct, Variant};
pub use view::{
    CategoryRef, CategoryView, ListedProduct, ListedVariant, ProductView, RatingView, ShownProduct, VariantView,
};
pub use wish::{WISH, Wish};
